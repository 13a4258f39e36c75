//! What every service of AWS needs: whom to sign for, where it answers, and the signature.
//!
//! ```text
//! credentials, ambient, container   the credentials of this process
//! endpoint                          a service and a region -> an address
//! sign                              a request -> a signed request
//! sts                               a role and a policy -> temporary credentials, kept until they expire
//! xml                               what AWS answers
//! ```
//!
//! It knows neither buckets nor tables, and sends nothing but requests for credentials.

mod ambient;
mod container;
mod credentials;
mod endpoint;
mod sign;
mod sts;
#[cfg(test)]
pub(crate) mod testing;
#[cfg(test)]
mod tests;
pub(crate) mod xml;

pub use self::ambient::Ambient;
pub use self::credentials::{AwsCredentials, CredentialSource, NoCredentials};
pub use self::endpoint::{Endpoint, EndpointError};
pub use self::sign::{Scope, Unsignable, origin, sign};
pub use self::sts::{AssumeError, AwsAccess, Role, RoleSession, Sts};
