//! `plugins/web` with a web site over TLS.

use bytes::Bytes;
use http::{Request, Response, StatusCode};
use serde_json::{Value, json};
use toolcell_tests::{Called, Revision, Server, Upstream, fixture};

/// A server of the plugin, and the site that it may read below `/open/`.
struct Bench {
    site: Upstream,
    server: Server,
}

impl Bench {
    fn new() -> Self {
        let site = Upstream::answering(answer);
        let port = site.port();
        let config = format!(
            "{}[[plugins.web.grants.http]]\nhost = \"localhost\"\nport = {port}\npaths = [\"/open/\"]\n{}",
            fixture::plugin("web", &fixture::sample("web")),
            site.network()
        );
        Self { server: Server::start_with_loopback(&config, &[port]), site }
    }

    fn call(&self, tool: &str, path: &str) -> Called {
        let url = format!("https://{}{path}", self.site.authority());
        self.server.client(Revision::Modern).call(tool, &json!({"url": url}))
    }

    fn page(&self, path: &str) -> Value {
        let called = self.call("read_page", path);
        assert!(!called.is_error, "{called:?}");
        called.structured.unwrap()
    }

    fn paths(&self) -> Vec<String> {
        self.site.seen().into_iter().map(|seen| seen.path).collect()
    }
}

fn answer(request: &Request<Bytes>) -> Response<Bytes> {
    let (status, header, body): (_, _, &[u8]) = match request.uri().path() {
        "/open/page" => (
            200,
            ("content-type", "text/html; charset=iso-8859-1"),
            b"<title>Caf\xe9</title><nav><a href=/>Home</a></nav><h1>Caf\xe9</h1><p>See <a href='b?c#d'>b</a>.",
        ),
        "/open/moved" => (302, ("location", "page"), b""),
        "/open/out" => (302, ("location", "/closed/page"), b""),
        "/open/file" => (200, ("content-type", "application/zip"), b"PK"),
        "/open/large" => return Response::new(Bytes::from(format!("<p>{}", "word ".repeat(600_000)))),
        _ => (404, ("x-none", ""), b""),
    };
    let mut response = Response::new(Bytes::from_static(body));
    *response.status_mut() = StatusCode::from_u16(status).unwrap();
    response.headers_mut().insert(header.0, header.1.parse().unwrap());
    response
}

#[test]
fn a_page_is_read_as_markdown_after_a_redirect() {
    let bench = Bench::new();
    let (page, authority) = (bench.page("/open/moved"), bench.site.authority());
    assert_eq!(
        (&page["title"], &page["url"]),
        (&json!("Café"), &json!(format!("https://{authority}/open/page")))
    );
    assert_eq!(page["text"], format!("# Café\n\nSee [b](https://{authority}/open/b?c#d).\n"));
    assert_eq!(bench.paths(), ["/open/moved", "/open/page"]);
    let links = bench.call("list_links", "/open/page").structured.unwrap();
    let urls: Vec<_> = links["links"].as_array().unwrap().iter().map(|link| link["url"].clone()).collect();
    assert_eq!(urls, [format!("https://{authority}/"), format!("https://{authority}/open/b?c")]);
}

#[test]
fn a_redirect_leads_nowhere_that_is_not_allowed() {
    let bench = Bench::new();
    let text = bench.call("read_page", "/open/out").failure().to_owned();
    assert!(
        text.contains("/closed/page, which cannot be read: this server does not allow the request"),
        "{text}"
    );
    assert_eq!(bench.paths(), ["/open/out"], "the request was not sent");
}

#[test]
fn what_is_not_a_page_is_told() {
    let bench = Bench::new();
    assert!(bench.call("read_page", "/open/file").failure().contains("is application/zip: only HTML"));
    assert!(bench.call("read_page", "/open/none").failure().contains("status 404"));
    assert!(bench.call("list_links", "/closed/").failure().contains("this server does not allow it"));
}

#[test]
fn a_page_that_is_too_large_is_cut_and_says_so() {
    let bench = Bench::new();
    let page = bench.page("/open/large");
    assert_eq!((&page["is_cut"], page["text"].as_str().unwrap().len()), (&json!(true), 20_000));
    assert_eq!(page["next"], 20_000);
}
