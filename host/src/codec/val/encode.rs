//! Values to compact one-line JSON, checked against the plan as they are walked.

use wasmtime::component::Val;

use crate::codec::cases::Cases;
use crate::codec::checked::CheckedFunction;
use crate::codec::encoded::{EncodeError, Encoded, ResultBody, ResultStatus, UNNAMED_ERROR};
use crate::codec::json::Writer;
use crate::codec::plan::{Field, Label, Type};

/// Writes a function's result, if it has one, as the body of a `CallToolResult`.
///
/// # Errors
/// More than `limit_bytes` of JSON or text, or a value that is not of the plan's type.
pub(crate) fn encode(
    plan: &CheckedFunction,
    result: Option<&Val>,
    limit_bytes: usize,
) -> Result<Encoded, EncodeError> {
    let (status, ty, value) = match (&plan.result, result) {
        (None, None) => return Ok(Encoded { status: ResultStatus::Success, body: ResultBody::Empty }),
        (Some(Type::Result { ok, .. }), Some(Val::Result(Ok(value)))) => {
            (ResultStatus::Success, ok.as_deref(), value.as_deref())
        }
        (Some(Type::Result { err, .. }), Some(Val::Result(Err(value)))) => {
            (ResultStatus::Error, err.as_deref(), value.as_deref())
        }
        (ty, value) => (ResultStatus::Success, ty.as_ref(), value),
    };
    let body = match (ty, value, status) {
        (None, None, ResultStatus::Success) => ResultBody::Empty,
        (None, None, ResultStatus::Error) => ResultBody::Text(UNNAMED_ERROR.into()),
        (Some(Type::String), Some(Val::String(text)), _) => text_body(text, limit_bytes)?,
        (Some(ty), Some(value), _) => json_body(ty, value, status, limit_bytes)?,
        _ => return Err(EncodeError::Mismatch),
    };
    Ok(Encoded { status, body })
}

fn text_body(text: &str, limit_bytes: usize) -> Result<ResultBody, EncodeError> {
    if text.len() > limit_bytes {
        return Err(EncodeError::TooLarge { limit_bytes });
    }
    Ok(ResultBody::Text(text.to_owned()))
}

fn json_body(
    ty: &Type,
    result: &Val,
    status: ResultStatus,
    limit_bytes: usize,
) -> Result<ResultBody, EncodeError> {
    let mut json = Writer::new(limit_bytes);
    if status == ResultStatus::Error || matches!(ty, Type::Record(_)) {
        value(&mut json, ty, result)?;
    } else {
        json.raw("{\"result\":")?;
        value(&mut json, ty, result)?;
        json.raw("}")?;
    }
    Ok(ResultBody::Json(json.into_bytes()))
}

/// Writes one value of type `ty`.
pub(super) fn value(json: &mut Writer, ty: &Type, val: &Val) -> Result<(), EncodeError> {
    match (ty, val) {
        (Type::Bool, Val::Bool(value)) => json.raw(if *value { "true" } else { "false" }),
        (Type::S8, Val::S8(value)) => json.integer((*value).into()),
        (Type::U8, Val::U8(value)) => json.integer((*value).into()),
        (Type::S16, Val::S16(value)) => json.integer((*value).into()),
        (Type::U16, Val::U16(value)) => json.integer((*value).into()),
        (Type::S32, Val::S32(value)) => json.integer((*value).into()),
        (Type::U32, Val::U32(value)) => json.integer((*value).into()),
        (Type::S64, Val::S64(value)) => json.integer((*value).into()),
        (Type::U64, Val::U64(value)) => json.integer((*value).into()),
        (Type::F32, Val::Float32(value)) => json.f32(*value),
        (Type::F64, Val::Float64(value)) => json.f64(*value),
        (Type::Char, Val::Char(value)) => json.string(value.encode_utf8(&mut [0; 4])),
        (Type::String, Val::String(value)) => json.string(value),
        (Type::Bytes, Val::List(items)) => bytes(json, items),
        (Type::List(item), Val::List(items)) => {
            json.array(items, |json, value_of_item| value(json, item, value_of_item))
        }
        (Type::Tuple(types), Val::Tuple(items)) if types.len() == items.len() => {
            json.array(types.iter().zip(items), |json, (ty, item)| value(json, ty, item))
        }
        (Type::Record(fields), Val::Record(values)) => record(json, fields, values),
        (Type::Enum(labels), Val::Enum(name)) => label(json, labels, name),
        (Type::Flags(labels), Val::Flags(names)) => json.array(names, |json, name| label(json, labels, name)),
        (Type::Option(_), Val::Option(None)) => json.raw("null"),
        (Type::Option(inner), Val::Option(Some(some))) => match inner.accepts_null() {
            true => json.single("some", |json| value(json, inner, some)),
            false => value(json, inner, some),
        },
        _ => case(json, ty, val),
    }
}

fn bytes(json: &mut Writer, items: &[Val]) -> Result<(), EncodeError> {
    let byte = |item: &Val| if let Val::U8(byte) = item { Ok(*byte) } else { Err(EncodeError::Mismatch) };
    json.bytes(&items.iter().map(byte).collect::<Result<Vec<_>, _>>()?)
}

fn record(json: &mut Writer, fields: &[Field], values: &[(String, Val)]) -> Result<(), EncodeError> {
    if fields.len() != values.len() {
        return Err(EncodeError::Mismatch);
    }
    json.object(fields.iter().zip(values), |json, (field, (name, val))| {
        if !is_name(&field.name, name) {
            return Err(EncodeError::Mismatch);
        }
        json.key(&field.name)?;
        value(json, &field.ty, val)
    })
}

fn label(json: &mut Writer, labels: &[Label], name: &str) -> Result<(), EncodeError> {
    let label = labels.iter().find(|label| is_name(&label.name, name)).ok_or(EncodeError::Mismatch)?;
    json.string(&label.name)
}

fn case(json: &mut Writer, ty: &Type, val: &Val) -> Result<(), EncodeError> {
    let cases = Cases::of(ty).ok_or(EncodeError::Mismatch)?;
    let (name, payload) = match val {
        Val::Variant(name, payload) => (name.as_str(), payload),
        Val::Result(Ok(payload)) => ("ok", payload),
        Val::Result(Err(payload)) => ("err", payload),
        _ => return Err(EncodeError::Mismatch),
    };
    let case = cases.iter().find(|(case, _)| is_name(case, name)).ok_or(EncodeError::Mismatch)?;
    match (case, payload) {
        ((name, None), None) => json.string(name),
        ((name, Some(ty)), Some(payload)) => json.single(name, |json| value(json, ty, payload)),
        _ => Err(EncodeError::Mismatch),
    }
}

/// Tells whether a JSON name is that of a WIT name.
fn is_name(json_name: &str, wit_name: &str) -> bool {
    let same = |(json, wit): (u8, u8)| json == wit || (json == b'_' && wit == b'-');
    json_name.len() == wit_name.len() && json_name.bytes().zip(wit_name.bytes()).all(same)
}
