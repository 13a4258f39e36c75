//! Turns proposals for values into MCP's `completion`.

use serde::Deserialize;

use super::error::{self, ContentError};
use super::text::{Kind, Text};

/// Most values that MCP lets a completion hold.
pub const MAX_PROPOSALS: usize = 100;

/// The parts of MCP's `completion`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proposals {
    /// A JSON array of at most [`MAX_PROPOSALS`] strings, best first.
    pub values: Vec<u8>,
    /// The total number of values, if known.
    pub total: Option<u32>,
    /// True if there are more than these.
    pub has_more: bool,
    /// The number of values that hide something and are left out, for the operator's log.
    pub left_out: usize,
}

/// Turns `proposals` into the parts of MCP's `completion`. Leaves out values that hide something.
///
/// # Errors
/// For JSON of another type.
pub fn proposals(json: &[u8]) -> Result<Proposals, ContentError> {
    let Proposed { mut values, total, has_more } = error::read(json)?;
    let proposed = values.len();
    values.retain(|value| Kind::Description.check(value).is_ok());
    let left_out = proposed - values.len();
    let is_cut = values.len() > MAX_PROPOSALS;
    values.truncate(MAX_PROPOSALS);
    Ok(Proposals { values: error::write(&values)?, total, has_more: has_more || is_cut, left_out })
}

#[derive(Deserialize)]
struct Proposed<'a> {
    #[serde(borrow)]
    values: Vec<Text<'a>>,
    total: Option<u32>,
    has_more: bool,
}
