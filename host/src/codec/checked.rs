//! Functions whose plans make sense, as a decoder follows them.

use super::plan::{Param, Type};
use super::rule::Rule;

/// A function whose plan is known to make sense, ready for decoding.
#[derive(Clone, Debug)]
pub struct CheckedFunction {
    pub(crate) params: Vec<CheckedParam>,
    pub(crate) result: Option<Type>,
}

/// A parameter and what its constraint comes to.
#[derive(Clone, Debug)]
pub(crate) struct CheckedParam {
    pub(crate) param: Param,
    pub(crate) rule: Rule,
}
