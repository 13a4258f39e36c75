//! A part of a long text.

/// A part of a text.
#[derive(Debug, PartialEq)]
pub(crate) struct Part<'t> {
    pub(crate) text: &'t str,
    /// The character at which the next part starts, if there is one.
    pub(crate) next: Option<u32>,
}

/// Returns at most `most` characters from one character on, if possible whole lines.
pub(crate) fn of(text: &str, start: usize, most: usize) -> Part<'_> {
    let Some((from, _)) = text.char_indices().nth(start) else { return Part { text: "", next: None } };
    let rest = &text[from..];
    let Some((end, _)) = rest.char_indices().nth(most) else { return Part { text: rest, next: None } };
    let part = &rest[..end];
    // A line that is longer than half of the part is cut.
    let part = match part.rfind('\n') {
        Some(line) if line >= part.len() / 2 => &part[..=line],
        _ => part,
    };
    Part { text: part, next: u32::try_from(start + part.chars().count()).ok() }
}

#[cfg(test)]
mod tests {
    use super::{Part, of};

    #[test]
    fn the_parts_together_are_the_text() {
        let text = "# Ü\n\nOne line.\n\nA second, longer line of text.\n".repeat(7);
        let (mut whole, mut start, mut parts) = (String::new(), 0, 0);
        loop {
            let part = of(&text, start, 50);
            assert!(!part.text.is_empty() && part.text.chars().count() <= 50);
            whole += part.text;
            parts += 1;
            match part.next {
                Some(next) => start = next as usize,
                None => break,
            }
        }
        assert_eq!(whole, text);
        assert!(parts > 5);
    }

    #[test]
    fn a_part_ends_with_a_line_if_that_is_not_too_early() {
        assert_eq!(of("one\ntwo\nthree", 0, 9), Part { text: "one\ntwo\n", next: Some(8) });
        assert_eq!(of("a\nlonger line", 0, 9), Part { text: "a\nlonger ", next: Some(9) });
    }

    #[test]
    fn there_is_nothing_behind_the_end() {
        assert_eq!(of("text", 4, 10), Part { text: "", next: None });
        assert_eq!(of("text", 0, 4), Part { text: "text", next: None });
    }
}
