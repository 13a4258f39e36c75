//! Places and names the generated packages.
//!
//! The generator names a package after everything (`imports/example_bill_tools`), and expects the author's to have
//! such names too. Here it is `wit/tools`, and the author's is `tools` of her own module.

use std::collections::{BTreeMap, BTreeSet};

use wit_parser::{Resolve, TypeDefKind, WorldId, WorldItem};

use super::declared;
use super::error_result::ErrorResults;
use super::name::{self, GENERATED, WORLD, camel};

/// The packages that are the same for every plugin.
pub(super) const OWN: [(&str, &str); 8] = [
    ("go.mod", include_str!("wit/go.mod.in")),
    ("wit.go", include_str!("wit/wit.go")),
    ("result.go", include_str!("wit/result.go")),
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

/// The names of a world's packages.
pub(super) struct Layout<'a> {
    /// The author's module.
    module: &'a str,
    /// Lists the fallible functions that the main package calls.
    error_results: ErrorResults<'a>,
    /// Short names by the generator's.
    names: BTreeMap<String, String>,
    /// Names of cases and flags by the generator's.
    constants: BTreeMap<String, String>,
}

impl<'a> Layout<'a> {
    /// Names every package after its interface; two of one name are named after their WIT packages too.
    pub(super) fn new(resolve: &'a Resolve, world: WorldId, module: &'a str) -> Self {
        let mut names = BTreeMap::from([(WORLD.to_owned(), "world".to_owned())]);
        let items = &resolve.worlds[world];
        for (key, item) in items.imports.iter().chain(&items.exports) {
            if !matches!(item, WorldItem::Interface { .. }) {
                continue;
            }
            let long = name::generated(resolve, key);
            if !names.contains_key(&long) {
                let is_used = |short: &str| names.values().any(|name| name == short);
                let short = name::package_of(resolve, key, is_used);
                names.insert(long, short);
            }
        }
        Self {
            module,
            error_results: ErrorResults::new(resolve, world),
            names,
            constants: constants(resolve),
        }
    }

    /// Returns the path of a generated file, and its text with the names of the packages.
    ///
    /// # Errors
    /// It is of a kind that no plugin has.
    pub(super) fn place(&self, file: &str, text: &str) -> Result<(String, String), String> {
        let (folder, name) = file.rsplit_once('/').unwrap_or(("", file));
        let Some(long) = folder.strip_prefix("imports/") else {
            if folder != "exports/wit_exports" {
                return Err("a resource that the plugin would export".to_owned());
            }
            let main = self.error_results.wrap(text).replace("package wit_exports\n", "package main\n");
            let main = numbered(&main) + "\nfunc main() {}\n";
            return Ok(("component/main.go".to_owned(), self.renamed(&main)));
        };
        let short = self.short(long);
        let mut text = text.replace(&format!("package {long}\n"), &format!("package {short}\n"));
        if name.ends_with(".go") {
            text += self.error_results.errors().get(long).map_or("", String::as_str);
        }
        let text = self.renamed(&text);
        let name = if name == "wit_bindings.go" { format!("{short}.go") } else { name.to_owned() };
        Ok((format!("{short}/{name}"), text))
    }

