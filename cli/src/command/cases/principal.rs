//! Reads the caller of a case: an anonymous one with every scope, or a principal with a name and scopes.

use std::collections::BTreeMap;

use toolcell_host::catalog::{Auth, Bearer, BearerPrincipal, Catalog, PrincipalName, Scope, ScopeSet};
use toolcell_host::digest::Digest;

use super::json::Object;
use crate::ui::problem::Result;

/// The caller's token; only the server of the case accepts it.
pub(super) const TOKEN: &str = "tct_toolcell-test";

/// A caller with a name.
#[derive(Clone, Debug)]
pub(super) struct Principal {
    name: PrincipalName,
    scopes: ScopeSet,
}

impl Principal {
    /// Returns the name.
    pub(super) fn name(&self) -> &str {
        self.name.as_str()
    }
}

/// Reads the caller of a case.
///
/// # Errors
/// No name, or a scope that is none.
pub(super) fn read(case: &Object<'_>) -> Result<Option<Principal>> {
    let Some(object) = case.nested("caller")? else { return Ok(None) };
    let name = object.text("name")?.unwrap_or_default();
    let name: PrincipalName = name.parse().map_err(|error: toolcell_host::catalog::NotAPrincipalName| {
        object
            .wrong("name", "is not a principal's name")
            .found(format!("{name:?}"))
            .expected(error.to_string().trim_start_matches("expected "))
            .next("write, for example, \"caller\": { \"name\": \"alice\" }")
    })?;
    let mut scopes = ScopeSet::default();
    for text in object.texts("scopes")? {
        let scope: Scope = text.parse().map_err(|error: toolcell_host::catalog::NotAScope| {
            object
                .wrong("scopes", "contains an invalid scope")
                .found(format!("{text:?}"))
                .expected(error.to_string().trim_start_matches("expected "))
                .next("correct the scope, for example \"files.write\"")
        })?;
        scopes.extend([scope]);
    }
    object.finish()?;
    Ok(Some(Principal { name, scopes }))
}

/// Has a catalog admit the case's caller alone, or, where there is none, anybody to everything.
pub(super) fn admit(catalog: &mut Catalog, caller: Option<&Principal>) {
    let Some(Principal { name, scopes }) = caller else { return open_to_all(catalog) };
    let principal = BearerPrincipal { tokens: vec![Digest::of(TOKEN.as_bytes())], scopes: scopes.clone() };
    let principals = BTreeMap::from([(name.clone(), principal)]);
    catalog.auth = Auth { bearer: Some(Bearer { principals, ..Bearer::default() }), ..Auth::default() };
}

fn open_to_all(catalog: &mut Catalog) {
    catalog.auth = Auth::default();
    catalog.tools.iter_mut().for_each(|tool| tool.item.required_scopes = ScopeSet::NONE);
    catalog.prompts.iter_mut().for_each(|prompt| prompt.item.required_scopes = ScopeSet::NONE);
    catalog.providers.iter_mut().for_each(|provider| provider.required_scopes = ScopeSet::NONE);
}
