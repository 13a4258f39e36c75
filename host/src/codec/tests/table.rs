//! Every row of the mapping: JSON that is accepted, the value it means, and how that value is written.

use wasmtime::component::Val;

use super::{decode, encode};
use crate::codec::Type;
use crate::codec::testing::{case, field, labels, list, option};

/// Checks that `json` is read as `value`, and that `value` is written as `written`.
#[track_caller]
fn reads(ty: &Type, json: &str, value: Val, written: &str) {
    assert_eq!(decode(ty, json).as_ref(), Ok(&value), "{json} as {ty:?}");
    assert_eq!(encode(ty, &value), written, "{value:?}");
    assert_eq!(decode(ty, written), Ok(value), "{written} read again");
}

fn some(value: Val) -> Val {
    Val::Option(Some(Box::new(value)))
}

fn string(text: &str) -> Val {
    Val::String(text.into())
}

#[test]
fn booleans_and_small_integers_are_themselves() {
    reads(&Type::Bool, "true", Val::Bool(true), "true");
    reads(&Type::Bool, " false ", Val::Bool(false), "false");
    reads(&Type::S8, "-128", Val::S8(-128), "-128");
    reads(&Type::U8, "255", Val::U8(255), "255");
    reads(&Type::S16, "-32768", Val::S16(-32768), "-32768");
    reads(&Type::U16, "65535", Val::U16(65535), "65535");
    reads(&Type::S32, "-2147483648", Val::S32(i32::MIN), "-2147483648");
    reads(&Type::U32, "4294967295", Val::U32(u32::MAX), "4294967295");
}

#[test]
fn integers_are_accepted_in_every_spelling_that_is_exactly_integral() {
    for (json, value) in
        [("1.0", 1), ("1e2", 100), ("1E+2", 100), ("2550e-1", 255), ("0.07e3", 70), ("-0", 0)]
    {
        reads(&Type::U8, json, Val::U8(value), &value.to_string());
    }
    reads(&Type::S8, "-0.0e99999999999999999999", Val::S8(0), "0");
    reads(&Type::S8, "-1.20e1", Val::S8(-12), "-12");
    reads(&Type::U64, "9.007199254740991e15", Val::U64((1 << 53) - 1), "9007199254740991");
}

#[test]
fn integers_of_64_bits_are_strings_beyond_what_a_number_holds() {
    reads(&Type::U64, "9007199254740991", Val::U64((1 << 53) - 1), "9007199254740991");
    reads(&Type::U64, "\"9007199254740992\"", Val::U64(1 << 53), "\"9007199254740992\"");
    reads(&Type::U64, "\"18446744073709551615\"", Val::U64(u64::MAX), "\"18446744073709551615\"");
    reads(&Type::U64, "\"7\"", Val::U64(7), "7");
    reads(&Type::U64, "\"\\u0037\"", Val::U64(7), "7");
    reads(&Type::S64, "\"-9223372036854775808\"", Val::S64(i64::MIN), "\"-9223372036854775808\"");
    reads(&Type::S64, "-9007199254740991", Val::S64(1 - (1 << 53)), "-9007199254740991");
}

#[test]
fn floats_are_rounded_once_and_written_as_short_as_they_read_back() {
    reads(&Type::F32, "0.1", Val::Float32(0.1), "0.1");
    reads(&Type::F64, "0.1", Val::Float64(0.1), "0.1");
    reads(&Type::F64, "5", Val::Float64(5.0), "5.0");
    reads(&Type::F64, "-0", Val::Float64(-0.0), "-0.0");
    reads(&Type::F32, "-0.0", Val::Float32(-0.0), "-0.0");
    reads(&Type::F32, "3.4028235e38", Val::Float32(f32::MAX), "3.4028235e+38");
    reads(&Type::F64, "5e-324", Val::Float64(5e-324), "5e-324");
    // Halfway between two floats for a reader that rounds to f64 first.
    let tie = "1.000000059604644775390625000000000000000000000000000001";
    assert_eq!(decode(&Type::F32, tie), Ok(Val::Float32(1.000_000_1)));
    reads(&Type::F64, "\"NaN\"", Val::Float64(f64::NAN), "\"NaN\"");
    reads(&Type::F32, "\"Infinity\"", Val::Float32(f32::INFINITY), "\"Infinity\"");
    reads(&Type::F32, "\"-Infinity\"", Val::Float32(f32::NEG_INFINITY), "\"-Infinity\"");
}

