//! Signs a user in on any device (RFC 8628): shows a code, and asks until somebody has typed it in.

use std::ops::RangeInclusive;
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

/// The shortest and the longest pause, and the longest time for a user to sign in, whatever the authorization server says,
/// in seconds.
const PAUSES: RangeInclusive<u64> = 1..=60;
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
    let mut pause = bounded(started.interval.unwrap_or(PAUSE));
    let pairs = [("grant_type", DEVICE_GRANT), ("device_code", started.device_code.as_str())];
    while Instant::now() < end {
        sleep(Duration::from_secs(pause)).await;
        let answer = session.exchange(registration, &pairs).await?;
        match name(&answer).as_deref() {
            Some("authorization_pending") => {}
            Some("slow_down") => pause = bounded(pause + PAUSE),
            _ => return tokens(&answer),
        }
    }
    Err(format!("nobody has signed in within {} s", started.expires_in.min(MAX_TIME)))
}

/// Keeps a pause within bounds, so that a server that names zero is not asked all the time.
fn bounded(seconds: u64) -> u64 {
    seconds.clamp(*PAUSES.start(), *PAUSES.end())
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pause_is_never_zero_and_never_longer_than_a_minute() {
        for (named, kept) in [(0, 1), (1, 1), (5, 5), (60, 60), (61, 60), (u64::MAX, 60)] {
            assert_eq!(bounded(named), kept, "{named} s");
        }
    }
}
