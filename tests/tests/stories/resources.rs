//! Resources: listed page by page over several plugins, and read from the plugin that owns them.

use serde_json::{Value, json};
use toolcell_host::digest::Digest;
use toolcell_tests::dynamic::{DynamicPlugin, all, dynamic_plugins, pages};
use toolcell_tests::{Client, Revision, Server, fixture};

const READER: &str = "tct_canary-reader-0123456789abcdefghijklmnopqrs";
const EVE: &str = "tct_canary-eve-0123456789abcdefghijklmnopqrstuvw";

/// Words that no client may read.
const INTERNALS: [&str; 5] = ["a secret", "wasmtime", ".rs:", "panicked at", "0x"];

fn serve(plugins: &[DynamicPlugin]) -> Server {
    let directory = tempfile::tempdir().unwrap();
    Server::start(&dynamic_plugins(directory.path(), plugins))
}

fn uris(client: &Client) -> Vec<String> {
    all(client, "resources/list", "resources", "uri")
}

fn items(plugin: &str) -> Vec<String> {
    (0..3).map(|number| format!("{plugin}:///item-{number}")).collect()
}

#[test]
fn lists_go_through_the_pages_of_every_plugin() {
    let server = serve(&[DynamicPlugin::new("left"), DynamicPlugin::new("right")]);
    for revision in Revision::ALL {
        let client = server.client(revision);
        let pages = pages(&client, "resources/list", "resources", "uri");
        assert_eq!(pages.concat(), [items("left"), items("right")].concat(), "{revision:?}");
        assert!(pages.len() >= 3 && pages.iter().all(|page| !page.is_empty()), "{pages:?}");
        let templates = all(&client, "resources/templates/list", "resourceTemplates", "uriTemplate");
        assert_eq!((templates.len(), &*templates[5]), (6, "right:///2/{name}"));
    }
}

#[test]
fn a_cursor_of_another_list_or_made_up_is_refused() {
    let server = serve(&[DynamicPlugin::new("left"), DynamicPlugin::new("right")]);
    let client = server.client(Revision::Modern);
    let cursor = client.ask("resources/list", json!({}))["nextCursor"].clone();
    let at = |method: &str, cursor: &Value| client.send(method, json!({ "cursor": cursor }));
    assert!(at("resources/list", &cursor).json()["result"].is_object());
    for method in ["resources/templates/list", "tools/list", "prompts/list"] {
        let (status, code, message) = at(method, &cursor).refusal();
        assert_eq!((status, code), (200, -32602), "{method}");
        assert!(message.starts_with("params.cursor: "), "{message}");
    }
    assert_eq!(at("resources/list", &json!("2")).refusal().1, -32602, "the plugin's own cursor");
}

#[test]
fn what_is_not_a_plugins_is_left_out_and_never_read_through_it() {
    let server = serve(&[DynamicPlugin { fault: "foreign", ..DynamicPlugin::new("left") }]);
    for revision in Revision::ERAS {
        let client = server.client(revision);
        assert_eq!(uris(&client), ["left:///item-0", "left:///item-2"]);
        let code = if revision == Revision::Modern { -32602 } else { -32002 };
        for uri in ["elsewhere:///item-1", "left:///nothing", "left://item-0", "LEFT:///item-0"] {
            let answer = client.send("resources/read", json!({ "uri": uri }));
            assert_eq!((answer.refusal().0, answer.refusal().1), (200, code), "{revision:?} {uri}");
            assert_eq!(answer.json()["error"]["data"], json!({ "uri": uri }));
        }
    }
}

