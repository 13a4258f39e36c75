//! Answers clients that look for OAuth: with the metadata of this server (RFC 9728) where authorization servers issue
//! tokens for it, else with what to do instead.
//!
//! A client that can do OAuth looks below `/.well-known/` for metadata, and then, at an authorization server, for
//! endpoints at its root. It shows its user what it finds there, so every such path that this server does not have says
//! what to do, in the form of an OAuth error (RFC 6749, section 5.2).

use bytes::Bytes;
use http::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
    ACCESS_CONTROL_MAX_AGE, ALLOW, CACHE_CONTROL, CONTENT_TYPE,
};
use http::request::Parts;
use http::{HeaderMap, HeaderValue, Method, Response, StatusCode};
use serde::Serialize;

use super::base_path::BasePath;
use super::well_known::{RESOURCE_METADATA, split_document};
use super::{Body, Context, MCP_PATH, ServerAddress, Service};
use crate::auth::MetadataPointer;
use crate::catalog::{OAuth, Scope, ScopeSet};

/// Endpoints that clients assume at a server without metadata.
const ENDPOINTS: [&str; 4] = ["/register", "/authorize", "/token", "/revoke"];

/// The methods of the metadata.
const METHODS: &str = "GET, HEAD, OPTIONS";

/// The scope that a client asks its authorization server for, and no resource server may ask for.
const OFFLINE: &str = "offline_access";

/// The error of every such path. Clients forget tokens for other errors, or start again.
const ERROR: &str = "access_denied";

const USE_ISSUER: &str = "this server issues no tokens itself: its metadata, at /.well-known/oauth-protected-resource, name the \
                          authorization servers whose tokens it takes. Ask for a client that reads them (MCP 2025-06-18 or later)";

const USE_TOKEN: &str = "this server has no OAuth: it admits callers with tokens that its operator hands out. Ask for one, and \
                         configure the client to send it with each request, in the header Authorization: Bearer TOKEN";

const USE_IAM: &str = "this server has no OAuth: AWS IAM verifies its callers. Configure the client to sign each request \
                       with Signature Version 4, or put a proxy before it that does";

const USE_NOTHING: &str = "this server has no OAuth: it asks its callers for no credentials. Configure the client without authorization";

const UNKNOWN_ADDRESS: &str =
    "this server does not know its own address: its operator has to set `public-url` in [auth.oauth]";

/// The metadata of a protected resource (RFC 9728, section 2).
#[derive(Serialize)]
struct ResourceMetadata<'a> {
    resource: &'a str,
    authorization_servers: Vec<&'a str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    scopes_supported: Vec<&'a Scope>,
    bearer_methods_supported: [&'a str; 1],
    resource_name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    resource_documentation: Option<&'a str>,
}

/// Tells whether clients look for OAuth at a path.
pub(super) fn is_probed(path: &str) -> bool {
    let is_metadata = |path: &str| !split_document(path).0.is_empty();
    ENDPOINTS.contains(&path) || is_metadata(path) || path.strip_prefix(MCP_PATH).is_some_and(is_metadata)
}

/// Tells whether this server's metadata are at a path.
fn has_metadata(path: &str) -> bool {
    path.strip_prefix(RESOURCE_METADATA)
        .is_some_and(|rest| ["", "/"].contains(&rest) || rest.trim_end_matches('/') == MCP_PATH)
}

impl Service {
    /// Answers a client that looks for OAuth.
    pub(super) fn oauth(&self, parts: &Parts) -> Response<Body> {
        match self.credentials.issuers() {
            Some(issuers) if has_metadata(parts.uri.path()) => self.metadata(parts, issuers.settings()),
            _ => self.no_oauth(parts),
        }
    }

    /// Returns the address of MCP on this server, which is the audience of access tokens; `None` without issuers.
    pub(super) fn own_url(&self, parts: &Parts) -> Option<String> {
        self.root_url(parts).map(|url| format!("{url}{MCP_PATH}"))
    }

    /// Returns what a challenge says of the authorization servers; `None` without any.
    pub(super) fn metadata_pointer(&self, parts: &Parts) -> Option<MetadataPointer> {
        let settings = self.credentials.issuers()?.settings();
        // Below the base path, where the front end passes everything on; clients may use the path of RFC 9728 as well.
        let url = self.root_url(parts).map(|url| format!("{url}{RESOURCE_METADATA}{MCP_PATH}"));
        Some(MetadataPointer { url, scopes: self.first_scopes(settings) })
    }

    /// Returns the address below which this server's paths are: the configured one, or that which the edge knows.
    fn root_url(&self, parts: &Parts) -> Option<String> {
        match &self.credentials.issuers()?.settings().public_url {
            Some(url) => Some(format!("{url}{}", self.base_path.as_str())),
            None => self.edge_url(parts),
        }
    }

