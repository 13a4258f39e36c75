//! Writes JSON for people: on one line what fits there, else a member or an item a line. The same text for the same
//! values, which themselves stay as they are written.

use serde_json::value::RawValue;

use super::json::Members;

/// Columns of a line.
const WIDTH: usize = 80;

const STEP: usize = 2;

/// Writes a value whose first line starts `indent` columns from the left, behind `before` more.
pub(super) fn value(value: &RawValue, indent: usize, before: usize) -> String {
    let flat = flat(value);
    if indent + before + flat.chars().count() < WIDTH {
        return flat;
    }
    broken(value, indent).unwrap_or(flat)
}

/// Writes an object with a member on each line, however short, and a line end behind it: a file.
pub(super) fn file<'t>(members: impl IntoIterator<Item = (&'t str, &'t RawValue)>) -> String {
    let lines: Vec<String> = members.into_iter().map(|(name, value)| member(name, value, STEP)).collect();
    format!("{{\n{}\n}}\n", lines.join(",\n"))
}

/// `"name": value` on lines of its own.
pub(super) fn member(name: &str, one: &RawValue, indent: usize) -> String {
    let name = quoted(name);
    let written = value(one, indent, name.chars().count() + 2);
    format!("{}{name}: {written}", " ".repeat(indent))
}

fn quoted(name: &str) -> String {
    serde_json::Value::from(name).to_string()
}

fn flat(value: &RawValue) -> String {
    let text = value.get();
    match text.as_bytes().first() {
        Some(b'{') => {
            let members = members(text).into_iter();
            let parts: Vec<_> =
                members.map(|(name, one)| format!("{}: {}", quoted(&name), flat(one))).collect();
            if parts.is_empty() { "{}".to_owned() } else { format!("{{ {} }}", parts.join(", ")) }
        }
        Some(b'[') => format!("[{}]", items(text).into_iter().map(flat).collect::<Vec<_>>().join(", ")),
        _ => text.to_owned(),
    }
}

/// A part on each line; none for what has no parts.
fn broken(one: &RawValue, indent: usize) -> Option<String> {
    let (inner, end) = (indent + STEP, " ".repeat(indent));
    let text = one.get();
    let (open, close, parts): (_, _, Vec<String>) = match text.as_bytes().first() {
        Some(b'{') => {
            ('{', '}', members(text).into_iter().map(|(name, one)| member(&name, one, inner)).collect())
        }
        Some(b'[') => {
            let item = |one| format!("{}{}", " ".repeat(inner), value(one, inner, 0));
            ('[', ']', items(text).into_iter().map(item).collect())
        }
        _ => return None,
    };
    if parts.is_empty() { None } else { Some(format!("{open}\n{}\n{end}{close}", parts.join(",\n"))) }
}

fn members(text: &str) -> Vec<(String, &RawValue)> {
    Members::of(text).map(|members| members.0).unwrap_or_default()
}

fn items(text: &str) -> Vec<&RawValue> {
    serde_json::from_str(text).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(text: &str) -> String {
        file(Members::of(text).unwrap().0.iter().map(|(name, value)| (name.as_str(), *value)))
    }

    #[test]
    fn what_fits_stays_on_a_line_and_what_does_not_is_broken() {
        let long = "x".repeat(70);
        let found = written(&format!(r#"{{"a":{{"b":[1,2.50,{{}},[]]}},"c":[{{"d":"{long}"}}]}}"#));
        let expected = format!(
            "{{\n  \"a\": {{ \"b\": [1, 2.50, {{}}, []] }},\n  \"c\": [\n    {{\n      \"d\": \"{long}\"\n    }}\n  ]\n}}\n"
        );
        assert_eq!(found, expected);
        assert_eq!(written(&found), expected, "written again it is the same");
    }

    #[test]
    fn numbers_and_escapes_are_not_rewritten() {
        let text = "{\n  \"a\": [1e400, 18446744073709551616, \"\\u0041\\/\"]\n}\n";
        assert_eq!(written(text), text);
    }
}