#[test]
fn what_is_read_says_how_long_it_stays_fresh() {
    let server = serve(&[DynamicPlugin::new("left"), DynamicPlugin::new("right")]);
    let client = server.client(Revision::Modern);
    for (item, ttl_ms, scope) in
        [("item-0", 0, "private"), ("item-1", 60_000, "public"), ("item-2", 1, "private")]
    {
        let uri = format!("right:///{item}");
        let read = client.ask("resources/read", json!({ "uri": uri }));
        assert_eq!((&read["ttlMs"], &read["cacheScope"]), (&json!(ttl_ms), &json!(scope)), "{read}");
        assert_eq!(read["contents"][0]["uri"], uri);
        assert_eq!(read["contents"][0]["_meta"], json!({"ui": {"prefersBorder": true}}));
    }
    let legacy =
        server.client(Revision::November2025).ask("resources/read", json!({"uri": "left:///item-1"}));
    assert!(legacy.get("ttlMs").is_none() && legacy.get("cacheScope").is_none(), "{legacy}");
}

#[test]
fn older_clients_see_what_they_know() {
    let server = serve(&[DynamicPlugin::new("left")]);
    for (revision, icons, titles) in [
        (Revision::Modern, true, true),
        (Revision::November2025, true, true),
        (Revision::June2025, false, true),
        (Revision::March2025, false, false),
        (Revision::November2024, false, false),
    ] {
        let page = server.client(revision).ask("resources/list", json!({}));
        let resource = &page["resources"][0];
        assert_eq!(resource.get("icons").is_some(), icons, "{revision:?}: {resource}");
        assert_eq!(resource.get("title").is_some(), titles, "{revision:?}: {resource}");
        assert_eq!(resource["name"], "item-0");
    }
}

#[test]
fn a_plugin_that_fails_does_not_take_the_others_lists_down() {
    for fault in ["trap", "error", "bad_uri", "bad_meta", "megabytes", "long_cursor"] {
        let server =
            serve(&[DynamicPlugin { fault, ..DynamicPlugin::new("bad") }, DynamicPlugin::new("good")]);
        for revision in Revision::ERAS {
            let client = server.client(revision);
            assert_eq!(uris(&client), items("good"), "{fault} {revision:?}");
        }
    }
    let same = serve(&[
        DynamicPlugin { fault: "same_cursor", ..DynamicPlugin::new("bad") },
        DynamicPlugin::new("good"),
    ]);
    let listed = uris(&same.client(Revision::Modern));
    assert!(items("good").iter().all(|uri| listed.contains(uri)), "a cursor that repeats ends: {listed:?}");
    let icons = serve(&[DynamicPlugin { fault: "many_icons", ..DynamicPlugin::new("rich") }]);
    assert_eq!(uris(&icons.client(Revision::Modern)), items("rich"));
}

#[test]
fn an_item_whose_text_hides_something_is_left_out_of_every_list() {
    let server = serve(&[DynamicPlugin { fault: "bad_text", ..DynamicPlugin::new("bad") }]);
    for revision in Revision::ERAS {
        let client = server.client(revision);
        assert_eq!(uris(&client), ["bad:///item-0", "bad:///item-2"]);
        let templates = all(&client, "resources/templates/list", "resourceTemplates", "name");
        assert_eq!(templates, ["template-0", "template-2"]);
        assert_eq!(all(&client, "prompts/list", "prompts", "name"), ["bad_prompt-0", "bad_prompt-2"]);
    }
}

#[test]
fn a_reading_that_fails_tells_no_internals_and_the_server_lives() {
    let server = serve(&[DynamicPlugin::new("left")]);
    for revision in Revision::ERAS {
        let client = server.client(revision);
        for item in ["failing", "trapping", "bad-uri", "bad-meta"] {
            let answer = client.send("resources/read", json!({"uri": format!("left:///{item}")}));
            let (status, code, message) = answer.refusal();
            assert_eq!((status, code), (200, -32603), "{item}: {message}");
            for internal in INTERNALS {
                assert!(!message.contains(internal), "{item}: {message}");
            }
            assert_eq!(message == "the plugin broke", item == "failing", "{item}: {message}");
        }
        client.ask("resources/read", json!({"uri": "left:///item-0"}));
    }
}

