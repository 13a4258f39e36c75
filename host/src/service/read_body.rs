//! Reads the body of a request, never more of it and never longer than allowed.

use std::pin::pin;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt, LengthLimitError, Limited};
use tokio::time::{Instant, timeout};

use crate::protocol::{Fault, ParseError, Rejection};

/// The time limit for the next bytes of a body.
const IDLE: Duration = Duration::from_secs(10);

/// The time limit for a whole body.
const TOTAL: Duration = Duration::from_secs(60);

/// Reads a body of at most `limit` bytes.
///
/// # Errors
/// Refuses one that is larger, comes too slowly, or ends early.
pub(super) async fn read_body<B>(body: B, limit: usize) -> Result<Bytes, Rejection>
where
    B: http_body::Body<Data = Bytes>,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    let end = Instant::now() + TOTAL;
    let mut body = pin!(Limited::new(body, limit));
    let mut pieces: Vec<Bytes> = Vec::new();
    loop {
        let time = IDLE.min(end.saturating_duration_since(Instant::now()));
        match timeout(time, body.frame()).await {
            Ok(Some(Ok(frame))) => pieces.extend(frame.into_data().ok()),
            Ok(None) => return Ok(joined(pieces)),
            Ok(Some(Err(error))) if error.is::<LengthLimitError>() => {
                return Err(Fault::TooLarge { limit }.into());
            }
            Ok(Some(Err(_))) => return Err(Rejection::early(ParseError::Truncated, None)),
            Err(_) => return Err(Fault::TooSlow { idle: IDLE, total: TOTAL }.into()),
        }
    }
}

/// Joins the pieces of a body; a single one is not copied.
fn joined(mut pieces: Vec<Bytes>) -> Bytes {
    match pieces.len() {
        1 => pieces.swap_remove(0),
        _ => pieces.concat().into(),
    }
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;
    use std::pin::Pin;
    use std::task::{Context, Poll};

    use http::StatusCode;
    use http_body::Frame;
    use tokio::sync::mpsc::{Receiver, channel};
    use tokio::time::sleep;

    use super::*;

    /// A body whose pieces another task sends.
    struct Sent(Receiver<Bytes>);

    impl http_body::Body for Sent {
        type Data = Bytes;
        type Error = Infallible;

        fn poll_frame(
            mut self: Pin<&mut Self>,
            context: &mut Context<'_>,
        ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
            self.0.poll_recv(context).map(|piece| piece.map(|piece| Ok(Frame::data(piece))))
        }
    }

    /// Reads a body that comes byte by byte.
    async fn read(bytes: usize, pause: Duration) -> (Result<Bytes, Rejection>, Duration) {
        let (sender, receiver) = channel(1);
        let start = Instant::now();
        tokio::spawn(async move {
            for _ in 0..bytes {
                sleep(pause).await;
                if sender.send(Bytes::from_static(b"x")).await.is_err() {
                    return;
                }
            }
        });
        (read_body(Sent(receiver), 1 << 20).await, start.elapsed())
    }

    #[tokio::test(start_paused = true)]
    async fn a_body_that_comes_in_time_is_read_whole() {
        let (read, _) = read(50, Duration::from_secs(1)).await;
        assert_eq!(read.unwrap().len(), 50);
    }

    #[tokio::test(start_paused = true)]
    async fn a_body_that_comes_too_slowly_is_refused() {
        for (bytes, pause, limit) in [(3, 11, IDLE), (1000, 1, TOTAL)] {
            let (read, elapsed) = read(bytes, Duration::from_secs(pause)).await;
            let refused = read.expect_err("it never ends");
            assert_eq!(refused.status(), StatusCode::REQUEST_TIMEOUT);
            assert!(elapsed <= limit + Duration::from_secs(1), "{elapsed:?}");
        }
    }
}
