//! What a client sees: metadata, challenges, lists by scope; and what the log says of a refusal.

use std::net::SocketAddr;

use serde_json::{Value, json};
use toolcell_tests::http::{Request, Response};
use toolcell_tests::issuer::Behaviour;
use toolcell_tests::{Client, Revision, Server, TestIssuer, fixture, log};

const RESOURCE_METADATA: &str = "/.well-known/oauth-protected-resource";

/// The tools of [`library`].
const TOOLS: [&str; 3] = ["change_case", "count_text", "make_slug"];

/// Serves the sample `text`: a tool for all callers, one for readers, and one for those who may also write.
fn library(issuer: &TestIssuer, oauth: &str, more: &str) -> Server {
    let text = fixture::plugin("text", &fixture::sample("text"));
    let config = format!(
        "{}[auth.oauth]\n{oauth}\n{text}only = [\"count_text\", \"make_slug\", \"change_case\"]\n\
         [plugins.text.tools]\nmake_slug.required-scopes = [\"text.read\"]\n\
         change_case.required-scopes = [\"text.read\", \"text.write\"]\n",
        issuer.config(more)
    );
    Server::start_with_loopback(&config, &[issuer.port()])
}

fn own_url(server: &Server) -> String {
    format!("http://{}/mcp", server.address())
}

fn with(request: Request, token: &str) -> Request {
    request.header("authorization", &format!("Bearer {token}"))
}

fn call(client: &Client, token: &str, tool: &str) -> Response {
    let arguments = match tool {
        "make_slug" => json!({ "text": "Über", "max_length": 80 }),
        "change_case" => json!({ "text": "Über", "to": "upper" }),
        _ => json!({ "text": "Über uns" }),
    };
    with(client.call_request(tool, &arguments), token).send(client.address())
}

fn get(address: SocketAddr, path: &str) -> Response {
    Request::post("").start(&format!("GET {path}")).without("content-type").send(address)
}

fn challenge(response: &Response) -> &str {
    response.headers.get("www-authenticate").map_or("", String::as_str)
}

fn names(list: &Value) -> Vec<&str> {
    list["result"]["tools"].as_array().unwrap().iter().map(|tool| tool["name"].as_str().unwrap()).collect()
}

#[test]
fn everybody_may_read_the_metadata_at_both_paths_from_every_page() {
    let issuer = TestIssuer::start_at("/tenant");
    let server = library(&issuer, "", "");
    let expected = json!({
        "resource": own_url(&server),
        "authorization_servers": [issuer.url()],
        "scopes_supported": ["text.read", "text.write"],
        "bearer_methods_supported": ["header"],
        "resource_name": "toolcell",
    });
    for path in [RESOURCE_METADATA.to_owned(), format!("{RESOURCE_METADATA}/mcp")] {
        let response = get(server.address(), &path);
        assert_eq!((response.status, response.json()), (200, expected.clone()), "{path}");
        assert_eq!(response.headers["content-type"], "application/json");
        assert_eq!(response.headers["access-control-allow-origin"], "*");
        let page =
            Request::post("").start(&format!("OPTIONS {path}")).header("origin", "https://page.example");
        let preflight = page.send(server.address());
        assert_eq!((preflight.status, preflight.headers["access-control-allow-origin"].as_str()), (204, "*"));
        assert_eq!(preflight.headers["access-control-allow-methods"], "GET, HEAD, OPTIONS");
        let head = Request::post("").start(&format!("HEAD {path}")).begin(server.address());
        assert_eq!(head.status, 200);
        assert_eq!(Request::post("{}").start(&format!("POST {path}")).send(server.address()).status, 405);
    }
    assert_eq!(issuer.asked().len(), 0, "a client that has no token causes no request");
}

#[test]
fn other_places_where_clients_look_say_where_to_look() {
    let issuer = TestIssuer::start();
    let server = library(&issuer, "", "");
    for path in
        ["/.well-known/oauth-authorization-server", "/.well-known/openid-configuration/mcp", "/register"]
    {
        let response = get(server.address(), path);
        assert_eq!(response.status, 404, "{path}");
        let description = response.json()["error_description"].as_str().unwrap().to_owned();
        assert!(description.contains(RESOURCE_METADATA), "{description}");
    }
}

