//! Names of WIT in Go, and the generator's own names.

use wit_parser::{PackageId, PackageName, Resolve, WorldKey};

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

/// Words of Go that the generator gives an underscore.
const KEYWORDS: [&str; 25] = [
    "break",
    "case",
    "chan",
    "const",
    "continue",
    "default",
    "defer",
    "else",
    "fallthrough",
    "for",
    "func",
    "go",
    "goto",
    "if",
    "import",
    "interface",
    "map",
    "package",
    "range",
    "return",
    "select",
    "struct",
    "switch",
    "type",
    "var",
];

/// Names that mean something in the bodies of generated functions, beside words of Go.
const LOCAL: [&str; 36] = [
    "any",
    "append",
    "base",
    "bool",
    "cap",
    "element",
    "error",
    "false",
    "float32",
    "float64",
    "int",
    "int16",
    "int32",
    "int64",
    "int8",
    "len",
    "make",
    "math",
    "nil",
    "panic",
    "payload",
    "pinner",
    "returnArea",
    "rune",
    "runtime",
    "self",
    "string",
    "true",
    "uint16",
    "uint32",
    "uint64",
    "uint8",
    "uintptr",
    "unsafe",
    "witRuntime",
    "witTypes",
];

/// Tells whether generated functions use a name for something else than a parameter.
pub(super) fn is_local(name: &str) -> bool {
    let camel = camel(name);
    let (first, rest) = camel.split_at(1.min(camel.len()));
    LOCAL.contains(&(first.to_ascii_lowercase() + rest).as_str())
}

/// Names that no package of an interface can have: those of packages beside it, and those that mean something to `go`.
/// `go build` overlooks a package `documentation`, takes `vendor` for copies of modules, lets nobody import `main` and
/// few `internal`, and imports `init` only under another name.
const TAKEN: [&str; 7] = ["component", "documentation", "init", "internal", "main", "vendor", "wit"];

/// The name of the interface that a key stands for, as the generator has it.
pub(super) fn generated(resolve: &Resolve, key: &WorldKey) -> String {
    let snake = |name: &str| name.replace('-', "_").to_ascii_lowercase();
    match key {
        WorldKey::Name(name) if KEYWORDS.contains(&name.as_str()) => format!("{name}_"),
        WorldKey::Name(name) => snake(name),
        WorldKey::Interface(id) => {
            let interface = &resolve.interfaces[*id];
            let name = interface.name.as_deref().unwrap_or_default();
            let package = interface.package.map(|id| package(resolve, id)).unwrap_or_default();
            snake(&format!("{package}{name}"))
        }
    }
}

/// A package in the generator's name of an interface: with its version, if there are several of it.
fn package(resolve: &Resolve, id: PackageId) -> String {
    let name = &resolve.packages[id].name;
    let is_other_version = |other: &PackageName| {
        (&other.namespace, &other.name) == (&name.namespace, &name.name) && other.version != name.version
    };
    let version = match &name.version {
        Some(version) if resolve.packages.iter().any(|(_, package)| is_other_version(&package.name)) => {
            format!("{}_", version.to_string().replace(['.', '-', '+'], "_"))
        }
        _ => String::new(),
    };
    format!("{}_{}_{version}", name.namespace, name.name)
}

/// The name of an interface's package: its own without hyphens, unless it is taken.
pub(super) fn package_of(resolve: &Resolve, key: &WorldKey, is_used: impl Fn(&str) -> bool) -> String {
    let own = match key {
        WorldKey::Name(name) => name,
        WorldKey::Interface(id) => resolve.interfaces[*id].name.as_deref().unwrap_or_default(),
    };
    let is_taken = |name: &str| TAKEN.contains(&name) || KEYWORDS.contains(&name) || is_used(name);
    let own = own.replace('-', "").to_ascii_lowercase();
    if !is_taken(&own) {
        return own;
    }
    let long = generated(resolve, key).replace('_', "");
    let numbered = (2..).map(|number| format!("{long}{number}"));
    std::iter::once(long.clone()).chain(numbered).find(|name| !is_taken(name)).unwrap_or(long)
}
