//! The page at `/`, for a person who opens the server's address in a browser: what this is, and how to connect a client.
//!
//! Made of the server's name, its address and its kinds of callers, which everybody may know; of no tool, no caller and no
//! header. It has no script, and loads nothing.

use std::borrow::Cow;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::header::{
    ACCEPT, CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, REFERRER_POLICY, VARY,
    X_CONTENT_TYPE_OPTIONS,
};
use http::request::Parts;
use http::{HeaderValue, Method, Response};
use sha2::{Digest as _, Sha256};

use super::{Body, MCP_PATH, Service};
use crate::text;

/// The path of the page.
const PATH: &str = "/";

/// The name of a server in an example of a shell command, where its own might need quotes.
const PLAIN_NAME: &str = "toolcell";

const STYLE: &str = "\
:root{color-scheme:light dark;--text:#1a1d21;--soft:#4d555e;--back:#fff;--box:#f2f4f6;--line:#c9cfd6;--link:#0b57a4}\
@media(prefers-color-scheme:dark){:root{--text:#e7eaee;--soft:#a9b2bc;--back:#14171a;--box:#1f2429;--line:#3a424b;--link:#7ab8ff}}\
*{box-sizing:border-box}\
body{margin:0;background:var(--back);color:var(--text);font:1rem/1.6 system-ui,sans-serif;overflow-wrap:anywhere}\
main{max-width:42rem;margin:0 auto;padding:clamp(1.25rem,6vw,4rem) 1.25rem}\
h1{font-size:clamp(1.6rem,5vw,2.2rem);line-height:1.2;margin:0 0 .5rem}\
h2{font-size:1.15rem;margin:2.25rem 0 .5rem}\
p{margin:.5rem 0}.soft{color:var(--soft)}\
dl{margin:0}dt{font-weight:600;margin-top:1rem}dd{margin:.25rem 0 0}\
pre{margin:.5rem 0;padding:.75rem 1rem;background:var(--box);border:1px solid var(--line);border-radius:.5rem;\
font:.9rem/1.5 ui-monospace,monospace;white-space:pre-wrap}\
code{font-family:ui-monospace,monospace}\
a{color:var(--link)}a:focus-visible{outline:3px solid var(--link);outline-offset:2px}";

/// Tells whether a request asks for the page: a browser's does, by its `Accept`.
pub(super) fn is_asked(parts: &Parts) -> bool {
    let names_html = |value: &HeaderValue| {
        value.to_str().is_ok_and(|ranges| {
            ranges.split(',').any(|range| {
                let mut parts = range.split(';').map(str::trim);
                let name = parts.next().unwrap_or_default();
                name.eq_ignore_ascii_case("text/html")
                    && !parts.any(|weight| matches!(weight, "q=0" | "q=0.0"))
            })
        })
    };
    parts.uri.path() == PATH
        && matches!(parts.method, Method::GET | Method::HEAD)
        && parts.headers.get_all(ACCEPT).iter().any(names_html)
}

impl Service {
    /// Answers with the page; `None` where the deployer wants none.
    pub(super) fn home_page(&self, parts: &Parts) -> Option<Response<Body>> {
        if !self.index().root().server.page {
            return None;
        }
        if let Err(refused) = self.pre_check(parts) {
            return Some(*refused);
        }
        let html = self.html(parts);
        let mut response = Response::new(Body::from(Bytes::from(html)));
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
        headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
        headers.insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-cache"));
        headers.insert(VARY, HeaderValue::from_static("accept"));
        if let Ok(policy) = HeaderValue::try_from(content_policy()) {
            headers.insert(CONTENT_SECURITY_POLICY, policy);
        }
        Some(response)
    }

