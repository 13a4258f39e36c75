//! Finds WIT types that have no bindings in Go.

use wit_parser::{Resolve, TypeDefKind};

/// Values that a tuple of package `wit` has room for.
const TUPLE: usize = 16;

/// The first thing that the generator would end the program at, or that only a patched Go can compile.
pub(super) fn first(resolve: &Resolve) -> Option<String> {
    let of_types = resolve.types.iter().find_map(|(_, ty)| match &ty.kind {
        TypeDefKind::Tuple(tuple) if tuple.types.len() > TUPLE => {
            Some(format!("a tuple of {} values; {TUPLE} are the most in Go", tuple.types.len()))
        }
        kind @ (TypeDefKind::FixedLengthList(..)
        | TypeDefKind::Map(..)
        | TypeDefKind::Future(_)
        | TypeDefKind::Stream(_)) => Some(format!("a {}", kind.as_str())),
        _ => None,
    });
    let of_interfaces = resolve.interfaces.iter().flat_map(|(_, interface)| interface.functions.values());
    let asynchronous = of_interfaces.into_iter().find(|function| function.kind.is_async());
    of_types.or_else(|| asynchronous.map(|function| format!("async function {}", function.name)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn in_wit(declared: &str) -> Option<String> {
        let mut resolve = Resolve::default();
        let wit = format!("package example:shop@0.1.0; interface tools {{ {declared} }}");
        resolve.push_str("world.wit", &wit).unwrap();
        first(&resolve)
    }

    #[test]
    fn what_go_has_no_bindings_for_is_named() {
        assert_eq!(in_wit("get: func() -> tuple<u8, list<string>>;"), None);
        assert_eq!(in_wit("get: async func();").as_deref(), Some("async function get"));
        assert_eq!(in_wit("get: func() -> stream<u8>;").as_deref(), Some("a stream"));
        let seventeen = ["u8"; 17].join(", ");
        let tuple = in_wit(&format!("get: func() -> tuple<{seventeen}>;"));
        assert_eq!(tuple.as_deref(), Some("a tuple of 17 values; 16 are the most in Go"));
    }
}
