//! Compares numbers by value, whatever their size and however they are written.

/// Tells whether two JSON numbers are the same number: `42`, `42.0` and `4.2e1` are.
pub(super) fn equal(left: &str, right: &str) -> bool {
    match (Decimal::parse(left), Decimal::parse(right)) {
        (Some(left), Some(right)) => left == right,
        _ => false,
    }
}

/// `digits` times ten to the power of `exponent`; no zeros at either end of the digits.
#[derive(PartialEq)]
struct Decimal {
    sign: Sign,
    digits: String,
    exponent: i64,
}

#[derive(PartialEq)]
enum Sign {
    Positive,
    Negative,
}

impl Decimal {
    /// None for what is not written as JSON writes numbers, and for absurd exponents.
    fn parse(text: &str) -> Option<Decimal> {
        let (sign, unsigned) = match text.strip_prefix('-') {
            Some(rest) => (Sign::Negative, rest),
            None => (Sign::Positive, text),
        };
        let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
            Some((mantissa, exponent)) => (mantissa, i64::from(exponent.parse::<i32>().ok()?)),
            None => (unsigned, 0),
        };
        let (whole, fraction) = match mantissa.split_once('.') {
            Some((_, "")) => return None,
            Some(split) => split,
            None => (mantissa, ""),
        };
        let is_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        let is_padded = whole.len() > 1 && whole.starts_with('0');
        if whole.is_empty() || is_padded || !is_digits(whole) || !is_digits(fraction) {
            return None;
        }
        let all = [whole, fraction].concat();
        let significant = all.trim_end_matches('0');
        let dropped = all.len() - significant.len();
        let digits = significant.trim_start_matches('0').to_owned();
        if digits.is_empty() {
            return Some(Decimal { sign: Sign::Positive, digits, exponent: 0 });
        }
        let exponent = exponent - i64::try_from(fraction.len()).ok()? + i64::try_from(dropped).ok()?;
        Some(Decimal { sign, digits, exponent })
    }
}
