//! Reads, checks and rewrites the reviewed list of differences, `differences.toml`.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use anyhow::Context as _;
use serde::Deserialize;

/// The name of the reason that holds new differences until they get one.
const UNREVIEWED: &str = "unreviewed";

/// The comment at the top of the file.
const HEADER: &str = "\
# Where toolcell and rmcp 3.9.0 answer differently, and why ours is right: a sentence of the specification with its
# page, or our own choice where it leaves one open. Each request: what toolcell answers, what rmcp answers.
# `TOOLCELL_BLESS=1` rewrites the requests and keeps the reasons (README.md).
";

/// The responses of both servers.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
#[serde(deny_unknown_fields)]
pub(crate) struct Pair {
    /// The response of toolcell.
    pub(crate) ours: String,
    /// The response of rmcp.
    pub(crate) rmcp: String,
}

/// A reason and the differences that it explains.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Reason {
    /// A few words.
    name: String,
    /// A sentence of the specification, or a note that it leaves the matter open.
    why: String,
    /// The page of the sentence, in the repository of the specification.
    page: Option<String>,
    /// The file of this repository that records our choice.
    choice: Option<String>,
    /// The differences, by the name of the request.
    #[serde(default)]
    requests: BTreeMap<String, Pair>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Listed {
    #[serde(default, rename = "reason")]
    reasons: Vec<Reason>,
}

/// Reads the list.
///
/// # Errors
/// Fails if the file cannot be read.
pub(crate) fn read(file: &Path) -> anyhow::Result<Listed> {
    let text = fs::read_to_string(file).with_context(|| file.display().to_string())?;
    toml::from_str(&text).with_context(|| file.display().to_string())
}

impl Listed {
    /// Compares the list with the differences that were found; returns its faults. `root` is the repository.
    pub(crate) fn problems(&self, found: &BTreeMap<String, Pair>, root: &Path) -> Vec<String> {
        let mut problems: Vec<_> = self.reasons.iter().filter_map(|reason| reason.problem(root)).collect();
        for (id, Pair { ours, rmcp }) in found {
            let listed: Vec<_> = self.reasons.iter().filter_map(|reason| reason.requests.get(id)).collect();
            match listed.as_slice() {
                [pair] if pair.ours == *ours && pair.rmcp == *rmcp => {}
                [pair] => problems.push(format!(
                    "{id}: another difference than the listed one\n  ours {ours}\n  rmcp {rmcp}\n  listed {} / {}",
                    pair.ours, pair.rmcp
                )),
                [] => problems.push(format!("{id}: not listed\n  ours {ours}\n  rmcp {rmcp}")),
                _ => problems.push(format!("{id}: listed more than once")),
            }
        }
        let stale = self.reasons.iter().flat_map(|reason| reason.requests.keys());
        let stale = stale.filter(|id| !found.contains_key(*id));
        problems.extend(stale.map(|id| format!("{id}: listed, but the responses no longer differ")));
        problems
    }

    /// Returns the same reasons with the differences that were found. Each stays where it was if the two responses are
    /// the same, else it goes to a reason with the same two responses, else it is unreviewed.
    pub(crate) fn renewed(mut self, found: &BTreeMap<String, Pair>) -> Self {
        let home = |id: &String, pair: &Pair| {
            let same = self.reasons.iter().position(|reason| reason.requests.get(id) == Some(pair));
            let alike = || {
                let is_alike = |reason: &Reason| reason.requests.values().any(|other| other == pair);
                self.reasons.iter().position(is_alike)
            };
            same.or_else(alike)
        };
        let homes: Vec<_> = found.iter().map(|(id, pair)| (id, pair, home(id, pair))).collect();
        let mut unreviewed = Reason { name: UNREVIEWED.to_owned(), ..Reason::default() };
        self.reasons.iter_mut().for_each(|reason| reason.requests.clear());
        for (id, pair, home) in homes {
            let reason = home.map_or(&mut unreviewed, |home| &mut self.reasons[home]);
            reason.requests.insert(id.clone(), pair.clone());
        }
        if !unreviewed.requests.is_empty() {
            self.reasons.push(unreviewed);
        }
        self.reasons.retain(|reason| !reason.requests.is_empty());
        self
    }

    /// Returns the text of the file.
    pub(crate) fn text(&self) -> String {
        self.reasons.iter().fold(HEADER.to_owned(), |text, reason| text + "\n" + &reason.text())
    }
}

impl Reason {
    fn problem(&self, root: &Path) -> Option<String> {
        let given = match (&self.page, &self.choice) {
            _ if self.requests.is_empty() => return Some(format!("{}: a reason for nothing", self.name)),
            _ if self.name == UNREVIEWED || self.why.is_empty() => {
                return Some(format!("{}: no reason", self.name));
            }
            (Some(_), None) => return None,
            (None, Some(file)) => file,
            _ => return Some(format!("{}: expected a page of the specification, or our choice", self.name)),
        };
        let is_there = root.join(given.split('#').next().unwrap_or_default()).is_file();
        (!is_there).then(|| format!("{}: {given} is missing", self.name))
    }

    fn text(&self) -> String {
        let mut text = format!("[[reason]]\nname = {:?}\nwhy = {:?}\n", self.name, self.why);
        let given = [("page", &self.page), ("choice", &self.choice)];
        for (key, value) in given.into_iter().filter_map(|(key, value)| Some((key, value.as_ref()?))) {
            // Writing to a string never fails.
            let _ = writeln!(text, "{key} = {value:?}");
        }
        text.push_str("[reason.requests]\n");
        for (id, Pair { ours, rmcp }) in &self.requests {
            let _ = writeln!(text, "{id} = {{ ours = {ours:?}, rmcp = {rmcp:?} }}");
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pair(ours: &str) -> Pair {
        Pair { ours: ours.to_owned(), rmcp: "another".to_owned() }
    }

    fn listed() -> Listed {
        let text = r#"
[[reason]]
name = "a"
why = "b"
page = "c"
[reason.requests]
one = { ours = "x", rmcp = "another" }
"#;
        toml::from_str(text).unwrap()
    }

    fn problems(found: &[(&str, &str)]) -> Vec<String> {
        let found = found.iter().map(|(id, ours)| ((*id).to_owned(), pair(ours))).collect();
        listed().problems(&found, Path::new("."))
    }

    #[test]
    fn the_list_has_to_be_the_truth_and_nothing_but() {
        assert_eq!(problems(&[("one", "x")]), Vec::<String>::new());
        assert!(problems(&[("one", "y")])[0].contains("another difference"));
        assert!(problems(&[("one", "x"), ("two", "x")])[0].contains("two: not listed"));
        assert!(problems(&[])[0].contains("no longer differ"));
    }

    #[test]
    fn a_new_difference_joins_its_like_or_waits_for_a_review() {
        let found = [("two", "x"), ("three", "y")].map(|(id, ours)| (id.to_owned(), pair(ours))).into();
        let renewed = listed().renewed(&found);
        let text = renewed.text();
        let read: Listed = toml::from_str(&text).unwrap();
        assert!(read.reasons[0].requests.contains_key("two"), "{text}");
        assert_eq!(read.reasons[1].name, UNREVIEWED);
        assert!(!read.problems(&found, Path::new(".")).is_empty(), "unreviewed is no reason");
    }
}
