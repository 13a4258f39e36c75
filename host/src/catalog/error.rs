//! Names the reasons why a catalog cannot be used.

use super::format::Catalog;

/// The reason why a bundle's catalog, or a part of it, cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum CatalogError {
    /// The bundle has no catalog, or it cannot be read.
    #[error("cannot read {file} in the bundle: {0}. Run `toolcell build` to make one", file = Catalog::FILE)]
    Unreadable(#[source] std::io::Error),
    /// The name is a directory, a pipe or a device.
    #[error("{file} is not a regular file. Run `toolcell build` to make one", file = Catalog::FILE)]
    NotAFile,
    /// The file is larger than any catalog can be.
    #[error(
        "{} is larger than {} bytes. Run `toolcell build` with fewer tools",
        Catalog::FILE,
        Catalog::MAX_BYTES
    )]
    TooLarge,
    /// The file does not begin as a catalog does.
    #[error("{file} is not a catalog. Run `toolcell build` again", file = Catalog::FILE)]
    NotACatalog,
    /// A part of the file is not what was written, or is not there.
    #[error("{file} is damaged in {part}. Run `toolcell build` again", file = Catalog::FILE)]
    Damaged {
        /// The part.
        part: String,
    },
    /// A part of the file was written by another version.
    #[error("{file} cannot be read in {part}: {reason}. Run `toolcell build` again", file = Catalog::FILE)]
    Malformed {
        /// The part.
        part: String,
        /// The error of the reader.
        #[source]
        reason: serde_json::Error,
    },
    /// The file was written for another version of the host.
    #[error(
        "{} has format {found}, this host reads format {}. Run `toolcell build` of the same version",
        Catalog::FILE,
        Catalog::FORMAT
    )]
    OtherFormat {
        /// The format that the file names.
        found: u32,
    },
    /// A tool, prompt or provider names a plugin that is not in the catalog.
    #[error(
        "{}: {tool:?} names plugin {plugin}, which is not there. Run `toolcell build` again",
        Catalog::FILE
    )]
    NoSuchPlugin {
        /// The name of the tool, prompt or provider.
        tool: String,
        /// The index it names.
        plugin: usize,
    },
    /// Two tools, or two prompts, have the same name.
    #[error("{}: two tools or prompts are called {tool:?}. Run `toolcell build` again", Catalog::FILE)]
    SameName {
        /// The name.
        tool: String,
    },
}

impl CatalogError {
    pub(super) fn damaged(part: impl Into<String>) -> Self {
        Self::Damaged { part: part.into() }
    }
}
