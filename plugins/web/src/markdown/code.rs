//! Code, whose characters are all text.

use crate::hidden;
use crate::tree::{Id, Step, Tree};

/// Returns the text of an element as people see it, with the ends of its lines.
pub(super) fn text(tree: &Tree, start: Id) -> String {
    let (mut walk, mut text) = (tree.walk(start), String::new());
    while let Some(step) = walk.next() {
        let Step::Enter(id) = step else { continue };
        if id != start && hidden::is_hidden(tree, id) {
            walk.leave_out();
        } else if tree.name(id) == "br" {
            text.push('\n');
        } else {
            text += tree.text(id).unwrap_or_default();
        }
    }
    text
}

/// Returns the language that a block of code is said to be in.
pub(super) fn language(tree: &Tree, pre: Id) -> &str {
    // The classes of highlighters are on the element itself, the one in it, or the one around it.
    let inner = tree.elements(pre).filter(|&id| !tree.name(id).is_empty()).take(2);
    let classes = inner.chain(tree.parent(pre)).filter_map(|id| tree.attribute(id, "class"));
    let names = classes.flat_map(str::split_whitespace).filter_map(|class| {
        let prefixes = ["language-", "lang-", "highlight-source-"];
        prefixes.iter().find_map(|prefix| class.strip_prefix(prefix))
    });
    let is_name = |name: &&str| {
        (1..=20).contains(&name.len())
            && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+#-".contains(&byte))
    };
    names.into_iter().find(is_name).unwrap_or_default()
}

/// Writes a block of code.
pub(super) fn fenced(text: &str, language: &str) -> String {
    let fence = "`".repeat(longest_run(text).max(2) + 1);
    format!("{fence}{language}\n{}\n{fence}", text.trim_end().trim_start_matches('\n'))
}

/// Writes code within a text; none if there is nothing to see.
pub(super) fn span(text: &str) -> Option<String> {
    let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let fence = "`".repeat(longest_run(&words) + 1);
    match words.starts_with('`') || words.ends_with('`') {
        _ if words.is_empty() => None,
        true => Some(format!("{fence} {words} {fence}")),
        false => Some(format!("{fence}{words}{fence}")),
    }
}

/// Returns the length of the longest run of backticks.
fn longest_run(text: &str) -> usize {
    text.split(|letter| letter != '`').map(str::len).max().unwrap_or(0)
}
