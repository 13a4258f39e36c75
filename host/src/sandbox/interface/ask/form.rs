//! Writes the schema of a form for the client, and checks what the user entered.

use std::collections::HashMap;

use serde_json::value::RawValue;
use serde_json::{Map, Value as Json, json};
use wasmtime::component::{ComponentType, Lower};

use super::field::{
    Choice, ChoiceField, ChoicesField, Field, FieldKind, IntegerField, NumberField, TextField,
};
use super::name;
use super::response::{Action, elicited, read as read_json};

/// The most fields of one form.
const MAX_FIELDS: usize = 64;

/// The largest whole number that every client reads exactly, 2^53 - 1.
const MAX_SAFE: i64 = (1 << 53) - 1;

/// `form-answer`
#[derive(Clone, Debug, PartialEq, ComponentType, Lower)]
#[component(variant)]
pub(super) enum FormAnswer {
    #[component(name = "accepted")]
    Accepted(Vec<(String, FieldValue)>),
    #[component(name = "declined")]
    Declined,
    #[component(name = "cancelled")]
    Cancelled,
}

/// `value`
#[derive(Clone, Debug, PartialEq, ComponentType, Lower)]
#[component(variant)]
pub(super) enum FieldValue {
    #[component(name = "text")]
    Text(String),
    #[component(name = "number")]
    Number(f64),
    #[component(name = "integer")]
    Integer(i64),
    #[component(name = "boolean")]
    Boolean(bool),
    #[component(name = "choices")]
    Choices(Vec<String>),
}

/// Returns the form as MCP's `requestedSchema`.
///
/// # Errors
/// The first invalid field, and what is wrong with it.
pub(super) fn schema(fields: &[Field]) -> Result<Json, String> {
    if fields.len() > MAX_FIELDS {
        return Err(format!("a form has at most {MAX_FIELDS} fields, not {}", fields.len()));
    }
    let mut properties = Map::new();
    for field in fields {
        name::check("the field name", &field.name)?;
        let schema = property(field).map_err(|wrong| format!("field {:?}: {wrong}", field.name))?;
        if properties.insert(field.name.clone(), schema.into()).is_some() {
            return Err(format!("two fields are called {:?}", field.name));
        }
    }
    let required: Vec<&str> =
        fields.iter().filter(|field| field.required).map(|field| field.name.as_str()).collect();
    let mut schema = Map::new();
    schema.insert("type".into(), "object".into());
    schema.insert("properties".into(), properties.into());
    if !required.is_empty() {
        schema.insert("required".into(), required.into());
    }
    Ok(schema.into())
}

fn property(field: &Field) -> Result<Map<String, Json>, String> {
    let mut schema = Map::new();
    let mut put = |name: &str, value: Option<Json>| {
        schema.extend(value.map(|value| (name.to_owned(), value)));
    };
    let kind = match &field.kind {
        FieldKind::Text(_) | FieldKind::Choice(_) => "string",
        FieldKind::Number(_) => "number",
        FieldKind::Integer(_) => "integer",
        FieldKind::Boolean(_) => "boolean",
        FieldKind::Choices(_) => "array",
    };
    put("type", Some(kind.into()));
    put("title", field.title.clone().map(Json::from));
    put("description", field.description.clone().map(Json::from));
    match &field.kind {
        FieldKind::Text(text) => {
            put("minLength", text.min_length.map(Json::from));
            put("maxLength", text.max_length.map(Json::from));
            put("format", text.format.map(|format| format.name().into()));
            put("default", text.default.clone().map(Json::from));
        }
        FieldKind::Number(number) => {
            put("minimum", finite("minimum", number.minimum)?);
            put("maximum", finite("maximum", number.maximum)?);
            put("default", finite("default", number.default)?);
        }
        FieldKind::Integer(integer) => {
            put("minimum", safe("minimum", integer.minimum)?);
            put("maximum", safe("maximum", integer.maximum)?);
            put("default", safe("default", integer.default)?);
        }
        FieldKind::Boolean(boolean) => put("default", boolean.default.map(Json::from)),
        FieldKind::Choice(one) => {
            let (name, choices) = choices(&one.choices, "enum", "oneOf")?;
            put(name, Some(choices));
            put("default", one.default.clone().map(Json::from));
        }
        FieldKind::Choices(any) => {
            put("minItems", any.min_items.map(Json::from));
            put("maxItems", any.max_items.map(Json::from));
            let (name, choices) = choices(&any.choices, "enum", "anyOf")?;
            put(
                "items",
                Some(match name {
                    "enum" => json!({ "type": "string", "enum": choices }),
                    name => json!({ name: choices }),
                }),
            );
            put("default", Some(any.default.clone()).filter(|default| !default.is_empty()).map(Json::from));
        }
    }
    check_default(&field.kind)?;
    Ok(schema)
}

