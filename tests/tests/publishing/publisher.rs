//! A person who publishes: a folder, a key, a bucket and the command.

use std::fs;
use std::path::PathBuf;
use std::process::{Child, Command, Output, Stdio};

use serde_json::Value;
use tempfile::TempDir;
use toolcell_host::public_key::PublicKey;
use toolcell_host::release::{ReleaseIndex, TrustedKey, TrustedKeys, verify};
use toolcell_host::timestamp::Timestamp;
use toolcell_tests::fixture;
use toolcell_tests::s3::{BUCKET, S3Server};

/// The prefix of everything in the bucket.
pub(crate) const PREFIX: &str = "team/a";

/// A person with a key, and a bucket of their own.
pub(crate) struct Publisher {
    pub(crate) server: S3Server,
    directory: TempDir,
    key: PublicKey,
}

/// How a command ended.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Publisher {
    /// Makes a key and an empty bucket.
    pub(crate) fn new() -> Self {
        let server = S3Server::start();
        let directory = tempfile::tempdir().unwrap();
        let key = directory.path().join("ci.key");
        let made =
            Command::new(fixture::toolcell()).args(["keygen", "ci", "--out"]).arg(&key).output().unwrap();
        let key = String::from_utf8(made.stdout).unwrap().trim().parse().unwrap();
        Self { server, directory, key }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    pub(crate) fn public(&self) -> String {
        self.key.to_string()
    }

    pub(crate) fn write(&self, name: &str, text: impl AsRef<[u8]>) {
        fs::write(self.path(name), text).unwrap();
    }

    /// Writes a `toolcell.toml` that serves the plain fixture with these instructions.
    pub(crate) fn configure(&self, instructions: &str) {
        let plugin = fixture::plugin("plain", &fixture::component("plain"));
        self.write("toolcell.toml", format!("[server]\ninstructions = \"{instructions}\"\n{plugin}"));
    }

    /// The command with this person's environment and nobody else's.
    fn command(&self, line: &str) -> Command {
        let location = format!("s3://{BUCKET}/{PREFIX}");
        let mut command = Command::new(fixture::toolcell());
        command.args(line.replace("BUCKET", &location).split_whitespace()).current_dir(self.directory.path());
        command.env_clear().envs(self.server.variables()).env("HOME", self.directory.path());
        command.env("AWS_EC2_METADATA_DISABLED", "true").stdin(Stdio::null());
        command
    }

    /// Runs a command line, in which BUCKET stands for the location.
    pub(crate) fn run(&self, line: &str) -> Ran {
        Ran::of(self.command(line).output().unwrap())
    }

    /// Runs a command line with other variables; an empty value removes one.
    pub(crate) fn run_with(&self, line: &str, variables: &[(&str, &str)]) -> Ran {
        Ran::of(self.command_with(line, variables).output().unwrap())
    }

    /// Starts a command line with other variables.
    pub(crate) fn start_with(&self, line: &str, variables: &[(&str, &str)]) -> Child {
        let mut command = self.command_with(line, variables);
        command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap()
    }

    fn command_with(&self, line: &str, variables: &[(&str, &str)]) -> Command {
        let mut command = self.command(line);
        for (name, value) in variables {
            if value.is_empty() {
                command.env_remove(name)
            } else {
                command.env(name, value)
            };
        }
        command
    }

    /// Starts a command line.
    pub(crate) fn start(&self, line: &str) -> Child {
        self.command(line).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
    }

    /// Publishes the configuration, which has to succeed, and returns what was printed.
    pub(crate) fn publish(&self, options: &str) -> Value {
        self.done(&format!("publish --to BUCKET --key ci.key --json {options}"))
    }

    /// Runs a command that has to succeed, and returns what it printed.
    pub(crate) fn done(&self, line: &str) -> Value {
        let ran = self.run(line);
        assert_eq!(ran.code, 0, "{line}: {}", ran.stderr);
        serde_json::from_str(&ran.stdout).unwrap()
    }

    /// Runs `toolcell verify`, and returns what it found.
    pub(crate) fn findings(&self) -> Vec<String> {
        let ran = self.run(&format!("verify BUCKET --public {} --json", self.key));
        let verified: Value = serde_json::from_str(&ran.stdout).unwrap_or_else(|_| panic!("{}", ran.stderr));
        let findings: Vec<String> = serde_json::from_value(verified["findings"].clone()).unwrap();
        assert_eq!(ran.code, i32::from(!findings.is_empty()));
        findings
    }

    /// Reads the index as a function with this person's key does.
    pub(crate) fn index(&self) -> ReleaseIndex {
        let key = TrustedKey { name: "ci".to_owned(), key: self.key, expires: None };
        let keys = TrustedKeys::new(vec![key]).unwrap();
        let now = Timestamp::of(std::time::SystemTime::now());
        verify(&self.object("index.json").unwrap(), &keys, now, 1).unwrap()
    }

    /// Returns an object below the prefix.
    pub(crate) fn object(&self, key: &str) -> Option<Vec<u8>> {
        self.server.object(&format!("{PREFIX}/{key}")).map(|bytes| bytes.to_vec())
    }

    /// Returns the keys of all objects below a part of the prefix, without it.
    pub(crate) fn keys(&self, part: &str) -> Vec<String> {
        let start = format!("{PREFIX}/{part}");
        self.server.keys().iter().filter_map(|key| key.strip_prefix(&start)).map(str::to_owned).collect()
    }
}

impl Ran {
    pub(crate) fn of(output: Output) -> Self {
        let text = |bytes| String::from_utf8(bytes).unwrap();
        Self {
            code: output.status.code().unwrap_or(-1),
            stdout: text(output.stdout),
            stderr: text(output.stderr),
        }
    }

    /// Waits for a command that was started.
    pub(crate) fn of_child(child: Child) -> Self {
        Self::of(child.wait_with_output().unwrap())
    }
}
