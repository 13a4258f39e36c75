//! The test oracle: JSON to and from [`wasmtime::component::Val`], the engine's tree of component values.
//!
//! Follows the rules of `docs/mapping.md` on its own way, so that [`guest`](super::guest), which serves calls,
//! can be compared with it. A `Val` costs [`size_of::<Val>()`](Val) bytes for every list item, bytes included;
//! decoding is metered by a [`Budget`], encoding by the size of the output.

mod array;
mod budget;
mod decode;
mod encode;
mod object;
mod reader;
mod writer;

pub(crate) use decode::decode;
pub(crate) use encode::encode;
