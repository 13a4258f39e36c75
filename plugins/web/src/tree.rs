//! The tree of a page, as html5ever builds it: an arena of nodes, with a limit on their number and depth.
//!
//! A page decides how deep and how large its tree becomes, so nothing here or above recurses: [`Walk`] goes through a
//! tree by links. Beyond a limit, the rest of the page is left out.

mod attributes;
mod limit;
mod sink;
#[cfg(test)]
mod tests;
mod walk;

use html5ever::QualName;
use html5ever::tendril::StrTendril;

pub(crate) use walk::{Step, Walk};

/// The most nodes of a tree; with it, a page of [`crate::PAGE_BYTES`] fits into the memory of a call.
const MOST_NODES: usize = 150_000;

/// The deepest node; browsers stop at 512.
const DEEPEST: u16 = 512;

/// The place of a node in its tree.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Id(u32);

/// The tree of a page.
#[derive(Debug)]
pub(crate) struct Tree {
    nodes: Vec<Node>,
    is_cut: bool,
}

#[derive(Debug)]
struct Node {
    data: Data,
    depth: u16,
    parent: Option<Id>,
    previous: Option<Id>,
    next: Option<Id>,
    first: Option<Id>,
    last: Option<Id>,
}

#[derive(Debug)]
enum Data {
    Element {
        name: QualName,
        attributes: Vec<(QualName, StrTendril)>,
    },
    Text(StrTendril),
    /// The document, a comment or an instruction.
    Other,
}

impl Tree {
    /// The document, which has no parent.
    pub(crate) const ROOT: Id = Id(0);

    /// Reads a page.
    pub(crate) fn parse(page: &str) -> Self {
        limit::parse(page)
    }

    /// Tells whether a part of the page was left out.
    pub(crate) fn is_cut(&self) -> bool {
        self.is_cut
    }

    /// Returns the name of an element, in lower case; `""` for anything else.
    pub(crate) fn name(&self, id: Id) -> &str {
        match &self.node(id).data {
            Data::Element { name, .. } => &name.local,
            Data::Text(_) | Data::Other => "",
        }
    }

    /// Returns an attribute of an element.
    pub(crate) fn attribute(&self, id: Id, wanted: &str) -> Option<&str> {
        let Data::Element { attributes, .. } = &self.node(id).data else { return None };
        attributes.iter().find(|(name, _)| &*name.local == wanted).map(|(_, value)| &**value)
    }

    /// Returns the text of a node that is a text.
    pub(crate) fn text(&self, id: Id) -> Option<&str> {
        match &self.node(id).data {
            Data::Text(text) => Some(text),
            Data::Element { .. } | Data::Other => None,
        }
    }

    /// Returns the parent of a node.
    pub(crate) fn parent(&self, id: Id) -> Option<Id> {
        self.node(id).parent
    }

    /// Goes through a node and everything below it.
    pub(crate) fn walk(&self, start: Id) -> Walk<'_> {
        Walk::new(self, start)
    }

    /// Returns the first element of this name.
    pub(crate) fn find(&self, name: &str) -> Option<Id> {
        self.elements(Self::ROOT).find(|&id| self.name(id) == name)
    }

    /// Returns every node at and below this one, in the order of the page.
    pub(crate) fn elements(&self, start: Id) -> impl Iterator<Item = Id> {
        self.walk(start).filter_map(|step| match step {
            Step::Enter(id) => Some(id),
            Step::Leave(_) => None,
        })
    }

    fn node(&self, id: Id) -> &Node {
        &self.nodes[id.0 as usize]
    }
}
