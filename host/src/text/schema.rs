//! A JSON Schema that a plugin's author or a plugin itself wrote: checked, put on one line, otherwise untouched.
//!
//! Number tokens, the order of keys, repeated keys and escapes stay as they were written, because clients may compare
//! or hash what they are shown.

use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

use super::{DESCRIPTION_CHARS, TITLE_CHARS, TextError, check as check_text};

/// Longest schema on one line, in bytes: every client loads it with every list.
pub const BYTES: usize = 64 << 10;

/// Deepest nesting of objects and lists; validators of clients recurse.
pub const DEPTH: usize = 64;

/// Keys whose values people and models read.
const TEXTS: [&str; 3] = ["title", "description", "$comment"];

/// Keys that point at another schema.
const REFERENCES: [&str; 3] = ["$ref", "$dynamicRef", "$recursiveRef"];

/// The key that mirrors an argument in a header.
const HEADER: &str = "x-mcp-header";

/// Names the fault of a schema.
#[derive(Debug, thiserror::Error)]
pub enum SchemaError {
    /// No JSON.
    #[error("it is not JSON: {0}")]
    Malformed(#[from] serde_json::Error),
    /// Longer than [`BYTES`].
    #[error("{0} bytes on one line, at most {BYTES} are accepted")]
    Long(usize),
    /// Nested deeper than [`DEPTH`].
    #[error("{0} levels, at most {DEPTH} are accepted")]
    Deep(usize),
    /// Not an object, or one that describes something else than an object.
    #[error("it has no \"type\": \"object\" at its top")]
    NotObject,
    /// Points at a schema that a client would have to fetch.
    #[error("it refers to {0}, which a client would have to fetch")]
    Remote(String),
    /// Asks for a header, which needs arguments that the host takes apart.
    #[error("it contains {HEADER}, which is supported only for parameters in the WIT")]
    Header,
    /// Hides something from its reader.
    #[error("{0}")]
    Text(#[from] TextError),
    /// Whitespace outside of strings, in a plugin that was packed.
    #[error("it is not on one line")]
    Loose,
}

/// Reads a schema of objects.
///
/// # Errors
/// The first fault.
pub fn read(text: &str) -> Result<Box<RawValue>, SchemaError> {
    let node: Node = serde_json::from_str(text)?;
    let Compact { text, depth } = compact(text);
    if text.len() > BYTES {
        return Err(SchemaError::Long(text.len()));
    }
    if depth > DEPTH {
        return Err(SchemaError::Deep(depth));
    }
    if !describes_object(&node) {
        return Err(SchemaError::NotObject);
    }
    inspect(&node)?;
    Ok(RawValue::from_string(text)?)
}

/// Checks what a packed plugin carries.
///
/// # Errors
/// The first fault.
pub fn check(schema: &RawValue) -> Result<(), SchemaError> {
    if read(schema.get())?.get() == schema.get() { Ok(()) } else { Err(SchemaError::Loose) }
}

struct Compact {
    text: String,
    depth: usize,
}

/// Takes the whitespace out of JSON that is known to be valid, but not out of strings.
fn compact(json: &str) -> Compact {
    let mut text = String::with_capacity(json.len());
    let (mut depth, mut deepest) = (0_usize, 0);
    let mut letters = json.chars();
    while let Some(letter) = letters.next() {
        match letter {
            ' ' | '\t' | '\r' | '\n' => continue,
            '{' | '[' => depth += 1,
            '}' | ']' => depth = depth.saturating_sub(1),
            _ => {}
        }
        deepest = deepest.max(depth);
        text.push(letter);
        if letter == '"' {
            copy_string(&mut letters, &mut text);
        }
    }
    Compact { text, depth: deepest }
}

/// Copies the rest of a string, whose opening quote is copied already.
fn copy_string(letters: &mut impl Iterator<Item = char>, text: &mut String) {
    while let Some(letter) = letters.next() {
        text.push(letter);
        match letter {
            '"' => return,
            '\\' => text.extend(letters.next()),
            _ => {}
        }
    }
}

fn describes_object(schema: &Node) -> bool {
    let Node::Object(entries) = schema else { return false };
    let mut types = entries.iter().filter(|(key, _)| key == "type").map(|(_, value)| value).peekable();
    types.peek().is_some() && types.all(|ty| matches!(ty, Node::Text(text) if text == "object"))
}

fn inspect(node: &Node) -> Result<(), SchemaError> {
    match node {
        Node::Object(entries) => entries.iter().try_for_each(|(key, value)| {
            check_text(key, TITLE_CHARS)?;
            inspect_entry(key, value)?;
            inspect(value)
        }),
        Node::List(items) => items.iter().try_for_each(inspect),
        Node::Text(_) | Node::Other => Ok(()),
    }
}

fn inspect_entry(key: &str, value: &Node) -> Result<(), SchemaError> {
    if key == HEADER {
        return Err(SchemaError::Header);
    }
    let Node::Text(text) = value else { return Ok(()) };
    if REFERENCES.contains(&key) && is_remote(text) {
        return Err(SchemaError::Remote(text.clone()));
    }
    if TEXTS.contains(&key) {
        check_text(text, DESCRIPTION_CHARS)?;
    }
    Ok(())
}

/// Tells whether a reference names another machine.
fn is_remote(reference: &str) -> bool {
    let before = reference.split(['#', '?']).next().unwrap_or_default();
    before.starts_with("//") || before.contains("://")
}

/// JSON as it was written, repeated keys included.
enum Node {
    Object(Vec<(String, Node)>),
    List(Vec<Node>),
    Text(String),
    Other,
}

impl<'de> Deserialize<'de> for Node {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(NodeVisitor)
    }
}

struct NodeVisitor;

impl<'de> Visitor<'de> for NodeVisitor {
    type Value = Node;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_bool<E>(self, _: bool) -> Result<Node, E> {
        Ok(Node::Other)
    }

