//! Finds the endpoints of an issuer as clients do: RFC 8414 first, OpenID Connect Discovery after it.

use serde::Deserialize;

use super::error::IssuerFault;
use super::fetch::Asker;
use crate::catalog::WebUrl;

/// The largest metadata that are read, in bytes.
const MAX_METADATA_BYTES: usize = 64 << 10;

/// The path of metadata of an authorization server (RFC 8414).
const OAUTH: &str = "/.well-known/oauth-authorization-server";

/// The path of metadata of OpenID Connect.
const OPENID: &str = "/.well-known/openid-configuration";

/// The addresses that the metadata of an issuer name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Endpoints {
    /// The address of its keys.
    pub(super) keys: WebUrl,
    /// The endpoint that looks tokens up.
    pub(super) introspection: Option<WebUrl>,
}

#[derive(Deserialize)]
struct Metadata {
    issuer: String,
    jwks_uri: String,
    introspection_endpoint: Option<String>,
}

/// Lists the addresses where the metadata of an issuer may be, in the order in which clients try them.
pub(super) fn candidates(issuer: &WebUrl) -> Vec<WebUrl> {
    let path = issuer.path_and_query().trim_end_matches('/');
    let origin = issuer.origin();
    let mut texts = vec![format!("{origin}{OAUTH}{path}"), format!("{origin}{OPENID}{path}")];
    if !path.is_empty() {
        texts.push(format!("{origin}{path}{OPENID}"));
    }
    texts.iter().filter_map(|text| text.parse().ok()).collect()
}

/// Finds the endpoints of an issuer.
///
/// # Errors
/// None of the addresses has metadata of this issuer: the reason that says most, and of those the first.
pub(super) async fn discover(asker: &Asker, issuer: &WebUrl) -> Result<Endpoints, IssuerFault> {
    let mut failure = IssuerFault::Metadata { url: issuer.to_string() };
    let mut said = 0;
    for url in candidates(issuer) {
        match ask(asker, &url, issuer).await {
            Ok(endpoints) => return Ok(endpoints),
            Err(fault) => {
                let says = weight(&fault);
                if says > said {
                    (failure, said) = (fault, says);
                }
            }
        }
    }
    Err(failure)
}

/// Tells how much a failure says: that nothing is at one of the addresses is what most issuers answer, and some answer
/// with a page for people.
fn weight(fault: &IssuerFault) -> u8 {
    match fault {
        IssuerFault::Status { status, .. } if status.is_client_error() => 1,
        IssuerFault::Metadata { .. } => 2,
        _ => 3,
    }
}

async fn ask(asker: &Asker, url: &WebUrl, issuer: &WebUrl) -> Result<Endpoints, IssuerFault> {
    let fetched = asker.get(url, MAX_METADATA_BYTES).await?;
    read(&fetched.body, url, issuer)
}

/// Reads metadata, and believes nothing of them unless they are those of the issuer to the letter.
fn read(json: &[u8], url: &WebUrl, issuer: &WebUrl) -> Result<Endpoints, IssuerFault> {
    let metadata: Metadata =
        serde_json::from_slice(json).map_err(|_| IssuerFault::Metadata { url: url.to_string() })?;
    if metadata.issuer != issuer.as_str() {
        let found = metadata.issuer.chars().take(200).collect();
        return Err(IssuerFault::OtherIssuer { url: url.to_string(), found });
    }
    let address =
        |text: &str, member| text.parse().map_err(|_| IssuerFault::Address { url: url.to_string(), member });
    let introspection = metadata.introspection_endpoint.as_deref();
    Ok(Endpoints {
        keys: address(&metadata.jwks_uri, "jwks_uri")?,
        introspection: introspection.map(|text| address(text, "introspection_endpoint")).transpose()?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn metadata_are_looked_for_where_clients_look_for_them() {
        let table: [(&str, &[&str]); 3] = [
            (
                "https://a.example",
                &[
                    "https://a.example/.well-known/oauth-authorization-server",
                    "https://a.example/.well-known/openid-configuration",
                ],
            ),
            (
                "https://a.example/",
                &[
                    "https://a.example/.well-known/oauth-authorization-server",
                    "https://a.example/.well-known/openid-configuration",
                ],
            ),
            (
                "https://a.example:8443/t/v2.0/",
                &[
                    "https://a.example:8443/.well-known/oauth-authorization-server/t/v2.0",
                    "https://a.example:8443/.well-known/openid-configuration/t/v2.0",
                    "https://a.example:8443/t/v2.0/.well-known/openid-configuration",
                ],
            ),
        ];
        for (issuer, expected) in table {
            let found: Vec<_> =
                candidates(&issuer.parse().unwrap()).iter().map(ToString::to_string).collect();
            assert_eq!(found, expected);
        }
    }

    #[test]
    fn metadata_of_another_issuer_are_refused_to_the_letter() {
        let issuer: WebUrl = "https://a.example/t".parse().unwrap();
        let document = |issuer: &str, keys: &str| format!(r#"{{"issuer":"{issuer}","jwks_uri":"{keys}"}}"#);
        let read = |json: &str| read(json.as_bytes(), &issuer, &issuer);
        assert_eq!(
            read(&document("https://a.example/t", "https://b.example/k?p=1")).unwrap().keys.as_str(),
            "https://b.example/k?p=1"
        );
        for other in ["https://a.example/t/", "https://A.example/t", "https://a.example", ""] {
            let fault = read(&document(other, "https://b.example/k")).unwrap_err();
            assert!(matches!(&fault, IssuerFault::OtherIssuer { found, .. } if found == other), "{fault}");
        }
        for keys in ["http://b.example/k", "/k", "", "file:///k", "https://b.example/k#a"] {
            let fault = read(&document("https://a.example/t", keys)).unwrap_err();
            assert!(matches!(fault, IssuerFault::Address { member: "jwks_uri", .. }), "{keys}: {fault}");
        }
        for json in ["", "[]", "{}", r#"{"issuer":1,"jwks_uri":""}"#, r#"{"issuer":"https://a.example/t"}"#] {
            assert!(matches!(read(json), Err(IssuerFault::Metadata { .. })), "{json}");
        }
    }
}