/// Writes choices as a list of values, or of values with titles if any choice has one.
fn choices<'n>(choices: &[Choice], plain: &'n str, titled: &'n str) -> Result<(&'n str, Json), String> {
    if choices.is_empty() {
        return Err("there is nothing to choose".to_owned());
    }
    let values: Vec<&str> = choices.iter().map(|choice| choice.value.as_str()).collect();
    if let Some(twice) = values.iter().enumerate().find(|(at, value)| values[..*at].contains(value)) {
        return Err(format!("two choices are {:?}", twice.1));
    }
    if choices.iter().all(|choice| choice.title.is_none()) {
        return Ok((plain, values.into()));
    }
    let titled_choice = |choice: &Choice| {
        let title = choice.title.as_ref().unwrap_or(&choice.value);
        json!({ "const": choice.value, "title": title })
    };
    Ok((titled, choices.iter().map(titled_choice).collect::<Vec<_>>().into()))
}

fn finite(name: &str, number: Option<f64>) -> Result<Option<Json>, String> {
    match number {
        Some(number) if !number.is_finite() => Err(format!("{name} is {number}, expected a finite number")),
        // Writes 5, not 5.0.
        Some(whole) if whole.fract() == 0.0 && whole.abs() <= MAX_SAFE as f64 => {
            Ok(Some((whole as i64).into()))
        }
        number => Ok(number.map(Json::from)),
    }
}

fn safe(name: &str, integer: Option<i64>) -> Result<Option<Json>, String> {
    match integer {
        Some(integer) if !(-MAX_SAFE..=MAX_SAFE).contains(&integer) => {
            Err(format!("{name} is {integer}, expected at most 2^53 - 1"))
        }
        integer => Ok(integer.map(Json::from)),
    }
}

/// Refuses a default that the user could not enter, because the client might submit it unseen.
fn check_default(kind: &FieldKind) -> Result<(), String> {
    let default: Json = match kind {
        FieldKind::Text(TextField { default: Some(text), .. })
        | FieldKind::Choice(ChoiceField { default: Some(text), .. }) => text.as_str().into(),
        FieldKind::Number(NumberField { default: Some(number), .. }) => (*number).into(),
        FieldKind::Integer(IntegerField { default: Some(integer), .. }) => (*integer).into(),
        FieldKind::Choices(ChoicesField { default, .. }) if !default.is_empty() => default.clone().into(),
        _ => return Ok(()),
    };
    value(kind, &default)
        .map(drop)
        .map_err(|expected| format!("the default does not fit: expected {expected}"))
}

/// Reads the response to a form, and checks what the user entered.
///
/// # Errors
/// The first field with an invalid value, and what was expected there; never the value itself.
pub(super) fn read(fields: &[Field], response: &RawValue, path: &str) -> Result<FormAnswer, String> {
    let elicited = elicited(response, path)?;
    match elicited.action {
        Action::Decline => return Ok(FormAnswer::Declined),
        Action::Cancel => return Ok(FormAnswer::Cancelled),
        Action::Accept => {}
    }
    let content: HashMap<String, Json> = match elicited.content {
        Some(content) => read_json(content, &format!("{path}.content"), "an object")?,
        None => HashMap::new(),
    };
    let mut entered = Vec::new();
    for field in fields {
        let path = format!("{path}.content.{}", field.name);
        match content.get(&field.name).filter(|json| !json.is_null()) {
            Some(json) => {
                let value =
                    value(&field.kind, json).map_err(|expected| format!("{path}: expected {expected}"))?;
                entered.push((field.name.clone(), value));
            }
            None if field.required => return Err(format!("{path} is missing: the form requires it")),
            None => {}
        }
    }
    Ok(FormAnswer::Accepted(entered))
}

