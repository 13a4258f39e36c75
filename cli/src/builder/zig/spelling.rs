//! Types of WIT as Zig writes them.

use wit_parser::{Docs, Handle, Result_, Tuple, Type, TypeDefKind};

use super::world_names::WorldNames;

/// A WIT type that has no bindings.
pub(super) type Unsupported = String;

/// A type wherever one can stand.
///
/// # Errors
/// There is no such type in Zig.
pub(super) fn of(names: &WorldNames<'_>, ty: &Type) -> Result<String, Unsupported> {
    Ok(match ty {
        Type::Bool => "bool".to_owned(),
        Type::U8 => "u8".to_owned(),
        Type::S8 => "i8".to_owned(),
        Type::U16 => "u16".to_owned(),
        Type::S16 => "i16".to_owned(),
        Type::U32 => "u32".to_owned(),
        Type::S32 => "i32".to_owned(),
        Type::U64 => "u64".to_owned(),
        Type::S64 => "i64".to_owned(),
        Type::F32 => "f32".to_owned(),
        Type::F64 => "f64".to_owned(),
        Type::Char => "u21".to_owned(),
        Type::String => "[]const u8".to_owned(),
        Type::ErrorContext => return Err("an error-context".to_owned()),
        Type::Id(id) => {
            let definition = &names.resolve.types[*id];
            match definition.name {
                Some(_) => names.of_type(definition),
                None => of_kind(names, &definition.kind)?,
            }
        }
    })
}

/// A type that is made of others.
pub(super) fn of_kind(names: &WorldNames<'_>, kind: &TypeDefKind) -> Result<String, Unsupported> {
    Ok(match kind {
        TypeDefKind::Type(ty) => of(names, ty)?,
        TypeDefKind::List(item) => format!("[]const {}", of(names, item)?),
        TypeDefKind::FixedLengthList(item, length) => format!("[{length}]{}", of(names, item)?),
        TypeDefKind::Map(key, value) => format!("[]const {}", tuple(names, &[*key, *value])?),
        TypeDefKind::Option(some) => format!("?{}", of(names, some)?),
        TypeDefKind::Result(Result_ { ok, err }) => {
            format!("_wit.Result({}, {})", of_payload(names, ok.as_ref())?, of_payload(names, err.as_ref())?)
        }
        TypeDefKind::Tuple(Tuple { types }) => tuple(names, types)?,
        TypeDefKind::Handle(Handle::Own(id) | Handle::Borrow(id)) => of(names, &Type::Id(*id))?,
        other => return Err(format!("a {}", other.as_str())),
    })
}

/// A type that may be left out.
pub(super) fn of_payload(names: &WorldNames<'_>, ty: Option<&Type>) -> Result<String, Unsupported> {
    ty.map_or_else(|| Ok("void".to_owned()), |ty| of(names, ty))
}

/// Several types side by side.
pub(super) fn tuple<'a>(
    names: &WorldNames<'_>,
    types: impl IntoIterator<Item = &'a Type>,
) -> Result<String, Unsupported> {
    let types: Vec<String> = types.into_iter().map(|ty| of(names, ty)).collect::<Result<_, _>>()?;
    Ok(if types.is_empty() { "struct {}".to_owned() } else { format!("struct {{ {} }}", types.join(", ")) })
}

/// Documentation in front of a declaration.
pub(super) fn docs(docs: &Docs) -> String {
    let lines = docs.contents.iter().flat_map(|text| text.trim().lines());
    lines.map(|line| format!("{}\n", format!("/// {line}").trim_end())).collect()
}

/// Text one level further in.
pub(super) fn indented(text: &str) -> String {
    text.lines().map(|line| if line.is_empty() { "\n".to_owned() } else { format!("    {line}\n") }).collect()
}
