//! Lists the environment variables of a function: the documented and the configured ones, and none of this machine.
//!
//! <https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html#configuration-envvars-runtime>. The page
//! defines `AWS_EXECUTION_ENV` and `_X_AMZN_TRACE_ID` for other runtimes only, so they are not set.

use std::net::SocketAddr;
use std::path::Path;
use std::time::SystemTime;

use crate::function::Setup;
use crate::{clock, identifier};

/// Credentials of the execution role; they open nothing.
const CREDENTIALS: [(&str, &str); 4] = [
    ("AWS_ACCESS_KEY", "ASIAEXAMPLEEMULATOR"),
    ("AWS_ACCESS_KEY_ID", "ASIAEXAMPLEEMULATOR"),
    ("AWS_SECRET_ACCESS_KEY", "example-secret-of-the-emulator"),
    ("AWS_SESSION_TOKEN", "example-session-of-the-emulator"),
];

/// The variables that are the same for every function of an OS-only runtime.
const FIXED: [(&str, &str); 8] = [
    ("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST"),
    ("AWS_XRAY_CONTEXT_MISSING", "LOG_ERROR"),
    ("AWS_XRAY_DAEMON_ADDRESS", "169.254.79.129:2000"),
    ("LAMBDA_RUNTIME_DIR", "/var/runtime"),
    ("LANG", "en_US.UTF-8"),
    ("PATH", "/usr/local/bin:/usr/bin/:/bin:/opt/bin"),
    ("TZ", ":UTC"),
    ("_HANDLER", "bootstrap"),
];

/// Returns all variables of a process.
pub(crate) fn all(setup: &Setup, task_root: &Path, runtime_api: SocketAddr) -> Vec<(String, String)> {
    let root = task_root.display().to_string();
    let mut variables: Vec<(String, String)> = Vec::new();
    let mut set = |name: &str, value: String| variables.push((name.to_owned(), value));
    for (name, value) in FIXED.iter().chain(&CREDENTIALS) {
        set(name, (*value).to_owned());
    }
    set("AWS_REGION", setup.region.clone());
    set("AWS_DEFAULT_REGION", setup.region.clone());
    set("AWS_LAMBDA_FUNCTION_NAME", setup.name.clone());
    set("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", setup.memory_mb.to_string());
    set("AWS_LAMBDA_INITIALIZATION_TYPE", initialization(setup).to_owned());
    set("AWS_LAMBDA_LOG_GROUP_NAME", format!("/aws/lambda/{}", setup.name));
    set("AWS_LAMBDA_LOG_STREAM_NAME", log_stream());
    set("AWS_LAMBDA_RUNTIME_API", runtime_api.to_string());
    set("LAMBDA_TASK_ROOT", root.clone());
    set(
        "LD_LIBRARY_PATH",
        format!("/lib64:/usr/lib64:/var/runtime:/var/runtime/lib:{root}:{root}/lib:/opt/lib"),
    );
    if let Some(each) = setup.per_environment {
        set("AWS_LAMBDA_MAX_CONCURRENCY", each.to_string());
    }
    for (name, value) in &setup.variables {
        set(name, value.clone());
    }
    variables
}

fn initialization(setup: &Setup) -> &'static str {
    match setup {
        Setup { snap_start: true, .. } => "snap-start",
        Setup { per_environment: Some(_), .. } => "lambda-managed-instances",
        _ => "on-demand",
    }
}

fn log_stream() -> String {
    format!("{}/[$LATEST]{}", clock::day(SystemTime::now()), identifier::log_stream())
}
