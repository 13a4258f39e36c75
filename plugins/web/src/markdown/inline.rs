//! The text of one paragraph, heading or cell, with its emphasis, links and code.
//!
//! White space and the start of a mark wait until there is a character to write, so that no mark has a space on its
//! inner side: `a<b> b </b>c` becomes `a **b** c`.

use url::Url;

use super::code;
use super::escape;

/// White space that waits for the next character.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Gap {
    #[default]
    None,
    Space,
    Line,
}

/// Emphasis, or a link.
#[derive(Clone, Debug)]
pub(super) struct Mark {
    opening: &'static str,
    closing: String,
    /// Whether `opening` is written.
    is_written: bool,
}

impl Mark {
    pub(super) fn strong() -> Self {
        Self::of("**")
    }

    pub(super) fn emphasis() -> Self {
        Self::of("*")
    }

    pub(super) fn deleted() -> Self {
        Self::of("~~")
    }

    pub(super) fn link(url: &Url) -> Self {
        Self { opening: "[", closing: format!("]({})", escape::url(url)), is_written: false }
    }

    fn of(mark: &'static str) -> Self {
        Self { opening: mark, closing: mark.to_owned(), is_written: false }
    }
}

/// The text of one paragraph, heading or cell.
#[derive(Debug, Default)]
pub(super) struct Inline {
    text: String,
    gap: Gap,
    marks: Vec<Mark>,
    in_table: bool,
}

impl Inline {
    pub(super) fn bytes(&self) -> usize {
        self.text.len()
    }

    /// Tells whether the text is that of a cell, in which `|` ends it.
    pub(super) fn in_table(&mut self, in_table: bool) {
        self.in_table = in_table;
    }

    /// Adds white space, of which the widest counts.
    pub(super) fn gap(&mut self, gap: Gap) {
        self.gap = self.gap.max(gap);
    }

    /// Adds a text of the page.
    pub(super) fn text(&mut self, text: &str) {
        for (at, letter) in text.char_indices() {
            if letter.is_whitespace() {
                self.gap(Gap::Space);
                continue;
            }
            self.begin();
            let rest = &text[at + letter.len_utf8()..];
            escape::letter(&mut self.text, letter, rest, self.in_table);
        }
    }

    /// Adds a span of code.
    pub(super) fn code(&mut self, text: &str) {
        if let Some(span) = code::span(text) {
            self.begin();
            self.text += &if self.in_table { span.replace('|', "\\|") } else { span };
        }
    }

    /// Adds an image.
    pub(super) fn image(&mut self, alt: &str, url: &Url) {
        self.begin();
        let words = alt.split_whitespace().collect::<Vec<_>>().join(" ");
        self.text += "![";
        for (at, letter) in words.char_indices() {
            escape::letter(&mut self.text, letter, &words[at + letter.len_utf8()..], self.in_table);
        }
        self.text += &format!("]({})", escape::url(url));
    }

    /// Begins emphasis or a link, unless one of its kind is open.
    pub(super) fn open(&mut self, mark: Mark) -> bool {
        let is_new = self.marks.iter().all(|other| other.opening != mark.opening);
        if is_new {
            self.marks.push(mark);
        }
        is_new
    }

    /// Ends what began last. What has no text was never written.
    pub(super) fn close(&mut self) {
        if let Some(mark) = self.marks.pop().filter(|mark| mark.is_written) {
            self.text += &mark.closing;
        }
    }

    /// Returns the text. Marks that are open begin again with the next text.
    pub(super) fn take(&mut self) -> String {
        for mark in self.marks.iter_mut().rev().filter(|mark| mark.is_written) {
            self.text += &mark.closing;
            mark.is_written = false;
        }
        self.gap = Gap::None;
        std::mem::take(&mut self.text)
    }

    /// Writes what waits for the next character.
    fn begin(&mut self) {
        if !self.text.is_empty() {
            match self.gap {
                Gap::None => {}
                Gap::Space => self.text.push(' '),
                Gap::Line => self.text.push('\n'),
            }
        }
        self.gap = Gap::None;
        for mark in self.marks.iter_mut().filter(|mark| !mark.is_written) {
            mark.is_written = true;
            let is_link = mark.opening == "[";
            match self.text.strip_suffix(mark.opening) {
                // `**a****b**` is `**ab**`; a bracket at the end is escaped.
                Some(before) if !is_link && !before.ends_with('\\') => self.text.truncate(before.len()),
                _ => {
                    if is_link && self.text.ends_with('!') {
                        self.text.insert(self.text.len() - 1, '\\');
                    }
                    self.text += mark.opening;
                }
            }
        }
    }
}
