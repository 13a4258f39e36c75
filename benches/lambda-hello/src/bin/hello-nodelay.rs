//! Runs the bare hello, streamed over a connection with TCP_NODELAY.
//!
//! `lambda_runtime` makes its client itself and has no way to set the option. So this program has its own loop over the
//! same client crate, and writes what `run_with_streaming_response` writes: prelude, eight NUL bytes, body.

use http_body_util::BodyExt;
use hyper_util::client::legacy::connect::HttpConnector;
use lambda_hello::answer;
use lambda_http::http::{Method, Request as HttpRequest, Response, header::CONTENT_TYPE};
use lambda_http::lambda_runtime::MetadataPrelude;
use lambda_http::{Body, Error, request};
use lambda_runtime_api_client::body::Body as ApiBody;
use lambda_runtime_api_client::{Client, build_request};

const INVOCATION: &str = "/2018-06-01/runtime/invocation";

/// The bytes between the prelude and the body.
const DELIMITER: &[u8] = &[0; 8];

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let mut connector = HttpConnector::new();
    connector.set_nodelay(true);
    let client = Client::builder().with_connector(connector).build()?;
    loop {
        let next = build_request().uri(format!("{INVOCATION}/next")).body(ApiBody::empty())?;
        let event = client.call(next).await?;
        let id = event.headers()["lambda-runtime-aws-request-id"].to_str()?.to_owned();
        let event = event.into_body().collect().await?.to_bytes();
        let response = answer(request::from_str(std::str::from_utf8(&event)?)?).await?;
        client.call(streamed(&id, response)?).await?;
    }
}

/// Makes a request to the Runtime API of a response to an invocation, sent piece by piece.
fn streamed(id: &str, response: Response<Body>) -> Result<HttpRequest<ApiBody>, Error> {
    let (parts, mut body) = response.into_parts();
    let prelude =
        MetadataPrelude { status_code: parts.status, headers: parts.headers, ..MetadataPrelude::default() };
    let prelude = serde_json::to_string(&prelude)?;
    let (mut sender, pieces) = ApiBody::channel();
    tokio::spawn(async move {
        // If the Runtime API hangs up, the request itself fails and ends the process.
        let _ = sender.send_data(prelude.into()).await;
        let _ = sender.send_data(DELIMITER.into()).await;
        while let Some(Ok(frame)) = body.frame().await {
            if let Ok(data) = frame.into_data() {
                let _ = sender.send_data(data).await;
            }
        }
    });
    let request = build_request()
        .method(Method::POST)
        .uri(format!("{INVOCATION}/{id}/response"))
        .header("Transfer-Encoding", "chunked")
        .header("Lambda-Runtime-Function-Response-Mode", "streaming")
        .header(CONTENT_TYPE, "application/vnd.awslambda.http-integration-response");
    Ok(request.body(pieces)?)
}
