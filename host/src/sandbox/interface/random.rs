//! Links `wasi:random`: wasmtime's own, with a cap on the bytes at a time that fails with a typed error.

use wasmtime_wasi::p2::bindings::random::{insecure, random};
use wasmtime_wasi::random::WasiRandomView as _;

use crate::sandbox::limit::{Limit, LimitReached};
use crate::sandbox::store_data::StoreData;

/// The number of random bytes that a guest may request at a time; the host allocates that much on its word.
const RANDOM_BYTES: u64 = 64 << 10;

impl random::Host for StoreData {
    fn get_random_bytes(&mut self, len: u64) -> wasmtime::Result<Vec<u8>> {
        within_cap(len)?;
        random::Host::get_random_bytes(self.random(), len)
    }

    fn get_random_u64(&mut self) -> wasmtime::Result<u64> {
        random::Host::get_random_u64(self.random())
    }
}

impl insecure::Host for StoreData {
    fn get_insecure_random_bytes(&mut self, len: u64) -> wasmtime::Result<Vec<u8>> {
        within_cap(len)?;
        insecure::Host::get_insecure_random_bytes(self.random(), len)
    }

    fn get_insecure_random_u64(&mut self) -> wasmtime::Result<u64> {
        insecure::Host::get_insecure_random_u64(self.random())
    }
}

fn within_cap(len: u64) -> wasmtime::Result<()> {
    if len <= RANDOM_BYTES { Ok(()) } else { Err(wasmtime::Error::new(LimitReached(Limit::Random))) }
}
