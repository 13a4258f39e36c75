//! rmcp's stateless server, on a port of its own in this process: what toolcell's answers are compared with.
//!
//! Set up as toolcell is: no sessions, JSON where nothing is streamed, the same limit for bodies, and only this
//! machine as host and origin.

mod offer;
mod tool;

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::{Arc, mpsc};
use std::thread;

use anyhow::Context as _;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use rmcp::transport::streamable_http_server::session::never::NeverSessionManager;
use rmcp::transport::streamable_http_server::{StreamableHttpServerConfig, StreamableHttpService};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime;

use offer::Offer;

/// toolcell's default.
const MAX_BODY_BYTES: usize = 6 << 20;

type Service = StreamableHttpService<Offer, NeverSessionManager>;

/// Starts it; it ends with the process.
///
/// # Errors
/// There is no port on loopback.
pub(crate) fn start() -> anyhow::Result<SocketAddr> {
    let (tell, told) = mpsc::channel();
    thread::spawn(move || {
        let runtime = runtime::Builder::new_current_thread().enable_all().build()?;
        runtime.block_on(async {
            let listener = TcpListener::bind(SocketAddr::from(([127, 0, 0, 1], 0))).await?;
            // Whoever started it waits for this.
            let _ = tell.send(listener.local_addr()?);
            run(listener).await
        })
    });
    told.recv().context("rmcp does not serve")
}

async fn run(listener: TcpListener) -> std::io::Result<()> {
    let service = service();
    loop {
        let (stream, _) = listener.accept().await?;
        tokio::spawn(serve(stream, service.clone()));
    }
}

fn service() -> Service {
    let config = StreamableHttpServerConfig::default()
        .with_legacy_session_mode(false)
        .with_json_response(true)
        .with_max_request_body_bytes(MAX_BODY_BYTES)
        .with_allowed_origins(["http://localhost:*", "http://127.0.0.1:*", "http://[::1]:*"])
        .enforce_origin_validation();
    StreamableHttpService::new(|| Ok(Offer), Arc::new(NeverSessionManager::default()), config)
}

async fn serve(stream: TcpStream, service: Service) {
    let answer = service_fn(move |request| {
        let service = service.clone();
        async move { Ok::<_, Infallible>(service.handle(request).await) }
    });
    // A client that hangs up is no error of the server.
    let _ = hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), answer).await;
}
