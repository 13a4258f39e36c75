//! Runs the bare hello, streamed as `lambda_http` does it by default: without TCP_NODELAY.

use lambda_hello::answer;
use lambda_http::{Error, run_with_streaming_response, service_fn};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    run_with_streaming_response(service_fn(answer)).await
}
