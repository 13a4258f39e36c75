//! Counting.

use crate::TextCounts;

/// How fast adults read English prose silently (Brysbaert 2019, a review of 190 studies).
const WORDS_PER_MINUTE: f32 = 238.0;

/// Measures `text`.
pub(crate) fn count(text: &str) -> TextCounts {
    let words = text.split_whitespace().count();
    TextCounts {
        characters: saturate(text.chars().count()),
        words: saturate(words),
        lines: saturate(text.lines().count()),
        utf8_bytes: saturate(text.len()),
        reading_minutes: words as f32 / WORDS_PER_MINUTE,
    }
}

fn saturate(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::count;

    #[test]
    fn an_empty_text_has_nothing() {
        let counts = count("");
        assert_eq!((counts.characters, counts.words, counts.lines), (0, 0, 0));
        assert_eq!(counts.reading_minutes, 0.0);
    }

    #[test]
    fn characters_are_not_bytes() {
        let counts = count("Crème brûlée\n");
        assert_eq!((counts.characters, counts.utf8_bytes), (13, 16));
        assert_eq!((counts.words, counts.lines), (2, 1));
    }
}
