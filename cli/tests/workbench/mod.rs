//! The workbench over plain HTTP: who gets it, and who does not.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::process::Command;

use serde_json::{Value, json};

use super::{Bench, Dev, LONGEST_WAIT, edit, path, plugin};

/// The headers of the page's own requests, but for the token.
const OWN: &str = "host: localhost:{port}\r\norigin: http://localhost:{port}\r\nsec-fetch-site: same-origin\r\n\
                   content-type: application/json\r\nx-toolcell-token: {token}\r\n";

fn start(bench: &Bench, arguments: &[&str]) -> Dev {
    plugin(bench, "words", &["count"]);
    bench.write("toolcell.toml", "[plugins.words]\nsource = \"words\"\n");
    let dev = Dev::start_with(bench, &path(), arguments);
    dev.lists(&["count"]);
    dev
}

impl Dev {
    fn send(&self, line: &str, head: &str, body: &str) -> TcpStream {
        let mut stream = TcpStream::connect(self.address).unwrap();
        stream.set_read_timeout(Some(LONGEST_WAIT)).unwrap();
        let head = head.replace("{port}", &self.address.port().to_string());
        let length = body.len();
        write!(
            stream,
            "{line} HTTP/1.1\r\n{head}content-length: {length}\r\nconnection: close\r\n\r\n{body}"
        )
        .unwrap();
        stream
    }

    fn answer(&self, line: &str, head: &str) -> String {
        let mut answer = String::new();
        self.send(line, head, "{}").read_to_string(&mut answer).unwrap();
        answer
    }

    fn status(&self, line: &str, head: &str) -> String {
        self.answer(line, head).split(' ').nth(1).unwrap_or_default().to_owned()
    }

    /// Returns the state that the page fetches after each change.
    fn state(&self) -> Value {
        let answer = self.answer("POST /dev/state", &OWN.replace("{token}", &self.token()));
        let (_, body) = answer.split_once("\r\n\r\n").unwrap();
        serde_json::from_str(body).unwrap_or_else(|error| panic!("{error}: {answer}"))
    }

    /// Returns the token that the page holds.
    fn token(&self) -> String {
        let page = self.answer("GET /dev", "host: localhost:{port}\r\n");
        let (_, token) = page.split_once("name=\"toolcell-token\" content=\"").unwrap();
        token.split('"').next().unwrap().to_owned()
    }
}

#[test]
fn the_workbench_answers_its_own_page_and_nobody_else() {
    let bench = Bench::new();
    let dev = start(&bench, &["--listen", "127.0.0.1:0"]);
    let token = dev.token();
    assert_eq!(token.len(), 64, "{token}");
    let own = OWN.replace("{token}", &token);
    assert_eq!(dev.status("POST /dev/state", &own), "200");
    assert_eq!(dev.status("POST /dev/else", &own), "404");
    assert_eq!(dev.status("PUT /dev/state", &own), "405");
    assert_eq!(dev.status("OPTIONS /dev/state", &own), "405");

    let host = "host: localhost:{port}\r\n";
    let origin = "origin: http://localhost:{port}\r\n";
    let refused = [
        // Another page of this machine, another site, a page without an origin, none, two.
        (origin, "origin: http://localhost:1\r\n"),
        (origin, "origin: http://127.0.0.1:{port}\r\n"),
        (origin, "origin: https://localhost:{port}\r\n"),
        (origin, "origin: https://evil.example\r\n"),
        (origin, "origin: null\r\n"),
        (origin, ""),
        (origin, "origin: http://localhost:{port}\r\norigin: http://localhost:{port}\r\n"),
        // A name that was bent to this machine, none, two.
        (host, "host: evil.example:{port}\r\n"),
        (host, "host: localhost.evil.example:{port}\r\n"),
        (host, ""),
        (host, "host: localhost:{port}\r\nhost: localhost:{port}\r\n"),
        // What a browser says.
        ("same-origin", "cross-site"),
        ("same-origin", "same-site"),
        ("same-origin", "none"),
        ("same-origin", "same-origin\r\nsec-fetch-site: same-origin"),
        // Whoever has not read the page.
        (token.as_str(), ""),
        (token.as_str(), &"0".repeat(64)),
        (&format!("x-toolcell-token: {token}\r\n"), ""),
    ];
    for (from, to) in refused {
        let head = own.replace(from, to);
        assert_ne!(head, own, "{from}");
        for path in ["/dev/state", "/dev/events", "/dev/cases"] {
            let status = dev.status(&format!("POST {path}"), &head);
            assert!(matches!(&*status, "403" | "400"), "{path}: {status} to\n{head}");
        }
    }
    let typed = own.replace("application/json", "text/plain");
    assert_eq!(dev.status("POST /dev/cases", &typed), "415", "what a form of another page can send");
    let head = own.replace(host, "");
    let line = format!("POST http://localhost:{}/dev/state", dev.address.port());
    assert_eq!(dev.status(&line, &format!("{host}{head}")), "403", "what a proxy is sent");
}

