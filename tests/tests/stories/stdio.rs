//! The server of a client that starts the command: one message a line (ADR 50).

/// Stories of the real command; there are no pipes on Lambda.
mod local {
    use std::path::Path;
    use std::thread;
    use std::time::{Duration, Instant};

    use serde_json::{Value, json};
    use tempfile::TempDir;
    use toolcell_host::digest::Digest;
    use toolcell_tests::pipes::Ended;
    use toolcell_tests::{Bundle, Pipes, Revision, fixture};

    /// A token of the tests alone.
    const TOKEN: &str = "tct_stdio-alice-0123456789abcdefghijklmnopqrstuv";

    /// The longest wait for anything; a test that reaches it fails.
    const PATIENCE: Duration = Duration::from_secs(60);

    fn request(id: impl Into<Value>, method: &str, params: Value) -> Value {
        json!({"jsonrpc": "2.0", "id": id.into(), "method": method, "params": params})
    }

    fn modern(id: impl Into<Value>, method: &str, mut params: Value) -> Value {
        params["_meta"]["io.modelcontextprotocol/protocolVersion"] = Revision::Modern.name().into();
        params["_meta"]["io.modelcontextprotocol/clientCapabilities"] = json!({});
        request(id, method, params)
    }

    fn call(id: impl Into<Value>, tool: &str, arguments: Value) -> Value {
        modern(id, "tools/call", json!({"name": tool, "arguments": arguments}))
    }

    fn cancel(id: impl Into<Value>) -> Value {
        let params = json!({"requestId": id.into(), "reason": "the user has changed their mind"});
        json!({"jsonrpc": "2.0", "method": "notifications/cancelled", "params": params})
    }

    /// Builds a bundle with these plugins and more lines.
    fn bundle(components: &[&str], lines: &str) -> Bundle {
        let plugin = |name: &&str| fixture::plugin(name, &fixture::component(name));
        Bundle::build(&format!("{}{lines}", components.iter().map(plugin).collect::<String>()))
    }

    fn start_with(bundle: &Bundle, variables: &[(&str, String)]) -> Pipes {
        let path = bundle.path();
        let folder = path.parent().expect("a bundle is in a folder");
        Pipes::start(folder, &["--bundle", "bundle"], variables)
    }

    fn start(bundle: &Bundle) -> Pipes {
        start_with(bundle, &[])
    }

    fn harmless() -> Bundle {
        bundle(&["hostile"], "")
    }

    /// Builds a bundle whose calls may spin for a quarter of an hour, in a directory that they may write to.
    fn endless(directory: &Path) -> Bundle {
        let directory = directory.display().to_string();
        bundle(
            &["hostile"],
            &format!(
                "[plugins.hostile.limits]\ndeadline = \"15 min\"\n[[plugins.hostile.grants.directories]]\n\
                 host = {directory:?}\nguest = \"/data\"\nwrite = true\n"
            ),
        )
    }

    /// Starts a call that spins, and waits until it does.
    fn spin(server: &mut Pipes, id: &str) {
        let params = json!({"name": "report_then_spin", "arguments": {}, "_meta": {"progressToken": id}});
        let progress = server.ask(&modern(id, "tools/call", params));
        assert_eq!(progress["method"], "notifications/progress", "{progress}");
        assert_eq!(progress["params"]["progressToken"], id, "{progress}");
    }

    fn code(ended: &Ended) -> Option<i32> {
        ended.status.code()
    }

    /// Tells whether the answer to a call has a result, and that of a tool that did not fail.
    fn has_run(answer: &Value) -> bool {
        answer["result"]["content"].is_array() && answer["result"]["isError"].is_null()
    }

    #[track_caller]
    fn ended_well(ended: &Ended) {
        assert_eq!((code(ended), &ended.rest), (Some(0), &vec![]), "{}", ended.said);
        assert!(ended.said.contains("stopped; every request was answered"), "{}", ended.said);
    }

