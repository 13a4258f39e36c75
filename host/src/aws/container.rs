//! Asks the endpoint that ECS, EKS and Lambda's SnapStart have for the credentials of a container.
//!
//! Source: <https://docs.aws.amazon.com/sdkref/latest/guide/feature-container-credentials.html>

use std::fmt;
use std::net::IpAddr;
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use http::header::AUTHORIZATION;
use http::{HeaderValue, Request, StatusCode, Uri};
use serde::Deserialize;
use tokio::sync::Mutex;

use super::credentials::{AwsCredentials, NoCredentials};
use crate::net::{Client, PlainHttp, Rules};
use crate::variables::Variables;

const FULL_URI: &str = "AWS_CONTAINER_CREDENTIALS_FULL_URI";
const RELATIVE_URI: &str = "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI";
const TOKEN: &str = "AWS_CONTAINER_AUTHORIZATION_TOKEN";
const TOKEN_FILE: &str = "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE";

/// The host that a relative address belongs to: the agent of ECS.
const ECS: &str = "169.254.170.2";

/// The hosts that may be asked without TLS, besides this machine: the agents of ECS and EKS, which only the machine
/// itself can reach.
const AGENTS: [&str; 3] = [ECS, "169.254.170.23", "fd00:ec2::23"];

/// The time for which an answer is used. The agents renew credentials long before they expire, so one that is asked
/// every few minutes always has valid ones.
const FRESH: Duration = Duration::from_secs(5 * 60);

/// The largest answer that is read, in bytes.
const MAX_ANSWER_BYTES: u64 = 64 << 10;

/// The endpoint, and what it answered last.
pub(super) struct Container {
    variables: Variables,
    last: Mutex<Option<(SystemTime, AwsCredentials)>>,
}

/// The part of the answer that matters.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Answer {
    access_key_id: String,
    secret_access_key: String,
    token: Option<String>,
}

impl Container {
    pub(super) fn new(variables: Variables) -> Self {
        Self { variables, last: Mutex::new(None) }
    }

    /// Returns the credentials at `now`. Of requests at the same time, one asks and the others wait.
    pub(super) async fn current(
        &self,
        client: &Client,
        now: SystemTime,
    ) -> Result<AwsCredentials, NoCredentials> {
        let mut last = self.last.lock().await;
        if let Some((since, credentials)) = &*last
            && now.duration_since(*since).is_ok_and(|age| age < FRESH)
        {
            return Ok(credentials.clone());
        }
        let credentials = self.ask(client).await?;
        *last = Some((now, credentials.clone()));
        Ok(credentials)
    }

    async fn ask(&self, client: &Client) -> Result<AwsCredentials, NoCredentials> {
        let mut request =
            Request::get(self.address()?).body(Bytes::new()).map_err(|_| NoCredentials::Answer)?;
        if let Some(token) = self.token()? {
            request.headers_mut().insert(AUTHORIZATION, token);
        }
        let rules = Rules { max_body_bytes: MAX_ANSWER_BYTES, plain_http: PlainHttp::Anywhere };
        let response = client.send(request, rules).await?;
        if response.head.status != StatusCode::OK {
            return Err(NoCredentials::Status(response.head.status));
        }
        let answer = response.body.collect().await?;
        let Answer { access_key_id, secret_access_key, token } =
            serde_json::from_slice(&answer).map_err(|_| NoCredentials::Answer)?;
        Ok(AwsCredentials::new(access_key_id, secret_access_key, token, None, "container"))
    }

    /// Returns the endpoint's address, if it may be asked for credentials.
    fn address(&self) -> Result<Uri, NoCredentials> {
        if let Some(path) = self.variables.get(RELATIVE_URI) {
            let refuse = |_| NoCredentials::Address { name: RELATIVE_URI };
            return format!("http://{ECS}{path}")
                .parse()
                .map_err(refuse)
                .and_then(|uri| agent(uri, RELATIVE_URI));
        }
        let uri = self.variables.get(FULL_URI).ok_or(NoCredentials::Nowhere)?;
        agent(uri.parse().map_err(|_| NoCredentials::Address { name: FULL_URI })?, FULL_URI)
    }

    fn token(&self) -> Result<Option<HeaderValue>, NoCredentials> {
        let token = match self.variables.get(TOKEN_FILE) {
            Some(path) => {
                let refuse = |source| NoCredentials::TokenFile { name: TOKEN_FILE, source };
                Some(std::fs::read_to_string(path).map_err(refuse)?)
            }
            None => self.variables.get(TOKEN),
        };
        let Some(token) = token else { return Ok(None) };
        let mut token = HeaderValue::try_from(token.trim_end()).map_err(|_| NoCredentials::Token)?;
        token.set_sensitive(true);
        Ok(Some(token))
    }
}

/// Refuses an address that would send the token, and the request for credentials, to somebody who is not an agent.
fn agent(uri: Uri, name: &'static str) -> Result<Uri, NoCredentials> {
    let host = uri.host().unwrap_or_default().trim_start_matches('[').trim_end_matches(']');
    let is_near = host == "localhost"
        || AGENTS.contains(&host)
        || host.parse().is_ok_and(|address: IpAddr| address.is_loopback());
    let is_usable = match uri.scheme_str() {
        Some("https") => !host.is_empty(),
        Some("http") => is_near,
        _ => false,
    };
    if is_usable { Ok(uri) } else { Err(NoCredentials::Address { name }) }
}

impl fmt::Debug for Container {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Container")
    }
}
