//! Gives parameters and cases other names where the bindings of a language need theirs.
//!
//! These names are part of a component's type, so what is generated from renamed ones must not say which type that is
//! ([`encode::typed`](super::encode::typed) does).

use wit_parser::{Function, Param, Resolve, TypeDefKind, Variant, WorldItem};

/// The ending of a name that is changed.
const ADDED: &str = "-value";

/// Tells which names the bindings of a language cannot have.
pub(super) struct Taken {
    /// A parameter's.
    pub(super) parameter: fn(&str) -> bool,
    /// A case's, in the variant that is named first.
    pub(super) case: fn(&str, &str) -> bool,
}

/// Renames parameters of functions and cases of variants whose names are taken; `self` of a method stays.
pub(super) fn rename(resolve: &mut Resolve, taken: &Taken) {
    for (_, world) in resolve.worlds.iter_mut() {
        for item in world.imports.values_mut().chain(world.exports.values_mut()) {
            if let WorldItem::Function(function) = item {
                rename_parameters(function, taken.parameter);
            }
        }
    }
    for (_, interface) in resolve.interfaces.iter_mut() {
        interface.functions.values_mut().for_each(|function| rename_parameters(function, taken.parameter));
    }
    for (_, ty) in resolve.types.iter_mut() {
        if let (Some(name), TypeDefKind::Variant(variant)) = (&ty.name, &mut ty.kind) {
            rename_cases(name, variant, taken.case);
        }
    }
}

fn rename_parameters(function: &mut Function, is_taken: fn(&str) -> bool) {
    let first = usize::from(function.name.starts_with("[method]"));
    for at in first..function.params.len() {
        let mut name = function.params[at].name.clone();
        while is_taken(&name) || has_parameter(&function.params, at, &name) {
            name.push_str(ADDED);
        }
        function.params[at].name = name;
    }
}

fn has_parameter(params: &[Param], except: usize, name: &str) -> bool {
    params.iter().enumerate().any(|(at, param)| at != except && param.name == name)
}

fn rename_cases(variant: &str, cases: &mut Variant, is_taken: fn(&str, &str) -> bool) {
    for at in 0..cases.cases.len() {
        let mut name = cases.cases[at].name.clone();
        while is_taken(variant, &name)
            || cases.cases.iter().enumerate().any(|(other, case)| other != at && case.name == name)
        {
            name.push_str(ADDED);
        }
        cases.cases[at].name = name;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn renamed(declared: &str) -> Resolve {
        let mut resolve = Resolve::default();
        resolve.push_str("world.wit", &format!("package a:b; interface tools {{ {declared} }}")).unwrap();
        let case = |variant: &str, case: &str| case == variant;
        rename(&mut resolve, &Taken { parameter: |name| name == "self", case });
        resolve
    }

    #[test]
    fn taken_parameters_get_an_addition_that_no_other_parameter_has() {
        let resolve =
            renamed("get: func(%self: u8, self-value: u8, other: u8); resource r { get: func(other: u8); }");
        let (_, tools) = resolve.interfaces.iter().next().unwrap();
        let names = |function: &str| -> Vec<&str> {
            tools.functions[function].params.iter().map(|param| param.name.as_str()).collect()
        };
        assert_eq!(names("get"), ["self-value-value", "self-value", "other"]);
        assert_eq!(names("[method]r.get"), ["self", "other"]);
    }

    #[test]
    fn taken_cases_get_an_addition_that_no_other_case_has() {
        let resolve = renamed("variant text { text(string), text-value, other }");
        let (_, text) = resolve.types.iter().next().unwrap();
        let TypeDefKind::Variant(text) = &text.kind else { panic!("{text:?}") };
        let names: Vec<&str> = text.cases.iter().map(|case| case.name.as_str()).collect();
        assert_eq!(names, ["text-value-value", "text-value", "other"]);
    }
}
