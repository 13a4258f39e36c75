//! Authorization: tokens, scopes, and the responses to callers without them.

use serde_json::{Value, json};
use toolcell_host::digest::Digest;
use toolcell_tests::dynamic::{DynamicPlugin, dynamic_plugins};
use toolcell_tests::http::{Request, Response};
use toolcell_tests::{Client, Revision, Server, fixture, log};

/// The token of a caller with every scope.
const ALICE: &str = "tct_canary-alice-0123456789abcdefghijklmnopqrstu";
/// The token of a caller that may read texts.
const BOB: &str = "tct_canary-bob-0123456789abcdefghijklmnopqrstuvw";
/// Bob's second token.
const BOBS_NEXT: &str = "tct_canary-bob-next-0123456789abcdefghijklmnopq";
/// The token of a known caller without scopes.
const EVE: &str = "tct_canary-eve-0123456789abcdefghijklmnopqrstuvw";

/// The number of tools on a page of `tools/list`.
const PAGE: usize = 2;

fn principal(name: &str, tokens: &[&str], scopes: &str) -> String {
    let digest = |token: &&str| format!("\"sha256:{}\"", Digest::of(token.as_bytes()));
    let tokens: Vec<_> = tokens.iter().map(digest).collect();
    format!("[auth.bearer.principals.{name}]\ntokens = [{}]\nscopes = [{scopes}]\n", tokens.join(", "))
}

