//! Counts what a cold start does, for few and for many tools, and compares it with `cold_counts.json`.
//!
//! The function runs in the Lambda emulator under strace. Counts hardly depend on the machine or its load, unlike times,
//! so a change of 3 % or more fails, also one for the better: `TOOLCELL_BLESS=1` rewrites the file. `make profile` shows
//! more of the same for the released program.

use std::collections::BTreeMap;
use std::env;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

use serde_json::json;
use tempfile::TempDir;
use toolcell_lambda_emulator::{Freeze, Function, Lambda};
use toolcell_tests::server::STATE_KEY;
use toolcell_tests::{Bundle, Client, Revision, fixture};

/// The difference that fails, as a part of the expected count.
const MOST_DIFFERENCE: f64 = 0.03;

/// The longest time in which the function asks for its second invocation.
const PATIENCE: Duration = Duration::from_secs(60);

/// System calls whose number depends on chance: where the heap begins in a page, and the machine's load, by which a thread
/// waits, is woken, finds nothing to read yet, or sends as much as the other side takes.
const BY_CHANCE: [&str; 11] = [
    "brk",
    "clock_nanosleep",
    "epoll_wait",
    "epoll_pwait",
    "futex",
    "nanosleep",
    "recvfrom",
    "restart_syscall",
    "sched_yield",
    "sendto",
    "writev",
];

/// The first system call of the function's own. Those before it load the program, which differs between machines.
const FIRST: &str = "epoll_create1";

/// The request for an invocation, which the function sends when it is ready and again when it has answered.
const NEXT: &str = "\"GET /2018-06-01/runtime/invocation/next ";

/// Counts by name.
type Counts = BTreeMap<&'static str, u64>;

#[test]
fn a_cold_start_does_what_it_did_before() {
    let version = Command::new("strace").arg("--version").output();
    assert!(version.is_ok_and(|output| output.status.success()), "`strace` is missing: run tests/setup.sh");
    let logs = fixture::root().join("target/test-logs/cold_counts");
    fs::create_dir_all(&logs).unwrap();
    let mut found = BTreeMap::new();
    for tools in [36, 1008] {
        let bundle = Bundle::build(&configuration(tools));
        let started = |name: &str| Traced::start(&bundle, &logs.join(format!("{name}-{tools}.strace")));
        found.insert(format!("{tools} tools, first tools/list"), started("list").list(tools));
        found.insert(format!("{tools} tools, first tools/call"), started("call").call(1));
        // The second one makes the pool; this one runs in it.
        found.insert(format!("{tools} tools, third tools/call"), started("third").call(3));
    }
    let file = fixture::root().join("tests/tests/cold_counts.json");
    if env::var_os("TOOLCELL_BLESS").is_some() {
        fs::write(&file, serde_json::to_string_pretty(&found).unwrap() + "\n").unwrap();
    }
    let text = fs::read_to_string(&file).expect("the expected counts are in the repository");
    let expected: BTreeMap<String, BTreeMap<String, u64>> = serde_json::from_str(&text).unwrap();
    assert!(expected.keys().eq(found.keys()), "{} lists other requests", file.display());
    let differences: Vec<_> =
        found.iter().flat_map(|(name, counts)| differences(name, &expected[name], counts)).collect();
    assert!(
        differences.is_empty(),
        "a cold start costs something else than before:\n{}\nIf that is meant, run \
         `TOOLCELL_BLESS=1 cargo test --workspace --test cold_counts`, which rewrites {}. The system calls are in {}",
        differences.join("\n"),
        file.display(),
        logs.display()
    );
}

/// Describes each count that differs too much.
fn differences(name: &str, expected: &BTreeMap<String, u64>, found: &Counts) -> Vec<String> {
    let differ = found.iter().filter_map(|(count, found)| {
        let expected = expected.get(*count).copied().unwrap_or_default();
        let difference = (*found as f64 - expected as f64) / (expected as f64).max(1.0);
        let text = format!("{name}: {found} {count} instead of {expected} ({:+.1} %)", 100.0 * difference);
        (difference.abs() >= MOST_DIFFERENCE).then_some(text)
    });
    differ.collect()
}

/// Configures the five plugins of `toolcell.toml`, with 36 tools, and copies of two of them.
fn configuration(tools: usize) -> String {
    let (galleries, texts) = ((tools - 36) / 24, (tools - 36) % 24 / 6);
    let mut text = String::new();
    for name in ["text", "primes", "files", "docs"] {
        text += &fixture::plugin(name, &fixture::sample(name));
    }
    for (guest, name) in [("/data", "files"), ("/docs", "docs")] {
        let host = fixture::sample(name).join("sample-data").display().to_string();
        text += &format!("[[plugins.{name}.grants.directories]]\nhost = {host:?}\nguest = {guest:?}\n");
    }
    let copies = (0..=galleries).map(|copy| ("gallery", copy)).chain((1..=texts).map(|copy| ("text", copy)));
    for (plugin, copy) in copies {
        let name = format!("z_{plugin}_{copy:02}");
        text += &fixture::plugin(&name, &fixture::sample(plugin));
        text += &format!("prefix = \"{name}_\"\n");
    }
    text
}

