//! Turns a function's plan into one that a decoder can follow: constraints fitted to their types,
//! patterns compiled. Done once per function, when a catalog is built and when it is loaded.

use regex_lite::Regex;

use super::leaf::{Expected, Float, Integer};
use super::{ArgumentError, Constraint, Function, Param, Type, expect, val};

/// Why a function's plan makes no sense; the author's or the deployer's to mend.
#[derive(Debug, thiserror::Error)]
pub enum PlanError {
    /// A constraint was put on a type that it says nothing about.
    #[error("parameter `{param}`: `{keyword}` does not apply to its type")]
    Unfitting {
        /// JSON name of the parameter.
        param: String,
        /// The constraint's key.
        keyword: &'static str,
    },
    /// Constraint and type together leave no value.
    #[error("parameter `{param}`: its bounds leave no value of its type")]
    Empty {
        /// JSON name of the parameter.
        param: String,
    },
    /// The regular expression is malformed.
    #[error("parameter `{param}`: `pattern` is no regular expression: {source}")]
    Pattern {
        /// JSON name of the parameter.
        param: String,
        /// What is wrong with it.
        source: regex_lite::Error,
    },
    /// A default or an example is no value of the parameter.
    #[error("parameter `{param}`: its {what} is not a valid argument: {source}")]
    Sample {
        /// JSON name of the parameter.
        param: String,
        /// `default` or `example`.
        what: &'static str,
        /// What is wrong with it.
        source: ArgumentError,
    },
    /// A header may only mirror strings, booleans and integers that fit a JSON number.
    #[error("parameter `{param}`: `x-mcp-header` needs a type whose schema is a string, integer or boolean")]
    Header {
        /// JSON name of the parameter.
        param: String,
    },
}

/// A function whose plan is known to make sense, ready for decoding.
#[derive(Clone, Debug)]
pub struct Checked {
    pub(crate) params: Vec<CheckedParam>,
    pub(crate) result: Option<Type>,
}

/// A parameter and what its constraint comes to.
#[derive(Clone, Debug)]
pub(crate) struct CheckedParam {
    pub(crate) param: Param,
    pub(crate) rule: Rule,
}

/// What a constraint leaves of a type; the default leaves everything.
#[derive(Clone, Debug, Default)]
pub(crate) struct Rule {
    /// Range of an integer, where narrowed.
    pub(crate) integer: Option<Integer>,
    /// Range of a float.
    pub(crate) float: Float,
    length: Count,
    items: Count,
    pattern: Option<Regex>,
}

/// The rule of every value that no constraint reaches.
pub(crate) static ANY: Rule = Rule {
    integer: None,
    float: Float { min: None, max: None },
    length: Count { min: None, max: None },
    items: Count { min: None, max: None },
    pattern: None,
};

#[derive(Clone, Copy, Debug, Default)]
struct Count {
    min: Option<u32>,
    max: Option<u32>,
}

impl Function {
    /// Checks constraints, defaults, examples and headers, and makes the plan ready for decoding.
    pub fn check(&self) -> Result<Checked, PlanError> {
        let params = self.params.iter().map(CheckedParam::new).collect::<Result<Vec<_>, _>>()?;
        Ok(Checked { params, result: self.result.clone() })
    }
}

impl Param {
    /// The type that the constraint speaks of: the parameter's own, without `option`.
    pub(crate) fn core_type(&self) -> &Type {
        let mut ty = &self.ty;
        while let Type::Option(inner) = ty {
            ty = inner;
        }
        ty
    }

    /// The type that JSON given for this parameter is read as: where a header mirrors it, an option's
    /// null is not offered, because a client could not mirror it.
    pub(crate) fn presented(&self) -> &Type {
        match &self.ty {
            Type::Option(inner) if self.header.is_some() => inner,
            ty => ty,
        }
    }

