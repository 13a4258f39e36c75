//! Every way in which a server can fail a plugin's request, each with an error of its own.

use rcgen::date_time_ymd;
use tokio::io::AsyncWriteExt as _;
use tokio::net::{TcpListener, TcpSocket, TcpStream};

use super::outbound::{body, limits, outbound, to};
use super::server::Scene;
use super::*;

/// The limit of the stage that never ends; the other stages have their usual ones.
const SHORT: Duration = Duration::from_millis(50);

async fn attempt(server: &Server, authority: &Authority, limits: OutboundLimits) -> OutboundError {
    attempt_at(to(server), server, authority, limits).await
}

async fn attempt_at(
    to: Destination<'_>,
    server: &Server,
    authority: &Authority,
    limits: OutboundLimits,
) -> OutboundError {
    let (outbound, _) = outbound(authority, server);
    let request = Request::get("/").body(body("")).unwrap();
    match outbound.send(&Pool::default(), to, request, limits).await {
        Ok(response) => response.into_body().collect().await.unwrap_err(),
        Err(error) => error,
    }
}

/// Returns the error of a request to a server that plays this scene, with limits that the test has changed.
async fn error(scene: Scene, change: impl FnOnce(&mut OutboundLimits)) -> OutboundError {
    let authority = Authority::new();
    let server = authority.start(vec![scene]).await;
    let mut limits = limits();
    change(&mut limits);
    attempt(&server, &authority, limits).await
}

/// Returns the error of a request whose stages have all time in the world, once its own time is over. The clock jumps
/// there when the server has seen as much as `is_far_enough` asks for.
async fn late(scene: Scene, is_far_enough: impl Fn(&Server) -> bool) -> OutboundError {
    let authority = Authority::new();
    let server = authority.start(vec![scene]).await;
    let [connect, first_byte, between_bytes] = [Duration::from_secs(10_000); 3];
    let limits = OutboundLimits { connect, first_byte, between_bytes, ..limits() };
    let wait = async {
        while !is_far_enough(&server) {
            tokio::task::yield_now().await;
        }
        tokio::time::pause();
        std::future::pending::<()>().await;
    };
    tokio::select! {
        () = wait => unreachable!("it never ends"),
        error = attempt(&server, &authority, limits) => {
            assert!(Instant::now() >= limits.end);
            error
        }
    }
}

macro_rules! assert_error {
    ($found:expr, $expected:pat) => {
        let found = $found;
        assert!(matches!(found, $expected), "{found:?}");
    };
}

#[tokio::test]
async fn a_port_that_nobody_listens_at() {
    let authority = Authority::new();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let server = Server::nowhere(listener.local_addr().unwrap().port());
    drop(listener);
    assert_error!(attempt(&server, &authority, limits()).await, OutboundError::ConnectionRefused { .. });
}

#[tokio::test]
async fn a_server_that_accepts_nothing() {
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let listener = socket.listen(1).unwrap();
    let address = listener.local_addr().unwrap();
    let mut waiting = Vec::new();
    while let Ok(stream) = tokio::time::timeout(SHORT, TcpStream::connect(address)).await {
        waiting.push(stream); // until no more of them are taken
    }
    let (authority, server) = (Authority::new(), Server::nowhere(address.port()));
    let limits = OutboundLimits { connect: SHORT, ..limits() };
    // Of two addresses, the second one is refused at once.
    assert_error!(attempt(&server, &authority, limits).await, OutboundError::ConnectTimeout { .. });
    let limits = OutboundLimits { end: Instant::now() + SHORT, ..self::limits() };
    let only = Destination { host: "127.0.0.1", ..to(&server) };
    let late = attempt_at(only, &server, &authority, limits).await;
    assert_error!(late, OutboundError::TimeOver { stage: Stage::Connect, .. });
}

#[tokio::test]
async fn a_server_that_never_shakes_hands() {
    assert_error!(error(Scene::NoHandshake, |of| of.connect = SHORT).await, OutboundError::TlsTimeout { .. });
    let late = late(Scene::NoHandshake, |server| server.connections() == 1).await;
    assert_error!(late, OutboundError::TimeOver { stage: Stage::Tls, .. });
}

#[tokio::test]
async fn a_server_that_does_not_speak_tls() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let server = Server::nowhere(listener.local_addr().unwrap().port());
    tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let _ = stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").await;
        std::future::pending::<()>().await;
    });
    assert_error!(attempt(&server, &Authority::new(), limits()).await, OutboundError::Tls { .. });
}

#[tokio::test]
async fn certificates_that_nobody_should_believe() {
    let authority = Authority::new();
    let wrong_name = authority.server("elsewhere.example", rustls::ALL_VERSIONS, |_| ());
    let expired = authority.server("localhost", rustls::ALL_VERSIONS, |params| {
        params.not_before = date_time_ymd(2020, 1, 1);
        params.not_after = date_time_ymd(2021, 1, 1);
    });
    let stranger = Authority::named("Another").server("localhost", rustls::ALL_VERSIONS, |_| ());
    for config in [wrong_name, expired, stranger] {
        let server = Server::start(config, vec![Scene::Close]).await;
        assert_error!(attempt(&server, &authority, limits()).await, OutboundError::Certificate { .. });
        assert!(server.requests().is_empty(), "no byte of a request may leave");
    }
}

