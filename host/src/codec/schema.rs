//! Writes the JSON Schema (2020-12) of a tool's arguments and of its structured result.
//!
//! Runs at build time only. A schema and the decoders share their constants, so they agree. Its keywords are the
//! simple ones that models know and strict clients accept. Keys keep the order in which they are inserted here, so
//! the same plan gives the same bytes.

use serde_json::{Map, Value, json};

use super::cases::Cases;
use super::plan::{Constraint, Field, Function, Label, Param, Type};
use super::scalar::{BASE64_PATTERN, FloatRange, IntegerRange};

/// The writer of the value that a schema describes.
#[derive(Clone, Copy, PartialEq)]
enum Side {
    /// A client: options may be left out.
    Input,
    /// The encoder: every key is there.
    Output,
}

/// Returns the schema of a function's arguments (`inputSchema`): one closed object.
///
/// It leaves out a constraint that does not fit its type, which [`Function::check`] refuses.
pub fn input(function: &Function) -> Value {
    let members = function.params.iter().map(|param| Member {
        name: &param.name,
        schema: argument(param),
        required: !param.is_optional(),
    });
    object(members)
}

/// Returns the schema of a function's structured result (`outputSchema`); `None` if the result is nothing or a plain
/// string. A record is the object itself; any other type becomes the object's key `result`.
pub fn output(function: &Function) -> Option<Value> {
    let ty = match function.result.as_ref()? {
        Type::Result { ok, .. } => ok.as_deref()?,
        ty => ty,
    };
    match ty {
        Type::String => None,
        Type::Record(fields) => Some(record(fields, Side::Output)),
        _ => Some(object([Member { name: "result", schema: value(ty, Side::Output), required: true }])),
    }
}

/// A property of an object.
struct Member<'a> {
    name: &'a str,
    schema: Value,
    required: bool,
}

fn object<'a>(members: impl IntoIterator<Item = Member<'a>>) -> Value {
    let mut properties = Map::new();
    let mut required = Vec::new();
    for member in members {
        if member.required {
            required.push(member.name);
        }
        properties.insert(member.name.to_owned(), member.schema);
    }
    let mut schema = json!({ "type": "object", "properties": properties });
    if !required.is_empty() {
        schema["required"] = required.into();
    }
    schema["additionalProperties"] = false.into();
    schema
}

fn argument(param: &Param) -> Value {
    let mut schema = constrained(param.presented(), &param.constraint);
    describe(&mut schema, param.docs.as_deref());
    if let Some(default) = param.default.as_ref().and_then(|raw| serde_json::from_str(raw.get()).ok()) {
        schema["default"] = default;
    }
    if !param.examples.is_empty() {
        schema["examples"] = param.examples.clone().into();
    }
    if let Some(header) = &param.header {
        schema["x-mcp-header"] = header.as_str().into();
    }
    schema
}

/// Returns the schema of a type with the constraint of its parameter, which applies inside options too.
fn constrained(ty: &Type, constraint: &Constraint) -> Value {
    match ty {
        Type::Option(inner) if inner.accepts_null() => nullable(some(constrained(inner, constraint))),
        Type::Option(inner) => nullable(constrained(inner, constraint)),
        Type::F32 | Type::F64 => float(FloatRange::narrowed(constraint).unwrap_or_default(), constraint),
        Type::String => {
            let mut schema = json!({ "type": "string" });
            put(&mut schema, "minLength", &constraint.min_length);
            put(&mut schema, "maxLength", &constraint.max_length);
            put(&mut schema, "pattern", &constraint.pattern);
            schema
        }
        Type::List(_) => {
            let mut schema = value(ty, Side::Input);
            put(&mut schema, "minItems", &constraint.min_items);
            put(&mut schema, "maxItems", &constraint.max_items);
            schema
        }
        _ => match IntegerRange::of(ty) {
            Some(all) => integer(all.narrowed(constraint).unwrap_or(all)),
            None => value(ty, Side::Input),
        },
    }
}

fn put<T: Clone + Into<Value>>(schema: &mut Value, keyword: &str, given: &Option<T>) {
    if let Some(given) = given {
        schema[keyword] = given.clone().into();
    }
}

fn value(ty: &Type, side: Side) -> Value {
    match ty {
        Type::Bool => json!({ "type": "boolean" }),
        Type::F32 | Type::F64 => float(FloatRange::default(), &Constraint::default()),
        Type::Char => json!({ "type": "string", "minLength": 1, "maxLength": 1 }),
        Type::String => json!({ "type": "string" }),
        Type::Bytes => json!({ "type": "string", "contentEncoding": "base64", "pattern": BASE64_PATTERN }),
        Type::List(item) => json!({ "type": "array", "items": value(item, side) }),
        Type::Tuple(types) => tuple(types, side),
        Type::Record(fields) => record(fields, side),
        Type::Enum(labels) => names(labels),
        Type::Flags(labels) => json!({ "type": "array", "items": names(labels), "uniqueItems": true }),
        Type::Option(inner) if inner.accepts_null() => nullable(some(value(inner, side))),
        Type::Option(inner) => nullable(value(inner, side)),
        Type::Variant(_) | Type::Result { .. } => any_of(cases(ty, side)),
        _ => IntegerRange::of(ty).map_or(Value::Bool(false), integer),
    }
}

