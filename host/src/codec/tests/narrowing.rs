//! Constraints, defaults, examples and headers: shown by the schema, enforced by the decoder.

use serde_json::{Value, json};
use wasmtime::component::Val;

use super::decode_call;
use crate::codec::testing::{case, field, list, option, param};
use crate::codec::{Constraint, Function, Param, PlanError, Type, schema};

fn constrained(ty: Type, constraint: Value) -> Param {
    let constraint: Constraint = serde_json::from_value(constraint).expect("a constraint");
    Param { constraint, ..param("x", ty) }
}

fn function(param: Param) -> Function {
    Function { params: vec![param], result: None }
}

/// Returns the schema of `x`.
fn shown(param: &Param) -> Value {
    schema::input(&function(param.clone()))["properties"]["x"].clone()
}

/// Checks that the decoder reads values that the schema does not show.
#[track_caller]
fn reads_more(param: &Param, values: &[Value]) {
    let validator = jsonschema::validator_for(&schema::input(&function(param.clone()))).expect("a schema");
    for value in values {
        let call = json!({ "x": value });
        assert!(!validator.is_valid(&call), "the schema accepts {value}");
        decode_call(&function(param.clone()), &call.to_string()).expect("the decoder accepts");
    }
}

/// Checks that the schema is as given and that decoder and schema treat the values alike.
#[track_caller]
fn agrees(param: &Param, expected: Value, accepted: &[Value], refused: &[Value]) {
    assert_eq!(shown(param), expected);
    let validator = jsonschema::validator_for(&schema::input(&function(param.clone()))).expect("a schema");
    for value in accepted {
        let call = json!({ "x": value });
        assert!(validator.is_valid(&call), "the schema refuses {value}");
        decode_call(&function(param.clone()), &call.to_string()).expect("the decoder accepts");
    }
    for value in refused {
        let call = json!({ "x": value });
        assert!(!validator.is_valid(&call), "the schema accepts {value}");
        decode_call(&function(param.clone()), &call.to_string()).expect_err("the decoder refuses");
    }
}

fn message(param: Param, json: &str) -> String {
    decode_call(&function(param), &format!("{{\"x\":{json}}}")).unwrap_err().to_string()
}

#[test]
fn numbers_keep_within_minimum_and_maximum() {
    let small = constrained(Type::U64, json!({ "minimum": 1, "maximum": 10 }));
    agrees(
        &small,
        json!({ "type": "integer", "minimum": 1, "maximum": 10, "description": "An integer from 1 to 10." }),
        &[json!(1), json!(10.0)],
        &[json!(0), json!(11), json!("0"), json!("11"), json!(1.5)],
    );
    reads_more(&small, &[json!("1"), json!("10")]);
    assert_eq!(message(small, "11"), "arguments.x: expected an integer from 1 to 10, found 11");
    let ratio = constrained(Type::F32, json!({ "minimum": 0, "maximum": 0.1 }));
    agrees(
        &ratio,
        json!({ "type": "number", "minimum": 0, "maximum": 0.1, "description": "A number from 0 to 0.1." }),
        &[json!(0), json!(-0.0), json!(0.1)],
        &[json!(0.100_000_1), json!("0.1000001"), json!(-1), json!("-1"), json!("NaN"), json!("Infinity")],
    );
    reads_more(&ratio, &[json!("0.1"), json!("0")]);
    assert_eq!(message(ratio, "2"), "arguments.x: expected a number from 0 to 0.1, found 2");
    for (ty, bounds, maximum) in [
        (Type::F32, json!({ "minimum": 1 }), Some(3.402_823_5e38)),
        (Type::F32, json!({ "minimum": 1, "maximum": 1e39 }), Some(3.402_823_5e38)),
        (Type::F64, json!({ "minimum": 1, "maximum": 1e39 }), Some(1e39)),
        (Type::F64, json!({ "minimum": 1 }), None),
    ] {
        let shown = shown(&constrained(ty, bounds));
        assert_eq!((shown["minimum"].as_f64(), shown["maximum"].as_f64()), (Some(1.0), maximum), "{shown}");
    }
}

#[test]
fn minimum_alone_leaves_the_type_its_own_maximum() {
    let positive = constrained(Type::U8, json!({ "minimum": 1 }));
    agrees(
        &positive,
        json!({ "type": "integer", "minimum": 1, "maximum": 255, "description": "An integer from 1 to 255." }),
        &[json!(255)],
        &[json!(0), json!(256)],
    );
    let large = constrained(Type::U64, json!({ "minimum": 1 }));
    let call = |json: &str| decode_call(&function(large.clone()), &format!("{{\"x\":{json}}}"));
    assert_eq!(call("\"18446744073709551615\""), Ok(vec![Val::U64(u64::MAX)]));
    assert!(call("\"0\"").is_err(), "the range of decimal strings is enforced though no schema can say it");
}

