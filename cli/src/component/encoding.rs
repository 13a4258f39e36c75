//! Tells a component from other files by its first bytes.

use crate::ui::problem::{Problem, Result};

/// The first bytes of every WebAssembly file.
const MAGIC: &[u8] = b"\0asm";

/// The version of the component model's encoding, and the layer that tells components from core modules.
const COMPONENT: (u16, u16) = (0x0d, 1);

/// The same of core modules.
const MODULE: (u16, u16) = (1, 0);

/// Checks that bytes start as a component does.
///
/// # Errors
/// Says what else they are.
pub(super) fn check(file: &str, bytes: &[u8]) -> Result<()> {
    let problem = |wrong: &str, found: String, next: &str| {
        let problem = Problem::refused(file, wrong).found(found);
        Err(problem.expected("a WebAssembly component (.wasm)").next(next))
    };
    if !bytes.starts_with(MAGIC) {
        return problem("is not WebAssembly", first_bytes(bytes), "pass the .wasm file written by the build");
    }
    let Some(&[a, b, c, d]) = bytes.get(4..8) else {
        let found = format!("a file of {} bytes", bytes.len());
        return problem("is damaged", found, "rebuild the file or copy it again");
    };
    match (u16::from_le_bytes([a, b]), u16::from_le_bytes([c, d])) {
        COMPONENT => Ok(()),
        MODULE => problem(
            "is a core module, not a component",
            "a core WebAssembly module".into(),
            "pass the component that `toolcell build` writes; in Rust, build for wasm32-wasip2, \
             or run `wasm-tools component new` on this module",
        ),
        (version, 1) if version < COMPONENT.0 => problem(
            "is a component in an encoding from before WASI 0.2",
            format!("encoding {version:#x}"),
            "build it again with a toolchain from 2024 or later",
        ),
        (version, layer) => problem(
            "is WebAssembly in an encoding that this version of toolcell does not know",
            format!("encoding {version:#x}, layer {layer:#x}"),
            "build it for WASI 0.2, or install a newer toolcell",
        ),
    }
}

fn first_bytes(bytes: &[u8]) -> String {
    match bytes.get(..4) {
        None => format!("a file of {} bytes", bytes.len()),
        Some(start) => format!("a file that starts with {start:02x?}"),
    }
}
