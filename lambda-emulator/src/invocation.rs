//! One invocation from its start to the request for the next one: handed out, answered, killed, reported.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use tokio::sync::oneshot;
use tokio::time::Instant;

use crate::clock;
use crate::desk::{Answer, Invocation, Receipt, Step};
use crate::environment::{Awake, Bootstrap, Environment};
use crate::failure::Failure;
use crate::fleet::Lease;
use crate::log::{Report, Source};
use crate::reply::Reply;
use crate::stream::{self, Client};

/// What is to be done.
#[derive(Debug)]
pub(crate) struct Work {
    pub(crate) request_id: String,
    pub(crate) event: Bytes,
    pub(crate) trace: String,
    pub(crate) reply: oneshot::Sender<Reply>,
}

/// Runs an invocation in the environment that it has; whoever asked may go away meanwhile.
pub(crate) async fn run(mut lease: Lease, work: Work) {
    let environment = Arc::clone(lease.environment());
    let mut client = Client::Waiting(work.reply);
    let begun = Instant::now();
    let awake = match environment.wake().await {
        Ok(awake) => awake,
        Err(failure) => {
            started(&environment, &work.request_id);
            client.fail();
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
    });
    let served = serve(&bootstrap, &invocation, &mut lease, &mut client);
    let served = tokio::time::timeout_at(deadline, served).await;
    let failure = served.unwrap_or(Err(Failure::Timeout(environment.setup.timeout))).err();
    lease.finishing();
    if failure.is_some() {
        client.fail();
    }
    bootstrap.desk.close(&work.request_id);
    let failure = settle(&environment, &bootstrap, deadline, failure).await;
    let run = Run { request_id: &work.request_id, begun, init, bootstrap: Some(&bootstrap) };
    report(&environment, &run, failure.as_ref());
    if bootstrap.process.is_alive() && environment.setup.freezes() {
        bootstrap.process.freeze();
    }
}

/// Hands the invocation out and its answer on.
async fn serve(
    bootstrap: &Bootstrap,
    invocation: &Arc<Invocation>,
    lease: &mut Lease,
    client: &mut Client,
) -> Result<(), Failure> {
    let mut steps = loop {
        match bootstrap.desk.hand(invocation) {
            Some(steps) => break steps,
            None => tokio::select! {
                _ = bootstrap.desk.until(|now| now.waiting > 0) => {}
                how = bootstrap.gone() => return Err(Failure::Exited(how)),
            },
        }
    };
    let step = tokio::select! {
        biased;
        step = &mut steps => step.ok(),
        how = bootstrap.gone() => match steps.try_recv() {
            Ok(step) => Some(step),
            Err(_) => return Err(Failure::Exited(how)),
        },
    };
    let Answer { headers, mut body, receipt } = match step {
        Some(Step::Answer(answer)) => answer,
        Some(Step::Error(error)) => return Err(Failure::Function(error)),
        None => return Err(Failure::Exited(bootstrap.gone().await)),
    };
    let relayed = stream::relay(&headers, &mut body, &lease.environment().setup, client).await;
    let received =
        if matches!(relayed, Err(Failure::TooLarge(_))) { Receipt::TooLarge } else { Receipt::Accepted };
    lease.finishing();
    if relayed.is_ok() {
        std::mem::replace(client, Client::Gone).end().await;
    }
    bootstrap.desk.close(&invocation.request_id);
    // A process that died after its last byte has answered all the same.
    let _ = receipt.send(received);
    relayed
}

/// Waits until the process is ready for more, or ends it; says how the invocation failed in the end.
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
                    _ = bootstrap.desk.until(|now| now.waiting > 0) => None,
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

/// What a report is about.
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

/// The wall-clock time of a deadline, for a process that may not trust its own clock.
fn epoch_ms(deadline: Instant) -> u64 {
    let left = deadline.saturating_duration_since(Instant::now());
    clock::epoch_ms(SystemTime::now() + left)
}

fn arn(environment: &Environment) -> String {
    let setup = &environment.setup;
    format!("arn:aws:lambda:{}:123456789012:function:{}", setup.region, setup.name)
}
