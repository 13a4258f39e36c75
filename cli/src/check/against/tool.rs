//! Compares tools and prompts.

use std::collections::BTreeSet;

use serde_json::Value;
use toolcell_host::catalog::{Returns, ScopeSet};
use toolcell_host::codec::{Function, Param, Type};

use super::accept::{Difference, Narrowed, Side, compare, gone, plain};
use super::change::{Change, ChangeKind, Impact, NOTHING};
use crate::component::content;
use crate::component::signature::{self, bare, render_type};
use crate::plugin::{Prompt, Tool};

/// Compares two lists of tools.
pub(super) fn tools(old: &[Tool], new: &[Tool]) -> Vec<Change> {
    let mut all = Vec::new();
    for tool in old {
        match new.iter().find(|other| other.name == tool.name) {
            Some(other) => all.extend(of_tool(tool, other)),
            None => {
                let added = new.iter().filter(|other| !old.iter().any(|one| one.name == other.name));
                let mut heirs = added.filter(|other| signature::same_types(&other.function, &tool.function));
                let heir = heirs.next().map(|heir| heir.name.as_str());
                all.push(removed(&tool.name, tool.signature(), gone(heir)));
            }
        }
    }
    all
}

/// Compares two lists of prompts.
pub(super) fn prompts(old: &[Prompt], new: &[Prompt]) -> Vec<Change> {
    let mut all = Vec::new();
    for prompt in old {
        match new.iter().find(|other| other.name == prompt.name) {
            Some(other) => all.extend(of_prompt(prompt, other)),
            None => all.push(removed(&prompt.name, format!("prompt {}", prompt.signature()), NOTHING.into())),
        }
    }
    all
}

fn of_prompt(old: &Prompt, new: &Prompt) -> Vec<Change> {
    let mut all = changes(&old.name, params(&old.function, &new.function));
    all.extend(scopes(&old.name, &old.required_scopes, &new.required_scopes));
    all
}

fn of_tool(old: &Tool, new: &Tool) -> Vec<Change> {
    let mut all = match (&old.input_schema, &new.input_schema) {
        (None, None) => changes(&old.name, params(&old.function, &new.function)),
        (left, right) => {
            let text = |schema: &Option<Box<_>>| {
                schema.as_deref().map_or("the schema of its types".into(), ToString::to_string)
            };
            let (before, after) = (text(left), text(right));
            let path = "arguments".to_string();
            let changed = before != after;
            let change =
                Difference { kind: ChangeKind::Rewritten, impact: Impact::MayBreak, path, before, after };
            changes(&old.name, changed.then_some(change).into_iter().collect())
        }
    };
    all.extend(changes(&old.name, results(old, new)));
    all.extend(changes(&old.name, errors(&old.function, &new.function)));
    all.extend(scopes(&old.name, &old.required_scopes, &new.required_scopes));
    all.extend(capabilities(old, new));
    all.extend(hints(old, new));
    all
}

fn params(old: &Function, new: &Function) -> Vec<Difference> {
    let mut all = Vec::new();
    let is_new = |param: &&Param| !old.params.iter().any(|other| other.name == param.name);
    for param in &old.params {
        let path = format!("arguments.{}", param.name);
        match new.params.iter().find(|other| other.name == param.name) {
            Some(other) => all.extend(of_param(&path, param, other)),
            None => {
                let mut added = new.params.iter().filter(is_new);
                let heir =
                    added.find(|other| bare(&other.ty) == bare(&param.ty)).map(|heir| heir.name.as_str());
                let (before, after) = (render_type(&param.ty), gone(heir));
                all.push(Difference {
                    kind: ChangeKind::Removed,
                    impact: Impact::Breaks,
                    path,
                    before,
                    after,
                });
            }
        }
    }
    for param in new.params.iter().filter(is_new).filter(|param| !param.is_optional()) {
        let (path, after) = (format!("arguments.{}", param.name), render_type(&param.ty));
        all.push(Difference {
            kind: ChangeKind::Required,
            impact: Impact::Breaks,
            path,
            before: NOTHING.into(),
            after,
        });
    }
    all
}

fn of_param(path: &str, old: &Param, new: &Param) -> Vec<Difference> {
    let text = |param: &Param| match &param.default {
        Some(default) => format!("{default} if left out"),
        None if param.is_optional() => "nothing if left out".into(),
        None => "has to be given".into(),
    };
    let note =
        |kind, impact| Difference { kind, impact, path: path.into(), before: text(old), after: text(new) };
    let (taken, is_option) = (narrowed(old), |ty: &Type| matches!(ty, Type::Option(_)));
    let mut all = Vec::new();
    if old.is_optional() && text(old) != text(new) {
        all.push(match new.is_optional() {
            true => note(ChangeKind::Defaulted, Impact::MayBreak),
            false => note(ChangeKind::Required, Impact::Breaks),
        });
    }
    // What became of the argument that is left out has been said, so null is not told once more.
    let old_type = match &old.ty {
        Type::Option(inner) if !is_option(&new.ty) => inner,
        ty => ty,
    };
    all.extend(compare(Side::Argument, path, Narrowed { ty: old_type, ..taken }, narrowed(new)));
    all
}

fn narrowed(param: &Param) -> Narrowed<'_> {
    Narrowed { ty: &param.ty, constraint: &param.constraint }
}

