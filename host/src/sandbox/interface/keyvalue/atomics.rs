//! Links `wasi:keyvalue/atomics`.

use wasmtime::StoreContextMut;
use wasmtime::component::{ComponentType, Linker, LinkerInstance, Lower, Resource, ResourceType};

use super::{BucketHandle, is_first_draft};
use crate::sandbox::keyvalue::{KeyvalueError, Seen, Swapped};
use crate::sandbox::store_data::StoreData;

/// A `cas` of the guest.
struct CasHandle(Seen);

/// `cas-error`
#[derive(ComponentType, Lower)]
#[component(variant)]
enum CasError {
    #[component(name = "store-error")]
    Store(KeyvalueError),
    #[component(name = "cas-failed")]
    Failed(Resource<CasHandle>),
}

/// Adds `wasi:keyvalue/atomics`.
pub(in crate::sandbox::interface) fn link(
    linker: &mut Linker<StoreData>,
    import: &str,
) -> wasmtime::Result<()> {
    let mut atomics = linker.instance(import)?;
    if is_first_draft(import) {
        return link_unsigned(&mut atomics);
    }
    atomics.func_wrap_async(
        "increment",
        |mut store: StoreContextMut<'_, StoreData>,
         (handle, key, delta): (Resource<BucketHandle>, String, i64)| {
            Box::new(async move {
                let (bucket, keyvalue) = store.data_mut().opened(&handle)?;
                Ok((keyvalue.increment(&bucket, &key, delta).await,))
            })
        },
    )?;
    link_cas(&mut atomics)
}

/// Adds `increment` of the earlier draft, which knows no negative numbers.
fn link_unsigned(atomics: &mut LinkerInstance<'_, StoreData>) -> wasmtime::Result<()> {
    atomics.func_wrap_async(
        "increment",
        |mut store: StoreContextMut<'_, StoreData>,
         (handle, key, delta): (Resource<BucketHandle>, String, u64)| {
            Box::new(async move {
                let (bucket, keyvalue) = store.data_mut().opened(&handle)?;
                let Ok(delta) = i64::try_from(delta) else {
                    return Ok((Err(KeyvalueError::other("the sum does not fit into 64 bits")),));
                };
                let sum = keyvalue.increment(&bucket, &key, delta).await;
                let unsigned = |sum: i64| {
                    u64::try_from(sum)
                        .map_err(|_| KeyvalueError::other("the number was changed, and is less than zero"))
                };
                Ok((sum.and_then(unsigned),))
            })
        },
    )
}

fn link_cas(atomics: &mut LinkerInstance<'_, StoreData>) -> wasmtime::Result<()> {
    atomics.resource("cas", ResourceType::host::<CasHandle>(), |mut store, handle| {
        store.data_mut().table().delete(Resource::<CasHandle>::new_own(handle))?;
        Ok(())
    })?;
    atomics.func_wrap_async(
        "[static]cas.new",
        |mut store: StoreContextMut<'_, StoreData>, (handle, key): (Resource<BucketHandle>, String)| {
            Box::new(async move {
                let data = store.data_mut();
                let (bucket, keyvalue) = data.opened(&handle)?;
                let seen = match keyvalue.look(&bucket, key).await {
                    Ok(seen) => seen,
                    Err(error) => return Ok((Err(error),)),
                };
                Ok((Ok(data.table().push(CasHandle(seen))?),))
            })
        },
    )?;
    atomics.func_wrap(
        "[method]cas.current",
        |mut store: StoreContextMut<'_, StoreData>, (handle,): (Resource<CasHandle>,)| {
            let value = store.data_mut().table().get(&handle)?.0.value();
            Ok((Ok::<_, KeyvalueError>(value),))
        },
    )?;
    atomics.func_wrap_async(
        "swap",
        |mut store: StoreContextMut<'_, StoreData>, (handle, value): (Resource<CasHandle>, Vec<u8>)| {
            Box::new(async move { Ok((swap(store.data_mut(), handle, value).await?,)) })
        },
    )
}

async fn swap(
    data: &mut StoreData,
    handle: Resource<CasHandle>,
    value: Vec<u8>,
) -> wasmtime::Result<Result<(), CasError>> {
    let CasHandle(seen) = data.table().delete(handle)?;
    match data.keyvalue_mut()?.swap(seen, value).await {
        Ok(Swapped::Done) => Ok(Ok(())),
        Ok(Swapped::Outdated(seen)) => Ok(Err(CasError::Failed(data.table().push(CasHandle(*seen))?))),
        Err(error) => Ok(Err(CasError::Store(error))),
    }
}
