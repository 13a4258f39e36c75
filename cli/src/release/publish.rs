//! Uploads a draft and makes functions see it.
//!
//! A publisher takes its serial before it looks which objects are there, and [`super::collect`] leaves its mark before it
//! looks which serials were taken. So one of two that run at the same time sees the other and gives up, and nothing is
//! deleted that a running publish has seen.

use std::time::Duration;

use bytes::Bytes;
use toolcell_host::release::{self, ReleaseIndex, SigningKey};

use super::draft::Draft;
use super::repository::{Current, Repository};
use crate::ui::problem::{Problem, Result};

/// The time after which a publisher gives up, and a release that it has not made current counts as abandoned.
pub(super) const PATIENCE: Duration = Duration::from_secs(24 * 3600);

/// The default life of a release.
pub const LIFE: Duration = Duration::from_secs(30 * 24 * 3600);

/// A release that functions see.
#[derive(Debug)]
pub struct Published {
    /// The release.
    pub index: ReleaseIndex,
    /// The number of objects that were uploaded for it.
    pub uploaded: usize,
    /// The number of objects that were there already.
    pub present: usize,
}

/// Takes a serial, uploads what is missing, and then makes functions see the release.
///
/// # Errors
/// Another publisher was faster, or the bucket cannot be written. Functions then see the release before, whole.
pub async fn publish(
    repository: &Repository,
    current: Option<&Current>,
    draft: Draft,
    life: Duration,
    key: &SigningKey,
) -> Result<Published> {
    let newest = repository.releases().await?.into_keys().next_back().unwrap_or_default();
    let replaces = current.map_or(0, |current| current.index.serial);
    let serial = newest.max(replaces).saturating_add(1);
    let published = repository.now();
    let (contents, catalogs) = (draft.contents, draft.catalogs.clone());
    let expires = published.after(life);
    let format = ReleaseIndex::FORMAT;
    let index = ReleaseIndex { format, serial, replaces, published, expires, contents, catalogs };
    let signed = signed(repository, &index, key)?;
    repository.put_release(serial, signed.clone()).await?;
    match finish(repository, current, &draft, signed).await {
        Ok(uploaded) => Ok(Published { index, uploaded, present: draft.required.len() - uploaded }),
        Err(problem) => {
            // Nobody has seen it. If this fails as well, the release counts as abandoned after a day.
            let _ = repository.delete_release(serial).await;
            Err(problem)
        }
    }
}

fn signed(repository: &Repository, index: &ReleaseIndex, key: &SigningKey) -> Result<Bytes> {
    let signed = release::sign(index, &[key]);
    if signed.len() <= ReleaseIndex::MAX_BYTES && index.catalogs.len() <= ReleaseIndex::MAX_CATALOGS {
        return Ok(signed.into());
    }
    Err(Problem::refused(repository.shown(), "names too many engines")
        .found(format!("{} engines", index.catalogs.len()))
        .expected(format!("at most {}", ReleaseIndex::MAX_CATALOGS))
        .next("publish with --drop-engines"))
}

/// Does everything after the serial is taken; returns the number of objects that were uploaded.
async fn finish(
    repository: &Repository,
    current: Option<&Current>,
    draft: &Draft,
    signed: Bytes,
) -> Result<usize> {
    let begin = repository.now();
    if repository.is_collecting().await? {
        return Err(Problem::refused(repository.shown(), "is being collected")
            .found("a running `toolcell gc`")
            .expected("either a publisher or a collector at a time")
            .next("run this command again when it has ended"));
    }
    let uploaded = upload(repository, draft).await?;
    if repository.now() >= begin.after(PATIENCE / 2) {
        return Err(Problem::internal(repository.shown(), "took too long to upload")
            .found("more than twelve hours")
            .expected("less than twelve hours")
            .next("run this command again; it uploads only what is missing"));
    }
    repository.put_index(signed, current).await?;
    Ok(uploaded)
}

/// Uploads the objects of a draft that are missing or have another size; returns how many.
async fn upload(repository: &Repository, draft: &Draft) -> Result<usize> {
    let stored = repository.objects().await?;
    let mut uploaded = 0;
    for digest in &draft.required {
        match (stored.get(digest), draft.objects.get(digest)) {
            (Some(stored), Some(bytes)) if stored.bytes == bytes.len() as u64 => {}
            (Some(_), None) => {}
            (_, Some(bytes)) => {
                repository.put_object(digest, bytes.clone()).await?;
                uploaded += 1;
            }
            (None, None) => return repository.object(digest).await.map(|_| uploaded),
        }
    }
    Ok(uploaded)
}
