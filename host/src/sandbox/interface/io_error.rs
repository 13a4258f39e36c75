//! Links `wasi:io/error`. A guest gets the text of an error, and nothing of where in the host it came from.

use wasmtime::component::{HasData, Linker, Resource, ResourceTable};
use wasmtime_wasi_io::bindings::wasi::io::error::{self, Host, HostError};

use crate::sandbox::store_data::StoreData;

/// The resources of a call, of which this interface knows the errors.
struct Errors<'a>(&'a mut ResourceTable);

impl HasData for Errors<'static> {
    type Data<'a> = Errors<'a>;
}

/// Adds `wasi:io/error`.
pub(super) fn link(linker: &mut Linker<StoreData>) -> wasmtime::Result<()> {
    error::add_to_linker::<StoreData, Errors<'static>>(linker, |data| Errors(data.table()))
}

impl Host for Errors<'_> {}

impl HostError for Errors<'_> {
    /// Returns the error and its causes in one line. The engine would add a backtrace where a variable asks for them.
    fn to_debug_string(&mut self, error: Resource<error::Error>) -> wasmtime::Result<String> {
        Ok(format!("{:#}", self.0.get(&error)?))
    }

    fn drop(&mut self, error: Resource<error::Error>) -> wasmtime::Result<()> {
        self.0.delete(error)?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_guest_gets_one_line_of_text() {
        let mut table = ResourceTable::new();
        let error = wasmtime::Error::msg("the disk is full").context("cannot write");
        let error = table.push(error).unwrap();
        assert_eq!(Errors(&mut table).to_debug_string(error).unwrap(), "cannot write: the disk is full");
    }
}