#[test]
fn numbers_and_booleans_are_also_read_from_strings_that_hold_nothing_else() {
    reads(&Type::Bool, "\"true\"", Val::Bool(true), "true");
    reads(&Type::Bool, "\"fa\\u006cse\"", Val::Bool(false), "false");
    reads(&Type::S8, "\"-128\"", Val::S8(-128), "-128");
    reads(&Type::U8, "\"255\"", Val::U8(255), "255");
    reads(&Type::S16, "\"-1\"", Val::S16(-1), "-1");
    reads(&Type::U16, "\"65535\"", Val::U16(65535), "65535");
    reads(&Type::S32, "\"-2147483648\"", Val::S32(i32::MIN), "-2147483648");
    reads(&Type::U32, "\"0\"", Val::U32(0), "0");
    reads(&Type::F64, "\"1.5\"", Val::Float64(1.5), "1.5");
    reads(&Type::F64, "\"-0\"", Val::Float64(-0.0), "-0.0");
    reads(&Type::F64, "\"1E+2\"", Val::Float64(100.0), "100.0");
    reads(&Type::F32, "\"0.1\"", Val::Float32(0.1), "0.1");
    let tie = "\"1.000000059604644775390625000000000000000000000000000001\"";
    assert_eq!(decode(&Type::F32, tie), Ok(Val::Float32(1.000_000_1)), "rounded once, from the text");
    reads(
        &list(option(Type::U8)),
        "[\"1\", null]",
        Val::List(vec![some(Val::U8(1)), Val::Option(None)]),
        "[1,null]",
    );
    reads(&Type::String, "\"1\"", string("1"), "\"1\"");
}

