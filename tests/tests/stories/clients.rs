//! What clients of every age, proxies and browsers put in front of a server: each story stands for a fault that one of them
//! makes of an answer that is valid.

use serde_json::{Value, json};
use toolcell_host::digest::Digest;
use toolcell_tests::dynamic::{DynamicPlugin, dynamic_plugins};
use toolcell_tests::http::{Request, Response};
use toolcell_tests::{Called, DONE, Edge, Revision, Server, fixture};

const TOKEN: &str = "tct_canary-clients-0123456789abcdefghijklmnopqrs";

/// An origin of which no configuration speaks.
const STRANGER: &str = "https://stranger.example";

/// Starts a server with the sample `gallery`, below more lines of configuration.
fn gallery(more: &str) -> Server {
    Server::start(&format!("{more}{}", fixture::plugin("gallery", &fixture::sample("gallery"))))
}

/// Lines that admit the holder of [`TOKEN`] alone.
fn with_token() -> String {
    format!("[auth.bearer.principals.alice]\ntokens = [\"sha256:{}\"]\n", Digest::of(TOKEN.as_bytes()))
}

/// Starts a server whose plugin may spin for a quarter of an hour, and that is silent for a second at most.
fn endless() -> Server {
    let plugin = fixture::plugin("hostile", &fixture::component("hostile"));
    let limits = "[plugins.hostile.limits]\ndeadline = \"15 min\"\n";
    Server::start(&format!("[http]\nheartbeat = \"1 s\"\n{plugin}{limits}"))
}

fn post(message: &Value) -> Request {
    Request::post(message.to_string())
}

/// Checks that an answer has no body, and no header that speaks of one but those that its edge cannot leave out.
#[track_caller]
fn is_empty(answer: &Response, status: u16) {
    assert_eq!((answer.status, answer.body.len()), (status, 0));
    let header = |name: &str| answer.headers.get(name).map(String::as_str);
    let kind = match Edge::chosen() {
        Edge::Serve => None,
        // A Function URL says `application/octet-stream` where the function says nothing.
        Edge::Lambda => Some("application/json"),
    };
    assert_eq!(header("content-type"), kind, "{:?}", answer.headers);
    for name in ["x-amzn-remapped-content-length", "content-encoding", "cache-control", "x-accel-buffering"] {
        assert_eq!(header(name), None, "{:?}", answer.headers);
    }
}

#[test]
fn an_answer_without_a_body_says_nothing_of_one() {
    let server = gallery("");
    let notification = json!({"jsonrpc": "2.0", "method": "notifications/initialized"});
    let response = json!({"jsonrpc": "2.0", "id": 1, "result": {}});
    for message in [&notification, &response, &json!([notification, response])] {
        for accept in ["application/json", "text/event-stream", "application/json, text/event-stream"] {
            is_empty(&post(message).header("accept", accept).send(server.address()), 202);
        }
    }
    let modern = post(&notification).header("mcp-protocol-version", Revision::Modern.name());
    is_empty(&modern.send(server.address()), 202);
    if Edge::chosen() == Edge::Serve {
        let preflight = Request::post("").start("OPTIONS /mcp").header("origin", "http://localhost:6274");
        is_empty(&preflight.header("access-control-request-method", "POST").send(server.address()), 204);
    }
    let get = Request::post("").start("GET /mcp").send(server.address());
    assert_eq!((get.status, get.headers["content-type"].as_str()), (405, "application/json"));
    assert_eq!(get.headers["allow"], "POST");
}

/// Text with every line end that only some readers know.
const LINE_ENDS: &str = "a\u{85}b\u{2028}c\u{2029}d\u{b}e\u{c}f\u{1c}g\u{1d}h\u{1e}i";

/// Sends a request that must be answered with this many events, and returns them. The data of each stands on one line,
/// whatever a reader takes for the end of a line.
#[track_caller]
fn one_line_each(server: &Server, request: Request, events: usize) -> Vec<Value> {
    let answer = request.header("accept", "text/event-stream").send(server.address());
    assert_eq!(answer.headers["content-type"], "text/event-stream");
    let body = String::from_utf8(answer.body).unwrap();
    let controls = body.matches(|letter: char| letter == '\n' || letter.is_control()).count();
    assert_eq!(controls, 3 * events, "{body:?}");
    assert!(!body.contains(['\u{85}', '\u{2028}', '\u{2029}']), "{body:?}");
    let data = body.lines().filter_map(|line| line.strip_prefix("data: "));
    data.map(|data| serde_json::from_str(data).unwrap()).collect()
}

