//! Gives parameters other names where the bindings of a language need theirs.
//!
//! The names of parameters are part of a component's type, so what is generated from renamed ones must not say which
//! type that is ([`encode::typed`](super::encode::typed) does).

use wit_parser::{Function, Param, Resolve, WorldItem};

/// The ending of a parameter that is renamed.
const ADDED: &str = "-value";

/// Renames the parameters of all functions whose names are taken; `self` of a method stays.
pub(super) fn rename(resolve: &mut Resolve, is_taken: fn(&str) -> bool) {
    for (_, world) in resolve.worlds.iter_mut() {
        for item in world.imports.values_mut().chain(world.exports.values_mut()) {
            if let WorldItem::Function(function) = item {
                rename_in(function, is_taken);
            }
        }
    }
    for (_, interface) in resolve.interfaces.iter_mut() {
        interface.functions.values_mut().for_each(|function| rename_in(function, is_taken));
    }
}

fn rename_in(function: &mut Function, is_taken: fn(&str) -> bool) {
    let first = usize::from(function.name.starts_with("[method]"));
    for at in first..function.params.len() {
        let mut name = function.params[at].name.clone();
        while is_taken(&name) || has(&function.params, at, &name) {
            name.push_str(ADDED);
        }
        function.params[at].name = name;
    }
}

fn has(params: &[Param], except: usize, name: &str) -> bool {
    params.iter().enumerate().any(|(at, param)| at != except && param.name == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn taken_names_get_an_addition_that_no_other_parameter_has() {
        let wit = "package a:b; interface tools {
            get: func(%self: u8, self-value: u8, other: u8);
            resource r { get: func(other: u8); }
        }";
        let mut resolve = Resolve::default();
        resolve.push_str("world.wit", wit).unwrap();
        rename(&mut resolve, |name| name == "self");
        let (_, tools) = resolve.interfaces.iter().next().unwrap();
        let names = |function: &str| -> Vec<&str> {
            tools.functions[function].params.iter().map(|param| param.name.as_str()).collect()
        };
        assert_eq!(names("get"), ["self-value-value", "self-value", "other"]);
        assert_eq!(names("[method]r.get"), ["self", "other"]);
    }
}