#[test]
fn strings_keep_their_length_and_pattern() {
    let slug = constrained(Type::String, json!({ "min-length": 2, "max-length": 3, "pattern": "^[a-z]+$" }));
    agrees(
        &slug,
        json!({
            "type": "string", "minLength": 2, "maxLength": 3, "pattern": "^[a-z]+$",
            "description": "A string of 2 to 3 characters matching the pattern ^[a-z]+$.",
        }),
        &[json!("ab"), json!("abc")],
        &[json!("a"), json!("abcd"), json!("AB"), json!("ab\n")],
    );
    let expected =
        "arguments.x: expected a string of 2 to 3 characters matching the pattern ^[a-z]+$, found \"A\"";
    assert_eq!(message(slug, "\"A\""), expected);
    let faces = constrained(Type::String, json!({ "max-length": 1 }));
    let words = "A string of at most 1 character.";
    let shown = json!({ "type": "string", "maxLength": 1, "description": words });
    agrees(&faces, shown, &[json!("\u{1F600}")], &[json!("e\u{301}")]);
}

#[test]
fn lists_keep_their_count() {
    let few = constrained(list(Type::U8), json!({ "min-items": 1, "max-items": 2 }));
    let items = json!({ "type": "integer", "minimum": 0, "maximum": 255, "description": "An integer from 0 to 255." });
    let words = "An array of 1 to 2 items.";
    agrees(
        &few,
        json!({ "type": "array", "items": items, "minItems": 1, "maxItems": 2, "description": words }),
        &[json!([1]), json!([1, 2])],
        &[json!([]), json!([1, 2, 3])],
    );
    assert_eq!(message(few, "[]"), "arguments.x: expected an array of 1 to 2 items, found 0 items");
}

#[test]
fn constraints_reach_through_options() {
    let maybe = constrained(option(Type::U8), json!({ "maximum": 9 }));
    let words = "An integer from 0 to 9.";
    let plain = json!({ "type": "integer", "minimum": 0, "maximum": 9, "description": words });
    agrees(&maybe, plain, &[json!(9)], &[json!(10)]);
    reads_more(&maybe, &[json!(null), json!("9")]);
    let nested = constrained(option(option(Type::String)), json!({ "max-length": 1 }));
    let accepted = [json!({ "some": null }), json!({ "some": "a" })];
    agrees(&nested, shown(&nested), &accepted, &[json!({ "some": "ab" }), json!("a")]);
    reads_more(&nested, &[json!(null)]);
}

#[test]
fn defaults_fill_what_is_absent_and_examples_are_shown() {
    let raw = serde_json::value::to_raw_value(&7).unwrap();
    let with_default = Param { default: Some(raw), examples: vec![json!(3)], ..param("x", Type::U8) };
    let words = "An integer from 0 to 255. Default: 7.";
    let expected = json!({
        "type": "integer", "minimum": 0, "maximum": 255, "description": words, "default": 7, "examples": [3],
    });
    assert_eq!(shown(&with_default), expected);
    let function = function(with_default);
    assert_eq!(schema::input(&function).get("required"), None);
    assert_eq!(decode_call(&function, "{}"), Ok(vec![Val::U8(7)]));
    assert_eq!(decode_call(&function, "{\"x\":1}"), Ok(vec![Val::U8(1)]));
    assert_eq!(decode_call(&function, "{\"x\": null }"), Ok(vec![Val::U8(7)]), "null counts as absent");
    assert!(decode_call(&function, "{\"x\":null,\"x\":1}").is_err(), "but the key was there");
    assert!(decode_call(&function, "{\"x\":nul}").is_err());
    let raw = serde_json::value::to_raw_value(&7).unwrap();
    let optional = Param { default: Some(raw), ..param("x", option(Type::U8)) };
    assert_eq!(shown(&optional)["description"], "An integer from 0 to 255. Default: 7. Null means no value.");
    let none = decode_call(&self::function(optional), "{\"x\":null}");
    assert_eq!(none, Ok(vec![Val::Option(None)]), "where null is a value, it is that value");
    let required = decode_call(&self::function(param("x", Type::U8)), "{\"x\":null}");
    assert!(required.is_err(), "a parameter without default is required");
}

fn raw(value: Value) -> Option<Box<serde_json::value::RawValue>> {
    serde_json::value::to_raw_value(&value).ok()
}