#[test]
fn a_stream_has_no_line_end_that_only_some_readers_know() {
    let server = gallery("");
    for revision in Revision::ALL {
        let call = server.client(revision).call_request("greet", &json!({ "name": LINE_ENDS }));
        let events = one_line_each(&server, call, 1);
        assert!(Called::read(&events[0]["result"]).text.unwrap().contains(LINE_ENDS), "{revision:?}");
    }
    let call = json!({"jsonrpc": "2.0", "id": LINE_ENDS, "method": "tools/call",
        "params": {"name": "greet", "arguments": {"name": LINE_ENDS}}});
    let batch = one_line_each(&server, post(&json!([call, call])), 1);
    assert_eq!((&batch[0][0]["id"], &batch[0][1]["id"]), (&json!(LINE_ENDS), &json!(LINE_ENDS)), "{batch:?}");
}

#[test]
fn what_plugins_write_themselves_has_no_line_end_in_a_stream_either() {
    let directory = tempfile::tempdir().unwrap();
    let dynamic = dynamic_plugins(directory.path(), &[DynamicPlugin::new("dynamic")]);
    let server = Server::start(&dynamic);
    for revision in Revision::ERAS {
        let json = server.client(revision).call_request("dynamic_tool-lines", &json!({}));
        let events = one_line_each(&server, json, 1);
        for member in ["structuredContent", "_meta"] {
            assert_eq!(events[0]["result"][member]["lines"], json!([LINE_ENDS]), "{revision:?}: {member}");
        }
    }
    let server = Server::start(&fixture::plugin("scripted", &fixture::component("scripted")));
    let log = json!({"progressToken": LINE_ENDS, "io.modelcontextprotocol/logLevel": "debug"});
    let steps = json!({"steps": [{"report": 1.0}, {"log": LINE_ENDS}]});
    let call = server.client(Revision::Modern).call_request_with("run", &steps, log);
    let [progress, message, _] = &one_line_each(&server, call, 3)[..] else { panic!("three events") };
    assert_eq!(progress["params"]["progressToken"], LINE_ENDS);
    assert!(message["params"].to_string().contains("\\u001c"), "{message}");
}

#[test]
fn the_content_of_a_result_is_never_empty() {
    let directory = tempfile::tempdir().unwrap();
    let dynamic = dynamic_plugins(directory.path(), &[DynamicPlugin::new("dynamic")]);
    let server = gallery(&dynamic);
    let failed = "the tool reported an error";
    for revision in Revision::ALL {
        let client = server.client(revision);
        for (tool, arguments, text) in [
            ("do_nothing", json!({}), DONE),
            ("fail_without_reason", json!({"fail": true}), failed),
            ("dynamic_tool-empty", json!({}), DONE),
            ("dynamic_tool-empty", json!({"fail": true}), failed),
        ] {
            let called = client.call(tool, &arguments);
            assert_eq!((called.text.as_deref(), called.is_error), (Some(text), text == failed), "{tool}");
        }
    }
}

#[test]
fn a_handshake_settles_on_each_revision_that_a_header_may_name() {
    let server = gallery("");
    for revision in Revision::ALL.into_iter().filter(|revision| *revision != Revision::Modern) {
        let client = json!({"name": "c", "version": "1"});
        let params = json!({"protocolVersion": revision.name(), "capabilities": {}, "clientInfo": client});
        let initialize = json!({"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": params});
        let answer = post(&initialize).send(server.address()).json();
        assert_eq!(answer["result"]["protocolVersion"], revision.name());
        assert!(server.client(revision).ask("tools/list", json!({}))["tools"].is_array());
    }
}

#[test]
fn a_quiet_call_is_kept_alive_for_a_client_that_asked_for_nothing() {
    let server = endless();
    for revision in Revision::ERAS {
        for accept in ["application/json, text/event-stream", "text/event-stream", "*/*"] {
            let call = server.client(revision).call_request("spin", &json!({})).header("accept", accept);
            let mut exchange = call.begin(server.address());
            assert_eq!(
                (exchange.status, exchange.headers["content-type"].as_str()),
                (200, "text/event-stream")
            );
            for _ in 0..2 {
                assert_eq!(exchange.next_event(), Some(None), "a comment");
            }
            exchange.hang_up();
        }
    }
}

