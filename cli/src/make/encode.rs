//! A component from a core module that has its world's type in a custom section.

use wasi_preview1_component_adapter_provider::{
    WASI_SNAPSHOT_PREVIEW1_ADAPTER_NAME, WASI_SNAPSHOT_PREVIEW1_REACTOR_ADAPTER,
};
use wit_component::ComponentEncoder;

use super::job::Job;
use crate::problem::{Problem, Result};

/// Makes a component; a module that was compiled against WASI 0.1 gets the adapter to 0.2.
///
/// # Errors
/// The module does not export what its world says, or imports what nobody has.
pub(super) fn component(job: &Job<'_>, module: &[u8]) -> Result<Vec<u8>> {
    let encode = || {
        ComponentEncoder::default()
            .validate(true)
            .module(module)?
            .adapter(WASI_SNAPSHOT_PREVIEW1_ADAPTER_NAME, WASI_SNAPSHOT_PREVIEW1_REACTOR_ADAPTER)?
            .encode()
    };
    encode().map_err(|error: anyhow::Error| {
        Problem::refused(job.directory.display().to_string(), "does not become a component")
            .found(format!("{error:#}"))
            .expected("a module that exports every function of its world, and imports only that and WASI 0.1")
            .next("write the function that is missing, with the signature that the bindings declare")
    })
}