#[test]
fn defaults_and_examples_are_shown_in_a_form_that_the_schema_accepts() {
    let size = Type::Record(vec![field("width", Type::U8), field("label", option(Type::String))]);
    let shape =
        Type::Variant(vec![case("none", None), case("at", Some(Type::Tuple(vec![Type::F64, Type::Bool])))]);
    for (ty, written, expected) in [
        (Type::U8, json!("7"), json!(7)),
        (Type::U64, json!("7"), json!(7)),
        (Type::F64, json!("1.5"), json!(1.5)),
        (Type::Bool, json!("true"), json!(true)),
        (option(Type::U8), json!("7"), json!(7)),
        (option(option(Type::U8)), json!({ "some": "7" }), json!({ "some": 7 })),
        (option(option(Type::U8)), json!({ "some": null }), json!({ "some": null })),
        (size.clone(), json!({ "width": "1", "label": null }), json!({ "width": 1 })),
        (list(option(Type::U8)), json!([null, "1"]), json!([null, 1])),
        (shape.clone(), json!({ "at": ["1", "true"] }), json!({ "at": [1, true] })),
        (shape, json!("none"), json!("none")),
    ] {
        let given =
            Param { default: raw(written.clone()), examples: vec![written.clone()], ..param("x", ty) };
        let shown = shown(&given);
        assert_eq!((&shown["default"], &shown["examples"]), (&expected, &json!([expected])), "{written}");
        let function = function(given);
        let validator = jsonschema::validator_for(&schema::input(&function)).expect("a schema");
        assert!(validator.is_valid(&json!({ "x": expected })), "{expected}");
        let call = json!({ "x": expected }).to_string();
        assert_eq!(decode_call(&function, "{}"), decode_call(&function, &call), "{written}");
    }
}

#[test]
fn a_default_that_the_schema_does_not_accept_is_said_in_words() {
    let text = |ty: Type, written: Value| {
        let shown =
            shown(&Param { default: raw(written.clone()), examples: vec![written], ..param("x", ty) });
        assert_eq!((shown.get("default"), shown.get("examples")), (None, None), "{shown}");
        shown["description"].as_str().unwrap_or_default().to_owned()
    };
    let wide = text(Type::U64, json!("18446744073709551615"));
    assert!(wide.ends_with("\"18446744073709551615\". Default: \"18446744073709551615\"."), "{wide}");
    let float = text(Type::F64, json!("NaN"));
    assert!(float.ends_with("\"-Infinity\". Default: \"NaN\"."), "{float}");
    let of_option = text(option(Type::F64), json!("NaN"));
    assert!(of_option.ends_with(" Default: \"NaN\". Null means no value."), "{of_option}");
    let of_none = text(option(Type::U8), json!(null));
    assert_eq!(of_none, "An integer from 0 to 255.", "null is what its absence means anyway");
}

#[test]
fn a_header_is_shown_on_a_plain_type_and_null_counts_as_absent() {
    let mirrored = Param { header: Some("Region".into()), ..param("x", option(Type::String)) };
    agrees(&mirrored, json!({ "type": "string", "x-mcp-header": "Region" }), &[json!("eu")], &[json!(1)]);
    let some = Val::Option(Some(Box::new(Val::String("eu".into()))));
    assert_eq!(decode_call(&function(mirrored.clone()), "{\"x\":\"eu\"}"), Ok(vec![some]));
    assert_eq!(decode_call(&function(mirrored.clone()), "{}"), Ok(vec![Val::Option(None)]));
    assert_eq!(decode_call(&function(mirrored), "{\"x\":null}"), Ok(vec![Val::Option(None)]));
}

#[test]
fn plans_that_make_no_sense_are_refused() {
    let refused = |param: Param| function(param).check().expect_err("makes no sense").to_string();
    let unfitting = refused(constrained(Type::U8, json!({ "max-length": 1 })));
    assert_eq!(unfitting, "parameter `x`: `max-length` does not apply to its type");
    for ty in [Type::String, Type::Bytes, Type::Bool, list(Type::U8)] {
        refused(constrained(ty, json!({ "minimum": 1 })));
    }
    for constraint in
        [json!({ "minimum": 256 }), json!({ "minimum": 2, "maximum": 1 }), json!({ "minimum": 0.5 })]
    {
        let empty = refused(constrained(Type::U8, constraint));
        assert_eq!(empty, "parameter `x`: its bounds leave no value of its type");
    }
    refused(constrained(Type::String, json!({ "min-length": 2, "max-length": 1 })));
    let pattern = function(constrained(Type::String, json!({ "pattern": "(" }))).check();
    assert!(matches!(pattern, Err(PlanError::Pattern { .. })));
    let raw = serde_json::value::to_raw_value(&300).unwrap();
    let default = refused(Param { default: Some(raw), ..param("x", Type::U8) });
    assert_eq!(
        default,
        "the default of parameter `x` is invalid (arguments.x: expected an integer from 0 to 255, found 300)"
    );
    refused(Param { examples: vec![json!("a")], ..param("x", Type::U8) });
    for ty in [Type::F64, Type::U64, list(Type::U8)] {
        refused(Param { header: Some("N".into()), ..param("x", ty) });
    }
}
