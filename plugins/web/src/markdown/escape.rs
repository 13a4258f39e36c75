//! Characters that would mean something in Markdown, written so that they are text.

use url::Url;

/// Adds a character of a text of which this is the rest.
pub(super) fn letter(written: &mut String, letter: char, rest: &str, in_table: bool) {
    let before = written.chars().next_back();
    let after = rest.chars().next();
    let is_mark = match letter {
        '\\' | '`' | '*' | '[' | ']' => true,
        // Within a word, it is text.
        '_' => !(before.is_some_and(char::is_alphanumeric) && after.is_some_and(char::is_alphanumeric)),
        '~' => before == Some('~') || after == Some('~'),
        '<' => after.is_none_or(|after| after.is_ascii_alphabetic() || "/!?".contains(after)),
        '&' => is_entity(rest),
        '|' => in_table,
        _ => false,
    };
    if is_mark {
        written.push('\\');
    }
    written.push(letter);
}

/// Tells whether what follows `&` makes it a character reference.
fn is_entity(rest: &str) -> bool {
    let end = rest.find(|letter: char| !letter.is_ascii_alphanumeric() && letter != '#');
    end.is_some_and(|end| (1..=32).contains(&end) && rest[end..].starts_with(';'))
}

/// Writes an address so that it can be the target of a link, in a cell as well.
pub(super) fn url(url: &Url) -> String {
    let mut text = String::with_capacity(url.as_str().len());
    for letter in url.as_str().chars() {
        match letter {
            '(' | ')' | '\\' | '|' | '<' | '>' => text += &format!("%{:02X}", u32::from(letter)),
            plain => text.push(plain),
        }
    }
    text
}

/// Writes the lines of a paragraph so that none begins another block.
pub(super) fn lines(text: &str) -> String {
    text.split('\n').map(line).collect::<Vec<_>>().join("\n")
}

/// Writes the text of a heading so that a `#` at its end belongs to it.
pub(super) fn heading(text: &str) -> String {
    match text.strip_suffix('#') {
        Some(start) => format!("{start}\\#"),
        None => text.to_owned(),
    }
}

fn line(line: &str) -> String {
    match mark(line) {
        Some(at) => format!("{}\\{}", &line[..at], &line[at..]),
        None => line.to_owned(),
    }
}

/// Finds the character of a line that has to be escaped, lest the line begins a heading, a quote, a list, a table or a
/// rule.
fn mark(line: &str) -> Option<usize> {
    let ends_word = |rest: &str| rest.is_empty() || rest.starts_with(' ');
    let first = line.chars().next()?;
    let is_mark = match first {
        '#' => ends_word(line.trim_start_matches('#')),
        '>' => true,
        '+' => ends_word(&line[1..]),
        '-' => ends_word(&line[1..]) || is_made_of(line, "-:| "),
        '=' => is_made_of(line, "= "),
        ':' | '|' => is_made_of(line, "-:| "),
        _ => false,
    };
    if is_mark {
        return Some(0);
    }
    let digits = line.len() - line.trim_start_matches(|letter: char| letter.is_ascii_digit()).len();
    let rest = line[digits..].strip_prefix(['.', ')']);
    (digits > 0 && rest.is_some_and(ends_word)).then_some(digits)
}

fn is_made_of(line: &str, letters: &str) -> bool {
    line.chars().all(|letter| letters.contains(letter))
}

#[cfg(test)]
mod tests {
    use super::{letter, lines, url};

    fn escaped(text: &str, in_table: bool) -> String {
        let mut written = String::new();
        for (at, one) in text.char_indices() {
            letter(&mut written, one, &text[at + one.len_utf8()..], in_table);
        }
        written
    }

    #[test]
    fn marks_are_escaped_and_other_characters_are_not() {
        for (text, expected) in [
            ("a*b `c` [d](e)", r"a\*b \`c\` \[d\](e)"),
            ("snake_case _x_", r"snake_case \_x\_"),
            ("a < b <c> </d> <!--", r"a < b \<c> \</d> \<!--"),
            ("AT&T &amp; &#123; & ;", r"AT&T \&amp; \&#123; & ;"),
            ("~5 ~~x~~", r"~5 \~\~x\~\~"),
            (r"C:\x | y!", r"C:\\x | y!"),
        ] {
            assert_eq!(escaped(text, false), expected);
        }
        assert_eq!(escaped("a|b", true), r"a\|b");
    }

    #[test]
    fn no_line_of_a_paragraph_begins_another_block() {
        for (text, expected) in [
            ("# a", r"\# a"),
            ("###", r"\###"),
            ("#tag", "#tag"),
            ("> a", r"\> a"),
            ("- a", r"\- a"),
            ("-a", "-a"),
            ("---", r"\---"),
            ("a\n===", "a\n\\==="),
            ("+", r"\+"),
            ("12. a", r"12\. a"),
            ("1) a", r"1\) a"),
            ("1.5 a", "1.5 a"),
            ("2026", "2026"),
            ("a\n|--|", "a\n\\|--|"),
            ("", ""),
        ] {
            assert_eq!(lines(text), expected);
        }
    }

    #[test]
    fn an_address_ends_where_its_link_does() {
        let address = url::Url::parse("https://example.com/a_(b)?c=d|e\\f<g>").unwrap();
        assert_eq!(url(&address), "https://example.com/a_%28b%29?c=d%7Ce%5Cf%3Cg%3E");
    }
}
