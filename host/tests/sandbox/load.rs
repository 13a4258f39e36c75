//! Loading: what the compiler made the host runs, and what does not fit is refused with advice.

use toolcell_host::artifact::{Code, CodeError};
use toolcell_host::catalog::{Digest, Grants};
use toolcell_host::sandbox::{PrepareError, Sandbox, engine};
use wasmtime::component::Val;

use crate::support::{
    self, Fixture, baseline, component, limits, load, nowhere, plugin, precompile_with, tool,
};

const ECHO: &str = r#"(component
    (core module $m
        (memory (export "memory") 1)
        (func (export "realloc") (param i32 i32 i32 i32) (result i32) (i32.const 1024))
        (func (export "run") (param $at i32) (param $length i32) (result i32)
            (i32.store (i32.const 0) (local.get $at))
            (i32.store (i32.const 4) (local.get $length))
            (i32.const 0)))
    (core instance $i (instantiate $m))
    (func (export "run") (param "text" string) (result string)
        (canon lift (core func $i "run") (memory $i "memory") (realloc (func $i "realloc")))))"#;

#[tokio::test]
async fn a_component_is_called_and_gives_its_result() {
    let echo = load(ECHO, limits());
    let ended = echo.call_with(&[Val::String("hello".to_owned())], None, None).await;
    assert_eq!(ended.result.unwrap(), [Val::String("hello".to_owned())]);
    assert_eq!(ended.usage.peak_memory_bytes, 64 << 10, "one page");
}

#[tokio::test]
async fn every_call_starts_from_the_initial_memory() {
    let counter = load(
        &component(
            r#"(memory 1) (global $calls (mut i32) (i32.const 0))
            (func (export "run") (result i32)
                (global.set $calls (i32.add (global.get $calls) (i32.const 1)))
                (i32.store (i32.const 8) (i32.add (i32.load (i32.const 8)) (i32.const 1)))
                (i32.add (global.get $calls) (i32.load (i32.const 8))))"#,
        ),
        limits(),
    );
    for _ in 0..3 {
        assert_eq!(counter.number().await, 2);
    }
}

#[test]
fn code_of_another_configuration_is_refused_with_the_command_that_mends_it() {
    let mut other = engine::config();
    other.epoch_interruption(false);
    let error = refusal(precompile_with(baseline(other), ECHO));
    assert!(error.contains("epoch"), "says why: {error}");
    assert!(error.contains("`toolcell build`"), "says what to run: {error}");
    assert!(!error.contains("/proc"), "does not show the host's own paths: {error}");
}

#[test]
fn code_that_was_cut_is_refused() {
    let bytes = support::precompile(ECHO);
    for length in [0, 1, 64, bytes.len() / 2, bytes.len() - 1] {
        let error = refusal(bytes[..length].to_vec());
        assert!(error.contains("`toolcell build`"), "{length}: {error}");
    }
}

#[test]
fn the_bundles_engine_is_compared_in_plain_words() {
    let ours = engine::describe(&engine::host_target(), "x86-64-v3");
    assert_eq!(engine::check(&ours), Ok(()));
    let mut patch = ours.clone();
    patch.wasmtime = "48.0.1".to_owned();
    assert_eq!(engine::check(&patch), Ok(()), "patch releases load each other's code");
    let mut older = ours.clone();
    older.wasmtime = "47.0.4".to_owned();
    let error = engine::check(&older).unwrap_err().to_string();
    assert!(error.starts_with("precompiled for wasmtime 47.0.4, this host has 48.0.8: run `toolcell build`"), "{error}");
    let mut reconfigured = ours.clone();
    reconfigured.configuration += 1;
    let error = engine::check(&reconfigured).unwrap_err().to_string();
    assert!(error.contains("engine configuration") && error.contains("`toolcell build`"), "{error}");
    let mut elsewhere = ours;
    elsewhere.target = "s390x-unknown-linux-gnu".to_owned();
    let error = engine::check(&elsewhere).unwrap_err().to_string();
    assert!(error.contains("s390x") && error.contains("toolcell build --target"), "{error}");
}

#[test]
fn a_tool_that_the_component_lacks_is_named() {
    let bytes = support::precompile(ECHO);
    let code = Code::verified(&bytes, Digest::of(&bytes)).unwrap();
    let mut tool = tool("echo", limits());
    tool.export.function = "gone".to_owned();
    let prepared = Sandbox::new().prepare(&code, &plugin(Grants::default()), [&tool], nowhere());
    let Err(PrepareError::Export { tool, function }) = prepared else { panic!("it has no `gone`") };
    assert_eq!((tool.as_str(), function.as_str()), ("echo", "gone"));
}

fn refusal(bytes: Vec<u8>) -> String {
    let code = Code::verified(&bytes, Digest::of(&bytes)).unwrap();
    let tool = tool("echo", limits());
    match Sandbox::new().prepare(&code, &plugin(Grants::default()), [&tool], nowhere()) {
        Err(error @ PrepareError::Code(CodeError::Load { .. })) => error.to_string(),
        Err(error) => panic!("refused for another reason: {error}"),
        Ok(_) => panic!("it was loaded"),
    }
}
