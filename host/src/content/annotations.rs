//! Hints about a block or a resource.

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::RevisionFeatures;
use super::error::{ContentError, at};
use super::text::Text;
use crate::mcp::Role;

/// MCP's `Annotations`.
#[derive(Debug, Deserialize, Serialize)]
#[serde(rename_all(serialize = "camelCase"))]
pub(super) struct Annotations<'a> {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    audience: Vec<Role>,
    /// As `codec` wrote it: a number, or the name of a float that has none.
    #[serde(borrow, skip_serializing_if = "Option::is_none")]
    priority: Option<&'a RawValue>,
    #[serde(borrow, skip_serializing_if = "Option::is_none")]
    last_modified: Option<Text<'a>>,
}

/// Normalizes the annotations of a record; takes away those that say nothing.
pub(super) fn normalize(
    annotations: &mut Option<Annotations<'_>>,
    features: RevisionFeatures,
) -> Result<(), ContentError> {
    let Some(some) = annotations else { return Ok(()) };
    some.check().map_err(at("annotations"))?;
    some.last_modified.take_if(|_| !features.last_modified);
    if some.audience.is_empty() && some.priority.is_none() && some.last_modified.is_none() {
        *annotations = None;
    }
    Ok(())
}

impl Annotations<'_> {
    fn check(&self) -> Result<(), ContentError> {
        if let Some(priority) = self.priority
            && !priority.get().parse().is_ok_and(|value: f64| (0.0..=1.0).contains(&value))
        {
            let error = ContentError::new("a number from 0 to 1", priority.get());
            return Err(error).map_err(at("priority"));
        }
        if let Some(last_modified) = &self.last_modified
            && !is_date_time(last_modified)
        {
            let error = ContentError::new("a date and time such as 2026-01-12T15:00:58Z", last_modified);
            return Err(error).map_err(at("last_modified"));
        }
        Ok(())
    }
}

/// Tells whether `text` has the form of RFC 3339's `date-time`.
fn is_date_time(text: &str) -> bool {
    const SHAPE: &[u8; 19] = b"0000-00-00T00:00:00";
    let Some((start, rest)) = text.as_bytes().split_first_chunk::<19>() else { return false };
    let has_shape = has_shape(start, SHAPE);
    let part = |from: usize| text.get(from..from + 2).and_then(|digits| digits.parse::<u8>().ok());
    let within = |from: usize, least: u8, most: u8| part(from).is_some_and(|n| (least..=most).contains(&n));
    let is_time = within(5, 1, 12) && within(8, 1, 31) && within(11, 0, 23) && within(14, 0, 59);
    has_shape && is_time && within(17, 0, 60) && is_offset(after_fraction(rest))
}

/// Tells whether both are equal but for digits, which `shape` shows as `0`.
fn has_shape(text: &[u8], shape: &[u8]) -> bool {
    let fits = |(byte, place): (&u8, &u8)| if *place == b'0' { byte.is_ascii_digit() } else { byte == place };
    text.len() == shape.len() && text.iter().zip(shape).all(fits)
}

/// Returns the text after an optional fraction of seconds.
fn after_fraction(rest: &[u8]) -> &[u8] {
    let Some(fraction) = rest.strip_prefix(b".") else { return rest };
    let digits = fraction.iter().take_while(|byte| byte.is_ascii_digit()).count();
    if digits == 0 { rest } else { &fraction[digits..] }
}

/// Tells whether `rest` is `Z` or an offset such as `+02:00`.
fn is_offset(rest: &[u8]) -> bool {
    let is_numeric = has_shape(rest, b"+00:00") || has_shape(rest, b"-00:00");
    rest == b"Z" || is_numeric && &rest[1..3] <= b"23".as_slice() && &rest[4..6] <= b"59".as_slice()
}
