//! A server that stops in the middle keeps nobody waiting.

use super::server::Scene;
use super::*;

/// The limit of the stage that never ends; the other stages have their usual ones.
const SHORT: Duration = Duration::from_millis(50);

/// Returns the stage that took too long, and its limit.
async fn timed_out(scene: Scene, change: impl FnOnce(&mut Timeouts)) -> (Stage, Duration) {
    let authority = Authority::new();
    let server = authority.start(vec![scene]).await;
    let mut timeouts = Timeouts::default();
    change(&mut timeouts);
    let client = Client::new(Some(authority.bundle()), timeouts, Clock::system());
    match get(&client, &server).await {
        Err(NetError::TimedOut { stage, after, .. }) => (stage, after),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_server_that_never_shakes_hands() {
    assert_eq!(timed_out(Scene::NoHandshake, |of| of.tls = SHORT).await, (Stage::Tls, SHORT));
}

#[tokio::test]
async fn a_server_that_sends_no_head_or_half_of_one() {
    for half in ["", "HTTP/1.1 200 OK\r\ncontent-le"] {
        let hold = Scene::AnswerAndHold(half);
        assert_eq!(timed_out(hold, |of| of.head = SHORT).await, (Stage::Head, SHORT));
    }
}

#[tokio::test]
async fn a_server_that_stops_inside_of_the_body() {
    let half = Scene::AnswerAndHold("HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhalf");
    assert_eq!(timed_out(half, |of| of.read = SHORT).await, (Stage::Body, SHORT));
}

#[tokio::test]
async fn a_server_that_drips_reaches_the_limit_of_the_whole_request() {
    let authority = Authority::new();
    let drip = Scene::Drip("HTTP/1.1 200 OK\r\ncontent-length: 9999\r\n\r\n");
    let server = authority.start(vec![drip]).await;
    let start = Instant::now();
    let body = send(&client(&authority).0, Method::GET, &server).await.unwrap().body;
    tokio::time::pause(); // from here on the clock jumps to the next byte
    let error = body.collect().await.unwrap_err();
    assert!(matches!(error, NetError::TimedOut { stage: Stage::Body, .. }), "{error}");
    assert_eq!(start.elapsed().as_secs(), Timeouts::default().whole.as_secs());
}

#[test]
fn the_time_for_a_head_grows_with_the_body_that_goes_before_it() {
    let of = |bytes| upload_time(&Request::new(Full::new(vec![0; bytes].into())));
    assert_eq!(
        (of(0), of(64 << 10), of(10 << 20)),
        (Duration::ZERO, Duration::from_secs(1), Duration::from_secs(160))
    );
}
