//! Writes the JSON Schema (2020-12) of a tool's arguments and of its structured result.
//!
//! Runs at build time only. Keys keep the order in which they are inserted here, so the same plan gives the same bytes.
//!
//! The two schemas have different readers. Converters turn an input schema into what a model's API takes, and many know
//! few keywords: so it is portable (docs/adr/0046-portable-schemas.md). The decoder accepts whatever it accepts, and more.
//! An output schema is exact: validators of clients read it.

mod hint;
pub(super) mod shown;

use serde_json::{Map, Number, Value, json};

use super::cases::Cases;
use super::plan::{Constraint, Field, Function, Label, Param, Type};
use super::rule::{ANY, Rule};
use super::scalar::{BASE64_PATTERN, F32_MAX, FloatRange, IntegerRange, WRITTEN_BASE64_PATTERN};

/// The description of a schema for decimal text.
const DECIMAL: &str = "An integer as decimal text, for values that a JSON number cannot hold.";

/// The writer of the value that a schema describes.
#[derive(Clone, Copy, PartialEq)]
enum Side {
    /// A client, or a model.
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
    let rule = Rule::new(param).unwrap_or_default();
    let mut schema = given(&param.ty, |ty| constrained(ty, &param.constraint, &rule));
    add_hint(&mut schema, hint::default(param));
    describe(&mut schema, param.docs.as_deref());
    if let Some(default) = param.default.as_deref().and_then(|raw| shown::default(&param.ty, raw)) {
        schema["default"] = default;
    }
    let examples: Vec<_> = param.examples.iter().filter_map(|json| shown::given(&param.ty, json)).collect();
    if !examples.is_empty() {
        schema["examples"] = examples.into();
    }
    if let Some(header) = &param.header {
        schema["x-mcp-header"] = header.as_str().into();
    }
    schema
}

/// Returns the schema of a value that is there: of the value inside an option. The type of a parameter or a field stays
/// plain, because none is to leave it out; the decoder also takes null for it.
fn given<'t>(ty: &'t Type, schema: impl Fn(&'t Type) -> Value) -> Value {
    match ty {
        Type::Option(inner) if inner.accepts_null() => some(schema(inner)),
        Type::Option(inner) => schema(inner),
        ty => schema(ty),
    }
}

/// Returns the schema of a type with the constraint of its parameter, which applies inside options too.
fn constrained(ty: &Type, constraint: &Constraint, rule: &Rule) -> Value {
    if constraint.is_empty() {
        return value(ty, Side::Input);
    }
    let mut schema = match ty {
        Type::Option(_) => return nullable(given(ty, |inner| constrained(inner, constraint, rule))),
        Type::F32 | Type::F64 | Type::String | Type::List(_) => {
            let mut schema = unhinted(ty, Side::Input);
            let is_beyond = |bound: &Number| bound.as_f64().is_some_and(|bound| bound.abs() > F32_MAX);
            let bound = |bound: &Option<Number>| {
                bound.clone().filter(|bound| *ty != Type::F32 || !is_beyond(bound)).map(Value::Number)
            };
            put(&mut schema, "minimum", &bound(&constraint.minimum));
            put(&mut schema, "maximum", &bound(&constraint.maximum));
            put(&mut schema, "minLength", &constraint.min_length);
            put(&mut schema, "maxLength", &constraint.max_length);
            put(&mut schema, "pattern", &constraint.pattern);
            put(&mut schema, "minItems", &constraint.min_items);
            put(&mut schema, "maxItems", &constraint.max_items);
            schema
        }
        _ => match rule.integer {
            Some(range) => integer(range, Side::Input),
            None => return value(ty, Side::Input),
        },
    };
    add_hint(&mut schema, hint::of(ty, rule));
    schema
}

fn put<T: Clone + Into<Value>>(schema: &mut Value, keyword: &str, given: &Option<T>) {
    if let Some(given) = given {
        schema[keyword] = given.clone().into();
    }
}

fn value(ty: &Type, side: Side) -> Value {
    let mut schema = unhinted(ty, side);
    if side == Side::Input {
        add_hint(&mut schema, hint::of(ty, &ANY));
    }
    schema
}

fn unhinted(ty: &Type, side: Side) -> Value {
    match ty {
        Type::Bool => json!({ "type": "boolean" }),
        Type::F32 | Type::F64 => float(ty, side),
        Type::Char => json!({ "type": "string", "minLength": 1, "maxLength": 1 }),
        Type::String => json!({ "type": "string" }),
        Type::Bytes => bytes(side),
        Type::List(item) => json!({ "type": "array", "items": value(item, side) }),
        Type::Tuple(types) => tuple(types, side),
        Type::Record(fields) => record(fields, side),
        Type::Enum(labels) => names(labels),
        Type::Flags(labels) => flags(labels, side),
        Type::Option(_) => nullable(given(ty, |inner| value(inner, side))),
        Type::Variant(_) | Type::Result { .. } => any_of(cases(ty, side)),
        _ => IntegerRange::of(ty).map_or(Value::Bool(false), |range| integer(range, side)),
    }
}