/// Starts a server with tools for all callers, for readers and for writers, and one that never ends.
fn library() -> Server {
    let principals = [
        principal("alice", &[ALICE], r#""text.write", "text.read", "spin""#),
        principal("bob", &[BOB, BOBS_NEXT], r#""text.read""#),
        principal("eve", &[EVE], ""),
    ];
    let text = fixture::plugin("text", &fixture::sample("text"));
    let hostile = fixture::plugin("hostile", &fixture::component("hostile"));
    Server::start(&format!(
        "[lists]\npage-size = {PAGE}\n[http]\nallowed-origins = [\"https://app.example.com\"]\n{}\
         {text}only = [\"count_text\", \"make_slug\", \"change_case\", \"truncate_text\"]\n\
         [plugins.text.tools]\n\
         make_slug.required-scopes = [\"text.read\"]\n\
         change_case.required-scopes = [\"text.read\", \"text.write\"]\n\
         truncate_text.required-scopes = [\"text.read\"]\n\
         {hostile}only = [\"spin\"]\nrequired-scopes = [\"spin\"]\n",
        principals.concat()
    ))
}

const FOR_ALL: &[&str] = &["count_text"];
const FOR_READERS: &[&str] = &["count_text", "make_slug", "truncate_text"];
const FOR_ALICE: &[&str] = &["spin", "change_case", "count_text", "make_slug", "truncate_text"];

const CALLERS: [(&str, &[&str]); 4] =
    [(ALICE, FOR_ALICE), (BOB, FOR_READERS), (BOBS_NEXT, FOR_READERS), (EVE, FOR_ALL)];

fn with(request: Request, token: &str) -> Request {
    request.header("authorization", &format!("Bearer {token}"))
}

fn list(client: &Client, token: &str, cursor: Option<&Value>) -> Value {
    let params = cursor.map_or_else(|| json!({}), |cursor| json!({"cursor": cursor}));
    let answer = with(client.request("tools/list", params), token).send(client.address());
    assert_eq!(answer.status, 200);
    answer.json()["result"].take()
}

fn names(page: &Value) -> Vec<String> {
    let tools = page["tools"].as_array().unwrap_or_else(|| panic!("{page}"));
    tools.iter().map(|tool| tool["name"].as_str().unwrap().to_owned()).collect()
}

fn call(client: &Client, token: &str, tool: &str) -> Response {
    let arguments = match tool {
        "make_slug" => json!({"text": "Über", "max_length": 80}),
        "change_case" => json!({"text": "Über uns", "to": "upper"}),
        _ => json!({"text": "Über uns"}),
    };
    with(client.call_request(tool, &arguments), token).send(client.address())
}

fn challenge(answer: &Response) -> &str {
    // A Function URL renames it.
    let names = ["www-authenticate", "x-amzn-remapped-www-authenticate"];
    names.iter().find_map(|name| answer.headers.get(*name)).map_or("", String::as_str)
}

#[test]
fn a_caller_without_a_token_or_with_a_wrong_one_gets_nothing_but_a_challenge() {
    let server = library();
    for revision in Revision::ALL {
        let client = server.client(revision);
        let hello = json!({"protocolVersion": revision.name(), "capabilities": {}, "clientInfo": {"name": "a", "version": "1"}});
        for (method, params) in [
            ("tools/list", json!({})),
            ("server/discover", json!({})),
            ("initialize", hello),
            ("ping", json!({})),
            ("tools/call", json!({"name": "count_text", "arguments": {"text": ""}})),
            ("tools/call", json!({"name": "no_such_tool"})),
        ] {
            let request = client.request(method, params);
            let none = request.send(server.address());
            let message = "a token is needed: send it as `Authorization: Bearer TOKEN`".to_owned();
            assert_eq!(none.refusal(), (401, -32600, message), "{revision:?} {method}");
            assert_eq!(challenge(&none), "Bearer realm=\"toolcell\"");
            assert_eq!(none.headers["content-type"], "application/json");
            assert!(none.json().get("id").is_none(), "the server has not read the request");
            let wrong = with(request, &ALICE.replace("alice", "alicf")).send(server.address());
            assert_eq!(wrong.refusal(), (401, -32600, "the token is not valid".to_owned()));
            assert!(challenge(&wrong).starts_with("Bearer realm=\"toolcell\", error=\"invalid_token\""));
        }
    }
}

#[test]
fn a_token_comes_in_one_header_and_in_no_other_way() {
    let server = library();
    let request = server.client(Revision::Modern).request("tools/list", json!({}));
    let mut twice = with(request.clone(), ALICE);
    twice.headers.push(("Authorization".to_owned(), format!("Bearer {ALICE}")));
    let query = request.clone().start(&format!("POST /mcp?access_token={ALICE}"));
    let both = with(query.clone(), ALICE);
    let cut = request.clone().header("authorization", "Bearer");
    for request in [twice, query, both, cut] {
        let answer = request.send(server.address());
        assert_eq!((answer.refusal().0, answer.refusal().1), (400, -32600));
        assert!(challenge(&answer).contains("error=\"invalid_request\""), "{}", challenge(&answer));
        assert!(!String::from_utf8_lossy(&answer.body).contains("canary"));
    }
    let lower = request.header("authorization", &format!("bearer {ALICE}")).send(server.address());
    assert_eq!(lower.status, 200, "the scheme is the same in any case");
}

#[test]
fn a_page_in_a_browser_may_ask_without_a_token_and_read_every_refusal() {
    let server = library();
    let request = server.client(Revision::Modern).request("tools/list", json!({}));
    let page = request.header("origin", "https://app.example.com");
    let preflight = page
        .clone()
        .start("OPTIONS /mcp")
        .header("access-control-request-method", "POST")
        .header("access-control-request-headers", "authorization,content-type")
        .send(server.address());
    assert_eq!(preflight.status, 204);
    assert_eq!(preflight.headers["access-control-allow-headers"], "authorization,content-type");
    let client = server.client(Revision::Modern);
    let denied =
        with(client.call_request("spin", &json!({})), EVE).header("origin", "https://app.example.com");
    for (request, status) in [
        (page.clone(), 401),
        (page.clone().header("authorization", "Bearer"), 400),
        (denied, 403),
        (with(page, EVE), 200),
    ] {
        let answer = request.send(server.address());
        assert_eq!(answer.status, status);
        assert_eq!(answer.headers["access-control-allow-origin"], "https://app.example.com");
        assert_eq!(answer.headers["access-control-expose-headers"], "www-authenticate");
    }
}

#[test]
fn a_list_holds_what_its_caller_may_call_page_by_page_and_is_its_own() {
    let server = library();
    for revision in Revision::ALL {
        let client = server.client(revision);
        for (token, expected) in CALLERS {
            let (mut seen, mut cursor) = (Vec::new(), None);
            loop {
                let page = list(&client, token, cursor.as_ref());
                let scope = Some(json!("private")).filter(|_| revision == Revision::Modern);
                assert_eq!(page.get("cacheScope"), scope.as_ref(), "{revision:?}");
                let on_page = names(&page);
                assert_eq!(on_page.len(), (expected.len() - seen.len()).min(PAGE), "{on_page:?}");
                seen.extend(on_page);
                cursor = page.get("nextCursor").cloned();
                if cursor.is_none() {
                    break;
                }
            }
            assert_eq!(seen, expected, "{revision:?}");
        }
    }
}

#[test]
fn a_cursor_shows_a_caller_only_its_own_tools() {
    let server = library();
    let client = server.client(Revision::Modern);
    let cursor = list(&client, ALICE, None)["nextCursor"].clone();
    assert_eq!(names(&list(&client, BOB, Some(&cursor))), ["truncate_text"]);
    let request = client.request("tools/list", json!({"cursor": cursor}));
    let (status, code, _) = with(request, EVE).send(server.address()).refusal();
    assert_eq!((status, code), (200, -32602), "her list has no second page");
}

#[test]
fn a_list_is_everybodys_where_everybody_may_see_it() {
    let text = fixture::plugin("text", &fixture::sample("text"));
    let server = Server::start(&text);
    let page = server.client(Revision::Modern).ask("tools/list", json!({}));
    assert_eq!(page["cacheScope"], "public");
    assert!(names(&page).len() > 4);
    let server = Server::start(&format!("{}{text}", principal("eve", &[EVE], "")));
    let client = server.client(Revision::Modern);
    assert_eq!(list(&client, EVE, None)["cacheScope"], "private", "a caller without a token may not see it");
    let discovered = with(client.request("server/discover", json!({})), EVE).send(server.address()).json();
    assert_eq!(discovered["result"]["cacheScope"], "private");
}

#[test]
fn a_plugin_cannot_share_contents_that_a_scope_or_a_token_protects() {
    let directory = tempfile::tempdir().unwrap();
    let guarded = DynamicPlugin { more: "required-scopes = [\"docs\"]", ..DynamicPlugin::new("guarded") };
    let plugins = dynamic_plugins(directory.path(), &[guarded, DynamicPlugin::new("free")]);
    let server = Server::start(&format!("{}{plugins}", principal("alice", &[ALICE], "\"docs\"")));
    let client = server.client(Revision::Modern);
    for plugin in ["guarded", "free"] {
        let uri = format!("{plugin}:///item-1");
        let request = client.request("resources/read", json!({ "uri": uri }));
        let read = with(request, ALICE).send(server.address()).json();
        assert_eq!(read["result"]["cacheScope"], "private", "the plugin says public: {read}");
        assert_eq!(read["result"]["ttlMs"], 60_000);
    }
}

#[test]
fn in_a_batch_only_the_call_that_goes_too_far_is_refused() {
    let server = library();
    let call = |id: u32, tool: &str| json!({"jsonrpc": "2.0", "id": id, "method": "tools/call", "params": {"name": tool, "arguments": {"text": "a b"}}});
    let batch =
        json!([call(1, "spin"), call(2, "count_text"), {"jsonrpc": "2.0", "id": 3, "method": "tools/list"}]);
    let request = Request::post(batch.to_string()).header("mcp-protocol-version", Revision::March2025.name());
    let answer = with(request.clone(), BOB).send(server.address());
    assert_eq!(answer.status, 200);
    let answers = answer.json();
    assert_eq!(answers[0]["error"]["message"], "the caller needs the scopes `spin`");
    assert_eq!((&answers[0]["id"], &answers[1]["id"]), (&json!(1), &json!(2)));
    assert!(answers[1]["result"]["content"].is_array() && answers[1].get("error").is_none());
    assert_eq!(names(&answers[2]["result"]), FOR_READERS[..PAGE]);
    assert_eq!(request.send(server.address()).status, 401, "without a token none of it");
}

#[test]
fn callers_that_take_turns_see_their_own_tools_alone() {
    let server = library();
    let address = server.address();
    let threads: Vec<_> = (0..4)
        .map(|start| {
            std::thread::spawn(move || {
                for turn in 0..40 {
                    let (token, tools) = CALLERS[(start + turn * (start + 1)) % CALLERS.len()];
                    let revision = Revision::ALL[(start + turn) % Revision::ALL.len()];
                    let client = Client::new(address, revision);
                    let expected = &tools[..tools.len().min(PAGE)];
                    assert_eq!(names(&list(&client, token, None)), expected, "{revision:?} {token}");
                    let tool = FOR_ALICE[1 + turn % (FOR_ALICE.len() - 1)];
                    let status = call(&client, token, tool).status;
                    assert_eq!(status, if tools.contains(&tool) { 200 } else { 403 }, "{token} {tool}");
                }
            })
        })
        .collect();
    for thread in threads {
        thread.join().unwrap();
    }
}

#[test]
fn a_guest_sees_nothing_of_its_caller() {
    let eve = principal("eve", &[EVE], "");
    let hostile = fixture::plugin("hostile", &fixture::component("hostile"));
    let server = Server::start(&format!("{eve}{hostile}only = [\"list_environment\"]\n"));
    let client = server.client(Revision::Modern);
    let answer = with(client.call_request("list_environment", &json!({})), EVE).send(server.address());
    assert_eq!(answer.status, 200);
    let text = String::from_utf8_lossy(&answer.body).into_owned();
    assert!(!text.contains("canary") && !text.contains("eve"), "{text}");
}

/// Stories of the local edge: they read the log of this process, or come from a web page of this machine.
mod local {
    use super::*;

    #[test]
    fn where_a_request_comes_from_counts_before_who_sends_it_and_that_before_everything_else() {
        let server = library();
        let request = server.client(Revision::Modern).request("tools/list", json!({}));
        let send = |request: &Request| request.send(server.address());
        let foreign = request.clone().header("origin", "https://evil.example.com");
        assert_eq!(send(&foreign).status, 403);
        assert_eq!(send(&with(foreign, ALICE)).status, 403);
        assert_eq!(send(&request.clone().header("host", "evil.example.com")).status, 403);
        for wrong in [
            request.clone().start("GET /mcp"),
            request.clone().start("DELETE /mcp"),
            request.clone().header("content-type", "text/plain"),
            request.clone().header("accept", "image/png"),
            Request::post("not JSON"),
            Request::post(" ".repeat(7 << 20)),
        ] {
            assert_eq!(send(&wrong).status, 401, "{}", wrong.start);
            let told = send(&with(wrong, EVE)).status;
            assert!([400, 405, 406, 413, 415].contains(&told), "{told}");
        }
        let health = send(&Request::post("").start("GET /healthz"));
        assert_eq!((health.status, health.body.as_slice()), (200, b"ok\n".as_slice()));
    }

    #[test]
    fn a_call_beyond_its_callers_scopes_is_told_all_that_it_takes_and_runs_nothing() {
        log::capture();
        let server = library();
        for revision in Revision::ALL {
            let client = server.client(revision);
            for (token, tool, needs) in [
                (EVE, "make_slug", "text.read"),
                (EVE, "change_case", "text.read text.write"),
                (BOB, "change_case", "text.read text.write"),
                (BOB, "spin", "spin"),
            ] {
                let answer = call(&client, token, tool);
                let message = format!("the caller needs the scopes `{needs}`");
                assert_eq!(answer.refusal(), (403, -32600, message.clone()), "{revision:?} {tool}");
                assert_eq!(answer.json()["id"], 1);
                let expected = format!(
                    "Bearer realm=\"toolcell\", error=\"insufficient_scope\", scope=\"{needs}\", error_description=\"{message}\""
                );
                assert_eq!(challenge(&answer), expected);
            }
            let progress = client.call_request_with("spin", &json!({}), json!({"progressToken": 1}));
            let answer = with(progress.header("accept", "text/event-stream"), BOB).send(server.address());
            assert_eq!((answer.status, answer.headers["content-type"].as_str()), (403, "application/json"));
            assert_eq!(call(&client, BOB, "make_slug").json()["result"]["content"][0]["text"], "ueber");
            assert_eq!(
                call(&client, ALICE, "change_case").json()["result"]["content"][0]["text"],
                "ÜBER UNS"
            );
            assert_eq!(call(&client, EVE, "no_such_tool").refusal().1, -32602);
        }
        let refused = log::lines("refused");
        assert!(
            refused
                .iter()
                .any(|line| line["principal"] == "bob" && line["tool"] == "spin" && line["status"] == 403)
        );
    }

    #[test]
    fn the_log_says_who_called_and_never_holds_a_token() {
        log::capture();
        let server = library();
        let client = server.client(Revision::Modern);
        for (token, _) in CALLERS {
            assert_eq!(call(&client, token, "count_text").status, 200);
        }
        call(&client, "tct_canary-nobody", "count_text");
        client.request("tools/list", json!({})).header("authorization", ALICE).send(server.address());
        let query = client.request("tools/list", json!({})).start(&format!("POST /mcp?access_token={BOB}"));
        query.send(server.address());

        let calls = log::lines("call");
        for name in ["alice", "bob", "eve"] {
            assert!(
                calls.iter().any(|line| line["principal"] == name && line["tool"] == "count_text"),
                "{name}"
            );
        }
        let statuses: Vec<_> = log::lines("refused").iter().map(|line| line["status"].clone()).collect();
        assert!(statuses.contains(&json!(401)) && statuses.contains(&json!(400)), "{statuses:?}");
        let text = log::text();
        assert!(!text.contains("canary"), "a token is in the log");
        for token in [ALICE, BOB, BOBS_NEXT, EVE] {
            let digest = Digest::of(token.as_bytes()).to_string();
            assert!(!text.contains(&digest[..16]), "a digest is in the log");
        }
    }
}

#[test]
fn a_name_of_megabytes_is_cut_before_it_is_logged_or_repeated() {
    log::capture();
    let directory = tempfile::tempdir().unwrap();
    let guarded = DynamicPlugin { more: "required-scopes = [\"spin\"]", ..DynamicPlugin::new("guarded") };
    let principals = [principal("alice", &[ALICE], r#""spin""#), principal("eve", &[EVE], "")].concat();
    let server = Server::start_locally(&format!("{principals}{}", guarded.config(directory.path())));
    let name = format!("guarded_{}", "n".repeat(3_000_000));
    for revision in Revision::ERAS {
        let client = server.client(revision);
        let params = json!({"name": name, "arguments": {}});
        // The header would have to repeat the name.
        let answer = match revision {
            Revision::Modern => continue,
            _ => with(client.request("tools/call", params), EVE).send(server.address()),
        };
        assert_eq!(answer.status, 403);
        assert!(answer.body.len() < 1024, "{} bytes", answer.body.len());
    }
    let text = log::text();
    let lines: Vec<_> = text.lines().filter(|line| line.contains("guarded_nnn")).collect();
    assert!(!lines.is_empty() && lines.iter().all(|line| line.len() < 1024), "{} lines", lines.len());
}
