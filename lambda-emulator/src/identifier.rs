//! Makes identifiers that differ from one another. They are not secrets.

use std::hash::{BuildHasher as _, Hasher as _, RandomState};
use std::time::SystemTime;

use crate::clock;

/// Returns 64 random bits.
fn random() -> u64 {
    RandomState::new().build_hasher().finish()
}

/// Makes a request id: a version 4 UUID.
pub(crate) fn request() -> String {
    let (high, low) = (random(), random());
    format!(
        "{:08x}-{:04x}-4{:03x}-{:04x}-{:012x}",
        high >> 32,
        high >> 16 & 0xffff,
        high & 0xfff,
        0x8000 | low >> 48 & 0x3fff,
        low & 0xffff_ffff_ffff
    )
}

/// Makes the root of a trace: `1-5eb33c07-de25b420912dee103a5db434`.
pub(crate) fn trace_root(time: SystemTime) -> String {
    let seconds = clock::epoch_ms(time) / 1000;
    format!("1-{seconds:08x}-{:016x}{:08x}", random(), random() >> 32)
}

/// Makes a segment of a trace.
pub(crate) fn trace_segment() -> String {
    format!("{:016x}", random())
}

/// Makes the id of a Function URL: 32 letters and digits.
pub(crate) fn url() -> String {
    const LETTERS: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz234567";
    let mut id = String::with_capacity(32);
    for _ in 0..4 {
        let bits = random();
        id.extend((0..8).map(|place| char::from(LETTERS[(bits >> (place * 8) & 31) as usize])));
    }
    id
}

/// Makes the last part of a log stream's name.
pub(crate) fn log_stream() -> String {
    format!("{:016x}{:016x}", random(), random())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identifiers_have_their_form_and_differ() {
        let id = request();
        let parts: Vec<_> = id.split('-').map(str::len).collect();
        assert_eq!(parts, [8, 4, 4, 4, 12], "{id}");
        assert_eq!(id.as_bytes()[14], b'4', "{id}");
        assert!(b"89ab".contains(&id.as_bytes()[19]), "{id}");
        assert_ne!(id, request());
        let root = trace_root(SystemTime::now());
        assert_eq!(root.split('-').map(str::len).collect::<Vec<_>>(), [1, 8, 24], "{root}");
        assert_eq!(url().len(), 32);
        assert_ne!(url(), url());
    }
}