    /// Imports and constants by the names that are used here.
    fn renamed(&self, text: &str) -> String {
        let mut text = with_words(text, &self.constants);
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

/// `ColorRed` for `Color_Red`: Go's names have no underscores, unless something else has the name without one.
fn constants(resolve: &Resolve) -> BTreeMap<String, String> {
    let named = resolve.types.iter().filter_map(|(_, ty)| Some((camel(ty.name.as_deref()?), &ty.kind)));
    let all = named.flat_map(|(name, kind)| cases(kind).map(move |case| (name.clone(), camel(case))));
    let mut constants: BTreeMap<String, String> =
        all.map(|(name, case)| (format!("{name}_{case}"), format!("{name}{case}"))).collect();
    let mut counts = BTreeMap::<String, usize>::new();
    for name in declared::names(resolve).into_iter().chain(constants.values().cloned()) {
        *counts.entry(name).or_default() += 1;
    }
    constants.retain(|_, name| counts[name] == 1);
    constants
}

/// Tells apart the functions that the component exports: each has the name of its interface and its own, joined with
/// `_`, so that two can have one name. Nothing calls them.
fn numbered(main: &str) -> String {
    let mut seen = BTreeSet::new();
    let lines = main.split_inclusive('\n').map(|line| {
        let Some((name, rest)) = line.strip_prefix("func wasm_export_").and_then(|line| line.split_once('('))
        else {
            return line.to_owned();
        };
        let mut name = name.to_owned();
        while !seen.insert(name.clone()) {
            name.push('_');
        }
        format!("func wasm_export_{name}({rest}")
    });
    lines.collect()
}

/// Replaces whole words of a text.
fn with_words(text: &str, words: &BTreeMap<String, String>) -> String {
    let is_part = |letter: char| letter.is_alphanumeric() || letter == '_';
    let mut replaced = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find(is_part) {
        let length = rest[start..].find(|letter| !is_part(letter)).unwrap_or(rest.len() - start);
        let word = &rest[start..start + length];
        replaced.push_str(&rest[..start]);
        replaced.push_str(words.get(word).map_or(word, String::as_str));
        rest = &rest[start + length..];
    }
    replaced + rest
}

/// Lists the parts of a type that have a constant.
fn cases(kind: &TypeDefKind) -> impl Iterator<Item = &str> {
    let cases: Vec<&str> = match kind {
        TypeDefKind::Variant(variant) => variant.cases.iter().map(|case| case.name.as_str()).collect(),
        TypeDefKind::Enum(all) => all.cases.iter().map(|case| case.name.as_str()).collect(),
        TypeDefKind::Flags(flags) => flags.flags.iter().map(|flag| flag.name.as_str()).collect(),
        _ => Vec::new(),
    };
    cases.into_iter()
}

#[cfg(test)]
mod tests {
    use super::*;

    const WIT: &str = "
        package example:bill@0.1.0;
        interface log { write: func(text: string); }
        interface wit { nothing: func(); }
        interface file-tools {
          variant failure { empty, missing(string) }
          read: func(path: string) -> result<list<u8>, failure>;
          remove: func(path: string) -> result<_, failure>;
        }
        world plugin { import log; import wit; export file-tools; }
    ";

    fn placed(file: &str, text: &str) -> (String, String) {
        let mut resolve = Resolve::default();
        let package = resolve.push_str("world.wit", WIT).unwrap();
        let world = resolve.select_world(&[package], None).unwrap();
        Layout::new(&resolve, world, "example.org/bill").place(file, text).unwrap()
    }

    #[test]
    fn a_package_is_named_after_its_interface_alone() {
        let (file, text) = placed("imports/example_bill_log/wit_bindings.go", "package example_bill_log\n");
        assert_eq!((file.as_str(), text.as_str()), ("log/log.go", "package log\n"));
        assert_eq!(placed("imports/example_bill_file_tools/empty.s", "").0, "filetools/empty.s");
        assert_eq!(placed("imports/example_bill_wit/empty.s", "").0, "examplebillwit/empty.s");
    }

    #[test]
    fn the_main_package_calls_functions_that_return_an_error() {
        let generated = "package wit_exports\nimport (\n\t\"generated/exports/export_example_bill_file_tools\"\n)\n\
                         result := export_example_bill_file_tools.Read(value)\n\
                         result := export_example_bill_file_tools.Remove(value)\n";
        let (file, text) = placed("exports/wit_exports/wit_exports.go", generated);
        assert_eq!(file, "component/main.go");
        assert_eq!(
            text,
            "package main\nimport (\n\texample_bill_file_tools \"wit/filetools\"\n\
             \texport_example_bill_file_tools \"example.org/bill/filetools\"\n)\n\
             result := witTypes.ResultOf[[]uint8, example_bill_file_tools.Failure]\
             (export_example_bill_file_tools.Read(value))\n\
             result := witTypes.Outcome[example_bill_file_tools.Failure]\
             (export_example_bill_file_tools.Remove(value))\n\nfunc main() {}\n"
        );
    }

    #[test]
    fn exported_functions_of_one_name_are_told_apart() {
        let generated = "package wit_exports\nimport (\n)\n\
                         func wasm_export_a_b_user_name_get() {\n\tcall()\n}\n\
                         func wasm_export_a_b_user_name_get(arg0 int32) {\n}\nfunc wasm_export_get() {\n}\n";
        let (_, text) = placed("exports/wit_exports/wit_exports.go", generated);
        assert!(text.contains("func wasm_export_a_b_user_name_get() {"), "{text}");
        assert!(text.contains("func wasm_export_a_b_user_name_get_(arg0 int32) {"), "{text}");
        assert!(text.contains("func wasm_export_get() {"), "{text}");
    }

    #[test]
    fn what_a_function_fails_with_is_an_error() {
        let generated = "package example_bill_file_tools\nconst Failure_Empty uint8 = 0\n";
        let (_, text) = placed("imports/example_bill_file_tools/wit_bindings.go", generated);
        assert!(text.contains("func (self Failure) Error() string"), "{text}");
        assert!(text.contains("const FailureEmpty uint8 = 0"), "{text}");
        assert!(text.contains("[...]string{\"empty\", \"missing\"}[self.tag]"), "{text}");
    }
}
