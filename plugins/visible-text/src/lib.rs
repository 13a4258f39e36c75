//! Texts as people see them: without characters that show nothing or turn the text around.
//!
//! A stranger can hide a message to a model in such characters, or show people another text than there is. The rules are
//! those of toolcell for texts of plugins (ADR 27), but here the characters are removed: a page or an issue must not fail
//! for them. Several sample plugins use it.

/// A text without hidden characters.
#[derive(Debug, Default, PartialEq)]
pub struct Visible {
    /// The text.
    pub text: String,
    /// The number of characters that were removed.
    pub removed: u32,
}

/// Removes hidden characters from a text.
pub fn visible(text: &str) -> Visible {
    let mut seen = Visible { text: String::with_capacity(text.len()), removed: 0 };
    let mut letters = text.chars().peekable();
    let mut before = None;
    while let Some(letter) = letters.next() {
        let kept = match letter {
            '\u{2028}' | '\u{2029}' | '\u{b}' | '\u{c}' | '\u{85}' => Some(' '),
            '\r' => (letters.peek() != Some(&'\n')).then_some('\n'),
            joiner if is_joiner(joiner) => joins(before, letters.peek().copied()).then_some(joiner),
            '\u{fe0e}' | '\u{fe0f}' => before.is_some_and(takes_style).then_some(letter),
            hidden if is_hidden(hidden) => None,
            shown => Some(shown),
        };
        match kept {
            Some(shown) => seen.text.push(shown),
            // The line feed that follows ends the line.
            None if letter == '\r' => {}
            None => seen.removed = seen.removed.saturating_add(1),
        }
        before = Some(letter);
    }
    seen
}

/// Tells whether a character joins or separates its neighbours: scripts such as Persian and Devanagari, and emoji.
fn is_joiner(letter: char) -> bool {
    matches!(letter, '\u{200c}' | '\u{200d}')
}

/// Tells whether there is something to join: letters of such scripts, or emoji, and not another joiner.
fn joins(before: Option<char>, after: Option<char>) -> bool {
    let is_joined = |letter: char| u32::from(letter) >= 0x600 && !is_joiner(letter) && !is_hidden(letter);
    before.is_some_and(is_joined) && after.is_some_and(is_joined)
}

/// Tells whether a symbol can be shown as text or as a picture.
fn takes_style(letter: char) -> bool {
    matches!(letter, '#' | '*' | '0'..='9' | '\u{a9}' | '\u{ae}')
        || ('\u{203c}'..='\u{1faff}').contains(&letter)
}

/// Tells whether a character shows nothing, or moves others: controls, soft hyphens, fillers, bidirectional and
/// zero-width characters, variation selectors, tags, private use, and what is not a character.
fn is_hidden(letter: char) -> bool {
    match letter {
        '\n' | '\t' => false,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' => true,
        '\u{180b}'..='\u{180f}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' => true,
        '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{fe00}'..='\u{fe0d}' | '\u{feff}' | '\u{ffa0}' => true,
        '\u{fff0}'..='\u{fffb}' | '\u{13430}'..='\u{1343f}' | '\u{1bca0}'..='\u{1bca3}' => true,
        '\u{1d159}' | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}' => true,
        '\u{e000}'..='\u{f8ff}' | '\u{f0000}'..='\u{10ffff}' | '\u{fdd0}'..='\u{fdef}' => true,
        other => other.is_control() || u32::from(other) & 0xfffe == 0xfffe,
    }
}

#[cfg(test)]
mod tests {
    use super::visible;

    #[test]
    fn what_nobody_sees_is_removed_and_counted() {
        let hidden =
            visible("a\u{200b}b\u{202e}c\u{e0041}\u{e0042}d\u{ad}e\u{feff}f\u{0}g\u{e000}h\u{fe00}i");
        assert_eq!((hidden.text.as_str(), hidden.removed), ("abcdefghi", 9));
    }

    #[test]
    fn what_scripts_and_emoji_need_stays() {
        for text in [
            "می\u{200c}خواهم",
            "क्\u{200d}ष",
            "👩\u{200d}💻",
            "❤\u{fe0f}",
            "1\u{fe0f}\u{20e3}",
            "naïve\tcafé\n",
        ] {
            assert_eq!((visible(text).text.as_str(), visible(text).removed), (text, 0));
        }
    }

    #[test]
    fn joiners_that_join_nothing_are_removed() {
        for text in ["a\u{200d}b", "\u{200c}", "می\u{200c}", "می\u{200c}\u{200d}\u{200c}خ", "a\u{fe0f}"]
        {
            assert!(visible(text).removed > 0, "{text:?}");
        }
    }

    #[test]
    fn ends_of_lines_are_line_feeds() {
        assert_eq!(visible("a\r\nb\rc\u{2028}d\u{85}e").text, "a\nb\nc d e");
        assert_eq!(visible("a\r\nb\rc\u{2028}d\u{85}e").removed, 0);
    }
}
