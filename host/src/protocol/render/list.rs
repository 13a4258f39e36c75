//! Writes pages of lists.

use bytes::Bytes;

use super::{FRAME_BYTES, Renderer};
use crate::mcp::{CacheScope, Freshness};
use crate::protocol::head::Head;

/// A page of a list.
#[derive(Clone, Copy, Debug)]
pub struct List<'a> {
    /// The result's member: `tools`, `resources`, `resourceTemplates` or `prompts`.
    pub member: &'a str,
    /// JSON array of the items, ready to send under the request's revision.
    pub items: &'a [u8],
    /// The cursor of the next page; `None` on the last page.
    pub next_cursor: Option<&'a str>,
    /// The cache scope of the page, the same for all pages of a list.
    pub cache_scope: CacheScope,
}

impl Renderer {
    /// Writes a page of `tools/list`, `resources/list`, `resources/templates/list` or `prompts/list`.
    pub fn list(&self, head: &Head, list: List<'_>) -> Bytes {
        let mut result = self.open(head, FRAME_BYTES + list.items.len());
        result.json(list.member, list.items);
        if let Some(cursor) = list.next_cursor {
            result.text("nextCursor", cursor);
        }
        Self::hint(&mut result, head, Freshness { ttl_ms: self.ttl_ms, scope: list.cache_scope });
        self.close(result, head)
    }
}
