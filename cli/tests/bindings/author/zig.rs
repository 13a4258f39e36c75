//! Zig, from the calls in `exports.zig`.

use std::collections::BTreeMap;
use std::path::Path;

use super::read;

/// Has the compiler look at everything that the bindings declare.
const USED: &str = "
fn everything(comptime T: type) void {
    @setEvalBranchQuota(1_000_000);
    inline for (comptime @import(\"std\").meta.declarations(T)) |name| {
        const one = &@field(T, name);
        if (@TypeOf(one.*) != type) continue;
        switch (@typeInfo(one.*)) {
            .@\"struct\", .@\"enum\" => everything(one.*),
            else => {},
        }
    }
}

comptime {
    everything(@import(\"wit\"));
}
";

pub(super) fn author(bindings: &Path) -> Vec<(String, String)> {
    let exports = read(&bindings.join("exports.zig"));
    let mut namespaces = BTreeMap::<&str, String>::new();
    let mut params = Vec::new();
    for line in exports.lines() {
        if let Some((_, value)) = line.split_once("arguments = ") {
            params = types(value);
        }
        let Some((_, call)) = line.split_once(".call(") else { continue };
        let (returned, function) = call.split_once(", plugin.").unwrap();
        let function = function.split_once(", ").unwrap().0;
        let (namespace, name) = function.split_once('.').unwrap_or(("", function));
        let params: String = params.iter().map(|ty| format!("_: {}, ", outside(ty))).collect();
        let body = match returned {
            "u32" => "return 7;",
            "void" => "",
            _ => "unreachable;",
        };
        let function = format!("pub fn {name}({params}) {} {{ {body} }}\n", outside(returned));
        namespaces.entry(namespace).or_default().push_str(&function);
    }
    let mut source = namespaces.remove("").unwrap_or_default();
    for (namespace, functions) in namespaces {
        source += &format!("pub const {namespace} = struct {{\n{functions}}};\n");
    }
    vec![("src/main.zig".to_owned(), source + USED)]
}

/// The types of the arguments: `u32` and `f64` of `abi.lift(struct { u32, f64 }, ...)`.
fn types(arguments: &str) -> Vec<&str> {
    let Some((_, types)) = arguments.split_once("(struct { ") else { return Vec::new() };
    types.split_once(" }").unwrap().0.split(", ").collect()
}

/// A type as a module writes it that has no names of its own.
fn outside(ty: &str) -> String {
    ty.replace("_wit.", "@import(\"wit\").")
}
