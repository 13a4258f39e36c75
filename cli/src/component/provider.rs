//! Finds what a plugin provides at run time: the exported functions of toolcell's own interfaces.

use toolcell_host::catalog::{Export, ProviderRole};
use toolcell_host::codec::Function;

use super::export::{Exported, name};
use super::package::{self, PACKAGE};
use super::{contract, signature};
use crate::ui::problem::Result;

/// A function through which a plugin provides something.
#[derive(Clone, Debug)]
pub struct ProviderExport {
    /// The role of the function.
    pub role: ProviderRole,
    /// Its export in the component.
    pub export: Export,
    /// Its plan.
    pub function: Function,
}

/// Finds what a component provides, sorted by role.
///
/// # Errors
/// An interface of another version, a function that it does not have, or not all of them.
pub fn of(file: &str, exports: &[Exported]) -> Result<Vec<ProviderExport>> {
    let mut providers = Vec::new();
    for exported in exports.iter().filter(|exported| is_provider(exported)) {
        providers.push(provider_export(file, exported)?);
    }
    providers.sort_by_key(|provider| provider.role);
    refuse_gap(file, &providers)?;
    Ok(providers)
}

/// The interfaces that some roles belong to, each once, in the order of the roles.
pub fn interfaces(roles: impl Iterator<Item = ProviderRole>) -> Vec<&'static str> {
    let mut all: Vec<&str> = Vec::new();
    for (interface, _) in roles.map(ProviderRole::function) {
        if !all.contains(&interface) {
            all.push(interface);
        }
    }
    all
}

/// Says in one line what an interface provides; `uris` are the prefixes of resources.
pub fn describe(interface: &str, uris: &[String]) -> String {
    match (interface, uris) {
        ("resources", []) => "resources, whatever their URIs".to_string(),
        ("resources", uris) => format!("resources {}", uris.join(", ")),
        ("prompts", _) => "prompts that are known at run time".to_string(),
        ("dynamic-tools", _) => "tools that are known at run time".to_string(),
        (other, _) => other.to_string(),
    }
}

/// Tells whether it is a function of one of the interfaces that plugins may export, in whatever version.
fn is_provider(exported: &Exported) -> bool {
    let interface = exported.export.interface.as_deref().unwrap_or_default();
    let short = interface.rsplit('/').next().and_then(|name| name.split('@').next()).unwrap_or_default();
    package::is_ours(interface) && ProviderRole::ALL.into_iter().any(|role| role.function().0 == short)
}

fn provider_export(file: &str, exported: &Exported) -> Result<ProviderExport> {
    let Exported { export, plan, .. } = exported;
    let Some(role) = package::role(export) else {
        return Err(contract::other_copy(file, format!("function {} is not in {PACKAGE}", name(export)))
            .found(name(export))
            .expected(format!("a function that {PACKAGE} declares")));
    };
    let expected = contract::function(role);
    let (found, wanted) = match plan {
        Ok(function) if signature::same_types(function, &expected) => {
            return Ok(ProviderExport { role, export: export.clone(), function: function.clone() });
        }
        Ok(function) => difference(function, &expected),
        Err(obstacle) => (format!("a function that {}", obstacle.text()), signature::render(&expected)),
    };
    Err(contract::differs(file, export, found).expected(wanted))
}

/// Describes the difference of two signatures.
fn difference(found: &Function, expected: &Function) -> (String, String) {
    let params = |one: &Function| Function { result: None, ..one.clone() };
    match (&found.result, &expected.result) {
        (Some(left), Some(right)) if signature::same_types(&params(found), &params(expected)) => {
            let (left, right) = signature::difference(left, right);
            (format!("in its result, {left}"), format!("in its result, {right}"))
        }
        _ => (signature::render(found), signature::render(expected)),
    }
}

/// Refuses a component that exports only some functions of an interface.
fn refuse_gap(file: &str, providers: &[ProviderExport]) -> Result<()> {
    for provider in providers {
        let siblings =
            ProviderRole::ALL.into_iter().filter(|role| role.function().0 == provider.role.function().0);
        for role in siblings {
            if !providers.iter().any(|other| other.role == role) {
                let (interface, function) = role.function();
                let export =
                    Export { interface: provider.export.interface.clone(), function: function.into() };
                return Err(contract::other_copy(file, format!("function {} is missing", name(&export)))
                    .found(format!("only a part of the interface `{interface}`"))
                    .expected(format!("every function of the interface `{interface}`")));
            }
        }
    }
    Ok(())
}
