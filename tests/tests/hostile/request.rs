//! Attacks by clients: requests that are too large, too deep, or mean two things at once.

use serde_json::{Value, json};
use toolcell_tests::http::Request;
use toolcell_tests::{Revision, Server, fixture};

use crate::scene::{Scene, tells_internals};

/// The size of something that is much too large, and still fits into a body.
const LARGE: usize = 5 << 20;

/// The longest refusal: it repeats at most a part of what it refuses.
const SHORT: usize = 4 << 10;

/// What a client of an attack sees.
#[derive(Clone, Copy, Debug)]
enum Seen {
    /// A JSON-RPC error with this code, in a short response.
    Error(i64),
    /// A result with `isError`, whose text begins so, in a short response.
    Failure(&'static str),
    /// A result.
    Result,
    /// This status, without a JSON-RPC error.
    Status(u16),
}

type Row = (&'static str, Request, Seen);

/// Makes a request from the text of its members.
fn post(members: &str) -> Request {
    Request::post(format!(r#"{{"jsonrpc":"2.0",{members}}}"#))
}

/// Makes a call of a tool from the text of its arguments.
fn call(tool: &str, arguments: &str) -> Request {
    post(&format!(r#""id":1,"method":"tools/call","params":{{"name":"{tool}","arguments":{arguments}}}"#))
}

fn large() -> String {
    "A".repeat(LARGE)
}

/// Writes an object of many members.
fn many(count: usize) -> String {
    let members: Vec<_> = (0..count).map(|at| format!("\"k{at}\":0")).collect();
    format!("{{{}}}", members.join(","))
}

fn deep(depth: usize) -> String {
    format!("{}1{}", "[".repeat(depth), "]".repeat(depth))
}

fn sizes() -> Vec<Row> {
    let large = large();
    let modern = |meta: Value, method: &str, params: Value| {
        let mut params = params;
        params["_meta"] = meta;
        toolcell_tests::Client::new(([127, 0, 0, 1], 0).into(), Revision::Modern).request(method, params)
    };
    let behave = json!({"name": "behave", "arguments": {}});
    vec![
        ("id-that-is-large", post(&format!(r#""id":"{large}","method":"ping""#)), Seen::Error(-32600)),
        ("method-that-is-large", post(&format!(r#""id":1,"method":"{large}""#)), Seen::Error(-32601)),
        ("tool-that-is-large", call(&large, "{}"), Seen::Error(-32602)),
        (
            "cursor-that-is-large",
            post(&format!(r#""id":1,"method":"tools/list","params":{{"cursor":"{large}"}}"#)),
            Seen::Error(-32602),
        ),
        (
            "revision-that-is-large",
            post(&format!(
                r#""id":1,"method":"initialize","params":{{"protocolVersion":"{large}","capabilities":{{}},"clientInfo":{{"name":"a","version":"1"}}}}"#
            )),
            Seen::Result,
        ),
        (
            "level-that-is-large",
            modern(json!({"io.modelcontextprotocol/logLevel": large}), "tools/call", behave.clone()),
            Seen::Error(-32602),
        ),
        (
            "capabilities-that-are-large",
            modern(json!({"io.modelcontextprotocol/clientCapabilities": {"x": large}}), "tools/call", behave),
            Seen::Result,
        ),
        (
            "bytes-that-are-none",
            call("count_bytes", &format!(r#"{{"data":"{}"}}"#, "*".repeat(LARGE))),
            Seen::Failure("arguments.data: expected "),
        ),
        (
            "argument-with-a-large-name",
            call("behave", &format!(r#"{{"{large}":1}}"#)),
            Seen::Failure("arguments: "),
        ),
        (
            "members-without-number",
            post(&format!(r#""id":1,"method":"ping","params":{}"#, many(400_000))),
            Seen::Result,
        ),
        ("arguments-without-number", call("behave", &many(400_000)), Seen::Failure("arguments: ")),
        ("text-that-is-large", call("print", &format!(r#"{{"line":"{large}"}}"#)), Seen::Result),
    ]
}

fn depths() -> Vec<Row> {
    let ping = |member: &str, depth| {
        post(&format!(r#""id":1,"method":"ping","params":{{"{member}":{}}}"#, deep(depth)))
    };
    vec![
        ("depth-in-params", ping("x", 1_000_000), Seen::Error(-32700)),
        ("depth-in-meta", ping("_meta", 1_000_000), Seen::Error(-32700)),
        ("depth-in-arguments", call("behave", &deep(1_000_000)), Seen::Error(-32700)),
        (
            "depth-in-the-id",
            post(&format!(r#""id":{},"method":"ping""#, deep(1_000_000))),
            Seen::Error(-32700),
        ),
        ("depth-in-a-batch", Request::post(deep(1_000_000)), Seen::Error(-32700)),
        ("depth-without-end", Request::post("{\"a\":".repeat(500_000)), Seen::Error(-32700)),
        ("depth-below-the-limit", ping("x", 100), Seen::Result),
    ]
}

/// Members that two readers would read differently.
fn twice() -> Vec<Row> {
    let name =
        |names: &str| post(&format!(r#""id":1,"method":"tools/call","params":{{{names},"arguments":{{}}}}"#));
    vec![
        ("method-twice", post(r#""id":1,"method":"ping","method":"tools/list""#), Seen::Error(-32600)),
        ("id-twice", post(r#""id":1,"id":2,"method":"ping""#), Seen::Error(-32600)),
        ("version-twice", post(r#""jsonrpc":"2.0","id":1,"method":"ping""#), Seen::Error(-32600)),
        ("params-twice", post(r#""id":1,"method":"ping","params":{},"params":{}"#), Seen::Error(-32600)),
        ("tool-twice", name(r#""name":"behave","name":"panic""#), Seen::Error(-32600)),
        (
            "tool-twice-in-another-spelling",
            name(r#""name":"behave","n\u0061me":"panic""#),
            Seen::Error(-32600),
        ),
        ("arguments-twice", name(r#""name":"behave","arguments":{"a":1}"#), Seen::Error(-32600)),
        (
            "argument-twice",
            call("print", r#"{"line":"one","line":"two"}"#),
            Seen::Failure("arguments.line: "),
        ),
        (
            "argument-twice-in-another-spelling",
            call("print", r#"{"line":"one","l\u0069ne":"two"}"#),
            Seen::Failure("arguments.line: "),
        ),
    ]
}

fn numbers() -> Vec<Row> {
    let bytes = |number: &str| call("allocate", &format!(r#"{{"bytes":{number}}}"#));
    let refused = Seen::Failure("arguments.bytes: expected ");
    vec![
        ("number-beyond-all-numbers", bytes("1e400"), refused),
        ("number-with-a-large-exponent", bytes("1e999999999"), refused),
        ("number-with-a-small-exponent", bytes("1e-999999999"), refused),
        ("number-of-many-digits", bytes(&"9".repeat(1_000_000)), refused),
        ("number-of-many-zeros", bytes(&format!("0.{}1", "0".repeat(1_000_000))), refused),
        ("number-that-is-negative", bytes("-1"), refused),
        ("number-one-too-large", bytes("\"18446744073709551616\""), refused),
        ("number-in-another-base", bytes("\"0b10\""), refused),
        ("number-that-is-a-list", bytes("[1]"), refused),
        ("id-beyond-all-numbers", post(r#""id":1e400,"method":"ping""#), Seen::Error(-32600)),
        (
            "id-of-many-digits",
            post(&format!(r#""id":{},"method":"ping""#, "9".repeat(1_000_000))),
            Seen::Error(-32600),
        ),
        ("id-that-is-a-fraction", post(r#""id":1.5,"method":"ping""#), Seen::Error(-32600)),
        ("id-that-is-nothing", post(r#""id":null,"method":"ping""#), Seen::Error(-32600)),
    ]
}

fn texts() -> Vec<Row> {
    let print = |line: &str| call("print", &format!(r#"{{"line":"{line}"}}"#));
    vec![
        ("text-with-half-a-pair", print(r"\ud800"), Seen::Failure("arguments.line: expected ")),
        ("text-with-a-pair-in-disorder", print(r"\udc00\ud800"), Seen::Failure("arguments.line: expected ")),
        ("text-with-a-zero", print(r"\u0000"), Seen::Result),
        ("text-with-an-unknown-escape", print(r"\x"), Seen::Error(-32700)),
        ("text-with-a-cut-escape", print(r"\u00"), Seen::Error(-32700)),
        ("text-with-a-line-break", print("\n"), Seen::Error(-32700)),
        ("tool-with-a-line-break", call(r"behave\nforged", "{}"), Seen::Error(-32602)),
        ("tool-that-writes-backwards", call("\u{202e}evaheb", "{}"), Seen::Error(-32602)),
        ("tool-with-invisible-letters", call("be\u{200b}have", "{}"), Seen::Error(-32602)),
        ("tool-that-is-a-path", call("../../hostile/behave", "{}"), Seen::Error(-32602)),
        ("method-that-is-a-path", post(r#""id":1,"method":"../tools/call""#), Seen::Error(-32601)),
        (
            "cursor-that-is-a-number",
            post(r#""id":1,"method":"tools/list","params":{"cursor":7}"#),
            Seen::Error(-32602),
        ),
        (
            "cursor-made-up",
            post(r#""id":1,"method":"tools/list","params":{"cursor":"dG9vbHM6MQ=="}"#),
            Seen::Error(-32602),
        ),
    ]
}

/// Headers that say something else than the body, or are none.
fn headers() -> Vec<Row> {
    let client = toolcell_tests::Client::new(([127, 0, 0, 1], 0).into(), Revision::Modern);
    let request = client.call_request("behave", &json!({}));
    let with = |name: &str, value: &str| request.clone().header(name, value);
    let mismatch = Seen::Error(-32020);
    let mut two = request.clone();
    two.headers.push(("mcp-name".to_owned(), "panic".to_owned()));
    let mut same = request.clone();
    same.headers.push(("mcp-method".to_owned(), "tools/call".to_owned()));
    vec![
        ("name-of-another-tool", with("mcp-name", "panic"), mismatch),
        ("name-in-another-case", with("mcp-name", "Behave"), mismatch),
        ("name-of-two-tools", two, mismatch),
        ("method-given-twice", same, mismatch),
        ("name-that-is-no-base", with("mcp-name", "=?base64?***?="), mismatch),
        ("name-of-another-tool-in-base", with("mcp-name", "=?base64?cGFuaWM=?="), mismatch),
        ("name-that-is-missing", request.clone().without("mcp-name"), mismatch),
        ("method-of-another-request", with("mcp-method", "tools/list"), mismatch),
        ("revision-of-another-body", with("mcp-protocol-version", "2025-06-18"), mismatch),
        ("body-compressed", with("content-encoding", "gzip"), Seen::Error(-32600)),
        ("body-of-a-form", with("content-type", "application/x-www-form-urlencoded"), Seen::Error(-32600)),
        ("path-with-two-slashes", request.clone().start("POST //mcp"), Seen::Status(404)),
        ("path-with-an-escape", request.clone().start("POST /%6dcp"), Seen::Status(404)),
        ("path-with-dots", request.clone().start("POST /x/../mcp"), Seen::Status(404)),
    ]
}

fn judge(server: &Server, request: &Request, seen: Seen) -> Result<(), String> {
    let response = request.send(server.address());
    let body = String::from_utf8_lossy(&response.body).into_owned();
    let told =
        || format!("expected {seen:?}, found {} {}", response.status, &body[..body.floor_char_boundary(500)]);
    if tells_internals(&body) || response.status >= 500 {
        return Err(told());
    }
    let right = match seen {
        Seen::Status(status) => response.status == status && body.len() <= SHORT,
        Seen::Error(code) => response.json()["error"]["code"] == code && body.len() <= SHORT,
        Seen::Failure(start) => {
            let result = &response.json()["result"];
            let text = result["content"][0]["text"].as_str().unwrap_or_default().to_owned();
            result["isError"] == true && text.starts_with(start) && body.len() <= SHORT
        }
        Seen::Result => {
            let json = response.json();
            json["result"].is_object() && json["result"]["isError"] != true
        }
    };
    if right { Ok(()) } else { Err(told()) }
}

fn run(area: &str, rows: Vec<Row>) {
    let mut scene = Scene::start(&fixture::plugin("hostile", &fixture::component("hostile")));
    for (name, request, seen) in rows {
        scene.attack(name, |server| judge(server, &request, seen));
    }
    scene.end(area);
}

#[test]
fn what_is_much_too_large_is_refused_in_a_few_words() {
    run("large requests", sizes());
}

#[test]
fn what_nests_without_end_is_refused() {
    run("deep requests", depths());
}

#[test]
fn what_two_readers_would_read_differently_is_refused() {
    run("requests that say two things", twice());
}

#[test]
fn numbers_and_texts_are_exact_or_refused() {
    run("numbers and texts", [numbers(), texts()].concat());
}

#[test]
fn headers_and_paths_lead_to_no_other_tool() {
    run("headers and paths", headers());
}
