//! The forms that the decoder accepts and no input schema shows.

use serde_json::{Map, Value};

use crate::codec::cases::Cases;
use crate::codec::{Field, Type};

/// Rewrites JSON of a type: numbers and booleans as strings, flags twice, and null for the fields that are left out.
pub(crate) fn respelled(ty: &Type, json: &Value) -> Value {
    match (ty, json) {
        (Type::Bool, json) => json.to_string().into(),
        (Type::List(item), Value::Array(items)) => items.iter().map(|json| respelled(item, json)).collect(),
        (Type::Tuple(types), Value::Array(items)) => {
            types.iter().zip(items).map(|(ty, json)| respelled(ty, json)).collect()
        }
        (Type::Flags(_), Value::Array(names)) => names.iter().chain(names).cloned().collect(),
        (Type::Record(fields), Value::Object(members)) => {
            let member = |field: &Field| {
                let json = members.get(&field.name).unwrap_or(&Value::Null);
                (field.name.clone(), respelled(&field.ty, json))
            };
            Value::Object(fields.iter().map(member).collect())
        }
        (Type::Option(_), Value::Null) => Value::Null,
        (Type::Option(inner), Value::Object(members)) if inner.accepts_null() => {
            single(members, |_| Some(inner))
        }
        (Type::Option(inner), json) => respelled(inner, json),
        (Type::Variant(_) | Type::Result { .. }, Value::Object(members)) => single(members, |name| {
            let cases = Cases::of(ty)?;
            cases.get(cases.position(name)?).1
        }),
        (_, Value::Number(number)) => number_text(ty, number).into(),
        (_, json) => json.clone(),
    }
}

fn single<'t>(members: &Map<String, Value>, ty: impl Fn(&str) -> Option<&'t Type>) -> Value {
    let respell = |(name, json): (&String, &Value)| {
        (name.clone(), ty(name).map_or_else(|| json.clone(), |ty| respelled(ty, json)))
    };
    Value::Object(members.iter().map(respell).collect())
}

/// Writes the digits of an integer, or any number for a float.
fn number_text(ty: &Type, number: &serde_json::Number) -> String {
    match (ty, number.as_f64()) {
        (Type::F32 | Type::F64, _) => number.to_string(),
        (_, Some(value)) if number.is_f64() => (value as i128).to_string(),
        _ => number.to_string(),
    }
}
