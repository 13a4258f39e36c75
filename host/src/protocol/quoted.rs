//! Quotes text of a client inside a message, so that it does no harm there.

use std::fmt::{self, Display, Formatter, Write};

/// Most characters of a client's text that a message repeats.
pub(super) const MAX_QUOTED_CHARS: usize = 64;

/// Displays text in quotes, control and other invisible characters escaped, at most
/// [`MAX_QUOTED_CHARS`] of its characters.
pub(super) struct Quoted<'a>(pub(super) &'a str);

impl Display for Quoted<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_char('\'')?;
        let mut characters = self.0.chars();
        for character in characters.by_ref().take(MAX_QUOTED_CHARS) {
            match character {
                '\'' | '"' => f.write_char(character)?,
                _ => write!(f, "{}", character.escape_debug())?,
            }
        }
        if characters.next().is_some() {
            f.write_str("...")?;
        }
        f.write_char('\'')
    }
}
