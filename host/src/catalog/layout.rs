//! Lays out the catalog's file, so that a reader looks up what it needs in place.
//!
//! ```text
//! header     magic, format, its own checksum, SHA-256 of the rest, length, and the place of each section
//! root       JSON: what every process needs, whatever it serves
//! rows       for each plugin, tool, prompt and provider a row of fixed size, in the order of the catalog
//! orders     the places of tools and of prompts in alphabetical order, for lookup by name
//! checksums  of each page of the two lists, with all details and without
//! lists      the pages, each a JSON array that is sent as it stands
//! records    JSON: everything else that a call needs of one plugin, tool, prompt or provider
//! ```
//!
//! Numbers are of 32 bits, little-endian. Checksums (CRC-32) notice damage where a part is used; the digest notices it
//! anywhere, and only readers that do not trust the file compute it.

use super::error::CatalogError;
use super::list::{Detail, ItemList};
use crate::digest::Digest;

/// The first bytes of the file.
const MAGIC: [u8; 8] = *b"toolcell";

/// The size of the header, in bytes.
pub(super) const HEADER_BYTES: usize = 56 + Section::ALL.len() * 8;

/// The place of the digest in the header.
const DIGEST: std::ops::Range<usize> = 16..48;

/// A part of the file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Span {
    pub(super) start: u32,
    pub(super) length: u32,
}

/// A part of the file with its checksum.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Record {
    pub(super) span: Span,
    pub(super) checksum: u32,
}

/// Names a section of the file; its discriminant is its place in the header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Section {
    /// One row, with the place of the record of [`super::root::Root`].
    Root,
    Plugins,
    Tools,
    Prompts,
    Providers,
    ToolOrder,
    PromptOrder,
    ToolPages,
    PlainToolPages,
    PromptPages,
    PlainPromptPages,
}

impl Section {
    pub(super) const ALL: [Section; 11] = [
        Section::Root,
        Section::Plugins,
        Section::Tools,
        Section::Prompts,
        Section::Providers,
        Section::ToolOrder,
        Section::PromptOrder,
        Section::ToolPages,
        Section::PlainToolPages,
        Section::PromptPages,
        Section::PlainPromptPages,
    ];

    /// Returns the word for a row of the section.
    pub(super) fn word(self) -> &'static str {
        match self {
            Section::Plugins => "plugin",
            Section::Prompts | Section::PromptOrder => "prompt",
            Section::Providers => "provider",
            _ => "tool",
        }
    }
}

impl ItemList {
    /// Returns the section of the items.
    pub(super) fn rows(self) -> Section {
        match self {
            ItemList::Tools => Section::Tools,
            ItemList::Prompts => Section::Prompts,
        }
    }

    /// Returns the section of their places in alphabetical order.
    pub(super) fn order(self) -> Section {
        match self {
            ItemList::Tools => Section::ToolOrder,
            ItemList::Prompts => Section::PromptOrder,
        }
    }

    /// Returns the section of the checksums of their pages.
    pub(super) fn checksums(self, detail: Detail) -> Section {
        match (self, detail) {
            (ItemList::Tools, Detail::Full) => Section::ToolPages,
            (ItemList::Tools, Detail::Plain) => Section::PlainToolPages,
            (ItemList::Prompts, Detail::Full) => Section::PromptPages,
            (ItemList::Prompts, Detail::Plain) => Section::PlainPromptPages,
        }
    }
}

/// The beginning of the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Header {
    /// The version of the format.
    pub(super) format: u32,
    /// The digest of everything that follows the header.
    pub(super) digest: Digest,
    /// The length of the file, in bytes.
    pub(super) length: u64,
    /// The places of all sections.
    pub(super) sections: [Span; Section::ALL.len()],
}

impl Header {
    pub(super) fn to_bytes(&self) -> [u8; HEADER_BYTES] {
        let mut bytes = [0; HEADER_BYTES];
        bytes[..8].copy_from_slice(&MAGIC);
        bytes[8..12].copy_from_slice(&self.format.to_le_bytes());
        bytes[DIGEST].copy_from_slice(&self.digest.0);
        bytes[48..56].copy_from_slice(&self.length.to_le_bytes());
        for (place, span) in bytes[56..].chunks_exact_mut(8).zip(&self.sections) {
            place.copy_from_slice(&span.to_bytes());
        }
        let checksum = Self::checksum(&bytes);
        bytes[12..16].copy_from_slice(&checksum.to_le_bytes());
        bytes
    }

    /// Reads the header of a file.
    ///
    /// # Errors
    /// The file is none of ours, of another format, damaged, or cut off.
    pub(super) fn read(file: &[u8]) -> Result<Self, CatalogError> {
        let bytes: &[u8; HEADER_BYTES] = match file.first_chunk() {
            Some(bytes) if bytes.starts_with(&MAGIC) => bytes,
            _ => return Err(CatalogError::NotACatalog),
        };
        let mut words = Words(&bytes[8..]);
        let (format, checksum) = (words.next(), words.next());
        if format != super::Catalog::FORMAT {
            return Err(CatalogError::OtherFormat { found: format });
        }
        let damaged = || CatalogError::Damaged { part: "its header".to_owned() };
        let mut digest = [0; 32];
        digest.copy_from_slice(&bytes[DIGEST]);
        let mut words = Words(&bytes[48..]);
        let length = u64::from(words.next()) | u64::from(words.next()) << 32;
        let sections = std::array::from_fn(|_| words.span());
        if checksum != Self::checksum(bytes) || length != file.len() as u64 {
            return Err(damaged());
        }
        Ok(Self { format, digest: Digest(digest), length, sections })
    }

