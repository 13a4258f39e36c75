//! Finds what the generators of C, C++ and Go have no bindings for, where most of them would end the program.

use wit_parser::{Function, LiveTypes, Resolve, Type, TypeDefKind, WorldId, WorldItem};

use crate::language::Language;

/// Values that a tuple of Go's package `wit` has room for.
const TUPLE: usize = 16;

/// Describes the first type or function of a world that a language has no bindings for.
pub(super) fn first(resolve: &Resolve, world: WorldId, language: Language) -> Option<String> {
    let mut types = LiveTypes::default();
    types.add_world(resolve, world);
    let of_types = types.iter().find_map(|id| of_kind(&resolve.types[id].kind, language));
    of_types.or_else(|| functions(resolve, world).into_iter().find_map(of_function))
}

fn of_kind(kind: &TypeDefKind, language: Language) -> Option<String> {
    match kind {
        TypeDefKind::FixedLengthList(..) | TypeDefKind::Future(_) | TypeDefKind::Stream(_) => {
            Some(format!("a {}", kind.as_str()))
        }
        TypeDefKind::Map(..) if language == Language::Go => Some(format!("a {}", kind.as_str())),
        TypeDefKind::Tuple(tuple) if language == Language::Go && tuple.types.len() > TUPLE => {
            Some(format!("a tuple of {} values; {TUPLE} are the most in Go", tuple.types.len()))
        }
        _ => parts(kind).into_iter().find_map(of_part),
    }
}

/// The types that a type is made of.
fn parts(kind: &TypeDefKind) -> Vec<Type> {
    match kind {
        TypeDefKind::Record(record) => record.fields.iter().map(|field| field.ty).collect(),
        TypeDefKind::Variant(variant) => variant.cases.iter().filter_map(|case| case.ty).collect(),
        TypeDefKind::Tuple(tuple) => tuple.types.clone(),
        TypeDefKind::Type(ty) | TypeDefKind::List(ty) | TypeDefKind::Option(ty) => vec![*ty],
        TypeDefKind::Result(result) => result.ok.into_iter().chain(result.err).collect(),
        TypeDefKind::Map(key, value) => vec![*key, *value],
        _ => Vec::new(),
    }
}

fn of_part(ty: Type) -> Option<String> {
    matches!(ty, Type::ErrorContext).then(|| "an error-context".to_owned())
}

fn of_function(function: &Function) -> Option<String> {
    if function.kind.is_async() {
        return Some(format!("async function {}", function.name));
    }
    let params = function.params.iter().map(|param| param.ty);
    params.chain(function.result).find_map(of_part)
}

/// The functions of a world and of its interfaces.
fn functions(resolve: &Resolve, world: WorldId) -> Vec<&Function> {
    let world = &resolve.worlds[world];
    let items = world.imports.values().chain(world.exports.values());
    let functions = items.flat_map(|item| match item {
        WorldItem::Function(function) => vec![function],
        WorldItem::Interface { id, .. } => resolve.interfaces[*id].functions.values().collect(),
        WorldItem::Type { .. } => Vec::new(),
    });
    functions.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn in_wit(declared: &str, language: Language) -> Option<String> {
        let mut resolve = Resolve::default();
        let wit = format!(
            "package example:shop@0.1.0; interface tools {{ {declared} }} interface unused {{ none: async func(); }}
            world shop {{ export tools; }}"
        );
        let package = resolve.push_str("world.wit", &wit).unwrap();
        let world = resolve.select_world(&[package], None).unwrap();
        first(&resolve, world, language)
    }

    #[test]
    fn what_no_generator_has_bindings_for_is_named() {
        for language in [Language::C, Language::Cpp, Language::Go] {
            for (declared, named) in [
                ("get: func() -> tuple<u8, list<string>>;", None),
                ("get: async func();", Some("async function get")),
                ("get: func() -> stream<u8>;", Some("a stream")),
                ("get: func() -> future;", Some("a future")),
                ("get: func() -> list<u8, 4>;", Some("a fixed-length list")),
                ("type four = list<u8, 4>;", Some("a fixed-length list")),
                ("get: func(error: error-context);", Some("an error-context")),
                ("get: func() -> error-context;", Some("an error-context")),
                ("record failure { why: option<error-context> }", Some("an error-context")),
            ] {
                assert_eq!(in_wit(declared, language).as_deref(), named, "{declared}");
            }
        }
    }

    #[test]
    fn what_only_go_has_no_bindings_for_is_named() {
        let seventeen = ["u8"; 17].join(", ");
        for (declared, named) in [
            ("get: func() -> map<string, u32>;".to_owned(), "a map"),
            (format!("get: func() -> tuple<{seventeen}>;"), "a tuple of 17 values; 16 are the most in Go"),
        ] {
            assert_eq!(in_wit(&declared, Language::Go).as_deref(), Some(named));
            assert_eq!(in_wit(&declared, Language::C), None);
        }
    }
}
