//! The objects of the bucket, with their versions.

use std::collections::BTreeMap;
use std::time::SystemTime;

use bytes::Bytes;
use toolcell_host::digest::Digest;

/// The objects by key.
#[derive(Debug, Default)]
pub(crate) struct Store {
    objects: BTreeMap<String, Object>,
    writes: u64,
}

/// The versions of an object, oldest first.
#[derive(Debug, Default)]
struct Object {
    versions: Vec<Version>,
    is_deleted: bool,
}

/// What was written at one time.
#[derive(Clone, Debug)]
pub(crate) struct Version {
    pub(crate) id: String,
    pub(crate) bytes: Bytes,
    pub(crate) e_tag: String,
    pub(crate) modified: SystemTime,
}

impl Store {
    pub(crate) fn keys(&self) -> Vec<String> {
        self.objects.iter().filter(|(_, object)| !object.is_deleted).map(|(key, _)| key.clone()).collect()
    }

    /// The object as it is now.
    pub(crate) fn current(&self, key: &str) -> Option<&Version> {
        self.objects.get(key).filter(|object| !object.is_deleted)?.versions.last()
    }

    pub(crate) fn current_mut(&mut self, key: &str) -> Option<&mut Version> {
        self.objects.get_mut(key).filter(|object| !object.is_deleted)?.versions.last_mut()
    }

    /// A version, also of an object that was deleted since.
    pub(crate) fn version(&self, key: &str, id: &str) -> Option<&Version> {
        self.objects.get(key)?.versions.iter().find(|version| version.id == id)
    }

    pub(crate) fn put(&mut self, key: &str, bytes: Bytes) -> Version {
        self.writes += 1;
        let version = Version {
            id: format!("v{}", self.writes),
            e_tag: Digest::of(&bytes).to_string()[..32].to_owned(),
            bytes,
            modified: SystemTime::now(),
        };
        let object = self.objects.entry(key.to_owned()).or_default();
        object.is_deleted = false;
        object.versions.push(version.clone());
        version
    }

    /// Forgets all versions of an object.
    pub(crate) fn forget(&mut self, key: &str) {
        self.objects.remove(key);
    }

    pub(crate) fn delete(&mut self, key: &str) {
        if let Some(object) = self.objects.get_mut(key) {
            object.is_deleted = true;
        }
    }
}
