//! Pages of lists.

use serde::Serialize;

use super::error::{self, ContentError, at, normalize_each};
use super::text::Text;

/// Longest `next` of a page, in bytes: it travels in a client's cursor, there and back.
pub const MAX_NEXT_BYTES: usize = 1024;

/// Longest name of a tool or prompt, its prefix included: what clients are known to take.
pub const MAX_NAME_CHARS: usize = 64;

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
}

/// Tells whether an item is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kept {
    Sent,
    LeftOut,
}

impl Page {
    /// Normalizes the items of the list `key` and writes those that are kept.
    pub(super) fn new<T: Serialize>(
        key: &'static str,
        mut all: Vec<T>,
        next: Option<String>,
        mut normalize: impl FnMut(&mut T) -> Result<Kept, ContentError>,
    ) -> Result<Page, ContentError> {
        if let Some(long) = next.as_ref().filter(|next| next.len() > MAX_NEXT_BYTES) {
            return Err(ContentError::new("at most 1024 bytes", long)).map_err(at("next"));
        }
        let mut kept = Vec::with_capacity(all.len());
        normalize_each(key, &mut all, |item| normalize(item).map(|verdict| kept.push(verdict)))?;
        let mut page = Page { items: Vec::new(), count: 0, next, left_out: 0 };
        for (item, kept) in all.iter().zip(kept) {
            match kept {
                Kept::Sent => page.push(&error::write(item)?),
                Kept::LeftOut => page.left_out += 1,
            }
        }
        Ok(page)
    }

    fn push(&mut self, item: &[u8]) {
        if self.count > 0 {
            self.items.push(b',');
        }
        self.items.extend_from_slice(item);
        self.count += 1;
    }
}

/// Puts `prefix` before a name; keeps the item if that is a name that clients take.
pub(super) fn rename(name: &mut Text<'_>, prefix: &str) -> Kept {
    let is_plain =
        |name: &str| name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_.-".contains(&byte));
    if name.is_empty() || name.len() + prefix.len() > MAX_NAME_CHARS || !is_plain(name) || !is_plain(prefix) {
        return Kept::LeftOut;
    }
    name.prepend(prefix);
    Kept::Sent
}
