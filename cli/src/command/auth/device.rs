//! Signs a user in on any device (RFC 8628): shows a code, and asks until somebody has typed it in.

use std::time::Duration;

use serde::Deserialize;
use serde_json::Value;
use tokio::time::{Instant, sleep};
use toolcell_host::text::Shown;

use super::client::Answer;
use super::form;
use super::session::{DEVICE_GRANT, Registration, Session, Tokens, error, tokens};

/// The pause between two questions, if the authorization server names none, and what `slow_down` adds to it.
const PAUSE: u64 = 5;

/// The longest pause, and the longest time for a user to sign in, whatever the authorization server says, in seconds.
const MAX_PAUSE: u64 = 60;
const MAX_TIME: u64 = 60 * 60;

#[derive(Deserialize)]
struct Started {
    device_code: String,
    user_code: String,
    verification_uri: String,
    verification_uri_complete: Option<String>,
    expires_in: u64,
    interval: Option<u64>,
}

/// Shows the address and the code, and waits for the token.
pub(super) async fn sign_in(session: &Session<'_>, registration: &Registration) -> Result<Tokens, String> {
    let started = start(session, registration).await?;
    let complete = started.verification_uri_complete.as_deref();
    let also = complete.map(|url| format!("\nor open {}\n", Shown(url))).unwrap_or_default();
    session.terminal.note(format!(
        "Open {} on any device, and type in this code:\n\n  {}\n{also}",
        Shown(&started.verification_uri),
        Shown(&started.user_code)
    ));
    let end = Instant::now() + Duration::from_secs(started.expires_in.min(MAX_TIME));
    let mut pause = started.interval.unwrap_or(PAUSE).min(MAX_PAUSE);
    let pairs = [("grant_type", DEVICE_GRANT), ("device_code", started.device_code.as_str())];
    while Instant::now() < end {
        sleep(Duration::from_secs(pause)).await;
        let answer = session.exchange(registration, &pairs).await?;
        match name(&answer).as_deref() {
            Some("authorization_pending") => {}
            Some("slow_down") => pause = (pause + PAUSE).min(MAX_PAUSE),
            _ => return tokens(&answer),
        }
    }
    Err(format!("nobody has signed in within {} s", started.expires_in.min(MAX_TIME)))
}

async fn start(session: &Session<'_>, registration: &Registration) -> Result<Started, String> {
    let member = "device_authorization_endpoint";
    let endpoint = session.endpoint(session.issuer.device_authorization_endpoint.as_deref(), member)?;
    let pairs = [
        ("client_id", registration.client_id.as_str()),
        ("scope", &session.scope),
        ("resource", &session.resource),
    ];
    let answer = session.client.submit(&endpoint, form::written(&pairs), registration.credentials()).await?;
    serde_json::from_slice(&answer.body)
        .map_err(|_| format!("it gives no code: status {}: {}", answer.status.as_u16(), error(&answer)))
}

fn name(answer: &Answer) -> Option<String> {
    let body: Value = serde_json::from_slice(&answer.body).ok()?;
    body["error"].as_str().map(str::to_owned)
}
