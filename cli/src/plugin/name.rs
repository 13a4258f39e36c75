//! Names of tools and prompts, and keys of `plugin.toml` that name nothing.

use std::collections::{BTreeMap, BTreeSet};

use toolcell_host::catalog::Export;
use toolcell_host::codec::Function;

use crate::component::content::PublishedAs;
use crate::component::export::{Exported, name};
use crate::component::signature::{self, wit_name};
use crate::document::origin::Origin;
use crate::ui::closest::closest;
use crate::ui::problem::{Problem, Result, one_of};

/// The kind of item that a function is to clients.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum ItemKind {
    /// It is called.
    Tool,
    /// It is filled in.
    Prompt,
}

impl ItemKind {
    /// The kind of a function that comes to `published_as`.
    pub(super) fn of(published_as: PublishedAs) -> Self {
        match published_as {
            PublishedAs::Tool(_) => ItemKind::Tool,
            PublishedAs::Prompt => ItemKind::Prompt,
        }
    }

    fn noun(self) -> &'static str {
        match self {
            ItemKind::Tool => "tool",
            ItemKind::Prompt => "prompt",
        }
    }

    /// The table of `plugin.toml` that is about them.
    pub(super) fn table(self) -> &'static str {
        match self {
            ItemKind::Tool => "tools",
            ItemKind::Prompt => "prompts",
        }
    }
}

/// The most that a name says: the full name of the interface, with its version.
const LEVELS: usize = 5;

/// Names tools or prompts after their functions. Functions of one name say more: their interface, then its package, its
/// namespace, and its version, as far as is needed to tell them apart.
pub(super) fn of(published: &[&Exported]) -> Vec<String> {
    let mut levels = vec![0; published.len()];
    loop {
        let names: Vec<String> =
            published.iter().zip(&levels).map(|(one, level)| at_level(&one.export, *level)).collect();
        let Some(clash) =
            clashes(&names).into_iter().find(|clash| clash.iter().any(|at| levels[*at] < LEVELS))
        else {
            return numbered(names);
        };
        let from = clash.iter().map(|at| levels[*at]).min().unwrap_or_default() + 1;
        let tells_apart = |level: &usize| {
            let names: BTreeSet<String> =
                clash.iter().map(|at| at_level(&published[*at].export, *level)).collect();
            names.len() == clash.len()
        };
        let level = (from..=LEVELS).find(tells_apart).unwrap_or(LEVELS);
        clash.into_iter().for_each(|at| levels[at] = level.max(levels[at]));
    }
}

/// Returns the places of names that occur more than once, a group for each name.
fn clashes(names: &[String]) -> Vec<Vec<usize>> {
    let mut places: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (at, name) in names.iter().enumerate() {
        places.entry(name).or_default().push(at);
    }
    places.into_values().filter(|places| places.len() > 1).collect()
}

/// Writes the name of an export with so much of its interface: `tools-run`, `text-tools-run`.
fn at_level(export: &Export, level: usize) -> String {
    let function = &export.function;
    let Some(interface) = export.interface.as_deref().filter(|_| level > 0) else {
        return signature::json_name(function);
    };
    let (full, version) = interface.split_once('@').unwrap_or((interface, ""));
    let (namespace, rest) = full.split_once(':').unwrap_or(("", full));
    let (package, short) = rest.rsplit_once('/').unwrap_or(("", rest));
    let version = if version.is_empty() { String::new() } else { format!("v{version}") };
    let parts: &[&str] = match level {
        1 => &[short, function],
        2 => &[package, short, function],
        3 => &[namespace, package, short, function],
        4 => &[short, &version, function],
        _ => &[namespace, package, short, &version, function],
    };
    let parts: Vec<&str> = parts.iter().copied().filter(|part| !part.is_empty()).collect();
    let wit = parts.join("-").replace(|letter: char| !letter.is_ascii_alphanumeric(), "-");
    signature::json_name(&wit)
}

/// Tells names apart that are the same although they say everything: `a:b-c/d` and `a-b:c/d`.
fn numbered(mut names: Vec<String>) -> Vec<String> {
    let mut taken: BTreeSet<String> = names.iter().cloned().collect();
    for clash in clashes(&names.clone()) {
        for at in clash.into_iter().skip(1) {
            let name =
                (2..).map(|number| format!("{}_{number}", names[at])).find(|name| !taken.contains(name));
            names[at] = name.unwrap_or_default();
            taken.insert(names[at].clone());
        }
    }
    names
}