#[test]
fn a_client_is_led_from_a_refusal_to_the_metadata_and_is_told_nothing_of_its_token() {
    log::capture();
    let issuer = TestIssuer::start();
    let server = library(&issuer, "", "");
    let client = server.client(Revision::Modern);
    let pointer = format!("Bearer resource_metadata=\"http://{}{RESOURCE_METADATA}/mcp\"", server.address());
    let list = client.request("tools/list", json!({}));
    let none = list.send(server.address());
    assert_eq!(none.status, 401);
    assert_eq!(challenge(&none), format!("{pointer}, scope=\"text.read text.write\""));
    let own = own_url(&server);
    for (token, reason) in [
        (issuer.token_with(&own, json!({ "exp": 1 })), "it has expired (`exp`)"),
        (issuer.token("https://other.example/mcp", ""), "`aud` names another resource"),
        ("opaque".to_owned(), "it is not a JWT: expected three parts in base64url without padding"),
    ] {
        let refused = with(list.clone(), &token).send(server.address());
        let message = "the token is not valid".to_owned();
        assert_eq!(refused.refusal(), (401, -32600, message.clone()), "{reason}");
        assert_eq!(
            challenge(&refused),
            format!(
                "{pointer}, error=\"invalid_token\", scope=\"text.read text.write\", error_description=\"{message}\""
            )
        );
        let lines = log::lines("refused");
        let line = lines.iter().find(|line| line["reason"] == format!("{message}: {reason}"));
        assert_eq!(line.unwrap_or_else(|| panic!("{reason}: {lines:?}"))["rule"], "token");
        assert!(!log::text().contains(&token), "a token is in the log");
    }
    let twice = {
        let mut request = with(list.clone(), "a");
        request.headers.push(("authorization".to_owned(), "Bearer b".to_owned()));
        request.send(server.address())
    };
    assert_eq!(twice.status, 400);
    assert!(challenge(&twice).starts_with(&format!("{pointer}, error=\"invalid_request\"")));
    let query = list.start("POST /mcp?access_token=a").send(server.address());
    assert_eq!(query.status, 400);
}

#[test]
fn a_caller_sees_every_tool_calls_what_its_scopes_allow_and_is_told_all_that_it_lacks() {
    log::capture();
    let issuer = TestIssuer::start();
    let server = library(&issuer, "[auth.oauth.implies]\n\"text\" = [\"text.read\", \"text.write\"]", "");
    let own = own_url(&server);
    for revision in Revision::ERAS {
        let client = server.client(revision);
        for (scopes, expected) in [
            ("", vec!["count_text"]),
            ("text.read", vec!["count_text", "make_slug"]),
            ("text.read text.write", vec!["change_case", "count_text", "make_slug"]),
            ("text", vec!["change_case", "count_text", "make_slug"]),
        ] {
            let token = issuer.token(&own, scopes);
            let list = with(client.request("tools/list", json!({})), &token).send(server.address()).json();
            assert_eq!(names(&list), TOOLS, "{scopes}");
            for tool in TOOLS {
                let response = call(&client, &token, tool);
                let is_allowed = expected.contains(&tool);
                assert_eq!(response.status, if is_allowed { 200 } else { 403 }, "{scopes}: {tool}");
                if tool == "change_case" && !is_allowed {
                    let expected = format!(
                        "Bearer resource_metadata=\"http://{}{RESOURCE_METADATA}/mcp\", error=\"insufficient_scope\", \
                         scope=\"text.read text.write\", error_description=\"the caller needs the scopes `text.read \
                         text.write`\"",
                        server.address()
                    );
                    assert_eq!(challenge(&response), expected);
                }
            }
        }
    }
    let principal = format!("{}#alice", issuer.url());
    let calls = log::lines("tool called");
    assert!(
        log::text().contains(&format!("\"principal\":\"{principal}\"")),
        "the caller is in the log: {calls:?}"
    );
}

#[test]
fn lists_can_show_what_a_token_allows_alone() {
    let issuer = TestIssuer::start();
    let server = library(&issuer, "lists = \"allowed\"", "");
    let client = server.client(Revision::Modern);
    for (scopes, expected) in [
        ("", vec!["count_text"]),
        ("text.read", vec!["count_text", "make_slug"]),
        ("text.read text.write", TOOLS.to_vec()),
    ] {
        let token = issuer.token(&own_url(&server), scopes);
        let list = with(client.request("tools/list", json!({})), &token).send(server.address()).json();
        assert_eq!((names(&list), &list["result"]["cacheScope"]), (expected, &json!("private")), "{scopes}");
    }
    let token = issuer.token(&own_url(&server), "");
    assert_eq!(
        call(&client, &token, "make_slug").status,
        403,
        "who knows a hidden tool is told what it takes"
    );
}

