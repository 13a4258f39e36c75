//! The sender of plugins' requests against real servers on this machine.

use super::server::Scene;
use super::*;

const OK: &str = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";
const EARLY: &str =
    "HTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";
const CHUNKED: &str = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\ntrailer: x\r\n\r\n1\r\no\r\n1\r\nk\r\n0\r\nx: y\r\n\r\n";

/// A sender that may reach a server on this machine, and the clock that it looks at.
pub(super) fn outbound(authority: &Authority, server: &Server) -> (Outbound, TestClock) {
    with_ports(authority, vec![server.port()])
}

/// A sender that may reach these ports of this machine, and the clock that it looks at.
pub(super) fn with_ports(authority: &Authority, loopback_ports: Vec<u16>) -> (Outbound, TestClock) {
    let clock = TestClock::at(UNIX_EPOCH + Duration::from_secs(1_800_000_000));
    let settings = NetworkSettings { resolver: None, ca_bundle: Some(authority.bundle()), loopback_ports };
    (Outbound::new(settings, clock.clock()), clock)
}

pub(super) fn limits() -> OutboundLimits {
    let [connect, first_byte, between_bytes] = [3, 10, 10].map(Duration::from_secs);
    let end = Instant::now() + Duration::from_secs(60);
    OutboundLimits { connect, first_byte, between_bytes, end, max_request_bytes: 4, max_response_bytes: 8 }
}

pub(super) fn to(server: &Server) -> Destination<'static> {
    to_port(server.port())
}

pub(super) fn to_port(port: u16) -> Destination<'static> {
    Destination { scheme: Scheme::Https, host: "localhost", port, allowed: &[] }
}

pub(super) fn body(text: &'static str) -> RequestBody {
    Full::new(Bytes::from(text)).map_err(|never| match never {}).boxed_unsync()
}

async fn send(
    outbound: &Outbound,
    pool: &Pool,
    method: Method,
    server: &Server,
) -> Result<Bytes, OutboundError> {
    let request = Request::builder().method(method).uri("https://elsewhere.example/a?b");
    let response = outbound.send(pool, to(server), request.body(body("")).unwrap(), limits()).await?;
    Ok(response.into_body().collect().await?.to_bytes())
}

#[tokio::test]
async fn a_request_goes_to_its_destination_whatever_its_address_says() {
    let authority = Authority::new();
    for answer in [OK, EARLY, CHUNKED] {
        let server = authority.start(vec![Scene::Answer(answer)]).await;
        let ((outbound, _), pool) = (outbound(&authority, &server), Pool::default());
        assert_eq!(send(&outbound, &pool, Method::GET, &server).await.unwrap(), "ok");
        assert_eq!(send(&outbound, &pool, Method::GET, &server).await.unwrap(), "ok");
        assert_eq!(server.connections(), 1);
        let [request, _] = &server.requests()[..] else { panic!("{:?}", server.requests()) };
        let host = format!("\r\nhost: localhost:{}\r\n", server.port());
        assert!(request.starts_with("get /a?b http/1.1\r\n") && request.contains(&host), "{request}");
    }
}

#[tokio::test]
async fn this_machine_is_reached_at_the_ports_of_developers_alone() {
    let authority = Authority::new();
    let (server, other) =
        (authority.start(vec![Scene::Answer(OK)]).await, authority.start(vec![Scene::Answer(OK)]).await);
    let (outbound, _) = outbound(&authority, &other);
    for host in ["localhost", "127.0.0.1", "[::1]", "::ffff:127.0.0.1", "0.0.0.0", "sub.localhost"] {
        let to = Destination { host, allowed: &["0.0.0.0/0".parse().unwrap()], ..to(&server) };
        let request = Request::get("/").body(body("")).unwrap();
        let error = outbound.send(&Pool::default(), to, request, limits()).await.unwrap_err();
        assert!(matches!(error, OutboundError::AddressProhibited { .. }), "{host}: {error}");
    }
    assert_eq!(server.connections(), 0);
}

#[tokio::test]
async fn connections_are_kept_within_a_pool_for_30_s_of_wall_clock() {
    let authority = Authority::new();
    let server = authority.start(vec![Scene::Answer(OK)]).await;
    let ((outbound, clock), pool) = (outbound(&authority, &server), Pool::default());
    for (wait, connections) in [(0, 1), (30_000, 1), (30_001, 2)] {
        clock.pass(Duration::from_millis(wait));
        send(&outbound, &pool, Method::GET, &server).await.unwrap();
        assert_eq!(server.connections(), connections, "{wait}");
    }
    send(&outbound, &Pool::default(), Method::GET, &server).await.unwrap();
    assert_eq!(server.connections(), 3);
}

#[tokio::test]
async fn a_head_that_tells_a_length_has_a_body() {
    let authority = Authority::new();
    let server = authority.start(vec![Scene::Answer(OK)]).await;
    let (outbound, _) = outbound(&authority, &server);
    for method in [Method::GET, Method::POST] {
        let request = Request::builder().method(method).uri("/").header("content-length", 3);
        let request = request.body(body("")).unwrap();
        let error = outbound.send(&Pool::default(), to(&server), request, limits()).await.unwrap_err();
        assert!(matches!(error, OutboundError::WrongLength { length: 3, .. }), "{error}");
    }
    assert_eq!(server.connections(), 0);
}