    /// Returns the address below which this server's paths are, as the edge knows it.
    pub(super) fn edge_url(&self, parts: &Parts) -> Option<String> {
        let server = Context::of(parts).server.as_ref()?;
        let is_below = BasePath::has(parts) || matches!(server, ServerAddress::MappedDomain(_));
        let base = if is_below { self.base_path.as_str() } else { "" };
        Some(format!("{}{base}", server.url()?))
    }

    /// Returns the scopes that a client without a token asks for.
    fn first_scopes(&self, settings: &OAuth) -> ScopeSet {
        let scopes = settings.scopes.clone().unwrap_or_else(|| self.index().root().required_scopes());
        scopes.iter().filter(|scope| scope.as_str() != OFFLINE).cloned().collect()
    }

    /// Answers with this server's metadata, which everybody may read from every page.
    fn metadata(&self, parts: &Parts, settings: &OAuth) -> Response<Body> {
        let mut response = match parts.method {
            Method::GET | Method::HEAD => self.metadata_document(parts, settings),
            Method::OPTIONS => {
                let mut response = empty(StatusCode::NO_CONTENT);
                let headers = response.headers_mut();
                headers.insert(ACCESS_CONTROL_ALLOW_METHODS, HeaderValue::from_static(METHODS));
                headers.insert(ACCESS_CONTROL_ALLOW_HEADERS, HeaderValue::from_static("*"));
                headers.insert(ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static("86400"));
                response
            }
            _ => {
                let mut response = empty(StatusCode::METHOD_NOT_ALLOWED);
                response.headers_mut().insert(ALLOW, HeaderValue::from_static(METHODS));
                response
            }
        };
        response.headers_mut().insert(ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
        response
    }

    fn metadata_document(&self, parts: &Parts, settings: &OAuth) -> Response<Body> {
        let Some(resource) = self.own_url(parts) else { return error(UNKNOWN_ADDRESS) };
        let (server, scopes) = (&self.index().root().server, self.first_scopes(settings));
        let metadata = ResourceMetadata {
            resource: &resource,
            authorization_servers: settings.issuers.values().map(|issuer| issuer.issuer.as_str()).collect(),
            scopes_supported: scopes.iter().collect(),
            bearer_methods_supported: ["header"],
            resource_name: server.title.as_deref().unwrap_or(&server.name),
            resource_documentation: server.website_url.as_deref(),
        };
        let json = serde_json::to_vec(&metadata).unwrap_or_default(); // texts alone: always JSON
        let mut response = Response::new(Body::from(Bytes::from(json)));
        json_headers(response.headers_mut(), "public, max-age=300");
        response
    }

    /// Answers at a path where this server has nothing.
    fn no_oauth(&self, parts: &Parts) -> Response<Body> {
        let origin = match self.pre_check(parts) {
            Ok(origin) => origin,
            Err(response) => return *response,
        };
        let description = match self.credentials.admits_anonymous() {
            true => USE_NOTHING,
            false if self.credentials.issuers().is_some() => USE_ISSUER,
            false if self.index().root().auth.bearer.is_some() => USE_TOKEN,
            false => USE_IAM,
        };
        let mut response = error(description);
        origin.allow_origin(response.headers_mut());
        response
    }
}

/// Writes an OAuth error.
fn error(description: &str) -> Response<Body> {
    let error = serde_json::json!({ "error": ERROR, "error_description": description }).to_string();
    let mut response = Response::new(Body::from(Bytes::from(error)));
    *response.status_mut() = StatusCode::NOT_FOUND;
    json_headers(response.headers_mut(), "no-store");
    response
}

fn json_headers(headers: &mut HeaderMap, cache: &'static str) {
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static(cache));
}

fn empty(status: StatusCode) -> Response<Body> {
    let mut response = Response::new(Body::from(Bytes::new()));
    *response.status_mut() = status;
    response
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

    #[test]
    fn the_metadata_are_at_the_paths_of_rfc_9728_alone() {
        for path in ["", "/", "/mcp", "/mcp/"] {
            assert!(has_metadata(&format!("/.well-known/oauth-protected-resource{path}")), "{path}");
        }
        for path in [
            "/.well-known/oauth-protected-resource/other",
            "/.well-known/oauth-protected-resource/mcp/a",
            "/.well-known/oauth-protected-resources",
            "/mcp/.well-known/oauth-protected-resource",
            "/.well-known/oauth-authorization-server",
        ] {
            assert!(!has_metadata(path), "{path}");
        }
    }
}
