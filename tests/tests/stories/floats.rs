//! Floats have the same bits on every processor, also where they are not numbers (ADR 30).

use std::fmt::Write as _;

use serde_json::{Value, json};
use toolcell_tests::{Revision, Server, fixture};

/// The bits of the only NaN that arithmetic makes.
const F64: u64 = 0x7ff8_0000_0000_0000;
const F32: u64 = 0x7fc0_0000;

/// Ways to make a NaN of 64 bits. The globals keep the compiler from computing it: `$zero`, `$infinite`, and `$odd`, a
/// NaN with a sign and a payload that arithmetic must not pass on.
const WAYS_64: [(&str, &str); 14] = [
    ("zero-by-zero", "(f64.div (global.get $zero) (global.get $zero))"),
    ("infinite-less-infinite", "(f64.sub (global.get $infinite) (global.get $infinite))"),
    ("infinite-and-its-opposite", "(f64.add (global.get $infinite) (f64.neg (global.get $infinite)))"),
    ("zero-times-infinite", "(f64.mul (global.get $zero) (global.get $infinite))"),
    ("root-of-a-negative", "(f64.sqrt (f64.neg (global.get $infinite)))"),
    ("odd-and-a-number", "(f64.add (global.get $odd) (f64.const 1))"),
    ("number-and-odd", "(f64.mul (f64.const 2) (global.get $odd))"),
    ("smaller-of-odd", "(f64.min (global.get $odd) (global.get $zero))"),
    ("larger-of-odd", "(f64.max (global.get $zero) (global.get $odd))"),
    ("odd-rounded-up", "(f64.ceil (global.get $odd))"),
    ("odd-rounded-down", "(f64.floor (global.get $odd))"),
    ("odd-cut-off", "(f64.trunc (global.get $odd))"),
    ("odd-rounded", "(f64.nearest (global.get $odd))"),
    ("odd-promoted", "(f64.promote_f32 (f32.neg (f32.demote_f64 (global.get $odd))))"),
];

/// Ways to make a NaN of 32 bits.
const WAYS_32: [(&str, &str); 6] = [
    ("short-zero-by-zero", "(f32.div (local.get $zero) (local.get $zero))"),
    ("short-infinite-less-infinite", "(f32.sub (local.get $infinite) (local.get $infinite))"),
    ("short-root-of-a-negative", "(f32.sqrt (f32.const -1))"),
    ("short-odd-and-a-number", "(f32.add (f32.const nan:0x1234) (local.get $zero))"),
    ("short-smaller-of-odd", "(f32.min (f32.const -nan:0x1234) (local.get $zero))"),
    ("odd-demoted", "(f32.demote_f64 (global.get $odd))"),
];

/// Ways to make a vector of two NaNs of 64 bits.
const VECTORS_64: [(&str, &str); 7] = [
    ("vector-zero-by-zero", "(f64x2.div (local.get $zeros) (local.get $zeros))"),
    ("vector-root-of-negatives", "(f64x2.sqrt (f64x2.splat (f64.const -1)))"),
    ("vector-odd-and-zeros", "(f64x2.add (local.get $odds) (local.get $zeros))"),
    ("vector-smaller-of-odd", "(f64x2.min (local.get $odds) (local.get $zeros))"),
    ("vector-larger-of-odd", "(f64x2.max (local.get $zeros) (local.get $odds))"),
    ("vector-odd-rounded", "(f64x2.nearest (local.get $odds))"),
    ("vector-odd-promoted", "(f64x2.promote_low_f32x4 (f32x4.splat (f32.const -nan:0x1234)))"),
];

/// Ways to make a vector whose first two NaNs have 32 bits.
const VECTORS_32: [(&str, &str); 5] = [
    ("short-vector-zero-by-zero", "(f32x4.div (local.get $zeros) (local.get $zeros))"),
    ("short-vector-root-of-negatives", "(f32x4.sqrt (f32x4.splat (f32.const -1)))"),
    ("short-vector-odd-and-zeros", "(f32x4.add (f32x4.splat (f32.const -nan:0x1234)) (local.get $zeros))"),
    ("short-vector-odd-rounded-up", "(f32x4.ceil (f32x4.splat (f32.const -nan:0x1234)))"),
    ("vector-odd-demoted", "(f32x4.demote_f64x2_zero (local.get $odds))"),
];

/// Returns every way as core code that leaves bits, and the bits that it must leave.
fn ways() -> Vec<(&'static str, String, u64)> {
    let long = WAYS_64.map(|(name, code)| (name, format!("(i64.reinterpret_f64 {code})"), F64));
    let short =
        WAYS_32.map(|(name, code)| (name, format!("(i64.extend_i32_u (i32.reinterpret_f32 {code}))"), F32));
    // A bit too many in either lane shows in both together.
    let lanes = |code: &str| {
        format!(
            "(local.set $lanes {code})
            (i64.or (i64x2.extract_lane 0 (local.get $lanes)) (i64x2.extract_lane 1 (local.get $lanes)))"
        )
    };
    let vectors = VECTORS_64.map(|(name, code)| (name, lanes(code), F64));
    let first = |code: &str| format!("(i64x2.extract_lane 0 {code})");
    let short_vectors = VECTORS_32.map(|(name, code)| (name, first(code), F32 << 32 | F32));
    long.into_iter().chain(short).chain(vectors).chain(short_vectors).collect()
}

/// Makes a component with a function for each way.
fn component() -> String {
    let (mut core, mut lifted, mut exported) = (String::new(), String::new(), String::new());
    for (name, code, _) in ways() {
        let locals = "(local $zero f32) (local $infinite f32) (local $zeros v128) (local $odds v128) \
                      (local $lanes v128) (local.set $infinite (f32.demote_f64 (global.get $infinite))) \
                      (local.set $odds (f64x2.splat (global.get $odd)))";
        let _ = writeln!(core, r#"(func (export "{name}") (result i64) {locals} {code})"#);
        let _ = writeln!(lifted, r#"(func ${name} (result u64) (canon lift (core func $i "{name}")))"#);
        let _ = writeln!(exported, r#"(export "{name}" (func ${name}))"#);
    }
    format!(
        r#"(component
            (core module $m
                (global $zero (mut f64) (f64.const 0))
                (global $infinite (mut f64) (f64.const inf))
                (global $odd (mut f64) (f64.const -nan:0x123456789))
                {core})
            (core instance $i (instantiate $m))
            {lifted}
            (instance $nans {exported})
            (export "acme:nans/nans" (instance $nans)))"#
    )
}

#[test]
fn a_nan_has_the_same_bits_however_it_was_made() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("nans.wasm");
    std::fs::write(&file, wat::parse_str(component()).unwrap()).unwrap();
    let server = Server::start(&fixture::plugin("nans", &file));
    let client = server.client(Revision::Modern);
    let wrong: Vec<_> = ways()
        .into_iter()
        .filter_map(|(name, _, expected)| {
            let called = client.call(&name.replace('-', "_"), &json!({}));
            let bits = called.structured.as_ref().and_then(|result| bits(&result["result"]));
            (bits != Some(expected)).then(|| format!("{name}: expected {expected:#x}, found {bits:x?}"))
        })
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Reads a `u64`, which is a string where a number might be rounded.
fn bits(value: &Value) -> Option<u64> {
    value.as_u64().or_else(|| value.as_str()?.parse().ok())
}
