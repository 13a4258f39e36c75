//! The objects of all releases in a bucket.

mod mark;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use bytes::Bytes;
use toolcell_host::aws::{CredentialSource, Endpoint};
use toolcell_host::catalog::{Catalog, Index};
use toolcell_host::clock::Clock;
use toolcell_host::digest::Digest;
use toolcell_host::net::{Client, Timeouts};
use toolcell_host::release::{self, CatalogEntry, ReleaseError, ReleaseIndex, TrustedKeys};
use toolcell_host::s3::{Bucket, ETag, GetCondition, Location, PutCondition, S3Error};
use toolcell_host::timestamp::Timestamp;
use toolcell_host::variables::Variables;

use crate::ui::problem::{Problem, Result};
use crate::ui::read::MAX_COMPONENT_BYTES;

pub(super) use mark::MARK_LIFE;

/// The only object that changes.
const INDEX: &str = "index.json";

/// What the keys of the signed index of each release start with.
const RELEASES: &str = "releases/";

/// What the keys of everything that is named by its digest start with.
const OBJECTS: &str = "objects/";

/// A bucket with releases.
#[derive(Debug)]
pub struct Repository {
    bucket: Bucket,
    clock: Clock,
}

/// The index that functions read.
#[derive(Debug)]
pub struct Current {
    /// The release.
    pub index: ReleaseIndex,
    /// The tag of the object.
    pub etag: ETag,
}

/// An object in a list.
#[derive(Clone, Copy, Debug)]
pub struct Stored {
    /// Its size.
    pub bytes: u64,
    /// The time at which it was last written.
    pub modified: Timestamp,
}

/// The objects that catalogs name.
#[derive(Debug, Default)]
pub struct Named {
    /// The catalogs themselves, and machine code: what functions read.
    pub code: BTreeSet<Digest>,
    /// The components, of which those that come from a package are not in the bucket.
    pub components: BTreeSet<Digest>,
}

impl Repository {
    /// Makes a repository; sends nothing yet.
    ///
    /// # Errors
    /// A variable is missing or malformed.
    pub fn open(
        location: Location,
        variables: &Variables,
        credentials: Arc<dyn CredentialSource>,
        clock: Clock,
    ) -> Result<Self> {
        let endpoint = Endpoint::of(variables).map_err(|error| {
            Problem::refused("the environment", "does not say where the bucket is")
                .found(error.to_string())
                .expected("AWS_REGION, and AWS_ENDPOINT_URL_S3 for a server other than AWS")
                .next("set the variable and run the command again")
        })?;
        let client = Client::new(None, Timeouts::default(), clock.clone());
        let bucket = Bucket::new(Arc::new(client), location, endpoint, credentials, clock.clone());
        Ok(Self { bucket, clock })
    }

    /// Returns the place as errors show it.
    pub fn shown(&self) -> String {
        self.bucket.location().to_string().trim_end_matches('/').to_owned()
    }

    /// Returns the time.
    pub fn now(&self) -> Timestamp {
        Timestamp::of(self.clock.now())
    }

    /// Reads the release that functions see; `None` if nothing was ever published.
    ///
    /// # Errors
    /// It cannot be read, or no key of `keys` signed it.
    pub async fn current(&self, keys: &TrustedKeys) -> Result<Option<Current>> {
        let Some((bytes, etag)) = self.read(INDEX, ReleaseIndex::MAX_BYTES as u64).await? else {
            return Ok(None);
        };
        let index =
            release::authenticate(&bytes, keys, self.now()).map_err(|error| self.untrusted(INDEX, &error))?;
        let etag = etag.ok_or_else(|| self.failed("answers without an ETag".to_owned()))?;
        Ok(Some(Current { index, etag }))
    }

    /// Reads the release that functions see, which has to exist.
    ///
    /// # Errors
    /// As [`Repository::current`].
    pub async fn existing(&self, keys: &TrustedKeys) -> Result<Current> {
        self.current(keys).await?.ok_or_else(|| {
            Problem::refused(self.shown(), "has no release")
                .found("no index.json")
                .expected("a bucket and prefix that `toolcell publish` wrote to")
                .next("check the address, or publish first")
        })
    }

    /// Lists the serials of all releases, also of those that lost against another publisher.
    ///
    /// # Errors
    /// The list cannot be read.
    pub async fn releases(&self) -> Result<BTreeMap<u64, Stored>> {
        let all = self.list(RELEASES).await?.into_iter();
        let serial = |key: &str| key.strip_suffix(".json")?.parse().ok();
        Ok(all.filter_map(|(key, stored)| Some((serial(&key)?, stored))).collect())
    }