/// Refuses keys of the table of a kind that name none of `names`; `published` are functions of every kind.
pub(super) fn refuse_unknown<'a>(
    kind: ItemKind,
    origin: &Origin,
    names: &[String],
    published: &[&Exported],
    mut keys: impl Iterator<Item = &'a String>,
) -> Result<()> {
    let known: Vec<String> = names.iter().map(|name| wit_name(name)).collect();
    let Some(unknown) = keys.find(|key| !known.contains(key)) else { return Ok(()) };
    let place = origin.place(&format!("{}.{unknown}", kind.table()));
    let problem = Problem::refused(place, format!("is not the name of a {}", kind.noun()));
    let problem = unknown_name(problem, kind.table(), unknown, &known);
    let other = match kind {
        ItemKind::Tool => ItemKind::Prompt,
        ItemKind::Prompt => ItemKind::Tool,
    };
    let mut others = published.iter().filter(|exported| ItemKind::of(exported.published_as) == other);
    Err(match others.find(|exported| exported.export.function == *unknown) {
        Some(_) => problem.next(format!("write [{}.{unknown}]: it is a {}", other.table(), other.noun())),
        None => problem,
    })
}

/// Refuses names of parameters that `function` does not have.
pub(super) fn refuse_unknown_params<'a>(
    function: &Function,
    mut named: impl Iterator<Item = &'a String>,
    problem: impl Fn(&str) -> Problem,
) -> Result<()> {
    let known: Vec<String> = function.params.iter().map(|param| wit_name(&param.name)).collect();
    match named.find(|name| !known.contains(name)) {
        None => Ok(()),
        Some(unknown) => Err(unknown_name(problem(unknown), "parameters", unknown, &known)),
    }
}

/// Refuses `@param` lines that name no parameter.
pub(super) fn refuse_unknown_docs<'a>(
    exported: &Exported,
    function: &Function,
    named: impl Iterator<Item = &'a String>,
) -> Result<()> {
    refuse_unknown_params(function, named, |param| {
        Problem::refused(
            format!("WIT of {}", name(&exported.export)),
            format!("`@param {param}` does not match a parameter"),
        )
    })
}

fn unknown_name(problem: Problem, kind: &str, unknown: &str, known: &[String]) -> Problem {
    let expected = match known {
        [] => format!("nothing, because there are no {kind}"),
        known => one_of(known),
    };
    let next = match closest(unknown, known.iter().map(String::as_str)) {
        Some(meant) => format!("did you mean `{meant}`?"),
        None => "spell the name as in the WIT, or remove this entry".into(),
    };
    problem.found(unknown.to_string()).expected(expected).next(next)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(exports: &[(&str, &str)]) -> Vec<String> {
        let exported: Vec<Exported> = exports
            .iter()
            .map(|(interface, function)| Exported {
                export: Export {
                    interface: (!interface.is_empty()).then(|| (*interface).to_owned()),
                    function: (*function).to_owned(),
                },
                plan: Ok(Function { params: Vec::new(), result: None }),
                published_as: PublishedAs::default(),
                docs: None,
            })
            .collect();
        of(&exported.iter().collect::<Vec<_>>())
    }

    #[test]
    fn names_say_as_much_as_tells_them_apart() {
        for (exports, expected) in [
            (&[("a:b/tools@0.1.0", "run-it"), ("a:b/other@0.1.0", "stop")][..], "run_it stop"),
            (&[("a:b/left", "run"), ("a:b/right", "run"), ("a:b/left", "only")], "left_run right_run only"),
            (
                &[("a:b/tools", "run"), ("c:d/tools", "run"), ("c:d/tools", "other")],
                "b_tools_run d_tools_run other",
            ),
            (&[("a:b/tools", "run"), ("c:b/tools", "run")], "a_b_tools_run c_b_tools_run"),
            (
                &[("a:b/tools@0.1.0", "x"), ("a:b/tools@0.2.0-rc.1", "x")],
                "tools_v0_1_0_x tools_v0_2_0_rc_1_x",
            ),
            (&[("", "run"), ("a:b/tools", "run")], "run tools_run"),
            (&[("", "run"), ("local", "run")], "run local_run"),
            (
                &[("a:b/left", "run"), ("a:b/right", "run"), ("a:b/right", "left-run")],
                "left_run right_run right_left_run",
            ),
            (&[("a:b-c/d", "x"), ("a-b:c/d", "x")], "b_c_d_x c_d_x"),
            (&[("a:b-c/d@1.0.0", "x"), ("a-b:c/d@1.0.0", "x"), ("a:b/c-d@1.0.0", "x")], ""),
        ] {
            let found = names(exports);
            let distinct: BTreeSet<&String> = found.iter().collect();
            assert_eq!(distinct.len(), exports.len(), "{found:?}");
            if !expected.is_empty() {
                assert_eq!(found.join(" "), expected);
            }
        }
    }
}
