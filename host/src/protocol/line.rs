//! Writes JSON so that it stays on one line: stream readers split on line ends.

use memchr::memchr2;

/// Appends `text` as a JSON string.
pub(super) fn push_text(out: &mut Vec<u8>, text: &str) {
    #[allow(clippy::expect_used, reason = "writing a str to a Vec cannot fail")]
    serde_json::to_writer(out, text).expect("a string is JSON and a Vec takes it");
}

/// Appends JSON text, its line ends as spaces: in valid JSON they stand only between tokens.
pub(super) fn push_json(out: &mut Vec<u8>, mut json: &[u8]) {
    while let Some(place) = memchr2(b'\n', b'\r', json) {
        out.extend_from_slice(&json[..place]);
        out.push(b' ');
        json = &json[place + 1..];
    }
    out.extend_from_slice(json);
}
