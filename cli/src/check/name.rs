//! Names of tools and prompts that leave no room or are easily taken for one another.

use super::finding::Finding;
use crate::manifest::lint::Lint;
use crate::plugin::Plugin;
use crate::plugin::load::Loaded;
use crate::ui::closest;

/// A longer name leaves no room for a prefix: clients drop a tool when its name and the server's exceed 60 or 64
/// characters.
const ROOMY_CHARS: usize = 60;

pub(super) fn findings(loaded: &Loaded) -> Vec<Finding> {
    let plugin = &loaded.plugin;
    let names =
        plugin.tools.iter().map(|tool| &tool.name).chain(plugin.prompts.iter().map(|prompt| &prompt.name));
    let long = names.filter(|name| name.len() > ROOMY_CHARS);
    let mut all: Vec<Finding> = long
        .map(|name| Finding::new(Lint::LongName, name, format!("has a name of {} characters", name.len())))
        .collect();
    all.extend(similar(plugin));
    all
}

fn similar(plugin: &Plugin) -> Vec<Finding> {
    let names: Vec<&str> = plugin.tools.iter().map(|tool| tool.name.as_str()).collect();
    let mut all = Vec::new();
    for (at, name) in names.iter().enumerate() {
        for other in &names[at + 1..] {
            if are_similar(name, other) {
                all.push(Finding::new(
                    Lint::SimilarNames,
                    *name,
                    format!("has almost the name of `{other}`"),
                ));
            }
        }
    }
    all
}

/// Tells whether two names differ in one letter, or in nothing but case and separators. Digits are meant to differ.
fn are_similar(left: &str, right: &str) -> bool {
    let letters = |name: &str| name.replace(['_', '-', '.'], "").to_lowercase();
    let (left, right) = (letters(left), letters(right));
    let digits = |name: &str| name.chars().filter(char::is_ascii_digit).collect::<String>();
    digits(&left) == digits(&right) && closest::distance(&left, &right) <= 1
}

#[cfg(test)]
mod tests {
    use super::are_similar;

    #[test]
    fn a_letter_apart_is_similar_and_a_number_apart_is_not() {
        for (left, right) in [("get_user", "get_users"), ("read_file", "readfile"), ("sort_a", "sort_b")] {
            assert!(are_similar(left, right), "{left} {right}");
        }
        for (left, right) in [("get_user", "set_users"), ("sha1", "sha2"), ("list_files", "read_files")] {
            assert!(!are_similar(left, right), "{left} {right}");
        }
    }
}
