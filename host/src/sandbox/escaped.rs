//! Counts text as it leaves the server: inside a string of JSON, where some characters take up to six bytes.

/// The most bytes that a byte of text takes in a JSON string of an event.
const MAX_ESCAPE: usize = 6;

/// Returns the length of text inside a JSON string, in bytes.
pub(super) fn escaped_bytes(text: &str) -> usize {
    text.chars().map(escaped_char).sum()
}

/// Cuts text between characters, so that it takes at most `bytes` inside a JSON string.
pub(super) fn truncate_escaped(mut text: String, bytes: usize) -> String {
    if text.len().saturating_mul(MAX_ESCAPE) > bytes {
        let mut left = bytes;
        let end =
            text.char_indices().find(|(_, character)| match left.checked_sub(escaped_char(*character)) {
                Some(rest) => {
                    left = rest;
                    false
                }
                None => true,
            });
        text.truncate(end.map_or(text.len(), |(place, _)| place));
    }
    text
}

/// Returns the length of a character inside a JSON string of an event. CR, LF and tabs may be written in fewer bytes.
fn escaped_char(character: char) -> usize {
    match character {
        '"' | '\\' => 2,
        '\0'..' ' | '\u{7f}' | '\u{85}' | '\u{2028}' | '\u{2029}' => MAX_ESCAPE,
        other => other.len_utf8(),
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
        assert_eq!(
            escaped_bytes("\u{85}\u{2028}\u{2029}"),
            r"\u0085\u2028\u2029".len(),
            "as an event has them"
        );
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
            ("a\u{2028}", 6, "a"),
        ] {
            assert_eq!(truncate_escaped(text.to_owned(), bytes), expected, "{text:?} in {bytes}");
        }
    }
}