/// A function that strace follows.
struct Traced {
    lambda: Lambda,
    log: PathBuf,
    _directory: TempDir,
}

impl Traced {
    fn start(bundle: &Bundle, log: &Path) -> Self {
        let _ = fs::remove_file(log); // there may be none of an earlier run
        let directory = tempfile::tempdir().unwrap();
        let program = directory.path().join("bootstrap");
        // The tracer is the child of the function, so that the emulator sees and ends the function itself.
        let script = format!(
            "#!/bin/sh\nTOOLCELL_BUNDLE=$LAMBDA_TASK_ROOT/bundle exec strace -D -f -y -s 100 -o {} $LAMBDA_TASK_ROOT/traced\n",
            log.display()
        );
        fs::write(&program, script).unwrap();
        fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
        let function = Function::new(&program)
            .file("traced", fixture::bootstrap())
            .file("bundle", bundle.path())
            .share(log.parent().unwrap())
            .env("TOOLCELL_ALLOW_ANONYMOUS", "true")
            .env("TOOLCELL_STATE_KEYS", STATE_KEY)
            .freeze(Freeze::Never)
            .timeout(PATIENCE);
        let lambda = function.start().expect("the function can be deployed");
        Self { lambda, log: log.to_owned(), _directory: directory }
    }

    fn list(self, tools: usize) -> Counts {
        let listed = self.client().ask("tools/list", json!({}));
        let page = listed["tools"].as_array().map(Vec::len);
        assert_eq!(page, Some(tools.min(100)), "{listed}");
        self.counts(1)
    }

    /// Calls a tool so many times, and counts what the last call took.
    fn call(self, times: usize) -> Counts {
        for _ in 0..times {
            let called = self.client().call("make_slug", &json!({"text": "Cold Start"}));
            assert_eq!(called.text.as_deref(), Some("cold-start"));
        }
        self.counts(times)
    }

    fn client(&self) -> Client {
        Client::new(self.lambda.address(), Revision::Modern)
    }

    /// Waits until the function asks for an invocation after this number of answers, and counts what it did since the
    /// answer before the last, or since its start.
    fn counts(self, answers: usize) -> Counts {
        let start = Instant::now();
        let log = loop {
            let log = fs::read_to_string(&self.log).unwrap_or_default();
            if log.matches(NEXT).count() > answers {
                break log;
            }
            assert!(start.elapsed() < PATIENCE, "the function did not become ready again:\n{log}");
            thread::sleep(Duration::from_millis(20));
        };
        let all: Vec<_> = log.lines().filter_map(SystemCall::read).collect();
        let is_start = |call: &&SystemCall<'_>| match answers {
            1 => call.name == FIRST,
            _ => call.arguments.contains(NEXT),
        };
        let starts: Vec<_> = all.iter().enumerate().filter(|(_, call)| is_start(call)).collect();
        let calls = &all[starts[answers - 1].0..];
        // The thread that ends overdue guests starts sooner or later.
        let own = calls.iter().filter(|call| call.thread == all[0].thread);
        let of_bundle = |names: &[&str], count: fn(&SystemCall<'_>) -> u64| -> u64 {
            calls.iter().filter(|call| names.contains(&call.name) && call.is_of_bundle()).map(count).sum()
        };
        Counts::from([
            ("system calls of the main thread", own.filter(|call| call.is_counted()).count() as u64),
            (
                "bytes read from the bundle",
                of_bundle(&["read", "pread64", "preadv", "readv"], |call| call.result()),
            ),
            ("bytes of the bundle mapped", of_bundle(&["mmap"], |call| call.length())),
        ])
    }
}

/// A line of strace's log that begins a system call.
struct SystemCall<'l> {
    thread: &'l str,
    name: &'l str,
    arguments: &'l str,
}

impl<'l> SystemCall<'l> {
    fn read(line: &'l str) -> Option<Self> {
        let (thread, call) = line.split_once(' ')?;
        let (name, arguments) = call.trim_start().split_once('(')?;
        let is_name = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
        is_name.then_some(Self { thread, name, arguments })
    }

    /// Tells whether it happens as often on every machine. Machines differ in the files that tell how many processors a
    /// process may use.
    fn is_counted(&self) -> bool {
        !BY_CHANCE.contains(&self.name) && !self.arguments.contains("/cgroup")
    }

    /// Tells whether its descriptor is a file of the bundle.
    fn is_of_bundle(&self) -> bool {
        let descriptors = self.arguments.split_once('"').map_or(self.arguments, |(before, _)| before);
        descriptors.contains("/bundle/")
    }

    fn result(&self) -> u64 {
        self.arguments.rsplit_once(" = ").and_then(|(_, result)| result.parse().ok()).unwrap_or_default()
    }

    /// Returns the second argument.
    fn length(&self) -> u64 {
        self.arguments.split(", ").nth(1).and_then(|length| length.parse().ok()).unwrap_or_default()
    }
}
