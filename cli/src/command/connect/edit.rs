//! Changes a file of JSON with comments in place: only the members that are ours change, and every other byte stays.

use serde_json::Value;

use super::entry::Entry;

/// The deepest nesting that is followed.
const MAX_DEPTH: usize = 128;

/// One step of the indentation that clients write.
const INDENT: &str = "  ";

/// The reason why a file stays as it is.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum EditError {
    /// It is something else than JSON with comments.
    #[error("no JSON: {expected} expected at line {line}")]
    Syntax {
        /// The expected value.
        expected: &'static str,
        /// The line, from 1.
        line: usize,
    },
    /// A member has a value that nothing can be added to.
    #[error("`{0}` is of another type")]
    Type(&'static str),
    /// Two readers of the file may disagree.
    #[error("`{0}` occurs more than once")]
    Repeated(String),
}

/// A part of a text, from byte to byte.
#[derive(Clone, Copy, Debug)]
struct Span {
    start: usize,
    end: usize,
}

/// A value, as far as it matters.
#[derive(Debug)]
enum Node {
    Object(Vec<(String, Item)>),
    Array(Vec<Item>),
    Other,
}

/// A value and its place.
#[derive(Debug)]
struct Item {
    span: Span,
    node: Node,
}

/// Returns the text of the file with the entry in it.
///
/// # Errors
/// The text is no JSON with comments, or has something else where the entry has to stand.
pub(super) fn merged(text: &str, entry: &Entry) -> Result<String, EditError> {
    let mut text = if text.trim().is_empty() { "{}\n".to_owned() } else { text.to_owned() };
    if let Some(input) = &entry.input {
        text = with_input(text, input)?;
    }
    let root = parse(&text)?;
    let Some(servers) = member(&root, entry.servers)? else {
        let all = serde_json::json!({ &entry.name: entry.value });
        return with_member(&text, &root, entry.servers, &all, 1);
    };
    match (&servers.node, member(servers, &entry.name)) {
        (Node::Object(_), Ok(Some(server))) => Ok(replaced(&text, server.span, &pretty(&entry.value, 2))),
        (Node::Object(_), Ok(None)) => with_member(&text, servers, &entry.name, &entry.value, 2),
        (_, Err(error)) => Err(error),
        _ => Err(EditError::Type(entry.servers)),
    }
}

/// Adds a question to the list `inputs`, unless one of this id is there.
fn with_input(text: String, input: &Value) -> Result<String, EditError> {
    const INPUTS: &str = "inputs";
    let root = parse(&text)?;
    let Some(inputs) = member(&root, INPUTS)? else {
        return with_member(&text, &root, INPUTS, &Value::from(vec![input.clone()]), 1);
    };
    let Node::Array(items) = &inputs.node else { return Err(EditError::Type(INPUTS)) };
    let id = input["id"].to_string();
    let has_id = |item: &Item| matches!(member(item, "id"), Ok(Some(found)) if text[found.span.start..found.span.end] == id);
    if items.iter().any(has_id) {
        return Ok(text);
    }
    let last = items.last().map(|item| item.span);
    Ok(added(&text, inputs.span, last, &pretty(input, 2), 2))
}

/// Adds a member to an object at the given depth.
fn with_member(
    text: &str,
    object: &Item,
    name: &str,
    value: &Value,
    depth: usize,
) -> Result<String, EditError> {
    let Node::Object(members) = &object.node else { return Err(EditError::Type("the file")) };
    let last = members.last().map(|(_, item)| item.span);
    let member = format!("{}: {}", Value::from(name), pretty(value, depth));
    Ok(added(text, object.span, last, &member, depth))
}

/// Writes an addition behind the last part of a list, or as its only one.
fn added(text: &str, list: Span, last: Option<Span>, addition: &str, depth: usize) -> String {
    let line = format!("\n{}{addition}", INDENT.repeat(depth));
    match last {
        Some(last) => {
            // A comma after the last part may be there already, and a comment on its line belongs to it.
            let after = skip_blank(text, last.end);
            let has_comma = text[after..].starts_with(',');
            let (end, comma) = if has_comma { (after + 1, "") } else { (last.end, ",") };
            let at = end_of_line(text, end);
            format!("{}{comma}{}{line}{}", &text[..end], &text[end..at], &text[at..])
        }
        None => {
            // What stands between the brackets are comments.
            let inside = text[list.start + 1..list.end - 1].trim_end();
            let close = format!("\n{}", INDENT.repeat(depth - 1));
            format!("{}{inside}{line}{close}{}", &text[..=list.start], &text[list.end - 1..])
        }
    }
}

/// Returns the end of the line, if nothing but a comment stands before it; else the place itself.
fn end_of_line(text: &str, at: usize) -> usize {
    let rest = &text[at..];
    let Some(line) = rest.find('\n').map(|end| rest[..end].trim_end_matches('\r')) else { return at };
    if line.trim_start().starts_with("//") || skip_blank(line, 0) == line.len() && !line.is_empty() {
        at + line.len()
    } else {
        at
    }
}

