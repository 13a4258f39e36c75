//! Compares a plan with the type that the component declares.

use wasmtime::component::__internal::{ComponentTypes, InterfaceType};

use super::layout::Layout;
use crate::codec::plan::Type;

/// Tells whether `declared`, the tuple of a function's parameters or results, has exactly these types.
///
/// Names count too: otherwise a plan with two fields exchanged would exchange their values.
pub(super) fn matches<'t>(
    planned: impl ExactSizeIterator<Item = &'t Type>,
    layout: &Layout,
    declared: &InterfaceType,
    types: &ComponentTypes,
) -> bool {
    let InterfaceType::Tuple(index) = declared else { return false };
    let abi = &types[*index].abi;
    let laid_out = (abi.size32 as usize, abi.align32 as usize) == (layout.size, layout.align);
    laid_out && all(planned, types[*index].types.iter(), |ty, found| same(ty, found, types))
}

fn same(ty: &Type, declared: &InterfaceType, types: &ComponentTypes) -> bool {
    match (ty, declared) {
        (Type::Bool, InterfaceType::Bool)
        | (Type::S8, InterfaceType::S8)
        | (Type::U8, InterfaceType::U8)
        | (Type::S16, InterfaceType::S16)
        | (Type::U16, InterfaceType::U16)
        | (Type::S32, InterfaceType::S32)
        | (Type::U32, InterfaceType::U32)
        | (Type::S64, InterfaceType::S64)
        | (Type::U64, InterfaceType::U64)
        | (Type::F32, InterfaceType::Float32)
        | (Type::F64, InterfaceType::Float64)
        | (Type::Char, InterfaceType::Char)
        | (Type::String, InterfaceType::String) => true,
        (Type::Bytes, InterfaceType::List(list)) => types[*list].element == InterfaceType::U8,
        (Type::List(element), InterfaceType::List(list)) => same(element, &types[*list].element, types),
        (Type::Option(some), InterfaceType::Option(option)) => same(some, &types[*option].ty, types),
        (Type::Result { ok, err }, InterfaceType::Result(result)) => {
            let result = &types[*result];
            payload(ok.as_deref(), result.ok.as_ref(), types)
                && payload(err.as_deref(), result.err.as_ref(), types)
        }
        _ => same_names(ty, declared, types),
    }
}

/// Compares the types that have parts, most of them by name.
fn same_names(ty: &Type, declared: &InterfaceType, types: &ComponentTypes) -> bool {
    match (ty, declared) {
        (Type::Tuple(planned), InterfaceType::Tuple(tuple)) => {
            all(planned.iter(), types[*tuple].types.iter(), |ty, found| same(ty, found, types))
        }
        (Type::Record(fields), InterfaceType::Record(record)) => {
            all(fields.iter(), types[*record].fields.iter(), |field, found| {
                is_name(&field.name, &found.name) && same(&field.ty, &found.ty, types)
            })
        }
        (Type::Variant(cases), InterfaceType::Variant(variant)) => {
            all(cases.iter(), types[*variant].cases.iter(), |case, (name, found)| {
                is_name(&case.name, name) && payload(case.payload.as_ref(), found.as_ref(), types)
            })
        }
        (Type::Enum(planned), InterfaceType::Enum(found)) => {
            all(planned.iter(), types[*found].names.iter(), |label, name| is_name(&label.name, name))
        }
        (Type::Flags(planned), InterfaceType::Flags(found)) => {
            all(planned.iter(), types[*found].names.iter(), |label, name| is_name(&label.name, name))
        }
        _ => false,
    }
}

fn payload(planned: Option<&Type>, declared: Option<&InterfaceType>, types: &ComponentTypes) -> bool {
    match (planned, declared) {
        (Some(ty), Some(found)) => same(ty, found, types),
        (None, None) => true,
        _ => false,
    }
}

fn all<A, B>(
    planned: impl ExactSizeIterator<Item = A>,
    declared: impl ExactSizeIterator<Item = B>,
    same: impl Fn(A, B) -> bool,
) -> bool {
    planned.len() == declared.len() && planned.zip(declared).all(|(a, b)| same(a, b))
}

/// Tells whether a JSON name is that of a WIT name.
fn is_name(json_name: &str, wit_name: &str) -> bool {
    let same = |(json, wit): (u8, u8)| json == wit || (json == b'_' && wit == b'-');
    json_name.len() == wit_name.len() && json_name.bytes().zip(wit_name.bytes()).all(same)
}
