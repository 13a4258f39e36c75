//! Runs the program that a profile names as its `credential_process`.
//!
//! Source: <https://docs.aws.amazon.com/sdkref/latest/guide/feature-process-credentials.html>

use std::process::{Command, Stdio};
use std::time::{Duration, UNIX_EPOCH};

use serde::Deserialize;
use toolcell_host::aws::{AwsCredentials, NoCredentials};
use toolcell_host::timestamp::Timestamp;

/// The output of the program, as JSON.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct ProcessCredentials {
    version: u32,
    access_key_id: String,
    secret_access_key: String,
    session_token: Option<String>,
    expiration: Option<Timestamp>,
}

impl ProcessCredentials {
    /// Runs the command line in a shell, as the AWS tools do. No error shows what it printed.
    pub(super) fn run(command: &str) -> Result<AwsCredentials, NoCredentials> {
        let refuse = |wrong: String| {
            NoCredentials::Other(format!("the `credential_process` of the AWS profile {wrong}"))
        };
        let mut child = Command::new("/bin/sh");
        child.arg("-c").arg(command).stdin(Stdio::null()).stderr(Stdio::inherit());
        let output = child.output().map_err(|error| refuse(format!("cannot be started: {error}")))?;
        if !output.status.success() {
            return Err(refuse(format!("failed: {}", output.status)));
        }
        let printed: Self = serde_json::from_slice(&output.stdout)
            .map_err(|_| refuse("did not print credentials of version 1".to_owned()))?;
        if printed.version != 1 {
            return Err(refuse(format!("printed credentials of version {}, expected 1", printed.version)));
        }
        let Self { access_key_id, secret_access_key, session_token, expiration, .. } = printed;
        let expires = expiration.map(|end| UNIX_EPOCH + Duration::from_secs(end.seconds()));
        Ok(AwsCredentials::new(access_key_id, secret_access_key, session_token, expires, "process"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_prints_credentials() {
        let json = r#"{"Version":1,"AccessKeyId":"ONE","SecretAccessKey":"s","SessionToken":"t","Expiration":"2026-11-30T12:00:00Z"}"#;
        let found = ProcessCredentials::run(&format!("printf '%s' '{json}'")).unwrap();
        assert_eq!((found.access_key_id(), found.session_token()), ("ONE", Some("t")));
        assert!(found.expiry().is_some());
    }

    #[test]
    fn a_program_that_does_not_is_named_without_what_it_prints() {
        let table = [
            ("exit 3", "exit status: 3"),
            ("echo hidden", "did not print"),
            (r#"echo '{"Version":2,"AccessKeyId":"hidden","SecretAccessKey":"s"}'"#, "version 2"),
        ];
        for (command, expected) in table {
            let refused = ProcessCredentials::run(command).unwrap_err().to_string();
            assert!(refused.contains(expected) && !refused.contains("hidden"), "{refused}");
        }
    }
}
