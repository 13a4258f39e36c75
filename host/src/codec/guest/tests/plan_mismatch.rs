//! Plans that were made from another function.

use std::sync::Arc;

use super::echo::{AMPLE, Guest, plan};
use crate::codec::guest::{CallError, call};
use crate::codec::{Case, Field, Label, Type};

/// Calls `run: func(x: ACTUAL) -> bool` by a plan that says it takes something else.
fn misplanned(actual: &Type, planned: &Type) -> Result<(), CallError> {
    let guest =
        Guest::new(actual, &Type::Bool, "utf8", &format!("{} (result i32) (unreachable)", params(actual)));
    let plan = Arc::new(plan(planned, &Type::Bool));
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(async {
        let (mut store, func) = guest.instance().await;
        call(&mut store, func, &plan, r#"{"x":null}"#.into(), AMPLE).await.map(drop)
    })
}

/// The core parameters of the few types used here.
fn params(ty: &Type) -> &'static str {
    match ty {
        Type::U64 => "(param i64)",
        Type::List(_) | Type::Bytes | Type::String | Type::Record(_) | Type::Variant(_) => "(param i32 i32)",
        _ => "(param i32)",
    }
}

#[test]
fn a_plan_of_another_type_is_refused_before_the_call() {
    let field = |name: &str, ty| Field { name: name.into(), ty, docs: None };
    let label = |name: &str| Label { name: name.into(), docs: None };
    let case = |name: &str, payload| Case { name: name.into(), payload, docs: None };
    let record = |a: &str, b: &str| Type::Record(vec![field(a, Type::U32), field(b, Type::U32)]);
    let pairs = [
        (Type::U32, Type::S32),
        (Type::U64, Type::F64),
        (Type::Bytes, Type::List(Box::new(Type::S8))),
        (Type::List(Box::new(Type::S8)), Type::Bytes),
        (Type::String, Type::Bytes),
        (record("a", "b"), record("b", "a")),
        (record("a", "b"), Type::Tuple(vec![Type::U32; 2])),
        (Type::Enum(vec![label("a"), label("b")]), Type::Enum(vec![label("a")])),
        (Type::Enum(vec![label("a")]), Type::Flags(vec![label("a")])),
        (Type::Variant(vec![case("a", Some(Type::U8))]), Type::Variant(vec![case("a", Some(Type::S8))])),
        (Type::Variant(vec![case("a", Some(Type::U8))]), Type::Variant(vec![case("a", None)])),
    ];
    for (actual, planned) in pairs {
        let refused = misplanned(&actual, &planned);
        assert!(
            matches!(refused, Err(CallError::PlanMismatch(_))),
            "{planned:?} for {actual:?}: {refused:?}"
        );
        let accepted = misplanned(&actual, &actual);
        assert!(matches!(accepted, Err(CallError::Argument(_))), "{actual:?}: {accepted:?}");
    }
}

#[test]
fn a_plan_with_another_result_is_refused_before_the_call() {
    let guest = Guest::new(&Type::Bool, &Type::U32, "utf8", "(param i32) (result i32) (unreachable)");
    let plan = Arc::new(plan(&Type::Bool, &Type::String));
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let refused = runtime.block_on(async {
        let (mut store, func) = guest.instance().await;
        call(&mut store, func, &plan, r#"{"x":true}"#.into(), AMPLE).await
    });
    assert!(matches!(refused, Err(CallError::PlanMismatch(_))), "{refused:?}");
}
