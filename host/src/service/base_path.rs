//! Takes off the path below which a front end puts the server: behind `/tools`, MCP is at `/tools/mcp`.
//!
//! The paths without it stay: edges without HTTP, health checks and front ends that take it off themselves use them.

use std::sync::Arc;

use http::Request;
use http::request::Parts;
use http::uri::{PathAndQuery, Uri};

use super::well_known::split_document;

/// The path below which the server is as well; empty for none.
#[derive(Clone, Debug)]
pub(super) struct BasePath(Arc<str>);

/// Marks a request that came below the path.
#[derive(Clone, Copy, Debug)]
struct Below;

impl BasePath {
    /// Takes the path that the configuration has checked.
    pub(super) fn new(path: &str) -> Self {
        Self(path.into())
    }

    /// Returns the path, as it stands before `/mcp`.
    pub(super) fn as_str(&self) -> &str {
        &self.0
    }

    /// Takes the path off that of a request, also where it follows that of a document (RFC 9728, section 3.1).
    pub(super) fn take_off<B>(&self, mut request: Request<B>) -> Request<B> {
        let path = request.uri().path();
        let Some(rest) = self.rest(path) else { return request };
        let query = request.uri().query().map_or_else(String::new, |query| format!("?{query}"));
        let Ok(rest) = PathAndQuery::try_from(format!("{rest}{query}")) else { return request };
        let mut uri = std::mem::take(request.uri_mut()).into_parts();
        uri.path_and_query = Some(rest);
        // Scheme and host are those of a URI already.
        *request.uri_mut() = Uri::from_parts(uri).unwrap_or_default();
        request.extensions_mut().insert(Below);
        request
    }

    /// Tells whether a request came below the path.
    pub(super) fn has(parts: &Parts) -> bool {
        parts.extensions.get::<Below>().is_some()
    }

    /// Returns a path without this one; `None` if it is not below it.
    fn rest(&self, path: &str) -> Option<String> {
        if self.0.is_empty() {
            return None;
        }
        let (document, path) = split_document(path);
        let rest = path.strip_prefix(&*self.0)?;
        let root = if document.is_empty() { "/" } else { "" };
        match rest {
            "" => Some(format!("{document}{root}")),
            rest if rest.starts_with('/') => Some(format!("{document}{rest}")),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_parts_of_the_path_are_taken_off_once() {
        let base = BasePath::new("/a/tools");
        for (path, expected) in [
            ("/a/tools/mcp", Some("/mcp")),
            ("/a/tools/mcp?x=/a/tools", Some("/mcp?x=/a/tools")),
            ("/a/tools", Some("/")),
            ("/a/tools/", Some("/")),
            ("/a/tools?x", Some("/?x")),
            ("/a/tools/a/tools/mcp", Some("/a/tools/mcp")),
            ("/a/toolsmith/mcp", None),
            ("/A/tools/mcp", None),
            ("/a%2Ftools/mcp", None),
            ("//a/tools/mcp", None),
            ("/mcp", None),
            ("/", None),
            ("/a/tools/.well-known/openid-configuration", Some("/.well-known/openid-configuration")),
            (
                "/.well-known/oauth-protected-resource/a/tools/mcp",
                Some("/.well-known/oauth-protected-resource/mcp"),
            ),
            ("/.well-known/oauth-protected-resource/a/tools", Some("/.well-known/oauth-protected-resource")),
            ("/.well-known/oauth-protected-resource/mcp", None),
            ("/.well-known/oauth-protected-resource/a/toolsmith/mcp", None),
            ("/.well-known/other/a/tools/mcp", None),
        ] {
            let request = base.take_off(Request::get(path).body(()).unwrap());
            assert_eq!(request.uri().to_string(), expected.unwrap_or(path), "{path}");
            assert_eq!(BasePath::has(&request.into_parts().0), expected.is_some(), "{path}");
        }
        let absolute = base.take_off(Request::get("http://h:1/a/tools/mcp").body(()).unwrap());
        assert_eq!(absolute.uri().to_string(), "http://h:1/mcp");
        let none = BasePath::new("").take_off(Request::get("/mcp").body(()).unwrap());
        assert_eq!(none.uri().path(), "/mcp");
        assert!(!BasePath::has(&none.into_parts().0));
    }
}
