//! Shows text that a client sent, inside a message, without letting it do harm there.

use std::fmt::{self, Display, Formatter, Write};

/// How many characters of a client's text a message repeats.
pub(super) const MAX_ECHO_CHARS: usize = 64;

/// Displays text in quotes, control and other invisible characters escaped, at most
/// [`MAX_ECHO_CHARS`] of its characters.
pub(super) struct Quoted<'a>(pub(super) &'a str);

impl Display for Quoted<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_char('\'')?;
        let mut characters = self.0.chars();
        for character in characters.by_ref().take(MAX_ECHO_CHARS) {
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
