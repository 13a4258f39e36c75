//! Whose certificates are believed.

use std::error::Error as _;

use rcgen::date_time_ymd;

use super::server::Scene;
use super::*;

const OK: Scene = Scene::Answer("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok");

/// Returns what the client says to a server for whose certificate nobody should vouch.
async fn refusal(server: Server, client: &Client) -> String {
    let error = get(client, &server).await.unwrap_err();
    assert!(matches!(error, NetError::Tls { .. }), "{error:?}");
    assert!(server.requests().is_empty(), "no byte of a request may leave");
    format!("{error} {:?}", error.source())
}

#[tokio::test]
async fn a_server_is_reached_with_tls_1_2_and_1_3() {
    for version in rustls::ALL_VERSIONS {
        let authority = Authority::new();
        let config = authority.server("localhost", &[version], |_| ());
        let server = Server::start(config, vec![OK]).await;
        assert_eq!(get(&client(&authority).0, &server).await.unwrap(), "ok", "{version:?}");
        let [request] = &server.requests()[..] else { panic!("{:?}", server.requests()) };
        let host = server.url("").replace("https://", "\r\nhost: ");
        assert!(request.starts_with("get /a?b http/1.1\r\n") && request.contains(&host), "{request}");
    }
}

#[tokio::test]
async fn a_certificate_for_another_name_is_refused() {
    let authority = Authority::new();
    let config = authority.server("localhost.example.com", rustls::ALL_VERSIONS, |_| ());
    let said = refusal(Server::start(config, vec![OK]).await, &client(&authority).0).await;
    assert!(said.contains("localhost.example.com"), "{said}");
}

#[tokio::test]
async fn an_expired_certificate_is_refused() {
    let authority = Authority::new();
    let config = authority.server("localhost", rustls::ALL_VERSIONS, |params| {
        params.not_before = date_time_ymd(2020, 1, 1);
        params.not_after = date_time_ymd(2021, 1, 1);
    });
    let said = refusal(Server::start(config, vec![OK]).await, &client(&authority).0).await;
    assert!(said.contains("expired"), "{said}");
}

#[tokio::test]
async fn a_certificate_of_an_unknown_authority_is_refused() {
    let server = Authority::new().start(vec![OK]).await;
    let said = refusal(server, &client(&Authority::named("Another")).0).await;
    assert!(said.contains("UnknownIssuer"), "{said}");
    let server = Authority::new().start(vec![OK]).await;
    let without_bundle = Client::new(None, Timeouts::default(), Clock::system());
    let said = refusal(server, &without_bundle).await;
    assert!(said.contains("UnknownIssuer"), "{said}");
}
