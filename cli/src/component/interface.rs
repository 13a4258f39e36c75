//! Decodes the WIT that a component carries in its types.

use std::cell::Cell;
use std::panic::{self, AssertUnwindSafe};
use std::sync::Once;

use wit_component::DecodedWasm;
use wit_parser::{Resolve, WorldId};

use crate::ui::problem::{Problem, Result};

thread_local! {
    /// True while this thread decodes: a panic is then caught, and nobody has to read of it.
    static DECODING: Cell<bool> = const { Cell::new(false) };
}

/// Decodes the world of a valid component.
///
/// # Errors
/// It has no code, or types that WIT cannot write.
pub(super) fn decode(file: &str, bytes: &[u8]) -> Result<(Resolve, WorldId)> {
    let unreadable = |found: String| {
        Problem::refused(file, "has an unreadable interface")
            .found(found)
            .expected("a component whose imports and exports are interfaces, functions and types, as WIT writes them")
            .next("rebuild the component from WIT with a current toolchain")
    };
    match caught(bytes) {
        Some(Ok(DecodedWasm::Component(resolve, world))) => Ok((resolve, world)),
        Some(Ok(DecodedWasm::WitPackage(..))) => {
            Err(unreadable("a WIT package in binary form, without code".into()))
        }
        Some(Err(error)) => Err(unreadable(format!("{error:#}"))),
        None => Err(unreadable("an import or export of something that WIT cannot write".into())),
    }
}

/// Decodes; `None` if the decoder panics, which valid components that no WIT describes can make it do.
fn caught(bytes: &[u8]) -> Option<anyhow::Result<DecodedWasm>> {
    silence();
    DECODING.set(true);
    let decoded = panic::catch_unwind(AssertUnwindSafe(|| wit_component::decode(bytes)));
    DECODING.set(false);
    decoded.ok()
}

/// Leaves out the message of panics that are caught here; others are told as before.
fn silence() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let told = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            if !DECODING.get() {
                told(info);
            }
        }));
    });
}
