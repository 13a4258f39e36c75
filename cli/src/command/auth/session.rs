//! A sign-in under way: the client, its registration, and the token endpoint.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::{HeaderValue, StatusCode};
use serde::Deserialize;
use serde_json::{Value, json};
use toolcell_host::catalog::WebUrl;
use toolcell_host::percent::encoded;

use super::client::{Answer, Client};
use super::form;
use super::issuer::Issuer;
use crate::ui::terminal::Terminal;

/// The grant of a device (RFC 8628).
pub(super) const DEVICE_GRANT: &str = "urn:ietf:params:oauth:grant-type:device_code";

/// A client as its authorization server knows it.
#[derive(Debug, Deserialize)]
pub(super) struct Registration {
    pub(super) client_id: String,
    client_secret: Option<String>,
}

/// The answer of a token endpoint. Its token is nowhere but in the answer to the user.
#[derive(Deserialize)]
pub(super) struct Tokens {
    pub(super) access_token: String,
    token_type: Option<String>,
    pub(super) expires_in: Option<u64>,
    pub(super) scope: Option<String>,
}

/// The parts that a sign-in needs.
pub(super) struct Session<'a> {
    pub(super) client: Client,
    pub(super) issuer: Issuer,
    pub(super) resource: String,
    pub(super) scope: String,
    pub(super) terminal: &'a Terminal,
}

impl Session<'_> {
    /// Returns the client that is named, or registers one.
    pub(super) async fn registration(
        &self,
        named: Option<&str>,
        redirect: Option<&str>,
    ) -> Result<Registration, String> {
        if let Some(id) = named {
            return Ok(Registration { client_id: id.to_owned(), client_secret: None });
        }
        let Some(endpoint) = &self.issuer.registration_endpoint else {
            return Err("the authorization server registers no clients by itself: register one there, and name it with \
                        --client-id"
                .to_owned());
        };
        let grant = if redirect.is_some() { "authorization_code" } else { DEVICE_GRANT };
        let mut about = json!({
            "client_name": "toolcell auth login", "application_type": "native", "grant_types": [grant],
            "token_endpoint_auth_method": "none",
            "redirect_uris": redirect.into_iter().collect::<Vec<_>>(),
        });
        about["response_types"] = if redirect.is_some() { json!(["code"]) } else { json!([]) };
        let answer = self.client.post(&url(endpoint, "registration_endpoint")?, &about).await?;
        serde_json::from_slice(&answer.body).map_err(|_| {
            format!("it registers no client: status {}: {}", answer.status.as_u16(), error(&answer))
        })
    }

    /// Sends a form to the token endpoint, with who we are and for which server the token is.
    pub(super) async fn exchange(
        &self,
        registration: &Registration,
        pairs: &[(&str, &str)],
    ) -> Result<Answer, String> {
        let endpoint = self.endpoint(self.issuer.token_endpoint.as_deref(), "token_endpoint")?;
        let own = [("client_id", registration.client_id.as_str()), ("resource", &self.resource)];
        self.client
            .submit(&endpoint, form::written(&[pairs, &own].concat()), registration.credentials())
            .await
    }

    /// Reads an endpoint of the authorization server.
    pub(super) fn endpoint(&self, text: Option<&str>, member: &str) -> Result<WebUrl, String> {
        url(text.ok_or_else(|| format!("the authorization server has no `{member}`"))?, member)
    }
}

impl Registration {
    /// Returns the header of a client that got a secret although it asked for none.
    pub(super) fn credentials(&self) -> Option<HeaderValue> {
        let secret = self.client_secret.as_ref()?;
        let pair = format!("{}:{}", encoded(&self.client_id), encoded(secret));
        let mut header = HeaderValue::try_from(format!("Basic {}", STANDARD.encode(pair))).ok()?;
        header.set_sensitive(true);
        Some(header)
    }
}

/// Reads the answer of the token endpoint. A token that is more than its text, such as one that is bound to a key, is of no
/// use to who cannot show the rest (RFC 6749, section 7.1).
pub(super) fn tokens(answer: &Answer) -> Result<Tokens, String> {
    if answer.status != StatusCode::OK {
        let status = answer.status.as_u16();
        return Err(format!("the token endpoint refuses with status {status}: {}", error(answer)));
    }
    let tokens: Tokens = serde_json::from_slice(&answer.body)
        .map_err(|_| "the token endpoint answers without an `access_token`".to_owned())?;
    match &tokens.token_type {
        Some(kind) if !kind.eq_ignore_ascii_case("bearer") => {
            Err(format!("the token endpoint gives out a token of the type {kind:?}, expected `Bearer`"))
        }
        _ => Ok(tokens),
    }
}

/// Returns the error that an authorization server names, and what it says about it.
pub(super) fn error(answer: &Answer) -> String {
    let body: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
    let text = |name: &str| body[name].as_str().unwrap_or_default().to_owned();
    format!("{} {}", text("error"), text("error_description")).trim().to_owned()
}

pub(super) fn url(text: &str, member: &str) -> Result<WebUrl, String> {
    text.parse().map_err(|error| format!("`{member}` is {text:?}: the address {error}"))
}

#[cfg(test)]
mod tests {
    use http::HeaderMap;

    use super::*;

    fn read(status: StatusCode, body: &Value) -> Result<String, String> {
        let answer = Answer { status, headers: HeaderMap::new(), body: body.to_string().into() };
        tokens(&answer).map(|tokens| tokens.access_token)
    }

    #[test]
    fn only_a_bearer_token_is_taken() {
        for kind in [json!("Bearer"), json!("bearer"), Value::Null] {
            let body = json!({ "access_token": "t", "token_type": kind });
            assert_eq!(read(StatusCode::OK, &body).as_deref(), Ok("t"), "{kind}");
        }
        for kind in ["DPoP", "mac", "N_A", ""] {
            let error =
                read(StatusCode::OK, &json!({ "access_token": "t", "token_type": kind })).unwrap_err();
            assert!(error.contains(&format!("{kind:?}, expected `Bearer`")), "{error}");
        }
        assert!(read(StatusCode::OK, &json!({ "token_type": "Bearer" })).is_err());
        let refused =
            json!({ "error": "invalid_grant", "error_description": "too late", "access_token": "t" });
        let error = read(StatusCode::BAD_REQUEST, &refused).unwrap_err();
        assert_eq!(error, "the token endpoint refuses with status 400: invalid_grant too late");
    }
}
