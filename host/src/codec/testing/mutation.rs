//! Random changes to valid JSON, most of which make it invalid.

use proptest::prelude::*;
use proptest::sample::{Index, select};
use serde_json::{Value, json};

/// One change, applied to whatever document is at hand.
#[derive(Clone, Debug)]
pub(crate) struct Mutation {
    at: Index,
    change: Change,
}

#[derive(Clone, Debug)]
enum Change {
    Replace(Value),
    /// Puts another piece of the same document there.
    Copy(Index),
    Remove(Index),
    AddKey(String, Value),
    RepeatItem(Index),
    Wrap,
    WrapSome,
    Unwrap,
}

/// Any change.
pub(crate) fn mutation() -> impl Strategy<Value = Mutation> {
    let change = prop_oneof![
        4 => odd_value().prop_map(Change::Replace),
        1 => any::<f64>().prop_map(|number| Change::Replace(json!(number))),
        1 => any::<i64>().prop_map(|number| Change::Replace(json!(number))),
        1 => any::<u64>().prop_map(|number| Change::Replace(json!(number.to_string()))),
        1 => "[A-Za-z0-9+/]{0,6}={0,2}".prop_map(|text| Change::Replace(json!(text))),
        2 => any::<Index>().prop_map(Change::Copy),
        2 => any::<Index>().prop_map(Change::Remove),
        1 => (select(vec!["extra", "n0", "n1_x", "n1-x", "x", "some", "ok", "err"]), odd_value())
            .prop_map(|(key, value)| Change::AddKey(key.to_owned(), value)),
        1 => any::<Index>().prop_map(Change::RepeatItem),
        1 => Just(Change::Wrap),
        1 => Just(Change::WrapSome),
        1 => Just(Change::Unwrap),
    ];
    (any::<Index>(), change).prop_map(|(at, change)| Mutation { at, change })
}

/// Values on the edges of what some type accepts.
fn odd_value() -> impl Strategy<Value = Value> {
    let others = json!([
        null, true, false, [], {}, [null], [0], ["n0", "n0"], ["n0"], {"some": null}, {"some": 1}, {"some": {"some": null}},
        {"ok": null}, {"err": 0}, {"ok": 1, "err": 1}, {"n0": null},
    ]);
    let all = [odd_numbers(), odd_strings(), others]
        .into_iter()
        .filter_map(|list| list.as_array().cloned())
        .flatten();
    select(all.collect::<Vec<_>>())
}

fn odd_numbers() -> Value {
    json!([
        0,
        1,
        -1,
        127,
        128,
        -128,
        -129,
        255,
        256,
        65535,
        65536,
        2147483648_i64,
        4294967296_i64,
        9007199254740991_i64,
        9007199254740992_i64,
        -9007199254740991_i64,
        -9007199254740992_i64,
        u64::MAX,
        i64::MIN,
        1.0,
        -1.0,
        100.0,
        1.5,
        -0.0,
        1e21,
        1e300,
        -1e300,
        3.5e38,
        1e-300,
    ])
}

fn odd_strings() -> Value {
    json!([
        "",
        "a",
        "ab",
        "\u{1F600}",
        "e\u{301}",
        "NaN",
        "Infinity",
        "-Infinity",
        "nan",
        "0",
        "-0",
        "007",
        "+1",
        "1.0",
        "9007199254740993",
        "-9223372036854775808",
        "9223372036854775808",
        "18446744073709551615",
        "18446744073709551616",
        "123456789012345678901",
        "QQ==",
        "QR==",
        "QQ",
        "QUI=",
        "QUJ=",
        "QUJD",
        "QUJ\n",
        "n0",
        "n1_x",
        "n1-x",
        "ok",
        "err",
        "true",
        "null",
    ])
}

impl Mutation {
    /// Changes one place of the document.
    pub(crate) fn apply(&self, document: &mut Value) {
        let pieces = places(document);
        let copy = if let Change::Copy(from) = &self.change {
            document.pointer(from.get(&pieces).as_str()).cloned()
        } else {
            None
        };
        let Some(target) = document.pointer_mut(self.at.get(&pieces).as_str()) else { return };
        match &self.change {
            Change::Replace(value) => *target = value.clone(),
            Change::Copy(_) => *target = copy.unwrap_or_default(),
            Change::Remove(which) => remove(target, which),
            Change::AddKey(key, value) => {
                if let Some(object) = target.as_object_mut() {
                    object.insert(key.clone(), value.clone());
                }
            }
            Change::RepeatItem(which) => {
                if let Some(items) = target.as_array_mut().filter(|items| !items.is_empty()) {
                    items.push(which.get(items).clone());
                }
            }
            Change::Wrap => *target = json!([target.take()]),
            Change::WrapSome => *target = json!({ "some": target.take() }),
            Change::Unwrap => {
                let inner = match target {
                    Value::Array(items) => items.first().cloned(),
                    Value::Object(object) => object.values().next().cloned(),
                    _ => None,
                };
                *target = inner.unwrap_or_default();
            }
        }
    }
}

fn remove(target: &mut Value, which: &Index) {
    match target {
        Value::Array(items) if !items.is_empty() => drop(items.remove(which.index(items.len()))),
        Value::Object(object) if !object.is_empty() => {
            let keys: Vec<_> = object.keys().cloned().collect();
            object.remove(which.get(&keys));
        }
        _ => {}
    }
}

/// JSON pointers to every place in the document.
fn places(document: &Value) -> Vec<String> {
    let mut found = vec![String::new()];
    let mut next = 0;
    while next < found.len() {
        let here = found[next].clone();
        match document.pointer(&here) {
            Some(Value::Array(items)) => {
                found.extend((0..items.len()).map(|index| format!("{here}/{index}")))
            }
            Some(Value::Object(object)) => found.extend(object.keys().map(|key| format!("{here}/{key}"))),
            _ => {}
        }
        next += 1;
    }
    found
}
