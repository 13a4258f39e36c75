//! The Lambda edge: the Runtime API on one side, [`Service::handle`] on the other.
//!
//! `bootstrap` calls [`run`] once. The loop asks for an invocation, turns its event into an `http::Request`, and sends
//! the answer back, as a stream or as a document; an environment serves one invocation at a time (on managed
//! instances several) and is frozen between them. lambda_http gives the types of events and answers. Its loop is not used: it sends
//! head, prelude and body of an answer as writes of their own on a socket without TCP_NODELAY, which costs
//! 40 ms an answer (docs/adr/0014).
//!
//! Sources: <https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html> and
//! <https://docs.aws.amazon.com/lambda/latest/dg/runtimes-custom.html#runtimes-custom-response-streaming>.

mod answer;
mod client_context;
mod deadline;
mod document;
mod edge;
pub mod environment;
mod event;
mod form;
mod init;
mod invocation;
mod members;
mod runtime_api;
mod stranger;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use tokio::task::JoinSet;

use crate::updater::Served;

use self::environment::{Environment, Initialization};
use self::invocation::{Answer, Rules};
use self::runtime_api::{ApiError, RuntimeApi};

pub use self::edge::{Edge, Edges, NotEdges};
pub use self::init::InitError;

/// Serves invocations until the environment ends, which is what the platform does without a word.
///
/// # Errors
/// The bundle cannot be served, which the platform is told as well; or the Runtime API does not answer.
pub async fn run(environment: Environment) -> Result<(), RunError> {
    let mut api = RuntimeApi::new(environment.runtime_api.clone());
    let served = match init::served(&environment).await {
        Ok(served) => served,
        Err(error) => {
            // Logged first: the platform may end the process as soon as it knows.
            tracing::error!(%error, "toolcell cannot serve");
            if let Err(unheard) = api.init_error(&error.to_string()).await {
                tracing::warn!(error = %unheard, "the platform was not told why the start failed");
            }
            return Err(error.into());
        }
    };
    if environment.initialization == Initialization::SnapStart {
        api.restored().await?;
    }
    let mut loops = JoinSet::new();
    let rules = Arc::new(Rules::of(&environment));
    for _ in 1..environment.concurrency.get() {
        let another = RuntimeApi::new(environment.runtime_api.clone());
        loops.spawn(serve(served.clone(), another, Arc::clone(&rules)));
    }
    loops.spawn(serve(served, api, rules));
    // None ends while the platform is there: the first one that does ends the process, and a fresh one starts.
    match loops.join_next().await {
        Some(Ok(ended)) => ended,
        Some(Err(_)) | None => Err(RunError::Panicked),
    }
}

/// Names the reason why [`run`] returned.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// Nothing was served; the log says why.
    #[error(transparent)]
    Init(#[from] InitError),
    /// The platform is gone.
    #[error("the Runtime API failed: {0}")]
    Api(#[from] ApiError),
    /// This module's own code panicked; the log says where.
    #[error("the loop over invocations panicked")]
    Panicked,
}

/// One loop: takes an invocation, answers it, takes the next one.
async fn serve(served: Served, mut api: RuntimeApi, rules: Arc<Rules>) -> Result<(), RunError> {
    loop {
        let invocation = api.next().await?;
        let id = invocation.id.clone();
        let mut answer = invocation::answer(&served, invocation, &rules).await;
        let call_over = answer.take_call_over();
        let taken = match answer {
            Answer::Streamed(answer) => api.respond(&id, answer).await,
            Answer::Document(document) => api.respond_whole(&id, document).await,
            Answer::Refused(message) => api.refuse(&id, message).await,
        };
        // An answer that the platform does not take (too late, too large) is its caller's loss alone.
        if let Err(error) = taken {
            tracing::warn!(request = id.request, %error, "the platform did not take the answer");
        }
        // Nothing of a call may be left when the environment freezes, which it does in the next request.
        if let Some(over) = call_over {
            over.await;
        }
        served.settle().await;
    }
}
