//! Holds functions that passed the check, as a decoder uses them.

use super::plan::{Param, Type};
use super::rule::Rule;

/// A function that passed [`Function::check`](super::Function::check), ready for decoding.
#[derive(Clone, Debug)]
pub struct CheckedFunction {
    pub(crate) params: Vec<CheckedParam>,
    pub(crate) result: Option<Type>,
}

/// A parameter and the rule from its constraint.
#[derive(Clone, Debug)]
pub(crate) struct CheckedParam {
    pub(crate) param: Param,
    pub(crate) rule: Rule,
}