/// Compares what clients get as structured content, and whether content comes in blocks.
fn results(old: &Tool, new: &Tool) -> Vec<Difference> {
    let path = "result";
    let retyped = |before: String, after: String| {
        let (kind, impact) = (ChangeKind::Retyped, Impact::Breaks);
        vec![Difference { kind, impact, path: path.into(), before, after }]
    };
    let blocks = |tool: &Tool| content::describe(tool.returns).unwrap_or("no content blocks").to_string();
    match (structured(old), structured(new)) {
        _ if (old.returns == Returns::Value) != (new.returns == Returns::Value) => {
            retyped(blocks(old), blocks(new))
        }
        (None, None) => Vec::new(),
        (Some(left), Some(right)) if is_object(left) != is_object(right) => {
            retyped(render_type(left), render_type(right))
        }
        (Some(left), Some(right)) => compare(Side::Result, path, plain(left), plain(right)),
        (None, Some(right)) if old.returns == Returns::Value => {
            let (before, after) = ("nothing".into(), render_type(right));
            vec![Difference {
                kind: ChangeKind::Widened,
                impact: Impact::MayBreak,
                path: path.into(),
                before,
                after,
            }]
        }
        (None, Some(_)) => Vec::new(),
        (Some(left), None) => retyped(render_type(left), "nothing".into()),
    }
}

/// The part of a result that becomes structured content, or text where it is a string.
fn structured(tool: &Tool) -> Option<&Type> {
    match tool.returns {
        Returns::Value => content::ok(&tool.function),
        Returns::ContentAndStructured => content::structured(&tool.function),
        Returns::Block | Returns::Blocks => None,
    }
}

/// Tells whether a result is the structured content itself, and not its key `result`.
fn is_object(ty: &Type) -> bool {
    matches!(ty, Type::Record(_))
}

/// Errors are text in a result; what models and clients read in it may be something else.
fn errors(old: &Function, new: &Function) -> Vec<Difference> {
    let error = |function: &Function| match &function.result {
        Some(Type::Result { err, .. }) => Some(err.as_deref().cloned()),
        _ => None,
    };
    let (left, right) = (error(old), error(new));
    let text = |side: &Option<Option<Type>>| match side {
        None => "no error".to_string(),
        Some(None) => "an error without a reason".into(),
        Some(Some(ty)) => render_type(ty),
    };
    let found = match (&left, &right) {
        (_, None) => return Vec::new(),
        (Some(Some(old)), Some(Some(new))) => {
            let found = compare(Side::Result, "error", plain(old), plain(new));
            return found.into_iter().map(|one| Difference { impact: Impact::MayBreak, ..one }).collect();
        }
        (left, right) if left == right => return Vec::new(),
        (None, Some(_)) => ChangeKind::Widened,
        _ => ChangeKind::Retyped,
    };
    let (before, after) = (text(&left), text(&right));
    vec![Difference { kind: found, impact: Impact::MayBreak, path: "error".into(), before, after }]
}

/// Scopes that callers need and did not need.
fn scopes(subject: &str, old: &ScopeSet, new: &ScopeSet) -> Option<Change> {
    let text = |set: &ScopeSet| if set.is_empty() { "none".to_string() } else { set.to_string() };
    (!old.covers(new)).then(|| Change {
        id: ChangeKind::Scope,
        impact: Impact::Breaks,
        subject: subject.into(),
        path: "required-scopes".into(),
        before: text(old),
        after: text(new),
    })
}

/// Capabilities that clients need and did not need.
fn capabilities(old: &Tool, new: &Tool) -> Option<Change> {
    let names = |tool: &Tool| -> BTreeSet<String> {
        let needed = tool.requires_client_capabilities.as_ref().and_then(Value::as_object);
        needed.into_iter().flatten().map(|(name, _)| name.clone()).collect()
    };
    let (left, right) = (names(old), names(new));
    let text = |names: BTreeSet<String>| match names.is_empty() {
        true => "none".to_string(),
        false => names.into_iter().collect::<Vec<_>>().join(", "),
    };
    let more = right.difference(&left).next().is_some();
    more.then(|| Change {
        id: ChangeKind::Capability,
        impact: Impact::Breaks,
        subject: old.name.clone(),
        path: "requires-client-capabilities".into(),
        before: text(left),
        after: text(right),
    })
}

/// Hints by which clients spare their user a question.
fn hints(old: &Tool, new: &Tool) -> Vec<Change> {
    let (left, right) = (old.annotations, new.annotations);
    // The hint, the value that promises something, what was said and is said, and whether the promise is broken.
    let table = [
        ("read-only-hint", true, left.read_only, right.read_only, !right.is_read_only()),
        ("destructive-hint", false, left.destructive, right.destructive, right.may_destroy()),
        ("idempotent-hint", true, left.idempotent, right.idempotent, right.may_change_more()),
        ("open-world-hint", false, left.open_world, right.open_world, right.may_reach_out()),
    ];
    let weakened =
        table.into_iter().filter(|(_, good, left, _, is_broken)| *left == Some(*good) && *is_broken);
    let text = |hint: Option<bool>| hint.map_or("not said".to_string(), |hint| hint.to_string());
    let change = |(name, _, left, right, _): (&str, bool, Option<bool>, Option<bool>, bool)| Change {
        id: ChangeKind::Weakened,
        impact: Impact::MayBreak,
        subject: old.name.clone(),
        path: format!("annotations.{name}"),
        before: text(left),
        after: text(right),
    };
    weakened.map(change).collect()
}

fn removed(subject: &str, before: String, after: String) -> Change {
    let (subject, path) = (subject.to_string(), String::new());
    Change { id: ChangeKind::Removed, impact: Impact::Breaks, subject, path, before, after }
}

fn changes(subject: &str, differences: Vec<Difference>) -> Vec<Change> {
    let change = |one: Difference| Change {
        id: one.kind,
        impact: one.impact,
        subject: subject.to_string(),
        path: one.path,
        before: one.before,
        after: one.after,
    };
    differences.into_iter().map(change).collect()
}
