//! Links `wasi:http`. `outbound` decides what becomes of a request.

use wasmtime::StoreContextMut;
use wasmtime::component::{Linker, Resource};
use wasmtime_wasi_http::p2::bindings::http::outgoing_handler;
use wasmtime_wasi_http::p2::bindings::http::types::{self, ErrorCode, IoError};
use wasmtime_wasi_http::{WasiHttp, WasiHttpView as _};

use crate::sandbox::outbound;
use crate::sandbox::store_data::StoreData;

/// The interface, in the release that the engine defines it in.
const TYPES: &str = "wasi:http/types@0.2.12";

/// Adds `wasi:http/outgoing-handler`.
pub(super) fn link_outgoing_handler(linker: &mut Linker<StoreData>) -> wasmtime::Result<()> {
    outgoing_handler::add_to_linker::<StoreData, WasiHttp>(linker, StoreData::http)
}

/// Adds `wasi:http/types`. `http-error-code` of the engine does not know the errors in which bodies end.
pub(super) fn link_types(linker: &mut Linker<StoreData>) -> wasmtime::Result<()> {
    let options = types::LinkOptions::default();
    types::add_to_linker::<StoreData, WasiHttp>(linker, &options, StoreData::http)?;
    linker.allow_shadowing(true);
    let linked = linker.instance(TYPES)?.func_wrap(
        "http-error-code",
        |mut store: StoreContextMut<'_, StoreData>, (error,): (Resource<IoError>,)| {
            let error = store.data_mut().table().get(&error)?;
            let code = error.downcast_ref::<ErrorCode>().cloned();
            Ok((code.or_else(|| error.downcast_ref().and_then(outbound::error_code)),))
        },
    );
    linker.allow_shadowing(false);
    linked
}
