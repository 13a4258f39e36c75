//! Refuses values that nest too deeply.

use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// The levels that tables and arrays may nest. The TOML library reads 80, but counts dotted keys differently from tables
/// in braces: what has this many levels can be read in every form that TOML has for it.
pub(super) const MAX_DEPTH: usize = 64;

/// Returns the position in the text of a value that is too deep, if there is one.
pub(super) fn too_deep(root: &DeTable<'_>) -> Option<Range<usize>> {
    in_table(root, MAX_DEPTH)
}

fn in_table(table: &DeTable<'_>, levels: usize) -> Option<Range<usize>> {
    table.iter().find_map(|(_, value)| in_value(value, levels))
}

fn in_value(value: &Spanned<DeValue<'_>>, levels: usize) -> Option<Range<usize>> {
    match (value.get_ref(), levels) {
        (DeValue::Table(_) | DeValue::Array(_), 0) => Some(value.span()),
        (DeValue::Table(table), _) => in_table(table, levels - 1),
        (DeValue::Array(items), _) => items.iter().find_map(|item| in_value(item, levels - 1)),
        _ => None,
    }
}
