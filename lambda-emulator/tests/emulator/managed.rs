//! Managed instances: several invocations at once in one environment.

use std::collections::BTreeSet;
use std::thread;

use toolcell_lambda_emulator::Phase;

use crate::support::{at_rest, get, probe, start};

#[test]
fn one_environment_takes_as_many_invocations_at_once_as_it_is_told() {
    let lambda = start(probe().managed(4));
    let environment = get(&lambda, "/env").json();
    assert_eq!(environment["AWS_LAMBDA_MAX_CONCURRENCY"], "4");
    let told = get(&lambda, "/told").json();
    assert_eq!(told.get("lambda-runtime-trace-id"), None, "one process serves several traces");
    let pids: BTreeSet<_> = thread::scope(|scope| {
        let calls: Vec<_> =
            (0..4).map(|_| scope.spawn(|| get(&lambda, "/wait/300").text().to_owned())).collect();
        calls.into_iter().map(|call| call.join().unwrap()).collect()
    });
    assert_eq!((pids.len(), lambda.environments().len()), (1, 1));
    at_rest(&lambda);
    assert_eq!(lambda.environments()[0].phase, Phase::Idle, "it is never frozen");
}
