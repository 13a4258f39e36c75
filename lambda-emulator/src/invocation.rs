//! Follows one invocation from its start to the request for the next one: dispatch, answer, kill, report.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use tokio::sync::oneshot;
use tokio::time::Instant;

use crate::clock;
use crate::environment::{Awake, Bootstrap, Environment};
use crate::failure::Failure;
use crate::fleet::Lease;
use crate::invocation_queue::{Invocation, Outcome, PostedResponse, Receipt};
use crate::log::{Report, Source};
use crate::reply::Reply;
use crate::stream::{self, Client};

/// A request for the function to answer.
#[derive(Debug)]
pub(crate) struct Work {
    pub(crate) request_id: String,
    pub(crate) event: Bytes,
    pub(crate) trace: String,
    pub(crate) reply: oneshot::Sender<Reply>,
    pub(crate) by: Invoker,
}

/// The invoker of the function.
#[derive(Clone, Debug)]
pub(crate) enum Invoker {
    /// Its front end.
    FrontEnd,
    /// A caller of `Invoke`, maybe with a client context.
    Caller(Option<String>),
}

/// Runs an invocation in its environment, to the end even if the client goes away.
pub(crate) async fn run(mut lease: Lease, work: Work) {
    let environment = Arc::clone(lease.environment());
    let mut client = Client::Waiting(work.reply);
    let begun = Instant::now();
    let awake = match environment.wake().await {
        Ok(awake) => awake,
        Err(failure) => {
            started(&environment, &work.request_id);
            client.fail(None);
            let run = Run { request_id: &work.request_id, begun, init: None, bootstrap: None };
            return report(&environment, &run, Some(&failure));
        }
    };
    started(&environment, &work.request_id);
    let Awake { bootstrap, init, begun } = awake;
    let deadline = begun + environment.setup.timeout;
    let invocation = Arc::new(Invocation {
        request_id: work.request_id.clone(),
        event: work.event,
        deadline_ms: epoch_ms(deadline),
        function_arn: arn(&environment),
        trace: environment.setup.per_environment.is_none().then_some(work.trace),
        client_context: match &work.by {
            Invoker::FrontEnd => None,
            Invoker::Caller(context) => context.clone(),
        },
    });
    let served = serve(&bootstrap, &invocation, &mut lease, &mut client, &work.by);
    let served = tokio::time::timeout_at(deadline, served).await;
    let failure = served.unwrap_or(Err(Failure::Timeout(environment.setup.timeout))).err();
    lease.finishing();
    match &failure {
        Some(Failure::Function(error)) => client.fail(Some(error.clone())),
        Some(_) => client.fail(None),
        None => {}
    }
    bootstrap.queue.close(&work.request_id);
    let failure = settle(&environment, &bootstrap, deadline, failure).await;
    let run = Run { request_id: &work.request_id, begun, init, bootstrap: Some(&bootstrap) };
    report(&environment, &run, failure.as_ref());
    if bootstrap.process.is_alive() && environment.setup.freezes() {
        bootstrap.process.freeze();
    }
}

/// Dispatches the invocation to the process, and passes its response on.
async fn serve(
    bootstrap: &Bootstrap,
    invocation: &Arc<Invocation>,
    lease: &mut Lease,
    client: &mut Client,
    by: &Invoker,
) -> Result<(), Failure> {
    let mut reported = loop {
        match bootstrap.queue.dispatch(invocation) {
            Some(reported) => break reported,
            None => tokio::select! {
                _ = bootstrap.queue.until(|now| now.waiting > 0) => {}
                how = bootstrap.gone() => return Err(Failure::Exited(how)),
            },
        }
    };
    let outcome = tokio::select! {
        biased;
        outcome = &mut reported => outcome.ok(),
        how = bootstrap.gone() => match reported.try_recv() {
            Ok(outcome) => Some(outcome),
            Err(_) => return Err(Failure::Exited(how)),
        },
    };
    let PostedResponse { headers, mut body, receipt } = match outcome {
        Some(Outcome::Response(response)) => response,
        Some(Outcome::Error(error)) => return Err(Failure::Function(error)),
        None => return Err(Failure::Exited(bootstrap.gone().await)),
    };
    let setup = &lease.environment().setup;
    let relayed = match by {
        Invoker::FrontEnd => stream::relay(&headers, &mut body, setup, client).await,
        Invoker::Caller(_) => stream::hand_over(&mut body, setup, client).await,
    };
    let received =
        if matches!(relayed, Err(Failure::TooLarge(_))) { Receipt::TooLarge } else { Receipt::Accepted };
    lease.finishing();
    if relayed.is_ok() {
        std::mem::replace(client, Client::Gone).end().await;
    }
    bootstrap.queue.close(&invocation.request_id);
    // A process that died after its last byte has still answered.
    let _ = receipt.send(received);
    relayed
}

/// Waits until the process is ready for the next invocation, or kills it; returns the final failure, if any.
async fn settle(
    environment: &Environment,
    bootstrap: &Bootstrap,
    deadline: Instant,
    failure: Option<Failure>,
) -> Option<Failure> {
    if environment.setup.per_environment.is_some() && bootstrap.process.is_alive() {
        return failure;
    }
    let ended = match &failure {
        Some(Failure::Timeout(_)) => failure.clone(),
        _ => {
            let ready = async {
                tokio::select! {
                    biased;
                    how = bootstrap.gone() => Some(Failure::Exited(how)),
                    _ = bootstrap.queue.until(|now| now.waiting > 0) => None,
                }
            };
            let timeout = || Some(Failure::Timeout(environment.setup.timeout));
            tokio::time::timeout_at(deadline, ready).await.unwrap_or_else(|_| timeout())
        }
    };
    if ended.is_some() {
        environment.reset();
        bootstrap.process.ended().await;
    }
    ended.or(failure)
}

/// The facts of an invocation that its report needs.
struct Run<'a> {
    request_id: &'a str,
    begun: Instant,
    init: Option<Duration>,
    bootstrap: Option<&'a Bootstrap>,
}

fn started(environment: &Environment, request_id: &str) {
    environment.say(Source::Platform, &format!("START RequestId: {request_id} Version: $LATEST"));
}

fn report(environment: &Environment, run: &Run<'_>, failure: Option<&Failure>) {
    let message = failure.and_then(|failure| failure.message(run.request_id, &clock::iso(SystemTime::now())));
    if let Some(message) = message {
        environment.say(Source::Platform, &message);
    }
    environment.say(Source::Platform, &format!("END RequestId: {}", run.request_id));
    let report = Report {
        request_id: run.request_id.to_owned(),
        duration: run.begun.elapsed(),
        init: run.init,
        memory_mb: environment.setup.memory_mb,
        max_memory_mb: run.bootstrap.map_or(0, |bootstrap| bootstrap.process.max_memory_mb()),
        status: failure.map(Failure::status),
    };
    environment.logs.report(environment.number, report);
}

/// Converts a deadline to wall-clock time, in milliseconds since 1970.
fn epoch_ms(deadline: Instant) -> u64 {
    let left = deadline.saturating_duration_since(Instant::now());
    clock::epoch_ms(SystemTime::now() + left)
}

fn arn(environment: &Environment) -> String {
    let setup = &environment.setup;
    format!("arn:aws:lambda:{}:123456789012:function:{}", setup.region, setup.name)
}
