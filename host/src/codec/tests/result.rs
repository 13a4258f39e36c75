//! A function's result becomes structured content, text, nothing, or an error.

use wasmtime::component::Val;

use super::PLENTY;
use crate::codec::testing::{field, option};
use crate::codec::{Encoded, Function, ResultBody, ResultStatus, Type, schema, val};

fn returning(result: Option<Type>) -> Function {
    Function { params: vec![], result }
}

fn encode(result: Option<Type>, value: Option<&Val>) -> Encoded {
    let plan = returning(result).check().expect("the plan makes sense");
    val::encode(&plan, value, PLENTY).expect("it fits its type")
}

fn fallible(ok: Option<Type>, err: Option<Type>) -> Type {
    Type::Result { ok: ok.map(Box::new), err: err.map(Box::new) }
}

fn ok(value: Option<Val>) -> Val {
    Val::Result(Ok(value.map(Box::new)))
}

fn err(value: Option<Val>) -> Val {
    Val::Result(Err(value.map(Box::new)))
}

fn success(body: ResultBody) -> Encoded {
    Encoded { status: ResultStatus::Success, body }
}

fn failure(body: ResultBody) -> Encoded {
    Encoded { status: ResultStatus::Error, body }
}

fn json(text: &str) -> ResultBody {
    ResultBody::Json(text.as_bytes().to_vec())
}

fn string(text: &str) -> Val {
    Val::String(text.into())
}

#[test]
fn a_string_is_plain_text() {
    assert_eq!(encode(Some(Type::String), Some(&string("a\"b"))), success(ResultBody::Text("a\"b".into())));
    let ty = fallible(Some(Type::String), Some(Type::U8));
    assert_eq!(encode(Some(ty.clone()), Some(&ok(Some(string("x"))))), success(ResultBody::Text("x".into())));
    assert_eq!(schema::output(&returning(Some(ty))), None);
    assert_eq!(schema::output(&returning(Some(Type::String))), None);
}

#[test]
fn nothing_is_nothing() {
    assert_eq!(encode(None, None), success(ResultBody::Empty));
    let ty = fallible(None, None);
    assert_eq!(encode(Some(ty.clone()), Some(&ok(None))), success(ResultBody::Empty));
    assert_eq!(schema::output(&returning(Some(ty))), None);
    assert_eq!(schema::output(&returning(None)), None);
}

#[test]
fn a_record_is_the_structured_content_and_anything_else_its_result() {
    let record = Type::Record(vec![field("n", Type::U8)]);
    let value = Val::Record(vec![("n".into(), Val::U8(1))]);
    assert_eq!(encode(Some(record.clone()), Some(&value)), success(json("{\"n\":1}")));
    let wrapped = encode(Some(fallible(Some(record), None)), Some(&ok(Some(value))));
    assert_eq!(wrapped, success(json("{\"n\":1}")));
    assert_eq!(encode(Some(Type::U8), Some(&Val::U8(1))), success(json("{\"result\":1}")));
    let none = encode(Some(option(Type::String)), Some(&Val::Option(None)));
    assert_eq!(none, success(json("{\"result\":null}")));
}

#[test]
fn an_err_is_an_error_result() {
    let ty = fallible(None, Some(Type::String));
    assert_eq!(encode(Some(ty), Some(&err(Some(string("no"))))), failure(ResultBody::Text("no".into())));
    let code = fallible(None, Some(Type::Tuple(vec![Type::U8])));
    let value = err(Some(Val::Tuple(vec![Val::U8(7)])));
    assert_eq!(encode(Some(code), Some(&value)), failure(json("[7]")));
    let bare = encode(Some(fallible(Some(Type::U8), None)), Some(&err(None)));
    assert_eq!(bare, failure(ResultBody::Text("the tool reported an error".into())));
}
