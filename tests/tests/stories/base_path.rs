//! A server that a front end puts below a path of a host.

use serde_json::json;
use toolcell_tests::http::{Request, Response};
use toolcell_tests::{Edge, Revision, Server, fixture};

const BROWSER: &str = "text/html,application/xhtml+xml";

fn serve() -> Server {
    let plugin = fixture::plugin("hostile", &fixture::component("hostile"));
    Server::start(&format!("{plugin}[http]\npath = \"/a/tools\"\n"))
}

fn get(server: &Server, path: &str) -> Response {
    let request = Request::post("").start(&format!("GET {path}")).without("content-type");
    request.header("accept", BROWSER).send(server.address())
}

fn text(response: &Response) -> String {
    String::from_utf8(response.body.clone()).unwrap()
}

#[test]
fn everything_is_below_the_path_and_where_it_was() {
    let server = serve();
    let list = server.client(Revision::Modern).request("tools/list", json!({}));
    for path in ["/a/tools/mcp", "/a/tools/mcp/", "/mcp"] {
        let answer = list.clone().start(&format!("POST {path}")).send(server.address());
        assert_eq!(answer.status, 200, "{path}");
        assert!(answer.json()["result"]["tools"].is_array(), "{path}");
    }
    for (path, status) in [
        ("/a/tools/healthz", 200),
        ("/healthz", 200),
        ("/a/tools", 200),
        ("/a/tools/", 200),
        ("/", 200),
        ("/a/tools/mcp", 405),
        ("/a/tools/a/tools/", 404),
        ("/a/toolsmith", 404),
        ("/a", 404),
    ] {
        assert_eq!(get(&server, path).status, status, "{path}");
    }
    let nothing = get(&server, "/elsewhere");
    assert_eq!(text(&nothing), "not found: MCP is served at /a/tools/mcp\n");
}

#[test]
fn a_page_below_the_path_names_the_address_there() {
    let server = serve();
    let below = text(&get(&server, "/a/tools/"));
    assert!(below.contains("/a/tools/mcp</code>"), "{below}");
    let at_root = text(&get(&server, "/"));
    assert!(at_root.contains("/mcp</code>") && !at_root.contains("/a/tools"), "{at_root}");
    if Edge::chosen() == Edge::Serve {
        assert!(below.contains(&format!("http://{}/a/tools/mcp", server.address())), "{below}");
    }
}
