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

/// Counts the edits from one name to the other (Levenshtein), with `_` and `-` taken for the same letter.
pub(crate) fn distance(left: &str, right: &str) -> usize {
    strsim::levenshtein(&left.replace('_', "-"), &right.replace('_', "-"))
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
