//! The client against real servers on this machine: certificates, time limits, bounds, reuse of connections.

mod bound;
mod certificate;
mod http2;
mod outbound;
mod reuse;
mod server;
mod stage;
mod timeout;

use std::time::UNIX_EPOCH;

use http_body_util::BodyExt as _;

use super::*;
use crate::clock::TestClock;

use server::{Authority, Server};

/// A client that trusts an authority, and the clock that it looks at.
fn client(authority: &Authority) -> (Client, TestClock) {
    let clock = TestClock::at(UNIX_EPOCH + Duration::from_secs(1_800_000_000));
    (Client::new(Some(authority.bundle()), Timeouts::default(), clock.clock()), clock)
}

fn rules(max_body_bytes: u64) -> Rules {
    Rules { max_body_bytes, plain_http: PlainHttp::Loopback }
}

async fn send(client: &Client, method: Method, server: &Server) -> Result<Response, NetError> {
    let request = Request::builder().method(method).uri(server.url("/a?b"));
    client.send(request.body(Bytes::from_static(b"sent")).unwrap(), rules(1 << 20)).await
}

/// Waits until this holds; the deadline only ends a test that would hang.
async fn until(what: &str, holds: impl Fn() -> bool) {
    let start = std::time::Instant::now();
    while !holds() {
        assert!(start.elapsed() < Duration::from_secs(30), "not yet: {what}");
        tokio::task::yield_now().await;
    }
}

/// Sends a GET, and reads the whole response.
async fn get(client: &Client, server: &Server) -> Result<Bytes, NetError> {
    send(client, Method::GET, server).await?.body.collect().await
}
