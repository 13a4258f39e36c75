//! Serves the tools of `plugins/text` with rmcp: native code, stateless, JSON answers.
//!
//! The setup favours rmcp, so that a ratio against it means something: the plugin's own sources compiled natively, one
//! shared handler instead of a clone for each request, the router built once, no subscriber for its traces, hyper
//! directly under it, `TCP_NODELAY`, and the same number of worker threads as `toolcell serve`. It checks Origin and
//! Host, as toolcell does.
//!
//! Usage: `rmcp-baseline ADDRESS`

#[path = "../../../plugins/text/src/count.rs"]
mod count;
mod server;
#[path = "../../../plugins/text/src/slug.rs"]
mod slug;
#[path = "../../../plugins/text/src/sort.rs"]
mod sort;
mod text;

use std::convert::Infallible;
use std::sync::Arc;

use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use rmcp::transport::streamable_http_server::session::never::NeverSessionManager;
use rmcp::transport::streamable_http_server::{StreamableHttpServerConfig, StreamableHttpService};
use tokio::net::{TcpListener, TcpStream};

use server::TextServer;
// The names under which the plugin's sources expect the types of their WIT.
use text::{SortOptions, TextCounts, TextError};

type Service = StreamableHttpService<Arc<TextServer>, NeverSessionManager>;

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() -> std::io::Result<()> {
    let address = std::env::args().nth(1).expect("usage: rmcp-baseline ADDRESS");
    let listener = TcpListener::bind(address).await?;
    let service = service();
    loop {
        let (stream, _) = listener.accept().await?;
        stream.set_nodelay(true)?;
        tokio::spawn(serve(stream, service.clone()));
    }
}

fn service() -> Service {
    let server = Arc::new(TextServer::new());
    let config = StreamableHttpServerConfig::default()
        .with_legacy_session_mode(false)
        .with_json_response(true)
        .enforce_origin_validation();
    StreamableHttpService::new(move || Ok(server.clone()), Arc::new(NeverSessionManager::default()), config)
}

async fn serve(stream: TcpStream, service: Service) {
    let answer = service_fn(move |request| {
        let service = service.clone();
        async move { Ok::<_, Infallible>(service.handle(request).await) }
    });
    // A client that hangs up is not an error of the server.
    let _ = hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), answer).await;
}
