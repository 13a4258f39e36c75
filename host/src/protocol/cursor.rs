//! Pagination cursors: opaque to clients, stateless, valid for one list of one catalog only.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};

use super::fault::{Fault, ParamsError};

/// Maximum size of a plugin's own cursor, in bytes: every page carries it to the client and back.
pub const MAX_INNER_CURSOR_BYTES: usize = 1024;

const OFFSET_BYTES: usize = 8;
const TAG_BYTES: usize = 8;
/// Stands before an inner cursor: an empty one is not the same as none.
const INNER: u8 = 2;
const PAGES_BYTES: usize = 2;

/// The start of a page of a list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Position {
    /// The place in our own list, of an item or of the plugin that goes on with it.
    pub offset: usize,
    /// The plugin's own cursor, where it goes on.
    pub inner: Option<InnerCursor>,
}

/// A cursor that a plugin made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InnerCursor {
    /// The cursor.
    pub text: String,
    /// The number of pages that the plugin has filled so far, so that no list is endless.
    pub pages: u16,
}

/// Makes and reads the cursors of one catalog.
///
/// A cursor is no secret and guards nothing: its tag tells a cursor of this list from one of
/// another list or catalog, and from what a client made up by accident. Who takes the trouble can make one up:
/// what stands in it is then text of the client, of no more than the allowed length.
#[derive(Clone, Debug)]
pub struct Cursors {
    catalog: Box<[u8]>,
}

impl Cursors {
    /// Makes cursors for the catalog that `catalog` identifies, such as its digest.
    pub fn new(catalog: &[u8]) -> Self {
        Cursors { catalog: catalog.into() }
    }

    /// Writes the cursor of the page of `list` that starts at `position`.
    ///
    /// `list` is the name under which the list is sent: `tools`. A cursor whose inner cursor is longer than
    /// [`MAX_INNER_CURSOR_BYTES`] is refused when it comes back.
    pub fn write(&self, list: &str, position: &Position) -> String {
        let mut place = (position.offset as u64).to_be_bytes().to_vec();
        if let Some(inner) = &position.inner {
            place.push(INNER);
            place.extend_from_slice(&inner.pages.to_be_bytes());
            place.extend_from_slice(inner.text.as_bytes());
        }
        let mut bytes = self.tag(list, &place).to_vec();
        bytes.append(&mut place);
        URL_SAFE_NO_PAD.encode(bytes)
    }

    /// Decodes `cursor` to the start of a page of `list`.
    ///
    /// # Errors
    /// [`Fault::Params`] for any text that [`write`](Self::write) did not make for this list of this catalog.
    pub fn read(&self, list: &str, cursor: &str) -> Result<Position, Fault> {
        self.position(list, cursor).ok_or_else(|| ParamsError::Cursor { found: cursor.to_owned() }.into())
    }

    fn position(&self, list: &str, cursor: &str) -> Option<Position> {
        let bytes = URL_SAFE_NO_PAD.decode(cursor).ok()?;
        let (tag, place) = bytes.split_first_chunk::<TAG_BYTES>()?;
        if *tag != self.tag(list, place) {
            return None;
        }
        let (offset, inner) = place.split_first_chunk::<OFFSET_BYTES>()?;
        let inner = match inner.split_first() {
            None => None,
            Some((&INNER, inner)) => Some(inner_cursor(inner)?),
            Some(_) => return None,
        };
        Some(Position { offset: usize::try_from(u64::from_be_bytes(*offset)).ok()?, inner })
    }

    pub(super) fn tag(&self, list: &str, place: &[u8]) -> [u8; TAG_BYTES] {
        let mut digest = Sha256::new();
        // With their lengths, so that no two lists and places look the same in a row.
        for part in [&self.catalog, list.as_bytes(), place] {
            digest.update((part.len() as u64).to_be_bytes());
            digest.update(part);
        }
        let mut tag = [0; TAG_BYTES];
        tag.copy_from_slice(&digest.finalize()[..TAG_BYTES]);
        tag
    }
}

fn inner_cursor(bytes: &[u8]) -> Option<InnerCursor> {
    let (pages, text) = bytes.split_first_chunk::<PAGES_BYTES>()?;
    let text = String::from_utf8(text.to_vec()).ok()?;
    (text.len() <= MAX_INNER_CURSOR_BYTES).then(|| InnerCursor { text, pages: u16::from_be_bytes(*pages) })
}
