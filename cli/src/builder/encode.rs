//! A component from a core module that has its world's type in a custom section.

use wasi_preview1_component_adapter_provider::{
    WASI_SNAPSHOT_PREVIEW1_ADAPTER_NAME, WASI_SNAPSHOT_PREVIEW1_REACTOR_ADAPTER,
};
use wit_component::{ComponentEncoder, StringEncoding, embed_component_metadata};

use super::job::Job;
use crate::ui::problem::{Problem, Result};

/// Makes a component of a module that does not say what its world is.
///
/// # Errors
/// As [`component`].
pub(super) fn typed(job: &Job<'_>, mut module: Vec<u8>) -> Result<Vec<u8>> {
    let (resolve, world) = job.world()?;
    embed_component_metadata(&mut module, &resolve, world, StringEncoding::UTF8, false).map_err(|error| {
        Problem::internal(job.directory.display().to_string(), "cannot embed the WIT world")
            .found(format!("{error:#}"))
    })?;
    component(job, &module)
}

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
        Problem::refused(job.directory.display().to_string(), "cannot be turned into a component")
            .found(format!("{error:#}"))
            .expected(
                "a module that exports every function of its world and imports only that world and WASI 0.1",
            )
            .next("write the missing function with the signature in the bindings")
    })
}
