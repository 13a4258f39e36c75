//! Runs the bare hello, buffered: every ratio of the cold start bench is against this program.

use lambda_hello::answer;
use lambda_http::{Error, run, service_fn};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    run(service_fn(answer)).await
}
