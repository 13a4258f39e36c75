//! Holds the bundle's catalog: its tools, and everything that a call of one needs.
//!
//! `toolcell build` writes it as `catalog.json`, next to one content-addressed precompiled component per plugin.
//! The server reads it once per process and never writes it.

mod auth;
mod format;
mod index;
mod limits;
mod page;
mod salvage;
mod scope;

pub use auth::{Auth, Bearer, BearerPrincipal, IamPrincipal, NotAPrincipalName, PrincipalName, TOKEN_PREFIX};
pub use format::{
    Catalog, Directory, EngineInfo, Export, FunctionEntry, Grants, Http, Limits, Plugin, Prompt, Provider,
    ProviderRole, Returns, Server, Tool,
};
pub use index::{CatalogError, FunctionRef, Index};
pub use page::{Detail, ListPage};
pub use salvage::LeftOut;
pub use scope::{NotAScope, Scope, ScopeSet};
