//! Makes one core module of those that a toolchain has linked dynamically, as in components of Python and JavaScript.
//!
//! Such modules share a memory and a table, and import each other's functions. An engine reads all these names when it
//! loads the component, and fills the shared table at each instantiation; the functions of a single module need neither
//! (docs/adr/0035-merged-modules.md).
//!
//! ```text
//! item       the parts of a component, in order
//! graph      which part defines what, and what it needs
//! group      the instances whose modules become one
//! member     the contents of a module
//! numbering  the indices of all members in the merged module
//! encode     the merged module
//! rewrite    the component with the merged module in it
//! ```

mod encode;
mod graph;
mod group;
mod item;
mod member;
mod numbering;
mod rewrite;

use std::borrow::Cow;
use std::convert::Infallible;

use wasm_encoder::reencode;
use wasm_encoder::{Component, ComponentSectionId, RawSection};

use super::section;

use self::graph::Graph;
use self::group::Group;

/// The version of what [`merge`] makes: machine code that was kept from another one is compiled again.
pub const VERSION: u32 = 1;

/// A component of a kind that stays as it is.
#[derive(Debug)]
struct Unmergeable;

type Attempt<T> = Result<T, Unmergeable>;

impl From<wasmparser::Error> for Unmergeable {
    fn from(_: wasmparser::Error) -> Self {
        Self
    }
}

impl From<reencode::Error<Infallible>> for Unmergeable {
    fn from(_: reencode::Error<Infallible>) -> Self {
        Self
    }
}

/// A section of a component: its id and its content.
struct Section<'a> {
    id: u8,
    content: Cow<'a, [u8]>,
}

/// Returns the valid `component` with fewer core modules, which behaves as before; `None` if it has none that can be
/// merged. The same bytes give the same result.
pub fn merge(component: &[u8]) -> Option<Vec<u8>> {
    let mut sections = Vec::new();
    let mut is_changed = false;
    for (id, body) in section::all(component) {
        let content = &component[body];
        let nested = if id == ComponentSectionId::Component as u8 { merge(content) } else { None };
        is_changed |= nested.is_some();
        sections.push(Section { id, content: nested.map_or(Cow::Borrowed(content), Cow::Owned) });
    }
    merge_modules(&sections).ok().or_else(|| is_changed.then(|| encoded(&sections)))
}

/// Merges the modules that belong to this component itself.
fn merge_modules(sections: &[Section<'_>]) -> Attempt<Vec<u8>> {
    let graph = Graph::new(item::read(sections)?);
    let group = Group::find(&graph)?;
    if !group.is_linked() {
        return Err(Unmergeable);
    }
    rewrite::rewrite(&graph, &group)
}

fn encoded(sections: &[Section<'_>]) -> Vec<u8> {
    let mut component = Component::new();
    for section in sections {
        component.section(&RawSection { id: section.id, data: &section.content });
    }
    component.finish()
}

#[cfg(test)]
mod tests;
