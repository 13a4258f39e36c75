//! Cuts lists into pages of ready-made bytes.

use bytes::Bytes;
use serde_json::value::RawValue;

use super::format::{Prompt, Tool};
use super::scope::ScopeSet;

/// The parts of a list's entry that the client's revision supports.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Detail {
    /// Everything.
    Full,
    /// No titles, icons or output schemas (2025-03-26).
    Plain,
}

/// One page of a list.
#[derive(Clone, Debug)]
pub struct ListPage {
    /// A JSON array of the items.
    pub items: Bytes,
    /// The start of the next page, if there is one.
    pub next: Option<usize>,
}

/// Returns the page of `size` items that starts at item `start` of those that a caller with `scopes` may use; `None` if
/// no page starts there.
pub(super) fn of<T: Listed>(
    all: &[T],
    scopes: &ScopeSet,
    (start, size): (usize, usize),
    detail: Detail,
) -> Option<ListPage> {
    let size = size.max(1);
    let mut visible = all.iter().filter(|one| scopes.covers(one.required_scopes()));
    if start > 0 && (!start.is_multiple_of(size) || visible.nth(start - 1).is_none()) {
        return None;
    }
    let items: Vec<&T> = visible.by_ref().take(size).collect();
    if start > 0 && items.is_empty() {
        return None;
    }
    let next = visible.next().map(|_| start + size);
    Some(ListPage { items: array(items, detail), next })
}

/// An item of a list.
pub(super) trait Listed {
    fn required_scopes(&self) -> &ScopeSet;
    fn entry(&self, detail: Detail) -> &RawValue;
}

macro_rules! listed {
    ($($kind:ident),*) => {
        $(impl Listed for $kind {
            fn required_scopes(&self) -> &ScopeSet {
                &self.required_scopes
            }

            fn entry(&self, detail: Detail) -> &RawValue {
                match detail {
                    Detail::Full => &self.entry,
                    Detail::Plain => &self.plain_entry,
                }
            }
        })*
    };
}

listed!(Tool, Prompt);

/// Writes items as a JSON array.
pub(super) fn array<'t, T: Listed + 't>(items: impl IntoIterator<Item = &'t T>, detail: Detail) -> Bytes {
    let mut json = Vec::from(*b"[");
    for (index, item) in items.into_iter().enumerate() {
        if index > 0 {
            json.push(b',');
        }
        json.extend_from_slice(item.entry(detail).get().as_bytes());
    }
    json.push(b']');
    json.into()
}
