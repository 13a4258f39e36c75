//! Two plugins and four callers at the same time: nobody reads what is another's, and no increment is lost.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::json;
use tokio::task::JoinSet;
use toolcell_cli::state::FileStore;
use toolcell_host::call::Runner;
use toolcell_host::clock::Clock;
use toolcell_host::state_store::StateStore;
use toolcell_tests::Dynalite;

use super::keeper::{self, Caller, Keeper, plugin, runtime};
use super::{Dice, times};

/// Calls in `make test`; `make soak` has 100,000.
const CALLS: u64 = 400;

/// Calls at the same time.
const AT_ONCE: usize = 16;

/// Keys that calls append to.
const LOGS: u64 = 97;

const PLUGINS: [&str; 2] = ["a", "b"];

/// Two of them have one name.
const CALLERS: [Caller; 4] =
    [Some(("bearer", "ann")), Some(("iam", "ann")), Some(("bearer", "bob")), Some(("bearer", "annbob"))];

/// A call: its plugin, its caller, and the key that it appends to.
#[derive(Clone, Copy)]
struct Planned {
    plugin: usize,
    caller: usize,
    log: u64,
}

impl Planned {
    fn draw(dice: &mut Dice) -> Self {
        let mut of_below = |sides: usize| dice.of_below(sides as u64) as usize;
        let (plugin, caller) = (of_below(PLUGINS.len()), of_below(CALLERS.len()));
        Self { plugin, caller, log: dice.of_below(LOGS) }
    }

    /// The text that only this plugin and caller write.
    fn mark(self) -> String {
        format!("{}-{}", PLUGINS[self.plugin], self.caller)
    }

    /// Makes the call, and checks everything that it reads.
    async fn run(self, runner: Arc<Runner>) {
        let (mark, caller) = (self.mark(), CALLERS[self.caller]);
        let tool = format!("{}-run", PLUGINS[self.plugin]);
        let steps = json!([{"get": "mark"}, {"set": ["mark", mark]}, {"increment": ["count", 1]}, "keys"]);
        let lines = keeper::lines(&keeper::report(&runner, &tool, caller, "own", steps).await);
        let quoted = format!("{mark:?}");
        assert!(lines[0] == "none" || lines[0] == quoted, "{mark} reads {}", lines[0]);
        assert!(lines[2].parse::<i64>().is_ok(), "{lines:?}");
        assert_eq!(lines[3], "count mark");
        let log = format!("log-{}", self.log);
        let steps = json!([{"increment": ["count", 1]}, {"append": [log, PLUGINS[self.plugin]]}]);
        let lines = keeper::lines(&keeper::report(&runner, &tool, caller, "shared", steps).await);
        assert!(lines[0].parse::<i64>().is_ok() && lines[1] == "done", "{lines:?}");
    }
}

/// Runs all calls, some at a time, and compares what is left with what they did.
async fn interleave(store: Arc<dyn StateStore>, calls: u64) {
    let buckets = "own = { scope = \"caller\" }\nshared = { scope = \"plugin\" }";
    let config = PLUGINS.map(|name| plugin(name, "", buckets)).concat();
    let served = Keeper::serve(&config, Some(store));
    let seed = times("TOOLCELL_SOAK_SEED", 20_261_130);
    println!("TOOLCELL_SOAK_SEED={seed}, {calls} calls");
    let mut dice = Dice(seed | 1);
    let (mut running, mut done) = (JoinSet::new(), Vec::new());
    for _ in 0..calls {
        if running.len() == AT_ONCE {
            running.join_next().await.expect("a call runs").expect("no call panics");
        }
        let call = Planned::draw(&mut dice);
        done.push(call);
        running.spawn(call.run(Arc::clone(&served.runner)));
    }
    while let Some(call) = running.join_next().await {
        call.expect("no call panics");
    }
    check(&served, &done).await;
}

async fn check(served: &Keeper, done: &[Planned]) {
    let mut own: BTreeMap<(usize, usize), usize> = BTreeMap::new();
    let mut shared: BTreeMap<usize, BTreeMap<u64, usize>> = BTreeMap::new();
    for call in done {
        *own.entry((call.plugin, call.caller)).or_default() += 1;
        *shared.entry(call.plugin).or_default().entry(call.log).or_default() += 1;
    }
    for ((plugin, caller), count) in own {
        let tool = format!("{}-run", PLUGINS[plugin]);
        let found = served.lines(&tool, CALLERS[caller], "own", json!([{"get": "count"}])).await;
        assert_eq!(found, [format!("\"{count}\"")], "{tool} {caller}");
    }
    for (plugin, logs) in shared {
        let tool = format!("{}-run_draft", PLUGINS[plugin]);
        let count: usize = logs.values().sum();
        let found = served.lines(&tool, None, "shared", json!([{"get": "count"}])).await;
        assert_eq!(found, [format!("\"{count}\"")], "{tool}");
        for (log, count) in logs {
            let steps = json!([{ "get": format!("log-{log}") }]);
            let found = served.lines(&tool, None, "shared", steps).await;
            let expected = match count {
                0..=100 => format!("{:?}", PLUGINS[plugin].repeat(count)),
                more => format!("{more} bytes"),
            };
            assert_eq!(found, [expected], "{tool} log-{log}");
        }
    }
}

#[test]
fn calls_over_dynamodb_keep_to_what_is_theirs() {
    let server = Dynalite::start();
    let store = server.store(Clock::system());
    runtime().block_on(interleave(store, times("TOOLCELL_SOAK_STATE_CALLS", CALLS)));
}

#[test]
fn calls_over_the_file_keep_to_what_is_theirs() {
    let directory = tempfile::tempdir().unwrap();
    let store = Arc::new(FileStore::of(directory.path(), Clock::system()));
    runtime().block_on(interleave(store, times("TOOLCELL_SOAK_STATE_CALLS", CALLS)));
}
