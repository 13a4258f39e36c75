//! Reads versions from what programs say of themselves.

/// The number in a line such as `go version go1.27.3 linux/amd64`: the first with a point, else the first.
pub fn number(line: &str) -> Option<&str> {
    let part = |letter: char| letter.is_ascii_digit() || letter == '.';
    let numbers = || line.split(|letter| !part(letter)).map(|word| word.trim_matches('.'));
    let found = numbers().find(|number| number.contains('.'));
    found.or_else(|| numbers().find(|number| !number.is_empty()))
}

/// Tells whether one version is before another; parts that one does not name count as zero.
pub fn is_before(version: &str, other: &str) -> bool {
    let parts = |text: &str| -> Vec<u64> { text.split('.').map(|part| part.parse().unwrap_or(0)).collect() };
    let (version, other) = (parts(version), parts(other));
    let length = version.len().max(other.len());
    let filled = |parts: Vec<u64>| parts.into_iter().chain(std::iter::repeat(0)).take(length);
    filled(version).lt(filled(other))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_program_has_its_own_way_to_say_its_version() {
        for (line, version) in [
            ("cargo 1.95.0 (f2d3ce0bd 2026-03-21)", "1.95.0"),
            ("go version go1.27.3 linux/amd64", "1.27.3"),
            ("v22.23.3", "22.23.3"),
            ("Python 3.11.2", "3.11.2"),
            ("0.17.1", "0.17.1"),
            ("10", "10"),
        ] {
            assert_eq!(number(line), Some(version), "{line}");
        }
        assert_eq!(number("unknown"), None);
    }

    #[test]
    fn versions_are_compared_part_by_part() {
        for (older, newer) in [("1.9", "1.10"), ("0.16.2", "0.17"), ("20", "20.1"), ("3.9.18", "3.11")] {
            assert!(is_before(older, newer), "{older} {newer}");
            assert!(!is_before(newer, older), "{newer} {older}");
        }
        assert!(!is_before("20", "20.0"));
    }
}
