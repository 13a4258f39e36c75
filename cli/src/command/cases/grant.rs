//! The grants of a case, read as `toolcell.toml` is read.

use serde_json::value::RawValue;
use toolcell_host::catalog::Grants;

use crate::ui::problem::{Problem, Result};
use crate::{config, document};

/// Reads grants as `toolcell.toml` has them; `place` is where they stand.
///
/// # Errors
/// A key that is unknown, missing or of the wrong form.
pub(super) fn read(grants: &RawValue, place: &str) -> Result<Grants> {
    let refuse = |found: String| {
        Problem::refused(place, "cannot be read")
            .found(found)
            .expected("the tables of [plugins.NAME.grants] in toolcell.toml, as JSON")
            .next("write for example { \"config\": { \"KEY\": \"VALUE\" } }")
    };
    let value: toml::Table = serde_json::from_str(grants.get()).map_err(|error| refuse(error.to_string()))?;
    let text = toml::to_string(&toml::Table::from_iter([("grants".to_owned(), value.into())]))
        .map_err(|error| refuse(error.to_string()))?;
    let read = document::parse("", &text, |table| table.table("grants", config::read_grants));
    let (grants, _) = read.map_err(|problem| Problem { at: placed(place, &problem.at), ..problem })?;
    Ok(grants.unwrap_or_default())
}

/// The key is the reader's; the line is the case's.
fn placed(place: &str, at: &str) -> String {
    let file_and_line = place.strip_suffix("grants").unwrap_or(place);
    let key = at.rsplit_once(": ").map_or(at, |(_, key)| key);
    format!("{file_and_line}{key}")
}
