//! Where the generated packages are, and what they are called.
//!
//! The generator names a package after everything (`imports/example_bill_tools`), and expects the author's to have
//! such names too. Here it is `wit/tools`, and the author's is `tools` of her own module.

use std::collections::BTreeMap;

use wit_parser::{Resolve, WorldId, WorldItem, WorldKey};

/// The module that the generator writes for.
pub(super) const GENERATED: &str = "generated";

/// The packages that are the same for every plugin.
pub(super) const OWN: [(&str, &str); 7] = [
    ("go.mod", include_str!("wit/go.mod.in")),
    ("wit.go", include_str!("wit/wit.go")),
    ("tuple.go", include_str!("wit/tuple.go")),
    ("internal/abi/abi.go", include_str!("wit/internal/abi/abi.go")),
    ("internal/abi/handle.go", include_str!("wit/internal/abi/handle.go")),
    ("internal/abi/realloc_wasip1.go", include_str!("wit/internal/abi/realloc_wasip1.go")),
    ("internal/abi/empty.s", include_str!("wit/internal/abi/empty.s")),
];

/// The generator's own packages, and those that stand for them.
const SHARED: [(&str, &str); 2] = [
    ("go.bytecodealliance.org/pkg/wit/types", "wit"),
    ("go.bytecodealliance.org/pkg/wit/runtime", "wit/internal/abi"),
];

/// What the generator calls the package of functions that the world itself has.
const WORLD: &str = "wit_world";

/// The names of a world's packages.
pub(super) struct Layout<'a> {
    /// The author's module.
    module: &'a str,
    /// Short names by the generator's.
    names: BTreeMap<String, String>,
}

impl<'a> Layout<'a> {
    /// Names every package after its interface; two of one name are named after their WIT packages too.
    pub(super) fn new(resolve: &Resolve, world: WorldId, module: &'a str) -> Self {
        let mut names = BTreeMap::from([(WORLD.to_owned(), "world".to_owned())]);
        let items = &resolve.worlds[world];
        for (key, item) in items.imports.iter().chain(&items.exports) {
            if !matches!(item, WorldItem::Interface { .. }) {
                continue;
            }
            let (long, short) = spell(resolve, key);
            let is_taken = ["wit", "internal", "component"].contains(&short.as_str())
                || names.iter().any(|(other, name)| *name == short && *other != long);
            let name = if is_taken { long.replace('_', "") } else { short };
            names.insert(long, name);
        }
        Self { module, names }
    }

    /// Where a generated file belongs, and its text with the packages' names in it.
    ///
    /// # Errors
    /// It is of a kind that no plugin has.
    pub(super) fn place(&self, file: &str, text: &str) -> Result<(String, String), String> {
        let (folder, name) = file.rsplit_once('/').unwrap_or(("", file));
        let Some(long) = folder.strip_prefix("imports/") else {
            if folder != "exports/wit_exports" {
                return Err("a resource that the plugin would export".to_owned());
            }
            let main = text.replace("package wit_exports\n", "package main\n") + "\nfunc main() {}\n";
            return Ok(("component/main.go".to_owned(), self.renamed(&main)));
        };
        let short = self.short(long);
        let text = self.renamed(&text.replace(&format!("package {long}\n"), &format!("package {short}\n")));
        let name = if name == "wit_bindings.go" { format!("{short}.go") } else { name.to_owned() };
        Ok((format!("{short}/{name}"), text))
    }

    /// Imports by the names that are used here.
    fn renamed(&self, text: &str) -> String {
        let mut text = text.to_owned();
        for (from, to) in SHARED {
            text = text.replace(&format!("\"{from}\""), &format!("\"{to}\""));
        }
        for (long, short) in &self.names {
            let own = if long == WORLD { self.module.to_owned() } else { format!("{}/{short}", self.module) };
            text = text
                .replace(&format!("\"{GENERATED}/imports/{long}\""), &format!("{long} \"wit/{short}\""))
                .replace(
                    &format!("\"{GENERATED}/exports/export_{long}\""),
                    &format!("export_{long} \"{own}\""),
                );
        }
        text
    }

    fn short(&self, long: &str) -> String {
        self.names.get(long).cloned().unwrap_or_else(|| long.replace('_', ""))
    }
}

/// An interface's name as the generator has it, and as people would.
fn spell(resolve: &Resolve, key: &WorldKey) -> (String, String) {
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
