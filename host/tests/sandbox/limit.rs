//! Every limit, obeyed and violated.

use std::time::{Duration, Instant};

use toolcell_host::artifact::Code;
use toolcell_host::catalog::{Grants, Limits};
use toolcell_host::digest::Digest;
use toolcell_host::sandbox::{Allocation, CallSetup, Crash, GuestFailure, Interrupt, Limit, Sandbox};
use wasmtime::component::Val;

use crate::support::{self, Never, component, limits, load, nowhere, plugin, timed, tool};
use crate::wasi;

const PAGE: usize = 64 << 10;

/// Two memories of one page each, grown by one page each; returns the pages it has, or panics.
const TWO_MEMORIES: &str = r#"(memory $a 1) (memory $b 1)
    (func (export "run") (result i32)
        (if (i32.lt_s (memory.grow $a (i32.const 1)) (i32.const 0)) (then unreachable))
        (if (i32.lt_s (memory.grow $b (i32.const 1)) (i32.const 0)) (then unreachable))
        (i32.add (memory.size $a) (memory.size $b)))"#;

#[tokio::test]
async fn memory_up_to_the_cap_is_given_and_summed_over_memories() {
    let fixture = load(&component(TWO_MEMORIES), Limits { memory_bytes: 4 * PAGE, ..limits() });
    let ended = fixture.call().await;
    assert_eq!(ended.result.unwrap(), [Val::U32(4)]);
    assert_eq!(ended.usage.peak_memory_bytes, 4 * PAGE);
}

#[tokio::test]
async fn memory_beyond_the_cap_ends_a_guest_that_does_not_cope() {
    let fixture = load(&component(TWO_MEMORIES), Limits { memory_bytes: 4 * PAGE - 1, ..limits() });
    let failure = fixture.failure().await;
    assert!(matches!(failure, GuestFailure::Exceeded(Limit::Memory)), "{failure:?}");
    assert_eq!(failure.to_string(), "the tool needed more memory than it is allowed");
}

#[tokio::test]
async fn memory_beyond_the_cap_is_minus_one_to_a_guest_that_copes() {
    let grow = r#"(memory 1) (func (export "run") (result i32) (memory.grow (i32.const 65000)))"#;
    assert_eq!(load(&component(grow), limits()).number().await, u32::MAX);
}

#[tokio::test]
async fn initial_memory_beyond_the_cap_is_refused() {
    for core in [
        r#"(memory 65536) (func (export "run") (result i32) (i32.const 0))"#.to_owned(),
        format!(r#"{} (func (export "run") (result i32) (i32.const 0))"#, "(memory 256)".repeat(8)),
    ] {
        let failure = load(&component(&core), limits()).failure().await;
        assert!(matches!(failure, GuestFailure::Exceeded(Limit::Memory)), "{failure:?}");
    }
}

fn two_tables(elements: u32) -> String {
    component(&format!(
        r#"(table $a {elements} funcref) (table $b {elements} funcref)
        (func (export "run") (result i32)
            (if (i32.lt_s (table.grow $b (ref.null func) (i32.const 1)) (i32.const 0)) (then unreachable))
            (i32.add (table.size $a) (table.size $b)))"#
    ))
}

#[tokio::test]
async fn tables_up_to_the_cap_are_given_and_summed() {
    let fixture = load(&two_tables(10), Limits { table_elements: 21, ..limits() });
    assert_eq!(fixture.number().await, 21);
}

#[tokio::test]
async fn tables_beyond_the_cap_are_refused() {
    for (elements, cap) in [(10, 20), (10, 15), (100_000_000, 20_000)] {
        let fixture = load(&two_tables(elements), Limits { table_elements: cap, ..limits() });
        let failure = fixture.failure().await;
        assert!(matches!(failure, GuestFailure::Exceeded(Limit::Tables)), "{elements}: {failure:?}");
    }
}

fn instances(count: usize) -> String {
    let more = "(core instance (instantiate $m))".repeat(count - 1);
    component(r#"(func (export "run") (result i32) (i32.const 7))"#).replace(
        "(func (export \"run\") (result u32)",
        &format!("{more} (func (export \"run\") (result u32)"),
    )
}

#[tokio::test]
async fn as_many_instances_as_allowed_are_made() {
    assert_eq!(load(&instances(5), Limits { instances: 5, ..limits() }).number().await, 7);
}

#[tokio::test]
async fn more_instances_are_refused() {
    let failure = load(&instances(6), Limits { instances: 5, ..limits() }).failure().await;
    assert!(matches!(failure, GuestFailure::Exceeded(Limit::Instances)), "{failure:?}");
}

/// Recurses 5,000 deep; a frame takes some tens of bytes.
const DEEP: &str = r#"(func $deep (param i32) (result i32)
        (if (i32.eqz (local.get 0)) (then (return (i32.const 0))))
        (i32.add (i32.const 1) (call $deep (i32.sub (local.get 0) (i32.const 1)))))
    (func (export "run") (result i32) (call $deep (i32.const 5000)))"#;