#[test]
fn a_client_that_lists_first_finds_the_scopes_in_the_list_and_a_new_token_changes_no_page_of_it() {
    let issuer = TestIssuer::start();
    let server = library(&issuer, "scopes = [\"text.read\"]\n[lists]\npage-size = 2\n", "");
    let client = server.client(Revision::Modern);
    let (few, all) = ("text.read", "text.read text.write");
    let page = |scopes: &str, params: Value| {
        let token = issuer.token(&own_url(&server), scopes);
        with(client.request("tools/list", params), &token).send(server.address()).json()["result"].clone()
    };
    let first = page(few, json!({}));
    let tool = first["tools"].as_array().unwrap().iter().find(|tool| tool["name"] == "change_case").unwrap();
    assert_eq!(tool["securitySchemes"], json!([{ "type": "oauth2", "scopes": ["text.read", "text.write"] }]));
    assert_eq!(call(&client, &issuer.token(&own_url(&server), few), "change_case").status, 403);
    assert_eq!(call(&client, &issuer.token(&own_url(&server), all), "change_case").status, 200);
    // The rest of the list, with the cursor of before: nothing is left out, nothing comes twice.
    let next = json!({ "cursor": first["nextCursor"] });
    assert_eq!(page(few, next.clone()), page(all, next));
    assert_eq!(page(all, json!({})), first);
    assert_eq!(first["cacheScope"], "private", "callers with tokens of another kind see other lists");
}

#[test]
fn a_prompt_is_shown_as_tools_are_and_what_only_running_the_plugin_would_tell_is_not() {
    log::capture();
    let issuer = TestIssuer::start();
    let scripted = fixture::plugin("scripted", &fixture::component("scripted"));
    let config = format!("{}{scripted}required-scopes = [\"closed\"]\n", issuer.config(""));
    let server = Server::start_with_loopback(&config, &[issuer.port()]);
    let client = server.client(Revision::Modern);
    let ask = |scopes: &str, method: &str, params: Value| {
        with(client.request(method, params), &issuer.token(&own_url(&server), scopes)).send(server.address())
    };
    for (scopes, runs) in [("", 0), ("closed", 1)] {
        let prompts = ask(scopes, "prompts/list", json!({})).json();
        let mut prompts = prompts["result"]["prompts"].as_array().unwrap().iter();
        assert!(prompts.any(|prompt| prompt["name"] == "prompt_that_asks"), "{scopes}");
        let resources = ask(scopes, "resources/list", json!({})).json();
        assert_eq!(resources["result"]["resources"], json!([]), "its list asks, which no list may");
        assert_eq!(log::lines("the list lacks the plugin's items").len(), runs, "{scopes}");
    }
    for (method, params) in [
        ("prompts/get", json!({ "name": "prompt_that_asks", "arguments": { "message": "Who?" } })),
        ("resources/read", json!({ "uri": "scripted:///who" })),
    ] {
        let refused = ask("", method, params);
        assert_eq!(refused.status, 403, "{method}");
        assert!(challenge(&refused).contains("insufficient_scope\", scope=\"closed\""), "{method}");
    }
}

#[test]
fn a_static_token_which_cannot_ask_for_more_shows_what_it_allows() {
    let issuer = TestIssuer::start();
    let digest = toolcell_host::digest::Digest::of(b"tct_static");
    let ci =
        format!("[auth.bearer.principals.ci]\ntokens = [\"sha256:{digest}\"]\nscopes = [\"text.read\"]\n");
    let server = library(&issuer, "", &ci);
    for revision in Revision::ERAS {
        let list = server.client(revision).request("tools/list", json!({}));
        let listed = |token: &str| with(list.clone(), token).send(server.address()).json();
        assert_eq!(names(&listed("tct_static")), ["count_text", "make_slug"]);
        assert_eq!(names(&listed(&issuer.token(&own_url(&server), ""))), TOOLS);
    }
}

#[test]
fn scopes_that_a_client_asks_for_first_can_be_fewer() {
    let issuer = TestIssuer::start();
    let server = library(&issuer, "scopes = [\"text.read\"]", "");
    let metadata = get(server.address(), RESOURCE_METADATA).json();
    assert_eq!(metadata["scopes_supported"], json!(["text.read"]));
    let none = server.client(Revision::Modern).request("tools/list", json!({})).send(server.address());
    assert!(challenge(&none).ends_with(", scope=\"text.read\""), "{}", challenge(&none));
}

