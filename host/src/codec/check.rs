//! Checks a function and prepares it for decoding: fits constraints to their types and compiles patterns. This
//! happens once per function, when a catalog is built and when it is loaded.

use serde_json::json;

use super::checked::{CheckedFunction, CheckedParam};
use super::error::PlanError;
use super::guest::sample;
use super::pattern::MAX_PATTERNS_BYTES;
use super::plan::{Function, Param, Type};
use super::rule::Rule;
use super::scalar::IntegerRange;

/// The memory that defaults and examples may take in a guest, in bytes: the default limit of a call's arguments.
const SAMPLE_BYTES: usize = 16 << 20;

impl Function {
    /// Checks constraints, defaults, examples and headers, and prepares the function for decoding.
    pub fn check(&self) -> Result<CheckedFunction, PlanError> {
        let params = self.params.iter().map(CheckedParam::new).collect::<Result<Vec<_>, _>>()?;
        let mut left = MAX_PATTERNS_BYTES;
        for CheckedParam { param, rule } in &params {
            let rest = left.checked_sub(rule.pattern_bytes());
            left = rest.ok_or_else(|| PlanError::Patterns { param: param.name.clone() })?;
        }
        Ok(CheckedFunction { params, result: self.result.clone() })
    }

    /// Tells whether a call that leaves out every argument with a default stays within `input_bytes`.
    ///
    /// Returns false also if a default is invalid, which [`Function::check`] refuses.
    pub fn defaults_fit(&self, input_bytes: usize) -> bool {
        let with_default = self.params.iter().filter(|param| param.default.is_some());
        let params = with_default.map(CheckedParam::new).collect::<Result<Vec<_>, _>>();
        params.is_ok_and(|params| params.is_empty() || sample::check(params, "{}", input_bytes).is_ok())
    }
}

impl CheckedParam {
    fn new(param: &Param) -> Result<Self, PlanError> {
        let rule = Rule::new(param)?;
        let checked = Self { param: param.clone(), rule };
        checked.check_header()?;
        checked.check_samples()?;
        Ok(checked)
    }

    /// Checks that a mirrored parameter has a schema with one plain `type`; so its option does not show null.
    fn check_header(&self) -> Result<(), PlanError> {
        let plain = match self.param.presented() {
            Type::Bool | Type::Char | Type::String | Type::Bytes | Type::Enum(_) => true,
            ty => IntegerRange::of(ty).is_some_and(|all| !self.rule.integer.unwrap_or(all).needs_strings()),
        };
        if self.param.header.is_some() && !plain {
            return Err(PlanError::Header { param: self.param.name.clone() });
        }
        Ok(())
    }

    /// Refuses a default or an example that a call would refuse.
    fn check_samples(&self) -> Result<(), PlanError> {
        let name = &self.param.name;
        let check =
            |what, arguments: &str| {
                sample::check(vec![self.clone()], arguments, SAMPLE_BYTES)
                    .map_err(|source| PlanError::Sample { param: name.clone(), what, source })
            };
        if self.param.default.is_some() {
            check("default", "{}")?;
        }
        self.param
            .examples
            .iter()
            .try_for_each(|example| check("example", &json!({ name: example }).to_string()))
    }
}
