//! Pages of lists.

use std::collections::HashSet;

use serde::Serialize;

use super::error::{self, ContentError, at};
use super::text::Text;

/// Longest `next` of a page, in bytes: it travels in a client's cursor, there and back.
pub const MAX_NEXT_BYTES: usize = 1024;

/// Longest name of a tool or prompt, its prefix included: what clients are known to take.
pub const MAX_NAME_CHARS: usize = 64;

/// Largest item of a list, in bytes of JSON: a schema of the largest size for arguments and for results, the longest
/// description, and pictures.
pub const MAX_ITEM_BYTES: usize = 256 << 10;

/// Some of what a plugin lists.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    /// JSON values with commas between them and no brackets around, so that pages can be joined.
    pub items: Vec<u8>,
    /// The number of items.
    pub count: usize,
    /// The plugin's cursor for the next items; `None` if there are no more.
    pub next: Option<String>,
    /// The number of items whose URI or name the plugin may not offer, for the operator's log.
    pub left_out: usize,
    /// The number of items that MCP does not allow, for the operator's log; they are left out as well.
    pub malformed: usize,
    /// The error of the first such item.
    pub first_error: Option<ContentError>,
}

/// Tells whether an item is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kept {
    Sent,
    LeftOut,
}

impl Page {
    /// Normalizes the items of the list `key` and writes those that are kept. An item that MCP does not allow is left
    /// out alone: the other items of its plugin are still good.
    pub(super) fn new<T: Serialize>(
        key: &'static str,
        mut all: Vec<T>,
        next: Option<String>,
        mut normalize: impl FnMut(&mut T) -> Result<Kept, ContentError>,
    ) -> Result<Page, ContentError> {
        if let Some(long) = next.as_ref().filter(|next| next.len() > MAX_NEXT_BYTES) {
            return Err(ContentError::new("at most 1024 bytes", long)).map_err(at("next"));
        }
        let mut page =
            Page { items: Vec::new(), count: 0, next, left_out: 0, malformed: 0, first_error: None };
        for (index, item) in all.iter_mut().enumerate() {
            let json = match normalize(item) {
                Ok(Kept::Sent) => error::write(item)?,
                Ok(Kept::LeftOut) => {
                    page.left_out += 1;
                    continue;
                }
                Err(error) => {
                    page.refuse(key, index, error);
                    continue;
                }
            };
            match json.len() <= MAX_ITEM_BYTES {
                true => page.push(&json),
                false => page.refuse(key, index, ContentError::new("an item of at most 256 KiB", "more")),
            }
        }
        Ok(page)
    }

    fn refuse(&mut self, key: &'static str, index: usize, error: ContentError) {
        self.malformed += 1;
        self.first_error.get_or_insert_with(|| at(key)(error.under(&format!("[{index}]"))));
    }

    fn push(&mut self, item: &[u8]) {
        if self.count > 0 {
            self.items.push(b',');
        }
        self.items.extend_from_slice(item);
        self.count += 1;
    }
}

/// The names of one page: each with the plugin's prefix, once, and none that is taken.
pub(super) struct Names<'n, F> {
    prefix: &'n str,
    is_taken: F,
    seen: HashSet<String>,
}

impl<'n, F: Fn(&str) -> bool> Names<'n, F> {
    /// Starts a page of a plugin with `prefix`; `is_taken` knows the names that others have.
    pub(super) fn new(prefix: &'n str, is_taken: F) -> Self {
        Self { prefix, is_taken, seen: HashSet::new() }
    }

    /// Puts the prefix before a name; keeps the item if that is a name that clients take.
    ///
    /// # Errors
    /// Something else has the name: a client that calls it must not reach another plugin than it was shown.
    pub(super) fn give(&mut self, name: &mut Text<'_>) -> Result<Kept, ContentError> {
        let is_plain =
            |name: &str| name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_.-".contains(&byte));
        let prefix = self.prefix;
        if name.is_empty()
            || name.len() + prefix.len() > MAX_NAME_CHARS
            || !is_plain(name)
            || !is_plain(prefix)
        {
            return Ok(Kept::LeftOut);
        }
        name.prepend(prefix);
        if (self.is_taken)(name) {
            return Err(ContentError::new("a name that nothing else on the server has", name))
                .map_err(at("name"));
        }
        if !self.seen.insert(name.to_string()) {
            return Err(ContentError::new("a name that the plugin lists once", name)).map_err(at("name"));
        }
        Ok(Kept::Sent)
    }
}
