//! Links `wasi:config/store`: the configuration and the secrets that the deployer granted, and nothing else.

use std::sync::Arc;

use wasmtime::StoreContextMut;
use wasmtime::component::{ComponentType, Linker, Lower};

use crate::sandbox::store_data::StoreData;
use crate::secrets::SecretValue;

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
        Ok((Ok::<_, Error>(get(state.data(), &key)),))
    })?;
    store.func_wrap("get-all", |state: StoreContextMut<'_, StoreData>, (): ()| {
        Ok((Ok::<_, Error>(all(state.data())),))
    })
}

fn get(data: &StoreData, key: &str) -> Option<Arc<str>> {
    let config = data.config().get(key).map(|value| Arc::from(value.as_str()));
    config.or_else(|| data.secrets().get(key).map(SecretValue::lend))
}

/// Returns every key with its value, in the order of the keys.
fn all(data: &StoreData) -> Vec<(String, Arc<str>)> {
    let config = data.config().iter().map(|(key, value)| (key.clone(), Arc::from(value.as_str())));
    let secrets = data.secrets().iter().map(|(key, value)| (key.clone(), value.lend()));
    let mut all: Vec<_> = config.chain(secrets).collect();
    all.sort_by(|(one, _), (other, _)| one.cmp(other));
    all
}
