//! JSON to and from [`wasmtime::component::Val`], the engine's tree of component values.
//!
//! Called once each per call. A `Val` costs [`size_of::<Val>()`](Val) bytes for every list item, bytes
//! included, so both ways are metered: decoding by a [`Budget`], encoding by the size of the output.

mod array;
mod budget;
mod decode;
mod encode;
mod object;
mod reader;

pub use decode::decode;
pub(crate) use decode::decode_param;
pub use encode::encode;

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::codec::{Field, Function, Param, Type, schema, val};

    #[test]
    fn smoke() {
        let p = |name: &str, ty| -> Param {
            serde_json::from_value(json!({"name": name, "type": serde_json::to_value::<Type>(ty).unwrap()}))
                .unwrap()
        };
        let f = Function {
            params: vec![
                p("a", Type::U64),
                p("b", Type::Option(Box::new(Type::F32))),
                p("r", Type::Record(vec![Field { name: "w_x".into(), ty: Type::U8, docs: None }])),
            ],
            result: Some(Type::Bytes),
        };
        println!("{}", serde_json::to_string_pretty(&schema::input(&f)).unwrap());
        let c = f.check().unwrap();
        for a in [
            r#"{"a":1,"r":{"w_x":2}}"#,
            r#"{"a":1e2,"b":null, "r":{"w_x":300}}"#,
            r#"{"a":18446744073709551615, "r":{"w_x":300}}"#,
            r#"{"a":"18446744073709551615","b":"NaN", "r":{}}"#,
            "[]",
            "3",
            r#"{"a":1,"#,
            r#"{"q":1"#,
            r#"{"a":"\ud800"}"#,
        ] {
            match val::decode(&c, a.as_bytes(), 1000) {
                Ok(v) => println!("{v:?}"),
                Err(e) => println!("{e}"),
            }
        }
    }
}
