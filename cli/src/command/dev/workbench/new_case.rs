//! Writes a golden case of a call that the page has made.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use serde_json::{Map, Value, json};
use toolcell_host::catalog::{Directory, Grants};

use super::inventory::{CaseHome, Inventory};
use crate::command::cases::{NewCase, NewCaseError};

/// A call and what came of it, as the page knows them.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct WantedCase {
    /// The plugin, by its name in the configuration.
    plugin: String,
    /// The name of the case.
    case: String,
    /// `tool`, `prompt` or `resource`, and its own name or its URI.
    subject: (String, String),
    arguments: Option<Box<RawValue>>,
    #[serde(default)]
    answers: BTreeMap<String, Box<RawValue>>,
    result: Option<Box<RawValue>>,
    error: Option<Box<RawValue>>,
}

/// A case that was written.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct WrittenCase {
    file: PathBuf,
    /// The command that plays it.
    command: String,
    /// The grants of the plugin that the case does not have.
    left_out: Vec<&'static str>,
}

/// A reason why no case is written.
#[derive(Debug, thiserror::Error)]
pub(super) enum CaseError {
    #[error("plugin `{0}`: cases are written for a plugin that is served from its directory")]
    NoHome(String),
    #[error(transparent)]
    Refused(#[from] NewCaseError),
}

/// Writes the file of a case, which must not be there yet.
///
/// # Errors
/// The plugin has no directory, the name is taken or cannot be one, or the file cannot be written.
pub(super) fn write(inventory: &Inventory, wanted: &WantedCase) -> Result<WrittenCase, CaseError> {
    let home = inventory.case_home(&wanted.plugin);
    let CaseHome { directory, grants, base } =
        home.ok_or_else(|| CaseError::NoHome(wanted.plugin.clone()))?;
    let (grants, left_out) = portable(grants, &directory, &base);
    let mut case = NewCase::new(&wanted.subject.0, &wanted.subject.1);
    if let Some(arguments) = &wanted.arguments {
        case.put("arguments", arguments);
    }
    if grants.as_object().is_some_and(|grants| !grants.is_empty()) {
        case.put("grants", &grants);
    }
    if !wanted.answers.is_empty() {
        case.put("answers", &wanted.answers);
    }
    match (&wanted.result, &wanted.error) {
        (Some(result), _) => case.expect(result)?,
        (None, Some(error)) => case.put("error", error),
        (None, None) => {}
    }
    let file = case.write(&directory, &wanted.case)?;
    let command = format!("toolcell test {} --case {}", quoted(&directory), wanted.case);
    Ok(WrittenCase { file, command, left_out })
}

/// Returns the grants that mean the same in a case, and names the others: what is outside of the plugin's directory,
/// requests (they have to be recorded), secrets, and buckets (a case says what they hold).
fn portable(grants: Grants, plugin: &Path, base: &Path) -> (Value, Vec<&'static str>) {
    let Grants { environment, config, secrets, directories, http, keyvalue, .. } = grants;
    let inside = |directory: &Directory| {
        let path = base.join(&directory.host);
        let host = path.strip_prefix(plugin).ok()?.display().to_string();
        Some(json!({ "host": host, "guest": directory.guest, "write": directory.write }))
    };
    let inner: Vec<Value> = directories.iter().filter_map(inside).collect();
    let left_out = [
        ("directories", inner.len() < directories.len()),
        ("http", !http.is_empty()),
        ("secrets", !secrets.is_empty()),
        ("keyvalue", !keyvalue.is_empty()),
    ];
    let members =
        [("environment", json!(environment)), ("config", json!(config)), ("directories", inner.into())];
    let members = members.into_iter().filter(|(_, value)| *value != json!({}) && *value != json!([]));
    let members: Map<String, Value> = members.map(|(key, value)| (key.to_owned(), value)).collect();
    let left_out = left_out.into_iter().filter_map(|(key, is_left_out)| is_left_out.then_some(key)).collect();
    (members.into(), left_out)
}

/// A path as a shell takes it.
fn quoted(path: &Path) -> String {
    let text = path.display().to_string();
    let is_plain = |character: char| character.is_ascii_alphanumeric() || "/._-".contains(character);
    if text.chars().all(is_plain) && !text.is_empty() {
        text
    } else {
        format!("'{}'", text.replace('\'', "'\\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn grants_that_a_case_can_hold_are_kept_and_the_others_named() {
        let directory =
            |host: &str| Directory { host: host.to_owned(), guest: "/d".to_owned(), write: false };
        let grants = Grants {
            config: BTreeMap::from([("a".to_owned(), "b".to_owned())]),
            directories: vec![directory("plugins/x/data"), directory("elsewhere")],
            secrets: BTreeMap::from([("key".to_owned(), "name".to_owned())]),
            ..Grants::default()
        };
        let (kept, left_out) = portable(grants, Path::new("/p/plugins/x"), Path::new("/p"));
        let expected = json!({
            "config": { "a": "b" },
            "directories": [{ "host": "data", "guest": "/d", "write": false }],
        });
        assert_eq!((kept, left_out), (expected, vec!["directories", "secrets"]));
    }

    #[test]
    fn paths_are_quoted_for_a_shell() {
        assert_eq!(quoted(Path::new("/a/b-c.d")), "/a/b-c.d");
        assert_eq!(quoted(Path::new("/a b/it's")), "'/a b/it'\\''s'");
    }
}
