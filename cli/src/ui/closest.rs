//! Finds the name that a slip of the hand was meant to be.

/// Finds the one of `known` that `name` was probably meant to be.
pub(crate) fn closest<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    /// Edits that still count as a slip of the hand.
    const SLIPS: usize = 3;
    known
        .into_iter()
        .map(|candidate| (distance(name, candidate), candidate))
        .filter(|(edits, candidate)| *edits <= SLIPS && *edits < candidate.chars().count())
        .min()
        .map(|(_, candidate)| candidate)
}

/// Levenshtein distance, with `_` and `-` taken for the same letter.
pub(crate) fn distance(left: &str, right: &str) -> usize {
    let letters = |text: &str| text.chars().map(|c| if c == '_' { '-' } else { c }).collect();
    let (left, right): (Vec<char>, Vec<char>) = (letters(left), letters(right));
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for (i, a) in left.iter().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, b) in right.iter().enumerate() {
            let substituted = diagonal + usize::from(a != b);
            diagonal = row[j + 1];
            row[j + 1] = substituted.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[right.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_finds_the_key_that_was_meant() {
        let known = ["source", "digest", "prefix", "max-length"];
        assert_eq!(closest("sourc", known), Some("source"));
        assert_eq!(closest("max_length", known), Some("max-length"));
        assert_eq!(closest("unrelated", known), None);
    }
}
