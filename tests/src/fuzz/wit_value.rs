//! Values of WIT types as JSON, made of an input's bytes.

use serde_json::{Map, Value, json};
use toolcell_host::codec::{Field, Type};

use super::choices::Choices;

/// The JSON of a value.
#[derive(Debug)]
pub(super) struct Sample {
    pub(super) json: Value,
    /// False if a part of it is of another type than it should be.
    pub(super) is_plain: bool,
}

impl Sample {
    /// Makes a value of `ty`; one in sixteen parts of it is of another type.
    pub(super) fn new(choices: &mut Choices<'_>, ty: &Type) -> Self {
        let mut maker = Maker { choices, is_plain: true };
        let json = maker.value(ty);
        Self { json, is_plain: maker.is_plain }
    }
}

struct Maker<'c, 'd> {
    choices: &'c mut Choices<'d>,
    is_plain: bool,
}

impl Maker<'_, '_> {
    fn value(&mut self, ty: &Type) -> Value {
        if self.choices.below(16) == 15 {
            self.is_plain = false;
            return odd(self.choices);
        }
        match ty {
            Type::List(item) => (0..self.choices.below(4)).map(|_| self.value(item)).collect(),
            Type::Tuple(types) => types.iter().map(|ty| self.value(ty)).collect(),
            Type::Record(fields) => {
                let member = |field: &Field| (field.name.clone(), self.value(&field.ty));
                Value::Object(fields.iter().map(member).collect())
            }
            Type::Variant(cases) => {
                let case = self.choices.one(cases);
                self.case(&case.name, case.payload.as_ref())
            }
            Type::Result { ok, err } => match self.choices.below(2) {
                0 => self.case("ok", ok.as_deref()),
                _ => self.case("err", err.as_deref()),
            },
            Type::Option(inner) => match self.choices.below(3) {
                0 => Value::Null,
                _ if inner.accepts_null() => json!({"some": self.value(inner)}),
                _ => self.value(inner),
            },
            leaf => leaf_value(self.choices, leaf),
        }
    }

    /// A name, or an object with one case.
    fn case(&mut self, name: &str, payload: Option<&Type>) -> Value {
        match payload {
            None => name.into(),
            Some(ty) => Value::Object(Map::from_iter([(name.to_owned(), self.value(ty))])),
        }
    }
}

/// A value without parts of other types.
fn leaf_value(choices: &mut Choices<'_>, ty: &Type) -> Value {
    match ty {
        Type::Bool => (choices.below(2) == 1).into(),
        Type::S8 => (choices.word() as i8).into(),
        Type::U8 => (choices.word() as u8).into(),
        Type::S16 => (choices.word() as i16).into(),
        Type::U16 => (choices.word() as u16).into(),
        Type::S32 => (choices.word() as i32).into(),
        Type::U32 => (choices.word() as u32).into(),
        Type::S64 => wide(choices.word() as i64),
        Type::U64 => wide(choices.word()),
        Type::F32 => float(f64::from(f32::from_bits(choices.word() as u32))),
        Type::F64 => float(f64::from_bits(choices.word())),
        Type::Char => char::from_u32(choices.word() as u32 & 0x1f_ffff).unwrap_or('x').to_string().into(),
        Type::String => choices.text().into(),
        Type::Bytes => base64(choices.text().as_bytes()).into(),
        Type::Enum(labels) => choices.one(labels).name.clone().into(),
        Type::Flags(labels) => {
            let set = labels.iter().filter(|_| choices.below(2) == 1);
            set.map(|label| Value::from(label.name.clone())).collect()
        }
        other => unreachable!("{other:?} has parts"),
    }
}

/// A number of 64 bits: a text where JavaScript would round it.
fn wide<T: Into<i128> + Into<Value> + ToString + Copy>(number: T) -> Value {
    let exact: i128 = number.into();
    if exact.unsigned_abs() < 1 << 53 { number.into() } else { number.to_string().into() }
}

fn float(number: f64) -> Value {
    match number {
        _ if number.is_nan() => "NaN".into(),
        f64::INFINITY => "Infinity".into(),
        f64::NEG_INFINITY => "-Infinity".into(),
        number => number.into(),
    }
}

fn base64(bytes: &[u8]) -> String {
    use base64::Engine as _;
    base64::engine::general_purpose::STANDARD.encode(bytes)
}

/// A value on the edge of what some type accepts.
fn odd(choices: &mut Choices<'_>) -> Value {
    match choices.below(12) {
        0 => Value::Null,
        1 => json!(choices.word()),
        2 => json!(choices.word().to_string()),
        3 => json!(f64::from_bits(choices.word())),
        4 => json!([]),
        5 => json!({}),
        6 => json!({"some": null}),
        7 => json!(["n0", "n0"]),
        8 => json!({"ok": null, "err": null}),
        9 => json!({"n0": odd(choices)}),
        10 => json!([odd(choices)]),
        _ => json!(choices.text()),
    }
}

/// Tells whether two texts stand for the same value of `ty`; only a number of 32 bits has several.
pub(super) fn is_same(ty: &Type, left: &Value, right: &Value) -> bool {
    let all = |types: &mut dyn Iterator<Item = &Type>| match (left, right) {
        (Value::Array(lefts), Value::Array(rights)) if lefts.len() == rights.len() => {
            types.zip(lefts.iter().zip(rights)).all(|(ty, (left, right))| is_same(ty, left, right))
        }
        _ => false,
    };
    let case = |name: &str, payload: Option<&Type>| match (payload, left.get(name), right.get(name)) {
        (Some(ty), Some(left), Some(right)) => is_same(ty, left, right),
        _ => false,
    };
    match ty {
        Type::F32 => match (left.as_f64(), right.as_f64()) {
            (Some(left), Some(right)) => (left as f32).to_bits() == (right as f32).to_bits(),
            _ => left == right,
        },
        Type::List(item) => all(&mut std::iter::repeat(&**item)),
        Type::Tuple(types) => all(&mut types.iter()),
        Type::Record(fields) => fields.iter().all(|field| case(&field.name, Some(&field.ty))),
        Type::Variant(cases) => {
            left == right || cases.iter().any(|one| case(&one.name, one.payload.as_ref()))
        }
        Type::Result { ok, err } => left == right || case("ok", ok.as_deref()) || case("err", err.as_deref()),
        Type::Option(inner) if inner.accepts_null() => left == right || case("some", Some(inner)),
        Type::Option(inner) => left == right || is_same(inner, left, right),
        _ => left == right,
    }
}
