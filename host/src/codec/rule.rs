//! Prepares a parameter's constraint for the decoder.

use super::error::PlanError;
use super::pattern::Pattern;
use super::phrase;
use super::plan::{Constraint, Param, Type};
use super::scalar::{Expected, FloatRange, IntegerRange};

/// The values of a type that a constraint allows; the default allows all.
#[derive(Clone, Debug, Default)]
pub(crate) struct Rule {
    /// The range of an integer, if the constraint narrows it.
    pub(crate) integer: Option<IntegerRange>,
    /// The range of a float.
    pub(crate) float: FloatRange,
    length: Count,
    items: Count,
    pattern: Option<Pattern>,
}

/// The rule for values without a constraint.
pub(crate) static ANY: Rule = Rule {
    integer: None,
    float: FloatRange { min: None, max: None },
    length: Count { min: None, max: None },
    items: Count { min: None, max: None },
    pattern: None,
};

#[derive(Clone, Copy, Debug, Default)]
struct Count {
    min: Option<u32>,
    max: Option<u32>,
}

impl Rule {
    /// Fits a parameter's constraint to its type.
    ///
    /// # Errors
    /// The constraint does not apply to the type, leaves no value of it, or holds a malformed pattern.
    pub(crate) fn new(param: &Param) -> Result<Self, PlanError> {
        let (ty, constraint) = (param.core_type(), &param.constraint);
        if let Some(keyword) = unfitting(ty, constraint) {
            return Err(PlanError::Unfitting { param: param.name.clone(), keyword });
        }
        let empty = || PlanError::Empty { param: param.name.clone() };
        let bounded = constraint.minimum.is_some() || constraint.maximum.is_some();
        let mut rule = Self::default();
        match IntegerRange::of(ty) {
            Some(all) if bounded => rule.integer = Some(all.narrowed(constraint).ok_or_else(empty)?),
            _ => rule.float = FloatRange::narrowed(constraint).ok_or_else(empty)?,
        }
        rule.length = Count::new(constraint.min_length, constraint.max_length).ok_or_else(empty)?;
        rule.items = Count::new(constraint.min_items, constraint.max_items).ok_or_else(empty)?;
        if let Some(pattern) = &constraint.pattern {
            let compiled = Pattern::new(pattern);
            rule.pattern =
                Some(compiled.map_err(|source| PlanError::Pattern { param: param.name.clone(), source })?);
        }
        Ok(rule)
    }

    /// Tells whether not every string is allowed.
    pub(crate) fn narrows_text(&self) -> bool {
        !self.length.is_any() || self.pattern.is_some()
    }

    /// Tells whether not every number of items is allowed.
    pub(crate) fn narrows_items(&self) -> bool {
        !self.items.is_any()
    }

    /// Tells whether a string has an allowed length and form.
    pub(crate) fn allows_text(&self, text: &str) -> bool {
        let length = if self.length.is_any() { 0 } else { text.chars().count() };
        self.length.allows(length) && self.pattern.as_ref().is_none_or(|pattern| pattern.is_match(text))
    }

    /// Returns the size of the compiled pattern, in bytes.
    pub(crate) fn pattern_bytes(&self) -> usize {
        self.pattern.as_ref().map_or(0, Pattern::bytes)
    }

    /// Tells whether a list may have this many items.
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
            (Some(min), None) => format!(" of at least {}", phrase::counted(min as usize, noun)),
            (None, Some(max)) => format!(" of at most {}", phrase::counted(max as usize, noun)),
            (Some(min), Some(max)) if min == max => {
                format!(" of exactly {}", phrase::counted(min as usize, noun))
            }
            (Some(min), Some(max)) => format!(" of {min} to {}", phrase::counted(max as usize, noun)),
        }
    }
}

/// Returns the first key of the constraint that does not apply to `ty`.
fn unfitting(ty: &Type, constraint: &Constraint) -> Option<&'static str> {
    let number = IntegerRange::of(ty).is_some() || matches!(ty, Type::F32 | Type::F64);
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
