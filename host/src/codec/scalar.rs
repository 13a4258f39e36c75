//! Reads single JSON values: integers, floats, characters, names and bytes.
//!
//! Schema, decoders and encoders share these rules, so they cannot disagree. Numbers are read from their text, never
//! through a float, so that no 64-bit integer is rounded. Models often write a number or a boolean as a string; such a
//! string is read if it holds exactly what JSON would write without the quotes. Raw text is one complete, well-formed
//! JSON value without surrounding whitespace.

use std::borrow::Cow;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::plan::{Constraint, Type};
use super::scan;

/// The largest integer that every JSON reader holds exactly; larger ones are decimal strings.
pub(crate) const SAFE_INTEGER: i128 = (1 << 53) - 1;

/// The largest `f32` as it is written; every number up to it is read as an `f32`.
pub(crate) const F32_MAX: f64 = 3.402_823_5e38;

/// The pattern of [`bytes_into`] for what the server writes: padded base64 whose unused bits are zero.
///
/// V8 matches it without a stack, whatever the length of the text.
pub(crate) const WRITTEN_BASE64_PATTERN: &str = "^(?:[A-Za-z0-9+/]{2}[A-Za-z0-9+/]{2})*\
     (?:[A-Za-z0-9+/][AQgw]==|[A-Za-z0-9+/]{2}[AEIMQUYcgkosw048]=)?$";

/// The same pattern for what clients write. It has capturing groups, because converters to grammars know no others.
///
/// V8 keeps a stack for them, which suffices for 15 MB of text.
pub(crate) const BASE64_PATTERN: &str = "^([A-Za-z0-9+/]{2}[A-Za-z0-9+/]{2})*\
     ([A-Za-z0-9+/][AQgw]==|[A-Za-z0-9+/]{2}[AEIMQUYcgkosw048]=)?$";

/// A description of what is accepted: the middle of an [`ArgumentError`](super::ArgumentError).
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Expected(pub(crate) String);

/// The range of an integer type, or the part that a constraint allows; both ends are included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct IntegerRange {
    pub(crate) min: i128,
    pub(crate) max: i128,
}

impl IntegerRange {
    /// Returns the range of `ty`, if it is an integer type.
    pub(crate) fn of(ty: &Type) -> Option<Self> {
        let (min, max) = match ty {
            Type::S8 => (i8::MIN.into(), i8::MAX.into()),
            Type::U8 => (0, u8::MAX.into()),
            Type::S16 => (i16::MIN.into(), i16::MAX.into()),
            Type::U16 => (0, u16::MAX.into()),
            Type::S32 => (i32::MIN.into(), i32::MAX.into()),
            Type::U32 => (0, u32::MAX.into()),
            Type::S64 => (i64::MIN.into(), i64::MAX.into()),
            Type::U64 => (0, u64::MAX.into()),
            _ => return None,
        };
        Some(Self { min, max })
    }

    /// Narrows the range to the constraint; `None` if a bound is not an integer or no value is left.
    pub(crate) fn narrowed(self, constraint: &Constraint) -> Option<Self> {
        let bound = |number: &Option<serde_json::Number>, default| match number {
            Some(number) => integral(&number.to_string()),
            None => Some(default),
        };
        let min = bound(&constraint.minimum, self.min)?.max(self.min);
        let max = bound(&constraint.maximum, self.max)?.min(self.max);
        (min <= max).then_some(Self { min, max })
    }

    /// Returns the part that may be written as a JSON number; `None` if only strings are left.
    pub(crate) fn as_number(self) -> Option<Self> {
        let min = self.min.max(-SAFE_INTEGER);
        let max = self.max.min(SAFE_INTEGER);
        (min <= max).then_some(Self { min, max })
    }

    /// Tells whether some of the values can only be written as decimal strings.
    pub(crate) fn needs_strings(self) -> bool {
        self.as_number() != Some(self)
    }

