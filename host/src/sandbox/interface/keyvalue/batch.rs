//! Links `wasi:keyvalue/batch`. Each entry counts as an operation of its own; a batch stops at its first error.

use wasmtime::StoreContextMut;
use wasmtime::component::types::{ComponentItem, Type};
use wasmtime::component::{ComponentNamedList, Linker, LinkerInstance, Lower, Resource};

use super::BucketHandle;
use crate::sandbox::interface::Import;
use crate::sandbox::keyvalue::KeyvalueError;
use crate::sandbox::store_data::StoreData;

const GET_MANY: &str = "get-many";

/// A key, and its value if there is one.
type Pair = (String, Option<Vec<u8>>);

/// Adds `wasi:keyvalue/batch`, with `get-many` in the form that the component imports.
pub(in crate::sandbox::interface) fn link(
    linker: &mut Linker<StoreData>,
    import: Import<'_>,
) -> wasmtime::Result<()> {
    let mut batch = linker.instance(import.name)?;
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
    )?;
    match has_optional_pairs(import) {
        true => link_get_many(&mut batch, |(key, value)| value.map(|value| (key, value))),
        false => link_get_many(&mut batch, |pair| pair),
    }
}

/// Adds `get-many`: for each key an `option<tuple<string, list<u8>>>`, or since 2025 a `tuple<string, option<list<u8>>>`.
fn link_get_many<T>(batch: &mut LinkerInstance<'_, StoreData>, form: fn(Pair) -> T) -> wasmtime::Result<()>
where
    T: Send + Sync + 'static,
    (Result<Vec<T>, KeyvalueError>,): ComponentNamedList + Lower,
{
    batch.func_wrap_async(
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
fn has_optional_pairs(import: Import<'_>) -> bool {
    let ComponentItem::ComponentInstance(instance) = import.item else { return true };
    let Some(ComponentItem::ComponentFunc(function)) =
        instance.get_export(import.engine, GET_MANY).map(|export| export.ty)
    else {
        return true; // it imports no such function
    };
    let Some(Type::Result(result)) = function.results().next() else { return true };
    let Some(Type::List(list)) = result.ok() else { return true };
    matches!(list.ty(), Type::Option(_))
}
