//! The way through linear memory gives the same as the way through `Val`.

use proptest::prelude::{ProptestConfig, any, prop_assert_eq, proptest};
use wasmtime::component::Val;

use super::echo::{AMPLE, ENCODINGS, Guest, with_ballast};
use super::random::Random;
use crate::codec::guest::CallError;
use crate::codec::{Encoded, val};

/// One in this many parts of a random value is at fault.
const FAULTS: usize = 40;

impl Guest {
    /// The same call through the tree of values.
    pub(super) async fn call_by_value(&self, arguments: &str) -> Result<Encoded, String> {
        let checked = &self.plan.checked;
        let params =
            val::decode(checked, arguments.as_bytes(), AMPLE.input_bytes).map_err(|e| e.to_string())?;
        let (mut store, func) = self.instance().await;
        let mut results = [Val::Bool(false)];
        func.call_async(&mut store, &params, &mut results).await.map_err(|error| format!("{error:#}"))?;
        val::encode(checked, Some(&results[0]), AMPLE.output_bytes).map_err(|error| error.to_string())
    }
}

/// Both ways, each as the client would see it.
pub(super) fn both(guest: &Guest, arguments: &str) -> [Result<Encoded, String>; 2] {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(async {
        let direct = guest.call(arguments).await.map(|reply| reply.encoded).map_err(|error| match error {
            CallError::Argument(error) => error.to_string(),
            other => format!("{other:?}"),
        });
        [direct, guest.call_by_value(arguments).await]
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 192, max_shrink_iters: 0, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_value_of_any_type_is_accepted_refused_and_answered_alike(seed in any::<u64>()) {
        let mut random = Random::new(seed);
        let ty = random.ty(4);
        let encoding = ENCODINGS[random.below(3)];
        let guest = Guest::echo(&ty, encoding);
        for _ in 0..8 {
            let value = random.json(&ty, FAULTS);
            let [direct, by_value] = both(&guest, &with_ballast(&value));
            match (direct, by_value) {
                (Ok(direct), Ok(by_value)) => prop_assert_eq!(direct, by_value, "{} of {:?}", value, ty),
                (Err(direct), Err(by_value)) if is_json(&value) => {
                    prop_assert_eq!(place(&direct), place(&by_value), "{} of {:?}", value, ty);
                }
                (direct, by_value) => prop_assert_eq!(direct.is_ok(), by_value.is_ok(), "{} of {:?}", value, ty),
            }
        }
    }
}

/// Returns the place of a refusal and what was expected there; the two may word what was found differently.
fn place(message: &str) -> &str {
    message.split(", found").next().unwrap_or_default()
}

fn is_json(text: &str) -> bool {
    serde_json::from_str::<serde_json::Value>(text).is_ok()
}