    fn checksum(bytes: &[u8; HEADER_BYTES]) -> u32 {
        let mut hasher = crc32fast::Hasher::new();
        hasher.update(&bytes[..12]);
        hasher.update(&bytes[16..]);
        hasher.finalize()
    }
}

impl Span {
    pub(super) fn to_bytes(self) -> [u8; 8] {
        let mut bytes = [0; 8];
        bytes[..4].copy_from_slice(&self.start.to_le_bytes());
        bytes[4..].copy_from_slice(&self.length.to_le_bytes());
        bytes
    }

    /// Returns the end; `None` past any file.
    pub(super) fn end(self) -> Option<usize> {
        (self.start as usize).checked_add(self.length as usize)
    }

    /// Returns the bytes at this place of a file; `None` if the file is shorter.
    pub(super) fn of(self, file: &[u8]) -> Option<&[u8]> {
        file.get(self.start as usize..self.end()?)
    }
}

impl Record {
    /// Returns the record's bytes; `None` if they are not there, or damaged.
    pub(super) fn of(self, file: &[u8]) -> Option<&[u8]> {
        self.span.of(file).filter(|bytes| crc32fast::hash(bytes) == self.checksum)
    }
}

/// A row of a table. Every row ends with the checksum of its other words.
pub(super) trait Row: Sized {
    /// The number of words, without the checksum.
    const WORDS: usize;
    /// The size, in bytes.
    const BYTES: usize = (Self::WORDS + 1) * 4;

    fn words(&self) -> impl Iterator<Item = u32>;
    fn from_words(words: &mut Words<'_>) -> Self;

    fn write(&self, out: &mut Vec<u8>) {
        let start = out.len();
        self.words().for_each(|word| out.extend_from_slice(&word.to_le_bytes()));
        let checksum = crc32fast::hash(&out[start..]);
        out.extend_from_slice(&checksum.to_le_bytes());
    }

    /// Reads the row at a place of a table; `None` if it is not there, or damaged.
    fn read(table: &[u8], at: usize) -> Option<Self> {
        let bytes = table.get(at.checked_mul(Self::BYTES)?..)?.get(..Self::BYTES)?;
        let (row, checksum) = bytes.split_at(Self::WORDS * 4);
        (crc32fast::hash(row) == Words(checksum).next()).then(|| Self::from_words(&mut Words(row)))
    }
}

/// The row of a plugin, and of the root.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct RecordRow(pub(super) Record);

/// The row of a tool, prompt or provider.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct FunctionRow {
    /// Its record.
    pub(super) record: Record,
    /// Its name; empty for a provider.
    pub(super) name: Span,
    /// The place of its plugin.
    pub(super) plugin: u32,
    /// The place of its scopes in the root.
    pub(super) scopes: u32,
    /// The place of its role in [`super::ProviderRole::ALL`].
    pub(super) role: u32,
    /// Its entry in the list, inside of a page; empty for a provider.
    pub(super) full: Span,
    /// The same without what old revisions do not know.
    pub(super) plain: Span,
}

impl FunctionRow {
    /// Returns the place of the entry in its list.
    pub(super) fn entry(&self, detail: Detail) -> Span {
        match detail {
            Detail::Full => self.full,
            Detail::Plain => self.plain,
        }
    }
}

impl Row for RecordRow {
    const WORDS: usize = 3;

    fn words(&self) -> impl Iterator<Item = u32> {
        [self.0.span.start, self.0.span.length, self.0.checksum].into_iter()
    }

    fn from_words(words: &mut Words<'_>) -> Self {
        Self(words.record())
    }
}

impl Row for FunctionRow {
    const WORDS: usize = 12;

    fn words(&self) -> impl Iterator<Item = u32> {
        let Self { record, name, plugin, scopes, role, full, plain } = *self;
        let spans = [name, full, plain].map(|span| [span.start, span.length]);
        let others = [plugin, scopes, role];
        RecordRow(record)
            .words()
            .collect::<Vec<_>>()
            .into_iter()
            .chain(others)
            .chain(spans.into_iter().flatten())
    }

    fn from_words(words: &mut Words<'_>) -> Self {
        let record = words.record();
        let [plugin, scopes, role] = std::array::from_fn(|_| words.next());
        let [name, full, plain] = std::array::from_fn(|_| words.span());
        Self { record, name, plugin, scopes, role, full, plain }
    }
}

/// Reads numbers one after the other; past the end, they are 0.
pub(super) struct Words<'b>(pub(super) &'b [u8]);

impl Words<'_> {
    pub(super) fn next(&mut self) -> u32 {
        let Some((word, rest)) = self.0.split_first_chunk() else { return 0 };
        self.0 = rest;
        u32::from_le_bytes(*word)
    }

    fn span(&mut self) -> Span {
        Span { start: self.next(), length: self.next() }
    }

    fn record(&mut self) -> Record {
        Record { span: self.span(), checksum: self.next() }
    }
}
