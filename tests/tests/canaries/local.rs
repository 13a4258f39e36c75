//! `toolcell serve` as a process, with `secrets.toml`, against a server over TLS that repeats what it gets; and the other
//! commands in the same folder.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use serde_json::{Value, json};
use toolcell_host::digest::Digest;
use toolcell_tests::http::Request;
use toolcell_tests::program::{Serving, toolcell};
use toolcell_tests::{Called, Client, Upstream, fixture};

use super::sweep::Sweep;

/// The plugin's manifest, with a golden case beside it.
const MANIFEST: &str = "name = \"outbound\"\ncomponent = \"outbound.wasm\"\nwit = \"WIT\"\n";

/// A project with a plugin whose rules add secrets, and where these are.
struct Project {
    folder: tempfile::TempDir,
    upstream: Upstream,
    variables: Vec<(&'static str, String)>,
    token: String,
}

/// A rule that adds a secret: its path, the lines of `secret`, and the secret.
struct Way {
    path: &'static str,
    secret: &'static str,
    canary: String,
}

pub(crate) fn play(sweep: &mut Sweep) {
    let ways = ways(sweep);
    let project = Project::new(sweep, &ways);
    let serving = Serving::start(
        project.path(),
        &["--allow-loopback", &project.upstream.port().to_string(), "--log-level", "trace"],
        &project.variables,
    );
    for way in &ways {
        project.send(sweep, &serving.client(), way);
    }
    project.refused(sweep, &serving.client());
    sweep.heard("toolcell serve", serving.end());
    project.commands(sweep);
}

fn ways(sweep: &mut Sweep) -> Vec<Way> {
    let mut way = |path, secret, what: &str| Way { path, secret, canary: sweep.plant(what) };
    vec![
        way("/header/", "header = \"x-api-key\", from = \"file\"", "a header, from secrets.toml"),
        way(
            "/format/",
            "header = \"authorization\", format = \"Bearer {}\", from = \"variable\"",
            "a header with a format",
        ),
        way(
            "/cookie/",
            "header = \"cookie\", format = \"a=b; session={}; c=d\", from = \"cookie\"",
            "a cookie of a request",
        ),
        way("/field/", "header = \"x-key\", from = \"field\"", "a header, from a field of a variable"),
        way("/query/", "query = \"key\", from = \"query\"", "a parameter of a request"),
    ]
}

impl Project {
    fn new(sweep: &mut Sweep, ways: &[Way]) -> Self {
        let (folder, upstream) = (tempfile::tempdir().unwrap(), Upstream::start());
        let plugin = folder.path().join("outbound");
        fs::create_dir_all(plugin.join("cases")).unwrap();
        fs::copy(fixture::component("outbound"), plugin.join("outbound.wasm")).unwrap();
        let wit = fixture::root().join("tests/fixtures/outbound/wit");
        let manifest = MANIFEST.replace("WIT", &wit.display().to_string());
        fs::write(plugin.join("plugin.toml"), manifest).unwrap();
        let case = json!({"tool": "forget", "arguments": {"request": {"authority": "nowhere.example"}}});
        fs::write(plugin.join("cases/case.json"), case.to_string()).unwrap();
        let token = sweep.plant("a token of a caller of serve");
        let config = config(&upstream, ways, &token);
        fs::write(folder.path().join("toolcell.toml"), &config).unwrap();
        let broken = config.replace("from = \"file\"", "from = \"broken\"");
        fs::write(folder.path().join("broken.toml"), broken).unwrap();
        let (whole, broken) =
            (sweep.plant("a key of the plugin's configuration"), sweep.plant("a secret with a line break"));
        let file =
            format!("file = \"{}\"\nwhole = \"{whole}\"\nbroken = \"{broken}\\nx: y\"\n", ways[0].canary);
        fs::write(folder.path().join("secrets.toml"), file).unwrap();
        fs::set_permissions(folder.path().join("secrets.toml"), fs::Permissions::from_mode(0o600)).unwrap();
        let document = json!({"key": ways[3].canary}).to_string();
        let variables = vec![
            ("VARIABLE", ways[1].canary.clone()),
            ("COOKIE", ways[2].canary.clone()),
            ("DOCUMENT", document),
            ("QUERY", ways[4].canary.clone()),
            ("TOOLCELL_STATE_KEYS", sweep.plant("a state key of serve")),
        ];
        Self { folder, upstream, variables, token }
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Calls a tool as the only caller, and keeps the answer.
    fn call(
        &self,
        sweep: &mut Sweep,
        client: &Client,
        tool: &str,
        path: &str,
        backwards: Option<&str>,
    ) -> Called {
        let mut arguments = json!({"request": {"authority": self.upstream.authority(), "path": path}});
        if let Some(backwards) = backwards {
            arguments["backwards"] = json!(backwards);
        }
        let request: Request = client.call_request(tool, &arguments);
        let answer =
            request.header("authorization", &format!("Bearer {}", self.token)).send(client.address());
        let body = answer.json();
        if !path.ends_with("?body") {
            sweep.heard(&format!("the answer to {tool} {path}"), body.to_string());
        }
        Called::read(&body["result"])
    }

    /// Sends a request with its secret, which arrives, is in no answer, and not in the memory of the plugin.
    fn send(&self, sweep: &mut Sweep, client: &Client, Way { path, canary, .. }: &Way) {
        let echo = format!("{path}echo");
        let called = self.call(sweep, client, "send", &echo, None);
        assert!(!called.is_error, "{path}: {called:?}");
        let seen = self.upstream.seen().pop().unwrap();
        let arrived =
            seen.path.contains(canary) || seen.headers.iter().any(|(_, value)| value.contains(canary));
        assert!(arrived, "{path}: {seen:?}");
        let backwards: String = canary.chars().rev().collect();
        let found = |sweep: &mut Sweep, path: &str| {
            let called = self.call(sweep, client, "search", path, Some(&backwards));
            called.structured.and_then(|value| value["result"].as_u64()).unwrap()
        };
        assert_eq!(found(sweep, &echo), 0, "{path}: the secret is in the memory of the plugin");
        assert_ne!(
            found(sweep, &format!("{echo}?body")),
            0,
            "{path}: a body that repeats it goes to the plugin"
        );
    }

    /// Sends a request that takes the place of its secret.
    fn refused(&self, sweep: &mut Sweep, client: &Client) {
        let sent = self.upstream.seen().len();
        let called = self.call(sweep, client, "send", "/query/echo?KEY=own", None);
        assert!(called.is_error, "{called:?}");
        assert_eq!(self.upstream.seen().len(), sent);
    }

    /// Runs the other commands where the secrets are.
    fn commands(&self, sweep: &mut Sweep) {
        let arguments = json!({"request": {"authority": "nowhere.example"}}).to_string();
        let commands: [(&[&str], Option<bool>); 9] = [
            (&["build", "--out", "bundle"], Some(true)),
            (&["inspect", "bundle"], Some(true)),
            (&["inspect", "bundle", "--json"], Some(true)),
            (&["inspect", "outbound"], Some(true)),
            (&["check", "outbound"], Some(false)), // finds that the plugin does not say what it needs
            (&["doctor"], None),                   // what it finds depends on the machine
            (&["test", "outbound", "--update"], Some(true)),
            (&["call", "forget", "--args", &arguments], Some(true)),
            (&["serve", "--config", "broken.toml", "--listen", "127.0.0.1:0"], Some(false)),
        ];
        for (arguments, succeeds) in commands {
            let output = toolcell(self.path(), arguments, &self.variables).output().unwrap();
            let said = String::from_utf8_lossy(&output.stderr);
            let ended = Some(output.status.success());
            assert!(succeeds.is_none() || ended == succeeds, "{arguments:?}: {said}");
            sweep.said(&arguments.join(" "), &output);
        }
        let case: Value =
            serde_json::from_slice(&fs::read(self.path().join("outbound/cases/case.json")).unwrap()).unwrap();
        assert!(case.get("expect").is_some(), "the case was written: {case}");
        fs::remove_file(self.path().join("secrets.toml")).unwrap();
        sweep.found_in(self.path());
    }
}

fn config(upstream: &Upstream, ways: &[Way], token: &str) -> String {
    let rule = |path: &str, secret: &str| {
        let host = format!("host = \"localhost\"\nport = {}\npaths = [\"{path}\"]", upstream.port());
        format!("[[plugins.outbound.grants.http]]\n{host}\nsecret = {{ {secret} }}\n")
    };
    let rules: String = ways.iter().map(|way| rule(way.path, way.secret)).collect();
    format!(
        "[plugins.outbound]\nsource = \"outbound\"\n{rules}[plugins.outbound.grants.secrets]\nwhole = \"whole\"\n\
         [secrets]\nfile.environment = \"FILE\"\nwhole.environment = \"WHOLE\"\nbroken.environment = \"BROKEN\"\n\
         variable.environment = \"VARIABLE\"\ncookie.environment = \"COOKIE\"\n\
         field = {{ environment = \"DOCUMENT\", field = \"key\" }}\nquery.environment = \"QUERY\"\n{}\
         [auth.bearer.principals.alice]\ntokens = [\"sha256:{}\"]\nscopes = []\n",
        upstream.network(),
        Digest::of(token.as_bytes())
    )
}
