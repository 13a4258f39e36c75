//! Sets the environment of a function's process, without anything of the shell that started the bench.
//!
//! https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html#configuration-envvars-runtime

use std::net::SocketAddr;
use std::path::Path;
use std::process::Command;

/// The variables that Lambda sets for every function of a custom runtime, with example values.
const DEFINED: [(&str, &str); 20] = [
    ("_HANDLER", "bootstrap"),
    ("_X_AMZN_TRACE_ID", "Root=1-5eb33c07-de25b420912dee103a5db434;Parent=07b4d2a4b3a1c2d0;Sampled=0"),
    ("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE"),
    ("AWS_DEFAULT_REGION", "eu-west-2"),
    ("AWS_EXECUTION_ENV", "AWS_Lambda_provided.al2023"),
    ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "1769"),
    ("AWS_LAMBDA_FUNCTION_NAME", "bench"),
    ("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST"),
    ("AWS_LAMBDA_INITIALIZATION_TYPE", "on-demand"),
    ("AWS_LAMBDA_LOG_FORMAT", "JSON"),
    ("AWS_LAMBDA_LOG_GROUP_NAME", "/aws/lambda/bench"),
    ("AWS_LAMBDA_LOG_LEVEL", "INFO"),
    ("AWS_LAMBDA_LOG_STREAM_NAME", "2026/01/01/[$LATEST]00000000000000000000000000000000"),
    ("AWS_REGION", "eu-west-2"),
    ("AWS_SECRET_ACCESS_KEY", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"),
    ("AWS_SESSION_TOKEN", "example"),
    ("LAMBDA_RUNTIME_DIR", "/var/runtime"),
    ("LANG", "en_US.UTF-8"),
    ("PATH", "/usr/local/bin:/usr/bin/:/bin:/opt/bin"),
    ("TZ", ":UTC"),
];

/// Gives `command` the environment of a function whose code is in `task_root` and whose Runtime API is at
/// `runtime_api`.
pub(crate) fn set(command: &mut Command, task_root: &Path, runtime_api: SocketAddr) {
    set_defined(command);
    command.env("AWS_LAMBDA_RUNTIME_API", runtime_api.to_string()).env("LAMBDA_TASK_ROOT", task_root);
}

/// Gives `command` the variables that are the same for every function, and no others.
pub(crate) fn set_defined(command: &mut Command) {
    command.env_clear().envs(DEFINED);
}