#[test]
fn a_quiet_batch_is_kept_alive() {
    let server = endless();
    let call = |id| json!({"jsonrpc": "2.0", "id": id, "method": "tools/call", "params": {"name": "spin", "arguments": {}}});
    let mut exchange = post(&json!([call(1), call(2)])).begin(server.address());
    assert_eq!(exchange.headers["content-type"], "text/event-stream");
    assert_eq!(exchange.next_event(), Some(None), "a comment");
    exchange.hang_up();
}

#[test]
fn a_quiet_list_is_kept_alive_and_ends_with_its_items() {
    let directory = tempfile::tempdir().unwrap();
    let limits = "limits = { deadline = \"12 s\" }";
    let slow = DynamicPlugin { fault: "slow", more: limits, ..DynamicPlugin::new("slow") };
    let plugins = dynamic_plugins(directory.path(), &[slow, DynamicPlugin::new("good")]);
    let server = Server::start(&format!("[http]\nheartbeat = \"1 s\"\n{plugins}"));
    for revision in Revision::ERAS {
        let client = server.client(revision);
        let mut exchange = client.request("tools/list", json!({})).begin(server.address());
        assert_eq!(exchange.headers["content-type"], "text/event-stream");
        assert_eq!(exchange.next_event(), Some(None), "a comment");
        let events = exchange.events();
        let [list] = &events[..] else { panic!("{events:?}") };
        assert!(!list["result"]["tools"].as_array().unwrap().is_empty(), "{list}");
        let json = client.request("tools/list", json!({})).header("accept", "application/json");
        assert_eq!(json.send(server.address()).headers["content-type"], "application/json");
    }
}

#[test]
fn null_stands_for_what_a_client_leaves_out() {
    let server = gallery("");
    for revision in Revision::ALL {
        let client = server.client(revision);
        let called = |params: Value| Called::read(&client.ask("tools/call", params));
        let plain = called(json!({"name": "greet"})).text;
        let nothing =
            json!({"name": "greet", "arguments": null, "inputResponses": null, "requestState": null});
        assert_eq!(called(nothing).text, plain, "{revision:?}");
        let default =
            called(json!({"name": "greet", "arguments": {"name": null}, "_meta": {"progressToken": null}}));
        assert_eq!(default.text, plain, "{revision:?}");
        assert!(client.ask("tools/list", json!({"cursor": null}))["tools"].is_array());
        assert_eq!(called(json!({"name": "do_nothing", "arguments": null})).text.as_deref(), Some(DONE));
        let nothing_more = json!({"name": "greet", "_meta": null});
        if revision != Revision::Modern {
            assert_eq!(called(nothing_more).text, plain, "{revision:?}");
        }
    }
    let no_params = json!({"jsonrpc": "2.0", "id": 1, "method": "tools/list", "params": null});
    assert!(post(&no_params).send(server.address()).json()["result"]["tools"].is_array());
}

#[test]
fn null_stands_for_what_lists_prompts_and_completions_leave_out() {
    let directory = tempfile::tempdir().unwrap();
    let server = Server::start(&dynamic_plugins(directory.path(), &[DynamicPlugin::new("dynamic")]));
    let prompt = json!({"type": "ref/prompt", "name": "dynamic_prompt-0"});
    let argument = json!({"name": "word", "value": "a"});
    for revision in Revision::ALL {
        let client = server.client(revision);
        for (method, params, member) in [
            ("tools/list", json!({"cursor": null}), "tools"),
            ("prompts/list", json!({"cursor": null}), "prompts"),
            ("resources/list", json!({"cursor": null}), "resources"),
            ("resources/templates/list", json!({"cursor": null}), "resourceTemplates"),
            (
                "prompts/get",
                json!({"name": "dynamic_prompt-0", "arguments": {"word": "a", "more": null}}),
                "messages",
            ),
            (
                "completion/complete",
                json!({"ref": prompt, "argument": argument, "context": null}),
                "completion",
            ),
        ] {
            let answer = client.ask(method, params);
            assert!(
                answer[member].is_array() || answer[member].is_object(),
                "{revision:?} {method}: {answer}"
            );
        }
    }
}