    fn html(&self, parts: &Parts) -> String {
        let server = &self.index().root().server;
        let title = escape(server.title.as_deref().unwrap_or(&server.name));
        let website = server
            .website_url
            .as_deref()
            .filter(|url| url.starts_with("https://") || url.starts_with("http://"));
        let website = website.map_or_else(String::new, |url| {
            let url = escape(url);
            format!("<p><a href=\"{url}\" rel=\"noreferrer\">{url}</a></p>\n")
        });
        let address = self.address(parts);
        let url = escape(address.as_deref().unwrap_or("https://ADDRESS-OF-THIS-PAGE/mcp"));
        let plain =
            |name: &&str| name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte));
        let name = Some(server.name.as_str()).filter(plain).unwrap_or(PLAIN_NAME);
        let callers = self.callers_text();
        format!(
            "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
             <meta name=\"robots\" content=\"noindex\">\n<title>{title}</title>\n<style>{STYLE}</style>\n</head>\n\
             <body>\n<main>\n<h1><bdi>{title}</bdi></h1>\n\
             <p>This is an <abbr title=\"Model Context Protocol\">MCP</abbr> server. It gives tools to AI applications \
             such as Claude, ChatGPT, Cursor or VS Code. It is not made for browsers.</p>\n{website}\
             <h2>Connect a client</h2>\n<p>Add an MCP server, also called a connector, with this address:</p>\n\
             <pre><code>{url}</code></pre>\n<p>{callers}</p>\n\
             <dl>\n<dt>Claude Code</dt>\n<dd><pre><code>claude mcp add --transport http {name} {url}</code></pre></dd>\n\
             <dt>Clients with a file <code>mcp.json</code></dt>\n\
             <dd><pre><code>{{\n  &quot;mcpServers&quot;: {{\n    &quot;{name}&quot;: {{\n      &quot;type&quot;: &quot;http&quot;,\n      \
             &quot;url&quot;: &quot;{url}&quot;\n    }}\n  }}\n}}</code></pre></dd>\n</dl>\n\
             <p class=\"soft\">Served by toolcell.</p>\n</main>\n</body>\n</html>\n"
        )
    }

    /// Returns the address of MCP, if the configuration or the edge knows it; a header proves nothing.
    fn address(&self, parts: &Parts) -> Option<String> {
        if let Some(url) = self.own_url(parts) {
            return Some(url);
        }
        Some(format!("{}{MCP_PATH}", self.edge_url(parts)?))
    }

    /// Says what callers need.
    fn callers_text(&self) -> Cow<'static, str> {
        let auth = &self.index().root().auth;
        if let Some(issuers) = self.credentials.issuers() {
            let names: Vec<_> =
                issuers.settings().issuers.values().map(|issuer| escape(issuer.issuer.as_str())).collect();
            let token =
                if auth.bearer.is_some() { ", or takes a token from whoever runs the server" } else { "" };
            return format!(
                "Your client signs you in at <bdi>{}</bdi>{token}.",
                names.join("</bdi> or <bdi>")
            )
            .into();
        }
        if auth.bearer.is_some() {
            return "Your client needs a token; whoever runs the server has one for you. It sends the token in the header \
                    <code>Authorization: Bearer TOKEN</code>."
                .into();
        }
        if self.credentials.admits_anonymous() {
            return "No sign-in is needed.".into();
        }
        "Your client has to sign its requests with AWS credentials that whoever runs the server has admitted."
            .into()
    }
}

/// Allows the style of this page and nothing else.
fn content_policy() -> String {
    let digest = STANDARD.encode(Sha256::digest(STYLE));
    format!(
        "default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
}

/// Writes a text so that it is text in HTML, in attributes as well; what would not be seen is shown as its number.
fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            hidden if hidden.is_control() || text::is_hidden(hidden) => out.extend(hidden.escape_unicode()),
            shown => out.push(shown),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_stays_a_text() {
        assert_eq!(escape("<b a='\"'>&amp;</b>"), "&lt;b a=&#39;&quot;&#39;&gt;&amp;amp;&lt;/b&gt;");
        assert_eq!(escape("a\u{202e}b\nc\u{200b}"), "a\\u{202e}b\\u{a}c\\u{200b}");
        assert_eq!(escape("Crème ä 漢"), "Crème ä 漢");
    }

    #[test]
    fn only_a_browser_asks_for_the_page() {
        let asks = |method: &str, path: &str, accept: &[&str]| {
            let mut request = http::Request::builder().method(method).uri(path);
            for value in accept {
                request = request.header(ACCEPT, *value);
            }
            is_asked(&request.body(()).unwrap().into_parts().0)
        };
        let browser = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";
        for (asked, expected) in [
            (asks("GET", "/", &[browser]), true),
            (asks("HEAD", "/", &[browser]), true),
            (asks("GET", "/?a=b", &[browser]), true),
            (asks("GET", "/", &["application/json", "Text/HTML;q=0.1"]), true),
            (asks("GET", "/", &[]), false),
            (asks("GET", "/", &["*/*"]), false),
            (asks("GET", "/", &["text/*"]), false),
            (asks("GET", "/", &["text/html;q=0"]), false),
            (asks("GET", "/", &["text/htmlx"]), false),
            (asks("POST", "/", &[browser]), false),
            (asks("GET", "/mcp", &[browser]), false),
            (asks("GET", "//", &[browser]), false),
        ] {
            assert_eq!(asked, expected);
        }
    }
}
