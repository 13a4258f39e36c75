//! JSON to and from [`wasmtime::component::Val`], the engine's tree of component values.
//!
//! Called once each per call. A `Val` costs [`size_of::<Val>()`](Val) bytes for every list item, bytes
//! included, so both ways are metered: decoding by a [`Budget`], encoding by the size of the output.

mod array;
mod budget;
mod decode;
mod encode;
mod object;
mod reader;

pub use decode::decode;
pub(crate) use decode::decode_param;
pub use encode::encode;
