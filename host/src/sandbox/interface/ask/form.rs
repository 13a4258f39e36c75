//! Writes the schema of a form for the client, and checks what the user entered.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

use serde::{Serialize, Serializer};
use serde_json::Value as Json;
use serde_json::value::RawValue;
use wasmtime::component::{ComponentType, Lower};

use super::field::{
    Choice, ChoiceField, ChoicesField, Field, FieldKind, IntegerField, NumberField, TextField, TextFormat,
};
use super::name;
use super::response::{Action, elicited, read as read_json};
use crate::text;

/// The most fields of one form.
const MAX_FIELDS: usize = 64;

/// The largest whole number that every client reads exactly, 2^53 - 1.
const MAX_SAFE: i64 = (1 << 53) - 1;

/// What a field of several choices expects.
const LIST_EXPECTED: &str = "a list of the choices";

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

/// MCP's `requestedSchema`.
#[derive(Serialize)]
pub(super) struct FormSchema<'q> {
    r#type: &'static str,
    properties: Properties<'q>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    required: Vec<&'q str>,
}

/// The fields in their order; their names differ.
struct Properties<'q>(Vec<(&'q str, Property<'q>)>);

/// The schema of one field.
#[derive(Default, Serialize)]
#[serde(rename_all = "camelCase")]
struct Property<'q> {
    r#type: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    title: Option<Cow<'q, str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<Cow<'q, str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    min_length: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    max_length: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    format: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    minimum: Option<Json>,
    #[serde(skip_serializing_if = "Option::is_none")]
    maximum: Option<Json>,
    #[serde(skip_serializing_if = "Option::is_none")]
    min_items: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    max_items: Option<u32>,
    #[serde(flatten)]
    choices: Option<Choices<'q>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    items: Option<Items<'q>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    default: Option<DefaultValue<'q>>,
}

/// The schema of an item of a list of choices.
#[derive(Serialize)]
struct Items<'q> {
    #[serde(skip_serializing_if = "Option::is_none")]
    r#type: Option<&'static str>,
    #[serde(flatten)]
    choices: Choices<'q>,
}

/// A list of values, or of values with titles if any choice has one.
#[derive(Serialize)]
enum Choices<'q> {
    #[serde(rename = "enum")]
    Values(Vec<&'q str>),
    #[serde(rename = "oneOf")]
    OneOf(Vec<TitledChoice<'q>>),
    #[serde(rename = "anyOf")]
    AnyOf(Vec<TitledChoice<'q>>),
}

#[derive(Serialize)]
struct TitledChoice<'q> {
    r#const: &'q str,
    title: Cow<'q, str>,
}

#[derive(Serialize)]
#[serde(untagged)]
enum DefaultValue<'q> {
    Text(&'q str),
    Number(Json),
    Boolean(bool),
    Choices(&'q [String]),
}

impl Serialize for Properties<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(name, property)| (name, property)))
    }
}

