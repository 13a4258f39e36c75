//! Every way in which JSON can be refused, with the exact line that a model reads.

use super::{PLENTY, decode_call, refusal};
use crate::codec::testing::{case, field, identity, labels, list, option, param};
use crate::codec::{Function, Type, val};

/// Checks message after message of one type; `arguments.x` is understood.
#[track_caller]
fn refuses(ty: &Type, table: &[(&str, &str)]) {
    for (json, message) in table {
        assert_eq!(refusal(ty, json), format!("arguments.x{message}"), "{json}");
    }
}

#[test]
fn scalars_of_the_wrong_kind_or_size() {
    refuses(
        &Type::Bool,
        &[
            ("\"True\"", ": expected true or false, found \"True\""),
            ("\" true\"", ": expected true or false, found \" true\""),
            ("\"1\"", ": expected true or false, found \"1\""),
            ("1", ": expected true or false, found 1"),
        ],
    );
    refuses(
        &Type::U8,
        &[
            ("256", ": expected an integer from 0 to 255, found 256"),
            ("-1", ": expected an integer from 0 to 255, found -1"),
            ("1.5", ": expected an integer from 0 to 255, found 1.5"),
            ("1e400", ": expected an integer from 0 to 255, found 1e400"),
            ("1e99999999999999999999", ": expected an integer from 0 to 255, found 1e99999999999999999999"),
            ("\"256\"", ": expected an integer from 0 to 255, found \"256\""),
            ("\"seven\"", ": expected an integer from 0 to 255, found \"seven\""),
            ("null", ": expected an integer from 0 to 255, found null"),
            ("[1]", ": expected an integer from 0 to 255, found [1]"),
        ],
    );
    let f64 = "a finite number, or \"NaN\", \"Infinity\" or \"-Infinity\"";
    let texts = [
        "\"inf\"",
        "\"1e400\"",
        "\"\"",
        "\" 1\"",
        "\"1 \"",
        "\"+1\"",
        "\"01\"",
        "\".5\"",
        "\"1.\"",
        "\"0x1\"",
        "\"1_0\"",
    ];
    let numbers = [(Type::F64, "1e400"), (Type::F32, "1e39"), (Type::F64, "true")];
    for (ty, json) in numbers.into_iter().chain(texts.map(|text| (Type::F64, text))) {
        assert_eq!(refusal(&ty, json), format!("arguments.x: expected {f64}, found {json}"));
    }
    let char = "a string of exactly one character";
    for json in ["\"\"", "\"ab\"", "\"\u{e9}e\"", "97", r#""\ud800""#] {
        assert_eq!(refusal(&Type::Char, json), format!("arguments.x: expected {char}, found {json}"));
    }
}

#[test]
fn integers_of_64_bits_that_no_number_holds_exactly() {
    let expected =
        "an integer from 0 to 9007199254740991, or a decimal string from \"0\" to \"18446744073709551615\"";
    let spellings = ["007", "-0", "+1", "1.0", "1e1", " 1", "1 ", "", "0x1", "1_0", "\u{661}"];
    for text in spellings {
        let json = format!("\"{text}\"");
        assert_eq!(refusal(&Type::U64, &json), format!("arguments.x: expected {expected}, found {json}"));
        let narrow = "arguments.x: expected an integer from -128 to 127";
        assert_eq!(refusal(&Type::S8, &json), format!("{narrow}, found {json}"));
    }
    let refused = [
        "9007199254740992",
        "18446744073709551615",
        "18446744073709551616",
        "1.0e19",
        "\"18446744073709551616\"",
        "\"-1\"",
    ];
    for json in refused {
        assert_eq!(refusal(&Type::U64, json), format!("arguments.x: expected {expected}, found {json}"));
    }
    let expected = "an integer from -9007199254740991 to 9007199254740991, \
                    or a decimal string from \"-9223372036854775808\" to \"9223372036854775807\"";
    for json in ["-9007199254740992", "\"9223372036854775808\"", "\"-9223372036854775809\"", "\"-0\""] {
        assert_eq!(refusal(&Type::S64, json), format!("arguments.x: expected {expected}, found {json}"));
    }
}

