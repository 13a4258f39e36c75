//! Texts of strangers, for a model to read: without what people do not see in them, and not endless.
//!
//! A tracker shows texts as Markdown, in which a comment of HTML is not visible. Somebody could write in it what only a
//! model reads.

use visible_text::visible;

use crate::exports::samples::issues::tools::WrittenText;

/// The most characters of a text.
const TEXT_CHARS: usize = 20_000;

/// Returns a text in Markdown as people see it.
pub(crate) fn text(markdown: &str) -> WrittenText {
    let seen = visible(&without_comments(markdown)).text;
    let start: String = seen.chars().take(TEXT_CHARS).collect();
    WrittenText { is_cut: start.len() < seen.len(), text: start }
}

/// Returns a text as one line of at most this many characters, and `…` if there were more.
pub(crate) fn line(text: &str, most: usize) -> String {
    let seen = visible(&text.split_whitespace().collect::<Vec<_>>().join(" ")).text;
    match seen.char_indices().nth(most) {
        Some((end, _)) => format!("{}…", &seen[..end]),
        None => seen,
    }
}

/// Removes comments of HTML, but not from blocks of code, where they are shown.
fn without_comments(markdown: &str) -> String {
    let (mut kept, mut fence, mut in_comment) = (String::with_capacity(markdown.len()), None, false);
    for line in markdown.split_inclusive('\n') {
        let mark = (!in_comment).then(|| fence_of(line)).flatten();
        match (fence, mark) {
            (Some(open), Some(mark)) if open == mark => fence = None,
            (None, Some(mark)) => fence = Some(mark),
            _ => {}
        }
        if fence.is_some() || mark.is_some() {
            kept += line;
            continue;
        }
        in_comment = keep_visible(line, in_comment, &mut kept);
    }
    kept
}

/// Returns the character of the fence that a line is, if it is one.
fn fence_of(line: &str) -> Option<char> {
    let line = line.trim_start();
    ['`', '~'].into_iter().find(|&mark| line.starts_with(&mark.to_string().repeat(3)))
}

/// Keeps what is visible of a line, and returns whether a comment goes on behind it.
fn keep_visible(line: &str, mut in_comment: bool, kept: &mut String) -> bool {
    let mut rest = line;
    loop {
        let end = if in_comment { "-->" } else { "<!--" };
        let Some((before, after)) = rest.split_once(end) else { break };
        if !in_comment {
            *kept += before;
        }
        in_comment = !in_comment;
        rest = after;
    }
    if !in_comment {
        *kept += rest;
    }
    in_comment
}

#[cfg(test)]
mod tests {
    use super::{TEXT_CHARS, line, text};

    #[test]
    fn what_people_do_not_see_is_left_out() {
        for (markdown, seen) in [
            ("a <!-- b --> c", "a  c"),
            ("a<!-- b\nc -->d<!--e", "ad"),
            ("a\u{200b}b", "ab"),
            ("<!-- a\n```\nb\n-->c", "c"),
            ("<!-<!-- x -->- a -->", "<!-- a -->"),
        ] {
            assert_eq!(text(markdown).text, seen, "{markdown}");
        }
    }

    #[test]
    fn code_is_shown_as_it_is() {
        for code in ["```html\n<!-- a -->\n```\n", "~~~\n```\n<!-- a -->\n~~~\nb", "  ```\n<!-- a"] {
            assert_eq!(text(code).text, code);
        }
        assert_eq!(text("```\nx\n```\n<!-- a -->b").text, "```\nx\n```\nb");
    }

    #[test]
    fn long_texts_are_cut_and_say_so() {
        let long = text(&"ü".repeat(TEXT_CHARS + 1));
        assert_eq!((long.text.chars().count(), long.is_cut), (TEXT_CHARS, true));
        assert!(!text(&"ü".repeat(TEXT_CHARS)).is_cut);
        assert_eq!(line(" a \n b\u{202e} ", 3), "a b");
        assert_eq!(line("abcd", 3), "abc…");
    }
}
