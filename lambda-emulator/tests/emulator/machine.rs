//! The machine that the process finds: variables, directories, limits.

use std::collections::BTreeSet;
use std::fs;

use toolcell_lambda_emulator::{Function, Isolation, StartError};

use crate::support::{at_rest, get, logged, probe, start};

/// The variables of a function of an OS-only runtime, as documented.
const VARIABLES: [&str; 23] = [
    "AWS_ACCESS_KEY",
    "AWS_ACCESS_KEY_ID",
    "AWS_DEFAULT_REGION",
    "AWS_LAMBDA_FUNCTION_MEMORY_SIZE",
    "AWS_LAMBDA_FUNCTION_NAME",
    "AWS_LAMBDA_FUNCTION_VERSION",
    "AWS_LAMBDA_INITIALIZATION_TYPE",
    "AWS_LAMBDA_LOG_GROUP_NAME",
    "AWS_LAMBDA_LOG_STREAM_NAME",
    "AWS_LAMBDA_RUNTIME_API",
    "AWS_REGION",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "AWS_XRAY_CONTEXT_MISSING",
    "AWS_XRAY_DAEMON_ADDRESS",
    "LAMBDA_RUNTIME_DIR",
    "LAMBDA_TASK_ROOT",
    "LANG",
    "LD_LIBRARY_PATH",
    "PATH",
    "PROBE_MINE",
    "TZ",
    "_HANDLER",
];

/// Reports whether the function is isolated; fails if it is not although the tests run as root.
fn isolated(lambda: &toolcell_lambda_emulator::Lambda) -> bool {
    let lines = lambda.logs().lines();
    let isolated = !lines.iter().any(|line| line.text.starts_with("EMULATOR the function is not isolated"));
    assert!(isolated || !is_root(), "root can isolate: {lines:#?}");
    isolated
}

fn is_root() -> bool {
    fs::read_to_string("/proc/self/status").unwrap().contains("Uid:\t0\t0")
}

#[test]
fn the_environment_holds_what_is_documented_and_nothing_of_this_machine() {
    for isolation in [Isolation::Private, Isolation::Shared] {
        let lambda = start(probe().env("PROBE_MINE", "mine").memory_mb(512).isolation(isolation));
        let found = get(&lambda, "/env").json();
        let names: BTreeSet<_> = found.as_object().unwrap().keys().map(String::as_str).collect();
        assert_eq!(names, VARIABLES.into());
        assert_eq!(found["TZ"], ":UTC");
        assert_eq!(found["PROBE_MINE"], "mine");
        assert_eq!(found["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"], "512");
        assert_eq!(found["AWS_LAMBDA_INITIALIZATION_TYPE"], "on-demand");
        assert_eq!(get(&lambda, "/cwd").text(), found["LAMBDA_TASK_ROOT"].as_str().unwrap());
    }
}

#[test]
fn the_package_is_read_only() {
    let directory = tempfile::tempdir().unwrap();
    fs::write(directory.path().join("inside"), b"as packed").unwrap();
    let lambda = start(probe().file("data", directory.path()));
    get(&lambda, "/pid");
    if isolated(&lambda) {
        for path in ["/write/var/task/new", "/write/var/task/bootstrap", "/write/var/task/data/inside"] {
            let text = get(&lambda, path).text().to_owned();
            assert!(
                text.contains("Read-only file system") || text.contains("Text file busy"),
                "{path}: {text}"
            );
        }
        assert_eq!(fs::read(directory.path().join("inside")).unwrap(), b"as packed");
    }
}

#[test]
fn a_layer_is_read_only_at_opt() {
    let layer = tempfile::tempdir().unwrap();
    fs::write(layer.path().join("inside"), b"as packed").unwrap();
    let lambda = start(probe().layer(layer.path()));
    get(&lambda, "/pid");
    if isolated(&lambda) {
        assert!(get(&lambda, "/write/opt/inside").text().contains("Read-only file system"));
    }
}

#[test]
fn tmp_is_private_and_outlives_the_process() {
    let lambda = start(probe());
    get(&lambda, "/pid");
    if isolated(&lambda) {
        assert_eq!(get(&lambda, "/write/tmp/toolcell-lambda-kept").text(), "written, before: false");
        assert_eq!(get(&lambda, "/write/tmp/toolcell-lambda-kept").text(), "written, before: true");
        assert_eq!(get(&lambda, "/exit/1").status, 502);
        at_rest(&lambda);
        assert_eq!(get(&lambda, "/write/tmp/toolcell-lambda-kept").text(), "written, before: true");
        assert!(!fs::exists("/tmp/toolcell-lambda-kept").unwrap());
        at_rest(&lambda);
        lambda.reclaim();
        assert_eq!(get(&lambda, "/write/tmp/toolcell-lambda-kept").text(), "written, before: false");
    }
}

#[test]
fn a_shared_directory_is_the_machines_own() {
    let directory = tempfile::tempdir().unwrap();
    let lambda = start(probe().share(directory.path()));
    let path = format!("/write{}/shared", directory.path().display());
    assert_eq!(get(&lambda, &path).text(), "written, before: false");
    assert_eq!(fs::read(directory.path().join("shared")).unwrap(), b"probe");
}

#[test]
fn a_process_may_open_1024_files() {
    let lambda = start(probe());
    let limits = get(&lambda, "/limits").text().to_owned();
    let files = limits.lines().find(|line| line.starts_with("Max open files")).unwrap();
    assert_eq!(
        files.split_whitespace().collect::<Vec<_>>(),
        ["Max", "open", "files", "1024", "1024", "files"]
    );
}

#[test]
fn a_function_without_isolation_runs_from_a_directory_of_its_own() {
    let lambda = start(probe().isolation(Isolation::Shared));
    let root = get(&lambda, "/cwd").text().to_owned();
    assert!(root.ends_with("/task"), "{root}");
    lambda.stop();
    crate::support::until("the directory is gone", || !fs::exists(&root).unwrap());
}

#[test]
fn settings_that_lambda_does_not_take_are_refused() {
    let refused = |function: Function| function.start().map(|_| ()).unwrap_err().to_string();
    assert_eq!(refused(probe().memory_mb(127)), "memory is 127 MB; Lambda takes 128 to 10240 MB");
    let long = probe().timeout(std::time::Duration::from_secs(901));
    assert_eq!(refused(long), "timeout is 901 s; Lambda takes 1 to 900 s");
    assert_eq!(refused(probe().concurrency(0)), "concurrency is 0; Lambda takes at least 1");
    let missing = Function::new("/no/such/bootstrap").start().map(|_| ()).unwrap_err();
    assert!(matches!(missing, StartError::Package { .. }), "{missing}");
    let lambda = start(probe());
    let taken = probe().listen(lambda.address()).start().map(|_| ()).unwrap_err();
    assert!(matches!(taken, StartError::Listen { .. }), "{taken}");
}

#[test]
fn what_the_machine_lacks_is_said_in_the_log() {
    // A program that cannot be run stands for whatever the machine refuses.
    let directory = tempfile::tempdir().unwrap();
    let program = directory.path().join("bootstrap");
    fs::write(&program, b"not a program").unwrap();
    let lambda = start(Function::new(&program));
    assert_eq!(get(&lambda, "/pid").status, 502);
    logged(&lambda, "Status: error");
}
