//! Tags with more attributes than any page needs.
//!
//! html5ever compares each attribute of a tag with all others, so a page of one tag could take minutes. Attributes beyond
//! a limit are left out before it reads them.

use std::borrow::Cow;

/// The most attributes of a tag: comparing them takes some milliseconds.
const MOST_ATTRIBUTES: usize = 2000;

/// Leaves out the attributes of each tag that are too many.
pub(super) fn limited(page: &str) -> Cow<'_, str> {
    let (mut kept, mut copied, mut at) = (String::new(), 0, 0);
    while let Some(start) = page[at..].find('<') {
        at += start + 1;
        if !page[at..].starts_with(|letter: char| letter.is_ascii_alphabetic()) {
            continue;
        }
        let tag = Tag::of(page, at);
        at = tag.end;
        // Two characters before the `>` stay: in a comment, which this takes for a tag, they are its end.
        let end = page.floor_char_boundary(tag.end.saturating_sub(2));
        if let Some(excess) = tag.excess.filter(|&excess| excess < end) {
            kept += &page[copied..excess];
            copied = end;
        }
    }
    match copied {
        0 => Cow::Borrowed(page),
        _ => Cow::Owned(kept + &page[copied..]),
    }
}

/// A tag, by the places of its parts.
struct Tag {
    /// The place of its `>`, or the end of the page.
    end: usize,
    /// The place of the first attribute that is too many.
    excess: Option<usize>,
}

impl Tag {
    /// Finds the end of a tag whose name is at `at`.
    fn of(page: &str, at: usize) -> Self {
        let (mut rest, mut count, mut excess) = (Rest { page, at }, 0, None);
        rest.skip(|byte| !byte.is_ascii_whitespace() && !b"/>".contains(&byte));
        loop {
            rest.skip(|byte| byte.is_ascii_whitespace() || byte == b'/');
            if matches!(rest.first(), None | Some(b'>')) {
                return Self { end: rest.at, excess };
            }
            count += 1;
            if count == MOST_ATTRIBUTES + 1 {
                excess = Some(rest.at);
            }
            rest.skip_attribute();
        }
    }
}

/// The rest of a page.
struct Rest<'p> {
    page: &'p str,
    at: usize,
}

impl Rest<'_> {
    fn first(&self) -> Option<u8> {
        self.page.as_bytes().get(self.at).copied()
    }

    fn skip(&mut self, is_skipped: impl Fn(u8) -> bool) {
        while self.first().is_some_and(&is_skipped) {
            self.at += 1;
        }
    }

    /// Skips a name and its value, as the standard of HTML reads them.
    fn skip_attribute(&mut self) {
        self.at += 1; // even `=`
        self.skip(|byte| !byte.is_ascii_whitespace() && !b"/>=".contains(&byte));
        self.skip(|byte| byte.is_ascii_whitespace());
        if self.first() != Some(b'=') {
            return;
        }
        self.at += 1;
        self.skip(|byte| byte.is_ascii_whitespace());
        match self.first() {
            Some(quote @ (b'"' | b'\'')) => {
                self.at += 1;
                self.skip(|byte| byte != quote);
                self.at = (self.at + 1).min(self.page.len());
            }
            _ => self.skip(|byte| !byte.is_ascii_whitespace() && byte != b'>'),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::borrow::Cow;

    use super::{MOST_ATTRIBUTES, limited};
    use crate::tree::Tree;

    fn attributes(number: usize) -> String {
        (0..number).map(|number| format!("a{number}='b>' ")).collect()
    }

    #[test]
    fn an_ordinary_page_stays_as_it_is() {
        for page in
            ["", "<", "<p", "<p a", "<p a=", "<p a='", "a < b", "<p a=b c = 'd>'>e</p>", "<p =a/b='c'd>ä"]
        {
            assert!(matches!(limited(page), Cow::Borrowed(kept) if kept == page), "{page}");
        }
        let page = format!("<p {}>x", attributes(MOST_ATTRIBUTES));
        assert!(limited(&page) == page);
    }

    #[test]
    fn attributes_that_are_too_many_are_left_out() {
        let page = format!("ä<p {}/>x<i {}>", attributes(MOST_ATTRIBUTES + 5000), attributes(3));
        let expected = format!("ä<p {} />x<i {}>", attributes(MOST_ATTRIBUTES), attributes(3));
        assert!(limited(&page) == expected);
        for page in ["<p a='1' b \u{e4}", "<p a=\u{e4}\u{e4}>"] {
            let page = page.replace(" a", &format!(" {}a", attributes(MOST_ATTRIBUTES + 1)));
            assert!(limited(&page).len() < page.len());
        }
    }

    #[test]
    fn a_comment_still_ends() {
        let page = format!("<!-- <b {} --><p>text", "word ".repeat(3 * MOST_ATTRIBUTES));
        let tree = Tree::parse(&page);
        assert!(tree.find("p").is_some());
    }

    #[test]
    fn a_page_of_one_tag_is_read_at_once() {
        let names = (0..400_000).map(|number| format!("{number:x} ")).collect::<String>();
        let tree = Tree::parse(&format!("<p {names}>text"));
        assert!(tree.attribute(tree.find("p").unwrap(), "a").is_some());
    }
}