    /// Returns the pattern of the decimal strings: canonical, with at most as many digits as the type can have.
    pub(crate) fn decimal_pattern(self) -> &'static str {
        if self.min < 0 { "^(0|-?[1-9][0-9]{0,18})$" } else { "^(0|[1-9][0-9]{0,19})$" }
    }

    /// Reads raw JSON: `7`, `7.0`, `7e0`, or the digits as a string, `"7"`.
    pub(crate) fn read(self, raw: &str) -> Result<i128, Expected> {
        let (value, range) = if raw.starts_with('"') {
            (unquoted(raw).and_then(|text| decimal(&text)), Some(self))
        } else {
            (number(raw).and_then(integral), self.as_number())
        };
        match (value, range) {
            (Some(value), Some(range)) if range.min <= value && value <= range.max => Ok(value),
            _ => Err(self.expected()),
        }
    }

    pub(crate) fn expected(self) -> Expected {
        let Self { min, max } = self;
        let string = format!("a decimal string from \"{min}\" to \"{max}\"");
        Expected(match self.as_number() {
            Some(number) if number == self => format!("an integer from {min} to {max}"),
            Some(number) => format!("an integer from {} to {}, or {string}", number.min, number.max),
            None => string,
        })
    }
}

/// The range of a float type; without bounds, it includes `"NaN"`, `"Infinity"` and `"-Infinity"`.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct FloatRange {
    pub(crate) min: Option<f64>,
    pub(crate) max: Option<f64>,
}

impl FloatRange {
    /// The names of the floats that JSON numbers cannot express.
    pub(crate) const NAMES: [&'static str; 3] = ["NaN", "Infinity", "-Infinity"];

    /// Returns the bounds of a constraint; `None` if no value lies between them.
    pub(crate) fn narrowed(constraint: &Constraint) -> Option<Self> {
        let bound = |number: &Option<serde_json::Number>| number.as_ref().and_then(|n| n.as_f64());
        let float = Self { min: bound(&constraint.minimum), max: bound(&constraint.maximum) };
        let empty = matches!((float.min, float.max), (Some(min), Some(max)) if min > max);
        (!empty).then_some(float)
    }

    /// Tells whether only numbers are accepted.
    pub(crate) fn is_bounded(self) -> bool {
        self.min.is_some() || self.max.is_some()
    }

    /// Reads raw JSON as the nearest `f64`: a number, or one as a string; refuses a number that would be infinite.
    pub(crate) fn read_f64(self, raw: &str) -> Result<f64, Expected> {
        match written_number(raw) {
            Some(text) => self.in_bounds(&text, text.parse().ok().filter(|v: &f64| v.is_finite())),
            None => self.named(raw),
        }
    }

    /// Reads raw JSON as the nearest `f32`, rounding once; bounds apply to the number as written.
    pub(crate) fn read_f32(self, raw: &str) -> Result<f32, Expected> {
        match written_number(raw) {
            Some(text) => self.in_bounds(&text, text.parse().ok().filter(|v: &f32| v.is_finite())),
            None => self.named(raw).map(|value| value as f32),
        }
    }

    fn in_bounds<T>(self, text: &str, value: Option<T>) -> Result<T, Expected> {
        let written: f64 = text.parse().unwrap_or(f64::NAN);
        let fits = self.min.is_none_or(|min| written >= min) && self.max.is_none_or(|max| written <= max);
        value.filter(|_| fits).ok_or_else(|| self.expected())
    }

    fn named(self, raw: &str) -> Result<f64, Expected> {
        let text = if self.is_bounded() { None } else { unquoted(raw) };
        match text.as_deref() {
            Some("NaN") => Ok(f64::NAN),
            Some("Infinity") => Ok(f64::INFINITY),
            Some("-Infinity") => Ok(f64::NEG_INFINITY),
            _ => Err(self.expected()),
        }
    }

    pub(crate) fn expected(self) -> Expected {
        Expected(match (self.min, self.max) {
            (None, None) => "a finite number, or \"NaN\", \"Infinity\" or \"-Infinity\"".into(),
            (Some(min), None) => format!("a number of at least {min}"),
            (None, Some(max)) => format!("a number of at most {max}"),
            (Some(min), Some(max)) => format!("a number from {min} to {max}"),
        })
    }
}

/// Reads a `bool` from raw JSON: `true`, or the word as a string.
pub(crate) fn boolean(raw: &str) -> Option<bool> {
    match unquoted(raw).as_deref().unwrap_or(raw) {
        "true" => Some(true),
        "false" => Some(false),
        _ => None,
    }
}

/// Reads a `char` from raw JSON: a string of exactly one Unicode scalar value.
pub(crate) fn character(raw: &str) -> Option<char> {
    let text = unquoted(raw)?;
    let mut chars = text.chars();
    chars.next().filter(|_| chars.next().is_none())
}

/// Returns the number of bytes that base64 text decodes to; exact for text that [`bytes_into`] accepts.
pub(crate) fn bytes_len(text: &str) -> usize {
    let padding = text.bytes().rev().take(2).take_while(|&byte| byte == b'=').count();
    (text.len() / 4 * 3).saturating_sub(padding)
}

/// Reads the text of a `list<u8>` into memory of exactly its size ([`bytes_len`]); returns the bytes written.
pub(crate) fn bytes_into(text: &str, memory: &mut [u8]) -> Option<usize> {
    STANDARD.decode_slice(text, memory).ok()
}

/// Returns raw JSON that is a number.
fn number(raw: &str) -> Option<&str> {
    raw.starts_with(|c: char| c == '-' || c.is_ascii_digit()).then_some(raw)
}

/// Returns the text of raw JSON that is a number, or a string that holds nothing but a number as JSON writes it.
fn written_number(raw: &str) -> Option<Cow<'_, str>> {
    match number(raw) {
        Some(text) => Some(Cow::Borrowed(text)),
        None => unquoted(raw).filter(|text| {
            number(text).is_some_and(|text| scan::number(text.as_bytes()) == Some(text.len()))
        }),
    }
}

