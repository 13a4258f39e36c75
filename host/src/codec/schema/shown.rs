//! Turns defaults and examples into values that the schema accepts.
//!
//! Authors may write whatever the decoder reads: null in a field, or a number as a string.

use serde_json::value::RawValue;
use serde_json::{Map, Number, Value};

use crate::codec::cases::Cases;
use crate::codec::plan::{Field, Type};
use crate::codec::scalar::{self, IntegerRange, SAFE_INTEGER};

/// Returns a parameter's default; `None` if its schema accepts no such value.
pub(super) fn default(ty: &Type, raw: &RawValue) -> Option<Value> {
    given(ty, &serde_json::from_str(raw.get()).ok()?)
}

/// Returns the value of a parameter or a field; `None` if its schema accepts no such value, as it does for null.
pub(in crate::codec) fn given(ty: &Type, json: &Value) -> Option<Value> {
    match ty {
        Type::Option(_) if json.is_null() => None,
        ty => value(ty, json),
    }
}

fn value(ty: &Type, json: &Value) -> Option<Value> {
    match ty {
        Type::Bool => scalar::boolean(&json.to_string()).map(Value::Bool),
        Type::F32 | Type::F64 => float(json),
        Type::Char | Type::String | Type::Bytes | Type::Enum(_) | Type::Flags(_) => Some(json.clone()),
        Type::List(item) => json.as_array()?.iter().map(|json| value(item, json)).collect(),
        Type::Tuple(types) => types.iter().zip(json.as_array()?).map(|(ty, json)| value(ty, json)).collect(),
        Type::Record(fields) => record(fields, json.as_object()?),
        Type::Option(_) if json.is_null() => Some(Value::Null),
        Type::Option(inner) if inner.accepts_null() => {
            Some(Value::Object(Map::from_iter([("some".to_owned(), value(inner, json.get("some")?)?)])))
        }
        Type::Option(inner) => value(inner, json),
        Type::Variant(_) | Type::Result { .. } => case(ty, json),
        _ => integer(ty, json),
    }
}

fn integer(ty: &Type, json: &Value) -> Option<Value> {
    let number = IntegerRange::of(ty)?.read(&json.to_string()).ok()?;
    let is_safe = number.abs() <= SAFE_INTEGER;
    i64::try_from(number).ok().filter(|_| is_safe).map(Value::from)
}

fn float(json: &Value) -> Option<Value> {
    match json {
        Value::String(text) => text.parse::<Number>().ok().map(Value::Number),
        json => Some(json.clone()),
    }
}

fn record(fields: &[Field], json: &Map<String, Value>) -> Option<Value> {
    let field = |name: &str| fields.iter().find(|field| field.name == name);
    let is_none = |field: &Field, json: &Value| matches!(field.ty, Type::Option(_)) && json.is_null();
    let mut shown = Map::new();
    for (name, json) in json {
        let field = field(name)?;
        if !is_none(field, json) {
            shown.insert(name.clone(), value(&field.ty, json)?);
        }
    }
    Some(Value::Object(shown))
}

fn case(ty: &Type, json: &Value) -> Option<Value> {
    let Value::Object(object) = json else { return Some(json.clone()) };
    let (name, json) = object.iter().next()?;
    let cases = Cases::of(ty)?;
    let payload = cases.get(cases.position(name)?).1?;
    Some(Value::Object(Map::from_iter([(name.clone(), value(payload, json)?)])))
}
