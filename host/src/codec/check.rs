//! Turns a function's plan into one that a decoder can follow: constraints fitted to their types,
//! patterns compiled. Done once per function, when a catalog is built and when it is loaded.

use super::checked::{Checked, CheckedParam};
use super::error::PlanError;
use super::plan::{Function, Param, Type};
use super::rule::Rule;
use super::scalar::Integer;
use super::val;

impl Function {
    /// Checks constraints, defaults, examples and headers, and makes the plan ready for decoding.
    pub fn check(&self) -> Result<Checked, PlanError> {
        let params = self.params.iter().map(CheckedParam::new).collect::<Result<Vec<_>, _>>()?;
        Ok(Checked { params, result: self.result.clone() })
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

    /// `x-mcp-header` wants a schema with one plain `type`, so an option shows no null there.
    fn check_header(&self) -> Result<(), PlanError> {
        let plain = match self.param.presented() {
            Type::Bool | Type::Char | Type::String | Type::Bytes | Type::Enum(_) => true,
            ty => Integer::of(ty).is_some_and(|all| !self.rule.integer.unwrap_or(all).takes_strings()),
        };
        if self.param.header.is_some() && !plain {
            return Err(PlanError::Header { param: self.param.name.clone() });
        }
        Ok(())
    }

    fn check_samples(&self) -> Result<(), PlanError> {
        let sample = |what, raw: &str| {
            val::decode_param(self, raw).map_err(|source| PlanError::Sample {
                param: self.param.name.clone(),
                what,
                source,
            })
        };
        if let Some(default) = &self.param.default {
            sample("default", default.get())?;
        }
        self.param.examples.iter().try_for_each(|example| sample("example", &example.to_string()).map(drop))
    }
}