fn integer(range: IntegerRange) -> Value {
    let number = range.as_number().map(
        |number| json!({ "type": "integer", "minimum": whole(number.min), "maximum": whole(number.max) }),
    );
    let string = range.takes_strings().then(|| {
        json!({ "type": "string", "pattern": range.decimal_pattern(), "description": "An integer as decimal text, for values that a JSON number cannot hold." })
    });
    any_of(number.into_iter().chain(string).collect())
}

/// Writes an integer within the safe range.
fn whole(value: i128) -> Value {
    i64::try_from(value).map_or(Value::Null, Value::from)
}

fn float(range: FloatRange, constraint: &Constraint) -> Value {
    let mut number = json!({ "type": "number" });
    if range.is_bounded() {
        for (keyword, bound) in [("minimum", &constraint.minimum), ("maximum", &constraint.maximum)] {
            put(&mut number, keyword, &bound.clone().map(Value::Number));
        }
        return number;
    }
    any_of(vec![number, json!({ "type": "string", "enum": FloatRange::NAMES })])
}

fn tuple(types: &[Type], side: Side) -> Value {
    let items: Vec<_> = types.iter().map(|ty| value(ty, side)).collect();
    json!({
        "type": "array",
        "prefixItems": items,
        "minItems": types.len(),
        "maxItems": types.len(),
    })
}

fn record(fields: &[Field], side: Side) -> Value {
    object(fields.iter().map(|field| {
        let mut schema = value(&field.ty, side);
        describe(&mut schema, field.docs.as_deref());
        let required = side == Side::Output || !matches!(field.ty, Type::Option(_));
        Member { name: &field.name, schema, required }
    }))
}

/// Returns the schema of a choice of names. Their docs are lines of the description, which models read well, and every
/// client supports `enum`.
fn names(labels: &[Label]) -> Value {
    let documented = labels.iter().map(|label| (label.name.as_str(), label.docs.as_deref()));
    choice(documented)
}

fn choice<'a>(names: impl Iterator<Item = (&'a str, Option<&'a str>)> + Clone) -> Value {
    let all: Vec<_> = names.clone().map(|(name, _)| name).collect();
    let lines: Vec<_> =
        names.filter_map(|(name, docs)| docs.map(|docs| format!("`{name}`: {docs}"))).collect();
    let mut schema = json!({ "type": "string", "enum": all });
    describe(&mut schema, Some(&lines.join("\n")));
    schema
}

/// Returns the alternatives of a variant: all cases without payload as one choice of strings, then each of the others.
fn cases(ty: &Type, side: Side) -> Vec<Value> {
    let docs = |index: usize| match ty {
        Type::Variant(cases) => cases[index].docs.as_deref(),
        _ => None,
    };
    let all: Vec<_> = Cases::of(ty).into_iter().flat_map(Cases::iter).enumerate().collect();
    let bare = all.iter().filter(|(_, (_, payload))| payload.is_none());
    let bare: Vec<_> = bare.map(|(index, (name, _))| (*name, docs(*index))).collect();
    let mut alternatives = Vec::new();
    if !bare.is_empty() {
        alternatives.push(choice(bare.iter().copied()));
    }
    for (index, (name, payload)) in all {
        let Some(payload) = payload else { continue };
        let mut schema = object([Member { name, schema: value(payload, side), required: true }]);
        describe(&mut schema, docs(index));
        alternatives.push(schema);
    }
    alternatives
}

/// Returns the schema of `{"some": ...}`, for options whose value can be null.
fn some(inner: Value) -> Value {
    object([Member { name: "some", schema: inner, required: true }])
}

/// Adds null to the alternatives of a schema, without nesting them.
fn nullable(schema: Value) -> Value {
    let null = json!({ "type": "null" });
    match schema {
        Value::Object(mut map) if map.len() == 1 && map.contains_key("anyOf") => {
            let mut alternatives =
                map.remove("anyOf").and_then(|any| any.as_array().cloned()).unwrap_or_default();
            alternatives.push(null);
            any_of(alternatives)
        }
        schema => any_of(vec![schema, null]),
    }
}

fn any_of(mut alternatives: Vec<Value>) -> Value {
    if alternatives.len() == 1 { alternatives.remove(0) } else { json!({ "anyOf": alternatives }) }
}

/// Puts docs before the schema's own description.
fn describe(schema: &mut Value, docs: Option<&str>) {
    let Some(docs) = docs.map(str::trim).filter(|docs| !docs.is_empty()) else { return };
    let text = match schema.get("description").and_then(Value::as_str) {
        Some(own) => format!("{docs}\n\n{own}"),
        None => docs.to_owned(),
    };
    schema["description"] = text.into();
}
