//! A component that a stranger brings.

use toolcell_cli::component::{self, section};
use toolcell_cli::plugin::assemble;

use super::assert_clear;

/// Reads a component. It is refused with a remedy; or it can be packed, and is the same component with the same tools
/// when it is read again.
pub fn component(data: &[u8]) {
    let component = match component::read("foreign.wasm", data) {
        Ok(component) => component,
        Err(problem) => return assert_clear(&problem),
    };
    let plugin = match assemble::bare("foreign", "foreign.wasm", &component) {
        Ok(plugin) => plugin,
        Err(problem) => return assert_clear(&problem),
    };
    let json = serde_json::to_vec(&plugin).expect("a plugin is JSON");
    let packed = section::replace(data, &json);
    let again = component::read("packed.wasm", &packed)
        .unwrap_or_else(|problem| panic!("refused once it was packed: {problem}"));
    assert_eq!(format!("{:?}", again.exports), format!("{:?}", component.exports));
    assert_eq!(again.imports, component.imports);
    assert_eq!(again.packed.as_deref(), Some(json.as_slice()));
    let unpacked = assemble::unpack(&json, "packed.wasm", &again)
        .unwrap_or_else(|problem| panic!("refused once it was packed: {problem}"));
    assert_eq!(serde_json::to_vec(&unpacked).expect("a plugin is JSON"), json);
}