/// Adds a sentence to the schema's own description.
fn add_hint(schema: &mut Value, hint: Option<String>) {
    let Some(hint) = hint else { return };
    let text = match schema.get("description").and_then(Value::as_str) {
        Some(own) => format!("{own} {hint}"),
        None => hint,
    };
    schema["description"] = text.into();
}

/// Returns the schema of an integer. An input schema keeps the one type that most values have, and says in words that
/// larger ones are strings.
fn integer(range: IntegerRange, side: Side) -> Value {
    let number = range.as_number().map(
        |number| json!({ "type": "integer", "minimum": whole(number.min), "maximum": whole(number.max) }),
    );
    if !range.needs_strings() {
        return number.unwrap_or_default();
    }
    let mut string = json!({ "type": "string", "pattern": range.decimal_pattern() });
    if side == Side::Input {
        return number.unwrap_or(string);
    }
    string["description"] = DECIMAL.into();
    any_of(number.into_iter().chain([string]).collect())
}

/// Writes an integer within the safe range.
fn whole(value: i128) -> Value {
    i64::try_from(value).map_or(Value::Null, Value::from)
}

/// Returns the schema of a float. JSON numbers have the range of `f64`, so only `f32` has bounds.
fn float(ty: &Type, side: Side) -> Value {
    match (side, ty) {
        (Side::Input, Type::F32) => json!({ "type": "number", "minimum": -F32_MAX, "maximum": F32_MAX }),
        (Side::Input, _) => json!({ "type": "number" }),
        (Side::Output, _) => {
            any_of(vec![json!({ "type": "number" }), json!({ "type": "string", "enum": FloatRange::NAMES })])
        }
    }
}

/// Returns the schema of base64. Google's API refuses tools with `contentEncoding`.
fn bytes(side: Side) -> Value {
    match side {
        Side::Input => json!({ "type": "string", "pattern": BASE64_PATTERN }),
        Side::Output => {
            json!({ "type": "string", "contentEncoding": "base64", "pattern": WRITTEN_BASE64_PATTERN })
        }
    }
}

/// Returns the schema of flags. A name that occurs twice says what it says once, and strict modes refuse `uniqueItems`.
fn flags(labels: &[Label], side: Side) -> Value {
    let mut schema = json!({ "type": "array", "items": names(labels) });
    if side == Side::Output {
        schema["uniqueItems"] = true.into();
    }
    schema
}

/// Returns the schema of a tuple. In an input schema, `items` is always there: many clients refuse an array without it,
/// and drop `prefixItems`, which is left out where all items are alike.
fn tuple(types: &[Type], side: Side) -> Value {
    let each: Vec<_> = types.iter().map(|ty| value(ty, side)).collect();
    let mut schema = json!({ "type": "array" });
    let items = union(&each);
    if side == Side::Output || each.iter().any(|one| *one != each[0]) {
        schema["prefixItems"] = each.into();
    }
    if side == Side::Input {
        schema["items"] = items;
    }
    schema["minItems"] = types.len().into();
    schema["maxItems"] = types.len().into();
    schema
}

/// Returns a schema that accepts what any of these accepts.
fn union(schemas: &[Value]) -> Value {
    let mut alternatives: Vec<Value> = Vec::new();
    for alternative in schemas.iter().cloned().flat_map(alternatives_of) {
        if !alternatives.contains(&alternative) {
            alternatives.push(alternative);
        }
    }
    any_of(alternatives)
}

fn record(fields: &[Field], side: Side) -> Value {
    object(fields.iter().map(|field| {
        let mut schema = match side {
            Side::Input => given(&field.ty, |ty| value(ty, side)),
            Side::Output => value(&field.ty, side),
        };
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
    let mut alternatives = alternatives_of(schema);
    alternatives.push(json!({ "type": "null" }));
    any_of(alternatives)
}

/// Returns the alternatives of a schema that is nothing but alternatives, or the schema itself.
fn alternatives_of(schema: Value) -> Vec<Value> {
    match schema {
        Value::Object(mut map) if map.len() == 1 && map.contains_key("anyOf") => {
            map.remove("anyOf").and_then(|any| any.as_array().cloned()).unwrap_or_default()
        }
        schema => vec![schema],
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
