//! Turns JSON into component values and component values into JSON, driven by WIT types.
//!
//! [`Type`] is the one description of a WIT value that everything here walks: the JSON Schema that a
//! client sees, the decoder of its arguments and the encoder of its results. It is worked out once, at
//! build time, and stored in the catalog. The mapping is written down in `docs/mapping.md`.

mod cases;
mod check;
mod checked;
mod describe;
mod encoded;
mod error;
pub mod guest;
mod json;
mod phrase;
mod plan;
mod rule;
mod scalar;
mod scan;
pub mod schema;
#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod val;

pub use checked::CheckedFunction;
pub use encoded::{EncodeError, Encoded, ResultBody, ResultStatus};
pub use error::{ArgumentError, PlanError};
pub use plan::{Case, Constraint, Field, Function, Label, Param, Type};
