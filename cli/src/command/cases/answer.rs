//! Questions of a plugin, and what an answer to each looks like.

use serde_json::value::RawValue;
use serde_json::{Map, Value, json};

use super::case::Case;
use super::json::{Members, written};
use super::pretty;

/// A question that a plugin asks, as a client is given it.
#[derive(Clone, Debug)]
pub(super) struct Question {
    /// The key that its answer belongs to.
    pub(super) key: String,
    /// MCP's `InputRequest`.
    pub(super) request: Value,
}

/// Describes a question and the answer it needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum QuestionKind {
    /// A form that the user fills in.
    Form,
    /// A page that the user opens.
    Page,
    /// A conversation that the client's model continues.
    Sample,
    /// The roots of the client.
    Roots,
}

impl Question {
    /// Reads MCP's `InputRequests`, in the order in which they are asked.
    pub(super) fn read_all(requests: &RawValue) -> serde_json::Result<Vec<Self>> {
        let members = Members::of(requests.get())?.0.into_iter();
        members
            .map(|(key, request)| Ok(Self { key, request: serde_json::from_str(request.get())? }))
            .collect()
    }

    /// The kind of answer.
    pub(super) fn kind(&self) -> QuestionKind {
        match (self.request["method"].as_str(), self.request["params"]["mode"].as_str()) {
            (Some("sampling/createMessage"), _) => QuestionKind::Sample,
            (Some("roots/list"), _) => QuestionKind::Roots,
            (_, Some("url")) => QuestionKind::Page,
            _ => QuestionKind::Form,
        }
    }

    /// The message for the user; empty if a program answers.
    pub(super) fn message(&self) -> &str {
        self.request["params"]["message"].as_str().unwrap_or_default()
    }

    /// The fields of a form, in order.
    pub(super) fn fields(&self) -> impl Iterator<Item = Field<'_>> {
        let schema = &self.request["params"]["requestedSchema"];
        let required = schema["required"].as_array().map(Vec::as_slice).unwrap_or_default();
        let properties = schema["properties"].as_object().into_iter().flatten();
        properties.map(move |(name, schema)| Field {
            name,
            schema,
            is_required: required.iter().any(|one| one == name),
        })
    }

    /// An answer that fits, for the author to start from.
    fn example(&self) -> Value {
        match self.kind() {
            QuestionKind::Form => {
                let content: Map<_, _> =
                    self.fields().map(|field| (field.name.to_owned(), field.example())).collect();
                json!({ "action": "accept", "content": content })
            }
            QuestionKind::Page => json!({ "action": "accept" }),
            QuestionKind::Sample => {
                let content = json!({ "type": "text", "text": "..." });
                json!({ "role": "assistant", "content": content, "model": "test", "stopReason": "endTurn" })
            }
            QuestionKind::Roots => json!({ "roots": [{ "uri": "file:///home/user/project" }] }),
        }
    }
}

/// A field of a form.
#[derive(Clone, Copy, Debug)]
pub(super) struct Field<'q> {
    /// Its name.
    pub(super) name: &'q str,
    /// The fields of the form.
    pub(super) schema: &'q Value,
    /// True if the field is required.
    pub(super) is_required: bool,
}

impl Field<'_> {
    /// The allowed values; `None` if any value is allowed.
    pub(super) fn choices(&self) -> Vec<String> {
        let place = if self.schema["type"] == "array" { &self.schema["items"] } else { self.schema };
        let plain = place["enum"].as_array().into_iter().flatten();
        let titled = ["oneOf", "anyOf"].into_iter().filter_map(|name| place[name].as_array()).flatten();
        let all = plain.chain(titled.map(|choice| &choice["const"]));
        all.filter_map(Value::as_str).map(str::to_owned).collect()
    }

    /// The form's own proposal, or the plainest thing that its type takes.
    fn example(&self) -> Value {
        if let Some(default) = self.schema.get("default") {
            return default.clone();
        }
        let first = self.choices().into_iter().next();
        match (self.schema["type"].as_str(), first) {
            (Some("array"), first) => json!(first.into_iter().collect::<Vec<_>>()),
            (_, Some(first)) => first.into(),
            (Some("boolean"), _) => false.into(),
            (Some("number" | "integer"), _) => {
                self.schema.get("minimum").cloned().unwrap_or_else(|| 0.into())
            }
            _ => "...".into(),
        }
    }
}

/// Describes an unanswered question for the author.
pub(super) fn describe(question: &Question) -> String {
    let mut lines = vec![format!("asks {:?}, which the case does not answer", question.key)];
    let message = question.message();
    if !message.is_empty() {
        lines.push(format!("  {}", message.replace('\n', "\n  ")));
    }
    let params = question.request["params"].as_object().into_iter().flatten();
    let others = params.filter(|(name, _)| !["mode", "message"].contains(&name.as_str()));
    let mut rest: Map<String, Value> = others.map(|(name, value)| (name.clone(), value.clone())).collect();
    if let Some(schema) = rest.shift_remove("requestedSchema") {
        rest = schema.as_object().cloned().unwrap_or_default();
    }
    if !rest.is_empty() {
        lines.push(format!("  {}", pretty::value(&written(&rest), 2, 2)));
    }
    lines.join("\n")
}

/// The lines of JSON that would answer the questions, to be changed at will.
pub(super) fn lines(case: &Case, questions: &[Question]) -> String {
    let file = case.file.display();
    let examples: Map<String, Value> =
        questions.iter().map(|question| (question.key.clone(), question.example())).collect();
    if case.answers.is_empty() {
        let member = pretty::member("answers", &written(&examples), 2);
        return format!("add to {file}, with answers of your own:\n{member},");
    }
    let members: Vec<_> =
        examples.iter().map(|(key, answer)| pretty::member(key, &written(answer), 4)).collect();
    format!("add to \"answers\" in {file}, with answers of your own:\n{}", members.join(",\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form(properties: Value) -> Question {
        let schema = json!({ "type": "object", "properties": properties, "required": ["a"] });
        let params = json!({ "mode": "form", "message": "What?", "requestedSchema": schema });
        Question { key: "key".into(), request: json!({ "method": "elicitation/create", "params": params }) }
    }

    #[test]
    fn an_example_has_something_for_every_kind_of_field() {
        let question = form(json!({
            "text": { "type": "string" },
            "proposed": { "type": "string", "default": "yes" },
            "number": { "type": "number", "minimum": 2 },
            "integer": { "type": "integer" },
            "sure": { "type": "boolean" },
            "one": { "type": "string", "oneOf": [{ "const": "x", "title": "X" }, { "const": "y", "title": "Y" }] },
            "some": { "type": "array", "items": { "type": "string", "enum": ["p", "q"] } },
        }));
        let expected = json!({
            "text": "...", "proposed": "yes", "number": 2, "integer": 0, "sure": false, "one": "x", "some": ["p"],
        });
        assert_eq!(question.example(), json!({ "action": "accept", "content": expected }));
    }

    #[test]
    fn questions_are_told_apart() {
        let question = |request| Question { key: "key".into(), request };
        let table = [
            (form(json!({})), QuestionKind::Form),
            (
                question(json!({ "method": "elicitation/create", "params": { "mode": "url" } })),
                QuestionKind::Page,
            ),
            (question(json!({ "method": "sampling/createMessage", "params": {} })), QuestionKind::Sample),
            (question(json!({ "method": "roots/list", "params": {} })), QuestionKind::Roots),
        ];
        for (question, kind) in table {
            assert_eq!(question.kind(), kind);
        }
    }
}
