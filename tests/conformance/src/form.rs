//! Makes fields of forms, and writes answers as text.

use crate::toolcell::plugin::ask::{
    BooleanField, Choice, ChoiceField, ChoicesField, Field, FieldKind, FormAnswer, IntegerField, NumberField,
    TextField, Value,
};

/// Makes a required field that takes any text.
pub(crate) fn text(name: &str) -> Field {
    required(name, text_kind(None))
}

/// Makes a required field that takes any text, with a description.
pub(crate) fn described_text(name: &str, description: &str) -> Field {
    Field { description: Some(description.to_owned()), ..text(name) }
}

/// Makes a required field that takes yes or no.
pub(crate) fn boolean(name: &str) -> Field {
    required(name, FieldKind::Boolean(BooleanField { default: None }))
}

/// Makes a field of each kind that has a default.
pub(crate) fn defaults() -> Vec<Field> {
    let integer = IntegerField { minimum: None, maximum: None, default: Some(30) };
    let number = NumberField { minimum: None, maximum: None, default: Some(95.5) };
    let status = ["active", "inactive", "pending"].map(untitled).to_vec();
    vec![
        optional("name", text_kind(Some("John Doe"))),
        optional("age", FieldKind::Integer(integer)),
        optional("score", FieldKind::Number(number)),
        optional("status", one_of(status, Some("active"))),
        optional("verified", FieldKind::Boolean(BooleanField { default: Some(true) })),
    ]
}

/// Makes choices of one and of several, with and without titles.
///
/// The suite also accepts titles in the keyword `enumNames`, which the specification has dropped.
pub(crate) fn choices() -> Vec<Field> {
    let untitled_options = ["option1", "option2", "option3"].map(untitled);
    let titled_options =
        [("value1", "First Option"), ("value2", "Second Option"), ("value3", "Third Option")].map(titled);
    let titled_choices =
        [("value1", "First Choice"), ("value2", "Second Choice"), ("value3", "Third Choice")].map(titled);
    let renamed = [("opt1", "Option One"), ("opt2", "Option Two"), ("opt3", "Option Three")].map(titled);
    vec![
        optional("untitledSingle", one_of(untitled_options.to_vec(), None)),
        optional("titledSingle", one_of(titled_options.to_vec(), None)),
        optional("legacyEnum", one_of(renamed.to_vec(), None)),
        optional("untitledMulti", any_of(untitled_options.to_vec())),
        optional("titledMulti", any_of(titled_choices.to_vec())),
    ]
}

/// Returns the text that was entered in field `name`, if any.
pub(crate) fn entered<'a>(answer: &'a FormAnswer, name: &str) -> Option<&'a str> {
    let FormAnswer::Accepted(values) = answer else { return None };
    values.iter().find_map(|(field, value)| match value {
        Value::Text(text) if field == name => Some(text.as_str()),
        _ => None,
    })
}

/// Writes an answer in the words of the suite: `action=accept, content=...`.
pub(crate) fn outcome(answer: &FormAnswer) -> String {
    match answer {
        FormAnswer::Accepted(values) => {
            let values: Vec<_> =
                values.iter().map(|(name, value)| format!("{name}: {}", shown(value))).collect();
            format!("action=accept, content={{{}}}", values.join(", "))
        }
        FormAnswer::Declined => "action=decline".to_owned(),
        FormAnswer::Cancelled => "action=cancel".to_owned(),
    }
}

fn shown(value: &Value) -> String {
    match value {
        Value::Text(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        Value::Integer(integer) => integer.to_string(),
        Value::Boolean(boolean) => boolean.to_string(),
        Value::Choices(choices) => choices.join(" and "),
    }
}

fn required(name: &str, kind: FieldKind) -> Field {
    Field { required: true, ..optional(name, kind) }
}

fn optional(name: &str, kind: FieldKind) -> Field {
    Field { name: name.to_owned(), title: None, description: None, required: false, kind }
}

fn text_kind(default: Option<&str>) -> FieldKind {
    let default = default.map(str::to_owned);
    FieldKind::Text(TextField { min_length: None, max_length: None, format: None, default })
}

fn one_of(choices: Vec<Choice>, default: Option<&str>) -> FieldKind {
    FieldKind::Choice(ChoiceField { choices, default: default.map(str::to_owned) })
}

fn any_of(choices: Vec<Choice>) -> FieldKind {
    FieldKind::Choices(ChoicesField { choices, min_items: None, max_items: None, default: Vec::new() })
}

fn untitled(value: &str) -> Choice {
    Choice { value: value.to_owned(), title: None }
}

fn titled((value, title): (&str, &str)) -> Choice {
    Choice { value: value.to_owned(), title: Some(title.to_owned()) }
}