#[test]
fn who_lacks_the_scopes_neither_sees_nor_reads() {
    let directory = tempfile::tempdir().unwrap();
    let closed = DynamicPlugin { more: "required-scopes = [\"closed\"]", ..DynamicPlugin::new("closed") };
    let principal = |name: &str, token: &str, scopes: &str| {
        let digest = Digest::of(token.as_bytes());
        format!("[auth.bearer.principals.{name}]\ntokens = [\"sha256:{digest}\"]\nscopes = [{scopes}]\n")
    };
    let who = [principal("reader", READER, "\"closed\""), principal("eve", EVE, "")].concat();
    let server = Server::start(&format!(
        "{who}{}",
        dynamic_plugins(directory.path(), &[closed, DynamicPlugin::new("open")])
    ));
    for revision in Revision::ERAS {
        let client = server.client(revision);
        let send = |token: &str, method: &str, params: Value| {
            let request = client.request(method, params);
            request.header("authorization", &format!("Bearer {token}")).send(server.address())
        };
        for (method, member, key, start) in [
            ("resources/list", "resources", "uri", "closed:"),
            ("resources/templates/list", "resourceTemplates", "uriTemplate", "closed:"),
            ("prompts/list", "prompts", "name", "closed_"),
            ("tools/list", "tools", "name", "closed_"),
        ] {
            let sees = |token| {
                let (mut cursor, mut sees) = (Value::Null, false);
                loop {
                    let params = if cursor.is_null() { json!({}) } else { json!({ "cursor": cursor }) };
                    let page = send(token, method, params).json()["result"].take();
                    let mut items = page[member].as_array().unwrap().iter();
                    sees |= items.any(|item| item[key].as_str().unwrap().starts_with(start));
                    cursor = page["nextCursor"].clone();
                    if cursor.is_null() {
                        return sees;
                    }
                }
            };
            assert_eq!((sees(READER), sees(EVE)), (true, false), "{revision:?} {method}");
        }
        for (method, params) in [
            ("resources/read", json!({"uri": "closed:///item-0"})),
            ("prompts/get", json!({"name": "closed_prompt-0", "arguments": {"word": "w"}})),
            ("tools/call", json!({"name": "closed_tool-0", "arguments": {}})),
        ] {
            assert!(send(READER, method, params.clone()).json()["result"].is_object(), "{method}");
            let refused = send(EVE, method, params);
            assert_eq!((refused.refusal().0, refused.refusal().1), (403, -32600), "{revision:?} {method}");
        }
    }
}

#[test]
fn a_subscription_is_taken_and_never_advertised() {
    let server = serve(&[DynamicPlugin::new("left")]);
    let client = server.client(Revision::November2025);
    let hello = json!({"protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": {"name": "a", "version": "1"}});
    let capabilities = &client.ask("initialize", hello)["capabilities"];
    assert!(capabilities["resources"].is_object() && capabilities["prompts"].is_object(), "{capabilities}");
    assert_ne!(capabilities["resources"]["subscribe"], true);
    for method in ["resources/subscribe", "resources/unsubscribe"] {
        assert_eq!(client.ask(method, json!({"uri": "left:///item-0"})), json!({}));
    }
}

#[test]
fn a_server_without_resources_and_prompts_has_no_such_methods() {
    let server = Server::start(&fixture::plugin("text", &fixture::sample("text")));
    for (revision, status) in [(Revision::Modern, 404), (Revision::November2025, 200)] {
        let client = server.client(revision);
        for method in ["resources/list", "resources/templates/list", "prompts/list"] {
            let refused = client.send(method, json!({})).refusal();
            assert_eq!((refused.0, refused.1), (status, -32601), "{revision:?} {method}");
        }
    }
    let discovered = server.client(Revision::Modern).ask("server/discover", json!({}));
    let capabilities = discovered["capabilities"].as_object().unwrap();
    assert!(capabilities.contains_key("tools"), "{discovered}");
    for absent in ["resources", "prompts", "completions"] {
        assert!(!capabilities.contains_key(absent), "{discovered}");
    }
}