fn replaced(text: &str, span: Span, value: &str) -> String {
    format!("{}{value}{}", &text[..span.start], &text[span.end..])
}

/// Writes a value whose first line is indented already.
fn pretty(value: &Value, depth: usize) -> String {
    let text = serde_json::to_string_pretty(value).unwrap_or_default();
    text.replace('\n', &format!("\n{}", INDENT.repeat(depth)))
}

/// Finds a member of an object; returns `None` if it is absent, or if the value is no object.
fn member<'i>(item: &'i Item, name: &str) -> Result<Option<&'i Item>, EditError> {
    let Node::Object(members) = &item.node else { return Ok(None) };
    let mut found = members.iter().filter(|(other, _)| other == name).map(|(_, item)| item);
    match (found.next(), found.next()) {
        (_, Some(_)) => Err(EditError::Repeated(name.to_owned())),
        (found, None) => Ok(found),
    }
}

/// Reads a whole text, which must be an object.
fn parse(text: &str) -> Result<Item, EditError> {
    let mut reader = Reader { text, at: if text.starts_with('\u{feff}') { 3 } else { 0 } };
    let root = reader.value(0)?;
    reader.blank();
    if reader.at < text.len() {
        return Err(reader.error("the end"));
    }
    match root.node {
        Node::Object(_) => Ok(root),
        _ => Err(EditError::Type("the file")),
    }
}

/// Reads JSON with comments and commas at the end.
struct Reader<'t> {
    text: &'t str,
    at: usize,
}

impl Reader<'_> {
    fn value(&mut self, depth: usize) -> Result<Item, EditError> {
        self.blank();
        let start = self.at;
        let node = match self.peek() {
            Some(b'{') if depth < MAX_DEPTH => self.object(depth)?,
            Some(b'[') if depth < MAX_DEPTH => self.array(depth)?,
            Some(b'"') => self.string().map(|_| Node::Other)?,
            _ => self.word()?,
        };
        Ok(Item { span: Span { start, end: self.at }, node })
    }

    fn object(&mut self, depth: usize) -> Result<Node, EditError> {
        let mut members = Vec::new();
        self.at += 1;
        while !self.closes(b'}')? {
            let name = self.string()?;
            self.blank();
            self.take(b':', "a colon")?;
            members.push((name, self.value(depth + 1)?));
            self.separator(b'}')?;
        }
        Ok(Node::Object(members))
    }

    fn array(&mut self, depth: usize) -> Result<Node, EditError> {
        let mut items = Vec::new();
        self.at += 1;
        while !self.closes(b']')? {
            items.push(self.value(depth + 1)?);
            self.separator(b']')?;
        }
        Ok(Node::Array(items))
    }

    /// Takes the end of a list, if it is next.
    fn closes(&mut self, end: u8) -> Result<bool, EditError> {
        self.blank();
        match self.peek() {
            Some(byte) if byte == end => {
                self.at += 1;
                Ok(true)
            }
            Some(_) => Ok(false),
            None => Err(self.error("the end of a list")),
        }
    }

    /// Takes a comma, which may be left out before the end.
    fn separator(&mut self, end: u8) -> Result<(), EditError> {
        self.blank();
        if self.peek() == Some(end) { Ok(()) } else { self.take(b',', "a comma") }
    }

    fn string(&mut self) -> Result<String, EditError> {
        let start = self.at;
        if self.peek() != Some(b'"') {
            return Err(self.error("a string"));
        }
        self.at += 1;
        loop {
            match self.peek() {
                Some(b'\\') => self.at += 2,
                Some(b'"') => break,
                Some(_) => self.at += 1,
                None => return Err(self.error("the end of a string")),
            }
        }
        self.at += 1;
        let text = self.text.get(start..self.at).unwrap_or_default();
        serde_json::from_str(text).map_err(|_| self.error("a string"))
    }

    /// Takes a number, `true`, `false` or `null`.
    fn word(&mut self) -> Result<Node, EditError> {
        let start = self.at;
        while self.peek().is_some_and(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte)) {
            self.at += 1;
        }
        match serde_json::from_str::<Value>(&self.text[start..self.at]) {
            Ok(_) => Ok(Node::Other),
            Err(_) => Err(self.error("a value")),
        }
    }

    fn take(&mut self, byte: u8, expected: &'static str) -> Result<(), EditError> {
        if self.peek() != Some(byte) {
            return Err(self.error(expected));
        }
        self.at += 1;
        Ok(())
    }

    fn blank(&mut self) {
        self.at = skip_blank(self.text, self.at);
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn error(&self, expected: &'static str) -> EditError {
        let before = &self.text.as_bytes()[..self.at.min(self.text.len())];
        EditError::Syntax { expected, line: 1 + before.iter().filter(|byte| **byte == b'\n').count() }
    }
}

