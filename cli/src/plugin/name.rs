//! Names of tools and prompts, and keys of `plugin.toml` that name nothing.

use std::collections::BTreeMap;

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

/// Names tools or prompts after their functions; after interface and function where that alone is not enough.
pub(super) fn of(kind: ItemKind, file: &str, published: &[&Exported]) -> Result<Vec<String>> {
    let mut uses: BTreeMap<&str, usize> = BTreeMap::new();
    for exported in published {
        *uses.entry(&exported.export.function).or_default() += 1;
    }
    let mut names = Vec::new();
    let mut taken: BTreeMap<String, String> = BTreeMap::new();
    for exported in published {
        let function = &exported.export.function;
        let wit = match &exported.export.interface {
            Some(interface) if uses[function.as_str()] > 1 => format!("{}-{function}", short(interface)),
            _ => function.clone(),
        };
        let json = signature::json_name(&wit);
        if let Some(other) = taken.insert(json.clone(), name(&exported.export)) {
            return Err(Problem::refused(
                file,
                format!("two functions have the same {} name `{json}`", kind.noun()),
            )
            .found(format!("{other} and {}", name(&exported.export)))
            .expected("functions with different names")
            .next("rename one of them in the WIT"));
        }
        names.push(json);
    }
    Ok(names)
}

/// `tools` of `example:text/tools@0.1.0`.
fn short(interface: &str) -> &str {
    let name = interface.rsplit('/').next().unwrap_or(interface);
    name.split('@').next().unwrap_or(name)
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