#[tokio::test]
async fn two_tools_of_one_plugin_have_each_their_own_stack() {
    let twice = r#"(func (export "again") (result u32) (canon lift (core func $i "run"))))"#;
    let component = component(DEEP);
    let bytes = support::precompile(&format!("{}{twice}", component.strip_suffix(')').unwrap()));
    let code = Code::verified(&bytes, Digest::of(&bytes)).unwrap();
    let small = tool("small", Limits { stack_bytes: 64 << 10, ..limits() });
    let mut large = tool("large", Limits { stack_bytes: 1 << 20, ..limits() });
    "again".clone_into(&mut large.export.function);
    let sandbox = Sandbox::new();
    let plugin = plugin(Grants::default());
    let plugin = sandbox.load(&code, &plugin, &[64 << 10, 1 << 20], nowhere(), Allocation::Pooled).unwrap();
    let call = async |tool| {
        let (setup, function) = (support::setup(tool), plugin.link(tool.into()).unwrap());
        let ended = plugin.call::<_, Never>(&function, setup, |store, function| {
            Box::pin(async move {
                let mut results = [Val::Bool(false)];
                let called = function.call_async(store, &[], &mut results).await;
                called.map(|()| results).map_err(Interrupt::Guest)
            })
        });
        ended.await.result
    };
    assert_eq!(call(&large).await.unwrap(), [Val::U32(5000)]);
    let failure = call(&small).await.unwrap_err();
    assert!(matches!(failure, GuestFailure::Exceeded(Limit::Stack)), "{failure:?}");
    assert_eq!(call(&large).await.unwrap(), [Val::U32(5000)], "the other tool is none the worse");
}

#[tokio::test]
async fn data_of_one_host_call_up_to_the_cap_is_taken() {
    let fixture = load(&wasi::message(4000), Limits { hostcall_bytes: 4096, ..limits() });
    assert_eq!(fixture.number().await, 1);
}

#[tokio::test]
async fn more_data_in_one_host_call_ends_the_guest() {
    let fixture = load(&wasi::message(5000), Limits { hostcall_bytes: 4096, ..limits() });
    let failure = fixture.failure().await;
    assert!(matches!(failure, GuestFailure::Exceeded(Limit::Hostcall)), "{failure:?}");
}

fn resources(count: u32) -> String {
    format!(
        r#"(component
        (type $r (resource (rep i32)))
        (core func $new (canon resource.new $r))
        (core module $m
            (import "" "new" (func $new (param i32) (result i32)))
            (func (export "run") (result i32) (local $left i32)
                (local.set $left (i32.const {count}))
                (loop $again
                    (drop (call $new (i32.const 1)))
                    (br_if $again (local.tee $left (i32.sub (local.get $left) (i32.const 1)))))
                (i32.const {count})))
        (core instance $i (instantiate $m (with "" (instance (export "new" (func $new))))))
        (func (export "run") (result u32) (canon lift (core func $i "run"))))"#
    )
}