#[test]
fn text_that_is_not_text() {
    let pairs = ": expected a string with surrogate escapes in pairs only, found ";
    for json in [r#""\ud800""#, r#""\udc00""#, r#""\ud800x""#, r#""\ud800\u0041""#] {
        assert_eq!(refusal(&Type::String, json), format!("arguments.x{pairs}{json}"));
    }
    refuses(
        &Type::String,
        &[("3", ": expected a string, found 3"), ("null", ": expected a string, found null")],
    );
    let plan = identity(&Type::String).check().unwrap();
    let error = val::decode(&plan, b"{\"x\":\"\xff\"}", PLENTY).unwrap_err().to_string();
    assert_eq!(
        error,
        "arguments.x: expected well-formed JSON in UTF-8, found invalid unicode code point at line 1 column 7"
    );
}

#[test]
fn base64_that_is_not_canonical() {
    let expected = "bytes as a string of standard base64 (with padding, unused bits zero)";
    for json in ["\"QQ\"", "\"QR==\"", "\"QUJ=\"", "\"QQ==\\n\"", "\"-_8=\"", "\"=\"", "[65]", "null"] {
        assert_eq!(refusal(&Type::Bytes, json), format!("arguments.x: expected {expected}, found {json}"));
    }
}

#[test]
fn names_that_do_not_exist() {
    let names = labels(&["red", "light_blue"]);
    refuses(
        &Type::Enum(names.clone()),
        &[
            ("\"blue\"", ": expected one of \"red\", \"light_blue\", found \"blue\""),
            ("\"light-blue\"", ": expected one of \"red\", \"light_blue\", found \"light-blue\""),
            ("0", ": expected one of \"red\", \"light_blue\", found 0"),
        ],
    );
    refuses(
        &Type::Flags(names),
        &[
            ("[\"red\",\"blue\"]", "[1]: expected one of \"red\", \"light_blue\", found \"blue\""),
            ("\"red\"", ": expected an array with any of \"red\", \"light_blue\", found \"red\""),
            ("{\"red\":true}", ": expected an array with any of \"red\", \"light_blue\", found an object"),
        ],
    );
    let many: Vec<_> = (0..40).map(|n| format!("c{n}")).collect();
    let many: Vec<_> = many.iter().map(String::as_str).collect();
    let message = refusal(&Type::Enum(labels(&many)), "\"x\"");
    assert!(message.ends_with("\"c11\" and 28 more, found \"x\""), "{message}");
}

