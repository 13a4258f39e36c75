//! `toolcell serve` follows what was published.

use std::io::{BufRead as _, BufReader};
use std::process::Child;

use serde_json::json;
use toolcell_tests::{Client, Revision};

use crate::publisher::Publisher;

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
