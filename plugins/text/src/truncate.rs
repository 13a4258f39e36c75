//! Truncation.

use crate::{TextError, Truncation};

/// Shortens `text` to `max_length` characters, `ending` included.
///
/// The cut is after the last whole word that fits; a single word longer than that is cut anywhere.
///
/// # Errors
/// [`TextError::EndingTooLong`] where not even `ending` fits and something must be cut.
pub(crate) fn truncate(text: &str, max_length: usize, ending: &str) -> Result<Truncation, TextError> {
    let length = text.chars().count();
    if length <= max_length {
        return Ok(Truncation { text: text.to_owned(), removed: 0 });
    }
    let ending_length = ending.chars().count();
    let Some(room) = max_length.checked_sub(ending_length) else {
        return Err(TextError::EndingTooLong(ending_length as u32));
    };
    let kept = cut(text, room);
    let removed = length - kept.chars().count();
    Ok(Truncation { text: format!("{kept}{ending}"), removed: removed as u32 })
}

/// The longest start of `text` of at most `room` characters that ends with a word, or else with any character.
fn cut(text: &str, room: usize) -> &str {
    let end = text.char_indices().nth(room).map_or(text.len(), |(at, _)| at);
    let (start, rest) = text.split_at(end);
    if rest.starts_with(char::is_whitespace) {
        return start.trim_end();
    }
    match start.rfind(char::is_whitespace) {
        Some(space) if !start[..space].trim().is_empty() => start[..space].trim_end(),
        _ => start,
    }
}

#[cfg(test)]
mod tests {
    use super::truncate;
    use crate::TextError;

    #[test]
    fn a_text_that_fits_is_unchanged() {
        let whole = truncate("exactly", 7, "…").unwrap();
        assert_eq!((whole.text.as_str(), whole.removed), ("exactly", 0));
    }

    #[test]
    fn a_text_is_cut_after_a_whole_word() {
        let short = truncate("The quick brown fox", 12, "…").unwrap();
        assert_eq!((short.text.as_str(), short.removed), ("The quick…", 10));
        assert_eq!(truncate("The quick brown fox", 10, "…").unwrap().text, "The quick…");
    }

    #[test]
    fn a_single_long_word_is_cut_anywhere() {
        assert_eq!(truncate("Überraschung", 6, "...").unwrap().text, "Übe...");
    }

    #[test]
    fn an_ending_longer_than_the_limit_is_refused() {
        assert!(matches!(truncate("long text", 2, "..."), Err(TextError::EndingTooLong(3))));
    }
}
