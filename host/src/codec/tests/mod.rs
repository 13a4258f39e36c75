//! Holds schema, decoder and encoder to `docs/mapping.md`, and to each other.

mod golden;
mod limit;
mod narrowing;
mod property;
mod refused;
mod result;
mod table;

use wasmtime::component::Val;

use super::testing::identity;
use super::{ArgumentError, Function, Type, val};

/// Enough for every value of these tests but those that test the budget.
const PLENTY: usize = 64 << 20;

fn decode_call(function: &Function, arguments: &str) -> Result<Vec<Val>, ArgumentError> {
    val::decode(&function.check().expect("the plan makes sense"), arguments.as_bytes(), PLENTY)
}

/// Reads one argument `x` of type `ty`.
fn decode(ty: &Type, json: &str) -> Result<Val, ArgumentError> {
    decode_call(&identity(ty), &format!("{{\"x\":{json}}}")).map(|mut values| values.swap_remove(0))
}

/// The message for an argument `x` of type `ty` that is refused.
fn refusal(ty: &Type, json: &str) -> String {
    match decode(ty, json) {
        Err(error) => error.to_string(),
        Ok(value) => panic!("{ty:?} accepted {json} as {value:?}"),
    }
}

/// Returns the JSON of a value inside `{"result": ...}`.
fn encode(ty: &Type, value: &Val) -> String {
    // In a tuple, because records and strings get no wrapper.
    let plan = identity(&Type::Tuple(vec![ty.clone()])).check().expect("the plan makes sense");
    let encoded =
        val::encode(&plan, Some(&Val::Tuple(vec![value.clone()])), PLENTY).expect("it fits its type");
    let super::ResultBody::Json(json) = encoded.body else { panic!("a tuple is JSON") };
    let text = String::from_utf8(json).expect("JSON is UTF-8");
    text.strip_prefix("{\"result\":[").and_then(|text| text.strip_suffix("]}")).expect("wrapped").to_owned()
}
