//! Keeps the compiled code of earlier builds, of all projects of a user.

use std::env;
use std::fs::{self, DirBuilder, File, OpenOptions, Permissions};
use std::io::{self, Read as _};
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use toolcell_host::digest::Digest;

use crate::ui::write::{UNFINISHED, write_atomically, write_atomically_as};

/// The variable that names another directory; empty means no cache.
pub const CACHE_VARIABLE: &str = "TOOLCELL_CACHE";

/// The file with the key that authenticates entries.
const KEY: &str = "key";

/// The length of an entry's authentication code, in bytes.
const MAC_BYTES: usize = 32;

/// The time after which an entry that no build has used is deleted.
const UNUSED: Duration = Duration::from_secs(30 * 24 * 3600);

/// The time after which nobody can still be writing an entry.
const BUILDING: Duration = Duration::from_secs(24 * 3600);

/// Compiled code by what it was made from.
///
/// The directory belongs to the user alone, and every entry is authenticated with a key in it: code that somebody else
/// put there, that was damaged, or that is another component's, counts as none.
#[derive(Clone, Debug)]
pub struct Cache {
    directory: Option<PathBuf>,
}

impl Cache {
    /// A cache in a directory, which is made when it is first written to.
    pub fn at(directory: impl Into<PathBuf>) -> Self {
        Self { directory: Some(directory.into()) }
    }

    /// The user's own: the directory that [`CACHE_VARIABLE`] names, or `toolcell` in `$XDG_CACHE_HOME` or `~/.cache`.
    pub fn of_user() -> Self {
        if let Some(directory) = env::var_os(CACHE_VARIABLE) {
            return if directory.is_empty() { Self::off() } else { Self::at(directory) };
        }
        let base = env::var_os("XDG_CACHE_HOME").map(PathBuf::from).filter(|base| base.is_absolute());
        let home = || env::var_os("HOME").filter(|home| !home.is_empty());
        let base = base.or_else(|| Some(PathBuf::from(home()?).join(".cache")));
        Self { directory: base.map(|base| base.join("toolcell")) }
    }

    /// No cache: everything is compiled.
    pub fn off() -> Self {
        Self { directory: None }
    }

    /// Looks code up.
    pub(crate) fn get(&self, key: &Digest) -> Option<Vec<u8>> {
        let directory = self.directory.as_deref()?;
        let file = open_regular(&directory.join(key.to_string()))?;
        let mut entry = Vec::new();
        (&file).read_to_end(&mut entry).ok()?;
        let (mac, code) = entry.split_first_chunk::<MAC_BYTES>()?;
        if authenticate(&secret(directory).ok()?, key, code).0 != *mac {
            return None;
        }
        // Only so that entries in use are kept.
        let _ = file.set_modified(SystemTime::now());
        Some(entry.split_off(MAC_BYTES))
    }

    /// Keeps code; a cache that cannot be written costs time, nothing else.
    pub(crate) fn put(&self, key: &Digest, code: &[u8]) {
        let Some(directory) = self.directory.as_deref() else { return };
        let secret = match secret(directory) {
            Ok(secret) => secret,
            Err(error) => {
                let directory = directory.display();
                return tracing::warn!(%error, "nothing is kept in the cache {directory}");
            }
        };
        let Digest(mac) = authenticate(&secret, key, code);
        if let Err(problem) = write_atomically(&directory.join(key.to_string()), &[&mac[..], code].concat()) {
            tracing::warn!(%problem, "compile cache");
        }
        prune(directory, SystemTime::now());
    }
}

/// Makes the authentication code of an entry. What is hashed with the secret has a fixed length, so nobody can extend it.
fn authenticate(secret: &[u8; 32], key: &Digest, code: &[u8]) -> Digest {
    Digest::of(&[*secret, key.0, Digest::of(code).0].concat())
}

/// Reads the key of a cache, or makes the cache with a new key.
fn secret(directory: &Path) -> io::Result<[u8; 32]> {
    let path = directory.join(KEY);
    if !path.exists() {
        make(directory, &path)?;
    }
    refuse_shared(directory, 0o077)?;
    refuse_shared(&path, 0o077)?;
    let mut secret = [0; 32];
    let mut file = open_regular(&path).ok_or(io::ErrorKind::InvalidData)?;
    file.read_exact(&mut secret)?;
    Ok(secret)
}

fn make(directory: &Path, key: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(directory)?;
    let mut secret = [0; 32];
    getrandom::fill(&mut secret).map_err(io::Error::other)?;
    // Of two builds at once, one key stays; what the other one has put there counts as none.
    write_atomically_as(key, &secret, Permissions::from_mode(0o600))
        .map_err(|problem| io::Error::other(problem.to_string()))
}

/// Refuses what another user owns or may use.
fn refuse_shared(path: &Path, mask: u32) -> io::Result<()> {
    let metadata = fs::symlink_metadata(path)?;
    let is_own = metadata.uid() == rustix::process::geteuid().as_raw();
    if is_own && metadata.mode() & mask == 0 && !metadata.is_symlink() {
        return Ok(());
    }
    let place = path.display();
    Err(io::Error::other(format!(
        "{place} can be used by others: `chmod go-rwx {place}`, or name another directory with {CACHE_VARIABLE}"
    )))
}

