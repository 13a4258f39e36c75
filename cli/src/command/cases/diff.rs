//! Compares two JSON values and lists the differing paths.

use serde_json::{Map, Value};

/// Characters of a value that are shown.
const SHOWN: usize = 100;

/// Characters that are shown before the first one that differs.
const BEFORE: usize = 20;

/// One place where two values differ.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Difference {
    /// Where: `content[0].text`; empty for the values themselves.
    pub(super) path: String,
    /// The expected value; `None` if the path is unexpected.
    pub(super) expected: Option<Value>,
    /// The actual value; `None` if the path is missing.
    pub(super) found: Option<Value>,
}

/// Finds every place where the values differ, in the order of the one that was expected.
pub(super) fn between(expected: &Value, found: &Value) -> Vec<Difference> {
    let mut differences = Vec::new();
    compare("", Some(expected), Some(found), &mut differences);
    differences
}

/// Finds every place where the values of a member differ; each path begins with the name of the member.
pub(super) fn of_member(name: &str, expected: &Value, found: &Value) -> Vec<Difference> {
    let mut differences = Vec::new();
    compare(name, Some(expected), Some(found), &mut differences);
    differences
}

fn compare(path: &str, expected: Option<&Value>, found: Option<&Value>, into: &mut Vec<Difference>) {
    match (expected, found) {
        (Some(Value::Object(expected)), Some(Value::Object(found))) => objects(path, expected, found, into),
        (Some(Value::Array(expected)), Some(Value::Array(found))) => {
            for at in 0..expected.len().max(found.len()) {
                compare(&format!("{path}[{at}]"), expected.get(at), found.get(at), into);
            }
        }
        (expected, found) if expected == found => {}
        (expected, found) => into.push(Difference {
            path: path.to_owned(),
            expected: expected.cloned(),
            found: found.cloned(),
        }),
    }
}

fn objects(
    path: &str,
    expected: &Map<String, Value>,
    found: &Map<String, Value>,
    into: &mut Vec<Difference>,
) {
    for (name, value) in expected {
        compare(&member(path, name), Some(value), found.get(name), into);
    }
    for (name, value) in found.iter().filter(|(name, _)| !expected.contains_key(*name)) {
        compare(&member(path, name), None, Some(value), into);
    }
}

fn member(path: &str, name: &str) -> String {
    let plain = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_') && !name.is_empty();
    match (plain, path) {
        (true, "") => name.to_owned(),
        (true, path) => format!("{path}.{name}"),
        (false, path) => format!("{path}[{name:?}]"),
    }
}

impl Difference {
    /// Both sides, as far as they can be read at a glance: around the first character that differs.
    pub(super) fn sides(&self) -> [String; 2] {
        let written = |value: &Option<Value>| value.as_ref().map_or("nothing".to_owned(), Value::to_string);
        let (expected, found) = (written(&self.expected), written(&self.found));
        let same = expected.chars().zip(found.chars()).take_while(|(one, other)| one == other).count();
        [clipped(&expected, same), clipped(&found, same)]
    }
}

fn clipped(text: &str, same: usize) -> String {
    let length = text.chars().count();
    if length <= SHOWN {
        return text.to_owned();
    }
    let start = same.saturating_sub(BEFORE).min(length - SHOWN);
    let shown: String = text.chars().skip(start).take(SHOWN).collect();
    let (before, after) =
        (if start > 0 { "..." } else { "" }, if start + SHOWN < length { "..." } else { "" });
    format!("{before}{shown}{after}")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn paths(expected: Value, found: Value) -> Vec<String> {
        between(&expected, &found).into_iter().map(|difference| difference.path).collect()
    }

    #[test]
    fn the_same_values_differ_nowhere_whatever_their_order() {
        assert!(
            paths(json!({ "a": [1, { "b": null }], "c": 2 }), json!({ "c": 2, "a": [1, { "b": null }] }))
                .is_empty()
        );
    }

    #[test]
    fn every_place_is_named() {
        let expected = json!({ "a": [1, 2, 3], "b": { "x y": 1, "gone": 2 }, "c": "1" });
        let found = json!({ "a": [1, 9], "b": { "x y": 2 }, "c": 1, "new": null });
        assert_eq!(paths(expected, found), ["a[1]", "a[2]", "b[\"x y\"]", "b.gone", "c", "new"]);
        assert_eq!(paths(json!([]), json!({})), [""]);
    }

    #[test]
    fn a_member_that_is_null_is_not_one_that_is_absent() {
        let differences = between(&json!({ "a": null }), &json!({}));
        assert_eq!(differences[0].sides(), ["null", "nothing"]);
    }

    #[test]
    fn long_values_are_shown_around_what_differs() {
        let text = |end: &str| json!(format!("{}{end}{}", "a".repeat(300), "b".repeat(300)));
        let differences = between(&text("X"), &text("Y"));
        let [expected, found] = differences[0].sides();
        assert!(
            expected.starts_with("...") && expected.contains("aXb") && expected.ends_with("..."),
            "{expected}"
        );
        assert!(found.contains("aYb") && found.chars().count() < 120, "{found}");
    }
}
