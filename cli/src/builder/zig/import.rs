//! Functions that a plugin imports.

use wit_parser::abi::{AbiVariant, WasmSignature, WasmType};
use wit_parser::{Function, FunctionKind, LiftLowerAbi, ManglingAndAbi, WasmImport, WorldKey};

use super::name;
use super::spelling::{self, Unsupported, docs, indented, of_payload};
use super::world_names::WorldNames;

/// A function that calls the host; `interface` is none for one of the world itself.
///
/// # Errors
/// Its types cannot be written in Zig, or it is asynchronous.
pub(super) fn function(
    names: &WorldNames<'_>,
    interface: Option<&WorldKey>,
    function: &Function,
) -> Result<String, Unsupported> {
    check(function)?;
    let import = WasmImport::Func { interface, func: function };
    let host = names.resolve.wasm_import_name(ManglingAndAbi::Legacy(LiftLowerAbi::Sync), import);
    let params: Vec<String> = function.params.iter().map(|param| names.parameter(&param.name)).collect();
    let types = function.params.iter().map(|param| spelling::of(names, &param.ty));
    let types = types.collect::<Result<Vec<_>, _>>()?;
    let declared: Vec<String> = params.iter().zip(&types).map(|(name, ty)| format!("{name}: {ty}")).collect();
    let returned = of_payload(names, function.result.as_ref())?;
    Ok(format!(
        "{}pub fn {}({}) {returned} {{\n{}}}\n",
        docs(&function.docs),
        name::function(function),
        declared.join(", "),
        indented(&body(names, function, &host, &params)?)
    ))
}

/// Refuses what only an asynchronous caller could use.
pub(super) fn check(function: &Function) -> Result<(), Unsupported> {
    match function.kind {
        FunctionKind::Freestanding
        | FunctionKind::Method(_)
        | FunctionKind::Static(_)
        | FunctionKind::Constructor(_) => Ok(()),
        _ => Err(format!("function {}, which is not of the plain kind", function.name)),
    }
}

/// The type of an argument of core WebAssembly.
pub(super) fn core(ty: &WasmType) -> &'static str {
    match ty {
        WasmType::I32 | WasmType::Pointer | WasmType::Length => "i32",
        WasmType::I64 | WasmType::PointerOrI64 => "i64",
        WasmType::F32 => "f32",
        WasmType::F64 => "f64",
    }
}

fn body(
    names: &WorldNames<'_>,
    function: &Function,
    (module, name): &(String, String),
    params: &[String],
) -> Result<String, Unsupported> {
    let signature = names.resolve.wasm_signature(AbiVariant::GuestImport, function);
    let returned = of_payload(names, function.result.as_ref())?;
    let types = spelling::tuple(names, function.params.iter().map(|param| &param.ty))?;
    let cores: Vec<&str> = signature.params.iter().map(core).collect();
    let result = signature.results.first().map_or("void", core);
    let host = name::quoted(name);
    let mut lines = vec![
        "if (!_abi.inside) @panic(\"only a component can call its imports\");".to_owned(),
        "const _host = struct {".to_owned(),
        format!("    extern \"{module}\" fn {host}({}) {result};", cores.join(", ")),
        "};".to_owned(),
    ];
    let mut arguments = arguments(&signature, &types, params, &mut lines);
    if signature.retptr {
        lines.push(format!("const _result = _abi.room({returned});"));
        arguments.push("@intCast(_result)".to_owned());
    }
    let call = format!("_host.{host}({})", arguments.join(", "));
    match result {
        _ if signature.retptr => {
            lines.extend([format!("{call};"), format!("return _abi.load({returned}, _result);")])
        }
        "void" => lines.push(format!("{call};")),
        _ => lines.push(format!("return _abi.lift({returned}, &.{{_abi.pack({call})}});")),
    }
    Ok(lines.join("\n") + "\n")
}

/// Lowers the parameters, and returns what the host is given.
fn arguments(
    signature: &WasmSignature,
    types: &str,
    params: &[String],
    lines: &mut Vec<String>,
) -> Vec<String> {
    if params.is_empty() {
        return Vec::new();
    }
    let values = format!(".{{ {} }}", params.join(", "));
    if signature.indirect_params {
        return vec![format!("@intCast(_abi.place({types}, {values}))")];
    }
    let count = signature.params.len() - usize::from(signature.retptr);
    lines.push(format!("var _flat: [{count}]u64 = undefined;"));
    lines.push(format!("_abi.lower({types}, {values}, &_flat);"));
    let cores = signature.params.iter().take(count).map(core).enumerate();
    cores.map(|(index, core)| format!("_abi.unpack({core}, _flat[{index}])")).collect()
}
