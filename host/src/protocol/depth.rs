//! Bounds how deeply a body nests, before anything reads it.

use memchr::memchr2;

/// Maximum depth of nested arrays and objects; the limit of serde_json's own readers.
pub const MAX_DEPTH: usize = 128;

/// Tells whether `json` nests deeper than [`MAX_DEPTH`].
///
/// Sound for valid JSON; says nothing about whether it is valid.
pub(super) fn is_excessive(json: &[u8]) -> bool {
    // Each level takes two bytes, so that most bodies need no look at all.
    if json.len() < 2 * MAX_DEPTH {
        return false;
    }
    let mut depth = 0_usize;
    let mut place = 0;
    while let Some(byte) = json.get(place) {
        place += 1;
        match byte {
            b'[' | b'{' => depth += 1,
            b']' | b'}' => depth = depth.saturating_sub(1),
            b'"' => place = end_of_string(json, place),
            _ => {}
        }
        if depth > MAX_DEPTH {
            return true;
        }
    }
    false
}

/// The place after the string that goes on at `place`.
fn end_of_string(json: &[u8], mut place: usize) -> usize {
    // Most strings are shorter than what a vector search takes to start.
    const SHORT: usize = 16;
    let start = json.get(place..).unwrap_or_default();
    match start.iter().take(SHORT).position(|byte| matches!(byte, b'"' | b'\\')) {
        Some(step) if start[step] == b'"' => return place + step + 1,
        Some(step) => place += step,
        None => place += SHORT,
    }
    while let Some(step) = json.get(place..).and_then(|rest| memchr2(b'"', b'\\', rest)) {
        place += step;
        if json[place] == b'"' {
            return place + 1;
        }
        place += 2; // a backslash and what it escapes
    }
    json.len()
}