#[test]
fn text_is_kept_to_the_last_code_point() {
    reads(&Type::String, r#""a\u0000\n\"""#, string("a\0\n\""), r#""a\u0000\n\"""#);
    reads(&Type::String, r#""\ud83d\ude00""#, string("\u{1F600}"), "\"\u{1F600}\"");
    reads(&Type::String, "\"e\u{301}\"", string("e\u{301}"), "\"e\u{301}\"");
    reads(&Type::Char, r#""\ud83d\ude00""#, Val::Char('\u{1F600}'), "\"\u{1F600}\"");
    reads(&Type::Char, r#""\u0000""#, Val::Char('\0'), r#""\u0000""#);
}

#[test]
fn bytes_are_base64() {
    let bytes = |bytes: &[u8]| Val::List(bytes.iter().copied().map(Val::U8).collect());
    reads(&Type::Bytes, "\"\"", bytes(&[]), "\"\"");
    reads(&Type::Bytes, "\"AA==\"", bytes(&[0]), "\"AA==\"");
    reads(&Type::Bytes, "\"+/8=\"", bytes(&[0xfb, 0xff]), "\"+/8=\"");
    reads(&Type::Bytes, "\"\\u0051UJD\"", bytes(b"ABC"), "\"QUJD\"");
    let long: Vec<u8> = (0..2000_u32).map(|n| (n % 251) as u8).collect();
    let value = bytes(&long);
    assert_eq!(decode(&Type::Bytes, &encode(&Type::Bytes, &value)), Ok(value));
}

#[test]
fn lists_and_tuples_are_arrays() {
    reads(&list(Type::U16), "[]", Val::List(vec![]), "[]");
    reads(&list(Type::U16), "[1, 2]", Val::List(vec![Val::U16(1), Val::U16(2)]), "[1,2]");
    let pair = Type::Tuple(vec![Type::Bool, Type::String]);
    reads(&pair, "[true,\"x\"]", Val::Tuple(vec![Val::Bool(true), string("x")]), "[true,\"x\"]");
}

#[test]
fn records_are_objects_with_keys_in_any_order() {
    let ty = Type::Record(vec![field("max_size", Type::U8), field("label", option(Type::String))]);
    let value = |label| Val::Record(vec![("max-size".into(), Val::U8(1)), ("label".into(), label)]);
    reads(&ty, r#"{"label":"a","max_size":1}"#, value(some(string("a"))), r#"{"max_size":1,"label":"a"}"#);
    reads(&ty, r#"{"max_size":1}"#, value(Val::Option(None)), r#"{"max_size":1,"label":null}"#);
    reads(&ty, r#"{"max_size":1,"label":null}"#, value(Val::Option(None)), r#"{"max_size":1,"label":null}"#);
}

#[test]
fn enums_are_names_and_flags_are_arrays_of_them() {
    let names = labels(&["red", "light_blue"]);
    reads(&Type::Enum(names.clone()), "\"light_blue\"", Val::Enum("light-blue".into()), "\"light_blue\"");
    let flags = Type::Flags(names);
    reads(&flags, "[]", Val::Flags(vec![]), "[]");
    let both = Val::Flags(vec!["red".into(), "light-blue".into()]);
    reads(&flags, "[\"light_blue\",\"red\"]", both, "[\"red\",\"light_blue\"]");
    let red = Val::Flags(vec!["red".into()]);
    reads(&flags, "[\"red\",\"red\"]", red, "[\"red\"]");
}

#[test]
fn options_are_wrapped_only_where_null_would_be_ambiguous() {
    reads(&option(Type::U8), "null", Val::Option(None), "null");
    reads(&option(Type::U8), "3", some(Val::U8(3)), "3");
    let nested = option(option(Type::U8));
    reads(&nested, "null", Val::Option(None), "null");
    reads(&nested, "{\"some\":null}", some(Val::Option(None)), "{\"some\":null}");
    reads(&nested, "{\"some\":3}", some(some(Val::U8(3))), "{\"some\":3}");
    let thrice = option(nested);
    reads(&thrice, "{\"some\":{\"some\":3}}", some(some(some(Val::U8(3)))), "{\"some\":{\"some\":3}}");
    assert_eq!(decode(&list(option(Type::U8)), "[null]"), Ok(Val::List(vec![Val::Option(None)])));
}

#[test]
fn variants_are_names_or_objects_of_one_key() {
    let ty = Type::Variant(vec![
        case("none", None),
        case("circle", Some(Type::F32)),
        case("maybe", Some(option(Type::U8))),
    ]);
    let variant = |name: &str, value: Option<Val>| Val::Variant(name.into(), value.map(Box::new));
    reads(&ty, "\"none\"", variant("none", None), "\"none\"");
    reads(&ty, "{\"circle\":1.5}", variant("circle", Some(Val::Float32(1.5))), "{\"circle\":1.5}");
    reads(&ty, "{\"maybe\":null}", variant("maybe", Some(Val::Option(None))), "{\"maybe\":null}");
}

#[test]
fn nested_results_are_written_like_variants() {
    let ty = Type::Result { ok: Some(Box::new(Type::U8)), err: None };
    reads(&ty, "{\"ok\":3}", Val::Result(Ok(Some(Box::new(Val::U8(3))))), "{\"ok\":3}");
    reads(&ty, "\"err\"", Val::Result(Err(None)), "\"err\"");
    let unit = Type::Result { ok: None, err: Some(Box::new(Type::String)) };
    reads(&unit, "\"ok\"", Val::Result(Ok(None)), "\"ok\"");
    reads(&unit, "{\"err\":\"no\"}", Val::Result(Err(Some(Box::new(string("no"))))), "{\"err\":\"no\"}");
}
