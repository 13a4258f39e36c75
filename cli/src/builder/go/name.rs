//! Names of WIT in Go, and the generator's own names.

use wit_parser::{Resolve, WorldKey};

/// The module that the generator writes for.
pub(super) const GENERATED: &str = "generated";

/// The generator's package name for world-level functions.
pub(super) const WORLD: &str = "wit_world";

/// A name as the generator writes it where everybody can see it.
pub(super) fn camel(name: &str) -> String {
    let capital = |word: &str| {
        let word = word.to_ascii_lowercase();
        let (first, rest) = word.split_at(1.min(word.len()));
        first.to_ascii_uppercase() + rest
    };
    name.split('-').map(capital).collect()
}

/// An interface's name as the generator has it, and as people would.
pub(super) fn spell(resolve: &Resolve, key: &WorldKey) -> (String, String) {
    let snake = |name: &str| name.replace('-', "_").to_ascii_lowercase();
    match key {
        WorldKey::Name(name) => (snake(name), snake(name).replace('_', "")),
        WorldKey::Interface(id) => {
            let interface = &resolve.interfaces[*id];
            let name = interface.name.as_deref().unwrap_or_default();
            let package = interface.package.map(|id| &resolve.packages[id].name);
            let package =
                package.map_or_else(String::new, |name| format!("{}_{}_", name.namespace, name.name));
            (snake(&format!("{package}{name}")), snake(name).replace('_', ""))
        }
    }
}
