//! Serves the front end of a function: turns HTTP requests into invocations, and their results into HTTP responses.

use std::convert::Infallible;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use bytes::{Bytes, BytesMut};
use http::request::Parts;
use http::{Request, Response};
use http_body_util::BodyExt as _;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;

use crate::body::ReplyBody;
use crate::event::{self, Origin};
use crate::fleet::Fleet;
use crate::function::Setup;
use crate::identifier;
use crate::invocation::{self, Invoker, Work};
use crate::reply::{self, Reply, Stamp};

/// The pause after a failed `accept`, so that a full descriptor table does not become a busy loop.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// A front end.
#[derive(Debug)]
pub(crate) struct Front {
    setup: Arc<Setup>,
    fleet: Arc<Fleet>,
    address: SocketAddr,
    domain: String,
}

/// A reason for which a request's body could not be read.
enum Unread {
    TooLarge,
    Broken,
}

impl Front {
    pub(crate) fn new(setup: Arc<Setup>, fleet: Arc<Fleet>, address: SocketAddr) -> Self {
        let domain = setup.front_end.domain(&setup.region);
        Self { setup, fleet, address, domain }
    }

    /// Serves clients until it is dropped.
    pub(crate) async fn serve(self: Arc<Self>, listener: TcpListener) {
        loop {
            match listener.accept().await {
                Ok((stream, peer)) => self.connect(stream, peer.ip()),
                Err(_) => tokio::time::sleep(ACCEPT_PAUSE).await,
            }
        }
    }

    fn connect(self: &Arc<Self>, stream: TcpStream, peer: IpAddr) {
        // Best effort: it only saves time.
        let _ = stream.set_nodelay(true);
        let front = Arc::clone(self);
        let service = service_fn(move |request| {
            let front = Arc::clone(&front);
            async move { Ok::<_, Infallible>(front.answer(request, peer).await) }
        });
        let connection =
            http1::Builder::new().timer(TokioTimer::new()).serve_connection(TokioIo::new(stream), service);
        // A connection that the client has closed needs no handling.
        tokio::spawn(async move { drop(connection.await) });
    }

    async fn answer(&self, request: Request<Incoming>, peer: IpAddr) -> Response<ReplyBody> {
        let (parts, body) = request.into_parts();
        let trace = trace(&parts);
        let front_end = &self.setup.front_end;
        let remaps_headers = front_end.remaps_headers();
        let stamp = Stamp { request_id: identifier::request(), trace: trace.clone(), remaps_headers };
        if !front_end.has(parts.uri.path()) {
            return reply::unknown_path(&stamp);
        }
        let most = front_end.most_bytes().unwrap_or(self.setup.payload_bytes);
        let body = match read(body, most).await {
            Ok(body) => body,
            Err(Unread::TooLarge) => return reply::too_large(most, &stamp),
            Err(Unread::Broken) => return reply::unreadable(&stamp),
        };
        let event = event::render(&parts, &body, &self.origin(peer, &stamp));
        if event.len() > self.setup.payload_bytes {
            return reply::too_large(self.setup.payload_bytes, &stamp);
        }
        let Some(lease) = self.fleet.lease().await else { return reply::throttled(&stamp) };
        let (reply, replied) = oneshot::channel();
        let segment = identifier::trace_segment();
        let trace = format!("{trace};Parent={segment};Sampled=0");
        let request_id = stamp.request_id.clone();
        let work = Work { request_id, event: event.into(), trace, reply, by: Invoker::FrontEnd };
        tokio::spawn(invocation::run(lease, work));
        let replied = replied.await.unwrap_or(Reply::Failed(None));
        reply::render(replied, &stamp)
    }

    fn origin(&self, peer: IpAddr, stamp: &Stamp) -> Origin {
        Origin {
            front_end: self.setup.front_end.clone(),
            domain: self.domain.clone(),
            address: self.address,
            peer,
            identity: self.setup.identity.clone(),
            bodies: self.setup.bodies,
            time: SystemTime::now(),
            request_id: stamp.request_id.clone(),
            trace: stamp.trace.clone(),
        }
    }
}

/// Returns the root of the client's trace, or of a new one.
fn trace(parts: &Parts) -> String {
    let sent = parts.headers.get("x-amzn-trace-id").and_then(|trace| trace.to_str().ok());
    let root = sent.and_then(|trace| trace.split(';').map(str::trim).find(|part| part.starts_with("Root=")));
    root.map_or_else(|| format!("Root={}", identifier::trace_root(SystemTime::now())), str::to_owned)
}

async fn read(mut body: Incoming, most: usize) -> Result<Bytes, Unread> {
    let mut read = BytesMut::new();
    while let Some(frame) = body.frame().await {
        let Ok(data) = frame.map_err(|_| Unread::Broken)?.into_data() else { continue };
        if read.len() + data.len() > most {
            return Err(Unread::TooLarge);
        }
        read.extend_from_slice(&data);
    }
    Ok(read.freeze())
}