#[tokio::test]
async fn as_many_handles_as_allowed_are_given() {
    let limits = Limits { handles: 100, ..limits() };
    assert_eq!(load(&resources(100), limits.clone()).number().await, 100, "the guest's own");
    assert_eq!(load(&wasi::pollables(100), limits).number().await, 100, "the host's");
}

#[tokio::test]
async fn a_flood_of_handles_ends_the_guest() {
    let limits = Limits { handles: 100, ..limits() };
    for component in [resources(101), wasi::pollables(101), wasi::pollables(10_000_000)] {
        let failure = load(&component, limits.clone()).failure().await;
        assert!(matches!(failure, GuestFailure::Exceeded(Limit::Handles)), "{failure:?}");
    }
}

#[tokio::test]
async fn a_loan_counts_as_a_handle() {
    let limits = Limits { handles: 100, ..limits() };
    assert_eq!(load(&wasi::loans(99), limits.clone()).number().await, 99);
    let failure = load(&wasi::loans(100), limits).failure().await;
    assert!(matches!(failure, GuestFailure::Exceeded(Limit::Handles)), "{failure:?}");
}

#[tokio::test]
async fn a_guest_cannot_pass_another_failure_off_as_a_limit() {
    for text in ["resource limit exceeded: x", "cannot lend resource: store handle limit exceeded"] {
        let failure = load(&wasi::refused_in(text), limits()).failure().await;
        assert!(matches!(failure, GuestFailure::Trapped(Crash::Other)), "{text}: {failure:?}");
    }
}

#[tokio::test]
async fn random_bytes_up_to_the_cap_are_given() {
    assert_eq!(load(&wasi::random(64 << 10), limits()).number().await, 64 << 10);
    assert_eq!(load(&wasi::insecure_random(64 << 10), limits()).number().await, 64 << 10);
}

#[tokio::test]
async fn more_random_bytes_at_a_time_end_the_guest() {
    for length in [(64 << 10) + 1, 1 << 40, u64::MAX] {
        for component in [wasi::random(length), wasi::insecure_random(length)] {
            let failure = load(&component, limits()).failure().await;
            assert!(matches!(failure, GuestFailure::Exceeded(Limit::Random)), "{failure:?}");
        }
    }
}

#[tokio::test]
async fn a_guest_that_needs_less_than_its_deadline_returns() {
    let fixture = load(&wasi::sleep(50_000_000), Limits { deadline_ms: 10_000, ..limits() });
    let (number, elapsed) = timed(fixture.number()).await;
    assert_eq!(number, 7);
    assert!(elapsed >= Duration::from_millis(50), "it really slept: {elapsed:?}");
}

#[tokio::test]
async fn a_guest_that_needs_more_is_stopped_and_told_how_long_it_had() {
    let fixture = load(&wasi::sleep(3_600_000_000_000), Limits { deadline_ms: 100, ..limits() });
    let (failure, elapsed) = timed(fixture.failure()).await;
    assert!(matches!(failure, GuestFailure::Deadline(_)), "{failure:?}");
    assert_eq!(failure.to_string(), "the tool did not finish within 100 ms");
    assert!(elapsed < Duration::from_secs(5), "two calls took {elapsed:?}");
}

#[tokio::test]
async fn an_earlier_end_of_the_invocation_wins_over_the_tools_own_deadline() {
    let fixture = load(&wasi::sleep(3_600_000_000_000), limits());
    let not_after = Some(Instant::now() + Duration::from_millis(100));
    let setup = CallSetup { not_after, ..support::setup(&fixture.tool) };
    let ended = fixture.plugin.call::<_, Never>(&fixture.function, setup, |store, function| {
        Box::pin(async move {
            let mut results = [Val::Bool(false)];
            function.call_async(store, &[], &mut results).await.map_err(Interrupt::Guest)
        })
    });
    let (ended, elapsed) = timed(ended).await;
    assert!(matches!(ended.result, Err(GuestFailure::Deadline(_))), "{:?}", ended.result);
    assert!(elapsed < Duration::from_secs(5), "{elapsed:?}");
}
