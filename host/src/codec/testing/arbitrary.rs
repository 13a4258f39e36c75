//! Random WIT types and random values of them, edges preferred.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select, subsequence};
use wasmtime::component::Val;

use super::{case, field};
use crate::codec::{Label, Type};

/// The number of flags that a type may have.
#[derive(Clone, Copy)]
pub(crate) enum FlagCount {
    /// Up to 32, all that a component can declare today.
    Component,
    /// Also around 64 and beyond, as far as JSON goes.
    Any,
}

/// A type of any kind, nested a few levels deep.
pub(crate) fn any_type(flags: FlagCount) -> impl Strategy<Value = Type> {
    scalar_type(flags).prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            inner.clone().prop_map(list_of),
            vec(inner.clone(), 1..4).prop_map(Type::Tuple),
            vec(inner.clone(), 1..5).prop_map(record),
            vec(prop::option::of(inner.clone()), 1..5).prop_map(variant),
            inner.clone().prop_map(super::option),
            inner.clone().prop_map(|ty| super::option(super::option(ty))),
            (prop::option::of(inner.clone()), prop::option::of(inner))
                .prop_map(|(ok, err)| Type::Result { ok: ok.map(Box::new), err: err.map(Box::new) }),
        ]
    })
}

fn scalar_type(flags: FlagCount) -> impl Strategy<Value = Type> {
    let counts: &[usize] = match flags {
        FlagCount::Component => &[1, 2, 7, 8, 9, 16, 17, 31, 32],
        FlagCount::Any => &[1, 8, 9, 17, 31, 32, 33, 63, 64, 65, 97],
    };
    prop_oneof![
        10 => select(vec![
            Type::Bool, Type::S8, Type::U8, Type::S16, Type::U16, Type::S32, Type::U32, Type::S64, Type::U64,
            Type::F32, Type::F64, Type::Char, Type::String, Type::Bytes,
        ]),
        1 => (1..300_usize).prop_map(|count| Type::Enum(numbered(count))),
        1 => select(counts.to_vec()).prop_map(|count| Type::Flags(numbered(count))),
    ]
}

/// `list<u8>` has a type of its own.
fn list_of(item: Type) -> Type {
    if item == Type::U8 { Type::Bytes } else { super::list(item) }
}

fn record(types: Vec<Type>) -> Type {
    Type::Record(types.into_iter().enumerate().map(|(i, ty)| field(&name(i), ty)).collect())
}

fn variant(payloads: Vec<Option<Type>>) -> Type {
    Type::Variant(payloads.into_iter().enumerate().map(|(i, payload)| case(&name(i), payload)).collect())
}

fn numbered(count: usize) -> Vec<Label> {
    (0..count).map(|index| Label { name: name(index), docs: None }).collect()
}

/// Some with one word, some with two.
fn name(index: usize) -> String {
    if index.is_multiple_of(2) { format!("n{index}") } else { format!("n{index}_x") }
}

/// A value of `ty`.
pub(crate) fn value_of(ty: &Type) -> BoxedStrategy<Val> {
    match ty {
        Type::Bool => any::<bool>().prop_map(Val::Bool).boxed(),
        Type::S8 => any::<i8>().prop_map(Val::S8).boxed(),
        Type::U8 => any::<u8>().prop_map(Val::U8).boxed(),
        Type::S16 => any::<i16>().prop_map(Val::S16).boxed(),
        Type::U16 => any::<u16>().prop_map(Val::U16).boxed(),
        Type::S32 => any::<i32>().prop_map(Val::S32).boxed(),
        Type::U32 => any::<u32>().prop_map(Val::U32).boxed(),
        Type::S64 => s64().prop_map(Val::S64).boxed(),
        Type::U64 => u64().prop_map(Val::U64).boxed(),
        Type::F32 => f32().prop_map(Val::Float32).boxed(),
        Type::F64 => f64().prop_map(Val::Float64).boxed(),
        Type::Char => character().prop_map(Val::Char).boxed(),
        Type::String => string().prop_map(Val::String).boxed(),
        Type::Bytes => bytes(),
        Type::List(item) => vec(value_of(item), 0..4).prop_map(Val::List).boxed(),
        Type::Tuple(types) => types.iter().map(value_of).collect::<Vec<_>>().prop_map(Val::Tuple).boxed(),
        Type::Record(fields) => {
            let values: Vec<_> = fields.iter().map(|field| value_of(&field.ty)).collect();
            let names: Vec<_> = fields.iter().map(|field| wit(&field.name)).collect();
            values.prop_map(move |values| Val::Record(names.iter().cloned().zip(values).collect())).boxed()
        }
        Type::Variant(_) | Type::Result { .. } => case_value(ty),
        Type::Enum(labels) => select(wit_names(labels)).prop_map(Val::Enum).boxed(),
        Type::Flags(labels) => {
            let names = wit_names(labels);
            let most = names.len();
            subsequence(names, 0..=most).prop_map(Val::Flags).boxed()
        }
        Type::Option(inner) => {
            prop::option::of(value_of(inner)).prop_map(|some| Val::Option(some.map(Box::new))).boxed()
        }
    }
}

