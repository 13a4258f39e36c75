//! Reads everything that the current release names.

use toolcell_host::digest::Digest;
use toolcell_host::release::{CatalogEntry, TrustedKeys};

use super::contents::contents;
use super::repository::Repository;
use crate::ui::problem::Result;

/// What was read, and what is wrong with it.
#[derive(Debug, serde::Serialize)]
pub struct Verified {
    /// The serial of the release.
    pub serial: u64,
    /// The number of objects that were read.
    pub objects: usize,
    /// The bytes of these objects.
    pub bytes: usize,
    /// What a function, or a later `publish --for`, would refuse.
    pub findings: Vec<String>,
}

/// Reads the current release as functions do, and all of it.
///
/// # Errors
/// The index is not trusted, or the bucket cannot be read.
pub async fn verify(repository: &Repository, keys: &TrustedKeys) -> Result<Verified> {
    let index = repository.existing(keys).await?.index;
    let mut verified = Verified { serial: index.serial, objects: 0, bytes: 0, findings: Vec::new() };
    if index.expires <= repository.now() {
        verified.findings.push(format!("the release expired at {}: publish again", index.expires));
    }
    for entry in &index.catalogs {
        verified.catalog(repository, entry, &index.contents).await?;
    }
    Ok(verified)
}

impl Verified {
    async fn catalog(
        &mut self,
        repository: &Repository,
        entry: &CatalogEntry,
        expected: &Digest,
    ) -> Result<()> {
        let size = self.object(repository, &entry.digest).await;
        let Some(size) = size else { return Ok(()) };
        let catalog = repository.catalog(entry).await?;
        if size as u64 != entry.bytes || catalog.engine != entry.engine {
            self.findings
                .push(format!("the catalog {} is not the one that the index describes", entry.digest));
        }
        if contents(&catalog) != *expected {
            self.findings.push(format!("the catalog {} says something else than the release", entry.digest));
        }
        for plugin in &catalog.plugins {
            let size = self.object(repository, &plugin.code).await;
            if size.is_some_and(|size| size as u64 != plugin.code_bytes) {
                self.findings
                    .push(format!("the code {} has another size than the catalog says", plugin.code));
            }
            if repository.has_object(&plugin.component).await? {
                self.object(repository, &plugin.component).await;
            }
        }
        Ok(())
    }

    /// Reads one object; returns its size if it is whole.
    async fn object(&mut self, repository: &Repository, digest: &Digest) -> Option<usize> {
        match repository.object(digest).await {
            Ok(bytes) => {
                self.objects += 1;
                self.bytes += bytes.len();
                Some(bytes.len())
            }
            Err(problem) => {
                self.findings.push(format!("{} {}: found {}", problem.at, problem.wrong, problem.found));
                None
            }
        }
    }
}
