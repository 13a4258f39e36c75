//! Finds known toolchain bugs that are visible in a component.
//!
//! Imports that nobody meant (the sockets of Python, the HTTP of StarlingMonkey) are no fault: what is not granted is
//! denied when it is used, and nothing else happens.

use toolcell_host::codec::Function;
use wasmparser::{Parser, Payload};

use super::finding::Finding;
use super::shape;
use crate::component::fingerprint::Runtime;
use crate::manifest::lint::Lint;
use crate::plugin::load::{AuthorFiles, Loaded};
use crate::ui::terminal::size;

/// Debug information of more bytes was not left in for a name in a trace.
const DEBUG_BYTES: usize = 1 << 20;

/// A component of more bytes becomes code of nearly 100 MB; the largest runtime known here, CPython, takes 18 MiB.
const COMPONENT_BYTES: usize = 32 << 20;

pub(super) fn findings(loaded: &Loaded) -> Vec<Finding> {
    let subject = &loaded.plugin.name;
    let mut all = Vec::new();
    if loaded.component.runtime == Runtime::QuickJs {
        let tools = loaded.plugin.tools.iter().filter(|tool| is_lossy(&tool.function));
        let text = "uses 64-bit integers, which QuickJS gets wrong";
        all.extend(tools.map(|tool| Finding::new(Lint::LossyInteger, &tool.name, text)));
    }
    if let Some(files) = loaded.author_files.as_ref().filter(|_| loaded.component.runtime.keeps_imports()) {
        all.extend(stubbed(loaded, files).map(|import| {
            let text = "is imported by the WIT and not by the component: a call of it ends in a trap";
            Finding::new(Lint::StubbedImport, import, text)
        }));
    }
    let debug = debug_bytes(&loaded.bytes);
    if debug > DEBUG_BYTES {
        let text = format!("holds {} of debug information", size(debug));
        all.push(Finding::new(Lint::DebugInformation, subject, text));
    }
    if loaded.bytes.len() > COMPONENT_BYTES {
        let text = format!("is a component of {}", size(loaded.bytes.len()));
        all.push(Finding::new(Lint::LargeComponent, subject, text));
    }
    all
}

fn is_lossy(function: &Function) -> bool {
    function.params.iter().any(shape::is_wide) || function.result.as_ref().is_some_and(shape::holds_wide)
}

/// Interfaces of WASI that the author's WIT imports and the component does not.
fn stubbed<'a>(loaded: &'a Loaded, files: &'a AuthorFiles) -> impl Iterator<Item = &'a str> {
    let wanted = files.world.imports.iter().filter(|(_, items)| !items.is_empty());
    let names = wanted.map(|(name, _)| name.as_str()).filter(|name| name.starts_with("wasi:"));
    names.filter(|name| !loaded.component.imports.keys().any(|import| track(import) == track(name)))
}

/// An interface without the last part of its version: linkers make one of those that differ in nothing else.
fn track(interface: &str) -> &str {
    interface.rsplit_once('.').map_or(interface, |(track, _)| track)
}

/// Bytes of DWARF, in all core modules together.
fn debug_bytes(component: &[u8]) -> usize {
    let sections =
        Parser::new(0).parse_all(component).map_while(Result::ok).filter_map(|payload| match payload {
            Payload::CustomSection(section) if section.name().starts_with(".debug_") => {
                Some(section.data().len())
            }
            _ => None,
        });
    sections.sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_information_counts_wherever_it_is() {
        let module = "(core module (@custom \".debug_info\" \"12345\") (@custom \"name2\" \"123\"))";
        let component = wat::parse_str(format!("(component {module} (component {module}))")).unwrap();
        assert_eq!(debug_bytes(&component), 10);
    }
}
