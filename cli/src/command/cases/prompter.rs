//! Asks a plugin's questions on the terminal, and writes down what the author answers.

use std::io::{self, BufRead, Write};

use serde_json::{Map, Value, json};

use super::answer::{Field, Question, QuestionKind};

/// The author at the terminal.
pub(super) struct Prompter<'t> {
    /// Input from the user.
    pub(super) input: &'t mut dyn BufRead,
    /// Output for the user.
    pub(super) output: &'t mut dyn Write,
}

impl Prompter<'_> {
    /// Asks a question; nothing if it is none that a person answers here, or nobody types any more.
    ///
    /// # Errors
    /// The terminal is gone.
    pub(super) fn ask(&mut self, case: &str, question: &Question) -> io::Result<Option<Value>> {
        if !matches!(question.kind(), QuestionKind::Form | QuestionKind::Page) {
            return Ok(None);
        }
        writeln!(self.output, "{case} asks {:?}: {}", question.key, question.message())?;
        if let Some(url) = question.request["params"]["url"].as_str() {
            writeln!(self.output, "  {url}")?;
        }
        let Some(action) = self.action()? else { return Ok(None) };
        if action != "accept" || question.kind() == QuestionKind::Page {
            return Ok(Some(json!({ "action": action })));
        }
        let mut content = Map::new();
        for field in question.fields() {
            match self.field(&field)? {
                None => return Ok(None),
                Some(Value::Null) => {}
                Some(value) => {
                    content.insert(field.name.to_owned(), value);
                }
            }
        }
        Ok(Some(json!({ "action": "accept", "content": content })))
    }

    fn action(&mut self) -> io::Result<Option<&'static str>> {
        loop {
            let Some(line) = self.line("  accept, decline or cancel? ")? else { return Ok(None) };
            let actions = ["accept", "decline", "cancel"];
            match actions.into_iter().find(|action| !line.is_empty() && action.starts_with(line.as_str())) {
                Some(action) => return Ok(Some(action)),
                None => writeln!(self.output, "  expected one of {}", actions.join(", "))?,
            }
        }
    }

    /// Reads the value of a field; `null` for an empty optional field.
    fn field(&mut self, field: &Field<'_>) -> io::Result<Option<Value>> {
        let prompt = prompt(field);
        loop {
            let Some(line) = self.line(&prompt)? else { return Ok(None) };
            match (line.as_str(), field.schema.get("default")) {
                ("", Some(default)) => return Ok(Some(default.clone())),
                ("", None) if !field.is_required => return Ok(Some(Value::Null)),
                (line, _) => match entered(field, line) {
                    Ok(value) => return Ok(Some(value)),
                    Err(expected) => writeln!(self.output, "  expected {expected}")?,
                },
            }
        }
    }

    fn line(&mut self, prompt: &str) -> io::Result<Option<String>> {
        write!(self.output, "{prompt}")?;
        self.output.flush()?;
        let mut line = String::new();
        Ok((self.input.read_line(&mut line)? > 0).then(|| line.trim().to_owned()))
    }
}

fn prompt(field: &Field<'_>) -> String {
    let title = field.schema["title"].as_str().unwrap_or(field.name);
    let default = field.schema.get("default").map(|default| format!(" [{}]", typed(default)));
    let optional = if field.is_required { "" } else { ", may stay empty" };
    format!("  {title} ({}{optional}){}: ", kind(field), default.unwrap_or_default())
}

fn kind(field: &Field<'_>) -> String {
    let choices = field.choices().join(", ");
    match (field.schema["type"].as_str(), choices.is_empty()) {
        (Some("array"), _) => format!("any of {choices}; commas between them"),
        (_, false) => format!("one of {choices}"),
        (Some("boolean"), _) => "yes or no".to_owned(),
        (Some("number"), _) => "a number".to_owned(),
        (Some("integer"), _) => "a whole number".to_owned(),
        _ => "text".to_owned(),
    }
}

/// A value as somebody types it.
fn typed(value: &Value) -> String {
    match value {
        Value::Bool(true) => "yes".to_owned(),
        Value::Bool(false) => "no".to_owned(),
        Value::String(text) => text.clone(),
        Value::Array(items) => items.iter().map(typed).collect::<Vec<_>>().join(", "),
        other => other.to_string(),
    }
}

