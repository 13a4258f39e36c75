//! Line diffs: Myers' shortest edit script, written in the unified format.

use crate::{TextDiff, TextError};

/// Lines that may differ before the comparison is given up. Time and memory grow with its square:
/// 2,000 differing lines take 16 MB.
const MAX_DIFFERENCES: usize = 2_000;

/// The change of one line.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Edit {
    Keep,
    Remove,
    Add,
}

/// Compares two texts line by line.
///
/// # Errors
/// [`TextError::TooDifferent`] beyond [`MAX_DIFFERENCES`].
pub(crate) fn diff(before: &str, after: &str, context: usize) -> Result<TextDiff, TextError> {
    let before: Vec<&str> = before.split_inclusive('\n').collect();
    let after: Vec<&str> = after.split_inclusive('\n').collect();
    let edits = shortest_script(&before, &after).ok_or(TextError::TooDifferent(MAX_DIFFERENCES as u32))?;
    let number = |wanted: Edit| edits.iter().filter(|edit| **edit == wanted).count() as u32;
    Ok(TextDiff {
        added: number(Edit::Add),
        removed: number(Edit::Remove),
        unified: unified(&before, &after, &edits, context),
    })
}

/// The edits that lead from `before` to `after`, as few as possible.
fn shortest_script(before: &[&str], after: &[&str]) -> Option<Vec<Edit>> {
    let limit = MAX_DIFFERENCES.min(before.len() + after.len());
    // `reach[k + offset]`: how far into `before` a path on diagonal k (lines of before minus lines of after) gets.
    let offset = limit + 1;
    let mut reach = vec![0_usize; 2 * offset + 1];
    let mut history = Vec::new();
    for cost in 0..=limit {
        history.push(reach[offset - cost..=offset + cost].to_vec());
        for diagonal in (offset - cost..=offset + cost).step_by(2) {
            let down = diagonal == offset - cost
                || (diagonal != offset + cost && reach[diagonal - 1] < reach[diagonal + 1]);
            let mut x = if down { reach[diagonal + 1] } else { reach[diagonal - 1] + 1 };
            let mut y = x + offset - diagonal;
            while x < before.len() && y < after.len() && before[x] == after[y] {
                (x, y) = (x + 1, y + 1);
            }
            reach[diagonal] = x;
            if x >= before.len() && y >= after.len() {
                return Some(walk_back(before.len(), after.len(), &history));
            }
        }
    }
    None
}

/// Follows the recorded paths from the end back to the start.
fn walk_back(mut x: usize, mut y: usize, history: &[Vec<usize>]) -> Vec<Edit> {
    let mut edits = Vec::new();
    for (cost, reach) in history.iter().enumerate().rev() {
        // Here `reach[i]` belongs to the diagonal `i - cost`; shifted by `cost` everything stays unsigned.
        let diagonal = x + cost - y;
        let down = diagonal == 0 || (diagonal != 2 * cost && reach[diagonal - 1] < reach[diagonal + 1]);
        let previous = if down { diagonal + 1 } else { diagonal.wrapping_sub(1) };
        let (start_x, start_y) = match cost {
            0 => (0, 0),
            _ => (reach[previous], reach[previous] + cost - previous),
        };
        while x > start_x && y > start_y {
            edits.push(Edit::Keep);
            (x, y) = (x - 1, y - 1);
        }
        if cost > 0 {
            edits.push(if down { Edit::Add } else { Edit::Remove });
            (x, y) = (start_x, start_y);
        }
    }
    edits.reverse();
    edits
}

/// Writes the edits as hunks with `context` unchanged lines around each change.
fn unified(before: &[&str], after: &[&str], edits: &[Edit], context: usize) -> String {
    let mut output = String::new();
    let (mut x, mut y, mut at) = (0, 0, 0);
    for (start, end) in hunks(edits, context) {
        // Everything between two hunks is kept.
        (x, y) = (x + start - at, y + start - at);
        at = end;
        let hunk = &edits[start..end];
        let removed = hunk.iter().filter(|edit| **edit != Edit::Add).count();
        let added = hunk.iter().filter(|edit| **edit != Edit::Remove).count();
        output += &format!("@@ -{} +{} @@\n", range(x, removed), range(y, added));
        for edit in hunk {
            let (sign, line) = match edit {
                Edit::Add => ('+', after[y]),
                Edit::Remove => ('-', before[x]),
                Edit::Keep => (' ', before[x]),
            };
            x += usize::from(*edit != Edit::Add);
            y += usize::from(*edit != Edit::Remove);
            write_line(&mut output, sign, line);
        }
    }
    output
}