#[test]
fn the_page_is_read_by_its_address_alone_and_says_what_it_may_do() {
    let bench = Bench::new();
    let dev = start(&bench, &["--listen", "127.0.0.1:0"]);
    let host = "host: 127.0.0.1:{port}\r\n";
    for path in ["/dev", "/dev/app.js", "/dev/style.css", "/dev/nothing"] {
        let answer = dev.answer(&format!("GET {path}"), host).to_ascii_lowercase();
        let (head, _) = answer.split_once("\r\n\r\n").unwrap();
        for header in [
            "content-security-policy: default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; \
             frame-ancestors 'none'; base-uri 'none'; form-action 'none'\r\n",
            "x-content-type-options: nosniff\r\n",
            "cross-origin-resource-policy: same-origin\r\n",
            "cross-origin-opener-policy: same-origin\r\n",
            "permissions-policy: camera=(), geolocation=(), microphone=()\r\n",
            "referrer-policy: no-referrer\r\n",
            "cache-control: no-store\r\n",
        ] {
            assert!(head.contains(header), "{path}: {header} in\n{head}");
        }
        assert!(!head.contains("access-control-"), "{head}");
    }
    for (others, status) in [
        ("", "200"),
        ("sec-fetch-site: none\r\n", "200"),
        ("sec-fetch-site: same-origin\r\n", "200"),
        ("sec-fetch-site: cross-site\r\n", "403"),
        ("sec-fetch-site: same-site\r\n", "403"),
        ("origin: http://localhost:1\r\n", "403"),
        ("origin: http://127.0.0.1:{port}\r\n", "200"),
    ] {
        assert_eq!(dev.status("GET /dev", &format!("{host}{others}")), status, "{others}");
    }
    assert_eq!(dev.status("GET /dev", "host: evil.example\r\n"), "403");
    assert_ne!(
        dev.token(),
        start(&Bench::new(), &["--listen", "127.0.0.1:0"]).token(),
        "each start has its own"
    );
}

#[test]
fn the_workbench_streams_what_happens() {
    let bench = Bench::new();
    let dev = start(&bench, &["--listen", "127.0.0.1:0"]);
    let own = OWN.replace("{token}", &dev.token());
    let mut stream = dev.send("POST /dev/events", &own, "{\"after\":0}");
    edit(&bench, "words", &["count", "sort"]);
    let mut text = String::new();
    while !text.contains("2 tools; tools/list changed: +sort") {
        let mut piece = [0; 4096];
        let read = stream.read(&mut piece).unwrap();
        assert_ne!(read, 0, "the stream ends after:\n{text}");
        text.push_str(&String::from_utf8_lossy(&piece[..read]));
    }
    assert!(text.contains("event: lists\n"), "{text}");
}

#[test]
fn no_other_address_and_no_other_command_has_a_workbench() {
    let bench = Bench::new();
    let dev = start(&bench, &["--listen", "0.0.0.0:0", "--anonymous"]);
    assert!(!dev.sees("watching the source").contains("workbench"));
    let own = OWN.replace("{token}", &"0".repeat(64));
    for line in ["GET /dev", "GET /dev/app.js", "POST /dev/state", "POST /dev/events"] {
        assert_eq!(dev.status(line, &own), "404", "{line}");
    }
    drop(dev);
    let dev = Dev::start_command(&bench, &path(), "serve", &["--listen", "127.0.0.1:0"]);
    for line in ["GET /dev", "GET /dev/app.js", "POST /dev/state", "POST /dev/events"] {
        assert_eq!(dev.status(line, &own), "404", "{line}");
    }
}

