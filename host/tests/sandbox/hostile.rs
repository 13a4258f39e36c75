//! Guests that mean harm: each ends in a clean error, and the next call fares as if nothing happened.

use std::sync::Arc;
use std::time::Duration;

use toolcell_host::catalog::Limits;
use toolcell_host::sandbox::{Crash, GuestFailure, Limit, Run};
use wasmtime::component::Val;

use crate::support::{Never, component, limits, load, timed};
use crate::wasi;

/// Longest that a call may last beyond its deadline on a busy machine.
const OVERSHOOT: Duration = Duration::from_secs(2);

fn soon() -> Limits {
    Limits { deadline_ms: 100, ..limits() }
}

#[tokio::test]
async fn a_guest_that_never_returns_is_stopped_wherever_it_loops() {
    let export = component(r#"(func (export "run") (result i32) (loop (br 0)) (i32.const 0))"#);
    let start = component(
        r#"(func $loop (loop (br 0))) (start $loop) (func (export "run") (result i32) (i32.const 0))"#,
    );
    let post_return = component(
        r#"(func (export "run") (result i32) (i32.const 0))
        (func (export "post") (param i32) (loop (br 0)))"#,
    )
    .replace("\"run\"))))", "\"run\") (post-return (core func $i \"post\")))))");
    let bulk = component(
        r#"(memory 512) (func (export "run") (result i32)
            (loop (memory.fill (i32.const 0) (i32.const 1) (i32.const 33554432)) (br 0)) (i32.const 0))"#,
    );
    for (place, wat) in [("export", export), ("start", start), ("post-return", post_return), ("bulk", bulk)] {
        let (failure, elapsed) = timed(load(&wat, soon()).failure()).await;
        assert!(matches!(failure, GuestFailure::Deadline(_)), "{place}: {failure:?}");
        assert!(elapsed < 2 * (Duration::from_millis(100) + OVERSHOOT), "{place}: {elapsed:?}");
    }
}

#[tokio::test]
async fn a_guest_that_loops_while_the_host_passes_arguments_is_stopped() {
    let wat = r#"(component
        (core module $m
            (memory (export "memory") 1)
            (func (export "realloc") (param i32 i32 i32 i32) (result i32) (loop (br 0)) (i32.const 0))
            (func (export "run") (param i32 i32) (result i32) (i32.const 0)))
        (core instance $i (instantiate $m))
        (func (export "run") (param "text" string) (result u32)
            (canon lift (core func $i "run") (memory (core memory $i "memory"))
                (realloc (core func $i "realloc")))))"#;
    let fixture = load(wat, soon());
    for _ in 0..2 {
        let ended = fixture.call_with(&[Val::String("x".to_owned())], None, None).await;
        assert!(matches!(ended.result, Err(GuestFailure::Deadline(_))), "{:?}", ended.result);
    }
}

#[tokio::test]
async fn a_flood_of_calls_to_the_host_does_not_outrun_the_deadline() {
    let (failure, elapsed) = timed(load(&wasi::clock_reads(u32::MAX), soon()).failure()).await;
    assert!(matches!(failure, GuestFailure::Deadline(_)), "{failure:?}");
    assert!(elapsed < 2 * (Duration::from_millis(100) + OVERSHOOT), "{elapsed:?}");
}

