//! Takes the texts of a function and its parameters out of WIT documentation.

use std::collections::BTreeMap;

/// The documentation of a function.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct FunctionDocs {
    /// Everything but the `@param` lines.
    pub text: Option<String>,
    /// `@param name text`, by WIT name; a text goes on until an empty line or the next `@`.
    pub params: BTreeMap<String, String>,
}

/// Splits a function's documentation.
pub fn parse(docs: &str) -> FunctionDocs {
    let mut text = Vec::new();
    let mut params: BTreeMap<String, String> = BTreeMap::new();
    let mut current: Option<String> = None;
    for line in docs.lines().map(str::trim) {
        if let Some((name, rest)) = param_line(line) {
            params.insert(name.to_string(), rest.to_string());
            current = Some(name.to_string());
        } else if line.is_empty() || line.starts_with('@') {
            current = None;
            text.push(line);
        } else if let Some(param) = current.as_ref().and_then(|name| params.get_mut(name)) {
            param.push(' ');
            param.push_str(line);
        } else {
            text.push(line);
        }
    }
    let text = text.join("\n").trim().to_string();
    FunctionDocs { text: (!text.is_empty()).then_some(text), params }
}

/// Splits a line `@param name text`. Other tools write types in braces before the name, `@param {string} name`; a line
/// that names nothing that WIT could have is text.
fn param_line(line: &str) -> Option<(&str, &str)> {
    let mut rest = line.strip_prefix("@param ")?.trim();
    if let Some((_, after)) = rest.strip_prefix('{').and_then(|inner| inner.split_once('}')) {
        rest = after.trim();
    }
    let (name, text) = rest.split_once(char::is_whitespace).unwrap_or((rest, ""));
    let is_name =
        !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte));
    is_name.then(|| (name, text.trim()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn param_lines_leave_the_text_and_go_on_until_an_empty_line() {
        let docs = parse(
            "Makes a slug.\n\n@param text What to turn\n  into one.\n@param max-length Cut here.\n\nSee also.",
        );
        assert_eq!(docs.text.as_deref(), Some("Makes a slug.\n\n\nSee also."));
        assert_eq!(docs.params["text"], "What to turn into one.");
        assert_eq!(docs.params["max-length"], "Cut here.");
    }

    #[test]
    fn param_lines_of_other_tools_are_read_or_left_as_text() {
        let docs =
            parse("Finds.\n@param {string} q The query.\n@param {Array<{a}>} [x] One.\n@param x? Two.");
        assert_eq!(docs.params.keys().collect::<Vec<_>>(), ["q"]);
        assert_eq!(docs.params["q"], "The query.");
        assert!(docs.text.unwrap().contains("Finds."));
    }
}
