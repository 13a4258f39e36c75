//! Random types, values and changes: schema, decoder, encoder and the engine agree.

use jsonschema::Validator;
use proptest::prelude::*;
use serde_json::{Value, json};
use wasmtime::Engine;
use wasmtime::component::Val;

use super::PLENTY;
use crate::codec::testing::arbitrary::{FlagCount, any_type, value_of};
use crate::codec::testing::echo::Echo;
use crate::codec::testing::identity;
use crate::codec::testing::mutation::mutation;
use crate::codec::{ArgumentError, CheckedFunction, Function, ResultBody, Type, schema, val};

/// A function `func(x: T) -> tuple<T>`, whose result is always `{"result": [x]}`.
struct Subject {
    plan: CheckedFunction,
    input: Validator,
    output: Validator,
}

impl Subject {
    fn new(ty: &Type) -> Self {
        let function = Function { result: Some(Type::Tuple(vec![ty.clone()])), ..identity(ty) };
        let output = schema::output(&function).expect("a tuple is structured");
        Self {
            plan: function.check().expect("nothing is narrowed"),
            input: jsonschema::validator_for(&schema::input(&function)).expect("a valid schema"),
            output: jsonschema::validator_for(&output).expect("a valid schema"),
        }
    }

    /// Writes `{"result": [value]}`.
    fn encode(&self, value: &Val) -> String {
        let result = Val::Tuple(vec![value.clone()]);
        let encoded = val::encode(&self.plan, Some(&result), PLENTY).expect("it fits its type");
        let ResultBody::Json(json) = encoded.body else { panic!("a tuple is JSON") };
        String::from_utf8(json).expect("JSON is UTF-8")
    }

    /// Reads `{"x": value}`.
    fn decode(&self, arguments: &str) -> Result<Val, ArgumentError> {
        val::decode(&self.plan, arguments.as_bytes(), PLENTY).map(|mut values| values.swap_remove(0))
    }
}

/// The arguments that hold what [`Subject::encode`] wrote.
fn as_arguments(result: &str) -> String {
    let inner =
        result.strip_prefix("{\"result\":[").and_then(|text| text.strip_suffix("]}")).expect("wrapped");
    format!("{{\"x\":{inner}}}")
}

/// The documented exceptions: what a decoder may refuse although the schema cannot.
fn is_documented(error: &ArgumentError) -> bool {
    let decimal_out_of_range = || {
        let digits = error.found.trim_matches('"').trim_start_matches('-');
        error.expected.contains("a decimal string from")
            && error.found.starts_with('"')
            && digits.len() >= 19
            && digits.bytes().all(|byte| byte.is_ascii_digit())
    };
    let float_overflow = || {
        let number = error.found.parse::<f64>().unwrap_or(0.0);
        error.expected.starts_with("a finite number") && number.abs() > f32::MAX.into()
    };
    decimal_out_of_range() || float_overflow()
}

fn typed_value(flags: FlagCount) -> impl Strategy<Value = (Type, Val)> {
    any_type(flags).prop_flat_map(|ty| {
        let value = value_of(&ty);
        (Just(ty), value)
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_written_fits_the_schemas_and_reads_back_the_same(
        (ty, value) in typed_value(FlagCount::Any),
    ) {
        let subject = Subject::new(&ty);
        let written = subject.encode(&value);
        prop_assert!(!written.contains('\n'));
        let document: Value = serde_json::from_str(&written).expect("the encoder writes JSON");
        prop_assert!(subject.output.is_valid(&document), "the output schema refuses {written}");
        let arguments = as_arguments(&written);
        let document: Value = serde_json::from_str(&arguments).expect("the encoder writes JSON");
        prop_assert!(subject.input.is_valid(&document), "the input schema refuses {arguments}");
        prop_assert_eq!(subject.decode(&arguments), Ok(value));
    }

    #[test]
    fn a_schema_and_its_decoder_accept_the_same_json(
        (ty, value) in typed_value(FlagCount::Any),
        mutations in prop::collection::vec(mutation(), 1..4),
    ) {
        let subject = Subject::new(&ty);
        let mut document: Value = serde_json::from_str(&as_arguments(&subject.encode(&value))).expect("JSON");
        for mutation in &mutations {
            mutation.apply(&mut document);
        }
        let arguments = document.to_string();
        let accepted = subject.input.is_valid(&document);
        match subject.decode(&arguments) {
            Ok(value) => {
                prop_assert!(accepted, "the schema refuses {arguments}, the decoder reads {value:?}");
                let again = subject.decode(&as_arguments(&subject.encode(&value)));
                prop_assert_eq!(again, Ok(value));
            }
            Err(error) if accepted => prop_assert!(is_documented(&error), "the schema accepts {arguments}: {error}"),
            Err(error) => prop_assert!(error.to_string().lines().count() == 1),
        }
    }

    #[test]
    fn any_text_at_all_is_read_or_refused(
        (ty, value) in typed_value(FlagCount::Any),
        cut in any::<prop::sample::Index>(),
        byte in any::<u8>(),
    ) {
        let subject = Subject::new(&ty);
        let mut bytes = as_arguments(&subject.encode(&value)).into_bytes();
        let at = cut.index(bytes.len());
        let _ = val::decode(&subject.plan, &bytes[..at], PLENTY).expect_err("cut short");
        bytes[at] = byte;
        let strict = serde_json::from_slice::<Value>(&bytes);
        if val::decode(&subject.plan, &bytes, PLENTY).is_ok() {
            prop_assert!(strict.is_ok_and(|document| subject.input.is_valid(&document)));
        }
    }
}

proptest! {
    // Each case compiles a component.
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_real_component_gives_back_what_the_json_said(
        (ty, values) in any_type(FlagCount::Component).prop_flat_map(|ty| {
            let values = prop::collection::vec(value_of(&ty), 8);
            (Just(ty), values)
        }),
    ) {
        let subject = Subject::new(&ty);
        let mut echo = Echo::new(&Engine::default(), &ty);
        for value in values {
            let written = subject.encode(&value);
            let decoded = subject.decode(&as_arguments(&written)).expect("the encoder writes what is read");
            let returned = echo.call(decoded);
            prop_assert_eq!(&returned, &value);
            prop_assert_eq!(subject.encode(&returned), written);
        }
    }
}

#[test]
fn huge_lists_go_through_a_real_component() {
    let bytes = Val::List((0..300_000_u32).map(|n| Val::U8((n % 251) as u8)).collect());
    let numbers = Val::List((0..100_000).map(|n| Val::U64(u64::MAX - n)).collect());
    let text = Val::String("\0\u{1F600}\u{7f}".repeat(50_000));
    for (ty, value) in [
        (Type::Bytes, bytes),
        (Type::List(Box::new(Type::U64)), numbers),
        (Type::String, text),
        (Type::List(Box::new(Type::Bool)), Val::List(vec![])),
    ] {
        let subject = Subject::new(&ty);
        let decoded = subject.decode(&as_arguments(&subject.encode(&value))).expect("within the budget");
        assert!(Echo::new(&Engine::default(), &ty).call(decoded) == value, "{ty:?}");
    }
}

#[test]
fn the_documented_exceptions_are_real() {
    for (ty, value) in [
        (Type::U64, json!("18446744073709551616")),
        (Type::S64, json!("-9223372036854775809")),
        (Type::F32, json!(1e39)),
    ] {
        let subject = Subject::new(&ty);
        let document = json!({ "x": value });
        assert!(subject.input.is_valid(&document));
        assert!(is_documented(&subject.decode(&document.to_string()).unwrap_err()));
    }
}
