//! Says what credentials are, and who has them.

use std::fmt;
use std::time::SystemTime;

use futures_util::future::BoxFuture;

use crate::net::{Client, NetError};

/// An access key, its secret and perhaps a session token. `Debug` shows neither secret nor token.
pub use aws_credential_types::Credentials as AwsCredentials;

/// A place that has credentials. Asked before each request, so that it can replace those that expire.
pub trait CredentialSource: fmt::Debug + Send + Sync {
    /// Returns the credentials that are valid at `now`, fetched with `client` if they are elsewhere.
    ///
    /// # Errors
    ///
    /// There are none.
    fn current<'a>(
        &'a self,
        client: &'a Client,
        now: SystemTime,
    ) -> BoxFuture<'a, Result<AwsCredentials, NoCredentials>>;
}

/// The reason why there are no credentials. Repeats no value of a variable.
#[derive(Debug, thiserror::Error)]
pub enum NoCredentials {
    /// Nobody has any.
    #[error(
        "there are no AWS credentials: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or give the function or task a role"
    )]
    Nowhere,
    /// One half is missing.
    #[error("AWS_ACCESS_KEY_ID is set and AWS_SECRET_ACCESS_KEY is not")]
    NoSecret,
    /// The endpoint's address is not one that may hold credentials.
    #[error(
        "{name} is not a usable address: expected https://, or http:// with the address of this machine, ECS or EKS"
    )]
    Address {
        /// The variable.
        name: &'static str,
    },
    /// The token for the endpoint cannot be read.
    #[error("the file that {name} names cannot be read: {source}")]
    TokenFile {
        /// The variable.
        name: &'static str,
        /// The system's error.
        source: std::io::Error,
    },
    /// The token for the endpoint cannot be sent.
    #[error("the token for the container's credentials is not one line of text")]
    Token,
    /// The endpoint does not answer.
    #[error("the endpoint for the container's credentials cannot be reached: {0}")]
    Unreachable(#[from] NetError),
    /// It refuses.
    #[error("the endpoint for the container's credentials answers {0}")]
    Status(http::StatusCode),
    /// It says something that cannot be understood.
    #[error("the endpoint for the container's credentials does not answer with credentials")]
    Answer,
    /// Another source has none; the text says why.
    #[error("{0}")]
    Other(String),
}
