//! Random types, values and changes: schemas, decoder, encoder and the engine keep to one another.

use jsonschema::Validator;
use proptest::prelude::*;
use serde_json::{Value, json};
use wasmtime::Engine;
use wasmtime::component::Val;

use super::PLENTY;
use crate::codec::testing::arbitrary::{FlagCount, any_type, value_of};
use crate::codec::testing::echo::Echo;
use crate::codec::testing::fitting::Choices;
use crate::codec::testing::mutation::mutation;
use crate::codec::testing::respelled::respelled;
use crate::codec::testing::{identity, param};
use crate::codec::{
    ArgumentError, CheckedFunction, Constraint, Function, Param, ResultBody, Type, schema, val,
};

/// A function `func(x: T) -> tuple<T>`, whose result is always `{"result": [x]}`.
struct Subject {
    ty: Type,
    plan: CheckedFunction,
    schema: Value,
    input: Validator,
    output: Validator,
}

impl Subject {
    fn new(ty: &Type) -> Self {
        let function = Function { result: Some(Type::Tuple(vec![ty.clone()])), ..identity(ty) };
        let output = schema::output(&function).expect("a tuple is structured");
        let schema = schema::input(&function);
        Self {
            ty: ty.clone(),
            plan: function.check().expect("nothing is narrowed"),
            input: jsonschema::validator_for(&schema).expect("a valid schema"),
            schema,
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

    /// Returns the form of a value that the input schema accepts; `None` if it has none.
    fn shown(&self, value: &Val) -> Option<Value> {
        let document: Value = serde_json::from_str(&as_arguments(&self.encode(value))).expect("JSON");
        schema::shown::given(&self.ty, &document["x"])
    }
}

/// The arguments that hold what [`Subject::encode`] wrote.
fn as_arguments(result: &str) -> String {
    let inner =
        result.strip_prefix("{\"result\":[").and_then(|text| text.strip_suffix("]}")).expect("wrapped");
    format!("{{\"x\":{inner}}}")
}

/// Tells whether a type of 64 bits or a float is somewhere in it: some of their values no input schema shows.
fn has_more_than_its_schema(ty: &Type) -> bool {
    match ty {
        Type::S64 | Type::U64 | Type::F32 | Type::F64 => true,
        Type::List(inner) | Type::Option(inner) => has_more_than_its_schema(inner),
        Type::Tuple(types) => types.iter().any(has_more_than_its_schema),
        Type::Record(fields) => fields.iter().any(|field| has_more_than_its_schema(&field.ty)),
        Type::Variant(cases) => {
            cases.iter().filter_map(|case| case.payload.as_ref()).any(has_more_than_its_schema)
        }
        Type::Result { ok, err } => ok.iter().chain(err).any(|ty| has_more_than_its_schema(ty)),
        _ => false,
    }
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
    fn what_is_written_fits_its_schema_and_reads_back_the_same(
        (ty, value) in typed_value(FlagCount::Any),
    ) {
        let subject = Subject::new(&ty);
        let written = subject.encode(&value);
        prop_assert!(!written.contains('\n'));
        let document: Value = serde_json::from_str(&written).expect("the encoder writes JSON");
        prop_assert!(subject.output.is_valid(&document), "the output schema refuses {written}");
        prop_assert_eq!(subject.decode(&as_arguments(&written)), Ok(value));
    }

    #[test]
    fn a_value_has_a_form_that_the_input_schema_accepts_and_more_that_the_decoder_accepts(
        (ty, value) in typed_value(FlagCount::Any),
    ) {
        let subject = Subject::new(&ty);
        let shown = match subject.shown(&value) {
            Some(shown) => json!({ "x": shown }),
            None if value == Val::Option(None) => json!({}),
            None => {
                prop_assert!(has_more_than_its_schema(&ty), "{value:?} has no form");
                return Ok(());
            }
        };
        prop_assert!(subject.input.is_valid(&shown), "the input schema refuses {shown}");
        prop_assert_eq!(subject.decode(&shown.to_string()), Ok(value.clone()));
        let more = json!({ "x": respelled(&ty, &shown["x"]) });
        prop_assert_eq!(subject.decode(&more.to_string()), Ok(value), "{}", more);
    }

    #[test]
    fn whatever_a_schema_accepts_its_decoder_accepts(
        ty in any_type(FlagCount::Any),
        numbers in prop::collection::vec(any::<u32>(), 16..64),
    ) {
        let subject = Subject::new(&ty);
        let document = Choices::new(&numbers).fitting(&subject.schema);
        prop_assert!(subject.input.is_valid(&document), "{document} does not fit {}", subject.schema);
        let decoded = subject.decode(&document.to_string());
        prop_assert!(decoded.is_ok(), "the schema accepts {}: {:?}", document, decoded);
    }

    #[test]
    fn whatever_a_schema_accepts_of_changed_json_its_decoder_accepts(
        (ty, value) in typed_value(FlagCount::Any),
        mutations in prop::collection::vec(mutation(), 1..4),
    ) {
        let subject = Subject::new(&ty);
        let mut document = json!({ "x": subject.shown(&value) });
        for mutation in &mutations {
            mutation.apply(&mut document);
        }
        let arguments = document.to_string();
        let accepted = subject.input.is_valid(&document);
        match subject.decode(&arguments) {
            Ok(value) => {
                let again = subject.decode(&as_arguments(&subject.encode(&value)));
                prop_assert_eq!(again, Ok(value));
            }
            Err(error) if accepted => prop_assert!(false, "the schema accepts {}: {}", arguments, error),
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
            prop_assert!(strict.is_ok(), "it is no JSON");
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
    let huge = serde_json::from_str::<Value>("1e400");
    assert!(huge.is_err(), "no reader of JSON gives it to a validator");
    Subject::new(&Type::F64).decode("{\"x\":1e400}").unwrap_err();
    let constraint = Constraint { minimum: Some((1_u64 << 60).into()), ..Constraint::default() };
    let function = Function { params: vec![Param { constraint, ..param("x", Type::U64) }], result: None };
    let input = jsonschema::validator_for(&schema::input(&function)).expect("a valid schema");
    let document = json!({ "x": "18446744073709551616" });
    assert!(input.is_valid(&document));
    super::decode_call(&function, &document.to_string()).unwrap_err();
}