/// Reads the value of one field; the error says what was expected.
fn value(kind: &FieldKind, json: &Json) -> Result<FieldValue, String> {
    match (kind, json) {
        (FieldKind::Text(field), Json::String(text)) => text_value(field, text),
        (FieldKind::Text(_), _) => Err("text".to_owned()),
        (FieldKind::Number(field), _) => number_value(field, json.as_f64()),
        (FieldKind::Integer(field), _) => integer_value(field, json),
        (FieldKind::Boolean(_), Json::Bool(boolean)) => Ok(FieldValue::Boolean(*boolean)),
        (FieldKind::Boolean(_), _) => Err("true or false".to_owned()),
        (FieldKind::Choice(field), Json::String(text)) if is_choice(&field.choices, text) => {
            Ok(FieldValue::Text(text.clone()))
        }
        (FieldKind::Choice(_), _) => Err("one of the choices".to_owned()),
        (FieldKind::Choices(field), Json::Array(items)) => choices_value(field, items),
        (FieldKind::Choices(_), _) => Err("a list of choices".to_owned()),
    }
}

fn text_value(field: &TextField, text: &str) -> Result<FieldValue, String> {
    let length = text.chars().count();
    let (least, most) = (field.min_length.unwrap_or(0), field.max_length.unwrap_or(u32::MAX));
    if length < least as usize || length > most as usize {
        return Err(format!("{least} to {most} characters"));
    }
    Ok(FieldValue::Text(text.to_owned()))
}

fn number_value(field: &NumberField, number: Option<f64>) -> Result<FieldValue, String> {
    let fits = |number: &f64| {
        field.minimum.is_none_or(|least| *number >= least) && field.maximum.is_none_or(|most| *number <= most)
    };
    number.filter(fits).map(FieldValue::Number).ok_or_else(|| range(field.minimum, field.maximum, "a number"))
}

/// Reads a whole number, which may have a fraction of zero.
fn integer_value(field: &IntegerField, json: &Json) -> Result<FieldValue, String> {
    let whole = |number: f64| number.fract() == 0.0 && number.abs() <= MAX_SAFE as f64;
    let exact = json.as_i64().filter(|integer| (-MAX_SAFE..=MAX_SAFE).contains(integer));
    let integer = exact.or_else(|| json.as_f64().filter(|number| whole(*number)).map(|n| n as i64));
    let fits = |integer: &i64| {
        field.minimum.is_none_or(|least| *integer >= least)
            && field.maximum.is_none_or(|most| *integer <= most)
    };
    let fitting = integer.filter(fits).map(FieldValue::Integer);
    fitting.ok_or_else(|| range(field.minimum, field.maximum, "a whole number"))
}

fn range<T: std::fmt::Display>(minimum: Option<T>, maximum: Option<T>, what: &str) -> String {
    match (minimum, maximum) {
        (Some(least), Some(most)) => format!("{what} from {least} to {most}"),
        (Some(least), None) => format!("{what} of at least {least}"),
        (None, Some(most)) => format!("{what} of at most {most}"),
        (None, None) => what.to_owned(),
    }
}

fn choices_value(field: &ChoicesField, items: &[Json]) -> Result<FieldValue, String> {
    let mut chosen: Vec<String> = Vec::with_capacity(items.len());
    for item in items {
        let text = item.as_str().filter(|text| is_choice(&field.choices, text));
        let text = text.ok_or("a list of the choices")?;
        if chosen.iter().any(|other| other == text) {
            return Err("each choice at most once".to_owned());
        }
        chosen.push(text.to_owned());
    }
    let (least, most) = (field.min_items.unwrap_or(0), field.max_items.unwrap_or(u32::MAX));
    if chosen.len() < least as usize || chosen.len() > most as usize {
        return Err(format!("{least} to {most} choices"));
    }
    Ok(FieldValue::Choices(chosen))
}

fn is_choice(choices: &[Choice], text: &str) -> bool {
    choices.iter().any(|choice| choice.value == text)
}
