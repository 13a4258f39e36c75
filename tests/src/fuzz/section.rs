//! The section of a packed component.

use std::sync::OnceLock;

use toolcell_cli::component::{self, Component, section};
use toolcell_cli::plugin::assemble;

use super::assert_clear;
use super::wit_type::echo_component;
use toolcell_host::codec::Type;

/// A component with one function, and its bytes.
fn subject() -> &'static (Vec<u8>, Component) {
    static SUBJECT: OnceLock<(Vec<u8>, Component)> = OnceLock::new();
    SUBJECT.get_or_init(|| {
        let bytes = echo_component(&Type::String);
        let component = component::read("subject.wasm", &bytes).expect("the component is plain");
        (bytes, component)
    })
}

/// Reads the content of a section: it is found as it was packed, and it is refused, or a plugin that is the same when it
/// is packed again. Read as a component, the input keeps all its other sections.
pub fn section(data: &[u8]) {
    let (bytes, component) = subject();
    let packed = section::replace(bytes, data);
    assert_eq!(section::find(&packed), Some(data));
    assert_eq!(section::replace(&packed, data), packed, "packed twice");
    match assemble::unpack(data, "packed.wasm", component) {
        Err(problem) => assert_clear(&problem),
        Ok(plugin) => {
            let written = serde_json::to_vec(&plugin).expect("a plugin is JSON");
            let again = assemble::unpack(&written, "packed.wasm", component)
                .unwrap_or_else(|problem| panic!("refused when packed again: {problem}"));
            assert_eq!(serde_json::to_vec(&again).expect("a plugin is JSON"), written);
        }
    }
    let once = section::replace(data, b"content");
    // In a damaged file the end of the last section is not known, and what is added behind it is not found.
    if section::find(&once) == Some(b"content") {
        assert_eq!(section::replace(&section::replace(data, b"another"), b"content"), once);
    }
}
