//! Puts JSON that a plugin wrote itself on one line.

use serde_json::value::RawValue;

use super::error::ContentError;

/// Most arrays and objects inside one another in JSON that a plugin wrote itself. Many readers give
/// up at 128, and the answer around it nests too.
pub const MAX_NESTING: usize = 100;

/// JSON without the whitespace between its tokens; strings and numbers byte for byte as they are.
///
/// # Errors
/// For what is not JSON, nests deeper than [`MAX_NESTING`], or holds what some client could not read, so that it
/// would lose the whole answer: half a surrogate pair, or a number beyond every double.
pub(super) fn one_line(text: &str) -> Result<String, ContentError> {
    let json: &RawValue = serde_json::from_str(text)
        .map_err(|error| ContentError::new("the text of a JSON object", &error.to_string()))?;
    let mut rest = json.get();
    let mut line = String::with_capacity(rest.len());
    let mut depth = 0_usize;
    while let Some(first) = rest.bytes().next() {
        let length = token(rest, first);
        let (token, after) = rest.split_at_checked(length).unwrap_or((rest, ""));
        match first {
            b'[' | b'{' => depth += 1,
            b']' | b'}' => depth = depth.saturating_sub(1),
            b'"' => check_surrogates(token)?,
            b'-' | b'0'..=b'9' => check_number(token)?,
            _ => {}
        }
        if depth > MAX_NESTING {
            return Err(ContentError::new("JSON that nests at most 100 deep", text));
        }
        if !first.is_ascii_whitespace() {
            line.push_str(token);
        }
        rest = after;
    }
    Ok(line)
}

/// Returns the size of the token or whitespace at the start of `rest`, in bytes.
fn token(rest: &str, first: u8) -> usize {
    let run = |is_part: fn(&u8) -> bool| rest.bytes().take_while(is_part).count();
    match first {
        b'"' => string(rest.as_bytes()),
        b'-' | b'0'..=b'9' => run(|byte| matches!(byte, b'0'..=b'9' | b'-' | b'+' | b'.' | b'e' | b'E')),
        b'a'..=b'z' => run(u8::is_ascii_lowercase),
        _ if first.is_ascii_whitespace() => run(u8::is_ascii_whitespace),
        _ => 1,
    }
}

/// Returns the size of the string at the start of `rest`, in bytes.
fn string(rest: &[u8]) -> usize {
    let mut place = 1;
    while let Some(step) = rest.get(place..).and_then(|inner| memchr::memchr2(b'"', b'\\', inner)) {
        place += step;
        if rest.get(place) == Some(&b'"') {
            return place + 1;
        }
        place += 2; // a backslash and what it escapes
    }
    rest.len()
}

/// JSON's grammar takes any escape of four digits; only a reader that decodes it sees half a pair.
fn check_surrogates(token: &str) -> Result<(), ContentError> {
    let is_readable = !token.contains("\\u") || serde_json::from_str::<String>(token).is_ok();
    is_readable.then_some(()).ok_or_else(|| ContentError::new("surrogate escapes in pairs", token))
}

fn check_number(token: &str) -> Result<(), ContentError> {
    let is_readable = token.parse::<f64>().is_ok_and(f64::is_finite);
    is_readable.then_some(()).ok_or_else(|| ContentError::new("a number that a double can hold", token))
}