/// Opens a file; a pipe is not waited for.
fn open_regular(path: &Path) -> Option<File> {
    let nonblocking = rustix::fs::OFlags::NONBLOCK.bits().cast_signed();
    let file = OpenOptions::new().read(true).custom_flags(nonblocking).open(path).ok()?;
    file.metadata().is_ok_and(|metadata| metadata.is_file()).then_some(file)
}

/// Deletes entries that no build has used for long, and those that a build has begun and not ended.
fn prune(directory: &Path, now: SystemTime) {
    for entry in fs::read_dir(directory).into_iter().flatten().flatten() {
        let name = entry.file_name();
        let name = name.to_str().unwrap_or_default();
        let most = match name.parse::<Digest>() {
            Ok(_) => UNUSED,
            Err(_) if name.starts_with(UNFINISHED) => BUILDING,
            Err(_) => continue,
        };
        let used = entry.metadata().and_then(|metadata| metadata.modified());
        let age = used.ok().and_then(|used| now.duration_since(used).ok());
        if age.is_some_and(|age| age > most) {
            // Another build may have deleted it.
            let _ = fs::remove_file(entry.path());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).unwrap().mode() & 0o777
    }

    #[test]
    fn code_comes_back_in_another_process_and_for_its_own_component_alone() {
        let root = tempfile::tempdir().unwrap();
        let directory = root.path().join("new/cache");
        let [one, two] = [Digest::of(b"one"), Digest::of(b"two")];
        Cache::at(&directory).put(&one, b"code");
        assert_eq!(Cache::at(&directory).get(&one).as_deref(), Some(&b"code"[..]));
        assert_eq!((mode(&directory), mode(&directory.join(KEY))), (0o700, 0o600));
        fs::copy(directory.join(one.to_string()), directory.join(two.to_string())).unwrap();
        assert_eq!(Cache::at(&directory).get(&two), None, "it is the code of another component");
    }

    #[test]
    fn an_entry_that_was_changed_or_cut_counts_as_none() {
        let directory = tempfile::tempdir().unwrap();
        let (cache, key) = (Cache::at(directory.path().join("cache")), Digest::of(b"component"));
        cache.put(&key, b"code");
        let file = directory.path().join("cache").join(key.to_string());
        let whole = fs::read(&file).unwrap();
        for at in 0..whole.len() {
            let mut changed = whole.clone();
            changed[at] ^= 1;
            fs::write(&file, changed).unwrap();
            assert_eq!(cache.get(&key), None, "byte {at}");
            fs::write(&file, &whole[..at]).unwrap();
            assert_eq!(cache.get(&key), None, "{at} bytes");
        }
        fs::write(&file, &whole).unwrap();
        assert!(cache.get(&key).is_some());
    }

    #[test]
    fn a_directory_or_key_that_others_may_use_is_not_used() {
        let root = tempfile::tempdir().unwrap();
        let directory = root.path().join("cache");
        let (cache, key) = (Cache::at(&directory), Digest::of(b"component"));
        cache.put(&key, b"code");
        for (path, good) in [(directory.clone(), 0o700), (directory.join(KEY), 0o600)] {
            for bad in [0o777, good | 0o040, good | 0o002] {
                fs::set_permissions(&path, Permissions::from_mode(bad)).unwrap();
                assert_eq!(cache.get(&key), None, "{} {bad:o}", path.display());
                cache.put(&Digest::of(b"other"), b"code");
                assert!(!directory.join(Digest::of(b"other").to_string()).exists());
            }
            fs::set_permissions(&path, Permissions::from_mode(good)).unwrap();
            assert!(cache.get(&key).is_some());
        }
    }

    #[test]
    fn what_no_build_uses_for_a_month_is_deleted() {
        let root = tempfile::tempdir().unwrap();
        let cache = Cache::at(root.path().join("cache"));
        let [old, used] = [Digest::of(b"old"), Digest::of(b"used")];
        let file = |key: &Digest| root.path().join("cache").join(key.to_string());
        for key in [&old, &used] {
            cache.put(key, b"code");
            let then = SystemTime::now() - UNUSED - Duration::from_secs(60);
            File::options().write(true).open(file(key)).unwrap().set_modified(then).unwrap();
        }
        let unfinished = |age: Duration| {
            let path = root.path().join(format!("cache/{UNFINISHED}{}", age.as_secs()));
            File::create(&path).unwrap().set_modified(SystemTime::now() - age).unwrap();
            path
        };
        let (left, begun) =
            (unfinished(BUILDING + Duration::from_secs(60)), unfinished(Duration::from_secs(60)));
        assert!(cache.get(&used).is_some());
        cache.put(&Digest::of(b"new"), b"code");
        assert!(!file(&old).exists() && file(&used).exists());
        assert!(!left.exists() && begun.exists());
    }

    #[test]
    fn a_pipe_in_the_place_of_an_entry_counts_as_none() {
        let root = tempfile::tempdir().unwrap();
        let (cache, key) = (Cache::at(root.path().join("cache")), Digest::of(b"component"));
        cache.put(&Digest::of(b"other"), b"code");
        let path = root.path().join("cache").join(key.to_string());
        let mode = rustix::fs::Mode::from_raw_mode(0o600);
        rustix::fs::mknodat(rustix::fs::CWD, &path, rustix::fs::FileType::Fifo, mode, 0).unwrap();
        assert_eq!(cache.get(&key), None);
        assert_eq!(Cache::off().get(&key), None);
    }
}
