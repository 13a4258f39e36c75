//! Pagination cursors: opaque to clients, stateless, valid for one catalog only.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};

use super::echo::Quoted;
use super::rejection::Fault;

const OFFSET_BYTES: usize = 8;
const TAG_BYTES: usize = 8;

/// Makes and reads the cursors of one catalog.
///
/// A cursor is no secret and guards nothing: its tag tells a cursor of this catalog from one of
/// another, and from what a client made up by accident.
#[derive(Clone, Debug)]
pub struct Cursors {
    catalog: Box<[u8]>,
}

impl Cursors {
    /// Cursors for the catalog that `catalog` identifies: its digest, say.
    pub fn new(catalog: &[u8]) -> Self {
        Cursors { catalog: catalog.into() }
    }

    /// The cursor of the page that starts at `offset`.
    pub fn write(&self, offset: usize) -> String {
        let offset = (offset as u64).to_be_bytes();
        let mut bytes = [0; OFFSET_BYTES + TAG_BYTES];
        bytes[..OFFSET_BYTES].copy_from_slice(&offset);
        bytes[OFFSET_BYTES..].copy_from_slice(&self.tag(offset));
        URL_SAFE_NO_PAD.encode(bytes)
    }

    /// Where the page of `cursor` starts.
    ///
    /// # Errors
    /// [`Fault::Params`] for any text that [`write`](Self::write) did not make for this catalog.
    pub fn read(&self, cursor: &str) -> Result<usize, Fault> {
        self.offset(cursor).ok_or_else(|| {
            let found = Quoted(cursor);
            Fault::Params(format!(
                "params.cursor: expected a nextCursor of this list, found {found}; list again from the start"
            ))
        })
    }

    fn offset(&self, cursor: &str) -> Option<usize> {
        let bytes = URL_SAFE_NO_PAD.decode(cursor).ok()?;
        let (offset, tag) = bytes.split_first_chunk::<OFFSET_BYTES>()?;
        let is_ours = *tag == self.tag(*offset);
        if is_ours { usize::try_from(u64::from_be_bytes(*offset)).ok() } else { None }
    }

    fn tag(&self, offset: [u8; OFFSET_BYTES]) -> [u8; TAG_BYTES] {
        let digest = Sha256::new().chain_update(offset).chain_update(&self.catalog).finalize();
        let mut tag = [0; TAG_BYTES];
        tag.copy_from_slice(&digest[..TAG_BYTES]);
        tag
    }
}
