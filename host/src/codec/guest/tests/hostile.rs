//! Guests that return what they must not.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use proptest::prelude::{ProptestConfig, any, prop_assert, prop_assert_eq, proptest};

use super::echo::{AMPLE, ENCODINGS, Guest};
use super::random::Random;
use crate::codec::guest::{Budgets, CallError};
use crate::codec::{ResultBody, Type};

/// The address of the bytes that a test chooses.
const PLANTED_AT: u32 = 4096;

/// `run: func(x: tuple<list<u8>, u32>) -> RESULT`: plants the bytes and returns the number as the
/// address of its result.
fn planter(result: &Type, encoding: &str) -> Guest {
    let param = Type::Tuple(vec![Type::Bytes, Type::U32]);
    let body = "(param i32 i32 i32) (result i32)
        (memory.copy (i32.const 4096) (local.get 0) (local.get 1)) (local.get 2)";
    Guest::new(&param, result, encoding, body)
}

fn planted(bytes: &[u8], address: u32) -> String {
    format!("{{\"x\":[\"{}\",{address}]}}", STANDARD.encode(bytes))
}

fn run<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(future)
}

fn words(words: &[u32]) -> Vec<u8> {
    words.iter().flat_map(|word| word.to_le_bytes()).collect()
}

/// Returns the error of such a guest.
fn complaint(guest: &Guest, arguments: &str) -> String {
    match run(guest.call(arguments)) {
        Err(CallError::Guest(error)) => format!("{error:#}"),
        other => panic!("{other:?}"),
    }
}

#[test]
fn pointers_and_lengths_on_every_edge_are_read_or_refused() {
    let edges =
        [0, 1, 3, 4, 8, PLANTED_AT, 65_528, 65_535, 65_536, 1 << 20, i32::MAX as u32, 1 << 31, u32::MAX];
    for ty in [Type::String, Type::Bytes, Type::List(Box::new(Type::S32))] {
        for encoding in ENCODINGS {
            let guest = planter(&ty, encoding);
            for address in [PLANTED_AT, PLANTED_AT + 1, 65_528, 65_532, u32::MAX - 3] {
                for (pointer, length) in edges.iter().flat_map(|p| edges.map(|length| (*p, length))) {
                    let arguments = planted(&words(&[pointer, length]), address);
                    let direct = run(guest.call(&arguments)).map(|reply| reply.encoded).ok();
                    let by_value = run(guest.call_by_value(&arguments)).ok();
                    assert_eq!(direct, by_value, "{ty:?} in {encoding} at {address}: {pointer} {length}");
                }
            }
        }
    }
}

#[test]
fn a_string_that_is_not_in_its_encoding_is_refused() {
    let cases: [(&str, &[u8], u32); 5] = [
        ("utf8", b"\xff\xfe", 2),
        ("utf8", b"\xed\xa0\x80", 3),
        ("utf16", b"\x00\xd8", 1),
        ("utf16", b"\x00\xdc\x00\xd8", 2),
        ("latin1+utf16", b"\x00\xd8", 1 | 1 << 31),
    ];
    for (encoding, text, length) in cases {
        let bytes = [&words(&[PLANTED_AT + 8, length])[..], text].concat();
        let complaint = complaint(&planter(&Type::String, encoding), &planted(&bytes, PLANTED_AT));
        assert!(complaint.contains("a string is not UTF-"), "{encoding}: {complaint}");
    }
}

#[test]
fn a_discriminant_without_a_case_is_refused() {
    let ty = Type::Option(Box::new(Type::U64));
    let complaint = complaint(&planter(&ty, "utf8"), &planted(&[2], PLANTED_AT));
    assert_eq!(complaint, "a discriminant is out of range");
}

#[test]
fn a_surrogate_is_refused_as_a_char() {
    let ty = Type::Tuple(vec![Type::Char, Type::Char]);
    let complaint = complaint(&planter(&ty, "utf8"), &planted(&words(&[0x61, 0xd800]), PLANTED_AT));
    assert_eq!(complaint, "a char is no Unicode scalar value");
}

#[test]
fn a_list_that_contains_itself_many_times_over_ends_at_the_output_budget() {
    let mut ty = Type::S8;
    for _ in 0..12 {
        ty = Type::List(Box::new(ty));
    }
    let guest = planter(&ty, "utf8");
    let bytes = words(&[PLANTED_AT, 8]).repeat(8);
    let small = Budgets { output_bytes: 100_000, ..AMPLE };
    let refused = run(guest.call_within(&planted(&bytes, PLANTED_AT), small));
    assert!(matches!(refused, Err(CallError::Output { limit_bytes: 100_000 })), "{refused:?}");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, max_shrink_iters: 0, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_a_guest_leaves_in_memory_is_read_or_refused_as_the_engine_does(seed in any::<u64>()) {
        let mut random = Random::new(seed);
        let ty = Type::Tuple(vec![random.ty(4), Type::Bool, Type::Bool]);
        let guest = planter(&ty, ENCODINGS[random.below(3)]);
        let budgets = Budgets { output_bytes: 64 << 10, ..AMPLE };
        for _ in 0..12 {
            let bytes: Vec<u8> = (0..128).flat_map(|_| word(&mut random).to_le_bytes()).collect();
            let arguments = planted(&bytes, PLANTED_AT + 8 * random.below(32) as u32);
            let by_value = || run(guest.call_by_value(&arguments));
            match run(guest.call_within(&arguments, budgets)) {
                Ok(reply) => prop_assert_eq!(Ok(reply.encoded), by_value(), "{:?}", ty),
                Err(CallError::Guest(error)) => prop_assert!(by_value().is_err(), "{error:#} {:?}", ty),
                Err(CallError::Output { .. }) => {}
                Err(other) => panic!("{other:?}"),
            }
        }
    }
}

/// A word that is often an address or a small number.
fn word(random: &mut Random) -> u32 {
    match random.below(8) {
        0..=2 => random.below(4) as u32,
        3 | 4 => PLANTED_AT + 4 * random.below(128) as u32,
        5 => 0,
        6 => 0x6162_6364,
        _ => random.below(1 << 32) as u32,
    }
}

#[test]
fn an_answer_may_be_as_long_as_its_budget_and_no_longer() {
    let guest = planter(&Type::String, "utf8");
    let bytes = [&words(&[PLANTED_AT + 8, 5])[..], b"hello"].concat();
    let within = |output_bytes| {
        run(guest.call_within(&planted(&bytes, PLANTED_AT), Budgets { output_bytes, ..AMPLE }))
    };
    assert_eq!(within(5).unwrap().encoded.body, ResultBody::Text("hello".into()));
    assert!(matches!(within(4), Err(CallError::Output { limit_bytes: 4 })));
}
