//! Reads the metadata of an authorization server, in the order in which MCP clients look for them.

use serde::Deserialize;
use toolcell_host::catalog::WebUrl;

use super::client::Client;
use super::resource;

const OAUTH: &str = "/.well-known/oauth-authorization-server";
const OPENID: &str = "/.well-known/openid-configuration";

/// The metadata of an authorization server (RFC 8414) that MCP clients read.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Issuer {
    pub(super) issuer: String,
    pub(super) authorization_endpoint: Option<String>,
    pub(super) token_endpoint: Option<String>,
    pub(super) registration_endpoint: Option<String>,
    pub(super) device_authorization_endpoint: Option<String>,
    pub(super) jwks_uri: Option<String>,
    pub(super) scopes_supported: Option<Vec<String>>,
    #[serde(default)]
    pub(super) code_challenge_methods_supported: Vec<String>,
    #[serde(default)]
    pub(super) client_id_metadata_document_supported: bool,
    #[serde(default)]
    pub(super) authorization_response_iss_parameter_supported: bool,
}

/// Metadata, and where they were found.
#[derive(Debug)]
pub(super) struct Found {
    pub(super) at: WebUrl,
    pub(super) issuer: Issuer,
}

/// Finds the metadata of an authorization server: RFC 8414 first, OpenID Connect Discovery after it. What is found first
/// counts, and must name the issuer to the letter.
///
/// # Errors
/// The findings at each address.
pub(super) async fn find(client: &Client, identifier: &WebUrl) -> Result<Found, Vec<String>> {
    let mut faults = Vec::new();
    for at in places(identifier) {
        match client.get(&at).await.and_then(|answer| answer.document::<Issuer>()) {
            Ok(issuer) if issuer.issuer == identifier.as_str() => return Ok(Found { at, issuer }),
            Ok(issuer) => {
                let expected = identifier.as_str();
                faults.push(format!("{at}: `issuer` is {:?}, not {expected:?}", issuer.issuer));
            }
            Err(fault) => faults.push(resource::at(&at, fault)),
        }
    }
    Err(faults)
}

/// Lists the addresses at which clients look, in their order.
fn places(identifier: &WebUrl) -> Vec<WebUrl> {
    let path = identifier.path_and_query().trim_end_matches('/');
    let origin = identifier.origin();
    let mut texts = vec![format!("{origin}{OAUTH}{path}"), format!("{origin}{OPENID}{path}")];
    if !path.is_empty() {
        texts.push(format!("{origin}{path}{OPENID}"));
    }
    texts.iter().filter_map(|text| text.parse().ok()).collect()
}
