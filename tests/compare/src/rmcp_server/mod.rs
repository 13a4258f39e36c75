//! Runs rmcp's stateless server in this process, on a free port.
//!
//! Its setup is toolcell's: no sessions, JSON unless a response is streamed, the same limit for bodies, and only this
//! machine as host and origin.

mod handler;
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

use handler::Handler;

/// The most bytes of a body, as by default in toolcell.
const MAX_BODY_BYTES: usize = 6 << 20;

type Service = StreamableHttpService<Handler, NeverSessionManager>;

/// Starts the server, which ends with the process.
///
/// # Errors
/// Fails if no port is free on loopback.
pub(crate) fn start() -> anyhow::Result<SocketAddr> {
    let (tell, told) = mpsc::channel();
    thread::spawn(move || {
        let runtime = runtime::Builder::new_current_thread().enable_all().build()?;
        runtime.block_on(async {
            let listener = TcpListener::bind(SocketAddr::from(([127, 0, 0, 1], 0))).await?;
            // The caller waits for the address.
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
    StreamableHttpService::new(|| Ok(Handler), Arc::new(NeverSessionManager::default()), config)
}

async fn serve(stream: TcpStream, service: Service) {
    let answer = service_fn(move |request| {
        let service = service.clone();
        async move { Ok::<_, Infallible>(service.handle(request).await) }
    });
    // A client that hangs up is not an error of the server.
    let _ = hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), answer).await;
}
