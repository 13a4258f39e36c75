//! Types that have a name: one declaration each.

use wit_parser::{
    Docs, Enum, Flags, LiftLowerAbi, ManglingAndAbi, Record, ResourceIntrinsic, Type, TypeDefKind, TypeId,
    Variant, WasmImport, WorldKey,
};

use super::spelling::{self, Unsupported, docs, indented};
use super::world_names::WorldNames;
use super::{import, name};

/// Most flags that one type of a component has.
const MOST_FLAGS: usize = 32;

/// A declaration; `key` names the interface that the type is in, if it is imported.
///
/// # Errors
/// The type cannot be written in Zig.
pub(super) fn declaration(
    names: &WorldNames<'_>,
    key: Option<&WorldKey>,
    id: TypeId,
) -> Result<String, Unsupported> {
    let ty = &names.resolve.types[id];
    let name = ty.name.as_deref().unwrap_or_default();
    let body = match &ty.kind {
        TypeDefKind::Record(record) => fields(names, record)?,
        TypeDefKind::Variant(variant) => cases(names, variant)?,
        TypeDefKind::Enum(all) => enumeration(all),
        TypeDefKind::Flags(flags) => bits(name, flags)?,
        TypeDefKind::Resource => resource(names, key, id)?,
        other => spelling::of_kind(names, other)?,
    };
    Ok(format!("{}pub const {} = {body};\n", docs(&ty.docs), names.declared(ty)))
}

fn fields(names: &WorldNames<'_>, record: &Record) -> Result<String, Unsupported> {
    let each = record.fields.iter().map(|field| {
        let ty = spelling::of(names, &field.ty)?;
        let default = if is_option(names, &field.ty) { " = null" } else { "" };
        Ok(member(&field.docs, &format!("{}: {ty}{default}", name::snake(&field.name))))
    });
    Ok(format!("struct {{\n{}}}", each.collect::<Result<String, Unsupported>>()?))
}

fn is_option(names: &WorldNames<'_>, ty: &Type) -> bool {
    let Type::Id(id) = ty else { return false };
    match &names.resolve.types[*id].kind {
        TypeDefKind::Option(_) => true,
        TypeDefKind::Type(ty) => is_option(names, ty),
        _ => false,
    }
}

fn cases(names: &WorldNames<'_>, variant: &Variant) -> Result<String, Unsupported> {
    let each = variant.cases.iter().map(|case| {
        let name = name::snake(&case.name);
        Ok(match &case.ty {
            Some(ty) => member(&case.docs, &format!("{name}: {}", spelling::of(names, ty)?)),
            None => member(&case.docs, &name),
        })
    });
    Ok(format!("union(enum) {{\n{}}}", each.collect::<Result<String, Unsupported>>()?))
}

fn enumeration(all: &Enum) -> String {
    let each = all.cases.iter().map(|case| member(&case.docs, &name::snake(&case.name)));
    format!("enum {{\n{}}}", each.collect::<String>())
}

fn bits(name: &str, flags: &Flags) -> Result<String, Unsupported> {
    if flags.flags.len() > MOST_FLAGS {
        return Err(format!("flags {name} with {} names; {MOST_FLAGS} are the most", flags.flags.len()));
    }
    let each = flags
        .flags
        .iter()
        .map(|flag| member(&flag.docs, &format!("{}: bool = false", name::snake(&flag.name))));
    Ok(format!("packed struct(u{}) {{\n{}}}", flags.flags.len(), each.collect::<String>()))
}

/// A handle, with the functions of the resource that it stands for.
fn resource(names: &WorldNames<'_>, key: Option<&WorldKey>, id: TypeId) -> Result<String, Unsupported> {
    let functions = names.functions_of(id);
    let mut parts = vec!["_,\n".to_owned()];
    for function in functions {
        parts.push(import::function(names, key, function)?);
    }
    parts.push(drop_of(names, key, id));
    Ok(format!("enum(u32) {{\n{}}}", indented(&parts.join("\n"))))
}

fn drop_of(names: &WorldNames<'_>, interface: Option<&WorldKey>, resource: TypeId) -> String {
    let intrinsic = ResourceIntrinsic::ImportedDrop;
    let import = WasmImport::ResourceIntrinsic { interface, resource, intrinsic };
    let (module, name) = names.resolve.wasm_import_name(ManglingAndAbi::Legacy(LiftLowerAbi::Sync), import);
    let name = name::quoted(&name);
    format!(
        "/// Gives the handle back; it is of no use afterwards.\n\
         pub fn drop(self: @This()) void {{\n    \
             const _host = struct {{\n        \
                 extern \"{module}\" fn {name}(handle: i32) void;\n    \
             }};\n    \
             _host.{name}(@bitCast(@intFromEnum(self)));\n\
         }}\n"
    )
}

/// A line of a declaration.
fn member(documented: &Docs, text: &str) -> String {
    indented(&format!("{}{text},\n", docs(documented)))
}
