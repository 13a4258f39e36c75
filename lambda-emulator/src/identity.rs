//! Describes the caller that signed a request, as `AWS_IAM` tells the function.

use serde_json::{Value, json};

/// The content of `requestContext.authorizer.iam`. The emulator checks no signature: every request counts as signed by
/// this caller.
/// <https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html#urls-payloads>
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// The caller's ARN.
    pub user_arn: String,
    /// The caller's account.
    pub account_id: String,
    /// The access key that signed the request.
    pub access_key: String,
    /// The caller's user id.
    pub user_id: String,
    /// The user id; for a role, followed by a colon and the session's name.
    pub caller_id: String,
    /// The organisation that the principal belongs to.
    pub principal_org_id: Option<String>,
}

impl Identity {
    /// Makes a caller from an ARN such as `arn:aws:iam::123456789012:user/ana`: its account is the ARN's, its keys are
    /// examples.
    pub fn of_arn(arn: &str) -> Self {
        let account = arn.split(':').nth(4).unwrap_or_default();
        let session = arn.rsplit('/').next().unwrap_or_default();
        let (access_key, user_id, caller_id) = if arn.contains(":assumed-role/") {
            ("ASIAEXAMPLEACCESSKEY", "AROAEXAMPLEUSERID", format!("AROAEXAMPLEUSERID:{session}"))
        } else {
            ("AKIAEXAMPLEACCESSKEY", "AIDAEXAMPLEUSERID", "AIDAEXAMPLEUSERID".to_owned())
        };
        Self {
            user_arn: arn.to_owned(),
            account_id: account.to_owned(),
            access_key: access_key.to_owned(),
            user_id: user_id.to_owned(),
            caller_id,
            principal_org_id: None,
        }
    }

    /// Renders `requestContext.authorizer`.
    pub(crate) fn authorizer(&self) -> Value {
        json!({"iam": {
            "accessKey": self.access_key,
            "accountId": self.account_id,
            "callerId": self.caller_id,
            "cognitoIdentity": null,
            "principalOrgId": self.principal_org_id,
            "userArn": self.user_arn,
            "userId": self.user_id,
        }})
    }
}
