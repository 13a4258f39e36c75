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
const wit = @import(\"wit\");
const abi = wit.abi;

pub const std_options: std.Options = if (@hasDecl(plugin, \"std_options\")) plugin.std_options else .{};
pub const panic = if (@hasDecl(plugin, \"panic\")) plugin.panic else std.debug.FullPanic(abi.panic);

export fn cabi_realloc(old: usize, old_bytes: usize, alignment: usize, bytes: usize) usize {
    return abi.realloc(old, old_bytes, alignment, bytes);
}
";

/// The whole file.
///
/// # Errors
/// The world exports what a plugin in Zig cannot have.
pub(super) fn text(names: &WorldNames<'_>) -> Result<String, Unsupported> {
    let mut parts = vec![HEAD.to_owned()];
    for (key, item) in &names.resolve.worlds[names.world].exports {
        match item {
            WorldItem::Function(function) => parts.push(export(names, None, "plugin", function)?),
            WorldItem::Type { .. } => {}
            WorldItem::Interface { id, .. } => {
                let interface = &names.resolve.interfaces[*id];
                let is_resource = |ty| matches!(names.resolve.types[ty].kind, TypeDefKind::Resource);
                if let Some((name, _)) = interface.types.iter().find(|(_, ty)| is_resource(**ty)) {
                    return Err(format!("resource {name}, which the plugin would export"));
                }
                let owner = format!("plugin.{}", names.interface(*id));
                for function in interface.functions.values() {
                    parts.push(export(names, Some(key), &owner, function)?);
                }
            }
        }
    }
    Ok(parts.join("\n"))
}

/// A function, and what frees its memory once the result is read.
fn export(
    names: &WorldNames<'_>,
    interface: Option<&WorldKey>,
    owner: &str,
    function: &Function,
) -> Result<String, Unsupported> {
    import::check(function)?;
    let spelled = |kind| {
        let export = WasmExport::Func { interface, func: function, kind };
        let mangling = ManglingAndAbi::Legacy(LiftLowerAbi::Sync);
        name::quoted(&names.resolve.wasm_export_name(mangling, export))
    };
    let signature = names.resolve.wasm_signature(AbiVariant::GuestExport, function);
    let result = signature.results.first().map_or("void", import::core);
    let params: Vec<String> =
        signature.params.iter().enumerate().map(|(at, ty)| format!("p{at}: {}", import::core(ty))).collect();
    let freed = if result == "void" { String::new() } else { format!("_: {result}") };
    Ok(format!(
        "export fn {}({}) {result} {{\n{}}}\n\nexport fn {}({freed}) void {{\n    abi.release();\n}}\n",
        spelled(WasmExportKind::Normal),
        params.join(", "),
        indented(&body(names, owner, function)?),
        spelled(WasmExportKind::PostReturn),
    ))
}

fn body(names: &WorldNames<'_>, owner: &str, function: &Function) -> Result<String, Unsupported> {
    let signature = names.resolve.wasm_signature(AbiVariant::GuestExport, function);
    let returned = of_payload(names, function.result.as_ref())?;
    let types = spelling::tuple(names, function.params.iter().map(|param| &param.ty))?;
    let bits: Vec<String> = (0..signature.params.len()).map(|at| format!("abi.pack(p{at})")).collect();
    let arguments = match function.params.len() {
        0 => ".{}".to_owned(),
        _ if signature.indirect_params => format!("abi.load({types}, @intCast(p0))"),
        _ => format!("abi.lift({types}, &.{{ {} }})", bits.join(", ")),
    };
    let call = format!(
        "const arguments = {arguments};\n\
         const result = abi.call({returned}, {owner}.{}, arguments);\n",
        import::name(function)
    );
    Ok(match signature.results.first() {
        None => call + "return result;\n",
        Some(_) if signature.retptr => format!("{call}return @intCast(abi.place({returned}, result));\n"),
        Some(core) => format!(
            "{call}\
             var flat: [1]u64 = undefined;\n\
             abi.lower({returned}, result, &flat);\n\
             return abi.unpack({}, flat[0]);\n",
            import::core(core)
        ),
    })
}
