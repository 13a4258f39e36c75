//! Answers clients that look for OAuth at a server that has none.
//!
//! A client that can do OAuth looks below `/.well-known/` for metadata, and then registers at the root of the server.
//! It shows its user what it finds there, so every such path says, in the form of an OAuth error (RFC 6749, section
//! 5.2), what to do instead. The paths are the place of the metadata, once the server has some.

use bytes::Bytes;
use http::header::{CACHE_CONTROL, CONTENT_TYPE};
use http::request::Parts;
use http::{HeaderValue, Response, StatusCode};

use super::{Body, MCP_PATH, Service};

/// Documents that clients look for at the root, with a path after them, or below the path of MCP.
const METADATA: [&str; 3] = [
    "/.well-known/oauth-protected-resource",
    "/.well-known/oauth-authorization-server",
    "/.well-known/openid-configuration",
];

/// Endpoints that clients assume at a server without metadata.
const ENDPOINTS: [&str; 4] = ["/register", "/authorize", "/token", "/revoke"];

/// The error of every such path. Clients forget tokens for other errors, or start again.
const ERROR: &str = "access_denied";

const USE_TOKEN: &str = "this server has no OAuth: it admits callers with tokens that its operator hands out. Ask for one, and \
                         configure the client to send it with each request, in the header Authorization: Bearer TOKEN";

const USE_IAM: &str = "this server has no OAuth: AWS IAM verifies its callers. Configure the client to sign each request \
                       with Signature Version 4, or put a proxy before it that does";

const USE_NOTHING: &str = "this server has no OAuth: it asks its callers for no credentials. Configure the client without authorization";

/// Tells whether clients look for OAuth at a path.
pub(super) fn is_probed(path: &str) -> bool {
    let is_metadata = |path: &str| {
        METADATA.iter().any(|document| {
            path.strip_prefix(document).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        })
    };
    ENDPOINTS.contains(&path) || is_metadata(path) || path.strip_prefix(MCP_PATH).is_some_and(is_metadata)
}

impl Service {
    /// Answers a client that looks for OAuth.
    pub(super) fn no_oauth(&self, parts: &Parts) -> Response<Body> {
        let origin = match self.pre_check(parts) {
            Ok(origin) => origin,
            Err(response) => return *response,
        };
        let description = match self.credentials.admits_anonymous() {
            true => USE_NOTHING,
            false if self.index().root().auth.bearer.is_some() => USE_TOKEN,
            false => USE_IAM,
        };
        let error = serde_json::json!({ "error": ERROR, "error_description": description }).to_string();
        let mut response = Response::new(Body::from(Bytes::from(error)));
        *response.status_mut() = StatusCode::NOT_FOUND;
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        origin.allow_origin(headers);
        response
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_paths_that_clients_look_at_are_probed() {
        for path in [
            "/.well-known/oauth-protected-resource",
            "/.well-known/oauth-protected-resource/mcp",
            "/.well-known/oauth-authorization-server",
            "/.well-known/oauth-authorization-server/mcp",
            "/.well-known/openid-configuration",
            "/.well-known/openid-configuration/mcp",
            "/mcp/.well-known/openid-configuration",
            "/mcp/.well-known/oauth-authorization-server",
            "/register",
            "/authorize",
            "/token",
            "/revoke",
        ] {
            assert!(is_probed(path), "{path}");
        }
        for path in
            ["/", "/mcp", "/mcp/", "/mcp/token", "/healthz", "/tokens", "/token/", "/.well-known/other"]
        {
            assert!(!is_probed(path), "{path}");
        }
    }
}
