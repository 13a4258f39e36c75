//! Links `wasi:keyvalue/batch`. Each entry counts as an operation of its own; a batch stops at its first error.

use wasmtime::component::types::{ComponentItem, Type};
use wasmtime::component::{ComponentNamedList, Linker, Lower, Resource};
use wasmtime::{Engine, StoreContextMut};

use super::BucketHandle;
use crate::sandbox::keyvalue::KeyvalueError;
use crate::sandbox::store_data::StoreData;

/// The interface, of which `get-many` has two forms.
pub(in crate::sandbox::interface) const BATCH: &str = "wasi:keyvalue/batch";

const GET_MANY: &str = "get-many";

/// A key, and its value if there is one.
type Pair = (String, Option<Vec<u8>>);

/// Adds `wasi:keyvalue/batch` but for `get-many`.
pub(in crate::sandbox::interface) fn link(
    linker: &mut Linker<StoreData>,
    import: &str,
) -> wasmtime::Result<()> {
    let mut batch = linker.instance(import)?;
    batch.func_wrap_async(
        "set-many",
        |mut store: StoreContextMut<'_, StoreData>,
         (handle, entries): (Resource<BucketHandle>, Vec<(String, Vec<u8>)>)| {
            Box::new(async move {
                let (bucket, keyvalue) = store.data_mut().opened(&handle)?;
                for (key, value) in entries {
                    if let Err(error) = keyvalue.set(&bucket, &key, value).await {
                        return Ok((Err(error),));
                    }
                }
                Ok((Ok(()),))
            })
        },
    )?;
    batch.func_wrap_async(
        "delete-many",
        |mut store: StoreContextMut<'_, StoreData>, (handle, keys): (Resource<BucketHandle>, Vec<String>)| {
            Box::new(async move {
                let (bucket, keyvalue) = store.data_mut().opened(&handle)?;
                for key in keys {
                    if let Err(error) = keyvalue.delete(&bucket, &key).await {
                        return Ok((Err(error),));
                    }
                }
                Ok((Ok(()),))
            })
        },
    )
}

/// Adds `get-many` in the form that a component imports: `option<tuple<string, list<u8>>>` for each key, or since
/// 2025 `tuple<string, option<list<u8>>>`.
pub(in crate::sandbox::interface) fn link_get_many(
    linker: &mut Linker<StoreData>,
    import: &str,
    engine: &Engine,
    item: &ComponentItem,
) -> wasmtime::Result<()> {
    match has_optional_pairs(engine, item) {
        true => link_form(linker, import, |(key, value)| value.map(|value| (key, value))),
        false => link_form(linker, import, |pair| pair),
    }
}

fn link_form<T>(linker: &mut Linker<StoreData>, import: &str, form: fn(Pair) -> T) -> wasmtime::Result<()>
where
    T: Send + Sync + 'static,
    (Result<Vec<T>, KeyvalueError>,): ComponentNamedList + Lower,
{
    linker.instance(import)?.func_wrap_async(
        GET_MANY,
        move |mut store: StoreContextMut<'_, StoreData>,
              (handle, keys): (Resource<BucketHandle>, Vec<String>)| {
            Box::new(async move {
                let (bucket, keyvalue) = store.data_mut().opened(&handle)?;
                let mut pairs = Vec::new();
                for key in keys {
                    match keyvalue.get(&bucket, &key).await {
                        Ok(value) => pairs.push(form((key, value))),
                        Err(error) => return Ok((Err(error),)),
                    }
                }
                Ok((Ok(pairs),))
            })
        },
    )
}

/// Tells whether `get-many` returns options of pairs, as in the earlier draft.
fn has_optional_pairs(engine: &Engine, item: &ComponentItem) -> bool {
    let ComponentItem::ComponentInstance(instance) = item else { return true };
    let Some(ComponentItem::ComponentFunc(function)) =
        instance.get_export(engine, GET_MANY).map(|export| export.ty)
    else {
        return true; // it imports no such function
    };
    let Some(Type::Result(result)) = function.results().next() else { return true };
    let Some(Type::List(list)) = result.ok() else { return true };
    matches!(list.ty(), Type::Option(_))
}