/// Builds a bundle of what the configuration says now.
fn build(bench: &Bench, out: &str) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_toolcell"));
    let command = command.args(["build", "--target", "host", "--out", out]).current_dir(bench.path(""));
    let built = command.output().unwrap();
    assert!(built.status.success(), "{built:?}");
}

/// Returns the impact and the subject of each change.
fn changes(contract: &Value) -> Vec<(&str, &str)> {
    let changes = contract["changes"].as_array().unwrap().iter();
    changes.map(|one| (one["impact"].as_str().unwrap(), one["subject"].as_str().unwrap())).collect()
}

#[test]
fn the_contract_is_compared_with_the_start_unless_a_release_is_named() {
    let bench = Bench::new();
    let dev = start(&bench, &["--listen", "127.0.0.1:0"]);
    edit(&bench, "words", &["sort"]);
    dev.lists(&["sort"]);
    let contract = &dev.state()["contract"];
    assert_eq!(contract["against"], "the start of this `toolcell dev`");
    assert_eq!((changes(contract), &contract["added"]), (vec![("breaks", "count")], &json!(["sort"])));
    edit(&bench, "words", &["count", "sort"]);
    dev.lists(&["count", "sort"]);
    let contract = &dev.state()["contract"];
    assert_eq!((changes(contract), &contract["added"]), (vec![], &json!(["sort"])));
}

#[test]
fn the_contract_is_compared_with_a_bundle_by_the_names_that_clients_see() {
    let bench = Bench::new();
    plugin(&bench, "words", &["count", "sort"]);
    plugin(&bench, "other", &["trim", "fold"]);
    let both = "[plugins.words]\nsource = \"words\"\n[plugins.other]\nsource = \"other\"\n";
    bench.write("toolcell.toml", both);
    build(&bench, "released");

    // A prefix renames every tool of a plugin for clients; a tool that moves to another plugin stays what it was.
    bench.write("toolcell.toml", both.replace("source = \"words\"", "source = \"words\"\nprefix = \"w_\""));
    edit(&bench, "other", &["fold", "count", "shout"]);
    std::fs::remove_file(bench.path("other/target/other.wasm")).unwrap();
    let dev = Dev::start_with(&bench, &path(), &["--listen", "127.0.0.1:0", "--against", "released"]);
    dev.sees("comparing the contract with the bundle released");
    dev.lists(&["count", "fold", "shout", "w_count", "w_sort"]);
    let contract = &dev.state()["contract"];
    assert_eq!(contract["against"], "the bundle released");
    assert_eq!(changes(contract), [("breaks", "trim"), ("breaks", "sort")]);
    assert_eq!(contract["added"], json!(["shout", "w_count", "w_sort"]));
    assert_eq!(contract["waiting"], json!([]));
    drop(dev);

    // A plugin that fails keeps its last good version; one that was never built is no loss of tools.
    bench.write("toolcell.toml", both);
    std::fs::remove_file(bench.path("other/src/words.wasm")).unwrap();
    std::fs::remove_file(bench.path("other/target/other.wasm")).unwrap();
    let dev = Dev::start_with(&bench, &path(), &["--listen", "127.0.0.1:0", "--against", "released"]);
    dev.sees("other: left out");
    let contract = &dev.state()["contract"];
    assert_eq!((changes(contract), &contract["waiting"]), (vec![], &json!(["other"])));
    bench.write("toolcell.toml", "[plugins.words]\nsource = \"words\"\n");
    super::until(
        || dev.state()["contract"]["waiting"] == json!([]),
        || format!("a plugin that is not configured is gone: {}", dev.state()["contract"]),
    );
    assert_eq!(changes(&dev.state()["contract"]), [("breaks", "fold"), ("breaks", "trim")]);
}
