//! The same attacks again and again: a process holds no more than after the first time.

use std::fs;
use std::thread;
use std::time::Duration;

use toolcell_lambda_emulator::Lambda;
use toolcell_tests::server::deployed;
use toolcell_tests::{Bundle, Client, Revision};

use crate::attack::Attack;
use crate::{compute, crash, host_call, memory};

/// The rounds after the first one.
const ROUNDS: usize = 5;

/// The resident memory that a process may gain in all rounds together.
const MEMORY_SLACK_BYTES: usize = 4 << 20;

/// The resources of a process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Holdings {
    descriptors: usize,
    threads: usize,
    resident_bytes: usize,
}

/// Reads the resources of the first environment's process; no process has ever been started again.
fn holdings(lambda: &Lambda) -> Holdings {
    // There may be a second one: a response can be whole before its environment is free again.
    let environments = lambda.environments();
    assert!(environments.iter().all(|one| one.starts == 1), "an attack ended a process: {environments:?}");
    let process = format!("/proc/{}", environments[0].pid.expect("its process lives"));
    let entries =
        |name: &str| fs::read_dir(format!("{process}/{name}")).expect("it can be looked at").count();
    let status = fs::read_to_string(format!("{process}/status")).expect("it can be looked at");
    let resident = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).expect("its memory");
    let kib: usize = resident.trim().trim_end_matches(" kB").parse().expect("a number");
    Holdings { descriptors: entries("fd"), threads: entries("task"), resident_bytes: kib << 10 }
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
    thread::sleep(Duration::from_millis(100)); // threads that have ended leave `/proc` a moment later
    let before = holdings(&lambda);
    for _ in 0..ROUNDS {
        run(&client, &attacks);
    }
    thread::sleep(Duration::from_millis(100));
    let after = holdings(&lambda);
    let same = (after.descriptors, after.threads) == (before.descriptors, before.threads);
    assert!(same, "{before:?}, {after:?}");
    let gained = after.resident_bytes.saturating_sub(before.resident_bytes);
    assert!(gained <= MEMORY_SLACK_BYTES, "it gained {gained} bytes: {before:?}, {after:?}");
}