#[test]
fn the_path_may_end_with_a_slash_and_the_version_may_come_twice() {
    let server = gallery("");
    for revision in Revision::ALL {
        let request = server.client(revision).request("tools/list", json!({})).start("POST /mcp/");
        let twice = {
            let mut request = request.clone();
            request.headers.push(("MCP-Protocol-Version".to_owned(), revision.name().to_owned()));
            request
        };
        for request in [&request, &twice] {
            let answer = request.send(server.address());
            assert_eq!(answer.status, 200, "{revision:?}");
            assert!(answer.json()["result"]["tools"].is_array());
        }
        let mut contradiction = request;
        contradiction.headers.push(("MCP-Protocol-Version".to_owned(), "2025-01-01".to_owned()));
        assert_eq!(contradiction.send(server.address()).status, 400, "{revision:?}");
    }
}

#[test]
fn pages_of_every_origin_may_call_where_callers_show_a_token() {
    let page = |server: &Server, origin: &str| {
        let request = server.client(Revision::Modern).request("tools/list", json!({}));
        let request = request.header("origin", origin).header("authorization", &format!("Bearer {TOKEN}"));
        request.send(server.address())
    };
    for (rule, allowed, refused) in [
        ("*", &[STRANGER, "null"][..], &[][..]),
        ("null", &["null"], &[STRANGER]),
        ("https://a.example", &[], &["null"]),
    ] {
        let server = gallery(&format!("[http]\nallowed-origins = [{rule:?}]\n{}", with_token()));
        for origin in allowed {
            let answer = page(&server, origin);
            assert_eq!(
                (answer.status, answer.headers["access-control-allow-origin"].as_str()),
                (200, *origin)
            );
            let request = server.client(Revision::Modern).request("tools/list", json!({}));
            let answer = request.header("origin", origin).send(server.address());
            assert_eq!(answer.status, 401, "an origin is no credential");
        }
        for origin in refused {
            assert_eq!(page(&server, origin).status, 403, "{origin} under {rule}");
        }
    }
}

#[test]
fn whoever_looks_for_oauth_reads_what_to_do_instead() {
    let paths = [
        "GET /.well-known/oauth-protected-resource",
        "GET /.well-known/oauth-protected-resource/mcp",
        "GET /.well-known/oauth-authorization-server",
        "GET /.well-known/openid-configuration",
        "GET /mcp/.well-known/openid-configuration",
        "POST /register",
        "GET /authorize?response_type=code",
        "POST /token",
    ];
    for (more, instead) in [(with_token(), "Authorization: Bearer"), (String::new(), "no credentials")] {
        let server = gallery(&more);
        for path in paths {
            let answer = Request::post("{}").start(path).send(server.address());
            assert_eq!(
                (answer.status, answer.headers["content-type"].as_str()),
                (404, "application/json"),
                "{path}"
            );
            let error = answer.json();
            assert_eq!(error["error"], "access_denied", "{path}");
            let description = error["error_description"].as_str().unwrap();
            assert!(description.contains(instead) && !description.contains(TOKEN), "{path}: {description}");
        }
        let page = Request::post("{}").start("POST /register").header("origin", STRANGER);
        assert_eq!(page.send(server.address()).status, 403, "no page of a stranger reads it");
    }
}

/// Stories of the local edge: on Lambda the Function URL keeps connections.
mod local {
    use std::io::{Read as _, Write as _};

    use toolcell_tests::http;

    use super::*;

    #[test]
    fn a_client_is_told_for_how_long_it_may_use_its_connection() {
        let server = gallery("");
        let mut stream = http::connect(server.address());
        for _ in 0..2 {
            let ping = post(&json!({"jsonrpc": "2.0", "id": 1, "method": "ping"}));
            stream.write_all(ping.head().as_bytes()).and_then(|()| stream.write_all(&ping.body)).unwrap();
            let mut answer = Vec::new();
            while !answer.ends_with(b"\"result\":{}}") {
                let mut byte = [0];
                stream.read_exact(&mut byte).unwrap();
                answer.extend(byte);
            }
            let answer = String::from_utf8(answer).unwrap();
            assert!(answer.contains("\r\nkeep-alive: timeout=170\r\n"), "{answer}");
        }
    }
}
