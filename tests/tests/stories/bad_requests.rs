//! Bad requests: the server refuses each with a message that tells what to do, and goes on.

use std::io::Write as _;
use std::net::Shutdown;

use serde_json::{Value, json};
use toolcell_tests::http::{self, Exchange, Request};
use toolcell_tests::{Revision, Server, fixture};

fn hostile() -> Server {
    Server::start(&fixture::plugin("hostile", &fixture::component("hostile")))
}

/// Makes a call in the revision that needs neither headers nor `_meta`, with `arguments` as text.
fn call(tool: &str, arguments: &str) -> String {
    format!(
        r#"{{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{{"name":"{tool}","arguments":{arguments}}}}}"#
    )
}

/// Sends a request, expects this refusal, and calls another tool.
fn refused(server: &Server, request: &Request, expected: (u16, i64), part: &str) {
    let (status, code, message) = request.send(server.address()).refusal();
    assert_eq!((status, code), expected, "{message}");
    assert!(message.contains(part), "{message:?} does not say {part:?}");
    alive(server);
}

fn alive(server: &Server) {
    for revision in Revision::ERAS {
        let called = server.client(revision).call("behave", &json!({}));
        assert_eq!(called.text.as_deref(), Some("still here"), "{revision:?}");
    }
}

#[test]
fn a_body_just_below_the_cap_is_served() {
    let server = hostile();
    let body = call("count_bytes", &format!(r#"{{"data":"{}"}}"#, "A".repeat(6_000_000)));
    let answer = Request::post(body).send(server.address());
    let text = &answer.json()["result"]["content"][0]["text"];
    assert!(text.as_str().unwrap().contains("4500000"), "{text}");
}

#[test]
fn json_that_nests_ten_thousand_deep_is_refused() {
    let server = hostile();
    for (open, close) in [("[", "]"), (r#"{"a":"#, "}")] {
        let deep = format!("{}1{}", open.repeat(10_000), close.repeat(10_000));
        for body in [call("behave", &deep), call("behave", &format!(r#"{{"x":{deep}}}"#)), deep.clone()] {
            refused(&server, &Request::post(body), (400, -32700), "nests deeper than");
        }
        let unclosed = Request::post(open.repeat(10_000));
        refused(&server, &unclosed, (400, -32700), "nests deeper than");
    }
}

#[test]
fn six_megabytes_of_zeros_are_no_batch_and_no_bytes() {
    let server = hostile();
    let zeros = format!("[0{}]", ",0".repeat(3_000_000));
    refused(&server, &Request::post(zeros.clone()), (400, -32600), "a batch holds at most 32 messages");
    let request = Request::post(call("count_bytes", &format!(r#"{{"data":{zeros}}}"#)));
    let result = request.send(server.address()).json();
    assert_eq!(result["result"]["isError"], true);
    let text = result["result"]["content"][0]["text"].as_str().unwrap();
    assert!(text.starts_with("arguments.data: expected ") && text.len() < 300, "{text}");
    alive(&server);
}

#[test]
fn what_is_not_utf8_is_not_json() {
    let server = hostile();
    for bytes in [b"\xff\xfe".as_slice(), b"\xc3(", b"\xed\xa0\x80", b"\xf4\x90\x80\x80"] {
        let body = [br#"{"jsonrpc":"2.0","id":1,"method":""#.as_slice(), bytes, br#""}"#].concat();
        refused(&server, &Request::post(body), (400, -32700), "the body is not UTF-8");
    }
}

#[test]
fn what_is_not_json_is_refused() {
    let server = hostile();
    for body in ["", "{", "nonsense", "{'jsonrpc': '2.0'}", "{}{}", r#"{"a":01}"#, "{\"a\":\"\u{1}\"}", "NaN"]
    {
        refused(&server, &Request::post(body), (400, -32700), "the body is not JSON");
    }
    refused(&server, &Request::post("\u{feff}{}"), (400, -32700), "byte order mark");
}

#[test]
fn what_is_no_request_is_refused() {
    let server = hostile();
    for body in [
        "{}",
        "null",
        "7",
        "\"text\"",
        r#"{"jsonrpc":"1.0","id":1,"method":"ping"}"#,
        r#"{"jsonrpc":"2.0","id":null,"method":"ping"}"#,
        r#"{"jsonrpc":"2.0","id":[1],"method":"ping"}"#,
        r#"{"jsonrpc":"2.0","id":1,"method":5}"#,
        r#"{"jsonrpc":"2.0","id":1,"method":"ping","params":7}"#,
    ] {
        refused(&server, &Request::post(body), (400, -32600), "");
    }
}

#[test]
fn a_member_that_occurs_twice_is_refused() {
    let server = hostile();
    for (body, part) in [
        (r#"{"jsonrpc":"2.0","id":1,"id":2,"method":"ping"}"#, "id occurs more than once"),
        (
            r#"{"jsonrpc":"2.0","id":1,"method":"ping","m\u0065thod":"tools/list"}"#,
            "method occurs more than once",
        ),
        (
            r#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"behave","name":"panic"}}"#,
            "params.name occurs more than once",
        ),
    ] {
        refused(&server, &Request::post(body), (400, -32600), part);
    }
    let twice = call("print", r#"{"line":"one","line":"two"}"#);
    let result = Request::post(twice).send(server.address()).json();
    assert_eq!(result["result"]["isError"], true, "{result}");
    let text = result["result"]["content"][0]["text"].as_str().unwrap();
    assert!(text.starts_with("arguments.line: "), "{text}");
    alive(&server);
}

#[test]
fn arguments_of_every_wrong_type_are_explained() {
    let server = Server::start(&fixture::plugin("gallery", &fixture::sample("gallery")));
    let values = [
        json!(null),
        json!(true),
        json!(-1),
        json!(300),
        json!(1.5),
        json!(1e300),
        json!("text"),
        json!("ab"),
        json!([]),
        json!([[]]),
        json!({}),
        json!({"unknown": 1}),
    ];
    let tools = [
        ("toggle_switch", "on"),
        ("copy_integers", "numbers"),
        ("next_character", "letter"),
        ("greet", "name"),
        ("reverse_bytes", "data"),
        ("reverse_list", "items"),
        ("swap_pair", "pair"),
        ("next_season", "season"),
        ("invert_permissions", "permitted"),
        ("round_readings", "readings"),
        ("reverse_verdict", "verdict"),
    ];
    for revision in Revision::ERAS {
        let client = server.client(revision);
        for (tool, parameter) in tools {
            let refusals = values.iter().filter(|value| {
                let called = client.call(tool, &json!({parameter: value}));
                if called.is_error {
                    let text = called.failure();
                    let names_it = text.starts_with(&format!("arguments.{parameter}"));
                    assert!(
                        names_it && text.contains(": expected ") && text.contains(", found "),
                        "{tool}: {text}"
                    );
                }
                called.is_error
            });
            assert!(refusals.count() >= values.len() - 4, "{revision:?}: {tool} takes nearly anything");
        }
    }
}

#[test]
fn arguments_that_are_no_object_are_refused() {
    let server = hostile();
    for arguments in ["[]", "7", "\"text\"", "true"] {
        let request = Request::post(call("behave", arguments));
        refused(&server, &request, (200, -32602), "params.arguments");
    }
    let result = Request::post(call("behave", r#"{"surprise":1}"#)).send(server.address()).json();
    assert_eq!(result["result"]["isError"], true, "{result}");
    alive(&server);
}

#[test]
fn anything_but_json_has_the_wrong_content_type() {
    let server = hostile();
    let request = Request::post(call("behave", "{}"));
    for kind in ["text/plain", "application/jsonp", "text/json", "application/json; charset=utf-16", ""] {
        refused(&server, &request.clone().header("content-type", kind), (415, -32600), "application/json");
    }
    refused(&server, &request.clone().without("content-type"), (415, -32600), "application/json");
    refused(&server, &request.clone().header("content-encoding", "gzip"), (415, -32600), "Content-Encoding");
    refused(&server, &request.header("accept", "text/html"), (406, -32600), "Accept");
}

#[test]
fn only_post_is_served() {
    let server = hostile();
    for method in ["GET", "DELETE", "PUT", "PATCH", "OPTIONS", "BREW"] {
        let request = Request::post("").start(&format!("{method} /mcp"));
        let answer = request.send(server.address());
        assert_eq!(answer.headers["allow"], "POST");
        let (status, code, message) = answer.refusal();
        assert_eq!((status, code), (405, -32600));
        assert!(message.contains(method) && message.contains("use POST"), "{message}");
    }
    alive(&server);
}

#[test]
fn an_unknown_path_is_told_the_right_one() {
    let server = hostile();
    for start in ["POST /", "POST /mcp//", "GET /sse", "POST /MCP", "GET /../etc/passwd"] {
        let answer = Request::post(call("behave", "{}")).start(start).send(server.address());
        assert_eq!(answer.status, 404, "{start}");
        assert!(String::from_utf8_lossy(&answer.body).contains("/mcp"));
    }
    assert_eq!(Request::post("").start("GET /healthz").send(server.address()).status, 200);
    alive(&server);
}

#[test]
fn modern_headers_must_say_what_the_body_says() {
    let server = hostile();
    let client = server.client(Revision::Modern);
    let request = client.call_request("behave", &json!({}));
    for (request, part) in [
        (request.clone().header("mcp-name", "panic"), "Mcp-Name"),
        (request.clone().without("mcp-name"), "Mcp-Name"),
        (request.clone().header("mcp-method", "tools/list"), "Mcp-Method"),
        (request.clone().header("mcp-protocol-version", "2025-11-25"), "MCP-Protocol-Version"),
    ] {
        let answer = request.send(server.address());
        let (status, code, message) = answer.refusal();
        assert_eq!((status, code, answer.json()["id"].clone()), (400, -32020, json!(1)), "{message}");
        assert!(message.to_lowercase().contains(&part.to_lowercase()), "{message}");
    }
    let mut body: Value = serde_json::from_slice(&request.body).unwrap();
    body["params"].as_object_mut().unwrap().remove("_meta");
    refused(&server, &Request { body: body.to_string().into(), ..request }, (400, -32602), "_meta");
}

/// Stories of the local edge: on Lambda the Function URL speaks HTTP, and passes on only whole requests within its limit.
mod local {
    use super::*;

    #[test]
    fn a_body_of_seven_megabytes_is_too_large() {
        let server = hostile();
        let body = call("count_bytes", &format!(r#"{{"data":"{}"}}"#, "A".repeat(7_000_000)));
        let request = Request::post(body);
        refused(&server, &request, (413, -32600), "the body is larger than 6291456 bytes");
    }

    #[test]
    fn a_body_that_does_not_announce_its_size_is_counted() {
        let server = hostile();
        let mut stream = http::connect(server.address());
        let head = "POST /mcp HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n";
        stream.write_all(head.as_bytes()).unwrap();
        let piece = [b"100000\r\n".as_slice(), &vec![b' '; 0x10_0000], b"\r\n"].concat();
        for _ in 0..7 {
            // The server may hang up as soon as it has read enough.
            let _ = stream.write_all(&piece);
        }
        let _ = stream.write_all(b"0\r\n\r\n");
        let (status, code, _) = Exchange::read(stream).unwrap().finish().refusal();
        assert_eq!((status, code), (413, -32600));
        alive(&server);
    }

    #[test]
    fn foreign_origins_and_hosts_are_forbidden() {
        let server = hostile();
        let request = Request::post(call("behave", "{}"));
        for origin in [
            "http://evil.example.com",
            "http://localhost.evil.example.com",
            "null",
            "file://",
            "https://[::2]",
        ] {
            refused(&server, &request.clone().header("origin", origin), (403, -32600), "origin");
        }
        for host in
            ["evil.example.com", "localhost.evil.example.com", "127.0.0.1.nip.io:80", "", "localhost:port"]
        {
            refused(&server, &request.clone().header("host", host), (403, -32600), "host");
        }
        let local = request.header("origin", "http://localhost:6274").header("host", "127.0.0.1:8080");
        let answer = local.send(server.address());
        assert_eq!(
            (answer.status, answer.headers["access-control-allow-origin"].as_str()),
            (200, "http://localhost:6274")
        );
    }

    #[test]
    fn a_body_that_ends_early_is_refused_or_dropped() {
        let server = hostile();
        let whole = Request::post(call("behave", "{}"));
        let mut stream = http::connect(server.address());
        let half = whole.body.len() / 2;
        stream
            .write_all(whole.head().as_bytes())
            .and_then(|()| stream.write_all(&whole.body[..half]))
            .unwrap();
        stream.shutdown(Shutdown::Write).unwrap();
        if let Ok(exchange) = Exchange::read(stream) {
            let (status, code, message) = exchange.finish().refusal();
            assert_eq!((status, code, message.as_str()), (400, -32700, "the body ended early"));
        }
        alive(&server);
    }

    #[test]
    fn what_is_not_http_is_dropped() {
        let server = hostile();
        for bytes in
            [b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03".as_slice(), b"HELO server\r\n\r\n", &[0; 4096]]
        {
            let mut stream = http::connect(server.address());
            let _ = stream.write_all(bytes);
            if let Ok(exchange) = Exchange::read(stream) {
                assert_eq!(exchange.status, 400);
            }
        }
        alive(&server);
    }

    #[test]
    fn a_list_that_needs_more_memory_than_arguments_may_is_refused_before_it_runs() {
        let server = hostile();
        let items = |count: usize| format!(r#"{{"items":["0"{}]}}"#, r#","0""#.repeat(count - 1));
        let text = |count| {
            let answer = Request::post(call("count_items", &items(count))).send(server.address());
            answer.json()["result"]["content"][0]["text"].as_str().unwrap().to_owned()
        };
        assert_eq!(text(500_000), r#"{"result":500000}"#);
        assert_eq!(text(1_400_000), "the arguments take more than 16777216 bytes of memory");
        alive(&server);
    }
}
