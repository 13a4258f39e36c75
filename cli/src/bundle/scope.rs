//! Refuses scopes that a tool requires and no caller can have.

use toolcell_host::catalog::ScopeSet;

use super::item::Item;
use crate::config::Config;
use crate::ui::problem::{Problem, Result};

/// Refuses a tool that asks for a scope which nobody can have.
///
/// # Errors
/// No principal has it, and none that is kept elsewhere could.
pub(crate) fn refuse_unreachable(
    config: &Config,
    plugin: &str,
    subject: Item<'_>,
    required: &ScopeSet,
) -> Result<()> {
    let bearer = config.auth.bearer.as_ref();
    // An authorization server gives its callers any scopes.
    if config.auth.oauth.is_some() {
        return Ok(());
    }
    if bearer.is_some_and(|bearer| bearer.environment.is_some() || bearer.secret.is_some()) {
        return Ok(());
    }
    let tokens = bearer.iter().flat_map(|bearer| bearer.principals.values().map(|one| &one.scopes));
    let mut granted = tokens.chain(config.auth.iam.values().map(|one| &one.scopes));
    if required.is_empty() || granted.any(|granted| granted.covers(required)) {
        return Ok(());
    }
    let list: Vec<String> = required.iter().map(|scope| format!("{:?}", scope.as_str())).collect();
    Err(Problem::refused(
        config.origin.place(&format!("plugins.{plugin}")),
        format!("no caller is allowed to use its {subject}"),
    )
    .found("no principal has all required scopes")
    .expected(format!("a principal that has the scopes {}", list.join(", ")))
    .next(format!(
        "add them to a principal in [auth.bearer] or [auth.iam]: scopes = [{}]\n\
         (`toolcell token NAME` creates one){}",
        list.join(", "),
        match subject {
            Item::Tool(_) => ", or leave the tool out of the plugin: except = [...]",
            Item::Prompt(_) | Item::Provider(_) => "",
        }
    )))
}
