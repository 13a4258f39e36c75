//! The same attacks again and again: a process holds no more than after the first time.

use std::thread;
use std::time::{Duration, Instant};

use toolcell_lambda_emulator::Lambda;
use toolcell_tests::server::deployed;
use toolcell_tests::{Bundle, Client, Holdings, Revision};

use crate::attack::Attack;
use crate::{compute, crash, host_call, memory};

/// The rounds after the first one.
const ROUNDS: usize = 5;

/// The resident memory that a process may gain in all rounds together.
const MEMORY_SLACK_BYTES: usize = 4 << 20;

/// The longest time in which a process gives back what it held.
const PATIENCE: Duration = Duration::from_secs(20);

/// Reads the resources of the first environment's process; no process has ever been started again.
fn holdings(lambda: &Lambda) -> Holdings {
    // There may be a second one: a response can be whole before its environment is free again.
    let environments = lambda.environments();
    assert!(environments.iter().all(|one| one.starts == 1), "an attack ended a process: {environments:?}");
    Holdings::of(environments[0].pid.expect("its process lives")).expect("it can be looked at")
}

fn run(client: &Client, attacks: &[Attack]) {
    for attack in attacks {
        attack.run(client).unwrap_or_else(|wrong| panic!("{wrong}"));
    }
}

#[test]
fn attacks_leave_nothing_behind_however_often_they_come() {
    let attacks: Vec<_> = [compute::quick(), crash::all(), host_call::all(), memory::all()].concat();
    let directory = tempfile::tempdir().expect("a directory for components");
    let config: String = attacks.iter().map(|attack| attack.config(directory.path())).collect();
    let bundle = Bundle::build(&config);
    let lambda = deployed(&bundle).start().expect("the function can be deployed");
    let client = Client::new(lambda.address(), Revision::Modern);
    // The first two rounds load every plugin, and let the allocator settle.
    run(&client, &attacks);
    run(&client, &attacks);
    thread::sleep(Duration::from_secs(1)); // threads that have ended leave `/proc` a moment later
    let before = holdings(&lambda);
    for _ in 0..ROUNDS {
        run(&client, &attacks);
    }
    let end = Instant::now() + PATIENCE;
    let mut after = holdings(&lambda);
    while (after.descriptors > before.descriptors || after.threads > before.threads) && Instant::now() < end {
        thread::sleep(Duration::from_millis(50));
        after = holdings(&lambda);
    }
    let no_more = after.descriptors <= before.descriptors && after.threads <= before.threads;
    assert!(no_more, "{before:?}, {after:?}");
    let gained = after.resident_bytes.saturating_sub(before.resident_bytes);
    assert!(gained <= MEMORY_SLACK_BYTES, "it gained {gained} bytes: {before:?}, {after:?}");
}