/// Returns the text of raw JSON that is a string; `None` for other kinds and for lone surrogates.
pub(crate) fn unquoted(raw: &str) -> Option<Cow<'_, str>> {
    let inner = raw.strip_prefix('"')?.strip_suffix('"')?;
    if inner.contains('\\') {
        serde_json::from_str(raw).ok().map(Cow::Owned)
    } else {
        Some(Cow::Borrowed(inner))
    }
}

/// Reads a canonical decimal: no plus, no leading zeros, no `-0`.
fn decimal(text: &str) -> Option<i128> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let canonical = text == "0" || digits.starts_with(|c: char| ('1'..='9').contains(&c));
    if canonical { text.parse().ok() } else { None }
}

/// Reads the digits of a JSON number that is an integer below 10^21.
fn integral(text: &str) -> Option<i128> {
    let magnitude = text.strip_prefix('-').unwrap_or(text);
    let (mantissa, exponent) = magnitude.split_once(['e', 'E']).unwrap_or((magnitude, "0"));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = || whole.bytes().chain(fraction.bytes());
    let length = whole.len() + fraction.len();
    let leading = digits().take_while(|&digit| digit == b'0').count();
    if leading == length {
        return Some(0);
    }
    let trailing = digits().rev().take_while(|&digit| digit == b'0').count();
    let significant = length - leading - trailing;
    let scale = exponent.parse::<i64>().ok()?.checked_add((trailing as i64) - (fraction.len() as i64))?;
    let scale = usize::try_from(scale).ok().filter(|scale| significant.saturating_add(*scale) <= 21)?;
    let value = digits().skip(leading).take(significant).map(|digit| i128::from(digit - b'0'));
    let value = value.chain(std::iter::repeat_n(0, scale)).fold(0, |sum, digit| sum * 10 + digit);
    Some(if text.len() > magnitude.len() { -value } else { value })
}