    fn visit_i64<E>(self, _: i64) -> Result<Node, E> {
        Ok(Node::Other)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Node, E> {
        Ok(Node::Other)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Node, E> {
        Ok(Node::Other)
    }

    fn visit_unit<E>(self) -> Result<Node, E> {
        Ok(Node::Other)
    }

    fn visit_str<E>(self, text: &str) -> Result<Node, E> {
        Ok(Node::Text(text.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Node, A::Error> {
        let mut all = Vec::new();
        while let Some(item) = items.next_element()? {
            all.push(item);
        }
        Ok(Node::List(all))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Node, A::Error> {
        let mut all = Vec::new();
        while let Some(entry) = entries.next_entry()? {
            all.push(entry);
        }
        Ok(Node::Object(all))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_but_whitespace_between_tokens_is_touched() {
        let written = "{\n\t\"type\" : \"object\",\r\n  \"b\": [ 1.0, 1e2 , -0.50, 12345678901234567890123 ],\n  \
                       \"a\": \"two  words, \\\" { \\u00e9 \\\\\", \"a\": true, \"\": { } }\n";
        let one_line = "{\"type\":\"object\",\"b\":[1.0,1e2,-0.50,12345678901234567890123],\
                        \"a\":\"two  words, \\\" { \\u00e9 \\\\\",\"a\":true,\"\":{}}";
        let schema = read(written).unwrap();
        assert_eq!(schema.get(), one_line);
        check(&schema).unwrap();
        let loose = RawValue::from_string("{\"type\": \"object\"}".into()).unwrap();
        assert!(matches!(check(&loose), Err(SchemaError::Loose)));
    }

    #[test]
    fn a_schema_is_an_object_that_describes_one() {
        for text in ["[]", "true", "{}", r#"{"type":["object"]}"#, r#"{"type":"object","type":"string"}"#] {
            assert!(matches!(read(text), Err(SchemaError::NotObject)), "{text}");
        }
        for text in ["", "{", "{}{}", "{'type':'object'}"] {
            assert!(matches!(read(text), Err(SchemaError::Malformed(_))), "{text}");
        }
    }

    #[test]
    fn size_and_depth_are_obeyed_to_the_last_one() {
        let filled = |bytes: usize| {
            format!(
                r#"{{"type":"object","$id":"{}"}}"#,
                "x".repeat(bytes - r#"{"type":"object","$id":""}"#.len())
            )
        };
        assert_eq!(read(&filled(BYTES)).unwrap().get().len(), BYTES);
        assert!(matches!(read(&filled(BYTES + 1)), Err(SchemaError::Long(65_537))));
        let nested = |depth: usize| {
            format!(r#"{{"type":"object","allOf":{}{}}}"#, "[".repeat(depth - 1), "]".repeat(depth - 1))
        };
        read(&nested(DEPTH)).unwrap();
        assert!(matches!(read(&nested(DEPTH + 1)), Err(SchemaError::Deep(65))));
    }

    #[test]
    fn what_a_client_would_have_to_fetch_or_cannot_see_is_refused() {
        let within = |entry: &str| read(&format!(r#"{{"type":"object","properties":{{"a":{{{entry}}}}}}}"#));
        for remote in ["https://example.com/a.json", "//example.com/a", "HTTP://example.com"] {
            assert!(
                matches!(within(&format!(r#""$ref":"{remote}""#)), Err(SchemaError::Remote(_))),
                "{remote}"
            );
        }
        for local in ["#/$defs/a", "#a://b", "other"] {
            within(&format!(r#""$ref":"{local}""#)).unwrap();
        }
        assert!(matches!(within(r#""x-mcp-header":"A""#), Err(SchemaError::Header)));
        assert!(matches!(within(r#""description":"a\u202eb""#), Err(SchemaError::Text(_))));
        assert!(matches!(within(r#""\u200b":true"#), Err(SchemaError::Text(_))));
        within(r#""pattern":"[\u200b\u0000]""#).unwrap();
    }
}
