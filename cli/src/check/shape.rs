//! Finds types that models and clients handle badly: in the parameters of a tool, and content blocks inside other results.

use toolcell_host::catalog::Returns;
use toolcell_host::codec::{Constraint, Param, Type};

use super::finding::Finding;
use super::portable;
use crate::component::contract;
use crate::component::signature::{self, wit_name};
use crate::manifest::lint::Lint;
use crate::plugin::Tool;

/// More parameters than this and models leave some out; guides advise against more than half as many.
const PARAMETERS: usize = 10;

/// Levels of objects and lists below the arguments: with them, the 5 that strict modes of model APIs began with.
const DEPTH: usize = 4;

/// More flags than this are a form, not a choice.
const FLAGS: usize = 16;

/// More cases than this are a table, which a tool can be asked for.
const CASES: usize = 40;

/// Patterns take a few KiB, unless long repetitions multiply them.
const PATTERN_BYTES: usize = 64 << 10;

/// The largest integer up to which JSON numbers hold all of them, 2^53 - 1.
const SAFE: f64 = 9_007_199_254_740_991.0;

pub(super) fn findings(tool: &Tool) -> Vec<Finding> {
    let mut all = Vec::new();
    if tool.returns == Returns::Value && tool.function.result.as_ref().is_some_and(contract::holds_block) {
        let text = "returns content blocks inside another type";
        all.push(Finding::new(Lint::NestedContent, &tool.name, text));
    }
    if let Some(schema) = &tool.input_schema {
        let found = portable::in_schema(schema).into_iter();
        all.extend(found.map(|(lint, text)| Finding::new(lint, &tool.name, text)));
        return all;
    }
    let params = &tool.function.params;
    if params.len() > PARAMETERS {
        all.push(Finding::new(Lint::ManyParameters, &tool.name, format!("has {} parameters", params.len())));
    }
    for param in params {
        let found = of_param(param).into_iter();
        let name = wit_name(&param.name);
        all.extend(
            found.map(|(lint, text)| Finding::new(lint, &tool.name, format!("parameter {name} {text}"))),
        );
    }
    all
}

/// Returns the findings about a parameter, each kind once.
fn of_param(param: &Param) -> Vec<(Lint, String)> {
    let mut all = Vec::new();
    let depth = depth(&param.ty);
    if depth > DEPTH {
        all.push((Lint::DeepNesting, format!("nests {depth} levels deep")));
    }
    if is_wide(param) {
        all.push((Lint::WideInteger, "holds 64-bit integers".into()));
    }
    if matches!(core(&param.ty), Type::F32 | Type::F64) && is_unbounded(&param.constraint) {
        all.push((Lint::UnboundedFloat, "is a float without bounds".into()));
    }
    if let Some(bytes) = param.constraint.pattern_bytes().filter(|bytes| *bytes > PATTERN_BYTES) {
        all.push((Lint::LargePattern, format!("has a pattern that takes {} KiB", bytes >> 10)));
    }
    if let Some(obstacle) = param.constraint.pattern.as_deref().and_then(portable::obstacle) {
        all.push((Lint::UnportablePattern, format!("has a pattern {obstacle}")));
    }
    for (lint, is_it, text) in SHAPES {
        if signature::contains(&param.ty, is_it) {
            all.push((*lint, (*text).into()));
        }
    }
    all
}

/// A kind of type, how it is recognised, and what to say.
type Shape = (Lint, &'static dyn Fn(&Type) -> bool, &'static str);

const SHAPES: &[Shape] = &[
    (Lint::NestedOption, &is_nested_option, "holds an option of an option"),
    (Lint::PositionalTuple, &|ty| matches!(ty, Type::Tuple(_)), "holds a tuple"),
    (Lint::ResultArgument, &|ty| matches!(ty, Type::Result { .. }), "holds a result"),
    (Lint::MixedVariant, &is_mixed, "holds a variant of which some cases have a payload and some have none"),
    (Lint::BytesArgument, &|ty| matches!(ty, Type::Bytes), "holds bytes"),
    (
        Lint::ManyFlags,
        &|ty| matches!(ty, Type::Flags(flags) if flags.len() > FLAGS),
        "holds more than 16 flags",
    ),
    (Lint::ManyCases, &|ty| cases(ty) > CASES, "holds a type of more than 40 cases"),
    (Lint::ChoiceInList, &is_list_of_choices, "holds a list whose items have several forms in JSON"),
];

