//! The page at `/`, for people with browsers.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde_json::json;
use toolcell_host::digest::Digest;
use toolcell_tests::http::{Request, Response};
use toolcell_tests::{Edge, Revision, Server, fixture};

const BROWSER: &str = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";

fn serve(lines: &str) -> Server {
    Server::start(&format!("{lines}{}", fixture::plugin("hostile", &fixture::component("hostile"))))
}

fn get(server: &Server, start: &str, accept: &str) -> Response {
    let request =
        Request::post("").start(start).without("content-type").without("accept").header("accept", accept);
    request.send(server.address())
}

fn text(response: &Response) -> String {
    String::from_utf8(response.body.clone()).unwrap()
}

#[test]
fn a_browser_is_told_what_this_is_and_how_to_connect_a_client() {
    let server = serve(
        "[server]\nname = \"bill\"\ntitle = \"Split bills\"\nwebsite-url = \"https://example.com/?a=1&b=2\"\n",
    );
    let page = get(&server, "GET /", BROWSER);
    assert_eq!((page.status, page.headers["content-type"].as_str()), (200, "text/html; charset=utf-8"));
    let html = text(&page);
    for part in [
        "<html lang=\"en\">",
        "<title>Split bills</title>",
        "<h1><bdi>Split bills</bdi></h1>",
        "<a href=\"https://example.com/?a=1&amp;b=2\" rel=\"noreferrer\">",
        "No sign-in is needed.",
        "claude mcp add --transport http bill http",
        "/mcp</code>",
    ] {
        assert!(html.contains(part), "{part}: {html}");
    }
    if Edge::chosen() == Edge::Serve {
        assert!(html.contains(&format!("http://{}/mcp", server.address())), "{html}");
        let port = server.address().port();
        let request = Request::post("").start("GET /").header("accept", BROWSER);
        let named =
            request.without("host").header("host", &format!("localhost:{port}")).send(server.address());
        assert_eq!(text(&named), html, "the address is the server's own, and not that of a header");
    }
    assert!(!html.contains("hostile") && !html.contains("<script"), "no tool, no plugin, no script: {html}");
    let policy = &page.headers["content-security-policy"];
    assert!(policy.starts_with("default-src 'none'; style-src 'sha256-"), "{policy}");
    for part in ["base-uri 'none'", "form-action 'none'", "frame-ancestors 'none'"] {
        assert!(policy.contains(part) && !policy.contains("unsafe"), "{policy}");
    }
    let (_, style) = html.split_once("<style>").unwrap();
    let digest = Digest::of(style.split("</style>").next().unwrap().as_bytes());
    let allowed = format!("style-src 'sha256-{}';", BASE64_STANDARD.encode(digest.0));
    assert!(policy.contains(&allowed), "the style of the page is allowed: {allowed} in {policy}");
    assert_eq!(page.headers["x-content-type-options"], "nosniff");
    assert_eq!(page.headers["referrer-policy"], "no-referrer");
    let head = Request::post("").start("HEAD /").header("accept", BROWSER).begin(server.address());
    assert_eq!((head.status, head.headers["content-type"].as_str()), (200, "text/html; charset=utf-8"));
}

#[test]
fn others_get_what_they_got_before() {
    let server = serve("");
    for (start, accept) in [
        ("GET /", "*/*"),
        ("GET /", "application/json, text/event-stream"),
        ("POST /", BROWSER),
        ("GET /index.html", BROWSER),
    ] {
        let response = get(&server, start, accept);
        assert_eq!(
            (response.status, text(&response).as_str()),
            (404, "not found: MCP is served at /mcp\n"),
            "{start}"
        );
    }
    assert_eq!(get(&server, "GET /healthz", BROWSER).status, 200);
    assert_eq!(get(&server, "GET /mcp", BROWSER).status, 405);
    let without = serve("[server]\npage = false\n");
    assert_eq!(get(&without, "GET /", BROWSER).status, 404);
    let list = without.client(Revision::Modern).ask("tools/list", json!({}));
    assert!(list["tools"].is_array(), "the rest is served");
}

#[test]
fn a_hostile_name_stays_a_text() {
    let name = r#"\"><script>alert(1)</script><img src=x onerror='a()'>&lt;"#;
    let server = serve(&format!("[server]\nname = \"{name}\"\nwebsite-url = \"javascript:alert(1)\"\n"));
    let html = text(&get(&server, "GET /", BROWSER));
    assert!(!html.contains("<script") && !html.contains("<img") && !html.contains("javascript:"), "{html}");
    assert!(html.contains("&quot;&gt;&lt;script&gt;"), "{html}");
    assert!(html.contains("claude mcp add --transport http toolcell "), "no name that needs quotes: {html}");
}

mod local {
    use super::*;

    #[test]
    fn callers_are_told_what_they_need() {
        let token = "[auth.bearer.principals.alice]\ntokens = [\"sha256:0000000000000000000000000000000000000000000000000000000000000000\"]\n";
        let html = text(&get(&serve(token), "GET /", BROWSER));
        assert!(
            html.contains("Your client needs a token") && !html.contains("alice") && !html.contains("0000"),
            "{html}"
        );
    }

    #[test]
    fn callers_are_told_where_they_sign_in_and_the_names_of_issuers_stay_texts() {
        let issuers = "[auth.oauth.issuers.one]\nissuer = \"https://login.example.com/a&b'c\"\n\
                       [auth.oauth.issuers.two]\nissuer = \"https://other.example.com\"\n";
        let html = text(&get(&serve(issuers), "GET /", BROWSER));
        let told = "Your client signs you in at <bdi>https://login.example.com/a&amp;b&#39;c</bdi> or \
                    <bdi>https://other.example.com</bdi>.";
        assert!(html.contains(told), "{html}");
    }

    #[test]
    fn a_name_that_points_here_gets_no_page() {
        let server = serve("");
        let request = Request::post("").start("GET /").header("accept", BROWSER);
        let rebound = request.without("host").header("host", "evil.example").send(server.address());
        assert_eq!(rebound.status, 403);
    }
}
