//! Errors as they stand in the golden files.

use std::fs;
use std::path::Path;

use super::text::Text;

/// One error that a person was shown.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Printed {
    /// The first line: where, and what is wrong.
    pub(super) head: String,
    pub(super) found: String,
    pub(super) expected: String,
    pub(super) next: String,
}

/// The labels of an error's lines.
const LABELS: [&str; 3] = ["found:", "expected:", "next:"];

/// Reads every error of the golden files.
pub(super) fn all() -> Vec<Printed> {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden");
    let files = fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path());
    files.flat_map(|file| in_text(&fs::read_to_string(file).unwrap())).collect()
}

/// Reads the errors in a text; other lines may stand around them.
pub(super) fn in_text(text: &str) -> Vec<Printed> {
    let mut errors: Vec<Printed> = Vec::new();
    let mut before = None;
    for line in text.lines() {
        let label = LABELS.iter().position(|label| line.trim_start().starts_with(label));
        let indent = line.len() - line.trim_start().len();
        match (label, &mut before) {
            (Some(label), _) if indent == 2 => {
                if let Some(head) = before.take() {
                    errors.push(Printed { head, ..Printed::default() });
                }
                if let Some(error) = errors.last_mut() {
                    *error.part(label) = line[2..].trim_start_matches(LABELS[label]).trim_start().to_owned();
                }
            }
            _ if indent >= 12 && before.is_none() => {
                if let Some(error) = errors.last_mut() {
                    error.go_on(&line[12..]);
                }
            }
            _ => before = Some(line.to_owned()),
        }
    }
    errors
}

impl Printed {
    /// Tells whether one of its parts is this text; what is wrong stands at the end of the first line.
    pub(super) fn has(&self, part: usize, text: &Text) -> bool {
        match part {
            0 => text.ends(&self.head),
            1 => text.fits(&self.found),
            2 => text.fits(&self.expected),
            _ => text.fits(&self.next),
        }
    }

    fn part(&mut self, label: usize) -> &mut String {
        [&mut self.found, &mut self.expected, &mut self.next].into_iter().nth(label).expect("three labels")
    }

    /// Adds a line to the last part that there is.
    fn go_on(&mut self, line: &str) {
        let last = (0..LABELS.len()).rev().find(|label| !self.part(*label).is_empty()).unwrap_or_default();
        let part = self.part(last);
        part.push('\n');
        part.push_str(line);
    }
}

#[test]
fn errors_are_read_as_they_are_printed() {
    let text = "# a title\nx.toml:1: is wrong\n  found:    a\n            b\n  next:     c\n\n# other\ny: is too\n  expected: d\n";
    let printed = |head: &str, found: &str, expected: &str, next: &str| Printed {
        head: head.to_owned(),
        found: found.to_owned(),
        expected: expected.to_owned(),
        next: next.to_owned(),
    };
    assert_eq!(
        in_text(text),
        [printed("x.toml:1: is wrong", "a\nb", "", "c"), printed("y: is too", "", "d", "")]
    );
}