#[tokio::test]
async fn a_kept_connection_that_no_request_asks_for_is_closed_after_30_s() {
    let authority = Authority::new();
    let server = authority.start(vec![Scene::Answer(OK)]).await;
    let ((outbound, _), pool) = (outbound(&authority, &server), Pool::default());
    for ended in 1..3 {
        send(&outbound, &pool, Method::GET, &server).await.unwrap();
        tokio::time::pause();
        tokio::time::advance(Duration::from_secs(29)).await;
        tokio::time::resume();
        send(&outbound, &pool, Method::GET, &server).await.unwrap();
        assert_eq!(server.connections(), ended, "it is kept for 30 s after the last request");
        tokio::time::pause();
        tokio::time::advance(Duration::from_secs(31)).await;
        tokio::time::resume();
        until("the connection ends", || server.ended() == ended).await;
    }
}

#[tokio::test]
async fn a_get_that_a_kept_connection_loses_is_sent_once_more_and_a_post_is_not() {
    for (method, requests) in [(Method::GET, 3), (Method::HEAD, 3), (Method::POST, 2)] {
        let authority = Authority::new();
        let server = authority.start(vec![Scene::AnswerThenClose(OK), Scene::Answer(OK)]).await;
        let ((outbound, _), pool) = (outbound(&authority, &server), Pool::default());
        send(&outbound, &pool, Method::GET, &server).await.unwrap();
        let again = send(&outbound, &pool, method.clone(), &server).await;
        match method {
            Method::POST => assert!(matches!(again, Err(OutboundError::ConnectionEnded { .. })), "{again:?}"),
            method => assert!(again.is_ok(), "{method}: {again:?}"),
        }
        assert_eq!(server.requests().len(), requests);
    }
}

#[tokio::test]
async fn a_request_is_sent_once_more_and_not_twice() {
    let authority = Authority::new();
    let server = authority.start(vec![Scene::AnswerThenClose(OK), Scene::Close]).await;
    let ((outbound, _), pool) = (outbound(&authority, &server), Pool::default());
    send(&outbound, &pool, Method::GET, &server).await.unwrap();
    let error = send(&outbound, &pool, Method::GET, &server).await.unwrap_err();
    assert!(matches!(error, OutboundError::ConnectionEnded { .. }), "{error}");
    assert_eq!((server.connections(), server.requests().len()), (2, 3));
}

#[tokio::test]
async fn what_may_have_had_an_effect_is_not_sent_again() {
    let get = || Request::get("/").body(body("")).unwrap();
    let of = |method: Method| Request::builder().method(method).uri("/").body(body("")).unwrap();
    let authority = Authority::new();
    for (request, what) in [
        (Request::get("/").body(body("sent")).unwrap(), "a body was on its way"),
        (of(Method::PUT), "PUT"),
        (of(Method::DELETE), "DELETE"),
        (of(Method::OPTIONS), "OPTIONS"),
    ] {
        let server = authority.start(vec![Scene::AnswerThenClose(OK), Scene::Answer(OK)]).await;
        let ((outbound, _), pool) = (outbound(&authority, &server), Pool::default());
        send(&outbound, &pool, Method::GET, &server).await.unwrap();
        let error = outbound.send(&pool, to(&server), request, limits()).await.unwrap_err();
        assert!(matches!(error, OutboundError::ConnectionEnded { .. }), "{what}: {error}");
        assert_eq!(server.requests().len(), 2, "{what}");
    }
    // A server that says nothing has the request, whatever became of it.
    let server = authority.start(vec![Scene::AnswerAndHold(OK), Scene::Answer(OK)]).await;
    let ((outbound, _), pool) = (outbound(&authority, &server), Pool::default());
    send(&outbound, &pool, Method::GET, &server).await.unwrap();
    let limits = OutboundLimits { first_byte: Duration::from_millis(50), ..limits() };
    let error = outbound.send(&pool, to(&server), get(), limits).await.unwrap_err();
    assert!(matches!(error, OutboundError::NoAnswer { .. }), "{error}");
    assert_eq!(server.connections(), 1);
}

#[tokio::test]
async fn a_post_that_did_not_leave_goes_over_a_fresh_connection() {
    let authority = Authority::new();
    let server = authority.start(vec![Scene::AnswerAndClose(OK), Scene::Answer(OK)]).await;
    let ((outbound, _), pool) = (outbound(&authority, &server), Pool::default());
    send(&outbound, &pool, Method::GET, &server).await.unwrap();
    while pool.closed() == 0 {
        tokio::task::yield_now().await; // until the end of the connection has arrived
    }
    send(&outbound, &pool, Method::POST, &server).await.unwrap();
    assert_eq!((server.connections(), server.requests().len()), (2, 2));
}

#[tokio::test]
async fn a_fresh_connection_that_ends_without_answer_is_an_error() {
    let authority = Authority::new();
    let server = authority.start(vec![Scene::Close]).await;
    let (outbound, _) = outbound(&authority, &server);
    let error = send(&outbound, &Pool::default(), Method::GET, &server).await.unwrap_err();
    assert!(matches!(error, OutboundError::ConnectionEnded { .. }), "{error}");
    assert_eq!(server.requests().len(), 1);
}

#[tokio::test]
async fn sessions_of_tls_stay_within_their_pool() {
    let authority = Authority::new();
    let server = authority.start(vec![Scene::Answer(OK)]).await;
    let ((outbound, clock), pool) = (outbound(&authority, &server), Pool::default());
    send(&outbound, &pool, Method::GET, &server).await.unwrap();
    send(&outbound, &Pool::default(), Method::GET, &server).await.unwrap();
    assert_eq!((server.connections(), server.resumed()), (2, 0));
    clock.pass(Duration::from_secs(31));
    send(&outbound, &pool, Method::GET, &server).await.unwrap();
    assert_eq!((server.connections(), server.resumed()), (3, 1));
}
