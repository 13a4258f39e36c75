//! Percent-encodes and decodes parts of addresses and forms (RFC 3986 section 2.1).

use std::fmt::Write as _;

/// Percent-encodes what is not unreserved (section 2.3).
pub fn encoded(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    text.bytes().for_each(|byte| push(byte, b"", &mut out));
    out
}

/// Percent-encodes the same of a path, but for its slashes.
pub(crate) fn encoded_path(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len());
    bytes.iter().for_each(|byte| push(*byte, b"/", &mut out));
    out
}

fn push(byte: u8, plain: &[u8], out: &mut String) {
    match byte {
        b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => out.push(char::from(byte)),
        byte if plain.contains(&byte) => out.push(char::from(byte)),
        byte => {
            let _ = write!(out, "%{byte:02X}"); // a String takes everything
        }
    }
}

/// Undoes escapes; what only looks like one stays.
pub fn decoded(text: impl AsRef<[u8]>) -> Vec<u8> {
    let mut rest = text.as_ref();
    let mut out = Vec::with_capacity(rest.len());
    while let [byte, after @ ..] = rest {
        let digits = after.get(..2).and_then(|digits| std::str::from_utf8(digits).ok());
        let digits =
            digits.filter(|digits| *byte == b'%' && digits.bytes().all(|digit| digit.is_ascii_hexdigit()));
        let escaped = digits.and_then(|digits| u8::from_str_radix(digits, 16).ok());
        out.push(escaped.unwrap_or(*byte));
        rest = if escaped.is_some() { &after[2..] } else { after };
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_escaped_as_s3_escapes_it() {
        for (from, to) in [
            ("/a/b", "/a/b"),
            ("/a b+c", "/a%20b%2Bc"),
            ("/%61%2d%c3%a9", "/a-%C3%A9"),
            ("/100%", "/100%25"),
            ("/%+1", "/%25%2B1"),
            ("/é", "/%C3%A9"),
        ] {
            assert_eq!(encoded_path(&decoded(from)), to, "{from}");
        }
    }

    #[test]
    fn a_value_is_escaped_with_its_slashes() {
        assert_eq!(encoded("a/b c~é"), "a%2Fb%20c~%C3%A9");
    }
}
