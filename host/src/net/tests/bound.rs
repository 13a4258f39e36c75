//! No more is read than the caller allows, and a body that ends early is no body.

use super::server::Scene;
use super::*;

const BODY: &str = "HTTP/1.1 200 OK\r\ncontent-length: 8\r\n\r\n12345678";
const CHUNKED: &str =
    "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n4\r\n1234\r\n4\r\n5678\r\n0\r\n\r\n";

async fn read(answer: &'static str, max_bytes: u64) -> Result<Bytes, NetError> {
    let authority = Authority::new();
    let server = authority.start(vec![Scene::AnswerAndClose(answer)]).await;
    let request = Request::get(server.url("/")).body(Bytes::new()).unwrap();
    client(&authority).0.send(request, rules(max_bytes)).await?.body.collect().await
}

#[tokio::test]
async fn a_body_of_exactly_the_bound_is_read_and_one_byte_more_is_refused() {
    for answer in [BODY, CHUNKED] {
        assert_eq!(read(answer, 8).await.unwrap(), "12345678");
        let error = read(answer, 7).await.unwrap_err();
        assert!(matches!(error, NetError::TooLarge { max_bytes: 7, .. }), "{error}");
    }
}

#[tokio::test]
async fn a_body_without_end_is_read_up_to_the_bound() {
    let authority = Authority::new();
    let endless = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nffffff\r\n0123456789";
    let server = authority.start(vec![Scene::AnswerAndHold(endless)]).await;
    let request = Request::get(server.url("/")).body(Bytes::new()).unwrap();
    let body = client(&authority).0.send(request, rules(9)).await.unwrap().body;
    assert_eq!(body.length(), None);
    let error = body.collect().await.unwrap_err();
    assert!(matches!(error, NetError::TooLarge { max_bytes: 9, .. }), "{error}");
}

#[tokio::test]
async fn a_body_that_ends_early_is_an_error() {
    for answer in ["HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n1234", &CHUNKED[..CHUNKED.len() - 5]] {
        let error = read(answer, 100).await.unwrap_err();
        assert!(matches!(error, NetError::Body { .. }), "{error}");
    }
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let authority = Authority::new();
    let elsewhere = authority.start(vec![Scene::Answer(BODY)]).await;
    let answer = format!("HTTP/1.1 307 x\r\nlocation: {}\r\ncontent-length: 0\r\n\r\n", elsewhere.url("/"));
    let server = authority.start(vec![Scene::Answer(answer.leak())]).await;
    let response = send(&client(&authority).0, Method::GET, &server).await.unwrap();
    assert_eq!((response.head.status.as_u16(), elsewhere.connections()), (307, 0));
}
