//! Judges texts that a model, a person or the log will read, wherever they come from: WIT, `plugin.toml`, a packed
//! component, or a plugin at run time.
//!
//! The reader of a text must see all of it, in its order. So a text holds no control characters but tabs and ends of
//! lines, and nothing that turns writing around, takes no space or has no agreed meaning. Some scripts and emoji need
//! characters that take no space: [`joiner`] says where those may stand. The results of tools are data, and are not
//! judged.

mod joiner;
pub mod schema;
#[cfg(test)]
mod tests;

use std::borrow::Cow;
use std::fmt;

/// The longest description, in characters; some clients cut at 1,024, none was seen to take less.
pub const DESCRIPTION_CHARS: usize = 8_192;

/// The longest title, in characters.
pub const TITLE_CHARS: usize = 128;

/// The longest name of a resource, in characters: file systems take no longer ones.
pub const RESOURCE_NAME_CHARS: usize = 255;

/// The longest instructions of a server, in characters.
pub const INSTRUCTIONS_CHARS: usize = 65_536;

/// Names the fault of a text.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TextError {
    /// A character that shows nothing or turns the text around.
    #[error("U+{code:04X} at character {at}: a control, bidirectional or invisible character", code = u32::from(*.character))]
    Hidden {
        /// The character.
        character: char,
        /// Its position, from 1.
        at: usize,
    },
    /// A character that joins others, where there is nothing to join.
    #[error("U+{code:04X} at character {at}: it joins characters, and these do not join", code = u32::from(*.character))]
    Joins {
        /// The character.
        character: char,
        /// Its position, from 1.
        at: usize,
    },
    /// Longer than the cap.
    #[error("{chars} characters, at most {cap} are accepted")]
    Long {
        /// Its length.
        chars: usize,
        /// The cap.
        cap: usize,
    },
}

/// Checks a text against a cap, and for characters that a reader would not see.
///
/// # Errors
/// The first fault.
pub fn check(text: &str, cap: usize) -> Result<(), TextError> {
    let mut chars = 0;
    for (character, sight) in sights(text) {
        chars += 1;
        match sight {
            Sight::Seen => {}
            Sight::Hidden => return Err(TextError::Hidden { character, at: chars }),
            Sight::JoinsNothing => return Err(TextError::Joins { character, at: chars }),
        }
    }
    if chars > cap { Err(TextError::Long { chars, cap }) } else { Ok(()) }
}

/// Puts U+FFFD in the place of characters that a reader would not see: for texts that are partly data, and must not fail
/// for it.
pub fn seen(text: &str) -> Cow<'_, str> {
    if sights(text).all(|(_, sight)| sight == Sight::Seen) {
        return Cow::Borrowed(text);
    }
    let replaced = sights(text).map(|(character, sight)| match sight {
        Sight::Seen => character,
        Sight::Hidden | Sight::JoinsNothing => char::REPLACEMENT_CHARACTER,
    });
    Cow::Owned(replaced.collect())
}

/// What a reader sees of a character at its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Sight {
    Seen,
    Hidden,
    JoinsNothing,
}

/// Judges each character of a text at its place.
fn sights(text: &str) -> impl Iterator<Item = (char, Sight)> {
    let mut before = None;
    let mut letters = text.chars().peekable();
    std::iter::from_fn(move || {
        let character = letters.next()?;
        let after = letters.peek().copied();
        let sight = match character {
            joiner if joiner::is_joiner(joiner) => match joiner::joins(joiner, before, after) {
                true => Sight::Seen,
                false => Sight::JoinsNothing,
            },
            '\r' if after == Some('\n') => Sight::Seen,
            hidden if is_hidden(hidden) => Sight::Hidden,
            _ => Sight::Seen,
        };
        before = Some(character);
        Some((character, sight))
    })
}

/// Tells whether a reader would not see a character, or would see other characters elsewhere because of it; tabs and
/// ends of lines are seen.
pub fn is_hidden(character: char) -> bool {
    match character {
        '\n' | '\t' => false,
        // Soft hyphen, grapheme joiner, Arabic letter mark, Hangul and Khmer fillers, Mongolian separators.
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' => true,
        '\u{180b}'..='\u{180f}' => true,
        // Zero-width and bidirectional characters, invisible operators; the joiners have a rule of their own.
        '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' => true,
        '\u{3164}' | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}' => true,
        // Variation selectors but those of emoji, format controls of hieroglyphs, shorthand and music, tags.
        '\u{fe00}'..='\u{fe0d}' | '\u{13430}'..='\u{1343f}' => true,
        '\u{1bca0}'..='\u{1bca3}' | '\u{1d159}' | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}' => {
            true
        }
        // Private use.
        '\u{e000}'..='\u{f8ff}' | '\u{f0000}'..='\u{10ffff}' => true,
        '\u{fdd0}'..='\u{fdef}' => true,
        other => other.is_control() || u32::from(other) & 0xfffe == 0xfffe,
    }
}

/// A text from outside, as a terminal shows it: hidden characters as `\u{...}`.
#[derive(Clone, Copy, Debug)]
pub struct Shown<'t>(pub &'t str);

impl fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        use fmt::Write as _;
        self.0.chars().try_for_each(|character| match character {
            hidden if is_hidden(hidden) => write!(f, "{}", hidden.escape_unicode()),
            shown => f.write_char(shown),
        })
    }
}
