//! Keeps a private key in a file.

use std::fs::{self, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _};
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use toolcell_host::release::SigningKey;

use crate::ui::problem::{Problem, Result};
use crate::ui::read::read_regular;
use crate::ui::write::cannot_write;

/// The beginning of the only line: nobody takes it for a public key.
const SCHEME: &str = "toolcell-private-key ed25519:";

/// The largest file that is read.
const MAX_BYTES: u64 = 4096;

/// Makes a key in a new file that only its owner can read.
///
/// # Errors
/// The file exists already or cannot be written, or the system has no random numbers.
pub fn create(path: &Path) -> Result<SigningKey> {
    let mut seed = [0; SigningKey::SEED_BYTES];
    getrandom::fill(&mut seed).map_err(|error| {
        Problem::internal("toolcell keygen", "cannot get random numbers from the system")
            .found(error.to_string())
    })?;
    let key = SigningKey::of_seed(&seed).map_err(|error| unusable(path, &error.to_string()))?;
    let line = format!("{SCHEME}{}\n", STANDARD.encode(seed));
    write_new(path, line.as_bytes()).map_err(|error| match error.kind() {
        io::ErrorKind::AlreadyExists => Problem::refused(path.display().to_string(), "exists already")
            .found("a file")
            .expected("a path where there is no file")
            .next("name another file with --out FILE; a key that is overwritten is lost"),
        _ => cannot_write(path, &error),
    })?;
    Ok(key)
}

fn write_new(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

/// Reads a key. No error shows what the file holds.
///
/// # Errors
/// The file cannot be read, others may read it, or it holds no key.
pub fn read(path: &Path) -> Result<SigningKey> {
    let shown = path.display().to_string();
    let unreadable = |error: io::Error| {
        Problem::refused(&shown, "cannot be read as a private key")
            .found(error.to_string())
            .expected("a file that `toolcell keygen` wrote")
            .next("name the file with --key FILE, or make a key with `toolcell keygen`")
    };
    let mode = fs::metadata(path).map_err(unreadable)?.mode();
    if mode & 0o077 != 0 {
        return Err(Problem::refused(&shown, "can be read by others")
            .found(format!("mode {:o}", mode & 0o777))
            .expected("mode 600")
            .next(format!("run `chmod 600 {shown}`, and replace the key if somebody may have read it")));
    }
    let text = read_regular(path, MAX_BYTES).map_err(unreadable)?;
    let seed = std::str::from_utf8(&text).ok().and_then(seed);
    let seed = seed.ok_or_else(|| unusable(path, "another text"))?;
    SigningKey::of_seed(&seed).map_err(|error| unusable(path, &error.to_string()))
}

fn seed(text: &str) -> Option<[u8; SigningKey::SEED_BYTES]> {
    STANDARD.decode(text.trim_end().strip_prefix(SCHEME)?).ok()?.try_into().ok()
}

fn unusable(path: &Path, found: &str) -> Problem {
    Problem::refused(path.display().to_string(), "is not a private key")
        .found(found)
        .expected("the line that `toolcell keygen` wrote")
        .next("name the file with --key FILE, or make a key with `toolcell keygen`")
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt as _;

    #[test]
    fn a_key_is_written_once_for_its_owner_alone() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("ci.key");
        let key = create(&path).unwrap();
        assert_eq!(fs::metadata(&path).unwrap().mode() & 0o777, 0o600);
        assert_eq!(read(&path).unwrap().public(), key.public());
        let before = fs::read(&path).unwrap();
        assert_eq!(create(&path).unwrap_err().wrong, "exists already");
        assert_eq!(fs::read(&path).unwrap(), before);
        fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
        assert_eq!(read(&path).unwrap_err().wrong, "can be read by others");
    }
}