    /// Reads one release.
    ///
    /// # Errors
    /// It does not exist, or no key of `keys` signed it.
    pub async fn release(&self, serial: u64, keys: &TrustedKeys) -> Result<ReleaseIndex> {
        let key = release_key(serial);
        let found = self.read(&key, ReleaseIndex::MAX_BYTES as u64).await?;
        let (bytes, _) = found.ok_or_else(|| {
            Problem::refused(self.shown(), format!("has no release {serial}"))
                .found(format!("no {key}"))
                .expected("a serial that `toolcell releases` lists")
                .next(format!("run `toolcell releases {}`", self.shown()))
        })?;
        let index =
            release::authenticate(&bytes, keys, self.now()).map_err(|error| self.untrusted(&key, &error))?;
        if index.serial == serial {
            return Ok(index);
        }
        Err(Problem::refused(format!("{}/{key}", self.shown()), "is another release")
            .found(format!("the serial {}", index.serial))
            .expected(serial.to_string())
            .next("find out who has written to the bucket, and publish again"))
    }

    /// Returns the releases that functions have seen, newest first: `current` and those before it, `most` at most. Ends
    /// where the record of a release was deleted.
    ///
    /// # Errors
    /// A record cannot be read, or no key of `keys` signed it.
    pub async fn history(
        &self,
        current: ReleaseIndex,
        records: &BTreeMap<u64, Stored>,
        most: usize,
        keys: &TrustedKeys,
    ) -> Result<Vec<ReleaseIndex>> {
        let mut before = current.replaces;
        let mut history = vec![current];
        while history.len() < most && records.contains_key(&before) {
            let release = self.release(before, keys).await?;
            before = release.replaces;
            history.push(release);
        }
        Ok(history)
    }

    /// Lists everything that is stored under its digest.
    ///
    /// # Errors
    /// The list cannot be read.
    pub async fn objects(&self) -> Result<BTreeMap<Digest, Stored>> {
        let all = self.list(OBJECTS).await?.into_iter();
        Ok(all.filter_map(|(key, stored)| Some((key.parse().ok()?, stored))).collect())
    }

    /// Reads an object and compares it with its digest.
    ///
    /// # Errors
    /// It is missing, or has been damaged.
    pub async fn object(&self, digest: &Digest) -> Result<Bytes> {
        let key = object_key(digest);
        let broken = |found: &str| {
            Problem::refused(format!("{}/{key}", self.shown()), "is not what the release names")
                .found(found)
                .expected(format!("the object with the digest {digest}"))
                .next("publish again; `toolcell verify` lists everything that is damaged")
        };
        let Some((bytes, _)) = self.read(&key, MAX_COMPONENT_BYTES).await? else {
            return Err(broken("nothing"));
        };
        if Digest::of(&bytes) == *digest { Ok(bytes) } else { Err(broken("other bytes")) }
    }

    /// Reads the catalog that a release names.
    ///
    /// # Errors
    /// As [`Repository::object`]; another version of toolcell wrote it.
    pub async fn catalog(&self, entry: &CatalogEntry) -> Result<Catalog> {
        let bytes = self.object(&entry.digest).await?;
        let read = Index::read(bytes).and_then(|index| index.contents());
        let contents = read.map_err(|error| {
            Problem::refused(
                format!("{}/{}", self.shown(), object_key(&entry.digest)),
                "cannot be read as a catalog",
            )
            .found(error.to_string())
            .expected(format!("a catalog of format {}", Catalog::FORMAT))
            .next("run the command with the `toolcell` that published the release")
        })?;
        Ok(contents.catalog)
    }

    /// Returns the digests of everything that catalogs name.
    ///
    /// # Errors
    /// As [`Repository::catalog`].
    pub async fn named(&self, entries: &[CatalogEntry]) -> Result<Named> {
        let mut named = Named::default();
        for entry in entries {
            let catalog = self.catalog(entry).await?;
            named.code.insert(entry.digest);
            named.code.extend(catalog.plugins.iter().map(|plugin| plugin.code));
            named.components.extend(catalog.plugins.iter().map(|plugin| plugin.component));
        }
        Ok(named)
    }

    /// Tells whether an object is there, whatever its bytes.
    ///
    /// # Errors
    /// The bucket cannot be read.
    pub async fn has_object(&self, digest: &Digest) -> Result<bool> {
        let size = self.bucket.size(&object_key(digest)).await;
        size.map(|size| size.is_some()).map_err(|error| self.unreachable(&error))
    }

