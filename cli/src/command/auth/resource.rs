//! Reads what a server says of its authorization: the challenge, and the metadata of a protected resource (RFC 9728).

use serde::Deserialize;
use serde_json::json;
use toolcell_host::catalog::WebUrl;

use super::client::{Answer, Client};

/// The path of metadata of a protected resource.
const WELL_KNOWN: &str = "/.well-known/oauth-protected-resource";

/// The header of a challenge, and the one that AWS puts in its place.
pub(super) const CHALLENGE: &str = "www-authenticate";
pub(super) const RENAMED: &str = "x-amzn-remapped-www-authenticate";

/// The metadata of a protected resource (RFC 9728).
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Resource {
    pub(super) resource: String,
    #[serde(default)]
    pub(super) authorization_servers: Vec<String>,
    #[serde(default)]
    pub(super) scopes_supported: Vec<String>,
    pub(super) bearer_methods_supported: Option<Vec<String>>,
}

/// A challenge, as far as clients read it.
#[derive(Clone, Debug, Default)]
pub(super) struct Challenge {
    pub(super) resource_metadata: Option<String>,
    pub(super) scope: Option<String>,
}

/// Sends the first request of a client, without a token.
pub(super) async fn knock(client: &Client, url: &WebUrl) -> Result<Answer, String> {
    let request = json!({
        "jsonrpc": "2.0", "id": 1, "method": "initialize",
        "params": {
            "protocolVersion": "2025-11-25", "capabilities": {},
            "clientInfo": { "name": "toolcell", "version": env!("CARGO_PKG_VERSION") },
        },
    });
    client.post(url, &request).await
}

/// Reads a challenge.
pub(super) fn challenge(answer: &Answer) -> Option<Challenge> {
    let text = answer.header(CHALLENGE).or_else(|| answer.header(RENAMED))?;
    let is_bearer = text.get(..7).is_some_and(|scheme| scheme.eq_ignore_ascii_case("bearer "));
    is_bearer.then(|| Challenge {
        resource_metadata: parameter(text, "resource_metadata"),
        scope: parameter(text, "scope"),
    })
}

fn parameter(challenge: &str, name: &str) -> Option<String> {
    let start = format!("{name}=\"");
    let at = challenge.match_indices(&start).find(|(at, _)| challenge[..*at].ends_with([' ', ',']))?.0;
    let value = &challenge[at + start.len()..];
    Some(value[..value.find('"')?].to_owned())
}

/// Lists the addresses at which a client looks for the metadata of a server: with the server's path first.
pub(super) fn places(url: &WebUrl) -> Vec<WebUrl> {
    let path = url.path_and_query().split('?').next().unwrap_or_default().trim_end_matches('/');
    let origin = url.origin();
    let mut texts = vec![format!("{origin}{WELL_KNOWN}{path}"), format!("{origin}{WELL_KNOWN}")];
    texts.dedup();
    texts.iter().filter_map(|text| text.parse().ok()).collect()
}

/// Finds the metadata of a server, as a client does: where the challenge says, or at the well-known addresses.
pub(super) async fn find(client: &Client, url: &WebUrl) -> Result<(Resource, Challenge), String> {
    let challenge = challenge(&knock(client, url).await?).unwrap_or_default();
    let named = challenge.resource_metadata.as_ref().and_then(|text| text.parse().ok());
    let mut last = String::new();
    for place in named.into_iter().chain(places(url)) {
        match client.get(&place).await.and_then(|answer| answer.document()) {
            Ok(resource) => return Ok((resource, challenge)),
            Err(fault) => last = at(&place, fault),
        }
    }
    Err(last)
}

/// Puts the address before what was found there, unless it is there already.
pub(super) fn at(place: &WebUrl, fault: String) -> String {
    if fault.starts_with(place.as_str()) { fault } else { format!("{place}: {fault}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_of_a_challenge_are_found_by_their_whole_name() {
        let text =
            "Bearer error=\"x\", no_scope=\"a\", scope=\"b c\",resource_metadata=\"https://a.example\"";
        assert_eq!(parameter(text, "scope").as_deref(), Some("b c"));
        assert_eq!(parameter(text, "resource_metadata").as_deref(), Some("https://a.example"));
        assert_eq!(parameter(text, "realm"), None);
    }

    #[test]
    fn metadata_are_looked_for_with_the_path_of_the_server_first() {
        let of =
            |url: &str| places(&url.parse().unwrap()).iter().map(ToString::to_string).collect::<Vec<_>>();
        let root = "https://a.example/.well-known/oauth-protected-resource";
        assert_eq!(of("https://a.example/mcp?x=1"), [format!("{root}/mcp"), root.to_owned()]);
        assert_eq!(of("https://a.example/"), [root]);
    }
}