#[test]
fn a_client_is_never_told_to_ask_for_the_scope_that_it_adds_by_itself() {
    let issuer = TestIssuer::start();
    let text = fixture::plugin("text", &fixture::sample("text"));
    let config = format!(
        "{}{text}[plugins.text.tools]\nmake_slug.required-scopes = [\"text.read\", \"offline_access\"]\n",
        issuer.config("")
    );
    let server = Server::start_with_loopback(&config, &[issuer.port()]);
    let metadata = get(server.address(), RESOURCE_METADATA).json();
    assert_eq!(metadata["scopes_supported"], json!(["text.read"]));
    let none = server.client(Revision::Modern).request("tools/list", json!({})).send(server.address());
    assert!(challenge(&none).ends_with(", scope=\"text.read\""), "{}", challenge(&none));
}

#[test]
fn a_public_address_is_the_resource_and_the_audience_and_no_header_is() {
    let issuer = TestIssuer::start();
    let server = library(&issuer, "public-url = \"https://mcp.example.com\"", "");
    let request = Request::post("")
        .start(&format!("GET {RESOURCE_METADATA}"))
        .header("x-forwarded-host", "attacker.example")
        .header("forwarded", "host=attacker.example");
    assert_eq!(request.send(server.address()).json()["resource"], "https://mcp.example.com/mcp");
    let client = server.client(Revision::Modern);
    let list =
        |token: String| with(client.request("tools/list", json!({})), &token).send(server.address()).status;
    assert_eq!(list(issuer.token("https://mcp.example.com/mcp", "")), 200);
    assert_eq!(list(issuer.token(&own_url(&server), "")), 401);
    let server = library(&issuer, "", "");
    let request = Request::post("").start(&format!("GET {RESOURCE_METADATA}")).header("host", "localhost:1");
    assert_eq!(request.send(server.address()).json()["resource"], own_url(&server));
}

#[test]
fn an_issuer_that_is_down_makes_the_server_unavailable_and_no_token_invalid() {
    let issuer = TestIssuer::start();
    issuer.behave(Behaviour::Status(500));
    let server = library(&issuer, "", "");
    let client = server.client(Revision::Modern);
    let list = with(client.request("tools/list", json!({})), &issuer.token(&own_url(&server), ""));
    let response = list.send(server.address());
    assert_eq!(response.status, 503);
    assert!(!String::from_utf8_lossy(&response.body).contains("localhost"), "the client learns no address");
    assert_eq!(client.request("tools/list", json!({})).send(server.address()).status, 401);
}

#[test]
fn static_tokens_and_access_tokens_are_taken_side_by_side() {
    let issuer = TestIssuer::start();
    let digest = toolcell_host::digest::Digest::of(b"tct_static");
    let server = library(
        &issuer,
        "",
        &format!("[auth.bearer.principals.ci]\ntokens = [\"sha256:{digest}\"]\nscopes = [\"text.read\"]\n"),
    );
    let client = server.client(Revision::Modern);
    assert_eq!(call(&client, "tct_static", "make_slug").status, 200);
    assert_eq!(call(&client, &issuer.token(&own_url(&server), "text.read"), "make_slug").status, 200);
    assert_eq!(call(&client, "tct_other", "make_slug").status, 401);
}

#[test]
fn a_call_that_lacks_scopes_can_be_refused_by_a_result_that_names_the_challenge() {
    log::capture();
    let issuer = TestIssuer::start();
    let server = library(&issuer, "challenge = \"result\"", "");
    let own = own_url(&server);
    for revision in Revision::ERAS {
        let client = server.client(revision);
        let response = call(&client, &issuer.token(&own, "text.read"), "change_case");
        assert_eq!(response.status, 200);
        let result = &response.json()["result"];
        assert_eq!(result["isError"], true);
        assert_eq!(result["content"][0]["text"], "the caller needs the scopes `text.read text.write`");
        let challenge = format!(
            "Bearer resource_metadata=\"http://{}{RESOURCE_METADATA}/mcp\", error=\"insufficient_scope\", \
             scope=\"text.read text.write\", error_description=\"the caller needs the scopes `text.read text.write`\"",
            server.address()
        );
        assert_eq!(result["_meta"]["mcp/www_authenticate"], json!([challenge]));
        assert_eq!(call(&client, &issuer.token(&own, "text.read"), "make_slug").status, 200);
        assert_eq!(call(&client, "opaque", "make_slug").status, 401, "whoever is unknown gets the status");
    }
    let lines = log::lines("refused");
    assert!(lines.iter().any(|line| line["rule"] == "required-scopes" && line["tool"] == "change_case"));
}
