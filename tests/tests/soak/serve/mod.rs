//! Calls of `toolcell serve`: most are right, one in ten attacks, one in fifty hangs up, some read slowly.
//!
//! ```text
//! load (a thread for each client) ─> kind of a call, from the seed and its number
//!   right, attack (requests and what must come back) ──> connection ─> process (the real program)
//!   hang_up (what is left in the middle) ────────────────────┘
//! ```
//!
//! `TOOLCELL_SOAK_CALLS` sets their number, and `TOOLCELL_SOAK_SEED` another seed: a call is made of the seed and its
//! number alone. Memory, descriptors and threads of the process are read after the first tenth of the calls (300 at
//! least), and must be the same at the end.

mod attack;
mod connection;
mod expected;
mod hang_up;
mod load;
mod process;
mod right;
mod stop;

use std::env;

use toolcell_tests::{Bundle, Holdings, fixture};

use crate::dice::SEED;
use load::Load;
use process::Process;

/// The number of calls without `TOOLCELL_SOAK_CALLS`.
const CALLS: usize = 600;

/// The fewest calls before the process is looked at for the first time.
const WARM_UP: usize = 300;

/// The times that it is looked at after that.
const LOOKS: usize = 9;

/// The memory that the process may gain after `SETTLED_CALLS`: a hundred bytes for each of 80,000 calls.
const MEMORY_SLACK_BYTES: usize = 8 << 20;

/// The number of calls after which every slot of the pool was used that will be. Each slot keeps up to 1 MiB for its next
/// call; a shorter run still gains this memory.
const SETTLED_CALLS: usize = 5_000;
const POOL_BYTES: usize = 32 << 20;

/// Returns plugins that are called rightly, one that attacks, and the same one with calls that would last for hours.
fn config() -> String {
    let text = fixture::plugin("text", &fixture::sample("text"));
    let primes = fixture::plugin("primes", &fixture::sample("primes"));
    let shop = fixture::plugin("shop", &fixture::component("plain"));
    let scripted = fixture::plugin("scripted", &fixture::component("scripted"));
    let hostile = fixture::plugin("hostile", &fixture::component("hostile"));
    let endless = fixture::plugin("endless", &fixture::component("hostile"));
    let short = ["spin", "sleep", "report_then_spin"]
        .map(|tool| format!("[plugins.hostile.tools.{tool}.limits]\ndeadline = \"{}\"\n", attack::DEADLINE));
    let limits = "memory = \"16 MiB\"\noutput = \"256 KiB\"\nlog = \"8 KiB\"\nnotifications = 100\n";
    format!(
        "{text}{primes}{shop}{scripted}\
         {hostile}[plugins.hostile.limits]\n{limits}{}\
         {endless}prefix = \"endless_\"\n[plugins.endless.limits]\ndeadline = \"15 min\"\nnotifications = 100000\n",
        short.concat()
    )
}

/// Reads a number from the environment.
pub(crate) fn number<N: std::str::FromStr>(variable: &str, default: N) -> N {
    env::var(variable).map_or(default, |text| {
        text.parse().unwrap_or_else(|_| panic!("{variable} is {text:?}, expected a number"))
    })
}

#[test]
fn whatever_some_clients_do_every_call_is_answered_rightly_and_nothing_leaks() {
    let calls: usize = number("TOOLCELL_SOAK_CALLS", CALLS);
    let seed: u64 = number("TOOLCELL_SOAK_SEED", SEED);
    println!("soak: {calls} calls of the seed {seed}");
    let bundle = Bundle::build(&config());
    let process = Process::start(&bundle);
    let load = Load { address: process.address(), seed };
    let warm_up = WARM_UP.max(calls / 10);
    let mut tally = load.run(0..warm_up);
    let before = process.settle();
    println!("soak: {warm_up} calls, {before}");
    let mut after = before;
    let step = (calls - warm_up).div_ceil(LOOKS);
    for start in (warm_up..calls).step_by(step) {
        let end = calls.min(start + step);
        tally.add(load.run(start..end));
        after = process.settle_to(before);
        println!("soak: {end} calls, {after}");
    }
    println!("soak: {tally}");
    tally.expect(calls);
    expect_no_more(before, after, if warm_up < SETTLED_CALLS { POOL_BYTES } else { MEMORY_SLACK_BYTES });
    process.stop();
}

/// Compares what the process holds with what it held before; it may have gained `slack_bytes` of memory.
fn expect_no_more(before: Holdings, after: Holdings, slack_bytes: usize) {
    assert!(after.descriptors <= before.descriptors, "descriptors: {before}, then {after}");
    assert!(after.threads <= before.threads, "threads: {before}, then {after}");
    let gained = |of: fn(&Holdings) -> usize| of(&after).saturating_sub(of(&before));
    let (resident, dirty) = (gained(|one| one.resident_bytes), gained(|one| one.dirty_bytes));
    assert!(resident <= slack_bytes, "it gained {resident} bytes: {before}, then {after}");
    assert!(dirty <= slack_bytes, "it wrote to {dirty} bytes more: {before}, then {after}");
}
