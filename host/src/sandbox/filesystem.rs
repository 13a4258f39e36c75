//! `wasi:filesystem`: the directories that the deployer granted.

use wasmtime::component::Linker;
use wasmtime_wasi::filesystem::{WasiFilesystem, WasiFilesystemView as _};
use wasmtime_wasi::p2::bindings::filesystem;

use super::state::State;

/// Adds `wasi:filesystem/preopens`.
pub(super) fn link_preopens(linker: &mut Linker<State>) -> wasmtime::Result<()> {
    filesystem::preopens::add_to_linker::<State, WasiFilesystem>(linker, State::filesystem)
}

/// Adds `wasi:filesystem/types`.
pub(super) fn link_types(linker: &mut Linker<State>) -> wasmtime::Result<()> {
    filesystem::types::add_to_linker::<State, WasiFilesystem>(linker, State::filesystem)
}
