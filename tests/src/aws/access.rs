//! What a session may do: no more than its policy allows.

use std::sync::Arc;

use async_trait::async_trait;
use s3s::access::{S3Access, S3AccessContext};
use s3s::host::{S3Host, VirtualHost};
use s3s::path::S3Path;
use s3s::{S3Result, s3_error};
use serde_json::Value;

use super::session::Sessions;
use crate::s3::REGION;

/// Obeys session policies: the actions and resources of their statements that allow, with `*` at the end of a text.
pub(super) struct Access(pub(super) Arc<Sessions>);

#[async_trait]
impl S3Access for Access {
    async fn check(&self, context: &mut S3AccessContext<'_>) -> S3Result<()> {
        let credentials =
            context.credentials().ok_or_else(|| s3_error!(AccessDenied, "nobody has signed"))?;
        let Some(session) = self.0.find(&credentials.access_key) else { return Ok(()) };
        let policy: Value = serde_json::from_str(&session.policy).expect("a policy");
        let action = match context.s3_op().name() {
            "ListObjectsV2" | "ListObjects" => "s3:ListBucket".to_owned(),
            "HeadObject" => "s3:GetObject".to_owned(),
            name => format!("s3:{name}"),
        };
        let resource = match context.s3_path() {
            S3Path::Root => "arn:aws:s3:::".to_owned(),
            S3Path::Bucket { bucket } => format!("arn:aws:s3:::{bucket}"),
            S3Path::Object { bucket, key } => format!("arn:aws:s3:::{bucket}/{key}"),
        };
        let statements = policy["Statement"].as_array().cloned().unwrap_or_default();
        let allows = |statement: &Value| {
            statement["Effect"] == "Allow"
                && fits(&statement["Action"], &action)
                && fits(&statement["Resource"], &resource)
        };
        match statements.iter().any(allows) {
            true => Ok(()),
            false => Err(s3_error!(AccessDenied, "the session policy does not allow it")),
        }
    }
}

/// Tells whether one of the patterns, or the only one, fits a text.
fn fits(patterns: &Value, text: &str) -> bool {
    let one = |pattern: &Value| {
        let pattern = pattern.as_str().unwrap_or_default();
        match pattern.strip_suffix('*') {
            Some(start) => text.starts_with(start),
            None => pattern == text,
        }
    };
    patterns.as_array().map_or_else(|| one(patterns), |all| all.iter().any(one))
}

/// Finds the bucket in the name of a host.
pub(super) struct Names;

impl S3Host for Names {
    fn parse_host_header<'a>(&'a self, host: &'a str) -> S3Result<VirtualHost<'a>> {
        let host = host.split(':').next().unwrap_or_default();
        let domain = format!("s3.{REGION}.amazonaws.com");
        match host.strip_suffix(&format!(".{domain}")) {
            Some(bucket) => Ok(VirtualHost::new(domain).with_bucket(bucket.to_owned())),
            None => Ok(VirtualHost::new(host.to_owned())),
        }
    }
}
