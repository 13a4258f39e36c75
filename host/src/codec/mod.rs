//! Turns JSON into component values and component values into JSON, driven by WIT types.
//!
//! [`Type`] is the one description of a WIT value that everything here walks: the JSON Schema that a
//! client sees, the decoder of its arguments and the encoder of its results. It is worked out once, at
//! build time, and stored in the catalog. The mapping is written down in `docs/mapping.md`.

mod check;
mod encoded;
mod error;
mod expect;
pub mod guest;
mod json;
mod leaf;
mod plan;
mod scan;
pub mod schema;
#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;
pub mod val;

pub use check::{Checked, PlanError};
pub(crate) use encoded::UNNAMED_ERROR;
pub use encoded::{Body, EncodeError, Encoded, Outcome};
pub use error::ArgumentError;
pub use plan::{Case, Constraint, Field, Function, Label, Param, Type};
