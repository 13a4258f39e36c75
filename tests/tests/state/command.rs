//! `toolcell call`, `serve` and `state` in a project: state survives a restart, and a second process is told.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::time::Duration;

use serde_json::Value;
use tempfile::TempDir;
use toolcell_host::clock::Clock;
use toolcell_host::digest::Digest;
use toolcell_host::state_store::{Condition, DynamoDb, Put, Quota, StateStore as _, Value as Stored, bucket};
use toolcell_tests::dynalite::TABLE;
use toolcell_tests::{Client, Dynalite, Revision, fixture};

use super::keeper::plugin;

const TOKEN: &str = "tct_canary-ann-0123456789abcdefghijklmnopqrstuvw";

/// A project with the fixture `keeper`, and ann as its caller.
fn project() -> TempDir {
    let directory = tempfile::tempdir().unwrap();
    let buckets = "own = { scope = \"caller\" }\nshared = { scope = \"plugin\" }";
    let digest = Digest::of(TOKEN.as_bytes());
    let config = format!(
        "{}\n[auth.bearer.principals.ann]\ntokens = [\"sha256:{digest}\"]\nscopes = []\n",
        plugin("a", "", buckets)
    );
    std::fs::write(directory.path().join("toolcell.toml"), config).unwrap();
    directory
}

fn toolcell(project: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(fixture::toolcell());
    command.args(arguments).current_dir(project).env_remove("TOOLCELL_STATE_TABLE");
    command
}

fn run(project: &Path, arguments: &[&str]) -> Output {
    toolcell(project, arguments).output().unwrap()
}

fn stdout(output: &Output) -> String {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout.clone()).unwrap()
}

/// A running `toolcell serve`.
struct Serving {
    child: Child,
    client: Client,
}

impl Serving {
    fn start(project: &Path) -> Self {
        Self::of(toolcell(project, &["serve", "--listen", "127.0.0.1:0"]))
    }

