//! Limits on the way in, obeyed and violated.

use std::time::{Duration, Instant};

use super::echo::{AMPLE, Guest, with_ballast};
use crate::codec::guest::{Budgets, CallError, TimedResult, sample};
use crate::codec::{Case, Field, Function, Label, Type};

fn call(ty: &Type, value: &str, input_bytes: usize) -> Result<TimedResult, CallError> {
    let guest = Guest::echo(ty, "utf8");
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(guest.call_within(&with_ballast(value), Budgets { input_bytes, ..AMPLE }))
}

fn is_over(outcome: &Result<TimedResult, CallError>) -> bool {
    matches!(outcome, Err(CallError::Input { .. }))
}

/// The bytes that the parameters of an echo take without a value, on the host and in the guest.
const FRAME_BYTES: usize = 1024;

#[test]
fn bytes_cost_their_own_size() {
    let value = format!("\"{}\"", "AAAA".repeat(10_000));
    assert!(call(&Type::Bytes, &value, 30_000 + FRAME_BYTES).is_ok());
    assert!(is_over(&call(&Type::Bytes, &value, 30_000)));
}

#[test]
fn a_string_costs_its_own_size_and_once_more_where_it_is_escaped() {
    let plain = format!("\"{}\"", "a".repeat(10_000));
    assert!(call(&Type::String, &plain, 10_000 + FRAME_BYTES).is_ok());
    assert!(is_over(&call(&Type::String, &plain, 10_000)));
    let escaped = format!("\"{}\\n\"", "a".repeat(10_000));
    assert!(call(&Type::String, &escaped, 20_000 + FRAME_BYTES).is_ok());
    assert!(is_over(&call(&Type::String, &escaped, 20_000)));
}

#[test]
fn six_megabytes_of_zeros_are_refused_before_they_are_eight_times_as_many() {
    let zeros = format!("[0{}]", ",0".repeat(3 << 20));
    let list = Type::List(Box::new(Type::U64));
    assert!(is_over(&call(&list, &zeros, 32 << 20)));
    assert!(call(&list, &zeros, 64 << 20).is_ok());
}

#[test]
fn an_argument_nested_deeper_than_its_type_is_refused_where_the_type_ends() {
    let deep = "[".repeat(100_000) + &"]".repeat(100_000);
    let refused = call(&Type::List(Box::new(Type::S8)), &deep, AMPLE.input_bytes);
    let Err(CallError::Argument(error)) = refused else { panic!("{refused:?}") };
    assert_eq!(error.path, "arguments.x[0][0]");
    let broken = "[".repeat(100_000);
    let refused = call(&Type::List(Box::new(Type::S8)), &broken, AMPLE.input_bytes);
    assert!(matches!(refused, Err(CallError::Argument(_))), "{refused:?}");
}

#[test]
fn a_record_reads_its_fields_in_any_order() {
    let field = |name: &str, ty| Field { name: name.into(), ty, docs: None };
    let ty = Type::Record(vec![field("a", Type::U8), field("b", Type::U64), field("c", Type::String)]);
    let reply = call(&ty, r#"{"c":"x","b":2,"a":1}"#, AMPLE.input_bytes).unwrap();
    let crate::codec::ResultBody::Json(json) = reply.encoded.body else { panic!("{reply:?}") };
    assert!(String::from_utf8(json).unwrap().starts_with(r#"{"result":[{"a":1,"b":2,"c":"x"},1,"#));
}

#[test]
fn the_time_for_a_text_does_not_grow_with_the_size_of_its_type() {
    let start = Instant::now();
    let label = |at: usize| Label { name: format!("label_{at:05}"), docs: None };
    let labels: Vec<Label> = (0..10_000).map(label).collect();
    let last = r#""label_09999","#.repeat(200_000);
    let last = format!("[{}]", last.trim_end_matches(','));
    let of = |ty| Type::List(Box::new(ty));
    let cases = |label: Label| Case { name: label.name, payload: None, docs: None };
    let (text, count) = (format!(r#"{{"value":{last}}}"#), 200_000);
    for ty in [of(Type::Enum(labels.clone())), of(Type::Variant(labels.into_iter().map(cases).collect()))] {
        let param = serde_json::json!({"name": "value", "type": ty});
        let function: Function = serde_json::from_value(serde_json::json!({"params": [param]})).unwrap();
        sample::check(function.check().unwrap().params, &text, 64 << 20).unwrap();
    }
    assert!(start.elapsed() < Duration::from_secs(20), "{count} labels took {:?}", start.elapsed());
}