/// Returns the form as MCP's `requestedSchema`.
///
/// # Errors
/// The first invalid field, and what is wrong with it.
pub(super) fn schema(fields: &[Field]) -> Result<FormSchema<'_>, String> {
    if fields.len() > MAX_FIELDS {
        return Err(format!("a form has at most {MAX_FIELDS} fields, not {}", fields.len()));
    }
    let (mut names, mut properties) = (HashSet::new(), Vec::new());
    for field in fields {
        name::check("the field name", &field.name)?;
        if !names.insert(field.name.as_str()) {
            return Err(format!("two fields are called {:?}", field.name));
        }
        let property = property(field).map_err(|wrong| format!("field {:?}: {wrong}", field.name))?;
        properties.push((field.name.as_str(), property));
    }
    let required = fields.iter().filter(|field| field.required).map(|field| field.name.as_str()).collect();
    Ok(FormSchema { r#type: "object", properties: Properties(properties), required })
}

fn property(field: &Field) -> Result<Property<'_>, String> {
    let common = Property {
        title: field.title.as_deref().map(text::seen),
        description: field.description.as_deref().map(text::seen),
        ..Property::default()
    };
    let property = match &field.kind {
        FieldKind::Text(text) => Property {
            r#type: "string",
            min_length: text.min_length,
            max_length: text.max_length,
            format: text.format.map(TextFormat::name),
            default: text.default.as_deref().map(DefaultValue::Text),
            ..common
        },
        FieldKind::Number(number) => Property {
            r#type: "number",
            minimum: finite("minimum", number.minimum)?,
            maximum: finite("maximum", number.maximum)?,
            default: finite("default", number.default)?.map(DefaultValue::Number),
            ..common
        },
        FieldKind::Integer(integer) => Property {
            r#type: "integer",
            minimum: safe("minimum", integer.minimum)?,
            maximum: safe("maximum", integer.maximum)?,
            default: safe("default", integer.default)?.map(DefaultValue::Number),
            ..common
        },
        FieldKind::Boolean(boolean) => {
            Property { r#type: "boolean", default: boolean.default.map(DefaultValue::Boolean), ..common }
        }
        FieldKind::Choice(one) => Property {
            r#type: "string",
            choices: Some(choices(&one.choices, Choices::OneOf)?),
            default: one.default.as_deref().map(DefaultValue::Text),
            ..common
        },
        FieldKind::Choices(any) => choices_property(any, common)?,
    };
    check_default(&field.kind)?;
    Ok(property)
}

fn choices_property<'q>(any: &'q ChoicesField, common: Property<'q>) -> Result<Property<'q>, String> {
    let choices = choices(&any.choices, Choices::AnyOf)?;
    let r#type = matches!(choices, Choices::Values(_)).then_some("string");
    Ok(Property {
        r#type: "array",
        min_items: any.min_items,
        max_items: any.max_items,
        items: Some(Items { r#type, choices }),
        default: Some(any.default.as_slice())
            .filter(|default| !default.is_empty())
            .map(DefaultValue::Choices),
        ..common
    })
}

/// Writes choices as a list of values, or of values with titles if any choice has one.
fn choices<'q>(
    choices: &'q [Choice],
    titled: impl FnOnce(Vec<TitledChoice<'q>>) -> Choices<'q>,
) -> Result<Choices<'q>, String> {
    if choices.is_empty() {
        return Err("there is nothing to choose".to_owned());
    }
    // A set: comparing each value with all before it would take a guest's time squared.
    let mut values = HashSet::with_capacity(choices.len());
    if let Some(twice) = choices.iter().find(|choice| !values.insert(choice.value.as_str())) {
        return Err(format!("two choices are {}", name::excerpt(&twice.value)));
    }
    if choices.iter().all(|choice| choice.title.is_none()) {
        return Ok(Choices::Values(choices.iter().map(|choice| choice.value.as_str()).collect()));
    }
    let titled_choice = |choice: &'q Choice| TitledChoice {
        r#const: &choice.value,
        title: text::seen(choice.title.as_deref().unwrap_or(&choice.value)),
    };
    Ok(titled(choices.iter().map(titled_choice).collect()))
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
    let unfit = |expected| format!("the default does not fit: expected {expected}");
    let default: Json = match kind {
        FieldKind::Text(TextField { default: Some(text), .. })
        | FieldKind::Choice(ChoiceField { default: Some(text), .. }) => text.as_str().into(),
        FieldKind::Number(NumberField { default: Some(number), .. }) => (*number).into(),
        FieldKind::Integer(IntegerField { default: Some(integer), .. }) => (*integer).into(),
        FieldKind::Choices(field) if !field.default.is_empty() => {
            return choices_value(field, field.default.clone()).map(drop).map_err(unfit);
        }
        _ => return Ok(()),
    };
    value(kind, &default).map(drop).map_err(unfit)
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
    let content: HashMap<String, &RawValue> = match elicited.content {
        Some(content) => read_json(content, &format!("{path}.content"), "an object")?,
        None => HashMap::new(),
    };
    let mut entered = Vec::new();
    for field in fields {
        let path = format!("{path}.content.{}", field.name);
        match content.get(&field.name).filter(|json| json.get() != "null") {
            Some(json) => {
                let value = entered_value(&field.kind, json)
                    .map_err(|expected| format!("{path}: expected {expected}"))?;
                entered.push((field.name.clone(), value));
            }
            None if field.required => return Err(format!("{path} is missing: the form requires it")),
            None => {}
        }
    }
    Ok(FormAnswer::Accepted(entered))
}

/// Reads what the user entered in one field; the error says what was expected.
///
/// Lists and objects become no tree of values, which would take many times the memory of their text.
fn entered_value(kind: &FieldKind, json: &RawValue) -> Result<FieldValue, String> {
    match (kind, json.get().as_bytes().first()) {
        (FieldKind::Choices(field), Some(b'[')) => {
            let chosen: Vec<String> = serde_json::from_str(json.get()).map_err(|_| LIST_EXPECTED)?;
            choices_value(field, chosen)
        }
        (_, Some(b'[' | b'{')) => value(kind, &Json::Null),
        _ => value(kind, &serde_json::from_str(json.get()).unwrap_or_default()),
    }
}

/// Reads a value that is no list; the error says what was expected.
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
        (FieldKind::Choices(_), _) => Err(LIST_EXPECTED.to_owned()),
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

fn choices_value(field: &ChoicesField, chosen: Vec<String>) -> Result<FieldValue, String> {
    let allowed: HashSet<&str> = field.choices.iter().map(|choice| choice.value.as_str()).collect();
    let mut seen = HashSet::with_capacity(chosen.len().min(allowed.len()));
    for choice in &chosen {
        if !allowed.contains(choice.as_str()) {
            return Err(LIST_EXPECTED.to_owned());
        }
        if !seen.insert(choice.as_str()) {
            return Err("each choice at most once".to_owned());
        }
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