    /// Writes an object under its digest.
    ///
    /// # Errors
    /// The bucket cannot be written.
    pub async fn put_object(&self, digest: &Digest, bytes: Bytes) -> Result<()> {
        let put = self.bucket.put(&object_key(digest), bytes, PutCondition::Always).await;
        put.map(drop).map_err(|error| self.unreachable(&error))
    }

    /// Takes the serial of a release.
    ///
    /// # Errors
    /// Another publisher has taken it, or the bucket cannot be written.
    pub async fn put_release(&self, serial: u64, signed: Bytes) -> Result<()> {
        let put = self.bucket.put(&release_key(serial), signed, PutCondition::IfAbsent).await;
        put.map(drop).map_err(|error| self.beaten(&error))
    }

    /// Makes functions see a release, if they still see `current`.
    ///
    /// # Errors
    /// Another publisher was faster, or the bucket cannot be written.
    pub async fn put_index(&self, signed: Bytes, current: Option<&Current>) -> Result<()> {
        let condition =
            current.map_or(PutCondition::IfAbsent, |current| PutCondition::IfMatch(&current.etag));
        match self.bucket.put(INDEX, signed.clone(), condition).await {
            Ok(_) => Ok(()),
            Err(error @ S3Error::PreconditionFailed { .. }) => Err(self.beaten(&error)),
            // The answer may have been lost after the index was written.
            Err(error) => match self.read(INDEX, ReleaseIndex::MAX_BYTES as u64).await {
                Ok(Some((bytes, _))) if bytes == signed => Ok(()),
                _ => Err(self.unreachable(&error)),
            },
        }
    }

    /// Deletes the record of a release.
    ///
    /// # Errors
    /// The bucket cannot be written.
    pub async fn delete_release(&self, serial: u64) -> Result<()> {
        self.bucket.delete(&release_key(serial)).await.map_err(|error| self.unreachable(&error))
    }

    /// Deletes an object.
    ///
    /// # Errors
    /// The bucket cannot be written.
    pub async fn delete_object(&self, digest: &Digest) -> Result<()> {
        self.bucket.delete(&object_key(digest)).await.map_err(|error| self.unreachable(&error))
    }

    async fn read(&self, key: &str, max_bytes: u64) -> Result<Option<(Bytes, Option<ETag>)>> {
        let read = async {
            let object = self.bucket.get(key, GetCondition::Always, max_bytes).await?;
            let etag = object.etag.clone();
            Ok((object.collect().await?, etag))
        };
        match read.await {
            Ok(read) => Ok(Some(read)),
            Err(S3Error::NotFound { .. }) => Ok(None),
            Err(error) => Err(self.unreachable(&error)),
        }
    }

    /// Lists what is below `start`, without it.
    async fn list(&self, start: &str) -> Result<Vec<(String, Stored)>> {
        let listed = self.bucket.list(start).await.map_err(|error| self.unreachable(&error))?;
        let entry = |one: toolcell_host::s3::Listed| {
            let stored = Stored { bytes: one.bytes, modified: modified(&one.modified)? };
            Some((one.key.strip_prefix(start)?.to_owned(), stored))
        };
        Ok(listed.into_iter().filter_map(entry).collect())
    }

    fn untrusted(&self, key: &str, error: &ReleaseError) -> Problem {
        Problem::refused(format!("{}/{key}", self.shown()), "is not trusted")
            .found(error.to_string())
            .expected("an index that one of your keys signed")
            .next("add the key to [releases.keys] of toolcell.toml, or pass it with --public")
    }

    fn beaten(&self, error: &S3Error) -> Problem {
        match error {
            S3Error::PreconditionFailed { .. } => {
                Problem::refused(self.shown(), "was published to by somebody else")
                    .found("another release since this command began")
                    .expected("one publisher at a time")
                    .next(format!(
                        "look at it with `toolcell releases {}`, then run this command again",
                        self.shown()
                    ))
            }
            other => self.unreachable(other),
        }
    }

    fn unreachable(&self, error: &S3Error) -> Problem {
        self.failed(error.to_string())
    }

    fn failed(&self, found: String) -> Problem {
        Problem::internal(self.shown(), "cannot be used")
            .found(found)
            .expected("a bucket that these credentials may read and write")
            .next("correct what is wrong and run the command again; it uploads only what is missing")
    }
}

fn release_key(serial: u64) -> String {
    format!("{RELEASES}{serial}.json")
}

fn object_key(digest: &Digest) -> String {
    format!("{OBJECTS}{digest}")
}

/// Reads the time of a list, whose fractions of a second do not matter here.
fn modified(text: &str) -> Option<Timestamp> {
    let second = text.split(['.', 'Z']).next()?;
    format!("{second}Z").parse().ok()
}
