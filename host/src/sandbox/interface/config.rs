//! Links `wasi:config/store`: the configuration that the deployer granted, and nothing else.

use wasmtime::StoreContextMut;
use wasmtime::component::{ComponentType, Linker, Lower};

use crate::sandbox::store_data::StoreData;

/// The interface's error; a map in memory never fails.
#[derive(ComponentType, Lower)]
#[component(variant)]
#[expect(dead_code, reason = "the component model needs the type, no code makes a value of it")]
enum Error {
    #[component(name = "upstream")]
    Upstream(String),
    #[component(name = "io")]
    Io(String),
}

/// Adds the interface under the draft's name that the component imports.
pub(super) fn link(linker: &mut Linker<StoreData>, import: &str) -> wasmtime::Result<()> {
    let mut store = linker.instance(import)?;
    store.func_wrap("get", |state: StoreContextMut<'_, StoreData>, (key,): (String,)| {
        Ok((Ok::<_, Error>(state.data().config().get(&key).cloned()),))
    })?;
    store.func_wrap("get-all", |state: StoreContextMut<'_, StoreData>, (): ()| {
        let all: Vec<_> =
            state.data().config().iter().map(|(key, value)| (key.clone(), value.clone())).collect();
        Ok((Ok::<_, Error>(all),))
    })
}
