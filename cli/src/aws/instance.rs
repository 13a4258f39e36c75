//! Asks the metadata service of an EC2 instance for the credentials of its role (IMDSv2).
//!
//! Source: <https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/instancedata-data-retrieval.html>

use std::time::{Duration, UNIX_EPOCH};

use bytes::Bytes;
use http::{Method, Request};
use serde::Deserialize;
use toolcell_host::aws::{AwsCredentials, NoCredentials};
use toolcell_host::net::{Client, PlainHttp, Rules};
use toolcell_host::timestamp::Timestamp;
use toolcell_host::variables::Variables;

/// The address of the service, unless a variable names another one.
const ADDRESS: &str = "http://169.254.169.254";
const ADDRESS_VARIABLE: &str = "AWS_EC2_METADATA_SERVICE_ENDPOINT";

/// The variable that switches the service off.
const DISABLED_VARIABLE: &str = "AWS_EC2_METADATA_DISABLED";

const TOKEN_PATH: &str = "/latest/api/token";
const ROLE_PATH: &str = "/latest/meta-data/iam/security-credentials/";
const TOKEN: &str = "x-aws-ec2-metadata-token";
const TOKEN_LIFE: &str = "x-aws-ec2-metadata-token-ttl-seconds";

/// The largest answer that is read, in bytes.
const MAX_ANSWER_BYTES: u64 = 64 << 10;

/// The metadata service.
#[derive(Debug)]
pub(super) struct Instance {
    /// Its address; `None` if it is switched off.
    address: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Answer {
    access_key_id: String,
    secret_access_key: String,
    token: Option<String>,
    expiration: Option<Timestamp>,
}

impl Instance {
    pub(super) fn new(variables: &Variables) -> Self {
        let is_disabled =
            variables.get(DISABLED_VARIABLE).is_some_and(|value| value.eq_ignore_ascii_case("true"));
        let address = variables.get(ADDRESS_VARIABLE).unwrap_or_else(|| ADDRESS.to_owned());
        Self { address: (!is_disabled).then(|| address.trim_end_matches('/').to_owned()) }
    }

    /// Asks for a token, for the name of the role, and for its credentials.
    pub(super) async fn credentials(&self, client: &Client) -> Result<AwsCredentials, NoCredentials> {
        let token = self.ask(client, Method::PUT, TOKEN_PATH, (TOKEN_LIFE, "60")).await?;
        let role = self.ask(client, Method::GET, ROLE_PATH, (TOKEN, &token)).await?;
        let role = role.lines().next().unwrap_or_default();
        let answer = self.ask(client, Method::GET, &format!("{ROLE_PATH}{role}"), (TOKEN, &token)).await?;
        let Answer { access_key_id, secret_access_key, token, expiration } =
            serde_json::from_str(&answer).map_err(|_| NoCredentials::Nowhere)?;
        let expires = expiration.map(|end| UNIX_EPOCH + Duration::from_secs(end.seconds()));
        Ok(AwsCredentials::new(access_key_id, secret_access_key, token, expires, "instance"))
    }

    /// A machine without the service, or without a role, has no credentials.
    async fn ask(
        &self,
        client: &Client,
        method: Method,
        path: &str,
        (name, value): (&str, &str),
    ) -> Result<String, NoCredentials> {
        let address = self.address.as_ref().ok_or(NoCredentials::Nowhere)?;
        let request = Request::builder().method(method).uri(format!("{address}{path}")).header(name, value);
        let request = request.body(Bytes::new()).map_err(|_| NoCredentials::Nowhere)?;
        let rules = Rules { max_body_bytes: MAX_ANSWER_BYTES, plain_http: PlainHttp::Anywhere };
        let response = client.send(request, rules).await.map_err(|_| NoCredentials::Nowhere)?;
        if !response.head.status.is_success() {
            return Err(NoCredentials::Nowhere);
        }
        let body = response.body.collect().await.map_err(|_| NoCredentials::Nowhere)?;
        String::from_utf8(body.into()).map_err(|_| NoCredentials::Nowhere)
    }
}
