//! `wit.zig`: the types of a world, and the functions that it imports.
//!
//! The file's own declarations begin with `_`, because no WIT name does.

use wit_parser::{Interface, WorldItem};

use super::spelling::{Unsupported, docs, indented};
use super::world_names::WorldNames;
use super::{import, types};

const HEAD: &str = "\
//! The types of the plugin's WIT, and the functions that it imports. Made by `toolcell build`: changes are lost.

const _wit = @This();

/// How values cross the border of the component; a plugin has no use for it.
pub const _abi = @import(\"abi.zig\");

/// What a function returns that can fail with a value: `.{ .ok = value }` or `.{ .err = reason }`.
pub const Result = _abi.Result;
";

/// The whole file.
///
/// # Errors
/// The WIT has something that cannot be written in Zig.
pub(super) fn text(names: &WorldNames<'_>) -> Result<String, Unsupported> {
    let mut parts = vec![HEAD.to_owned()];
    for (key, item) in &names.resolve.worlds[names.world].imports {
        match item {
            WorldItem::Interface { .. } => {}
            WorldItem::Function(function) => parts.push(import::function(names, None, function)?),
            WorldItem::Type { id, .. } => parts.push(types::declaration(names, Some(key), *id)?),
        }
    }
    for (name, interface) in names.interfaces() {
        parts.push(namespace(names, name, interface)?);
    }
    Ok(parts.join("\n"))
}

/// An interface: its types, and its functions if they are imported.
fn namespace(names: &WorldNames<'_>, name: &str, interface: &Interface) -> Result<String, Unsupported> {
    let key = names.import_of(interface);
    let mut parts = Vec::new();
    for id in interface.types.values() {
        parts.push(types::declaration(names, key, *id)?);
    }
    if key.is_some() {
        for function in interface.functions.values().filter(|function| function.kind.resource().is_none()) {
            parts.push(import::function(names, key, function)?);
        }
    }
    let docs = docs(&interface.docs);
    if parts.is_empty() {
        return Ok(format!("{docs}pub const {name} = struct {{}};\n"));
    }
    Ok(format!("{docs}pub const {name} = struct {{\n{}}};\n", indented(&parts.join("\n"))))
}