fn case_value(ty: &Type) -> BoxedStrategy<Val> {
    let payload = |ty: Option<&Type>| match ty {
        Some(ty) => value_of(ty).prop_map(|value| Some(Box::new(value))).boxed(),
        None => Just(None).boxed(),
    };
    match ty {
        Type::Result { ok, err } => prop_oneof![
            payload(ok.as_deref()).prop_map(|value| Val::Result(Ok(value))),
            payload(err.as_deref()).prop_map(|value| Val::Result(Err(value))),
        ]
        .boxed(),
        Type::Variant(cases) => {
            let strategies: Vec<_> = cases
                .iter()
                .map(|case| {
                    let name = wit(&case.name);
                    payload(case.payload.as_ref()).prop_map(move |value| Val::Variant(name.clone(), value))
                })
                .collect();
            // A draw of every case, of which one is kept.
            (any::<Index>(), strategies).prop_map(|(index, values)| index.get(&values).clone()).boxed()
        }
        other => unreachable!("{other:?} has no cases"),
    }
}

fn wit(name: &str) -> String {
    name.replace('_', "-")
}

fn wit_names(labels: &[Label]) -> Vec<String> {
    labels.iter().map(|label| wit(&label.name)).collect()
}

fn s64() -> impl Strategy<Value = i64> {
    const SAFE: i64 = (1 << 53) - 1;
    prop_oneof![any::<i64>(), select(vec![i64::MIN, i64::MAX, -SAFE, SAFE, -SAFE - 1, SAFE + 1, SAFE + 2, 0])]
}

fn u64() -> impl Strategy<Value = u64> {
    const SAFE: u64 = (1 << 53) - 1;
    prop_oneof![any::<u64>(), select(vec![u64::MAX, u64::MAX - 1, 1 << 63, SAFE, SAFE + 1, SAFE + 2, 0])]
}

fn f64() -> impl Strategy<Value = f64> {
    prop_oneof![
        any::<u64>().prop_map(f64::from_bits),
        any::<i32>().prop_map(f64::from),
        select(vec![f64::NAN, f64::INFINITY, f64::NEG_INFINITY, -0.0, 0.0, 0.1, 5e-324, f64::MAX, 1e21]),
    ]
}

fn f32() -> impl Strategy<Value = f32> {
    prop_oneof![
        any::<u32>().prop_map(f32::from_bits),
        select(vec![f32::NAN, f32::INFINITY, f32::NEG_INFINITY, -0.0, 0.0, 0.1, 1e-45, f32::MAX, f32::MIN]),
    ]
}

fn character() -> impl Strategy<Value = char> {
    prop_oneof![any::<char>(), select(vec!['\0', '"', '\\', '\u{7f}', '\u{2028}', '\u{ffff}', '\u{1F600}'])]
}

fn string() -> impl Strategy<Value = String> {
    prop_oneof![
        any::<String>(),
        vec(character(), 0..6).prop_map(String::from_iter),
        select(vec!["NaN", "0", "null", "n0"]).prop_map(str::to_owned),
    ]
}

fn bytes() -> BoxedStrategy<Val> {
    let sizes = prop_oneof![20 => 0..10_usize, 1 => 700..900_usize];
    sizes.prop_flat_map(|size| vec(any::<u8>().prop_map(Val::U8), size)).prop_map(Val::List).boxed()
}
