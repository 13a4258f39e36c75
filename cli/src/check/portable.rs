//! Patterns and handwritten schemas that not every client takes.
//!
//! Clients turn a pattern into a grammar, or hand it to a strict mode of a model's API. What all of them know is small:
//! literals, `.`, classes, groups, `|` and greedy repetition, from the start of the string to its end.

use serde_json::Value;
use serde_json::value::RawValue;

use crate::manifest::lint::Lint;

/// Characters that a backslash may stand before, outside of a class.
const ESCAPED: &str = "^$.[]()|{}*+?\\\"nrt";

/// Characters that a backslash may stand before, in a class.
const ESCAPED_IN_CLASS: &str = "[]\\\"nrt";

/// Keys of a schema that hold values, not schemas.
const VALUES: [&str; 4] = ["const", "default", "enum", "examples"];

/// Returns the findings about a handwritten schema.
pub(super) fn in_schema(schema: &RawValue) -> Vec<(Lint, String)> {
    let mut all = Vec::new();
    if let Ok(schema) = serde_json::from_str(schema.get()) {
        walk(&schema, &mut all);
    }
    all
}

fn walk(schema: &Value, all: &mut Vec<(Lint, String)>) {
    match schema {
        Value::Object(members) => {
            if let Some(obstacle) = schema["pattern"].as_str().and_then(obstacle) {
                all.push((Lint::UnportablePattern, format!("has a pattern {obstacle} in its input schema")));
            }
            if schema["type"] == "array" && schema["items"].is_null() {
                all.push((Lint::UntypedArray, "has an array without `items` in its input schema".into()));
            }
            let schemas = members.iter().filter(|(key, _)| !VALUES.contains(&key.as_str()));
            schemas.for_each(|(_, member)| walk(member, all));
        }
        Value::Array(items) => items.iter().for_each(|item| walk(item, all)),
        _ => {}
    }
}

/// Says what about a pattern not every client understands; `None` if all do.
pub(super) fn obstacle(pattern: &str) -> Option<String> {
    let inner = pattern.strip_prefix('^').and_then(|rest| rest.strip_suffix('$'));
    let Some(inner) = inner.filter(|inner| !ends_in_escape(inner)) else {
        return Some("that does not start with `^` and end with `$`".into());
    };
    Scanner { rest: inner, groups: 0 }.obstacle()
}

/// Tells whether what follows is escaped: `\\\$` is a dollar sign.
fn ends_in_escape(text: &str) -> bool {
    text.chars().rev().take_while(|letter| *letter == '\\').count() % 2 == 1
}

struct Scanner<'p> {
    rest: &'p str,
    groups: usize,
}

impl Scanner<'_> {
    fn next(&mut self) -> Option<char> {
        let letter = self.rest.chars().next()?;
        self.rest = &self.rest[letter.len_utf8()..];
        Some(letter)
    }

    fn obstacle(&mut self) -> Option<String> {
        while let Some(letter) = self.next() {
            let found = match letter {
                '\\' => self.escape(ESCAPED),
                '[' => self.class(),
                '(' if self.rest.starts_with('?') => Some("with `(?`".into()),
                '(' => {
                    self.groups += 1;
                    None
                }
                ')' => {
                    self.groups = self.groups.saturating_sub(1);
                    None
                }
                '|' if self.groups == 0 => Some("with `|` outside of parentheses".into()),
                '^' | '$' => Some(format!("with `{letter}` in the middle")),
                '*' | '+' | '?' | '}' if self.rest.starts_with('?') => Some(format!("with `{letter}?`")),
                _ => None,
            };
            if found.is_some() {
                return found;
            }
        }
        None
    }

    fn escape(&mut self, known: &str) -> Option<String> {
        let letter = self.next()?;
        (!known.contains(letter)).then(|| format!("with `\\{letter}`"))
    }

    fn class(&mut self) -> Option<String> {
        let first = self.rest.strip_prefix('^').unwrap_or(self.rest);
        if first.starts_with(']') {
            return Some("with an unescaped `]` in a class".into());
        }
        while let Some(letter) = self.next() {
            let found = match letter {
                ']' => return None,
                '[' => Some("with an unescaped `[` in a class".into()),
                '\\' => self.escape(ESCAPED_IN_CLASS),
                _ => None,
            };
            if found.is_some() {
                return found;
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_every_client_knows_is_no_obstacle() {
        for pattern in [
            "^$",
            "^[a-z]+$",
            "^(0|-?[1-9][0-9]{0,18})$",
            "^[^\\[\\]\\n]*$",
            "^a\\.b\\\\$",
            "^((a|b)c)*d{2,}$",
            "^[0-9A-Za-z][0-9A-Za-z.-]*$",
        ] {
            assert_eq!(obstacle(pattern), None, "{pattern}");
        }
    }

    #[test]
    fn what_some_clients_do_not_know_is_named() {
        let ends = "that does not start with `^` and end with `$`";
        for (pattern, expected) in [
            ("[a-z]+", ends),
            ("^[a-z]+", ends),
            ("[a-z]+$", ends),
            ("^a\\$", ends),
            ("^(?:a)$", "with `(?`"),
            ("^(?i)a$", "with `(?`"),
            ("^\\d+$", "with `\\d`"),
            ("^[\\w.]+$", "with `\\w`"),
            ("^[a\\-z]$", "with `\\-`"),
            ("^a\\b$", "with `\\b`"),
            ("^a\\/b$", "with `\\/`"),
            ("^\\x41$", "with `\\x`"),
            ("^[[:alpha:]]$", "with an unescaped `[` in a class"),
            ("^[]a]$", "with an unescaped `]` in a class"),
            ("^[^]a]$", "with an unescaped `]` in a class"),
            ("^a*?$", "with `*?`"),
            ("^a{2}?$", "with `}?`"),
            ("^a|b$", "with `|` outside of parentheses"),
            ("^(a|b)|c$", "with `|` outside of parentheses"),
            ("^a^b$", "with `^` in the middle"),
            ("^a$b$", "with `$` in the middle"),
        ] {
            assert_eq!(obstacle(pattern).as_deref(), Some(expected), "{pattern}");
        }
    }

    #[test]
    fn handwritten_schemas_are_read_to_their_leaves_but_not_their_values() {
        let found = |text: &str| {
            let schema = RawValue::from_string(text.into()).unwrap();
            in_schema(&schema).into_iter().map(|(lint, _)| lint).collect::<Vec<_>>()
        };
        let deep = r#"{"type":"object","properties":{"a":{"anyOf":[{"type":"array"},{"pattern":"\\d"}]}}}"#;
        assert_eq!(found(deep), [Lint::UntypedArray, Lint::UnportablePattern]);
        let fine = r#"{"type":"object","properties":{"pattern":{"type":"array","items":{"pattern":"^a$"}}}}"#;
        assert_eq!(found(fine), []);
        let values = r#"{"type":"object","default":{"pattern":"\\d"},"examples":[{"type":"array"}]}"#;
        assert_eq!(found(values), []);
    }
}
