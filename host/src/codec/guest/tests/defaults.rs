//! A default that passes the check of its plan is accepted by every call, and no other is.

use std::sync::Arc;

use proptest::prelude::{ProptestConfig, any, prop_assert_eq, proptest};
use serde_json::value::RawValue;

use super::echo::{AMPLE, BALLAST, ENCODINGS, Guest};
use super::random::Random;
use crate::codec::checked::{CheckedFunction, CheckedParam};
use crate::codec::guest::{Budgets, CallError, Plan, sample};
use crate::codec::plan::{Function, Param, Type};
use crate::codec::rule::Rule;
use crate::codec::testing::param;
use crate::codec::{ArgumentError, PlanError};

/// One in this many parts of a random default is at fault.
const FAULTS: usize = 20;

/// The parameter of [`Guest::echo`], with `value` as the first element of its default.
fn with_default(ty: &Type, value: &str) -> Option<Param> {
    let ballast: String = (1..=BALLAST).map(|number| format!(",{number}")).collect();
    let default = RawValue::from_string(format!("[{value}{ballast}]")).ok()?;
    let types = std::iter::once(ty.clone()).chain(vec![Type::U64; BALLAST]).collect();
    Some(Param { default: Some(default), ..param("x", Type::Tuple(types)) })
}

/// Checks the default as `toolcell build` does.
fn checked(param: &Param) -> Result<(), ArgumentError> {
    let function = Function { params: vec![param.clone()], result: None };
    match function.check() {
        Ok(_) => Ok(()),
        Err(PlanError::Sample { source, .. }) => Err(source),
        Err(other) => panic!("{other}"),
    }
}

fn unchecked(param: &Param) -> CheckedParam {
    CheckedParam { rule: Rule::new(param).unwrap(), param: param.clone() }
}

/// Calls without arguments, with a default that was not checked.
fn called(guest: &mut Guest, param: &Param, budgets: Budgets) -> Result<(), CallError> {
    let checked = CheckedFunction { params: vec![unchecked(param)], result: Some(param.ty.clone()) };
    guest.plan = Arc::new(Plan::new(checked));
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(guest.call_within("{}", budgets)).map(drop)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, max_shrink_iters: 0, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_check_and_the_call_accept_and_refuse_alike(seed in any::<u64>()) {
        let mut random = Random::new(seed);
        let ty = random.ty(4);
        let mut guest = Guest::echo(&ty, ENCODINGS[random.below(3)]);
        for _ in 0..8 {
            let value = random.json(&ty, FAULTS);
            let Some(param) = with_default(&ty, &value) else { continue };
            let called = match called(&mut guest, &param, AMPLE) {
                Ok(()) => Ok(()),
                Err(CallError::Argument(error)) => Err(error),
                Err(other) => panic!("{other:?}"),
            };
            prop_assert_eq!(checked(&param), called, "{} of {:?}", value, ty);
        }
    }
}

#[test]
fn a_default_that_fits_a_budget_when_checked_fits_it_when_called() {
    for text in ["", "plain", "\\u00e9\\n", "中中中", "\u{1F600}"] {
        let ty = Type::List(Box::new(Type::String));
        let param = with_default(&ty, &format!("[\"{text}\",\"{text}\"]")).unwrap();
        for encoding in ENCODINGS {
            let mut guest = Guest::echo(&ty, encoding);
            for input_bytes in (0..1000).step_by(10) {
                let fits = sample::check(vec![unchecked(&param)], "{}", input_bytes).is_ok();
                let called = called(&mut guest, &param, Budgets { input_bytes, ..AMPLE });
                assert!(!fits || called.is_ok(), "{text:?} in {encoding} within {input_bytes}: {called:?}");
            }
        }
    }
}
