//! Serves one connection: its time limits, and what its client is told of them.
//!
//! A server that closes an idle connection loses the request that its client sends in that moment: HTTP/1.1 has no way to
//! say goodbye first. hyper closes an idle connection without a word as well. So the client is told with each answer for
//! how long it may use the connection again (`keep-alive`), which is less than the time for which it is really kept.
//! Clients that do not read this give up sooner by themselves: Node.js after 5 s, Python after 5 s, Go and Rust after 90 s,
//! .NET after 60 s or 120 s. Where connections are scarce, the answer says that it is the last one (`connection: close`).

use std::convert::Infallible;
use std::time::Duration;

use hyper::body::Incoming;
use hyper::header::{CONNECTION, HeaderName, HeaderValue};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{HeaderMap, Request, Response};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulConnection;
use tokio::io::{AsyncRead, AsyncWrite};
use toolcell_host::service::Body;

use super::head_timeout::{AnswerBody, Exchanges, HeadTimeout};
use super::seat::{SeatKind, Seats};
use super::write_timeout::WriteTimeout;

/// The time limit for a request's head, from the connection's start or its first byte.
const HEAD_TIMEOUT: Duration = Duration::from_secs(10);

/// The time limit for the pause between two requests of a connection.
const IDLE_TIMEOUT: Duration = Duration::from_secs(180);

/// The pause that a client is told of, shorter than [`IDLE_TIMEOUT`] by more than any way to the server takes.
const ANNOUNCED_IDLE: HeaderValue = HeaderValue::from_static("timeout=170");

/// The time limit for a client that takes no byte of an answer.
const WRITE_TIMEOUT: Duration = Duration::from_secs(30);

const KEEP_ALIVE: HeaderName = HeaderName::from_static("keep-alive");

/// Serves a connection; `answer` answers its requests.
pub(super) fn serve<S, A, F>(
    stream: S,
    kind: SeatKind,
    seats: Seats,
    answer: A,
) -> impl GracefulConnection<Error = hyper::Error> + Send
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    A: Fn(Request<Incoming>) -> F + Send + 'static,
    F: Future<Output = Response<Body>> + Send + 'static,
{
    let exchanges = Exchanges::default();
    let stream = HeadTimeout::new(WriteTimeout::new(stream, WRITE_TIMEOUT), HEAD_TIMEOUT, exchanges.clone());
    let handler = service_fn(move |request| {
        exchanges.begin();
        let (answering, seats, exchanges) = (answer(request), seats.clone(), exchanges.clone());
        async move {
            let mut response = answering.await;
            if kind == SeatKind::Ordinary {
                announce(&seats, response.headers_mut());
            }
            Ok::<_, Infallible>(response.map(|body| AnswerBody::new(body, exchanges)))
        }
    });
    http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(IDLE_TIMEOUT)
        .keep_alive(kind == SeatKind::Ordinary)
        .serve_connection(TokioIo::new(stream), handler)
}

/// Says whether the connection may be used again.
fn announce(seats: &Seats, headers: &mut HeaderMap) {
    if seats.are_scarce() {
        headers.insert(CONNECTION, HeaderValue::from_static("close"));
        return;
    }
    headers.insert(KEEP_ALIVE, ANNOUNCED_IDLE);
    // A proxy must not pass on what is about this connection.
    headers.insert(CONNECTION, HeaderValue::from_static("keep-alive"));
}

#[cfg(test)]
mod tests {
    use hyper::body::Bytes;
    use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex};
    use tokio::time::{Instant, sleep};

    use super::*;

    const REQUEST: &[u8] = b"GET / HTTP/1.1\r\nhost: localhost\r\n\r\n";

    /// Starts a connection whose requests are answered after `pause`.
    fn start(seats: &Seats, pause: Duration) -> DuplexStream {
        let (ours, theirs) = duplex(1 << 10);
        let answer = move |_| async move {
            sleep(pause).await;
            Response::new(Body::from(Bytes::from_static(b"ok")))
        };
        tokio::spawn(serve(ours, SeatKind::Ordinary, seats.clone(), answer));
        theirs
    }

    /// Reads an answer, or what comes before the connection's end.
    async fn answer(stream: &mut DuplexStream) -> String {
        let mut read = Vec::new();
        while !read.ends_with(b"\r\n\r\nok") {
            match stream.read_u8().await {
                Ok(byte) => read.push(byte),
                Err(_) => break,
            }
        }
        String::from_utf8(read).unwrap()
    }

    #[tokio::test(start_paused = true)]
    async fn a_request_on_an_idle_connection_is_answered_as_long_as_the_client_was_told_and_longer() {
        let mut stream = start(&Seats::new(), Duration::from_secs(60));
        let announced: u64 = ANNOUNCED_IDLE.to_str().unwrap()["timeout=".len()..].parse().unwrap();
        for pause in [0, 11, 90, announced, announced + 5] {
            sleep(Duration::from_secs(pause)).await;
            stream.write_all(REQUEST).await.unwrap();
            let answer = answer(&mut stream).await;
            assert!(answer.contains("\r\nkeep-alive: timeout=170\r\n"), "after {pause} s: {answer:?}");
        }
        let start = Instant::now();
        assert_eq!(answer(&mut stream).await, "", "the server hangs up");
        assert_eq!(start.elapsed().as_secs(), IDLE_TIMEOUT.as_secs());
    }

    #[tokio::test(start_paused = true)]
    async fn half_a_head_does_not_hold_a_connection_for_as_long() {
        let mut stream = start(&Seats::new(), Duration::ZERO);
        for pause in [0, 60] {
            stream.write_all(REQUEST).await.unwrap();
            answer(&mut stream).await;
            sleep(Duration::from_secs(pause)).await;
        }
        stream.write_all(&REQUEST[..9]).await.unwrap();
        let start = Instant::now();
        assert_eq!(answer(&mut stream).await, "");
        assert_eq!(start.elapsed().as_secs(), HEAD_TIMEOUT.as_secs());
    }

    #[tokio::test(start_paused = true)]
    async fn where_connections_are_scarce_an_answer_says_that_it_is_the_last_one() {
        let seats = Seats::new();
        let mut taken = Vec::new();
        while !seats.are_scarce() {
            taken.push(seats.take().await);
        }
        let mut stream = start(&seats, Duration::ZERO);
        stream.write_all(REQUEST).await.unwrap();
        let last = answer(&mut stream).await;
        assert!(last.contains("\r\nconnection: close\r\n") && !last.contains("keep-alive"), "{last:?}");
        assert_eq!(answer(&mut stream).await, "", "the server hangs up at once");
        taken.clear();
        let mut stream = start(&seats, Duration::ZERO);
        stream.write_all(REQUEST).await.unwrap();
        assert!(answer(&mut stream).await.contains("keep-alive"));
    }
}
