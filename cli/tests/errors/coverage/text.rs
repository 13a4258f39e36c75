//! Texts as the source spells them, with gaps where a value is put in.

use std::fmt;

/// A text: its fixed pieces, with a gap between each and the next.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Text {
    pieces: Vec<String>,
    pub(super) said: TextSource,
}

/// The place of a text in the source.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum TextSource {
    /// At the place that makes the error: it belongs to what else stands there.
    Here,
    /// In a function that knows several, not all of which come here.
    Elsewhere,
}

impl Text {
    /// A text that is known to the last letter.
    pub(super) fn fixed(text: &str) -> Self {
        Self::of(vec![text.to_owned()])
    }

    /// A text that is only known when the program runs.
    pub(super) fn any() -> Self {
        Self::of(vec![String::new(), String::new()])
    }

    /// The text of a format string: `{...}` is a gap.
    pub(super) fn format(text: &str) -> Self {
        let mut pieces = vec![String::new()];
        let mut letters = text.chars().peekable();
        while let Some(letter) = letters.next() {
            let doubled = letters.peek() == Some(&letter);
            match letter {
                '{' | '}' if doubled => {
                    letters.next();
                    pieces.last_mut().expect("there is a piece").push(letter);
                }
                '{' => {
                    letters.by_ref().find(|letter| *letter == '}');
                    pieces.push(String::new());
                }
                _ => pieces.last_mut().expect("there is a piece").push(letter),
            }
        }
        Self::of(pieces)
    }

    fn of(pieces: Vec<String>) -> Self {
        Self { pieces, said: TextSource::Here }
    }

    /// The same text, as one of several that a function knows.
    pub(super) fn elsewhere(self) -> Self {
        Self { said: TextSource::Elsewhere, ..self }
    }

    /// Tells whether the source says anything of the text.
    pub(super) fn says_something(&self) -> bool {
        self.pieces.iter().any(|piece| piece.chars().any(char::is_alphabetic))
    }

    /// Tells whether a text that was printed can be this one.
    pub(super) fn fits(&self, printed: &str) -> bool {
        let [first, middle @ .., last] = self.pieces.as_slice() else { return self.pieces[0] == printed };
        let Some(mut rest) = printed.strip_prefix(first.as_str()) else { return false };
        for piece in middle {
            let Some(at) = rest.find(piece.as_str()) else { return false };
            rest = &rest[at + piece.len()..];
        }
        rest.ends_with(last.as_str())
    }

    /// Tells whether a line ends with this text.
    pub(super) fn ends(&self, line: &str) -> bool {
        let starts = line.match_indices(": ").map(|(at, _)| &line[at + 2..]);
        starts.into_iter().any(|rest| self.fits(rest))
    }
}

impl fmt::Display for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.pieces.join("{}"))
    }
}

#[test]
fn a_text_fits_what_is_printed_of_it() {
    let text = Text::format("function {name} is not {{what}} {PACKAGE:?} says");
    assert!(text.fits("function a:b is not {what} x says"));
    assert!(!text.fits("function a:b is not what x says"));
    assert!(!text.fits("a function a:b is not {what} x says"));
    assert!(Text::fixed("is there").fits("is there") && !Text::fixed("is there").fits("is there already"));
    assert!(text.ends("plugin `x`: y.wasm: function z is not {what} a says"));
    assert!(Text::any().fits("") && !Text::any().says_something());
}
