//! The Lambda edge: the Runtime API on one side, [`Service::handle`] on the other.
//!
//! `bootstrap` calls [`run`] once. The loop asks for an invocation, turns its Function URL event into an
//! `http::Request`, and streams the answer back; an environment serves one invocation at a time (on managed
//! instances several) and is frozen between them. lambda_http gives the types of events and answers. Its loop is not used: it sends
//! head, prelude and body of an answer as writes of their own on a socket without TCP_NODELAY, which costs
//! 40 ms an answer (docs/adr/0014).
//!
//! Sources: <https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html> and
//! <https://docs.aws.amazon.com/lambda/latest/dg/runtimes-custom.html#runtimes-custom-response-streaming>.

mod answer;
mod deadline;
pub mod environment;
mod event;
mod init;
mod runtime_api;
#[cfg(test)]
mod tests;

use std::time::SystemTime;

use http::Response;
use tokio::task::JoinSet;

use crate::service::{Body, Context, ServerAddress};
use crate::updater::Served;

use self::answer::Streamed;
use self::environment::{AuthType, Environment, Initialization};
use self::runtime_api::{ApiError, Invocation, RuntimeApi};

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
    for _ in 1..environment.concurrency.get() {
        let another = RuntimeApi::new(environment.runtime_api.clone());
        loops.spawn(serve(served.clone(), another, environment.auth_type));
    }
    loops.spawn(serve(served, api, environment.auth_type));
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
async fn serve(served: Served, mut api: RuntimeApi, auth_type: AuthType) -> Result<(), RunError> {
    loop {
        let invocation = api.next().await?;
        let id = invocation.id.clone();
        let mut answer = answer(&served, invocation, auth_type).await;
        let call_over = answer.take_call_over();
        // An answer that the platform does not take (too late, too large) is its caller's loss alone.
        if let Err(error) = api.respond(&id, answer).await {
            tracing::warn!(request = id.request, %error, "the platform did not take the answer");
        }
        // Nothing of a call may be left when the environment freezes, which it does in the next request.
        if let Some(over) = call_over {
            over.await;
        }
        served.settle().await;
    }
}

/// Answers one invocation; whatever is wrong with it is the answer.
async fn answer(served: &Served, invocation: Invocation, auth_type: AuthType) -> Streamed {
    let Invocation { id, deadline_ms, trace, event } = invocation;
    let (request, sender) = match event::read(&event, auth_type) {
        Ok(read) => read,
        Err(error) => {
            tracing::warn!(request = id.request, %error, "not a request of a Function URL");
            return Streamed::new(error.into_response());
        }
    };
    drop(event); // the request has its own copy of what it needs
    let (mut parts, body) = request.into_parts();
    let not_after = deadline_ms.and_then(|deadline| deadline::not_after(deadline, SystemTime::now()));
    let service = match served.current(not_after).await {
        Ok(service) => service,
        Err(nothing) => return Streamed::new(nothing.into_response()),
    };
    parts.extensions.insert(Context {
        request_id: Some(id.request),
        not_after,
        trace,
        identity: sender.identity,
        server: sender.domain_name.map(ServerAddress::Domain),
        replay: None,
    });
    let response: Response<Body> = service.handle(http::Request::from_parts(parts, body)).await;
    Streamed::new(response)
}
