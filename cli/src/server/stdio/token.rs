//! Identifies the client of the pipes. Whoever starts the command is its caller, as on loopback: a server without callers
//! of its own admits everyone, without scopes. A server with callers wants a token, which the client's configuration puts
//! into the environment.

use http_body_util::BodyExt as _;
use hyper::StatusCode;
use hyper::header::HeaderValue;
use serde_json::Value;
use toolcell_host::catalog::Auth;
use toolcell_host::variables::Variables;

use super::Client;
use crate::ui::problem::{Problem, Result};

/// The environment variable with the token.
pub const TOKEN_VARIABLE: &str = "TOOLCELL_TOKEN";

/// A request that everyone may send who is admitted.
const PING: &[u8] = br#"{"jsonrpc":"2.0","id":0,"method":"ping"}"#;

/// The token that the client shows, if it needs one.
#[derive(Clone, Debug)]
pub struct Token(Option<HeaderValue>);

impl Token {
    /// No token, for a server that needs none.
    pub const NONE: Self = Self(None);

    /// Reads the token of the environment, where the server has callers with tokens.
    ///
    /// # Errors
    /// There is no token, or one that no header can have.
    pub fn of(auth: &Auth, variables: &Variables) -> Result<Self> {
        let table = match (&auth.bearer, &auth.oauth) {
            (Some(_), _) => "[auth.bearer]",
            (None, Some(_)) => "[auth.oauth]",
            (None, None) => return Ok(Self::NONE),
        };
        let Some(token) = variables.get(TOKEN_VARIABLE).filter(|token| !token.is_empty()) else {
            return Err(Problem::refused(TOKEN_VARIABLE, "is not set")
                .found(format!("{table} in toolcell.toml, and no token in the environment"))
                .expected("the token of the person who starts the client")
                .next(format!(
                    "set {TOKEN_VARIABLE} in the client's configuration of this server, often a table `env`"
                )));
        };
        let mut header = HeaderValue::try_from(format!("Bearer {token}")).map_err(|_| {
            // Never the value: it may be a token with one character too many.
            Problem::refused(TOKEN_VARIABLE, "is not a token")
                .found("control characters")
                .expected("the token alone, on one line")
                .next("remove line ends and spaces around the token")
        })?;
        header.set_sensitive(true);
        Ok(Self(Some(header)))
    }

    pub(super) fn header(self) -> Option<HeaderValue> {
        self.0
    }
}

impl Client {
    /// Refuses a token that the server does not admit now, while the person who starts the client is there.
    ///
    /// # Errors
    /// The server says what is wrong with the token.
    pub async fn check(&self) -> Result<()> {
        let Ok(service) = self.current.service().await else { return Ok(()) };
        let response = service.handle(self.request(PING.into())).await;
        if !matches!(response.status(), StatusCode::UNAUTHORIZED | StatusCode::BAD_REQUEST) {
            return Ok(());
        }
        let body = response.into_body().collect().await.map(|body| body.to_bytes()).unwrap_or_default();
        let error: Value = serde_json::from_slice(&body).unwrap_or_default();
        let reason = error["error"]["message"].as_str().unwrap_or_default().to_owned();
        Err(Problem::refused(TOKEN_VARIABLE, "is not admitted")
            .found(reason)
            .expected("a token of [auth] in toolcell.toml")
            .next("set the token of a principal: `toolcell token NAME` makes one, and prints the lines for toolcell.toml"))
    }
}