/// The parts of `edits` to show: changes with their context, merged where these touch.
fn hunks(edits: &[Edit], context: usize) -> Vec<(usize, usize)> {
    let mut hunks: Vec<(usize, usize)> = Vec::new();
    for (at, _) in edits.iter().enumerate().filter(|(_, edit)| **edit != Edit::Keep) {
        let start = at.saturating_sub(context);
        let end = at.saturating_add(context).saturating_add(1).min(edits.len());
        match hunks.last_mut() {
            Some(last) if start <= last.1 => last.1 = end,
            _ => hunks.push((start, end)),
        }
    }
    hunks
}

/// The range of a hunk header: first line and length, which is left out when it is 1.
fn range(start: usize, length: usize) -> String {
    match length {
        0 => format!("{start},0"),
        1 => format!("{}", start + 1),
        _ => format!("{},{length}", start + 1),
    }
}

fn write_line(output: &mut String, sign: char, line: &str) {
    output.push(sign);
    output.push_str(line);
    if !line.ends_with('\n') {
        output.push_str("\n\\ No newline at end of file\n");
    }
}

#[cfg(test)]
mod tests {
    use super::{MAX_DIFFERENCES, diff};
    use crate::TextError;

    #[test]
    fn equal_texts_have_no_diff() {
        let diff = diff("a\nb\n", "a\nb\n", 3).unwrap();
        assert_eq!((diff.added, diff.removed, diff.unified.as_str()), (0, 0, ""));
    }

    #[test]
    fn a_changed_line_is_shown_with_its_context() {
        let diff = diff("1\n2\n3\n4\n5\n", "1\n2\nthree\n4\n5\n", 1).unwrap();
        assert_eq!((diff.added, diff.removed), (1, 1));
        assert_eq!(diff.unified, "@@ -2,3 +2,3 @@\n 2\n-3\n+three\n 4\n");
    }

    #[test]
    fn changes_far_apart_are_hunks_of_their_own() {
        let diff = diff("a\n1\n2\n3\nb\n", "A\n1\n2\n3\nb\nc\n", 1).unwrap();
        assert_eq!(diff.unified, "@@ -1,2 +1,2 @@\n-a\n+A\n 1\n@@ -5 +5,2 @@\n b\n+c\n");
    }

    #[test]
    fn an_empty_text_is_all_added_or_all_removed() {
        assert_eq!(diff("", "a\n", 3).unwrap().unified, "@@ -0,0 +1 @@\n+a\n");
        assert_eq!(diff("a\n", "", 3).unwrap().unified, "@@ -1 +0,0 @@\n-a\n");
    }

    #[test]
    fn a_missing_final_newline_is_a_difference() {
        let diff = diff("a\n", "a", 3).unwrap();
        assert_eq!(diff.unified, "@@ -1 +1 @@\n-a\n+a\n\\ No newline at end of file\n");
    }

    #[test]
    fn the_script_is_a_shortest_one() {
        let lines = |text: &str| text.chars().map(|c| format!("{c}\n")).collect::<String>();
        let diff = diff(&lines("ABCABBA"), &lines("CBABAC"), 0).unwrap();
        assert_eq!(diff.added + diff.removed, 5);
    }

    #[test]
    fn texts_at_the_limit_are_compared_and_texts_beyond_it_are_refused() {
        let lines = |number: usize| (0..number).map(|n| format!("{n}\n")).collect::<String>();
        assert_eq!(diff(&lines(MAX_DIFFERENCES), "", 0).unwrap().removed, MAX_DIFFERENCES as u32);
        let refused = diff(&lines(MAX_DIFFERENCES + 1), "", 0);
        assert!(matches!(refused, Err(TextError::TooDifferent(2_000))));
    }
}
