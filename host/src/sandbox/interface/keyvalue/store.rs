//! Links `wasi:keyvalue/store`.

use wasmtime::StoreContextMut;
use wasmtime::component::{ComponentType, Linker, LinkerInstance, Lower, Resource, ResourceType};

use super::{BucketHandle, is_first_draft};
use crate::sandbox::keyvalue::KeyvalueError;
use crate::sandbox::store_data::StoreData;
use crate::state_store::Page;

/// `key-response`
#[derive(ComponentType, Lower)]
#[component(record)]
struct KeyResponse<C> {
    keys: Vec<String>,
    cursor: Option<C>,
}

/// Adds `wasi:keyvalue/store`.
pub(in crate::sandbox::interface) fn link(
    linker: &mut Linker<StoreData>,
    import: &str,
) -> wasmtime::Result<()> {
    let mut store = linker.instance(import)?;
    store.resource("bucket", ResourceType::host::<BucketHandle>(), |mut store, handle| {
        store.data_mut().table().delete(Resource::<BucketHandle>::new_own(handle))?;
        Ok(())
    })?;
    store.func_wrap("open", |mut store: StoreContextMut<'_, StoreData>, (name,): (String,)| {
        Ok((store.data_mut().open_bucket(&name)?,))
    })?;
    link_entries(&mut store)?;
    if is_first_draft(import) { link_numbered_list(&mut store) } else { link_list(&mut store) }
}

/// Adds the functions that are the same in both drafts.
fn link_entries(store: &mut LinkerInstance<'_, StoreData>) -> wasmtime::Result<()> {
    store.func_wrap_async(
        "[method]bucket.get",
        |mut store: StoreContextMut<'_, StoreData>, (handle, key): (Resource<BucketHandle>, String)| {
            Box::new(async move {
                let (bucket, keyvalue) = store.data_mut().opened(&handle)?;
                Ok((keyvalue.get(&bucket, &key).await,))
            })
        },
    )?;
    store.func_wrap_async(
        "[method]bucket.set",
        |mut store: StoreContextMut<'_, StoreData>,
         (handle, key, value): (Resource<BucketHandle>, String, Vec<u8>)| {
            Box::new(async move {
                let (bucket, keyvalue) = store.data_mut().opened(&handle)?;
                Ok((keyvalue.set(&bucket, &key, value).await,))
            })
        },
    )?;
    store.func_wrap_async(
        "[method]bucket.delete",
        |mut store: StoreContextMut<'_, StoreData>, (handle, key): (Resource<BucketHandle>, String)| {
            Box::new(async move {
                let (bucket, keyvalue) = store.data_mut().opened(&handle)?;
                Ok((keyvalue.delete(&bucket, &key).await,))
            })
        },
    )?;
    store.func_wrap_async(
        "[method]bucket.exists",
        |mut store: StoreContextMut<'_, StoreData>, (handle, key): (Resource<BucketHandle>, String)| {
            Box::new(async move {
                let (bucket, keyvalue) = store.data_mut().opened(&handle)?;
                Ok((keyvalue.exists(&bucket, &key).await,))
            })
        },
    )
}

/// Adds `list-keys` of the later draft: the cursor is the last key of the page before.
fn link_list(store: &mut LinkerInstance<'_, StoreData>) -> wasmtime::Result<()> {
    store.func_wrap_async(
        "[method]bucket.list-keys",
        |mut store: StoreContextMut<'_, StoreData>,
         (handle, after): (Resource<BucketHandle>, Option<String>)| {
            Box::new(async move {
                let (bucket, keyvalue) = store.data_mut().opened(&handle)?;
                let page = keyvalue.list(&bucket, after.as_deref()).await;
                Ok((page.map(|Page { names, next }| KeyResponse { keys: names, cursor: next }),))
            })
        },
    )
}

/// Adds `list-keys` of the earlier draft: the cursor is the number of a page that this handle has listed.
fn link_numbered_list(store: &mut LinkerInstance<'_, StoreData>) -> wasmtime::Result<()> {
    store.func_wrap_async(
        "[method]bucket.list-keys",
        |mut store: StoreContextMut<'_, StoreData>,
         (handle, cursor): (Resource<BucketHandle>, Option<u64>)| {
            Box::new(async move { Ok((list_numbered(store.data_mut(), &handle, cursor).await?,)) })
        },
    )
}

async fn list_numbered(
    data: &mut StoreData,
    handle: &Resource<BucketHandle>,
    cursor: Option<u64>,
) -> wasmtime::Result<Result<KeyResponse<u64>, KeyvalueError>> {
    let after = match cursor {
        None => None,
        Some(cursor) => {
            let pages = &data.table().get(handle)?.pages;
            let place = usize::try_from(cursor).ok().and_then(|cursor| cursor.checked_sub(1));
            match place.and_then(|place| pages.get(place)) {
                Some(after) => Some(after.clone()),
                None => return Ok(Err(KeyvalueError::other("no page of this bucket has that cursor"))),
            }
        }
    };
    let (bucket, keyvalue) = data.opened(handle)?;
    let Page { names, next } = match keyvalue.list(&bucket, after.as_deref()).await {
        Ok(page) => page,
        Err(error) => return Ok(Err(error)),
    };
    let pages = &mut data.table().get_mut(handle)?.pages;
    let cursor = next.map(|next| {
        let place = pages.iter().position(|known| *known == next).unwrap_or_else(|| {
            pages.push(next);
            pages.len() - 1
        });
        place as u64 + 1
    });
    Ok(Ok(KeyResponse { keys: names, cursor }))
}