#[tokio::test]
async fn a_server_that_sends_no_head_or_half_of_one() {
    for half in ["", "HTTP/1.1 200 OK\r\ncontent-le"] {
        let hold = Scene::AnswerAndHold(half);
        assert_error!(error(hold.clone(), |of| of.first_byte = SHORT).await, OutboundError::NoAnswer { .. });
        let late = late(hold, |server| server.requests().len() == 1).await;
        assert_error!(late, OutboundError::TimeOver { stage: Stage::Head, .. });
        tokio::time::resume();
        assert_error!(
            error(Scene::AnswerAndClose(half), |_| ()).await,
            OutboundError::ConnectionEnded { .. }
        );
    }
}

#[tokio::test]
async fn a_head_that_is_not_http_changes_the_protocol_or_has_no_end() {
    for answer in [
        "SSH-2.0-x\r\n",
        "HTTP/1.1 101 x\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n",
        "HTTP/1.1 200 OK\r\na b: c\r\n\r\n",
    ] {
        assert_error!(error(Scene::AnswerAndHold(answer), |_| ()).await, OutboundError::Malformed { .. });
    }
    let large = format!("HTTP/1.1 200 OK\r\nx: {}", "a".repeat(100 << 10)).leak();
    assert_error!(error(Scene::AnswerAndHold(large), |_| ()).await, OutboundError::HeadTooLarge { .. });
}

#[tokio::test]
async fn a_body_that_stops() {
    let half = Scene::AnswerAndHold("HTTP/1.1 200 OK\r\ncontent-length: 8\r\n\r\nhalf");
    assert_error!(error(half, |of| of.between_bytes = SHORT).await, OutboundError::Stalled { .. });
}

#[tokio::test]
async fn a_body_that_drips_reaches_the_end_of_the_request() {
    let authority = Authority::new();
    let server = authority.start(vec![Scene::Drip("HTTP/1.1 200 OK\r\ncontent-length: 99\r\n\r\n")]).await;
    let (outbound, _) = outbound(&authority, &server);
    let request = Request::get("/").body(body("")).unwrap();
    let limits = OutboundLimits { max_response_bytes: 99, ..limits() };
    let response = outbound.send(&Pool::default(), to(&server), request, limits).await.unwrap();
    tokio::time::pause(); // from here on the clock jumps to the next byte
    let error = response.into_body().collect().await.unwrap_err();
    assert_error!(error, OutboundError::TimeOver { stage: Stage::Body, .. });
    assert!(Instant::now() >= limits.end);
}

#[tokio::test]
async fn a_body_that_ends_early() {
    let short = "HTTP/1.1 200 OK\r\ncontent-length: 8\r\n\r\n1234";
    let chunked = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n4\r\n1234\r\n";
    for answer in [short, chunked] {
        assert_error!(error(Scene::AnswerAndClose(answer), |_| ()).await, OutboundError::Incomplete { .. });
    }
}

#[tokio::test]
async fn a_body_that_a_reset_ends() {
    let authority = Authority::new();
    let half = Scene::AnswerAndReset("HTTP/1.1 200 OK\r\ncontent-length: 8\r\n\r\nhalf");
    let server = authority.start(vec![half]).await;
    let (outbound, _) = outbound(&authority, &server);
    let request = Request::get("/").body(body("")).unwrap();
    let response = outbound.send(&Pool::default(), to(&server), request, limits()).await.unwrap();
    server.reset();
    let error = response.into_body().collect().await.unwrap_err();
    let expected = "the response of localhost ends early: error reading a body from connection";
    assert_eq!(error.to_string(), expected);
    assert_error!(error, OutboundError::Incomplete { .. });
}

#[tokio::test]
async fn a_chunk_that_is_none() {
    let answer = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n1234";
    let found = error(Scene::AnswerAndHold(answer), |_| ()).await;
    assert_error!(found, OutboundError::Malformed { .. } | OutboundError::Incomplete { .. });
}

#[tokio::test]
async fn a_body_that_is_too_large_said_or_not() {
    let said = "HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n123456789";
    let endless = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nffffff\r\n0123456789";
    for answer in [said, endless] {
        let found = error(Scene::AnswerAndHold(answer), |_| ()).await;
        assert_error!(found, OutboundError::ResponseTooLarge { max_bytes: 8, .. });
    }
    // A response to HEAD says how long it would be.
    let authority = Authority::new();
    let head = "HTTP/1.1 200 OK\r\ncontent-length: 999\r\n\r\n";
    let server = authority.start(vec![Scene::Answer(head)]).await;
    let (outbound, _) = outbound(&authority, &server);
    let pool = Pool::default();
    for _ in 0..2 {
        let request = Request::head("/").body(body("")).unwrap();
        let response = outbound.send(&pool, to(&server), request, limits()).await.unwrap();
        assert_eq!(response.headers()["content-length"], "999");
        assert_eq!(response.into_body().collect().await.unwrap().to_bytes(), "");
    }
    assert_eq!(server.connections(), 1);
}
