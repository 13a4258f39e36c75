//! Describes a request without its values: two requests of the same shape test the same thing twice.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::corpus::Case;

/// Returns the shape of a request: the era, which implies the usual headers; other headers; method and path; the paths
/// and types of the body; and whether the body is padded, names an unusual revision, or holds a state of the round
/// before.
pub(crate) fn of(case: &Case) -> String {
    let headers = case.special_headers().map(|(name, value)| format!("{name}={}", header(value)));
    let headers = headers.collect::<Vec<_>>().join(" ");
    let body = match case.message() {
        Some(message) => paths(&message),
        None => skeleton(&String::from_utf8_lossy(&case.body())),
    };
    let claim = if case.claims_usual() { "" } else { " another revision" };
    let size = if case.is_padded() { " padded" } else { "" };
    let round = if case.first_round().is_some() { " second round" } else { "" };
    format!("{:?} {} | {headers} | {} | {body}{claim}{size}{round}", case.era, case.start(), case.method())
}

/// Returns the punctuation of a header; its words are values.
fn header(value: &Value) -> String {
    match value {
        Value::Array(values) => values.iter().map(header).collect::<Vec<_>>().join("+"),
        Value::String(text) => skeleton(text),
        _ => "none".to_owned(),
    }
}

/// Returns a text with each run of letters and digits as one `a`.
fn skeleton(text: &str) -> String {
    let mut skeleton = String::new();
    for character in text.chars() {
        let character = if character.is_ascii_alphanumeric() { 'a' } else { character };
        if character != 'a' || !skeleton.ends_with('a') {
            skeleton.push(character);
        }
    }
    skeleton
}

fn paths(message: &Value) -> String {
    let mut paths = BTreeSet::new();
    walk(message, String::new(), &mut paths);
    paths.into_iter().collect::<Vec<_>>().join(" ")
}

fn walk(value: &Value, path: String, paths: &mut BTreeSet<String>) {
    match value {
        Value::Object(members) if !members.is_empty() => {
            members.iter().for_each(|(name, value)| walk(value, format!("{path}.{name}"), paths));
        }
        Value::Array(items) if !items.is_empty() => {
            items.iter().for_each(|value| walk(value, format!("{path}[]"), paths));
        }
        Value::Object(_) => drop(paths.insert(path + ":{}")),
        Value::Array(_) => drop(paths.insert(path + ":[]")),
        Value::String(_) => drop(paths.insert(path + ":string")),
        Value::Number(number) if number.is_f64() => drop(paths.insert(path + ":fraction")),
        Value::Number(_) => drop(paths.insert(path + ":integer")),
        Value::Bool(_) => drop(paths.insert(path + ":boolean")),
        Value::Null => drop(paths.insert(path + ":null")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn shape(headers: Value, message: Value) -> String {
        let case = json!({"id": "a", "era": "legacy", "step": 8, "headers": headers, "json": message});
        of(&serde_json::from_value(case).unwrap())
    }

    #[test]
    fn values_make_no_difference_and_members_do() {
        let message = json!({"id": 1, "params": {"name": "one"}});
        assert_eq!(
            shape(json!({}), message.clone()),
            shape(json!({}), json!({"id": 2, "params": {"name": "two"}}))
        );
        for other in
            [json!({"id": "1", "params": {"name": "one"}}), json!({"id": 1, "params": {"uri": "one"}})]
        {
            assert_ne!(shape(json!({}), message.clone()), shape(json!({}), other));
        }
        assert_eq!(
            shape(json!({"accept": "a/b"}), json!(1)),
            shape(json!({"accept": "text/html"}), json!(1))
        );
        assert_ne!(shape(json!({"accept": "a/b, c/d"}), json!(1)), shape(json!({"accept": "a/b"}), json!(1)));
    }
}
