//! Values that are passed as core values instead of through memory.

use proptest::prelude::{ProptestConfig, any, prop_assert, prop_assert_eq, proptest};

use super::agreement::both;
use super::echo::Guest;
use super::random::{NEVER, Random};
use crate::codec::Type;
use crate::codec::guest::layout::Layout;

/// A core type.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Core {
    I32,
    I64,
    F32,
    F64,
}

impl Core {
    fn name(self) -> &'static str {
        ["i32", "i64", "f32", "f64"][self as usize]
    }

    /// Turns the local of this type into the 64 bits that are compared.
    fn widened(self) -> &'static str {
        match self {
            Self::I32 => "(i64.extend_i32_u",
            Self::I64 => "(i64.add (i64.const 0)",
            Self::F32 => "(i64.extend_i32_u (i32.reinterpret_f32",
            Self::F64 => "(i64.reinterpret_f64",
        }
    }

    /// The type that holds either of two types, by the canonical ABI.
    fn join(self, other: Self) -> Self {
        match (self, other) {
            (a, b) if a == b => a,
            (Self::I32, Self::F32) | (Self::F32, Self::I32) => Self::I32,
            _ => Self::I64,
        }
    }
}

/// The core types of a flat value.
fn flatten(ty: &Type) -> Vec<Core> {
    let cases = |payloads: &mut dyn Iterator<Item = Option<&Type>>| {
        let mut joined: Vec<Core> = Vec::new();
        for payload in payloads.flatten().map(flatten) {
            for (index, core) in payload.into_iter().enumerate() {
                match joined.get_mut(index) {
                    Some(slot) => *slot = slot.join(core),
                    None => joined.push(core),
                }
            }
        }
        joined.insert(0, Core::I32);
        joined
    };
    match ty {
        Type::S64 | Type::U64 => vec![Core::I64],
        Type::F32 => vec![Core::F32],
        Type::F64 => vec![Core::F64],
        Type::String | Type::Bytes | Type::List(_) => vec![Core::I32; 2],
        Type::Tuple(types) => types.iter().flat_map(flatten).collect(),
        Type::Record(fields) => fields.iter().flat_map(|field| flatten(&field.ty)).collect(),
        Type::Variant(list) => cases(&mut list.iter().map(|case| case.payload.as_ref())),
        Type::Option(some) => cases(&mut [Some(&**some)].into_iter()),
        Type::Result { ok, err } => cases(&mut [ok.as_deref(), err.as_deref()].into_iter()),
        _ => vec![Core::I32],
    }
}

/// A component that answers with the core values that its parameter came as.
fn slots(ty: &Type) -> Guest {
    let cores = flatten(ty);
    let params: String = cores.iter().map(|core| format!("(param {}) ", core.name())).collect();
    let stores: String = (cores.iter().enumerate())
        .map(|(index, core)| {
            let widened = core.widened();
            let close = ")".repeat(widened.matches('(').count() - widened.matches(')').count());
            format!("(i64.store (i32.const {}) {widened} (local.get {index}){close})\n", 1024 + 8 * index)
        })
        .collect();
    let count = cores.len();
    let answer = format!(
        "(i32.store (i32.const 512) (i32.const 1024)) (i32.store (i32.const 516) (i32.const {count})) (i32.const 512)"
    );
    let body = format!("{params} (result i32) {stores} {answer}");
    Guest::new(ty, &Type::List(Box::new(Type::U64)), "utf8", &body)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, max_shrink_iters: 0, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn flat_parameters_reach_the_function_as_the_same_core_values(seed in any::<u64>()) {
        let mut random = Random::new(seed);
        let ty = std::iter::repeat_with(|| random.plain_type(3)).find(|ty| flatten(ty).len() <= 16);
        let ty = ty.unwrap_or(Type::Bool);
        prop_assert_eq!(Layout::of(&ty).slots, flatten(&ty).len());
        let guest = slots(&ty);
        for _ in 0..6 {
            let value = random.json(&ty, NEVER);
            let [direct, by_value] = both(&guest, &format!("{{\"x\":{value}}}"));
            prop_assert_eq!(direct.ok(), by_value.ok(), "{} of {:?}", value, ty);
        }
    }

    #[test]
    fn a_flat_result_is_read_from_its_core_value(seed in any::<u64>()) {
        let mut random = Random::new(seed);
        let ty = std::iter::repeat_with(|| random.plain_type(2)).find(|ty| flatten(ty).len() == 1);
        let ty = ty.unwrap_or(Type::Bool);
        let core = flatten(&ty)[0].name();
        let guest = Guest::new(&ty, &ty, "utf8", &format!("(param {core}) (result {core}) (local.get 0)"));
        for _ in 0..6 {
            let value = random.json(&ty, 20);
            let [direct, by_value] = both(&guest, &format!("{{\"x\":{value}}}"));
            prop_assert_eq!(direct.ok(), by_value.ok(), "{} of {:?}", value, ty);
        }
    }

    #[test]
    fn any_core_value_is_read_as_a_result_or_refused_as_the_engine_does(seed in any::<u64>(), bits in any::<u64>()) {
        let mut random = Random::new(seed);
        let ty = std::iter::repeat_with(|| random.plain_type(2)).find(|ty| flatten(ty).len() == 1);
        let ty = ty.unwrap_or(Type::Bool);
        for bits in [bits, bits & 0xff, bits & 0xfff, 0] {
            let answer = match flatten(&ty)[0] {
                Core::I32 => format!("(i32.const {})", bits as u32),
                Core::I64 => format!("(i64.const {bits})"),
                Core::F32 => format!("(f32.reinterpret_i32 (i32.const {}))", bits as u32),
                Core::F64 => format!("(f64.reinterpret_i64 (i64.const {bits}))"),
            };
            let core = flatten(&ty)[0].name();
            let guest = Guest::new(&Type::Bool, &ty, "utf8", &format!("(param i32) (result {core}) {answer}"));
            let [direct, by_value] = both(&guest, "{\"x\":true}");
            prop_assert!(direct == by_value || (direct.is_err() && by_value.is_err()), "{:?} {}: {:?}", ty, bits, direct);
        }
    }
}
