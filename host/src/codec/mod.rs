//! Turns JSON into component values and component values into JSON, driven by WIT types.
//!
//! [`Type`] describes a WIT value. The JSON Schema for clients, the decoder of arguments and the encoder of results
//! all follow it. `toolcell build` derives it once and stores it in the catalog; `docs/mapping.md` documents the
//! mapping.

mod cases;
mod check;
mod checked;
mod describe;
mod ecmascript;
mod encoded;
mod error;
pub mod guest;
mod json;
mod pattern;
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
pub use encoded::{AnswerForm, EncodeError, Encoded, ResultBody, ResultStatus};
pub use error::{ArgumentError, PlanError};
pub use plan::{Case, Constraint, Field, Function, Label, Param, Type};