    fn of(mut command: Command) -> Self {
        let mut child = command.stderr(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap();
        let mut lines = BufReader::new(child.stderr.take().unwrap()).lines().map_while(Result::ok);
        let port = lines.find_map(|line| {
            let (_, rest) = line.split_once("http://127.0.0.1:")?;
            rest.split('/').next()?.parse::<u16>().ok()
        });
        // It must be able to write on.
        std::thread::spawn(move || lines.for_each(drop));
        let address = ([127, 0, 0, 1], port.expect("it tells its port")).into();
        Self { child, client: Client::new(address, Revision::Modern) }
    }

    /// Calls the tool as ann.
    fn call(&self, bucket: &str, steps: Value) -> Value {
        let params = serde_json::json!({"name": "a-run", "arguments": {"bucket": bucket, "steps": steps}});
        let request = self.client.request("tools/call", params);
        let request = request.header("authorization", &format!("Bearer {TOKEN}"));
        let answer = request.send(self.client.address()).json();
        answer["result"]["structuredContent"]["result"].clone()
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn state_survives_a_kill_and_the_command_lists_exports_and_deletes_it() {
    let project = project();
    let project = project.path();
    assert_eq!(stdout(&run(project, &["state", "list", "--json"])), "[]\n", "no file is made");
    assert!(!project.join(".toolcell").exists());
    let serving = Serving::start(project);
    let done = serde_json::json!(["done"]);
    assert_eq!(serving.call("own", serde_json::json!([{"set": ["a", "mine"]}])), done);
    assert_eq!(serving.call("shared", serde_json::json!([{"set": ["b", "ours"]}])), done);
    let second = run(project, &["serve", "--listen", "127.0.0.1:0"]);
    let text = String::from_utf8_lossy(&second.stderr);
    assert!(!second.status.success() && text.contains("state.redb") && text.contains("is in use"), "{text}");
    drop(serving); // killed
    let serving = Serving::start(project);
    assert_eq!(serving.call("own", serde_json::json!([{"get": "a"}])), serde_json::json!(["\"mine\""]));
    drop(serving);
    assert_eq!(std::fs::read_to_string(project.join(".toolcell/.gitignore")).unwrap(), "*\n");

    let listed: Value = serde_json::from_str(&stdout(&run(project, &["state", "list", "--json"]))).unwrap();
    assert_eq!(listed.as_array().unwrap().len(), 2, "{listed}");
    let text = stdout(&run(project, &["state", "list"]));
    assert!(text.contains("a  shared  all callers  1 key, 5 B") && !text.contains("ann"), "{text}");
    let exported = stdout(&run(project, &["state", "export", "--caller", "ann"]));
    let entry: Value = serde_json::from_str(&exported).unwrap();
    assert_eq!((&entry["key"], &entry["text"]), (&"a".into(), &"mine".into()), "{entry}");
    assert_eq!(stdout(&run(project, &["state", "export", "--caller", "bob"])), "");
    let deleted = run(project, &["state", "delete", "--caller", "ann"]);
    let text = String::from_utf8_lossy(&deleted.stderr);
    assert!(text.contains("deleted 1 key from ") && text.contains("state.redb"), "{text}");
    let exported = stdout(&run(project, &["state", "export"]));
    assert!(exported.contains("\"ours\"") && !exported.contains("mine"), "{exported}");
}

#[test]
fn a_full_disk_is_forgotten_once_there_is_room_again() {
    let project = project();
    let project = project.path();
    let config = std::fs::read_to_string(project.join("toolcell.toml")).unwrap();
    let config = config.replace("{ scope = \"plugin\" }", "{ scope = \"plugin\", size = \"64 MiB\" }");
    std::fs::write(project.join("toolcell.toml"), config).unwrap();
    // The largest file that the process may write, in KiB; without the signal, a write beyond fails.
    let mut limited = Command::new("bash");
    limited.args(["-c", "trap '' XFSZ; ulimit -S -f 4096; exec \"$0\" \"$@\""]).arg(fixture::toolcell());
    limited
        .args(["serve", "--listen", "127.0.0.1:0"])
        .current_dir(project)
        .env_remove("TOOLCELL_STATE_TABLE");
    let serving = Serving::of(limited);
    let text = "x".repeat(200 << 10);
    let done = serde_json::json!(["done"]);
    let put =
        |key: usize| serving.call("shared", serde_json::json!([{"set": [key.to_string(), text]}])) == done;
    assert!(put(0));
    let failed = (1..100).find(|key| !put(*key)).expect("the disk is full at last");
    let pid = serving.child.id().to_string();
    let raised = Command::new("prlimit").args(["--pid", &pid, "--fsize=unlimited"]).status().unwrap();
    assert!(raised.success());
    assert!(put(failed), "there is room again");
    let kept = serving.call("shared", serde_json::json!([{"get": "0"}]));
    assert_eq!(kept, serde_json::json!(["204800 bytes"]));
}

#[test]
fn the_command_deletes_what_a_plugin_keeps_for_all_callers_or_in_one_bucket() {
    let project = project();
    let project = project.path();
    let serving = Serving::start(project);
    for bucket in ["own", "shared"] {
        serving.call(bucket, serde_json::json!([{"set": ["a", "x"]}, {"set": ["b", "y"]}]));
    }
    drop(serving);
    assert!(!run(project, &["state", "delete"]).status.success(), "everything is deleted by nobody's slip");
    assert!(!run(project, &["state", "delete", "--bucket", "own"]).status.success());
    let deleted = |arguments: &[&str]| {
        let output = run(project, &[&["state", "delete"], arguments].concat());
        stdout(&output);
        let text = String::from_utf8(output.stderr).unwrap();
        text.split(" from ").next().unwrap().to_owned()
    };
    assert_eq!(deleted(&["--plugin", "b"]), "deleted 0 keys");
    assert_eq!(deleted(&["--plugin", "a", "--bucket", "own", "--caller", "bob"]), "deleted 0 keys");
    assert_eq!(deleted(&["--plugin", "a", "--bucket", "own"]), "deleted 2 keys");
    assert_eq!(stdout(&run(project, &["state", "list", "--plugin", "b"])), "");
    let listed = stdout(&run(project, &["state", "list", "--plugin", "a"]));
    assert_eq!(listed.lines().count(), 1, "{listed}");
    assert_eq!(deleted(&["--plugin", "a"]), "deleted 2 keys");
}

#[test]
fn a_variable_puts_a_table_in_the_place_of_the_file() {
    let (project, server) = (project(), Dynalite::start());
    let call = |steps: &str| {
        let arguments = format!("{{\"bucket\": \"shared\", \"steps\": {steps}}}");
        let mut command = toolcell(project.path(), &["call", "a-run", "--args", &arguments]);
        command.envs(server.variables());
        stdout(&command.output().unwrap())
    };
    assert!(call(r#"[{"set": ["a", "x"]}, {"increment": ["n", 2]}]"#).contains("done"));
    let found = call(r#"[{"get": "a"}, {"increment": ["n", 2]}, "keys"]"#);
    assert!(found.contains("x") && found.contains('4') && found.contains("a n"), "{found}");
    assert!(!project.path().join(".toolcell").exists());
}

#[test]
fn the_command_lists_exports_and_deletes_what_a_table_holds() {
    let (project, server) = (project(), Dynalite::start());
    let project = project.path();
    std::fs::create_dir(project.join(".aws")).unwrap();
    let with_table = |arguments: &[&str], variables: &[&str]| {
        let mut command = toolcell(project, arguments);
        command.env("HOME", project).env_remove("AWS_ACCESS_KEY_ID").env_remove("AWS_SECRET_ACCESS_KEY");
        command.envs(server.variables().into_iter().filter(|(name, _)| variables.contains(name)));
        command
    };
    let every = [
        "TOOLCELL_STATE_TABLE",
        "AWS_REGION",
        "AWS_ENDPOINT_URL_DYNAMODB",
        "AWS_ACCESS_KEY_ID",
        "AWS_SECRET_ACCESS_KEY",
    ];
    for (caller, bucket, key) in [("ann", "own", "mine"), ("", "shared", "ours")] {
        let serving = Serving::of(with_table(&["serve", "--listen", "127.0.0.1:0"], &every));
        let steps = serde_json::json!([{"set": [key, key]}, {"set": ["\u{fffe}", "odd"]}]);
        assert_eq!(serving.call(bucket, steps), serde_json::json!(["done", "done"]), "{caller}");
    }
    // A profile has the credentials, and toolcell.toml the name of the table.
    let [.., (_, key), (_, secret)] = &server.variables()[..] else { panic!("five variables") };
    let profile = format!("[default]\naws_access_key_id = {key}\naws_secret_access_key = {secret}\n");
    std::fs::write(project.join(".aws/credentials"), profile).unwrap();
    let config = std::fs::read_to_string(project.join("toolcell.toml")).unwrap();
    let state = |arguments: &[&str]| {
        let arguments = [&["state"], arguments].concat();
        with_table(&arguments, &every[1..3]).output().unwrap()
    };
    let unnamed = state(&["list", "--table"]);
    let said = String::from_utf8_lossy(&unnamed.stderr);
    assert!(!unnamed.status.success() && said.contains("`[state] table`"), "{said}");
    std::fs::write(project.join("toolcell.toml"), format!("{config}[state]\ntable = \"{TABLE}\"\n")).unwrap();
    assert_eq!(stdout(&state(&["list", "--json"])), "[]\n", "without --table, the file");
    let listed = stdout(&state(&["list", "--table"]));
    assert!(listed.contains("a  shared  all callers  2 keys, 14 B") && !listed.contains("ann"), "{listed}");
    assert_eq!(stdout(&state(&["list", &format!("--table={TABLE}")])), listed);
    let exported = stdout(&state(&["export", "--table", "--caller", "ann"]));
    let entries: Vec<Value> = exported.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!((entries.len(), &entries[0]["text"]), (2, &"mine".into()));
    assert_eq!(entries[1]["key"], "\u{fffe}");
    let deleted = state(&["delete", "--table", "--caller", "ann"]);
    assert!(String::from_utf8_lossy(&deleted.stderr).contains("deleted 2 keys"), "{deleted:?}");
    let exported = stdout(&state(&["export", "--table"]));
    assert!(exported.contains("ours") && !exported.contains("mine"), "{exported}");
    let with_variable = |arguments: &[&str]| {
        let mut command = with_table(&[&["state"], arguments].concat(), &every[1..3]);
        command.env("TOOLCELL_STATE_TABLE", "of-a-variable").output().unwrap()
    };
    let named = with_variable(&["list", "--table"]);
    let said = String::from_utf8_lossy(&named.stderr);
    assert!(said.contains("table of-a-variable"), "the variable comes before toolcell.toml: {said}");
    assert!(
        stdout(&with_variable(&["list", &format!("--table={TABLE}")])).contains("2 keys"),
        "and NAME first"
    );
    let wrong = state(&["list", "--table=no-such-table"]);
    let said = String::from_utf8_lossy(&wrong.stderr);
    assert!(!wrong.status.success() && said.contains("no such table"), "{said}");
}

/// Puts values of 200 KiB under these keys into a bucket of `notes` that belongs to a caller.
fn fill(store: &DynamoDb, caller: bucket::Caller<'_>, keys: &[&str]) {
    fill_for(store, caller, keys, None);
}

fn fill_for(store: &DynamoDb, caller: bucket::Caller<'_>, keys: &[&str], ttl_ms: Option<u64>) {
    let owner = bucket::Owner::Caller(caller);
    let bucket = bucket::Bucket { plugin: "notes", source: "acme-notes", bucket: "own" };
    let partition = bucket.partition(owner, Some(Quota { bytes: 10 << 20, keys: 100 }));
    let value = Stored::of(vec![b'x'; 200 << 10]);
    super::keeper::runtime().block_on(async {
        for key in keys {
            let put = Put { value: value.clone(), condition: Condition::Always, ttl_ms };
            store.put(&partition, key, put).await.unwrap();
        }
    });
}

#[test]
fn every_kind_of_caller_is_found_in_a_table_of_many_pages() {
    let (project, server) = (project(), Dynalite::start());
    let store = server.store(Clock::system());
    let (issuer, role) = ("https://login.example/tenant", "arn:aws:iam::123456789012:role/ann");
    let many: Vec<String> = (0..12).map(|number| format!("{number:02}")).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    let oauth = |subject| bucket::Caller { kind: "oauth", issuer, subject };
    fill(&store, oauth("ann#1"), &many); // three pages
    fill(&store, oauth("ann"), &["other"]);
    fill(
        &store,
        bucket::Caller { kind: "oauth", issuer: "https://login.example", subject: "ann#1" },
        &["else"],
    );
    fill(&store, bucket::Caller { kind: "iam", issuer: "", subject: role }, &["of-role"]);
    fill(&store, bucket::Caller { kind: "bearer", issuer: "", subject: "ann" }, &["of-token"]);
    let state = |arguments: &[&str]| {
        let mut command = toolcell(project.path(), &[&["state"], arguments].concat());
        command.envs(server.variables()).output().unwrap()
    };
    let keys = |caller: Option<&str>| {
        let caller = caller.map(|caller| format!("--caller={caller}"));
        let exported = stdout(&state(&[&["export", "--table"][..], caller.as_deref().as_slice()].concat()));
        let key = |line: &str| {
            let entry: Value = serde_json::from_str(line).unwrap();
            assert_eq!(entry["text"].as_str().unwrap().len(), 200 << 10);
            entry["key"].as_str().unwrap().to_owned()
        };
        exported.lines().map(key).collect::<Vec<_>>()
    };
    assert_eq!(keys(None).len(), 16);
    let ann = format!("{issuer}#ann#1");
    for (caller, expected) in [
        (ann.as_str(), &many[..]),
        ("https://login.example/tenant#ann", &["other"]),
        ("https://login.example#ann#1", &["else"]),
        (role, &["of-role"]),
        ("ann", &["of-token"]),
        ("https://login.example/tenant", &[]),
        ("ann#1", &[]),
    ] {
        assert_eq!(keys(Some(caller)), expected, "{caller}");
    }
    let listed: Value = serde_json::from_str(&stdout(&state(&["list", "--table", "--json"]))).unwrap();
    let counts: Vec<_> =
        listed.as_array().unwrap().iter().map(|held| held["keys"].as_u64().unwrap()).collect();
    assert_eq!((counts.len(), counts.iter().sum::<u64>()), (5, 16), "{listed}");
    let deleted = state(&["delete", "--table", "--caller", &ann]);
    assert!(String::from_utf8_lossy(&deleted.stderr).contains("deleted 12 keys"), "{deleted:?}");
    assert_eq!((keys(Some(&ann)).len(), keys(None).len()), (0, 4));
}

#[test]
fn what_has_ended_is_not_shown_and_is_deleted() {
    let (project, server) = (project(), Dynalite::start());
    let store = server.store(Clock::new(|| std::time::UNIX_EPOCH + Duration::from_secs(1_000_000_000)));
    let ann = bucket::Caller { kind: "bearer", issuer: "", subject: "ann" };
    fill_for(&store, ann, &["a", "b"], Some(1_000));
    let state = |arguments: &[&str]| {
        let mut command = toolcell(project.path(), &[&["state"], arguments].concat());
        command.envs(server.variables()).output().unwrap()
    };
    assert_eq!(stdout(&state(&["list", "--table", "--json"])), "[]\n");
    assert_eq!(stdout(&state(&["export", "--table"])), "");
    let delete = ["delete", "--table", "--caller=ann"];
    for expected in ["deleted 2 keys", "deleted 0 keys"] {
        let said = state(&delete);
        assert!(String::from_utf8_lossy(&said.stderr).contains(expected), "{said:?}");
    }
}
