//! Decides who is calling, and with which scopes; or refuses.
//!
//! Called once for each request, after host and origin were checked and before anything of the body is read.
//! Pure: no I/O, no clock, no state. Who may call is an [`Access`], made of the bundle's configuration and of
//! what `credentials` fetches; the caller is a [`Principal`]. A token is compared, or verified as [`oauth`] does, and
//! forgotten: it is kept nowhere, and nothing after this module and `credentials` ever sees it.

mod access;
mod bearer;
mod document;
mod identity;
pub mod oauth;
mod principal;
mod refusal;
#[cfg(test)]
mod tests;

pub use access::{Access, Anonymous, Iam, IamError};
pub use bearer::{Bearer, BearerError, token};
pub use document::{DocumentError, read as read_document};
pub use identity::{Identity, NotAnIdentity};
pub use principal::{Principal, PrincipalKind};
pub use refusal::{MetadataPointer, Refusal};
