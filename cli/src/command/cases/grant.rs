//! The grants of a case: the tables of `[plugins.NAME.grants]` in `toolcell.toml`, as JSON.

use serde_json::value::RawValue;
use toolcell_host::catalog::Grants;

use crate::config;
use crate::ui::problem::{Problem, Result};

/// Reads grants; `place` is where they stand in the case.
///
/// # Errors
/// A key that is unknown, missing or of the wrong form.
pub(super) fn read(grants: &RawValue, place: &str) -> Result<Grants> {
    let mut json = serde_json::Deserializer::from_str(grants.get());
    let grants: Grants = serde_path_to_error::deserialize(&mut json).map_err(|error| {
        let place = match error.path().to_string().as_str() {
            "." => place.to_owned(),
            key => format!("{place}.{key}"),
        };
        Problem::refused(place, "is not a valid grant")
            .found(without_position(error.inner()))
            .expected("the tables of [plugins.NAME.grants] in toolcell.toml, as JSON")
            .next("correct it; docs/configuration.md shows every key of grants")
    })?;
    if let Some(key) = grants.secrets.keys().next() {
        return Err(Problem::refused(format!("{place}.secrets"), "cannot be granted in a case")
            .found(format!("the key `{key}`"))
            .expected("values that are the same wherever the case is played")
            .next(format!("give the plugin a value for tests: \"config\": {{ {key:?}: \"for tests\" }}")));
    }
    for (at, directory) in grants.directories.iter().enumerate() {
        config::check_guest_path(&directory.guest)
            .map_err(|problem| Problem { at: format!("{place}.directories[{at}].guest"), ..problem })?;
    }
    Ok(grants)
}

/// Describes the error without line and column, which count from the value, not from the start of the file.
fn without_position(error: &serde_json::Error) -> String {
    let text = error.to_string();
    text.split_once(" at line ").map_or(text.clone(), |(wrong, _)| wrong.to_owned())
}
