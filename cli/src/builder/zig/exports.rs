//! `exports.zig`: what the component exports, each with a call of the author's function.

use wit_parser::abi::AbiVariant;
use wit_parser::{
    Function, LiftLowerAbi, ManglingAndAbi, TypeDefKind, WasmExport, WasmExportKind, WorldItem, WorldKey,
};

use super::spelling::{self, Unsupported, indented, of_payload};
use super::world_names::WorldNames;
use super::{import, name};

const HEAD: &str = "\
//! What the component exports. Made by `toolcell build`: changes are lost.

const std = @import(\"std\");
const plugin = @import(\"plugin\");
const _wit = @import(\"wit\");
const _abi = _wit._abi;

export fn cabi_realloc(old: usize, old_bytes: usize, alignment: usize, bytes: usize) usize {
    return _abi.realloc(old, old_bytes, alignment, bytes);
}
";

/// The settings that Zig looks for in the first file of a program: name, type and value.
const SETTINGS: [(&str, &str, &str); 2] =
    [("std_options", ": std.Options", ".{}"), ("panic", "", "std.debug.FullPanic(_abi.panic)")];

/// The whole file.
///
/// # Errors
/// The world exports what a plugin in Zig cannot have.
pub(super) fn text(names: &WorldNames<'_>) -> Result<String, Unsupported> {
    let mut parts = vec![HEAD.to_owned() + &settings(names)];
    for (key, item) in &names.resolve.worlds[names.world].exports {
        match item {
            WorldItem::Function(function) => {
                parts.push(export(names, None, "plugin", function, parts.len())?)
            }
            WorldItem::Type { .. } => {}
            WorldItem::Interface { id, .. } => {
                let interface = &names.resolve.interfaces[*id];
                let is_resource = |ty| matches!(names.resolve.types[ty].kind, TypeDefKind::Resource);
                if let Some((name, _)) = interface.types.iter().find(|(_, ty)| is_resource(**ty)) {
                    return Err(format!("resource {name}, which the plugin would export"));
                }
                let owner = format!("plugin.{}", names.interface(*id));
                for function in interface.functions.values() {
                    parts.push(export(names, Some(key), &owner, function, parts.len())?);
                }
            }
        }
    }
    Ok(parts.join("\n"))
}

/// The settings, from the author's file unless something that the WIT exports has such a name there.
fn settings(names: &WorldNames<'_>) -> String {
    let settings = SETTINGS.iter().map(|(name, ty, own)| match names.is_of_world(name) {
        true => format!("pub const {name}{ty} = {own};\n"),
        false => {
            format!("pub const {name}{ty} = if (@hasDecl(plugin, \"{name}\")) plugin.{name} else {own};\n")
        }
    });
    format!("\n{}", settings.collect::<String>())
}

/// A function, and what frees its memory once the result is read; `number` tells it from the others.
fn export(
    names: &WorldNames<'_>,
    interface: Option<&WorldKey>,
    owner: &str,
    function: &Function,
    number: usize,
) -> Result<String, Unsupported> {
    import::check(function)?;
    let signature = names.resolve.wasm_signature(AbiVariant::GuestExport, function);
    let result = signature.results.first().map_or("void", import::core);
    let params: Vec<String> =
        signature.params.iter().enumerate().map(|(at, ty)| format!("p{at}: {}", import::core(ty))).collect();
    let freed = if result == "void" { String::new() } else { format!("_: {result}") };
    let symbol = |kind| symbol(names, WasmExport::Func { interface, func: function, kind });
    Ok(format!(
        "fn call{number}({}) callconv(.c) {result} {{\n{}}}\n\n\
         fn release{number}({freed}) callconv(.c) void {{\n    _abi.release();\n}}\n\n\
         comptime {{\n    @export(&call{number}, .{{ .name = \"{}\" }});\n    \
         @export(&release{number}, .{{ .name = \"{}\" }});\n}}\n",
        params.join(", "),
        indented(&body(names, owner, function)?),
        symbol(WasmExportKind::Normal),
        symbol(WasmExportKind::PostReturn),
    ))
}

/// The symbol of an export. The standard names begin with a prefix, where the older ones of a world's own functions are
/// bare and could be those of the compiler's library (`sin`) or of the linker (`memory`).
fn symbol(names: &WorldNames<'_>, export: WasmExport<'_>) -> String {
    let mangling = match export {
        WasmExport::Func { interface: None, .. } => ManglingAndAbi::Standard32,
        _ => ManglingAndAbi::Legacy(LiftLowerAbi::Sync),
    };
    names.resolve.wasm_export_name(mangling, export)
}

fn body(names: &WorldNames<'_>, owner: &str, function: &Function) -> Result<String, Unsupported> {
    let signature = names.resolve.wasm_signature(AbiVariant::GuestExport, function);
    let returned = of_payload(names, function.result.as_ref())?;
    let types = spelling::tuple(names, function.params.iter().map(|param| &param.ty))?;
    let bits: Vec<String> = (0..signature.params.len()).map(|at| format!("_abi.pack(p{at})")).collect();
    let arguments = match function.params.len() {
        0 => ".{}".to_owned(),
        _ if signature.indirect_params => format!("_abi.load({types}, @intCast(p0))"),
        _ => format!("_abi.lift({types}, &.{{ {} }})", bits.join(", ")),
    };
    let call = format!(
        "const arguments = {arguments};\n\
         const result = _abi.call({returned}, {owner}.{}, arguments);\n",
        name::function(function)
    );
    Ok(match signature.results.first() {
        None => call + "return result;\n",
        Some(_) if signature.retptr => format!("{call}return @intCast(_abi.place({returned}, result));\n"),
        Some(core) => format!(
            "{call}\
             var flat: [1]u64 = undefined;\n\
             _abi.lower({returned}, result, &flat);\n\
             return _abi.unpack({}, flat[0]);\n",
            import::core(core)
        ),
    })
}
