//! The secrets of a case: values for tests, which stand in it, and the real ones, which never do.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use toolcell_host::catalog::Grants;
use toolcell_host::secrets::SecretValue;

use super::json::Object;
use super::reading;
use crate::bundle::open::Source;
use crate::command::secrets::LocalSecrets;
use crate::config;
use crate::document::scope::HIDDEN;
use crate::ui::closest::closest;
use crate::ui::problem::{Problem, Result};

/// The key of a case.
const KEY: &str = "secrets";

/// Shorter secrets could be a part of anything by chance, so that nobody could tell where they are.
const MIN_BYTES: usize = 8;

/// Values by the names of secrets.
pub(super) type Values = BTreeMap<String, SecretValue>;

/// Reads the values for tests.
///
/// # Errors
/// A value is not a string, or empty.
pub(super) fn read(case: &Object<'_>) -> Result<Values> {
    let mut values = Values::new();
    for (name, value) in case.members_of(KEY)? {
        let text = serde_json::from_str(value.get()).ok().filter(|text: &String| !text.is_empty());
        let text = text.ok_or_else(|| {
            case.wrong(&format!("{KEY}.{name}"), "is not a value for tests")
                .found(HIDDEN)
                .expected("a string that is not empty")
                .next(format!("write, for example, \"{KEY}\": {{ {name:?}: \"for-tests\" }}"))
        })?;
        values.insert(name, SecretValue::from(text));
    }
    Ok(values)
}

/// Refuses grants of secrets that the case has no value for; `place` is where the grants are.
///
/// # Errors
/// The first one.
pub(super) fn refuse_unknown(grants: &Grants, values: &Values, place: &str) -> Result<()> {
    let granted = grants.secrets.iter().map(|(key, name)| (format!("secrets.{key}"), name));
    let injected = grants
        .http
        .iter()
        .enumerate()
        .filter_map(|(at, rule)| Some((format!("http[{at}].secret.from"), &rule.secret.as_ref()?.from)));
    let Some((key, name)) = granted.chain(injected).find(|(_, name)| !values.contains_key(*name)) else {
        return Ok(());
    };
    Err(Problem::refused(
        format!("{place}.{key}"),
        format!("names a secret that is not in `{KEY}` of the case"),
    )
    .found(HIDDEN)
    .expected("the name of a secret for which the case has a value for tests")
    .next(match closest(name, values.keys().map(String::as_str)) {
        Some(meant) => format!("did you mean `{meant}`?"),
        None => format!("add its name and a value to the case: \"{KEY}\": {{ \"NAME\": \"for-tests\" }}"),
    }))
}

/// The values with which a case is recorded, and what stands for them in the file.
pub(super) struct RealValues {
    /// The values of the deployer; those for tests where the deployer has none.
    pub(super) values: Values,
    /// Spellings of real values, each with that of the value for tests.
    spellings: Vec<(String, String)>,
}

impl RealValues {
    /// Reads what `secrets.toml` and `[secrets]` beside a plugin's `toolcell.toml` say about the secrets of a case.
    ///
    /// # Errors
    /// One of the files is malformed, or a secret cannot be read or is too short to be found again.
    pub(super) async fn read(plugin: &Path, tests: &Values) -> Result<Self> {
        let file = plugin.join(config::FILE);
        let local = LocalSecrets::of(&Source::Config(file.clone()))?;
        let sources = if file.is_file() { config::read(&file)?.secrets } else { BTreeMap::new() };
        let (mut values, mut spellings) = (tests.clone(), Vec::new());
        for (name, test) in tests {
            let Some(real) = local.value(&sources, name).await? else { continue };
            if real.as_str() == test.as_str() {
                continue;
            }
            if real.as_str().len() < MIN_BYTES {
                return Err(too_short(name));
            }
            spellings.extend(spelled(real.as_str()).into_iter().zip(spelled(test.as_str())));
            values.insert(name.clone(), real);
        }
        Ok(Self::of(values, spellings))
    }

    /// Keeps values and spellings, the longest first: one value may be a part of another.
    pub(super) fn of(values: Values, mut spellings: Vec<(String, String)>) -> Self {
        spellings.sort_by_key(|(real, _)| Reverse(real.len()));
        Self { values, spellings }
    }

    /// Tells whether a real value is somewhere in these bytes.
    pub(super) fn is_in(&self, bytes: &[u8]) -> bool {
        self.spellings.iter().any(|(real, _)| bytes.windows(real.len()).any(|part| part == real.as_bytes()))
    }

    /// Tells whether a real value is somewhere in a text, in whatever spelling.
    pub(super) fn are_in(&self, text: &str) -> bool {
        !self.spellings.is_empty() && reading::has(text, &|text| self.is_in(text.as_bytes()))
    }

    /// Puts the values for tests in the place of the real ones.
    pub(super) fn replaced(&self, text: &str) -> String {
        self.spellings.iter().fold(text.to_owned(), |text, (real, test)| text.replace(real, test))
    }
}

/// Spells a value in the ways in which programs pass it on: as it is, in JSON, in a query, and as base64.
fn spelled(value: &str) -> [String; 5] {
    let quoted = serde_json::Value::from(value).to_string();
    let quoted = quoted.get(1..quoted.len() - 1).unwrap_or_default().to_owned();
    let escaped = |upper: bool| {
        let escape = |byte: u8| match byte {
            b'-' | b'.' | b'_' | b'~' => char::from(byte).to_string(),
            byte if byte.is_ascii_alphanumeric() => char::from(byte).to_string(),
            byte if upper => format!("%{byte:02X}"),
            byte => format!("%{byte:02x}"),
        };
        value.bytes().map(escape).collect()
    };
    [STANDARD.encode(value), quoted, escaped(true), escaped(false), value.to_owned()]
}

fn too_short(name: &str) -> Problem {
    Problem::refused(format!("secret `{name}`"), "is too short to record a case with")
        .found(format!("a value of fewer than {MIN_BYTES} bytes"))
        .expected("a value that can be found in what is recorded, so that it is left out")
        .next("record with a longer secret, or write the exchanges by hand")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pairs(real: &str, test: &str) -> impl Iterator<Item = (String, String)> {
        spelled(real).into_iter().zip(spelled(test))
    }

    #[test]
    fn a_real_value_that_begins_like_another_one_leaves_nothing_of_it() {
        let spellings = pairs("0123456789", "one").chain(pairs("0123456789abc", "two")).collect();
        let values = RealValues::of(Values::new(), spellings);
        assert_eq!(values.replaced("a 0123456789abc b 0123456789 c"), "a two b one c");
    }

    #[test]
    fn a_real_value_is_replaced_in_every_spelling() {
        let (real, test) = ("s3cret/\"va lue\"", "for tests");
        let values = RealValues::of(Values::new(), pairs(real, test).collect());
        for (found, expected) in [
            ("a s3cret/\"va lue\" b", "a for tests b"),
            (r#"{"a":"s3cret/\"va lue\""}"#, r#"{"a":"for tests"}"#),
            ("?key=s3cret%2F%22va%20lue%22&b", "?key=for%20tests&b"),
            ("?key=s3cret%2f%22va%20lue%22&b", "?key=for%20tests&b"),
            ("Basic czNjcmV0LyJ2YSBsdWUi", "Basic Zm9yIHRlc3Rz"),
        ] {
            assert_eq!(values.replaced(found), expected);
        }
    }
}
