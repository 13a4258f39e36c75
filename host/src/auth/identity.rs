//! A caller that AWS vouches for.

use std::fmt;
use std::str::FromStr;

/// A user or role of AWS, as an ARN in one form: roles without path and without session.
///
/// An edge makes one of what AWS says about a request (`requestContext.authorizer.iam.userArn`), never of
/// anything that a client wrote. A role's name is unique in its account whatever its path, so
/// `arn:aws:iam::123456789012:role/team/Agent` and a session
/// `arn:aws:sts::123456789012:assumed-role/Agent/i-0abc` are both `arn:aws:iam::123456789012:role/Agent`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Identity(String);

/// An ARN that names no user and no role.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected the ARN of a role or user, such as arn:aws:iam::123456789012:role/Agent")]
pub struct NotAnIdentity;

/// Digits of an AWS account id.
const ACCOUNT_DIGITS: usize = 12;

impl Identity {
    /// The ARN.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Identity {
    type Err = NotAnIdentity;

    fn from_str(arn: &str) -> Result<Self, NotAnIdentity> {
        parse(arn).map(Self).ok_or(NotAnIdentity)
    }
}

impl fmt::Display for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Reads `arn:PARTITION:SERVICE::ACCOUNT:RESOURCE`.
fn parse(arn: &str) -> Option<String> {
    let mut fields = arn.splitn(6, ':');
    let mut field = || fields.next();
    let ("arn", partition, service, "", account, resource) =
        (field()?, field()?, field()?, field()?, field()?, field()?)
    else {
        return None;
    };
    let is_partition = partition.starts_with("aws")
        && partition.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-');
    let is_account = account.len() == ACCOUNT_DIGITS && account.bytes().all(|byte| byte.is_ascii_digit());
    if !is_partition || !is_account || !resource.bytes().all(is_legal) {
        return None;
    }
    let arn = |service: &str, resource: &str| format!("arn:{partition}:{service}::{account}:{resource}");
    let (kind, rest) = resource.split_once('/').unwrap_or((resource, ""));
    let is_named = !rest.is_empty() && !rest.starts_with('/') && !rest.ends_with('/');
    match (service, kind) {
        ("iam", "root") if rest.is_empty() && resource == "root" => Some(arn("iam", "root")),
        ("iam", "user") if is_named => Some(arn("iam", resource)),
        ("sts", "federated-user") if is_named => Some(arn("sts", resource)),
        ("iam", "role") if is_named => Some(arn("iam", &format!("role/{}", rest.rsplit('/').next()?))),
        ("sts", "assumed-role") => {
            let (role, session) = rest.split_once('/')?;
            let is_complete = !role.is_empty() && !session.is_empty();
            is_complete.then(|| arn("iam", &format!("role/{role}")))
        }
        _ => None,
    }
}

/// Letters of names and paths in IAM; `*` and `?`, which would look like patterns, are none.
fn is_legal(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"_+=,.@-/:".contains(&byte)
}
