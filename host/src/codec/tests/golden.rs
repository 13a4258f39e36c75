//! Schemas as clients see them, one file per kind of type. `TOOLCELL_BLESS=1` rewrites the files.

use serde_json::{Value, json};

use crate::codec::testing::{case, field, identity, labels, list, option, param};
use crate::codec::{Case, Constraint, Field, Function, Label, Param, Type, schema};

/// Compares a function's schemas with `golden/<name>.json`.
#[track_caller]
fn golden(name: &str, function: &Function) {
    let schemas = json!({ "inputSchema": schema::input(function), "outputSchema": schema::output(function) });
    for schema in
        [&schemas["inputSchema"], &schemas["outputSchema"]].into_iter().filter(|schema| !schema.is_null())
    {
        jsonschema::meta::validate(schema).expect("it is a JSON Schema");
    }
    let text = serde_json::to_string_pretty(&schemas).expect("it is JSON") + "\n";
    crate::golden::compare(&format!("codec/golden/{name}.json"), &text);
}

fn documented(name: &str, docs: &str) -> Label {
    Label { name: name.into(), docs: Some(docs.into()) }
}

#[test]
fn scalars() {
    let types = [
        ("truth", Type::Bool),
        ("s8", Type::S8),
        ("u8", Type::U8),
        ("s16", Type::S16),
        ("u16", Type::U16),
        ("s32", Type::S32),
        ("u32", Type::U32),
        ("s64", Type::S64),
        ("u64", Type::U64),
        ("f32", Type::F32),
        ("f64", Type::F64),
        ("letter", Type::Char),
        ("text", Type::String),
        ("bytes", Type::Bytes),
    ];
    let params = types.iter().map(|(name, ty)| param(name, ty.clone())).collect();
    golden("scalars", &Function { params, result: Some(Type::U64) });
}

#[test]
fn lists_and_tuples() {
    golden("list", &identity(&list(Type::U16)));
    golden("tuple", &identity(&Type::Tuple(vec![Type::Char, Type::Bool])));
}

#[test]
fn records_keep_the_order_of_the_wit() {
    let size = Type::Record(vec![
        Field { docs: Some("In pixels.".into()), ..field("width", Type::U32) },
        field("height", Type::U32),
        Field { docs: Some("Shown below.".into()), ..field("caption", option(Type::String)) },
        field("alpha", option(Type::U64)),
    ]);
    golden("record", &identity(&size));
}

#[test]
fn enums_and_flags() {
    golden("enum", &identity(&Type::Enum(labels(&["red", "light_blue"]))));
    let levels = vec![documented("low", "Nobody waits."), documented("high", "Somebody waits.")];
    let params = vec![Param { docs: Some("How urgent it is.".into()), ..param("level", Type::Enum(levels)) }];
    golden("enum_documented", &Function { params, result: None });
    golden(
        "flags",
        &identity(&Type::Flags(vec![documented("read", "May look."), documented("write", "May change.")])),
    );
}

#[test]
fn options() {
    golden("option", &identity(&option(Type::String)));
    golden("option_nested", &identity(&option(option(Type::U8))));
}

#[test]
fn variants_and_nested_results() {
    let shape = Type::Variant(vec![
        Case { docs: Some("No shape.".into()), ..case("none", None) },
        Case { docs: Some("By its radius.".into()), ..case("circle", Some(Type::F32)) },
        case("all", None),
        case("rect", Some(Type::Tuple(vec![Type::F32, Type::F32]))),
    ]);
    golden("variant", &identity(&shape));
    let outcome = Type::Result { ok: Some(Box::new(Type::U8)), err: None };
    golden("result", &identity(&list(outcome)));
}

#[test]
fn narrowed_parameters() {
    let constraint = |value: Value| -> Constraint { serde_json::from_value(value).expect("a constraint") };
    let default = serde_json::value::to_raw_value("eu").ok();
    let params = vec![
        Param {
            constraint: constraint(json!({ "minimum": 1, "maximum": 100 })),
            ..param("limit", Type::U64)
        },
        Param { constraint: constraint(json!({ "minimum": -0.5 })), ..param("ratio", option(Type::F64)) },
        Param {
            docs: Some("Where it runs.".into()),
            default,
            constraint: constraint(json!({ "min-length": 2, "pattern": "^[a-z]+$" })),
            examples: vec![json!("eu"), json!("us")],
            header: Some("Region".into()),
            ..param("region", Type::String)
        },
        Param { constraint: constraint(json!({ "max-items": 3 })), ..param("tags", list(Type::String)) },
    ];
    golden("narrowed", &Function { params, result: Some(Type::Result { ok: None, err: None }) });
}

#[test]
fn nothing_in_nothing_out() {
    golden("nothing", &Function { params: vec![], result: None });
}
