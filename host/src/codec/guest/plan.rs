//! Prepares a function's plan for calls: its types and their layout in guest memory.

use wasmtime::component::__internal::{ComponentTypes, InterfaceType};

use super::layout::{Layout, Names};
use super::typecheck;
use crate::codec::checked::CheckedFunction;
use crate::codec::plan::Type;

/// A function's plan, with the layout of its parameters and its result. Created once per tool.
#[derive(Debug)]
pub struct Plan {
    pub(super) checked: CheckedFunction,
    /// The parameters as a tuple.
    pub(super) params: Layout,
    /// The result as a tuple of one type or none.
    results: Layout,
}

impl Plan {
    /// Lays out a function's parameters and result.
    pub fn new(checked: CheckedFunction) -> Self {
        let params = Layout {
            names: Names::of(checked.params.iter().map(|param| &param.param.name)),
            ..Layout::sequence(checked.params.iter().map(|param| &param.param.ty))
        };
        let results = Layout::sequence(checked.result.iter());
        Self { checked, params, results }
    }

    /// Returns type and layout of the result, if there is one.
    pub(super) fn result(&self) -> Option<(&Type, &Layout)> {
        self.checked.result.as_ref().zip(self.results.members.first().map(|member| &member.layout))
    }

    pub(super) fn fits_params(&self, declared: &InterfaceType, types: &ComponentTypes) -> bool {
        typecheck::matches(
            self.checked.params.iter().map(|param| &param.param.ty),
            &self.params,
            declared,
            types,
        )
    }

    pub(super) fn fits_result(&self, declared: &InterfaceType, types: &ComponentTypes) -> bool {
        typecheck::matches(self.checked.result.as_slice().iter(), &self.results, declared, types)
    }
}