    /// A line, and the id and code of its only answer: 0 is a result, `None` is no answer.
    type Row<'l> = (&'l [u8], Option<(Value, i64)>);

    /// Writes a line and checks what comes back.
    fn deserves(server: &mut Pipes, (line, expected): &Row<'_>) {
        let shown = String::from_utf8_lossy(&line[..line.len().min(100)]);
        server.write(&[line, &b"\n"[..]].concat());
        if let Some((id, code)) = expected {
            let answer = server.hear();
            let found = (answer["id"].clone(), answer["error"]["code"].as_i64().unwrap_or_default());
            assert_eq!(found, (id.clone(), *code), "{shown}: {answer}");
            assert!(answer.as_object().is_some_and(|answer| answer.contains_key("id")), "{shown}: {answer}");
            assert_eq!(*code == 0, answer["result"].is_object(), "{shown}: {answer}");
        }
        server.hears_nothing_more();
    }

    #[test]
    fn each_line_gets_the_answer_that_it_deserves() {
        let bundle = bundle(&["hostile"], "[http]\nmax-body = \"64 KiB\"\n");
        let mut server = start(&bundle);
        let long = format!(
            r#"{{"jsonrpc":"2.0","id":1,"method":"ping","params":{{"a":"{}"}}}}"#,
            "x".repeat(1 << 16)
        );
        let longer = "y".repeat(3 << 20);
        let deep = "[".repeat(10_000);
        let modern_ping = modern(1, "ping", json!({})).to_string();
        let future = modern(1, "tools/list", json!({})).to_string().replace("2026-07-28", "2099-01-01");
        let table: &[Row<'_>] = &[
            (br#"{"jsonrpc":"2.0","id":1,"method":"ping"}"#, Some((json!(1), 0))),
            (b"  {\"jsonrpc\":\"2.0\",\"id\":-1,\"method\":\"ping\"}\t\r", Some((json!(-1), 0))),
            (br#"{"jsonrpc":"2.0","id":"","method":"ping","params":{}}"#, Some((json!(""), 0))),
            (br#"{"jsonrpc":"2.0","id":"\u00e4 \n","method":"ping"}"#, Some((json!("ä \n"), 0))),
            (b"", None),
            (b" \t\r", None),
            (b"nonsense", Some((Value::Null, -32700))),
            (br#"{"jsonrpc":"2.0","id":1,"method":"ping""#, Some((Value::Null, -32700))),
            (br#"{"jsonrpc":"2.0","id":1,"method":"ping"}{}"#, Some((Value::Null, -32700))),
            (b"{\"jsonrpc\":\"2.0\",\"id\":\"\xff\",\"method\":\"ping\"}", Some((Value::Null, -32700))),
            (b"\xef\xbb\xbf{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\"}", Some((Value::Null, -32700))),
            (deep.as_bytes(), Some((Value::Null, -32700))),
            (b"Content-Length: 40", Some((Value::Null, -32700))),
            (b"null", Some((Value::Null, -32600))),
            (b"[]", Some((Value::Null, -32600))),
            (br#"{"id":1,"method":"ping"}"#, Some((json!(1), -32600))),
            (br#"{"jsonrpc":"2.0","id":1.5,"method":"ping"}"#, Some((Value::Null, -32600))),
            (br#"{"jsonrpc":"2.0","id":null,"method":"ping"}"#, Some((Value::Null, -32600))),
            (br#"{"jsonrpc":"2.0","id":1,"id":2,"method":"ping"}"#, Some((Value::Null, -32600))),
            (br#"{"jsonrpc":"2.0","id":1,"method":"nothing"}"#, Some((json!(1), -32601))),
            (br#"{"jsonrpc":"2.0","id":1,"method":"tools/call"}"#, Some((json!(1), -32602))),
            (br#"{"jsonrpc":"2.0","id":1,"method":"server/discover"}"#, Some((json!(1), -32602))),
            (modern_ping.as_bytes(), Some((json!(1), -32601))),
            (future.as_bytes(), Some((json!(1), -32022))),
            (br#"{"jsonrpc":"2.0","method":"notifications/nothing"}"#, None),
            (br#"{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":1}}"#, None),
            (br#"{"jsonrpc":"2.0","method":"notifications/cancelled"}"#, None),
            (br#"{"jsonrpc":"2.0","id":null,"method":"notifications/initialized"}"#, None),
            (br#"{"jsonrpc":"2.0","id":1,"result":{}}"#, None),
            (br#"{"jsonrpc":"2.0","id":1,"error":{"code":1,"message":""}}"#, None),
            (long.as_bytes(), Some((Value::Null, -32600))),
            (longer.as_bytes(), Some((Value::Null, -32600))),
        ];
        table.iter().for_each(|row| deserves(&mut server, row));
        server.write(br#"{"jsonrpc":"2.0","id":"last, without an end","method":"ping"}"#);
        let ended = server.close();
        assert_eq!(code(&ended), Some(0), "{}", ended.said);
        assert_eq!(ended.rest[0]["id"], "last, without an end");
    }

    #[test]
    fn every_revision_is_spoken_and_a_process_may_speak_two() {
        let conformance = fixture::plugin("conformance", &fixture::root().join("tests/conformance"));
        let bundle = bundle(&["plain"], &conformance);
        for revision in Revision::ALL {
            let mut server = start(&bundle);
            if revision != Revision::Modern {
                server.shake_hands(revision);
                let list = server.ask(&request(1, "tools/list", json!({})));
                let has_titles = list.to_string().contains("\"outputSchema\"");
                assert_eq!(has_titles, revision >= Revision::June2025, "{revision:?}: {list}");
                let batch =
                    server.ask(&json!([request(1, "ping", json!({})), request(2, "ping", json!({}))]));
                assert_eq!(batch.is_array(), revision < Revision::June2025, "{revision:?}: {batch}");
            }
            let discovered = server.ask(&modern(1, "server/discover", json!({})));
            assert_eq!(discovered["result"]["supportedVersions"], json!(["2026-07-28"]), "{revision:?}");
            // The argument is repeated in a header over HTTP, which is missed there.
            let echo = server.ask(&call(2, "test_custom_header", json!({"value": "v"})));
            assert_eq!(echo["result"]["content"][0]["text"], "v", "{echo}");
            let asked = server.ask(&modern(
                3,
                "tools/call",
                json!({"name": "test_input_required_result_elicitation", "arguments": {}, "_meta": {}}),
            ));
            assert_eq!(asked["id"], 3, "{asked}");
            ended_well(&server.close());
        }
    }

    #[test]
    fn lines_that_come_all_at_once_count_one_after_another() {
        let bundle = bundle(&["conformance"], "");
        let mut server = start(&bundle);
        let params = json!({"protocolVersion": "2025-11-25", "capabilities": {}});
        let logging = |id: &str| request(id, "tools/call", json!({"name": "test_tool_with_logging"}));
        let lines = [
            request("hello", "initialize", params),
            json!({"jsonrpc": "2.0", "method": "notifications/initialized"}),
            request("level", "logging/setLevel", json!({"level": "error"})),
            logging("quiet"),
        ];
        server.write(lines.map(|line| format!("{line}\n")).concat().as_bytes());
        for id in ["hello", "level", "quiet"] {
            let answer = server.hear();
            assert_eq!(answer["id"], id, "no message below the level: {answer}");
        }
        server.ask(&request("level", "logging/setLevel", json!({"level": "debug"})));
        server.send(&logging("loud"));
        let mut messages = 0;
        loop {
            let line = server.hear();
            match line["method"].as_str() {
                Some("notifications/message") => messages += 1,
                _ => break assert_eq!(line["id"], "loud", "{line}"),
            }
        }
        assert!(messages > 0, "the same tool at another level");
        ended_well(&server.close());
    }

    #[test]
    fn requests_run_side_by_side_and_one_that_is_cancelled_ends_without_an_answer() {
        let directory = TempDir::new().unwrap();
        let bundle = endless(directory.path());
        let mut server = start(&bundle);
        spin(&mut server, "1");
        spin(&mut server, "two");
        let behaved = server.ask(&call(3, "behave", json!({})));
        assert_eq!((&behaved["id"], has_run(&behaved)), (&json!(3), true), "{behaved}");
        server.send(&cancel(1)); // a number is no string
        server.send(&cancel("three"));
        server.hears_nothing_more();
        server.send(&cancel("1"));
        server.send(&cancel("1"));
        server.hears_nothing_more();
        spin(&mut server, "1");
        server.send(&cancel("1"));
        server.send(&cancel("two"));
        ended_well(&server.close());
    }

    #[test]
    fn a_guest_that_writes_ends_with_its_request() {
        let directory = TempDir::new().unwrap();
        let bundle = endless(directory.path());
        let mut server = start(&bundle);
        server.send(&call("grow", "grow_file", json!({"path": "/data/trace"})));
        let trace = directory.path().join("trace");
        let end = Instant::now() + PATIENCE;
        while std::fs::metadata(&trace).map_or(0, |file| file.len()) == 0 {
            assert!(Instant::now() < end, "the guest writes nothing");
            thread::sleep(Duration::from_millis(5));
        }
        server.send(&cancel("grow"));
        ended_well(&server.close());
    }

    #[test]
    fn the_end_of_the_input_ends_the_process_whatever_runs() {
        let directory = TempDir::new().unwrap();
        let bundle = endless(directory.path());
        for end in [Pipes::close, Pipes::terminate, Pipes::hang_up] {
            let mut server = start(&bundle);
            spin(&mut server, "1");
            let ended = end(server);
            assert_eq!((code(&ended), &ended.rest), (Some(0), &vec![]), "{}", ended.said);
            assert!(
                ended.said.contains("some requests were still running and were cut off"),
                "{}",
                ended.said
            );
        }
        for end in [Pipes::close, Pipes::terminate] {
            let mut server = start(&bundle);
            server.hears_nothing_more();
            ended_well(&end(server));
        }
    }

    #[test]
    fn a_request_under_way_is_answered_after_the_end_of_the_input() {
        let bundle = harmless();
        let mut server = start(&bundle);
        server.send(&call(1, "sleep", json!({"milliseconds": 500})));
        let ended = server.close();
        assert_eq!(ended.rest.len(), 1, "{ended:?}");
        assert_eq!(ended.rest[0]["id"], 1);
        assert_eq!(code(&ended), Some(0));
    }

    #[test]
    fn more_requests_than_may_run_at_once_are_refused_by_name() {
        let directory = TempDir::new().unwrap();
        let bundle = endless(directory.path());
        let mut server = start(&bundle);
        let sleep = |id: u32| call(id, "sleep", json!({"milliseconds": 600_000}));
        let lines: String = (0..257).map(|id| format!("{}\n", sleep(id))).collect();
        server.write(lines.as_bytes());
        let refused = server.hear();
        assert_eq!((&refused["id"], &refused["error"]["code"]), (&json!(256), &json!(-32603)), "{refused}");
        let message = refused["error"]["message"].as_str().unwrap();
        assert!(message.starts_with("256 requests are running"), "{message}");
        server.send(&cancel(7));
        server.send(&cancel(8));
        // The one that settles something needs no place.
        server.shake_hands(Revision::November2025);
        let end = Instant::now() + PATIENCE;
        while server.ask(&request("x", "ping", json!({})))["error"].is_object() {
            assert!(Instant::now() < end, "the places of requests that were cancelled are free");
            thread::sleep(Duration::from_millis(10));
        }
    }

    #[test]
    fn what_a_plugin_prints_never_meets_the_protocol() {
        let bundle = harmless();
        let mut server = start(&bundle);
        let printed =
            server.ask(&call(1, "print", json!({"line": "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{}}"})));
        assert_eq!(printed["result"]["resultType"], "complete", "{printed}");
        server.ask(&call(2, "flood_stdout", json!({"bytes": 4096})));
        ended_well(&server.close());
    }

    #[test]
    fn a_server_with_callers_wants_the_token_of_one() {
        let principal = format!(
            "[auth.bearer.principals.alice]\ntokens = [\"sha256:{}\"]\nscopes = [\"harm\"]\n",
            Digest::of(TOKEN.as_bytes())
        );
        let plugin = fixture::plugin("hostile", &fixture::component("hostile"));
        let bundle = Bundle::build(&format!("{plugin}required-scopes = [\"harm\"]\n{principal}"));
        let behave = call(1, "behave", json!({}));
        for (token, says) in [
            (None, "TOOLCELL_TOKEN: is not set"),
            (Some(""), "TOOLCELL_TOKEN: is not set"),
            (Some("tct_of-nobody-0123456789abcdefghijklmnopqrstuvwxyz"), "TOOLCELL_TOKEN: is not admitted"),
            (Some("tct_of-nobody-\n0123456789abcdefghijklmnopqrstuvwxyz"), "TOOLCELL_TOKEN: is not a token"),
        ] {
            let variable = token.map(|token| ("TOOLCELL_TOKEN", token.to_owned()));
            let ended = start_with(&bundle, variable.as_slice()).close();
            assert_eq!((code(&ended), &ended.rest), (Some(3), &vec![]), "{token:?}: {}", ended.said);
            assert!(ended.said.contains(says), "{token:?}: {}", ended.said);
            assert!(!ended.said.contains("of-nobody"), "a token is nothing to show: {}", ended.said);
        }

        let mut alice = start_with(&bundle, &[("TOOLCELL_TOKEN", TOKEN.to_owned())]);
        let behaved = alice.ask(&behave);
        assert!(has_run(&behaved), "{behaved}");
        let ended = alice.close();
        ended_well(&ended);
        assert!(
            ended.said.contains("\"principal\":\"alice\"") && !ended.said.contains(TOKEN),
            "{}",
            ended.said
        );
    }

    #[test]
    fn a_server_that_cannot_start_says_so_on_standard_error_alone() {
        let folder = TempDir::new().unwrap();
        let ended = Pipes::start(folder.path(), &[], &[]).close();
        assert_eq!((code(&ended), &ended.rest), (Some(3), &vec![]), "{}", ended.said);
        assert!(ended.said.contains("toolcell.toml"), "{}", ended.said);
        std::fs::write(folder.path().join("toolcell.toml"), "[plugins.none]\nsource = \"none.wasm\"\n")
            .unwrap();
        let ended = Pipes::start(folder.path(), &[], &[]).close();
        assert_eq!((code(&ended), &ended.rest), (Some(3), &vec![]), "{}", ended.said);
        let ended = Pipes::start(folder.path(), &["--listen", "127.0.0.1:8080"], &[]).close();
        assert_eq!((code(&ended), &ended.rest), (Some(2), &vec![]), "{}", ended.said);
    }
}
