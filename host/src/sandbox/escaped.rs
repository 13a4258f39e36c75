//! Counts text as it leaves the server: inside a string of JSON, where some characters take up to six bytes.

/// The most bytes that a byte of text takes in a JSON string.
const MAX_ESCAPE: usize = 6;

/// Returns the length of text inside a JSON string, in bytes.
pub(super) fn escaped_bytes(text: &str) -> usize {
    text.bytes().map(escaped_byte).sum()
}

/// Cuts text between characters, so that it takes at most `bytes` inside a JSON string.
pub(super) fn truncate_escaped(mut text: String, bytes: usize) -> String {
    if text.len().saturating_mul(MAX_ESCAPE) > bytes {
        let mut left = bytes;
        let end = text.bytes().position(|byte| match left.checked_sub(escaped_byte(byte)) {
            Some(rest) => {
                left = rest;
                false
            }
            None => true,
        });
        text.truncate(text.floor_char_boundary(end.unwrap_or(text.len())));
    }
    text
}

/// Returns the length of a byte of text inside a JSON string. Line ends and tabs may be written in fewer bytes.
fn escaped_byte(byte: u8) -> usize {
    match byte {
        b'"' | b'\\' => 2,
        0..32 | 127 => MAX_ESCAPE,
        _ => 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_counts_at_least_as_json_writes_it() {
        let every: String = (0..=300_u32).filter_map(char::from_u32).collect();
        for text in ["", "plain", "a \"quote\" \\", every.as_str()] {
            assert!(escaped_bytes(text) + 2 >= serde_json::to_string(text).unwrap().len(), "{text:?}");
        }
    }

    #[test]
    fn text_is_cut_between_characters_where_its_escapes_end() {
        for (text, bytes, expected) in [
            ("abc", 3, "abc"),
            ("abc", 2, "ab"),
            ("a\"b", 3, "a\""),
            ("a\"b", 2, "a"),
            ("aé", 2, "a"),
            ("\u{1}", 5, ""),
        ] {
            assert_eq!(truncate_escaped(text.to_owned(), bytes), expected, "{text:?} in {bytes}");
        }
    }
}
