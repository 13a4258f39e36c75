//! Arguments that are the same to a guest have the same canonical form, and no others have.

use proptest::prelude::{ProptestConfig, any, prop_assert_eq, proptest};
use serde_json::value::RawValue;

use super::echo::{AMPLE, ENCODINGS, Guest, with_ballast};
use super::random::Random;
use crate::codec::guest::{CallError, canonical};
use crate::codec::testing::{field, identity, list, option, param};
use crate::codec::{Function, Label, Param, Type};

fn form(function: &Function, arguments: &str) -> Result<Vec<u8>, CallError> {
    form_within(function, arguments, AMPLE.input_bytes)
}

fn form_within(function: &Function, arguments: &str, budget_bytes: usize) -> Result<Vec<u8>, CallError> {
    let mut bytes = Vec::new();
    canonical(function, arguments.as_bytes(), budget_bytes, &mut |piece| bytes.extend_from_slice(piece))?;
    Ok(bytes)
}

#[track_caller]
fn same(ty: &Type, spellings: &[&str]) {
    let forms = spellings.iter().map(|json| form(&identity(ty), &format!("{{\"x\":{json}}}")).expect(json));
    let forms: Vec<_> = forms.collect();
    for (json, form) in spellings.iter().zip(&forms) {
        assert_eq!(form, &forms[0], "{json} is not {}", spellings[0]);
    }
}

#[track_caller]
fn different(ty: &Type, values: &[&str]) {
    let mut forms: Vec<_> =
        values.iter().map(|json| form(&identity(ty), &format!("{{\"x\":{json}}}")).expect(json)).collect();
    forms.sort();
    forms.dedup();
    assert_eq!(forms.len(), values.len(), "some of {values:?} have one form");
}

fn record() -> Type {
    Type::Record(vec![field("a", Type::U8), field("b", option(Type::String)), field("c", list(Type::Bool))])
}

#[test]
fn every_spelling_of_a_value_has_one_form() {
    same(&Type::U64, &["10", "10.0", "1e1", "\"10\"", " 10 "]);
    same(&Type::F64, &["1.5", "15e-1", "\"1.5\""]);
    same(&Type::F32, &["0.1", "0.10000000149011612"]);
    same(&Type::Bool, &["true", "\"true\""]);
    same(&Type::String, &["\"a\\u0062\"", "\"ab\""]);
    let (some, none) = (r#"{"a":1,"b":"x","c":[true]}"#, r#"{"a":1,"c":[true]}"#);
    same(&record(), &[some, r#"{ "c":["true"], "b":"x", "a":"1" }"#]);
    same(&record(), &[none, r#"{"a":1,"b":null,"c":[true]}"#]);
    let flags = Type::Flags(["r", "w"].map(|name| Label { name: name.into(), docs: None }).into());
    same(&flags, &[r#"["r","w"]"#, r#"["w","r","w"]"#]);
}

#[test]
fn other_values_have_other_forms() {
    different(&Type::U8, &["0", "1", "255"]);
    different(&Type::F64, &["0", "-0", "1", "\"NaN\"", "\"Infinity\""]);
    different(&Type::String, &["\"\"", "\"a\"", "\"ab\"", "\"\\u0000\""]);
    different(&option(option(Type::U8)), &["null", r#"{"some":null}"#, r#"{"some":0}"#, r#"{"some":1}"#]);
    let (one, two) = (r#"["ab","c"]"#, r#"["a","bc"]"#);
    different(&list(Type::String), &[one, two, r#"["abc"]"#, r#"["abc",""]"#, "[]"]);
    different(&list(list(Type::U16)), &["[[1],[2]]", "[[1,2]]", "[[],[1,2]]", "[[1,2],[]]"]);
    let result = Type::Result { ok: Some(Box::new(Type::U8)), err: Some(Box::new(Type::U8)) };
    different(&result, &[r#"{"ok":1}"#, r#"{"err":1}"#]);
}

#[test]
fn a_default_is_the_same_as_its_absence() {
    let default = RawValue::from_string("\"7\"".into()).ok();
    let params = vec![Param { default, ..param("x", Type::U8) }, param("y", option(Type::U8))];
    let function = Function { params, result: None };
    let absent = form(&function, "{}").unwrap();
    for arguments in [r#"{"x":7}"#, r#"{"x":null,"y":null}"#, r#"{"y":null,"x":"7"}"#] {
        assert_eq!(form(&function, arguments).unwrap(), absent, "{arguments}");
    }
    assert_ne!(form(&function, r#"{"x":8}"#).unwrap(), absent);
    assert_ne!(form(&function, r#"{"y":0}"#).unwrap(), absent);
}

#[test]
fn arguments_that_the_decoder_refuses_have_no_form() {
    let function = identity(&list(Type::U64));
    for arguments in ["", "{}", "[]", r#"{"x":[1,]}"#, r#"{"x":["a"]}"#, r#"{"x":[1],"x":[1]}"#] {
        assert!(matches!(form(&function, arguments), Err(CallError::Argument(_))), "{arguments}");
    }
    let zeros = format!("{{\"x\":[0{}]}}", ",0".repeat(100_000));
    assert!(matches!(form_within(&function, &zeros, 1 << 20), Err(CallError::Input { .. })));
    assert!(form_within(&function, &zeros, 4 << 20).unwrap().len() <= 1 << 20);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, max_shrink_iters: 0, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn two_texts_have_one_form_exactly_if_they_are_one_value_to_a_guest(seed in any::<u64>()) {
        let mut random = Random::new(seed);
        let ty = random.ty(3);
        let guest = Guest::echo(&ty, ENCODINGS[random.below(3)]);
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let function = identity(&guest.plan.checked.params[0].param.ty);
        let mut values: Vec<String> = (0..6).map(|_| random.json(&ty, 40)).collect();
        values.extend(values.clone());
        let results: Vec<_> = values.iter().map(|value| {
            let arguments = with_ballast(value);
            let returned = runtime.block_on(guest.call(&arguments)).ok().map(|reply| reply.encoded);
            (form(&function, &arguments).ok(), returned)
        }).collect();
        for (left, (form, returned)) in values.iter().zip(&results) {
            prop_assert_eq!(form.is_some(), returned.is_some(), "{} of {:?}", left, ty);
            for (right, (other_form, other)) in values.iter().zip(&results) {
                prop_assert_eq!(form == other_form, returned == other, "{} and {} of {:?}", left, right, ty);
            }
        }
    }
}
