//! Deletes what no kept release names.

use std::collections::BTreeMap;

use toolcell_host::digest::Digest;
use toolcell_host::release::TrustedKeys;

use super::publish::PATIENCE;
use super::repository::{MARK_LIFE, Named, Repository, Stored};
use crate::ui::problem::{Problem, Result};

/// What was deleted, and what was kept.
#[derive(Debug, Default, serde::Serialize)]
pub struct Collected {
    /// The serials that can still be rolled back to, newest first.
    pub kept: Vec<u64>,
    /// The serials whose records were deleted.
    pub releases: Vec<u64>,
    /// The objects that were deleted.
    pub objects: Vec<Digest>,
    /// The bytes of these objects.
    pub bytes: u64,
}

/// Keeps the current release and the newest ones before it, `keep` in all, and deletes everything that they do not name.
///
/// # Errors
/// A release that is kept cannot be read, or a publisher is at work: then nothing was deleted. Or the bucket cannot be
/// written.
pub async fn collect(repository: &Repository, keep: usize, keys: &TrustedKeys) -> Result<Collected> {
    repository.put_mark().await?;
    let collected = marked(repository, keep, keys).await;
    let unmarked = repository.delete_mark().await;
    let collected = collected?;
    unmarked.map(|()| collected)
}

/// Collects while the mark keeps publishers away.
async fn marked(repository: &Repository, keep: usize, keys: &TrustedKeys) -> Result<Collected> {
    let begin = repository.now();
    let current = repository.existing(keys).await?;
    let releases = repository.releases().await?;
    let serial = current.index.serial;
    refuse_running(repository, serial, &releases)?;
    let history = repository.history(current.index, &releases, keep, keys).await?;
    let mut named = Named::default();
    for release in &history {
        let one = repository.named(&release.catalogs).await?;
        named.code.extend(one.code);
        named.components.extend(one.components);
    }
    let kept = history.iter().map(|release| release.serial).collect();
    let objects = repository.objects().await?;
    let mut collected = Collected { kept, ..Collected::default() };
    // Records go first, so that none is left that names what is gone.
    for serial in releases.into_keys().filter(|serial| !collected.kept.contains(serial)).collect::<Vec<_>>() {
        repository.delete_release(serial).await?;
        collected.releases.push(serial);
    }
    for (digest, stored) in unnamed(&objects, &named) {
        if repository.now() >= begin.after(MARK_LIFE / 2) {
            break; // the next run deletes the rest
        }
        repository.delete_object(&digest).await?;
        collected.objects.push(digest);
        collected.bytes += stored.bytes;
    }
    Ok(collected)
}

fn refuse_running(repository: &Repository, current: u64, releases: &BTreeMap<u64, Stored>) -> Result<()> {
    let now = repository.now();
    let is_running = |stored: &Stored| now < stored.modified.after(PATIENCE);
    let running = releases.range(current + 1..).find(|(_, stored)| is_running(stored));
    let Some((serial, stored)) = running else { return Ok(()) };
    Err(Problem::refused(repository.shown(), "is being published to")
        .found(format!("release {serial}, begun at {}", stored.modified))
        .expected("either a publisher or a collector at a time")
        .next("run this command again when the publisher has ended; if it was killed, a day after it began"))
}

fn unnamed(objects: &BTreeMap<Digest, Stored>, named: &Named) -> Vec<(Digest, Stored)> {
    let is_named = |digest: &Digest| named.code.contains(digest) || named.components.contains(digest);
    let unnamed = objects.iter().filter(|(digest, _)| !is_named(digest));
    unnamed.map(|(digest, stored)| (*digest, *stored)).collect()
}
