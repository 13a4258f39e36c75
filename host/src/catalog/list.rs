//! Names the two lists of the catalog, and the pages in which they are handed out.

use bytes::Bytes;

use super::scope::ScopeSet;
use crate::lazy_table::LazyTable;

/// A list of the catalog.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ItemList {
    /// `tools/list`.
    Tools,
    /// `prompts/list`.
    Prompts,
}

/// The parts of a list's entry that the client's revision supports.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Detail {
    /// Everything.
    Full,
    /// No titles, icons or output schemas (2025-03-26).
    Plain,
}

/// The items of a list that its reader is shown.
#[derive(Clone, Copy, Debug)]
pub enum Shown<'s> {
    /// Every item: pages are handed out as they stand in the file.
    All,
    /// The items that require no other scopes than these.
    Covered(&'s ScopeSet),
}

/// One page of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListPage {
    /// A JSON array of the items.
    pub items: Bytes,
    /// The start of the next page, if there is one.
    pub next: Option<usize>,
}

/// The pages that were handed out before: their checksums are known to be right.
#[derive(Debug)]
pub(super) struct Pages {
    tools: [LazyTable<Bytes>; 2],
    prompts: [LazyTable<Bytes>; 2],
}

impl ListPage {
    /// The page of an empty list.
    pub const EMPTY: Self = Self { items: Bytes::from_static(b"[]"), next: None };
}

impl Pages {
    /// Makes room for as many pages of tools and of prompts.
    pub(super) fn new(tools: usize, prompts: usize) -> Self {
        let table = |length| [LazyTable::new(length), LazyTable::new(length)];
        Self { tools: table(tools), prompts: table(prompts) }
    }

    /// Returns the pages of a list in one form.
    pub(super) fn of(&self, list: ItemList, detail: Detail) -> &LazyTable<Bytes> {
        let forms = match list {
            ItemList::Tools => &self.tools,
            ItemList::Prompts => &self.prompts,
        };
        &forms[detail as usize]
    }
}
