//! `toolcell serve` follows what was published.

use std::io::{BufRead as _, BufReader};
use std::process::Child;
use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use toolcell_host::digest::Digest;
use toolcell_tests::s3::BUCKET;
use toolcell_tests::{Client, Pipes, Revision};

use crate::publisher::{PREFIX, Publisher};

/// A server that is killed when this is dropped.
struct Server(Child);

impl Drop for Server {
    fn drop(&mut self) {
        // Both fail only where the process has ended by itself.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Serves the releases with other variables, and returns what the command says first and the server.
fn serve(publisher: &Publisher, variables: &[(&str, &str)]) -> (String, Server) {
    let line = "serve --bundle BUCKET --package package --listen 127.0.0.1:0";
    let mut server = Server(publisher.start_with(line, variables));
    let said = BufReader::new(server.0.stderr.take().unwrap()).lines().map_while(Result::ok);
    let is_first = |line: &String| line.starts_with("serving") || line.contains("no release to serve");
    let mut said = said.skip_while(|line| !is_first(line));
    (said.next().expect("it serves, or says why it does not"), server)
}

#[test]
fn a_local_server_finds_credentials_where_the_other_commands_do() {
    let publisher = Publisher::new();
    publisher.configure("one");
    publisher.publish("");
    publisher.write("package.toml", format!("[releases.keys.ci]\npublic = \"{}\"\n", publisher.public()));
    let built = publisher.run("build --config package.toml --out package");
    assert_eq!(built.code, 0, "{}", built.stderr);
    let [_, _, (_, key), (_, secret)] = publisher.server.variables();
    std::fs::create_dir(publisher.path(".aws")).unwrap();
    let credentials = format!("[one]\naws_access_key_id = {key}\naws_secret_access_key = {secret}\n");
    publisher.write(".aws/credentials", credentials);
    let printed = json!({"Version": 1, "AccessKeyId": key, "SecretAccessKey": secret});
    publisher.write("print.sh", format!("echo '{printed}'\n"));
    publisher.write(".aws/config", "[profile two]\ncredential_process = /bin/sh print.sh\n");
    let none = [("AWS_ACCESS_KEY_ID", ""), ("AWS_SECRET_ACCESS_KEY", "")];
    for profile in ["one", "two"] {
        let (said, _server) = serve(&publisher, &[none[0], none[1], ("AWS_PROFILE", profile)]);
        let (_, address) = said.rsplit_once("http://").unwrap_or_else(|| panic!("{profile}: {said}"));
        let address =
            address.strip_suffix("/mcp").and_then(|address| address.parse().ok()).expect("an address");
        let list = Client::new(address, Revision::Modern).ask("tools/list", json!({}));
        assert!(!list["tools"].as_array().unwrap().is_empty(), "{profile}: {list}");
    }
    let (said, _server) = serve(&publisher, &none);
    assert!(said.contains("no release to serve"), "{said}");
}

/// A token of the tests alone.
const TOKEN: &str = "tct_published-alice-0123456789abcdefghijklmnopqrs";

/// The longest wait until a release is served, with checks a second apart.
const PATIENCE: Duration = Duration::from_secs(60);

/// Builds the package of a server whose callers need a token, and that looks for a release each second.
fn guarded_package(publisher: &Publisher) {
    let (digest, key) = (Digest::of(TOKEN.as_bytes()), publisher.public());
    let package = format!(
        "[releases]\ncheck = \"1 s\"\n[releases.keys.ci]\npublic = \"{key}\"\n\
         [auth.bearer.principals.alice]\ntokens = [\"sha256:{digest}\"]\n"
    );
    publisher.write("package.toml", package);
    let built = publisher.run("build --config package.toml --out package");
    assert_eq!(built.code, 0, "{}", built.stderr);
}

/// Starts the server that follows the bucket, as a client with this token does.
fn on_pipes(publisher: &Publisher, token: &str) -> Pipes {
    let location = format!("s3://{BUCKET}/{PREFIX}");
    let variables = publisher.server.variables().into_iter().chain([("TOOLCELL_TOKEN", token.to_owned())]);
    let variables: Vec<_> = variables.collect();
    Pipes::start(&publisher.path(""), &["--bundle", &location, "--package", "package"], &variables)
}

/// Asks in the newest revision for the instructions of the release that is served.
fn instructions(server: &mut Pipes) -> Value {
    let meta = json!({
        "io.modelcontextprotocol/protocolVersion": Revision::Modern.name(),
        "io.modelcontextprotocol/clientCapabilities": {}
    });
    let params = json!({ "_meta": meta });
    server.ask(&json!({"jsonrpc": "2.0", "id": "d", "method": "server/discover", "params": params}))
}

/// Waits until the release with these instructions is served.
fn serves(server: &mut Pipes, expected: &str) {
    let start = Instant::now();
    loop {
        let answer = instructions(server);
        if answer["result"]["instructions"] == expected {
            return;
        }
        assert!(start.elapsed() < PATIENCE, "{expected} is not served: {answer}");
        thread::sleep(Duration::from_millis(100));
    }
}

#[test]
fn a_client_of_the_pipes_stays_who_it_is_while_releases_change() {
    let publisher = Publisher::new();
    guarded_package(&publisher);
    publisher.configure("one");
    publisher.publish("");
    let mut server = on_pipes(&publisher, TOKEN);
    // What a handshake has settled outlives the release in which it was made.
    server.shake_hands(Revision::November2025);
    serves(&mut server, "one");
    publisher.configure("two");
    publisher.publish("");
    serves(&mut server, "two");
    let plain = json!({"jsonrpc": "2.0", "id": 7, "method": "tools/list"});
    let list = server.ask(&plain);
    assert!(list["result"]["tools"].is_array() && list["result"]["resultType"].is_null(), "{list}");
    let tool = list["result"]["tools"][0]["name"].clone();
    let call =
        json!({"jsonrpc": "2.0", "id": 8, "method": "tools/call", "params": {"name": tool, "arguments": {}}});
    let called = server.ask(&call);
    assert!(called["result"].is_object() || called["error"].is_object(), "{called}");
    let ended = server.close();
    assert_eq!(ended.status.code(), Some(0), "{}", ended.said);
    assert!(ended.said.contains("\"principal\":\"alice\""), "{}", ended.said);
    assert!(!ended.said.contains(TOKEN), "{}", ended.said);
}

#[test]
fn a_client_of_the_pipes_without_a_token_of_the_package_is_refused_whatever_a_release_says() {
    let publisher = Publisher::new();
    guarded_package(&publisher);
    publisher.configure("one");
    publisher.publish("");
    for (token, says) in
        [("", "TOOLCELL_TOKEN: is not set"), ("tct_of-nobody", "TOOLCELL_TOKEN: is not admitted")]
    {
        let ended = on_pipes(&publisher, token).close();
        assert_eq!((ended.status.code(), &ended.rest), (Some(3), &vec![]), "{token}: {}", ended.said);
        assert!(ended.said.contains(says), "{token}: {}", ended.said);
    }
}

#[test]
fn a_client_of_the_pipes_that_comes_before_the_first_release_gets_it_later() {
    let publisher = Publisher::new();
    guarded_package(&publisher);
    let mut server = on_pipes(&publisher, TOKEN);
    let nothing = instructions(&mut server);
    assert_eq!((&nothing["id"], &nothing["error"]["code"]), (&json!("d"), &json!(-32603)), "{nothing}");
    publisher.configure("one");
    publisher.publish("");
    serves(&mut server, "one");
    let ended = server.close();
    assert_eq!(ended.status.code(), Some(0), "{}", ended.said);
    assert!(ended.said.contains("no release to serve"), "{}", ended.said);
}
