//! The sender of plugins' requests, with a DNS server of ours and real sockets: which names it resolves how, and which
//! addresses it never connects to.

#![cfg(target_os = "linux")]

mod frozen;
mod matrix;
mod name;
mod network;
mod plugin;
mod sink;
mod system;

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::{BodyExt as _, Empty};
use ipnet::IpNet;
use toolcell_host::clock::Clock;
use toolcell_host::net::{
    Destination, NetworkSettings, Outbound, OutboundError, OutboundLimits, Pool, ResponseBody, Scheme,
};

/// A clock that stands still until a test moves it.
#[derive(Clone, Debug)]
struct TestClock(Arc<Mutex<SystemTime>>);

impl TestClock {
    fn new() -> Self {
        Self(Arc::new(Mutex::new(UNIX_EPOCH + Duration::from_secs(1_800_000_000))))
    }

    fn clock(&self) -> Clock {
        let time = Arc::clone(&self.0);
        Clock::new(move || *time.lock().unwrap())
    }

    fn pass(&self, time: Duration) {
        *self.0.lock().unwrap() += time;
    }
}

/// Makes a sender that asks one name server.
fn outbound(resolver: Option<SocketAddr>, loopback_ports: &[u16], clock: &TestClock) -> Outbound {
    let loopback_ports = loopback_ports.to_vec();
    Outbound::new(NetworkSettings { resolver, ca_bundle: None, loopback_ports }, clock.clock())
}

/// Sends a GET without TLS over a connection of its own.
async fn get(
    outbound: &Outbound,
    host: &str,
    port: u16,
    allowed: &[IpNet],
) -> Result<Response<ResponseBody>, OutboundError> {
    let to = Destination { scheme: Scheme::Http, host, port, allowed };
    send(outbound, to, "/").await
}

async fn send(
    outbound: &Outbound,
    to: Destination<'_>,
    path: &str,
) -> Result<Response<ResponseBody>, OutboundError> {
    let body = Empty::<Bytes>::new().map_err(|never| match never {}).boxed_unsync();
    outbound.send(&Pool::default(), to, Request::get(path).body(body).unwrap(), limits()).await
}

fn limits() -> OutboundLimits {
    let long = Duration::from_secs(60);
    OutboundLimits {
        connect: long,
        first_byte: long,
        between_bytes: long,
        end: tokio::time::Instant::now() + long,
        max_request_bytes: 0,
        max_response_bytes: 1 << 10,
    }
}