#[tokio::test]
async fn a_spinning_guest_leaves_time_to_others_on_its_thread() {
    let spinning = load(
        &component(r#"(func (export "run") (result i32) (loop (br 0)) (i32.const 0))"#),
        Limits { deadline_ms: 1000, ..limits() },
    );
    let quick = load(&component(r#"(func (export "run") (result i32) (i32.const 7))"#), limits());
    let (stopped, answered) = tokio::join!(timed(spinning.call()), timed(quick.number()));
    assert!(matches!(stopped.0.result, Err(GuestFailure::Deadline(_))));
    assert_eq!(answered.0, 7);
    assert!(answered.1 < stopped.1, "the quick one did not wait: {:?}", answered.1);
}

#[tokio::test]
async fn endless_recursion_is_a_clean_error() {
    let plain = r#"(func $f (result i32) (i32.add (call $f) (i32.const 1)))
        (func (export "run") (result i32) (call $f))"#;
    let mutual = r#"(func $f (param i32) (result i32) (i32.add (call $g (local.get 0)) (i32.const 1)))
        (func $g (param i32) (result i32) (i32.add (call $f (local.get 0)) (i32.const 1)))
        (func (export "run") (result i32) (call $f (i32.const 1)))"#;
    for core in [plain, mutual] {
        let failure = load(&component(core), limits()).failure().await;
        assert!(matches!(failure, GuestFailure::Exceeded(Limit::Stack)), "{failure:?}");
        assert_eq!(failure.to_string(), "the tool needed more stack than it is allowed");
    }
}

#[tokio::test]
async fn allocating_ten_gigabytes_ends_at_the_cap() {
    let fixture = load(
        &component(
            r#"(memory 1) (func (export "run") (result i32)
                (loop $again
                    (br_if $again (i32.ge_s (memory.grow (i32.const 16)) (i32.const 0))))
                unreachable)"#,
        ),
        limits(),
    );
    let ended = fixture.call().await;
    assert!(matches!(ended.result, Err(GuestFailure::Exceeded(Limit::Memory))), "{:?}", ended.result);
    assert!(ended.usage.peak_memory_bytes <= limits().memory_bytes);
    assert!(ended.usage.peak_memory_bytes > limits().memory_bytes - (1 << 20), "up to the cap");
}

#[tokio::test]
async fn a_guest_that_exits_is_told_apart_from_one_that_returns() {
    for (status, code) in [(0, 0), (1, 1)] {
        let failure = load(&wasi::exit(status), limits()).failure().await;
        assert!(matches!(failure, GuestFailure::Exited(found) if found == code), "{failure:?}");
        assert!(failure.to_string().contains("exited"), "{failure}");
    }
}

#[tokio::test]
async fn each_kind_of_crash_has_its_words_and_none_shows_internals() {
    let table: &[(&str, Crash)] = &[
        ("unreachable", Crash::Panic),
        ("(drop (i32.load (i32.const 70000)))", Crash::OutOfBounds),
        ("(drop (i32.div_u (i32.const 1) (i32.const 0)))", Crash::Arithmetic),
        ("(drop (i32.trunc_f32_s (f32.const nan)))", Crash::Arithmetic),
        ("(call_indirect (i32.const 0))", Crash::BadCall),
        ("(call_indirect (i32.const 1))", Crash::BadCall),
        ("(call_indirect (i32.const 9))", Crash::OutOfBounds),
    ];
    for (code, expected) in table {
        let failure = load(
            &component(&format!(
                r#"(memory 1) (table 3 funcref) (elem (i32.const 1) $secret_name)
                (func $secret_name (result i32) (i32.const 0))
                (func (export "run") (result i32) {code} (i32.const 0))"#
            )),
            limits(),
        )
        .failure()
        .await;
        assert!(matches!(failure, GuestFailure::Trapped(found) if found == *expected), "{code}: {failure:?}");
        let text = failure.to_string();
        assert!(text.starts_with("the tool crashed: "), "{text}");
        assert!(!text.contains("secret") && !text.contains("wasm") && !text.contains('\n'), "{text}");
    }
}

#[tokio::test]
async fn a_malformed_result_is_refused() {
    let wat = component(
        r#"(memory (export "memory") 1)
        (func (export "run") (result i32) (i32.store (i32.const 4) (i32.const 2147483647)) (i32.const 0))"#,
    )
    .replace("(result u32)", "(result string)")
    .replace("\"run\"))))", "\"run\") (memory (core memory $i \"memory\")))))");
    let failure = load(&wat, limits()).failure().await;
    assert!(matches!(failure, GuestFailure::Trapped(_) | GuestFailure::Exceeded(_)), "{failure:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_call_may_be_cancelled_at_any_moment() {
    let spin = component(r#"(func (export "run") (result i32) (loop (br 0)) (i32.const 0))"#);
    let fixtures = [
        load(&spin, limits()),
        load(&wasi::sleep(3_600_000_000_000), limits()),
        load(&wasi::clock_reads(3_000), limits()),
        load(&wasi::pollables(500), limits()),
    ];
    // Points spread evenly over the microseconds of start, run and sleep, then over several ticks.
    for step in 0..400_u64 {
        let point = Duration::from_micros(if step % 4 == 0 { step * 60 } else { step });
        for fixture in &fixtures {
            let _cancelled_or_not = tokio::time::timeout(point, fixture.call()).await;
        }
    }
    assert_eq!(fixtures[2].number().await, 3_000, "the plugin is as good as new");
}

#[tokio::test]
async fn a_panic_while_arguments_are_passed_harms_no_later_call() {
    let fixture = Arc::new(load(&component(r#"(func (export "run") (result i32) (i32.const 7))"#), limits()));
    let panicking = Arc::clone(&fixture);
    let joined = tokio::spawn(async move {
        let setup = crate::support::setup(&panicking.tool);
        let ended =
            panicking.plugin.call::<(), Never>(&panicking.function, setup, |_, _| -> Run<'_, (), Never> {
                Box::pin(async { panic!("a bug in the codec") })
            });
        ended.await.result.is_ok()
    })
    .await;
    assert!(joined.unwrap_err().is_panic());
    assert_eq!(fixture.number().await, 7);
}