    /// Whether a call may leave the argument out.
    pub fn is_optional(&self) -> bool {
        self.default.is_some() || matches!(self.ty, Type::Option(_))
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

impl Rule {
    fn new(param: &Param) -> Result<Self, PlanError> {
        let (ty, constraint) = (param.core_type(), &param.constraint);
        if let Some(keyword) = unfitting(ty, constraint) {
            return Err(PlanError::Unfitting { param: param.name.clone(), keyword });
        }
        let empty = || PlanError::Empty { param: param.name.clone() };
        let bounded = constraint.minimum.is_some() || constraint.maximum.is_some();
        let mut rule = Self::default();
        match Integer::of(ty) {
            Some(all) if bounded => rule.integer = Some(all.narrowed(constraint).ok_or_else(empty)?),
            _ => rule.float = Float::narrowed(constraint).ok_or_else(empty)?,
        }
        rule.length = Count::new(constraint.min_length, constraint.max_length).ok_or_else(empty)?;
        rule.items = Count::new(constraint.min_items, constraint.max_items).ok_or_else(empty)?;
        if let Some(pattern) = &constraint.pattern {
            let compiled = Regex::new(pattern);
            rule.pattern =
                Some(compiled.map_err(|source| PlanError::Pattern { param: param.name.clone(), source })?);
        }
        Ok(rule)
    }

    /// Whether a string is of the right length and form.
    pub(crate) fn allows_text(&self, text: &str) -> bool {
        let length = if self.length.is_any() { 0 } else { text.chars().count() };
        self.length.allows(length) && self.pattern.as_ref().is_none_or(|pattern| pattern.is_match(text))
    }

    /// Whether a list may have this many items.
    pub(crate) fn allows_items(&self, count: usize) -> bool {
        self.items.allows(count)
    }

    pub(crate) fn text_expected(&self) -> Expected {
        let length = self.length.expected("character");
        let pattern = self.pattern.as_ref().map(|p| format!(" matching the pattern {}", p.as_str()));
        Expected(format!("a string{length}{}", pattern.unwrap_or_default()))
    }

    pub(crate) fn items_expected(&self) -> Expected {
        Expected(format!("an array{}", self.items.expected("item")))
    }
}

impl Count {
    fn new(min: Option<u32>, max: Option<u32>) -> Option<Self> {
        let empty = matches!((min, max), (Some(min), Some(max)) if min > max);
        (!empty).then_some(Self { min, max })
    }

    fn is_any(self) -> bool {
        self.min.is_none() && self.max.is_none()
    }

    fn allows(self, count: usize) -> bool {
        self.min.is_none_or(|min| count >= min as usize) && self.max.is_none_or(|max| count <= max as usize)
    }

    fn expected(self, noun: &str) -> String {
        match (self.min, self.max) {
            (None, None) => String::new(),
            (Some(min), None) => format!(" of at least {}", expect::counted(min as usize, noun)),
            (None, Some(max)) => format!(" of at most {}", expect::counted(max as usize, noun)),
            (Some(min), Some(max)) if min == max => {
                format!(" of exactly {}", expect::counted(min as usize, noun))
            }
            (Some(min), Some(max)) => format!(" of {min} to {}", expect::counted(max as usize, noun)),
        }
    }
}

/// The first key of the constraint that says nothing about `ty`.
fn unfitting(ty: &Type, constraint: &Constraint) -> Option<&'static str> {
    let number = Integer::of(ty).is_some() || matches!(ty, Type::F32 | Type::F64);
    let string = matches!(ty, Type::String);
    let list = matches!(ty, Type::List(_));
    let keys = [
        ("minimum", constraint.minimum.is_some(), number),
        ("maximum", constraint.maximum.is_some(), number),
        ("min-length", constraint.min_length.is_some(), string),
        ("max-length", constraint.max_length.is_some(), string),
        ("pattern", constraint.pattern.is_some(), string),
        ("min-items", constraint.min_items.is_some(), list),
        ("max-items", constraint.max_items.is_some(), list),
    ];
    keys.into_iter().find(|(_, given, fits)| *given && !fits).map(|(keyword, ..)| keyword)
}