#[test]
fn json_inside_a_string_is_refused_with_the_form_to_send() {
    refuses(
        &list(Type::String),
        &[
            (
                r#""[\"a\",\"b\"]""#,
                r#": expected an array, found JSON inside a string: send ["a","b"], not "[\"a\",\"b\"]""#,
            ),
            (r#"" [] ""#, r#": expected an array, found JSON inside a string: send [], not " [] ""#),
            (r#""[a]""#, r#": expected an array, found "[a]""#),
            (r#""null""#, r#": expected an array, found "null""#),
        ],
    );
    let size = Type::Record(vec![field("width", Type::U8)]);
    let sent = r#", found JSON inside a string: send {"width":1}, not "{\"width\":1}""#;
    let keys = ": expected an object with the key \"width\"";
    refuses(&size, &[(r#""{\"width\":1}""#, &format!("{keys}{sent}"))]);
    refuses(&option(size), &[(r#""{\"width\":1}""#, &format!("{keys}{sent}"))]);
    let shape = Type::Variant(vec![case("none", None), case("circle", Some(Type::U8))]);
    let sent = r#"JSON inside a string: send {"circle":1}, not "{\"circle\":1}""#;
    let expected = ": expected one of \"none\", {\"circle\": ...}, found ";
    refuses(&shape, &[(r#""{\"circle\":1}""#, &format!("{expected}{sent}"))]);
    let flags = Type::Flags(labels(&["red"]));
    let sent = r#"JSON inside a string: send ["red"], not "[\"red\"]""#;
    refuses(&flags, &[(r#""[\"red\"]""#, &format!(": expected an array with any of \"red\", found {sent}"))]);
    let nested = option(option(Type::U8));
    let sent = r#"JSON inside a string: send {"some":1}, not "{\"some\":1}""#;
    let expected = ": expected null or {\"some\": ...}, found ";
    refuses(&nested, &[(r#""{\"some\":1}""#, &format!("{expected}{sent}"))]);
    let long = format!("\"[{}]\"", "1,".repeat(1000) + "1");
    let message = refusal(&list(Type::U8), &long);
    assert!(message.len() < 300 && message.contains("send [1,1,1"), "{message}");
}

#[test]
fn arrays_of_the_wrong_shape() {
    refuses(
        &list(Type::U8),
        &[
            ("3", ": expected an array, found 3"),
            ("[1,true]", "[1]: expected an integer from 0 to 255, found true"),
        ],
    );
    let pair = Type::Tuple(vec![Type::U8, Type::U8]);
    refuses(
        &pair,
        &[
            ("[1]", ": expected an array of 2 items, found 1 item"),
            ("[1,2,3]", ": expected an array of 2 items, found more"),
            ("{}", ": expected an array of 2 items, found an object"),
        ],
    );
}

#[test]
fn records_with_keys_missing_unknown_or_repeated() {
    let size = Type::Record(vec![field("width", Type::U8), field("label", option(Type::String))]);
    refuses(
        &size,
        &[
            ("{}", ".width: expected an integer from 0 to 255, found nothing (the key is missing)"),
            ("{\"width\":300}", ".width: expected an integer from 0 to 255, found 300"),
            (
                "{\"width\":1,\"depth\":2}",
                ": expected an object with the keys \"width\", \"label\", found the key \"depth\"",
            ),
            ("{\"width\":1,\"width\":1}", ".width: expected each key once, found the key again"),
            ("{\"width\":1,\"w\\u0069dth\":1}", ".width: expected each key once, found the key again"),
            ("{\"width\":1,\"label\":3}", ".label: expected a string, found 3"),
            ("null", ": expected an object with the keys \"width\", \"label\", found null"),
            ("[1]", ": expected an object with the keys \"width\", \"label\", found an array"),
        ],
    );
}

#[test]
fn variants_in_another_form_than_their_case_has() {
    let shape = Type::Variant(vec![case("none", None), case("circle", Some(Type::U8))]);
    let expected = ": expected one of \"none\", {\"circle\": ...}, found";
    for (json, found) in [
        ("\"circle\"", "\"circle\""),
        ("\"square\"", "\"square\""),
        ("{\"none\":null}", "an object with the key \"none\""),
        ("{\"square\":1}", "an object with the key \"square\""),
        ("{}", "an object without keys"),
        ("null", "null"),
        ("[]", "an array"),
        ("1.5", "1.5"),
    ] {
        assert_eq!(refusal(&shape, json), format!("arguments.x{expected} {found}"), "{json}");
    }
    refuses(
        &shape,
        &[
            (
                "{\"circle\":1,\"none\":null}",
                ": expected an object with a single key, found another key, \"none\"",
            ),
            ("{\"circle\":300}", ".circle: expected an integer from 0 to 255, found 300"),
        ],
    );
    let result = Type::Result { ok: Some(Box::new(Type::U8)), err: None };
    refuses(&result, &[("\"ok\"", ": expected one of {\"ok\": ...}, \"err\", found \"ok\"")]);
}

#[test]
fn wrapped_options_in_another_form() {
    let nested = option(option(Type::U8));
    refuses(
        &nested,
        &[
            ("3", ": expected null or {\"some\": ...}, found 3"),
            ("{}", ": expected null or {\"some\": ...}, found an object without keys"),
            ("{\"none\":1}", ": expected null or {\"some\": ...}, found the key \"none\""),
            (
                "{\"some\":1,\"some\":2}",
                ": expected an object with a single key, found another key, \"some\"",
            ),
            ("{\"some\":300}", ".some: expected an integer from 0 to 255, found 300"),
        ],
    );
}

#[test]
fn arguments_that_are_not_the_parameters() {
    let function =
        Function { params: vec![param("a", Type::U8), param("b", option(Type::U8))], result: None };
    let keys = "an object with the keys \"a\", \"b\"";
    for (json, message) in [
        ("{}", "arguments.a: expected an integer from 0 to 255, found nothing (the key is missing)".into()),
        ("{\"a\":1,\"c\":1}", format!("arguments: expected {keys}, found the key \"c\"")),
        ("{\"a\":1,\"a\":1}", "arguments.a: expected each key once, found the key again".into()),
        ("null", format!("arguments: expected {keys}, found null")),
        ("[1]", format!("arguments: expected {keys}, found an array")),
    ] {
        assert_eq!(decode_call(&function, json).unwrap_err().to_string(), message);
    }
    let nothing = Function { params: vec![], result: None };
    let error = decode_call(&nothing, "{\"a\":1}").unwrap_err().to_string();
    assert_eq!(error, "arguments: expected an object without keys, found the key \"a\"");
    assert_eq!(decode_call(&nothing, "{}"), Ok(vec![]));
}

#[test]
fn malformed_json_says_where() {
    let function = identity(&list(Type::U8));
    for (json, found) in [
        ("", "EOF while parsing a value at line 1 column 0"),
        ("{\"x\":[1,]}", "trailing comma at line 1 column 9"),
        ("{\"x\":[1]} {}", "trailing characters at line 1 column 11"),
        ("{\"x\":[01]}", "invalid number at line 1 column 8"),
    ] {
        let message = decode_call(&function, json).unwrap_err().to_string();
        assert!(message.contains("expected well-formed JSON in UTF-8"), "{message}");
        assert!(message.ends_with(found), "{message}");
    }
}

#[test]
fn json_nested_deeply_never_overflows_the_stack() {
    for depth in [100, 1_000, 1_000_000] {
        let json = "[".repeat(depth);
        for ty in
            [Type::U8, Type::String, list(list(Type::U8)), Type::Tuple(vec![Type::U8]), option(Type::Bool)]
        {
            refusal(&ty, &json);
            refusal(&ty, &format!("{json}{}", "]".repeat(depth)));
        }
        refusal(&Type::Tuple(vec![Type::U8]), &format!("[1,{json}{}]", "]".repeat(depth)));
    }
}

#[test]
fn what_was_found_is_shortened_and_escaped() {
    let long = format!("\"{}\"", "a".repeat(10_000));
    let found = format!("\"{}...", "a".repeat(59));
    assert_eq!(
        refusal(&Type::U8, &long),
        format!("arguments.x: expected an integer from 0 to 255, found {found}")
    );
    let hidden = refusal(&Type::U8, "\"a\u{202e}b\u{7f}\"");
    assert_eq!(hidden, r#"arguments.x: expected an integer from 0 to 255, found "a\u{202e}b\u{7f}""#);
    let lines = refusal(&Type::U8, "[\n\t1\r\n]");
    assert_eq!(lines, "arguments.x: expected an integer from 0 to 255, found [  1  ]");
    let key = format!("{{\"x\":1,\"{}\\n\":1}}", "k".repeat(100));
    let error = decode_call(&identity(&Type::U8), &key).unwrap_err();
    assert_eq!(error.found, format!("the key \"{}...", "k".repeat(59)));
}

#[test]
fn patterns_that_are_large_together_are_refused_with_the_one_too_many() {
    let param = |at: usize| {
        serde_json::json!({"name": format!("p{at}"), "type": "string",
            "constraint": {"pattern": format!("^[a-z]{{1,5000}}{at}$")}})
    };
    let function = |count: usize| -> Function {
        let params: Vec<_> = (0..count).map(param).collect();
        serde_json::from_value(serde_json::json!({ "params": params })).unwrap()
    };
    assert!(function(4).check().is_ok());
    let error = function(100).check().unwrap_err().to_string();
    assert!(
        error.contains("the patterns of the function take tables of more than 2 MiB together"),
        "{error}"
    );
}