/// Parses a line as the value of a field; the error tells what was expected.
fn entered(field: &Field<'_>, line: &str) -> Result<Value, String> {
    let choices = field.choices();
    let is_choice = |text: &str| choices.iter().any(|choice| choice == text);
    let value = match field.schema["type"].as_str() {
        Some("array") => {
            let items: Vec<&str> = line.split(',').map(str::trim).filter(|item| !item.is_empty()).collect();
            items.iter().all(|item| is_choice(item)).then(|| json!(items))
        }
        Some("boolean") => match line {
            "yes" | "y" | "true" => Some(true.into()),
            "no" | "n" | "false" => Some(false.into()),
            _ => None,
        },
        Some("number") => line.parse().ok().and_then(serde_json::Number::from_f64).map(Value::Number),
        Some("integer") => line.parse::<i64>().ok().map(Value::from),
        _ if choices.is_empty() || is_choice(line) => Some(line.into()),
        _ => None,
    };
    value.ok_or_else(|| kind(field))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn question() -> Question {
        let properties = json!({
            "notes": { "type": "array", "title": "Notes", "items": { "enum": ["a.md", "b.md"] }, "default": ["a.md"] },
            "sure": { "type": "boolean" },
            "copies": { "type": "integer" },
            "name": { "type": "string" },
        });
        let schema = json!({ "type": "object", "properties": properties, "required": ["notes", "sure"] });
        let params = json!({ "mode": "form", "message": "Publish?", "requestedSchema": schema });
        Question {
            key: "publish".into(),
            request: json!({ "method": "elicitation/create", "params": params }),
        }
    }

    fn ask(question: &Question, typed: &str) -> (Option<Value>, String) {
        let (mut input, mut output) = (typed.as_bytes(), Vec::new());
        let answer = Prompter { input: &mut input, output: &mut output }.ask("case", question).unwrap();
        (answer, String::from_utf8(output).unwrap())
    }

    #[test]
    fn a_form_is_filled_in_line_by_line() {
        let (answer, told) = ask(&question(), "accept\nb.md, a.md\nyes\n2\n\n");
        let content = json!({ "notes": ["b.md", "a.md"], "sure": true, "copies": 2 });
        assert_eq!(answer, Some(json!({ "action": "accept", "content": content })));
        assert!(told.starts_with("case asks \"publish\": Publish?\n"), "{told}");
        assert!(told.contains("  Notes (any of a.md, b.md; commas between them) [a.md]: "), "{told}");
    }

    #[test]
    fn what_does_not_fit_is_asked_again_and_nothing_is_the_proposal() {
        let (answer, told) = ask(&question(), "yes\na\nc.md\n\nmaybe\n\nn\nmany\n\n\n");
        let content = json!({ "notes": ["a.md"], "sure": false });
        assert_eq!(answer, Some(json!({ "action": "accept", "content": content })));
        for expected in
            ["expected one of accept, decline, cancel", "expected yes or no", "expected a whole number"]
        {
            assert!(told.contains(expected), "{told}");
        }
    }

    #[test]
    fn a_no_is_an_answer_and_the_end_of_input_is_none() {
        assert_eq!(ask(&question(), "d\n").0, Some(json!({ "action": "decline" })));
        assert_eq!(ask(&question(), "cancel\n").0, Some(json!({ "action": "cancel" })));
        assert_eq!(ask(&question(), "accept\na.md\n").0, None);
    }

    #[test]
    fn a_page_is_accepted_without_content_and_a_model_is_not_played() {
        let page = json!({ "method": "elicitation/create",
            "params": { "mode": "url", "message": "Sign in", "url": "https://example.com/" } });
        let (answer, told) = ask(&Question { key: "sign-in".into(), request: page }, "a\n");
        assert_eq!(answer, Some(json!({ "action": "accept" })));
        assert!(told.contains("https://example.com/"), "{told}");
        let sample = Question { key: "s".into(), request: json!({ "method": "sampling/createMessage" }) };
        assert_eq!(ask(&sample, "a\n"), (None, String::new()));
    }
}
