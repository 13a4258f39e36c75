//! The two caps: memory of decoded arguments, size of encoded results.

use wasmtime::component::Val;

use crate::codec::testing::{field, identity, list, option};
use crate::codec::{EncodeError, ResultBody, Type, val};

/// Decodes `x` within a budget.
fn decode(ty: &Type, json: &str, budget_bytes: usize) -> Result<(), String> {
    let plan = identity(ty).check().expect("the plan makes sense");
    let arguments = format!("{{\"x\":{json}}}");
    val::decode(&plan, arguments.as_bytes(), budget_bytes).map(drop).map_err(|error| error.to_string())
}

/// The cost of one parameter without its value.
const CALL: usize = size_of::<Option<Val>>() + size_of::<(String, Val)>();

#[test]
fn arguments_within_the_memory_budget_are_read() {
    let zeros = format!("[{}0]", "0,".repeat(999));
    assert_eq!(decode(&list(Type::U64), &zeros, CALL + 1024 * size_of::<Val>()), Ok(()));
    assert_eq!(decode(&Type::Bytes, "\"AAAA\"", CALL + 3 * (1 + size_of::<Val>())), Ok(()));
    assert_eq!(decode(&Type::String, "\"abc\"", CALL + 5), Ok(()));
}

#[test]
fn arguments_beyond_the_memory_budget_are_refused_before_they_are_allocated() {
    let refused = |ty: &Type, json: &str, budget_bytes: usize| {
        let message = decode(ty, json, budget_bytes).expect_err("beyond the budget");
        let expected =
            format!("expected arguments that take at most {budget_bytes} bytes of memory in all, found more");
        assert!(message.ends_with(&expected), "{message}");
    };
    let zeros = format!("[{}0]", "0,".repeat(999));
    refused(&list(Type::U64), &zeros, CALL + 1024 * size_of::<Val>() - 1);
    refused(&Type::Bytes, "\"AAAA\"", CALL + 3 * (1 + size_of::<Val>()) - 1);
    refused(&Type::String, "\"abc\"", CALL + 4);
    // A short text can mean many values.
    let fields = (0..1000).map(|n| field(&format!("f{n}"), option(Type::U8))).collect();
    refused(&list(Type::Record(fields)), &format!("[{}{{}}]", "{},".repeat(999)), 1 << 20);
    refused(&list(list(Type::U8)), &format!("[{}[]]", "[0],".repeat(100_000)), 1 << 20);
}

#[test]
fn results_within_the_output_cap_are_written() {
    let plan = identity(&Type::String).check().unwrap();
    let text = val::encode(&plan, Some(&Val::String("abc".into())), 3).unwrap();
    assert_eq!(text.body, ResultBody::Text("abc".into()));
    let plan = identity(&Type::Bytes).check().unwrap();
    let json = val::encode(&plan, Some(&Val::List(vec![Val::U8(0); 3])), 17).unwrap();
    assert_eq!(json.body, ResultBody::Json(b"{\"result\":\"AAAA\"}".to_vec()));
}

#[test]
fn results_beyond_the_output_cap_are_refused() {
    let plan = identity(&Type::String).check().unwrap();
    let text = val::encode(&plan, Some(&Val::String("abc".into())), 2);
    assert_eq!(text, Err(EncodeError::TooLarge { limit_bytes: 2 }));
    for (ty, value) in [
        (Type::Bytes, Val::List(vec![Val::U8(0); 3])),
        (Type::U64, Val::U64(u64::MAX)),
        (list(Type::String), Val::List(vec![Val::String("\n".repeat(10))])),
    ] {
        let plan = identity(&ty).check().unwrap();
        for limit_bytes in 0..17 {
            let refused = val::encode(&plan, Some(&value), limit_bytes);
            assert_eq!(refused, Err(EncodeError::TooLarge { limit_bytes }));
        }
    }
}

#[test]
fn a_value_of_another_type_than_the_plan_says_is_refused() {
    let plan = identity(&Type::U8).check().unwrap();
    assert_eq!(val::encode(&plan, Some(&Val::U16(1)), 100), Err(EncodeError::Mismatch));
    assert_eq!(val::encode(&plan, None, 100), Err(EncodeError::Mismatch));
}
