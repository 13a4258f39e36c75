//! Recognises what a component was built with, by what each toolchain leaves in its bytes.
//!
//! Nothing depends on it but advice: a component that is not recognised is served like any other.

use toolcell_host::catalog::Export;
use wasmparser::{KnownCustom, Parser, Payload};

/// Names the language runtime of a plugin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Runtime {
    /// Compiled from Rust.
    Rust,
    /// Compiled from C, C++ or Zig.
    C,
    /// Compiled by standard Go, with its garbage collector and scheduler.
    Go,
    /// JavaScript in QuickJS (npm `componentize-qjs`).
    QuickJs,
    /// JavaScript in StarlingMonkey (npm `@bytecodealliance/componentize-js`).
    StarlingMonkey,
    /// Python in CPython (PyPI `componentize-py`).
    CPython,
    /// None that is known.
    Unknown,
}

/// The place of a sign that identifies a runtime.
#[derive(Clone, Copy, PartialEq, Eq)]
enum TraceKind {
    /// A library that was linked in: `NAME:memory_base` is exported by a core module.
    Library,
    /// A language or a tool of a `producers` section.
    Producer,
}

use TraceKind::{Library, Producer};

/// The signs of each runtime, as name prefixes; the first match counts.
///
/// Runtimes of interpreted languages are made of C and Rust themselves, and components of Rust hold a libc that
/// `wit-bindgen-c` was used for. That something is Rust says nothing: the WASI adapter is, and many hold it.
const TRACES: [(TraceKind, &str, Runtime); 7] = [
    (Library, "componentize_qjs_runtime", Runtime::QuickJs),
    (Library, "libcomponentize_py_runtime", Runtime::CPython),
    (Producer, "ComponentizeJS", Runtime::StarlingMonkey),
    (Producer, "Go", Runtime::Go),
    (Producer, "wit-bindgen-rust", Runtime::Rust),
    (Producer, "wit-bindgen-c", Runtime::C),
    (Producer, "clang", Runtime::C),
];

impl Runtime {
    /// Its name for people; none for what is not known.
    pub fn name(self) -> Option<&'static str> {
        match self {
            Runtime::Rust => Some("Rust"),
            Runtime::C => Some("C, C++ or Zig"),
            Runtime::Go => Some("Go"),
            Runtime::QuickJs => Some("JavaScript (QuickJS)"),
            Runtime::StarlingMonkey => Some("JavaScript (StarlingMonkey)"),
            Runtime::CPython => Some("Python (CPython)"),
            Runtime::Unknown => None,
        }
    }

    /// Tells whether it exports this to start itself; the author cannot help it, and nobody is offered it.
    pub fn leaks(self, export: &Export) -> bool {
        match self {
            Runtime::QuickJs => export.interface.is_none() && export.function == "init",
            Runtime::CPython => export.interface.as_deref() == Some("exports") && export.function == "init",
            _ => false,
        }
    }

    /// Tells whether it takes every import of the world, used or not: an import that is missing was taken away.
    /// A linker keeps only the imports that code uses.
    pub fn keeps_imports(self) -> bool {
        matches!(self, Runtime::QuickJs | Runtime::CPython)
    }
}

/// Recognises the runtime of a valid component.
pub fn of(component: &[u8]) -> Runtime {
    let found = traces(component);
    let is_found =
        |kind, start: &str| found.iter().any(|(other, name)| *other == kind && name.starts_with(start));
    let first = TRACES.iter().find(|(kind, start, _)| is_found(*kind, start));
    first.map_or(Runtime::Unknown, |(_, _, runtime)| *runtime)
}

fn traces(component: &[u8]) -> Vec<(TraceKind, &str)> {
    let mut found = Vec::new();
    for payload in Parser::new(0).parse_all(component).map_while(Result::ok) {
        match payload {
            Payload::CustomSection(section) => {
                if let KnownCustom::Producers(fields) = section.as_known() {
                    let values = fields.into_iter().flatten().flat_map(|field| field.values).flatten();
                    found.extend(values.map(|value| (Producer, value.name)));
                }
            }
            Payload::ExportSection(exports) => {
                let names = exports.into_iter().flatten().map(|export| export.name);
                found.extend(names.filter_map(|name| Some((Library, name.strip_suffix(":memory_base")?))));
            }
            _ => {}
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn component(core: &str) -> Vec<u8> {
        wat::parse_str(format!("(component (core module {core}))")).unwrap()
    }

    #[test]
    fn what_is_linked_in_tells_more_than_what_it_was_compiled_from() {
        let adapter = "(@producers (language \"Rust\" \"\") (processed-by \"rustc\" \"1\"))";
        let rust = "(@producers (processed-by \"wit-bindgen-rust\" \"0.61.0\"))";
        let c = "(@producers (processed-by \"wit-bindgen-c\" \"0.63.0\"))";
        let library =
            |name: &str| format!("(global (export \"{name}:memory_base\") i32 (i32.const 0)) {rust} {c}");
        assert_eq!(of(&component(adapter)), Runtime::Unknown);
        assert_eq!(of(&component(&format!("{adapter} {c}"))), Runtime::C);
        assert_eq!(of(&component(&format!("{c} {rust}"))), Runtime::Rust);
        assert_eq!(of(&component(&library("componentize_qjs_runtime.wasm"))), Runtime::QuickJs);
        assert_eq!(of(&component(&library("libcomponentize_py_runtime.so"))), Runtime::CPython);
        assert_eq!(of(&component(&library("libc.so"))), Runtime::Rust);
        assert_eq!(of(&component("")), Runtime::Unknown);
    }
}