/// Tells whether the items of a list have more than one form in JSON; a tuple is reported as such.
fn is_list_of_choices(ty: &Type) -> bool {
    let Type::List(item) = ty else { return false };
    let forms = match &**item {
        Type::Option(_) => 2,
        Type::Variant(cases) => {
            let with_payload = cases.iter().filter(|case| case.payload.is_some()).count();
            with_payload + usize::from(with_payload < cases.len())
        }
        Type::Result { ok: None, err: None } => 1,
        Type::Result { .. } => 2,
        _ => 1,
    };
    forms > 1
}

fn is_nested_option(ty: &Type) -> bool {
    matches!(ty, Type::Option(inner) if matches!(**inner, Type::Option(_)))
}

fn is_mixed(ty: &Type) -> bool {
    let Type::Variant(cases) = ty else { return false };
    cases.iter().any(|case| case.payload.is_some()) && cases.iter().any(|case| case.payload.is_none())
}

fn cases(ty: &Type) -> usize {
    match ty {
        Type::Enum(labels) => labels.len(),
        Type::Variant(cases) => cases.len(),
        _ => 0,
    }
}

/// Levels of objects and lists in the JSON of a type.
fn depth(ty: &Type) -> usize {
    let deepest = |types: &mut dyn Iterator<Item = &Type>| types.map(depth).max().unwrap_or_default();
    match ty {
        Type::Option(inner) if matches!(**inner, Type::Option(_)) => 1 + depth(inner),
        Type::Option(inner) => depth(inner),
        Type::List(inner) => 1 + depth(inner),
        Type::Flags(_) => 1,
        Type::Tuple(types) => 1 + deepest(&mut types.iter()),
        Type::Record(fields) => 1 + deepest(&mut fields.iter().map(|field| &field.ty)),
        Type::Variant(cases) => 1 + deepest(&mut cases.iter().filter_map(|case| case.payload.as_ref())),
        Type::Result { ok, err } => 1 + deepest(&mut ok.iter().chain(err).map(|side| &**side)),
        _ => 0,
    }
}

/// Tells whether a parameter holds 64-bit integers that may be beyond what a JSON number holds.
pub(super) fn is_wide(param: &Param) -> bool {
    let is_narrowed = match core(&param.ty) {
        Type::U64 => is_safe(param.constraint.maximum.as_ref()),
        Type::S64 => is_safe(param.constraint.maximum.as_ref()) && is_safe(param.constraint.minimum.as_ref()),
        _ => false,
    };
    !is_narrowed && holds_wide(&param.ty)
}

/// Tells whether a type holds 64-bit integers.
pub(super) fn holds_wide(ty: &Type) -> bool {
    signature::contains(ty, &|ty| matches!(ty, Type::S64 | Type::U64))
}

fn is_safe(bound: Option<&serde_json::Number>) -> bool {
    bound.and_then(serde_json::Number::as_f64).is_some_and(|bound| bound.abs() <= SAFE)
}

fn is_unbounded(constraint: &Constraint) -> bool {
    constraint.minimum.is_none() && constraint.maximum.is_none()
}

/// The type that a constraint speaks of: what is within options.
fn core(ty: &Type) -> &Type {
    match ty {
        Type::Option(inner) => core(inner),
        ty => ty,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(depth: usize) -> Type {
        (0..depth).fold(Type::String, |ty, _| Type::List(Box::new(ty)))
    }

    #[test]
    fn options_add_no_level_unless_they_are_nested() {
        let option = |ty| Type::Option(Box::new(ty));
        assert_eq!(depth(&list(4)), 4);
        assert_eq!(depth(&option(list(1))), 1);
        assert_eq!(depth(&option(option(list(1)))), 2);
    }
}
