//! Attacks on what the server writes: its log, and the events of a response.

use serde_json::{Value, json};
use toolcell_tests::{Called, Revision, Server, fixture};

use crate::scene::Scene;

fn scene() -> Scene {
    Scene::start(&fixture::plugin("hostile", &fixture::component("hostile")))
}

/// Calls a tool with a progress token, and returns the events that are not the response, and the response.
fn stream(server: &Server, tool: &str, arguments: &Value, token: Value) -> (Vec<Value>, Value) {
    let client = server.client(Revision::Modern);
    let meta = json!({"progressToken": token, "io.modelcontextprotocol/logLevel": "debug"});
    let response = client.call_request_with(tool, arguments, meta).send(server.address());
    // A Function URL passes events on in pieces of its own.
    let body = String::from_utf8_lossy(&response.body).into_owned();
    let data = body.lines().filter_map(|line| line.strip_prefix("data: "));
    let mut events: Vec<Value> = data.map(|data| serde_json::from_str(data).expect("data is JSON")).collect();
    let response = events.pop().expect("a response");
    (events, response)
}

#[test]
fn an_event_is_as_large_as_the_plugin_made_it() {
    let mut scene = scene();
    scene.attack("progress-token-that-is-large", |server| {
        let client = server.client(Revision::Modern);
        let meta = json!({"progressToken": "A".repeat(5 << 20)});
        let request = client.call_request_with("flood_notifications", &json!({"times": 1000}), meta);
        let response = request.send(server.address());
        let length = response.body.len();
        if length < 4096 { Ok(()) } else { Err(format!("{length} bytes")) }
    });
    scene.attack("notifications-without-number", |server| {
        let (events, response) = stream(server, "flood_notifications", &json!({"times": 100_000}), json!(1));
        let called = Called::read(&response["result"]);
        // A client that reads slowly gets fewer.
        if (1..=1000).contains(&events.len()) && !called.is_error {
            Ok(())
        } else {
            Err(format!("{}", events.len()))
        }
    });
    scene.attack("progress-that-is-no-number", |server| {
        let (events, _) = stream(server, "report_nonsense", &json!({}), json!("n"));
        if events.len() == 2 { Ok(()) } else { Err(format!("{events:?}")) }
    });
    scene.end("events");
}

/// Stories of the local edge: they read the log of this process.
mod local {
    use toolcell_tests::log;

    use super::*;
    use crate::attack;
    use crate::component::wired;
    use crate::import::LOG;

    /// Lines that look like the end of a line and the start of another one.
    const FORGERIES: [(&str, &str); 8] = [
        ("print-of-a-line", "one\n{\"level\":\"INFO\",\"message\":\"forged\"}\ntwo"),
        ("print-of-a-carriage-return", "one\r{\"level\":\"INFO\",\"message\":\"forged\"}"),
        ("print-of-a-quote", "\",\"message\":\"forged\",\"x\":\""),
        ("print-of-an-escape", "\\\",\"message\":\"forged\",\"x\":\"\\"),
        ("print-of-colours", "\u{1b}[2J\u{1b}[31m forged \u{1b}]0;title\u{7}"),
        ("print-of-backwards-letters", "\u{202e}degrof\u{202c} \u{2066}x\u{2069}"),
        ("print-of-separators", "one\u{2028}two\u{2029}three\u{85}four\u{b}five"),
        ("print-of-zeros", "\0\0\0"),
    ];

    /// Writes a message and a field whose letters are read backwards.
    fn backwards(name: &str) -> String {
        let core = r#"(import "host" "write" (func $write (param i32 i32 i32 i32 i32)))
            (data (i32.const 16) "\e2\80\aedegrof") (data (i32.const 32) "\10\00\00\00\09\00\00\00\10\00\00\00\09\00\00\00")
            (func (export "run") (result i32)
                (call $write (i32.const 5) (i32.const 16) (i32.const 9) (i32.const 32) (i32.const 1))
                (i32.const 0))"#;
        wired(name, LOG.parts(core))
    }

    /// Tells whether a terminal or a reader of lines would obey the character instead of showing it.
    fn obeyed(letter: char) -> bool {
        letter.is_control() || matches!(letter, '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    }

    #[test]
    fn a_line_of_the_log_is_never_forged() {
        log::capture();
        let directory = tempfile::tempdir().expect("a directory for components");
        let message = attack::harmless("message-of-backwards-letters", backwards, 0);
        let hostile = fixture::plugin("hostile", &fixture::component("hostile"));
        let mut scene = Scene::start(&format!("{hostile}{}", message.config(directory.path())));
        scene.attack("message-of-backwards-letters", |server| {
            message.run(&server.client(Revision::Modern))?;
            let obeyed = log::text().lines().filter(|line| line.contains(obeyed)).count();
            if obeyed == 0 { Ok(()) } else { Err(format!("{obeyed} lines hold what a terminal obeys")) }
        });
        for (name, line) in FORGERIES {
            scene.attack(name, |server| {
                let called = server.client(Revision::Modern).call("print", &json!({"line": line}));
                let forged = log::lines("forged").len();
                let text = log::text();
                let raw = text.lines().filter(|line| line.contains(obeyed)).count();
                if called.is_error || forged > 0 || raw > 0 {
                    return Err(format!(
                        "{called:?}, {forged} lines are forged, {raw} hold what a terminal obeys"
                    ));
                }
                Ok(())
            });
        }
        for (name, tool) in
            [("tool-that-forges-a-line", "x\n{\"message\":\"forged\"}"), ("tool-of-colours", "\u{1b}[31m")]
        {
            scene.attack(name, |server| {
                let request = server.client(Revision::November2025).call_request(tool, &json!({}));
                let refusal = request
                    .header("user-agent", "x\", \"message\":\"forged")
                    .send(server.address())
                    .refusal();
                let forged = log::lines("forged").len();
                if refusal.1 == -32602 && forged == 0 { Ok(()) } else { Err(format!("{refusal:?} {forged}")) }
            });
        }
        scene.end("forged lines of the log");
        assert!(!log::text().contains(crate::neighbour::CANARY), "the log holds arguments of calls");
    }
}
