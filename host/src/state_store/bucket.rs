//! Names the partition of each bucket of `wasi:keyvalue`.
//!
//! A partition's name is `kv/PLUGIN/SOURCE/BUCKET/plugin`, or `kv/PLUGIN/SOURCE/BUCKET/caller/CALLER`. Names of plugins
//! and buckets have no slash; SOURCE and CALLER are digests.

use super::{Partition, Quota};
use crate::digest::Digest;

/// The start of every name.
pub const PREFIX: &str = "kv/";

/// Hexadecimal digits of a source: 128 bits.
const SOURCE_DIGITS: usize = 32;

/// A caller of which the server knows who it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Caller<'a> {
    /// The way in which it was authenticated: `bearer`, `iam` or `oauth`.
    pub kind: &'a str,
    /// Who vouches for its name; empty if the server itself does.
    pub issuer: &'a str,
    /// Its name there.
    pub subject: &'a str,
}

/// The owner of a bucket's entries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Owner<'a> {
    /// The plugin: all callers share the bucket.
    Plugin,
    /// One caller.
    Caller(Caller<'a>),
}

/// A bucket of a plugin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bucket<'a> {
    /// The name of the plugin in `toolcell.toml`.
    pub plugin: &'a str,
    /// The identity of its source: another plugin under the same name has another one.
    pub source: &'a str,
    /// The name of the bucket.
    pub bucket: &'a str,
}

/// A partition's name, read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Named {
    /// The name of the plugin in `toolcell.toml`.
    pub plugin: String,
    /// The digest of its source.
    pub source: String,
    /// The name of the bucket.
    pub bucket: String,
    /// The digest of the caller; `None` for a bucket that all callers share.
    pub caller: Option<String>,
}

impl Caller<'_> {
    /// Returns the digest of kind, issuer and subject, each behind its length.
    pub fn digest(&self) -> Digest {
        let parts = [self.kind.as_bytes(), self.issuer.as_bytes(), self.subject.as_bytes()];
        Digest::of_parts("toolcell caller", parts)
    }
}

impl Bucket<'_> {
    /// Returns the partition of an owner's entries.
    pub fn partition(&self, owner: Owner<'_>, quota: Option<Quota>) -> Partition {
        let Self { plugin, bucket, .. } = self;
        let source = source_digest(self.source);
        let owner = match owner {
            Owner::Plugin => "plugin".to_owned(),
            Owner::Caller(caller) => format!("caller/{}", caller.digest()),
        };
        Partition { name: format!("{PREFIX}{plugin}/{source}/{bucket}/{owner}"), quota }
    }
}

/// Returns the digest by which partitions name a source.
pub fn source_digest(source: &str) -> String {
    let mut digest = Digest::of_parts("toolcell state source", [source.as_bytes()]).to_string();
    digest.truncate(SOURCE_DIGITS);
    digest
}

impl Named {
    /// Reads the name of a partition; `None` if it is no bucket's.
    pub fn read(name: &str) -> Option<Self> {
        let mut parts = name.strip_prefix(PREFIX)?.split('/');
        let mut part = || parts.next().map(str::to_owned);
        let (plugin, source, bucket, scope) = (part()?, part()?, part()?, part()?);
        let caller = match (scope.as_str(), part()) {
            ("plugin", None) => None,
            ("caller", Some(caller)) => Some(caller),
            _ => return None,
        };
        Some(Self { plugin, source, bucket, caller })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOTES: Bucket<'_> = Bucket { plugin: "notes", source: "acme", bucket: "default" };

    fn caller<'a>(kind: &'a str, issuer: &'a str, subject: &'a str) -> Owner<'a> {
        Owner::Caller(Caller { kind, issuer, subject })
    }

    #[test]
    fn every_part_of_an_owner_makes_another_partition() {
        let owners = [
            Owner::Plugin,
            caller("bearer", "", "ann"),
            caller("iam", "", "ann"),
            caller("bearer", "a", "nn"),
            caller("bearer", "an", "n"),
            caller("beare", "r", "ann"),
            caller("bearer", "ann", ""),
        ];
        let buckets = [
            NOTES,
            Bucket { plugin: "note", ..NOTES },
            Bucket { source: "acm", ..NOTES },
            Bucket { bucket: "other", ..NOTES },
        ];
        let all = buckets.iter().flat_map(|bucket| owners.map(|owner| bucket.partition(owner, None).name));
        let all: Vec<_> = all.collect();
        let different: std::collections::BTreeSet<_> = all.iter().collect();
        assert_eq!(different.len(), all.len(), "{all:#?}");
    }

    #[test]
    fn a_name_is_read_back_and_names_no_caller() {
        let name = NOTES.partition(caller("bearer", "", "ann"), None).name;
        assert!(!name.contains("ann"), "{name}");
        let named = Named::read(&name).unwrap();
        assert_eq!((named.plugin.as_str(), named.bucket.as_str()), ("notes", "default"));
        assert_eq!(named.source, source_digest("acme"));
        assert_eq!(named.caller.map(|digest| digest.len()), Some(64));
        assert_eq!(Named::read(&NOTES.partition(Owner::Plugin, None).name).unwrap().caller, None);
        for other in ["", "kv/", "kv/a/b/c", "kv/a/b/c/caller", "kv/a/b/c/plugin/d", "task/a/b/c/plugin"] {
            assert_eq!(Named::read(other), None, "{other}");
        }
    }
}