/// Returns the place after white space and comments.
fn skip_blank(text: &str, mut at: usize) -> usize {
    loop {
        let rest = &text[at..];
        let trimmed = rest.trim_start_matches([' ', '\t', '\r', '\n']);
        at += rest.len() - trimmed.len();
        let comment = if trimmed.starts_with("//") {
            trimmed.find('\n').unwrap_or(trimmed.len())
        } else if let Some(inside) = trimmed.strip_prefix("/*") {
            inside.find("*/").map_or(trimmed.len(), |end| end + 4)
        } else {
            return at;
        };
        at += comment;
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn entry(input: Option<Value>) -> Entry {
        let value = json!({"url": "http://127.0.0.1:8080/mcp"});
        Entry { servers: "mcpServers", name: "bill".to_owned(), value, input, hints: Vec::new() }
    }

    fn merge(text: &str) -> Result<String, EditError> {
        merged(text, &entry(None))
    }

    const URL: &str = "\"url\": \"http://127.0.0.1:8080/mcp\"";

    #[test]
    fn a_new_file_has_the_server_alone() {
        let expected = format!("{{\n  \"mcpServers\": {{\n    \"bill\": {{\n      {URL}\n    }}\n  }}\n}}\n");
        for nothing in ["", " \n", "{}\n", "{ }\n"] {
            let text = merge(nothing).unwrap();
            assert_eq!(text, expected, "{nothing:?}");
            assert_eq!(merge(&text).unwrap(), text, "a second time changes nothing");
        }
    }

    #[test]
    fn everything_else_stays_byte_for_byte() {
        let server = format!("\"bill\": {{\n      {URL}\n    }}");
        for (before, after) in [
            ("{\"a\":1}", format!("{{\"a\":1,\n  \"mcpServers\": {{\n    {server}\n  }}}}")),
            (
                "{\n  \"a\": [1,], // one\n}",
                format!("{{\n  \"a\": [1,], // one\n  \"mcpServers\": {{\n    {server}\n  }}\n}}"),
            ),
            (
                "{\n  \"a\": 1 // one\n}",
                format!("{{\n  \"a\": 1, // one\n  \"mcpServers\": {{\n    {server}\n  }}\n}}"),
            ),
            (
                "// head\n{\"mcpServers\": {\"x\": {} /* , */ }}",
                format!("// head\n{{\"mcpServers\": {{\"x\": {{}},\n    {server} /* , */ }}}}"),
            ),
            (
                "{\"mcpServers\": {/* none yet */}}",
                format!("{{\"mcpServers\": {{/* none yet */\n    {server}\n  }}}}"),
            ),
            (
                "{\"mcpServers\": {\"bill\": {\"old\": \"}\"} /* mine */}, \"z\": \"\\\"//\"}",
                format!(
                    "{{\"mcpServers\": {{\"bill\": {{\n      {URL}\n    }} /* mine */}}, \"z\": \"\\\"//\"}}"
                ),
            ),
        ] {
            let found = merge(before).unwrap();
            assert_eq!(found, after, "{before}");
            assert_eq!(merge(&found).unwrap(), found, "a second time changes nothing: {found}");
            for kept in ["// head", "// one", "/* none yet */", "/* mine */", "/* , */", "\"\\\"//\""] {
                assert_eq!(before.contains(kept), found.contains(kept), "{found}");
            }
        }
    }

    #[test]
    fn a_file_that_is_no_object_or_says_it_otherwise_stays() {
        for text in [
            "[]",
            "1",
            "null",
            "{",
            "{\"a\"}",
            "{\"a\":}",
            "{\"a\":1 \"b\":2}",
            "{} {}",
            "{'a':1}",
            "{\"a\":1}x",
            "/*",
            "{\"mcpServers\": []}",
            "{\"mcpServers\": 1}",
            "{\"mcpServers\": {}, \"mcpServers\": {}}",
            "{\"mcpServers\": {\"bill\": 1, \"bill\": 2}}",
            "{\"a\": \"\\",
            "{\"a\": tru}",
        ] {
            assert!(merge(text).is_err(), "{text}");
        }
        let deep = format!("{{\"a\": {}{}}}", "[".repeat(10_000), "]".repeat(10_000));
        assert!(merge(&deep).is_err());
        let line = merge("{\n\"a\": 1\n\"b\": 2}").unwrap_err();
        assert_eq!(line, EditError::Syntax { expected: "a comma", line: 3 });
    }

    #[test]
    fn a_question_is_added_once() {
        let question = entry(Some(json!({"id": "t", "type": "promptString"})));
        for before in ["", "{\"inputs\": []}", "{\"inputs\": [{\"id\": \"other\"}]}"] {
            let once = merged(before, &question).unwrap();
            assert_eq!(once.matches("\"id\": \"t\"").count(), 1, "{once}");
            assert_eq!(merged(&once, &question).unwrap(), once);
            assert_eq!(before.contains("other"), once.contains("other"));
            assert!(serde_json::from_str::<Value>(&once).is_ok(), "{once}");
        }
        assert_eq!(merged("{\"inputs\": {}}", &question), Err(EditError::Type("inputs")));
    }
}
