//! The WIT package `toolcell:plugin` as this version of the program knows it.
//!
//! A component may have been built from another copy of it. What it takes from there has to be what the host knows,
//! or values would be sent to clients under names that they do not have.

use std::sync::LazyLock;

use toolcell_host::catalog::{Export, ProviderRole};
use toolcell_host::codec::{Function, Type};
use wit_parser::{InterfaceId, Resolve, SourceMap};

use super::export::{Exported, name};
use super::package::PACKAGE;
use super::{content, signature};
use crate::ui::problem::{Problem, Result};

macro_rules! files {
    ($($name:literal),*) => { [$(($name, include_str!(concat!("../../../wit/", $name)))),*] };
}

/// The files that have types which plugins and host must agree on.
const FILES: [(&str, &str); 5] =
    files!("content.wit", "resources.wit", "prompts.wit", "completion.wit", "dynamic-tools.wit");

static WIT: LazyLock<Resolve> = LazyLock::new(|| {
    let mut sources = SourceMap::new();
    for (file, text) in FILES {
        sources.push_str(file, text);
    }
    let group = sources.parse().map_err(|(_, error)| error).expect("our own WIT parses");
    let mut resolve = Resolve::default();
    resolve.push_group(group).expect("our own WIT holds together");
    resolve
});

/// The signature of a role.
pub fn function(role: ProviderRole) -> Function {
    let (interface, function) = role.function();
    let interface = &WIT.interfaces[find(interface)];
    signature::plan(&WIT, &interface.functions[function]).expect("our own WIT has plans")
}

fn find(name: &str) -> InterfaceId {
    let mut all = WIT.interfaces.iter();
    all.find(|(_, one)| one.name.as_deref() == Some(name)).map(|(id, _)| id).expect("our own WIT has it")
}

fn content_type(name: &str) -> Type {
    let id = WIT.interfaces[find("content")].types[name];
    signature::type_plan(&WIT, &wit_parser::Type::Id(id)).expect("our own WIT has plans")
}

/// Tells whether a type looks like a content block somewhere.
pub(crate) fn holds_block(ty: &Type) -> bool {
    let block = signature::bare(&content_type("block"));
    signature::contains(ty, &|ty| matches!(ty, Type::Variant(_)) && signature::bare(ty) == block)
}

/// Checks that content which a function returns looks the way the host sends it.
///
/// # Errors
/// The component was built from another copy of the package.
pub fn check_content(file: &str, exported: &Exported) -> Result<()> {
    let Ok(function) = &exported.plan else { return Ok(()) };
    let Some((type_name, found)) = content::named(function, exported.published_as) else { return Ok(()) };
    let expected = content_type(type_name);
    if signature::bare(found) == signature::bare(&expected) {
        return Ok(());
    }
    let (found, expected) = signature::difference(found, &expected);
    Err(differs(file, &exported.export, format!("in {type_name}, {found}"))
        .expected(format!("in {type_name}, {expected}")))
}

/// Starts a problem with a function whose types come from another copy of the package.
pub fn differs(file: &str, export: &Export, found: String) -> Problem {
    other_copy(file, format!("function {} differs from {PACKAGE}", name(export))).found(found)
}

/// Starts a problem with a component that was built from another copy of the package.
pub fn other_copy(file: &str, fault: String) -> Problem {
    Problem::refused(file, fault).next(format!(
        "copy toolcell's wit/ folder ({PACKAGE}) to wit/deps/toolcell-plugin and rebuild the component"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::component::package::{self, INTERFACE};

    #[test]
    fn every_role_is_a_function_of_our_own_wit() {
        for role in ProviderRole::ALL {
            let (interface, name) = role.function();
            let export =
                Export { interface: Some(format!("{INTERFACE}{interface}@0.1.7")), function: name.into() };
            assert_eq!(package::role(&export), Some(role));
            assert!(matches!(function(role).result, Some(Type::Result { ok: Some(_), err: Some(_) })));
        }
    }
}
