//! Measures guest memory and trees of values side by side:
//! `CARGO_PROFILE_DEV_OPT_LEVEL=3 cargo test -p toolcell-host --lib guest::tests::speed -- --ignored --nocapture`

use std::hint::black_box;
use std::time::{Duration, Instant};

use wasmtime::component::Val;

use super::echo::{AMPLE, Guest, with_ballast};
use crate::codec::guest::call;
use crate::codec::{Field, Type, val};

/// Shortest of many runs, instantiation left out.
fn fastest(runs: usize, mut run: impl FnMut() -> Duration) -> Duration {
    (0..runs).map(|_| run()).min().unwrap_or_default()
}

fn compare(name: &str, ty: &Type, value: &str, runs: usize) {
    let guest = Guest::echo(ty, "utf8");
    let arguments = with_ballast(value);
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let (mut decode, mut encode) = (Duration::MAX, Duration::MAX);
    let direct = fastest(runs, || {
        runtime.block_on(async {
            let (mut store, func) = guest.instance().await;
            let bytes = arguments.clone().into();
            let start = Instant::now();
            let reply = call(&mut store, func, &guest.plan, bytes, AMPLE).await.unwrap();
            let elapsed = start.elapsed();
            decode = decode.min(reply.decode);
            encode = encode.min(reply.encode);
            elapsed
        })
    });
    let by_value = fastest(runs, || {
        runtime.block_on(async {
            let (mut store, func) = guest.instance().await;
            store.set_hostcall_fuel(usize::MAX);
            let start = Instant::now();
            let params = val::decode(&guest.plan.checked, arguments.as_bytes(), usize::MAX).unwrap();
            let mut results = [Val::Bool(false)];
            func.call_async(&mut store, &params, &mut results).await.unwrap();
            black_box(val::encode(&guest.plan.checked, Some(&results[0]), AMPLE.output_bytes).unwrap());
            start.elapsed()
        })
    });
    println!(
        "{name:>24}: direct {direct:>10.1?} (decode {decode:.1?}, encode {encode:.1?}), by value {by_value:>10.1?}"
    );
}

#[test]
#[ignore = "measures, and says nothing in a debug build"]
fn both_ways_side_by_side() {
    let field = |name: &str, ty| Field { name: name.into(), ty, docs: None };
    let record = Type::Record(vec![
        field("name", Type::String),
        field("width", Type::U32),
        field("ratio", Type::F64),
        field("tags", Type::List(Box::new(Type::String))),
        field("note", Type::Option(Box::new(Type::String))),
    ]);
    let small = r#"{"name":"a picture","width":640,"ratio":1.5,"tags":["red","large"],"note":null}"#;
    compare("small record", &record, small, 2000);
    compare("1 MB of text", &Type::String, &format!("\"{}\"", "plain text ".repeat(95_000)), 50);
    compare(
        "1 MB of escaped text",
        &Type::String,
        &format!("\"{}\"", "some \\\"line\\\"\\n".repeat(70_000)),
        50,
    );
    compare("1 MB of bytes", &Type::Bytes, &format!("\"{}\"", "q83v".repeat(350_000)), 20);
    let records = format!("[{}{small}]", format!("{small},").repeat(9_999));
    compare("10,000 records", &Type::List(Box::new(record)), &records, 20);
    let numbers = Type::List(Box::new(Type::F64));
    compare("100,000 floats", &numbers, &format!("[1.25{}]", ",0.123456789".repeat(99_999)), 20);
}
