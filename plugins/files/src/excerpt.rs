//! Ranges of lines.

use crate::Excerpt;

/// Takes at most `max_lines` lines of `text`, starting with line `first_line` (from 1).
pub(crate) fn excerpt(text: &str, first_line: u32, max_lines: u32) -> Excerpt {
    let skipped = first_line.max(1) - 1;
    let lines: Vec<&str> =
        text.split_inclusive('\n').skip(skipped as usize).take(max_lines as usize).collect();
    let total_lines = text.lines().count() as u32;
    let (first_line, last_line) =
        if lines.is_empty() { (0, 0) } else { (skipped + 1, skipped + lines.len() as u32) };
    Excerpt { text: lines.concat(), first_line, last_line, total_lines }
}

#[cfg(test)]
mod tests {
    use super::excerpt;

    #[test]
    fn a_range_is_numbered_from_one() {
        let middle = excerpt("a\nb\nc\nd", 2, 2);
        assert_eq!(middle.text, "b\nc\n");
        assert_eq!((middle.first_line, middle.last_line, middle.total_lines), (2, 3, 4));
    }

    #[test]
    fn a_range_beyond_the_end_is_empty() {
        let nothing = excerpt("a\nb\n", 3, 10);
        assert_eq!((nothing.text.as_str(), nothing.first_line, nothing.last_line), ("", 0, 0));
        assert_eq!(nothing.total_lines, 2);
    }
}
