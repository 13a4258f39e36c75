//! Finds the credentials that the platform gives a process.

use std::time::SystemTime;

use futures_util::future::BoxFuture;

use super::container::Container;
use super::credentials::{AwsCredentials, CredentialSource, NoCredentials};
use crate::net::Client;
use crate::variables::Variables;

const ACCESS_KEY: &str = "AWS_ACCESS_KEY_ID";
const SECRET_KEY: &str = "AWS_SECRET_ACCESS_KEY";
const SESSION_TOKEN: &str = "AWS_SESSION_TOKEN";

/// The credentials that the platform gives a process: in variables, as Lambda does, or from the endpoint for containers,
/// as ECS, EKS and SnapStart do.
#[derive(Debug)]
pub struct Ambient {
    variables: Variables,
    container: Container,
}

impl Ambient {
    /// Looks for credentials where `variables` say. Reads none of them yet.
    pub fn new(variables: Variables) -> Self {
        Self { container: Container::new(variables.clone()), variables }
    }

    /// Returns the credentials in the variables, if there are any.
    fn in_variables(&self) -> Result<Option<AwsCredentials>, NoCredentials> {
        let Some(key) = self.variables.get(ACCESS_KEY) else { return Ok(None) };
        let secret = self.variables.get(SECRET_KEY).ok_or(NoCredentials::NoSecret)?;
        let token = self.variables.get(SESSION_TOKEN);
        Ok(Some(AwsCredentials::new(key, secret, token, None, "environment")))
    }
}

impl CredentialSource for Ambient {
    fn current<'a>(
        &'a self,
        client: &'a Client,
        now: SystemTime,
    ) -> BoxFuture<'a, Result<AwsCredentials, NoCredentials>> {
        Box::pin(async move {
            match self.in_variables()? {
                Some(credentials) => Ok(credentials),
                None => self.container.current(client, now).await,
            }
        })
    }
}
