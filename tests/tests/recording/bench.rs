//! A plugin with cases, beside a server that it may reach.

use std::fmt::Write as _;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use serde_json::{Value, json};
use tempfile::TempDir;
use toolcell_tests::{Upstream, fixture};

/// The tool that sends one request.
pub(crate) const SEND: &str = "send";

/// The directory of the plugin `outbound`, with its `toolcell.toml`, and the server.
pub(crate) struct Bench {
    directory: TempDir,
    upstream: Upstream,
    plugin: &'static str,
}

impl Bench {
    /// Prepares the plugin `outbound`.
    pub(crate) fn new() -> Self {
        Self::of("outbound")
    }

    /// Prepares a fixture.
    pub(crate) fn of(plugin: &'static str) -> Self {
        Self::beside(Upstream::start(), plugin)
    }

    /// Prepares a fixture beside a server.
    pub(crate) fn beside(upstream: Upstream, plugin: &'static str) -> Self {
        let bench = Self { directory: tempfile::tempdir().unwrap(), upstream, plugin };
        fs::create_dir_all(bench.path("cases")).unwrap();
        fs::copy(fixture::component(plugin), bench.path("plugin.wasm")).unwrap();
        let wit = fixture::root().join("tests/fixtures").join(plugin).join("wit");
        let manifest = format!("name = \"{plugin}\"\ncomponent = \"plugin.wasm\"\nwit = {wit:?}\n");
        fs::write(bench.path("plugin.toml"), manifest).unwrap();
        bench.configure("");
        bench
    }

    /// Returns the path of a file in the plugin's directory.
    pub(crate) fn path(&self, file: &str) -> PathBuf {
        self.directory.path().join(self.plugin).join(file)
    }

    /// Writes the `toolcell.toml` of the plugin's directory, with more lines.
    pub(crate) fn configure(&self, lines: &str) {
        let plugin = format!("[plugins.{}]\nsource = \".\"\n", self.plugin);
        fs::write(self.path("toolcell.toml"), format!("{plugin}{lines}{}", self.upstream.network())).unwrap();
    }

    /// Writes the `secrets.toml` of the plugin's directory.
    pub(crate) fn secrets(&self, lines: &str) {
        let file = self.path("secrets.toml");
        fs::write(&file, lines).unwrap();
        fs::set_permissions(file, fs::Permissions::from_mode(0o600)).unwrap();
    }

    pub(crate) fn authority(&self) -> String {
        self.upstream.authority()
    }

    /// Returns the grant of a rule for the server, with more keys.
    pub(crate) fn rule(&self, more: &Value) -> Value {
        let mut rule = json!({"host": "localhost", "port": self.upstream.port(), "methods": ["GET", "HEAD", "POST"],
                "response": "4 MiB", "request": "4 MiB"});
        rule.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        rule
    }

    /// Writes a case that sends requests to the server, and has more keys.
    pub(crate) fn case(&self, name: &str, tool: &str, requests: &[Value], more: &Value) {
        let request = |request: &Value| {
            let mut request = request.clone();
            request["authority"] = self.authority().into();
            request
        };
        let requests: Vec<_> = requests.iter().map(request).collect();
        let arguments = match tool {
            "send_all" => json!({"requests": requests}),
            _ => json!({"request": requests[0]}),
        };
        let grants = json!({"http": [self.rule(&json!({}))]});
        let mut case = json!({"tool": tool, "arguments": arguments, "grants": grants});
        case.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        self.write(name, &case);
    }

    pub(crate) fn write(&self, name: &str, case: &Value) {
        fs::write(self.path(&format!("cases/{name}.json")), case.to_string()).unwrap();
    }

    pub(crate) fn remove(&self, name: &str) {
        fs::remove_file(self.path(&format!("cases/{name}.json"))).unwrap();
    }

    /// Returns the text of a case.
    pub(crate) fn text(&self, name: &str) -> String {
        fs::read_to_string(self.path(&format!("cases/{name}.json"))).unwrap()
    }

    pub(crate) fn read(&self, name: &str) -> Value {
        serde_json::from_str(&self.text(name)).unwrap()
    }

    /// Returns method and path of each request that the server has seen.
    pub(crate) fn seen(&self) -> Vec<String> {
        self.upstream.seen().iter().map(|seen| format!("{} {}", seen.method, seen.path)).collect()
    }

    /// Returns a header of the last request that the server has seen.
    pub(crate) fn last_header(&self, name: &str) -> Option<String> {
        let seen = self.upstream.seen();
        let header = seen.last()?.headers.iter().find(|(other, _)| other == name);
        header.map(|(_, value)| value.clone())
    }

    /// Returns the output of `toolcell test`.
    pub(crate) fn test(&self) -> String {
        self.run(&[])
    }

    /// Returns the output of `toolcell test --update`, which may reach the server.
    pub(crate) fn update(&self) -> String {
        self.run(&["--update", "--allow-loopback", &self.upstream.port().to_string()])
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> String {
        let mut command = Command::new(fixture::toolcell());
        command.args(["test", self.plugin]).args(arguments).current_dir(self.directory.path());
        let output = command.stdin(Stdio::null()).output().unwrap();
        let mut told = String::new();
        for stream in [&output.stdout, &output.stderr] {
            told.push_str(&String::from_utf8_lossy(stream));
        }
        let _ = writeln!(told, "[exit code {}]", output.status.code().unwrap());
        told
    }
}
