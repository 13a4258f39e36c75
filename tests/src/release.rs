//! Publishes releases into the S3 server, as `toolcell publish` leaves them there, good ones and others.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, SystemTime};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use toolcell_host::catalog::{Catalog, Index};
use toolcell_host::digest::Digest;
use toolcell_host::release::{CatalogEntry, ReleaseIndex, SigningKey, sign};
use toolcell_host::timestamp::Timestamp;

use crate::{Bundle, S3Server};

/// The place of the releases.
pub const PLACE: &str = "s3://releases/tools";

/// The key of the index.
pub const INDEX: &str = "tools/index.json";

/// The seed of the key that is trusted.
const SEED: u8 = 1;

/// The time for which a release is valid.
const VALID: Duration = Duration::from_secs(30 * 24 * 3600);

/// A bucket, and a key whose releases are trusted.
#[derive(Debug)]
pub struct Publisher {
    /// The server of the bucket.
    pub server: S3Server,
    key: SigningKey,
}

impl Publisher {
    /// Starts a server with an empty bucket.
    ///
    /// # Panics
    /// Panics if there is no free port.
    pub fn start() -> Self {
        Self { server: S3Server::start(), key: key(SEED) }
    }

    /// Returns the variables of a function that follows these releases.
    pub fn variables(&self) -> Vec<(&'static str, String)> {
        let mut variables = self.server.variables().to_vec();
        variables.push(("TOOLCELL_BUNDLE", PLACE.to_owned()));
        variables.push(("TOOLCELL_RELEASE_KEYS", self.key.public().to_string()));
        variables
    }

    /// Publishes a bundle.
    pub fn publish(&self, bundle: &Bundle, serial: u64) {
        self.publish_as(bundle, serial, Catalog::for_release);
    }

    /// Publishes a bundle whose catalog is changed first.
    ///
    /// # Panics
    /// Panics if the bundle lacks code that its catalog names.
    pub fn publish_as(&self, bundle: &Bundle, serial: u64, change: impl FnOnce(Catalog) -> Catalog) {
        let catalog = change(bundle.catalog());
        for plugin in &catalog.plugins {
            let code = fs::read(bundle.path().join(plugin.code_file())).expect("code of the bundle");
            self.server.place(&object(plugin.code), code);
        }
        self.publish_catalog(catalog, serial);
    }

    /// Publishes a catalog whose code is in the bucket already.
    ///
    /// # Panics
    /// Panics if the catalog cannot be written.
    pub fn publish_catalog(&self, catalog: Catalog, serial: u64) {
        let bytes = catalog.to_bytes().expect("a catalog can be written");
        let digest = Digest::of(&bytes);
        let entry = CatalogEntry { engine: catalog.engine, digest, bytes: bytes.len() as u64 };
        self.server.place(&object(digest), bytes);
        self.publish_index(&index(serial, vec![entry]));
    }

    /// Runs a command of `toolcell` in a directory; RELEASES stands for the place of the releases, and KEY for a file with
    /// the key that is trusted.
    ///
    /// # Panics
    /// Panics if the command fails.
    pub fn run(&self, toolcell: &Path, directory: &Path, line: &str) {
        let key = directory.join("ci.key");
        let text =
            format!("toolcell-private-key ed25519:{}\n", STANDARD.encode([SEED; SigningKey::SEED_BYTES]));
        fs::write(&key, text).expect("a key can be written");
        fs::set_permissions(&key, fs::Permissions::from_mode(0o600)).expect("a key can be hidden");
        let line = line.replace("RELEASES", PLACE).replace("KEY", "ci.key");
        let mut command = Command::new(toolcell);
        command.args(line.split_whitespace()).current_dir(directory);
        command.env_clear().envs(self.server.variables()).env("HOME", directory);
        let ran = command.output().expect("toolcell can be run");
        assert!(ran.status.success(), "{line}: {}", String::from_utf8_lossy(&ran.stderr));
    }

    /// Publishes an index that this key signs.
    pub fn publish_index(&self, index: &ReleaseIndex) {
        self.server.place(INDEX, sign(index, &[&self.key]));
    }

    /// Signs the index that is published again, with a key that nobody trusts.
    ///
    /// # Panics
    /// Panics if nothing is published.
    pub fn sign_with_another_key(&self, index: &ReleaseIndex) {
        self.server.place(INDEX, sign(index, &[&key(2)]));
    }

    /// Returns the index that is published.
    ///
    /// # Panics
    /// Panics if nothing is published.
    pub fn index(&self) -> ReleaseIndex {
        let variables = self.variables();
        let (_, keys) = variables.last().expect("the keys");
        let keys = toolcell_host::release::TrustedKeys::parse("test", keys).expect("a key");
        let bytes = self.server.object(INDEX).expect("a release");
        toolcell_host::release::authenticate(&bytes, &keys, Timestamp::of(SystemTime::now()))
            .expect("an index")
    }

    /// Returns the first catalog that the published index names.
    ///
    /// # Panics
    /// Panics if nothing is published.
    pub fn catalog(&self) -> Catalog {
        let bytes = self.server.object(&object(self.index().catalogs[0].digest)).expect("a catalog");
        Index::read(bytes).and_then(|index| index.contents()).expect("a catalog can be read").catalog
    }

    /// Changes one byte in the middle of an object.
    ///
    /// # Panics
    /// Panics if there is no such object.
    pub fn damage(&self, key: &str) {
        let mut bytes = self.server.object(key).expect("an object to damage").to_vec();
        let middle = bytes.len() / 2;
        bytes[middle] ^= 1;
        self.server.place(key, Bytes::from(bytes));
    }
}

/// Returns the key of the object with a digest.
pub fn object(digest: Digest) -> String {
    format!("tools/objects/{digest}")
}

/// Makes an index that was published now.
pub fn index(serial: u64, catalogs: Vec<CatalogEntry>) -> ReleaseIndex {
    let published = Timestamp::of(SystemTime::now());
    let (format, contents) = (ReleaseIndex::FORMAT, Digest::of(b"contents"));
    ReleaseIndex {
        format,
        serial,
        replaces: serial.saturating_sub(1),
        published,
        expires: published.after(VALID),
        contents,
        catalogs,
    }
}

fn key(seed: u8) -> SigningKey {
    SigningKey::of_seed(&[seed; SigningKey::SEED_BYTES]).expect("a key")
}
