//! Words counts and short lists for messages.

use std::fmt::Write as _;

/// The most alternatives that one message lists.
const LISTED: usize = 12;

/// Counts things: "1 item", "2 items".
pub(crate) fn counted(count: usize, noun: &str) -> String {
    format!("{count} {noun}{}", if count == 1 { "" } else { "s" })
}

/// Lists an object's keys.
pub(crate) fn keys<'a>(names: impl ExactSizeIterator<Item = &'a str>) -> String {
    match names.len() {
        0 => "an object without keys".into(),
        1 => listed("an object with the key", names.map(|name| format!("\"{name}\""))),
        _ => listed("an object with the keys", names.map(|name| format!("\"{name}\""))),
    }
}

/// Shows one item, or "one of" several.
pub(crate) fn one_of(items: impl ExactSizeIterator<Item = String>) -> String {
    let lead = if items.len() == 1 { "" } else { "one of" };
    listed(lead, items).trim_start().to_owned()
}

/// Lists items after a lead, at most [`LISTED`].
pub(crate) fn listed(lead: &str, items: impl ExactSizeIterator<Item = String>) -> String {
    let total = items.len();
    let mut text = String::from(lead);
    for (index, item) in items.take(LISTED).enumerate() {
        let _ = write!(text, "{} {item}", if index == 0 { "" } else { "," });
    }
    if total > LISTED {
        let _ = write!(text, " and {} more", total - LISTED);
    }
    text
}
