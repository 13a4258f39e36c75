//! Holds the bundle's catalog: its tools, and everything that a call of one needs.
//!
//! `toolcell build` writes it as `catalog.bin`, next to one content-addressed precompiled component per plugin. The
//! server uses the file in place ([ADR 29](../../../docs/adr/0029-catalog-in-place.md)): [`Index`] looks up what a
//! request needs. [`Catalog`] is the same as a tree of types, for those who write or inspect it.

mod auth;
mod bucket_grant;
mod contents;
mod error;
mod file;
mod format;
mod grants;
mod http_grant;
mod index;
mod item;
mod layout;
mod limits;
mod list;
mod network;
mod oauth;
mod releases;
mod root;
mod scope;
mod secrets;
#[cfg(test)]
mod tests;
mod web_url;
mod write;

pub use auth::{Auth, Bearer, BearerPrincipal, IamPrincipal, NotAPrincipalName, PrincipalName, TOKEN_PREFIX};
pub use bucket_grant::{BucketGrant, BucketScope};
pub use contents::{Contents, LeftOut};
pub use error::CatalogError;
pub use file::Trust;
pub use format::{
    Catalog, Confirm, EngineInfo, Export, FunctionEntry, Http, Listed, Plugin, Prompt, Provider,
    ProviderRole, Returns, Server, Tool,
};
pub use grants::{Directory, Grants};
pub use http_grant::{
    AddressRange, AwsRegion, AwsService, GrantedHeader, HeaderClass, HeaderError, HeaderFormat, Host,
    HostError, HostPattern, HttpGrant, HttpMethod, InjectedHeader, InjectedParameter, Injection,
    InjectionError, InjectionPlace, MethodError, PathError, PathPrefix, RangeError, RoleArn, Scheme,
    SessionPolicy, Signing, SigningError, check_path,
};
pub use index::Index;
pub use item::{FunctionRef, Item};
pub use limits::Limits;
pub use list::{Detail, ItemList, ListPage, Shown};
pub use network::Network;
pub use oauth::{
    Challenge, Introspection, Issuer, KeySeed, KeySource, Lists, NotASigningAlgorithm, OAuth,
    SigningAlgorithm,
};
pub use releases::{Ceiling, ReleaseKey, Releases};
pub use root::Root;
pub use scope::{NotAScope, Scope, ScopeSet};
pub use secrets::{SecretPlace, SecretSource};
pub use web_url::{WebUrl, WebUrlError, WebUrlParts};
