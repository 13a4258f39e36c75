//! Sorting lines.

use std::cmp::Ordering;

use crate::SortOptions;

/// Sorts the lines of `text`; equal lines keep their order. A final newline is kept.
pub(crate) fn sort(text: &str, options: SortOptions) -> String {
    let mut lines: Vec<&str> = text.lines().collect();
    lines.sort_by(|a, b| compare(a, b, options));
    if options.contains(SortOptions::UNIQUE) {
        lines.dedup_by(|a, b| compare(a, b, options) == Ordering::Equal);
    }
    if options.contains(SortOptions::DESCENDING) {
        lines.reverse();
    }
    let mut sorted = lines.join("\n");
    if text.ends_with('\n') {
        sorted.push('\n');
    }
    sorted
}

fn compare(a: &str, b: &str, options: SortOptions) -> Ordering {
    if options.contains(SortOptions::IGNORE_CASE) {
        compare_exactly(&a.to_lowercase(), &b.to_lowercase(), options)
    } else {
        compare_exactly(a, b, options)
    }
}

fn compare_exactly(a: &str, b: &str, options: SortOptions) -> Ordering {
    if options.contains(SortOptions::NATURAL) { natural(a, b) } else { a.cmp(b) }
}

/// Compares runs of digits by their value, everything else by its characters.
fn natural(mut a: &str, mut b: &str) -> Ordering {
    while let (Some(left), Some(right)) = (a.chars().next(), b.chars().next()) {
        let (left_run, right_run) = (digits(a), digits(b));
        let (order, left_length, right_length) = if left_run.is_empty() || right_run.is_empty() {
            (left.cmp(&right), left.len_utf8(), right.len_utf8())
        } else {
            (by_value(left_run, right_run), left_run.len(), right_run.len())
        };
        if order != Ordering::Equal {
            return order;
        }
        (a, b) = (&a[left_length..], &b[right_length..]);
    }
    a.len().cmp(&b.len())
}

fn digits(text: &str) -> &str {
    let end = text.bytes().position(|byte| !byte.is_ascii_digit()).unwrap_or(text.len());
    &text[..end]
}

fn by_value(a: &str, b: &str) -> Ordering {
    let (a, b) = (a.trim_start_matches('0'), b.trim_start_matches('0'));
    a.len().cmp(&b.len()).then_with(|| a.cmp(b))
}

#[cfg(test)]
mod tests {
    use super::sort;
    use crate::SortOptions;

    #[test]
    fn lines_are_sorted_by_their_characters_and_the_final_newline_stays() {
        assert_eq!(sort("b\na\nC\n", SortOptions::empty()), "C\na\nb\n");
        assert_eq!(sort("b\na", SortOptions::empty()), "a\nb");
    }

    #[test]
    fn natural_order_compares_numbers_of_any_length_by_value() {
        assert_eq!(sort("v10\nv9\nv009b\nv9a", SortOptions::NATURAL), "v9\nv9a\nv009b\nv10");
    }

    #[test]
    fn options_work_together() {
        let options = SortOptions::UNIQUE | SortOptions::IGNORE_CASE | SortOptions::DESCENDING;
        assert_eq!(sort("pear\nApple\napple\nfig", options), "pear\nfig\nApple");
    }

    #[test]
    fn an_empty_text_stays_empty() {
        assert_eq!(sort("", SortOptions::all()), "");
    }
}
