//! Counts what a cold start does, for few and for many tools, and compares it with `cold_counts.json`.
//!
//! The function runs in the Lambda emulator under strace. Counts hardly depend on the machine or its load, unlike times,
//! so a change of 3 % or more fails, also one for the better: `TOOLCELL_BLESS=1` rewrites the file. `make profile` shows
//! more of the same for the released program. A function that follows releases has a start, too, which must not depend on
//! the number of tools.

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
use toolcell_tests::release::{Publisher, object};
use toolcell_tests::server::STATE_KEY;
use toolcell_tests::{Bundle, Client, Revision, fixture};

/// The difference that fails, as a part of the expected count.
const MOST_DIFFERENCE: f64 = 0.03;

/// The difference that fails between the starts with few and with many tools from S3.
const MOST_DIFFERENCE_BY_TOOLS: f64 = 0.1;

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

/// The beginning of a request to S3.
const GET: &str = "\"GET /releases/";

/// Counts by name.
type Counts = BTreeMap<&'static str, u64>;

#[test]
fn a_cold_start_does_what_it_did_before() {
    let logs = logs();
    let mut found = BTreeMap::new();
    for tools in [36, 1008] {
        let bundle = Bundle::build(&configuration(tools));
        let started = |name: &str| Traced::start(&bundle, &logs.join(format!("{name}-{tools}.strace")));
        found.insert(format!("{tools} tools, first tools/list"), started("list").list(tools));
        found.insert(format!("{tools} tools, first tools/call"), started("call").call(1));
        // The second one makes the pool; this one runs in it.
        found.insert(format!("{tools} tools, third tools/call"), started("third").call(3));
        let (start, list) = from_s3(&bundle, tools, &logs.join(format!("s3-{tools}.strace")));
        found.insert(format!("{tools} tools from S3, start"), start);
        found.insert(format!("{tools} tools from S3, until after the first tools/list"), list);
    }
    let [few, many] = [36, 1008].map(|tools| &found[&format!("{tools} tools from S3, start")]);
    let differ = |(count, few): (&&str, &u64)| {
        few.abs_diff(many[count]) as f64 > MOST_DIFFERENCE_BY_TOOLS * *few as f64
    };
    assert!(!few.iter().any(differ), "the start from S3 depends on the number of tools: {few:?}, {many:?}");
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

/// Makes the folder for the logs of strace.
fn logs() -> PathBuf {
    let version = Command::new("strace").arg("--version").output();
    assert!(version.is_ok_and(|output| output.status.success()), "`strace` is missing: run tests/setup.sh");
    let logs = fixture::root().join("target/test-logs/cold_counts");
    fs::create_dir_all(&logs).unwrap();
    logs
}

/// Publishes a bundle, and counts what a function that follows its releases does at its start, and what S3 does for it
/// until its first list is answered.
fn from_s3(bundle: &Bundle, tools: usize, log: &Path) -> (Counts, Counts) {
    let (publisher, package) = (Publisher::start(), Bundle::build(&package()));
    publisher.publish(bundle, 1);
    let traced = Traced::following(&publisher, &package, log);
    traced.list_tools(tools);
    let log = traced.log(1);
    let all: Vec<_> = log.lines().filter_map(SystemCall::read).collect();
    let start = all.iter().skip_while(|call| call.name != FIRST);
    let start: Vec<_> = start.take_while(|call| !call.arguments.contains(NEXT)).collect();
    let own = start.iter().filter(|call| call.thread == all[0].thread && call.is_counted());
    let requests = start.iter().filter(|call| call.arguments.contains(GET));
    let asked = publisher.server.requests();
    let bytes =
        asked.iter().filter_map(|request| publisher.server.object(&request.key)).map(|object| object.len());
    assert_eq!(asked.last().unwrap().key, object(publisher.index().catalogs[0].digest));
    let list = [("requests to S3", asked.len() as u64), ("bytes from S3", bytes.sum::<usize>() as u64)];
    let counts = [
        ("system calls of the main thread", own.count() as u64),
        ("requests to S3", requests.count() as u64),
    ];
    (Counts::from(counts), Counts::from(list))
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
    for name in ["files", "docs"] {
        text += &format!("[[plugins.{name}.grants.directories]]\n{}", directory(name));
    }
    let copies = (0..=galleries).map(|copy| ("gallery", copy)).chain((1..=texts).map(|copy| ("text", copy)));
    for (plugin, copy) in copies {
        let name = format!("z_{plugin}_{copy:02}");
        text += &fixture::plugin(&name, &fixture::sample(plugin));
        text += &format!("prefix = \"{name}_\"\n");
    }
    text
}

/// Configures the package of a function whose releases may have these plugins.
fn package() -> String {
    let tables = ["files", "docs"]
        .map(directory)
        .map(|lines| format!("[[releases.ceiling.grants.directories]]\n{lines}"));
    format!("[releases]\n{}", tables.concat())
}

/// Names the directory that a plugin is granted.
fn directory(plugin: &str) -> String {
    let host = fixture::sample(plugin).join("sample-data").display().to_string();
    let guest = if plugin == "files" { "/data" } else { "/docs" };
    format!("host = {host:?}\nguest = {guest:?}\n")
}

/// A function that strace follows.
struct Traced {
    lambda: Lambda,
    log: PathBuf,
    _directory: TempDir,
}

impl Traced {
    fn start(bundle: &Bundle, log: &Path) -> Self {
        Self::of("TOOLCELL_BUNDLE=$LAMBDA_TASK_ROOT/bundle", bundle, log, &[])
    }

    /// Starts a function that follows releases, with a package without plugins.
    fn following(publisher: &Publisher, package: &Bundle, log: &Path) -> Self {
        Self::of("", package, log, &publisher.variables())
    }

    fn of(assignment: &str, bundle: &Bundle, log: &Path, variables: &[(&'static str, String)]) -> Self {
        let _ = fs::remove_file(log); // there may be none of an earlier run
        let directory = tempfile::tempdir().unwrap();
        let program = directory.path().join("bootstrap");
        // The tracer is the child of the function, so that the emulator sees and ends the function itself.
        let script = format!(
            "#!/bin/sh\n{assignment} exec strace -D -f -y -s 100 -o {} $LAMBDA_TASK_ROOT/traced\n",
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
            .timeout(PATIENCE)
            .init_limit(PATIENCE);
        let set = |function: Function, (name, value): &(&str, String)| function.env(name, value.clone());
        let lambda = variables.iter().fold(function, set).start().expect("the function can be deployed");
        Self { lambda, log: log.to_owned(), _directory: directory }
    }

    fn list(self, tools: usize) -> Counts {
        self.list_tools(tools);
        self.counts(1)
    }

    fn list_tools(&self, tools: usize) {
        let listed = self.client().ask("tools/list", json!({}));
        let page = listed["tools"].as_array().map(Vec::len);
        assert_eq!(page, Some(tools.min(100)), "{listed}");
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

    /// Waits until the function asks for an invocation after this number of answers, and returns all that strace wrote.
    fn log(&self, answers: usize) -> String {
        let start = Instant::now();
        loop {
            let log = fs::read_to_string(&self.log).unwrap_or_default();
            if log.matches(NEXT).count() > answers {
                return log;
            }
            assert!(start.elapsed() < PATIENCE, "the function did not become ready again:\n{log}");
            thread::sleep(Duration::from_millis(20));
        }
    }

    /// Counts what the function did since the answer before the last of this number of answers, or since its start.
    fn counts(self, answers: usize) -> Counts {
        let log = self.log(answers);
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
