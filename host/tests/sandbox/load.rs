//! Loading: what the compiler made the host runs, and what does not fit is refused with advice.

use toolcell_host::artifact::{Code, CodeError};
use toolcell_host::catalog::Grants;
use toolcell_host::digest::Digest;
use toolcell_host::sandbox::{Allocation, LoadError, Sandbox, engine};
use wasmtime::component::Val;

use crate::support::{
    self, baseline, component, limits, load, load_code, nowhere, plugin, precompile_with, tool,
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
        (canon lift (core func $i "run") (memory (core memory $i "memory")) (realloc (core func $i "realloc")))))"#;

#[tokio::test]
async fn a_component_is_called_and_gives_its_result() {
    let echo = load(ECHO, limits());
    let ended = echo.call_with(&[Val::String("hello".to_owned())], None, None).await;
    assert_eq!(ended.result.unwrap(), [Val::String("hello".to_owned())]);
    assert_eq!(ended.usage.peak_memory_bytes, 64 << 10, "one page");
}

#[tokio::test]
async fn code_of_the_package_runs_straight_from_its_file() {
    let package = tempfile::tempdir().unwrap();
    let core = r#"(func (export "run") (result i32) (i32.const 7))"#;
    std::fs::write(package.path().join("a.cwasm"), support::precompile(&component(core))).unwrap();
    let authority = cap_std::ambient_authority();
    let dir = cap_std::fs::Dir::open_ambient_dir(package.path(), authority).unwrap();
    let code = Code::mapped(&dir, "a.cwasm").unwrap();
    std::fs::remove_file(package.path().join("a.cwasm")).unwrap();
    assert_eq!(load_code(&code, limits()).number().await, 7, "what was opened is what runs");
}

#[test]
#[allow(unsafe_code, reason = "the sandbox itself cannot be built with the compiler switched off")]
fn a_host_without_compiler_loads_what_the_compiler_made() {
    let bytes = support::precompile(ECHO);
    let mut runtime_only = engine::config();
    runtime_only.enable_compiler(false);
    let host = wasmtime::Engine::new(&runtime_only).unwrap();
    // SAFETY: the bytes were compiled just above.
    let component = unsafe { wasmtime::component::Component::deserialize(&host, &bytes) };
    assert!(component.is_ok(), "{:?}", component.err());
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
    assert!(
        error.starts_with("precompiled for wasmtime 47.0.4, this host has 48.0.8: run `toolcell build`"),
        "{error}"
    );
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
    let stacks = [tool.limits.stack_bytes];
    let plugin = Sandbox::new()
        .load(&code, &plugin(Grants::default()), &stacks, nowhere(), Allocation::Pooled)
        .unwrap();
    let linked = plugin.link((&tool).into());
    let Err(LoadError::Export { tool, function }) = linked else { panic!("it has no `gone`") };
    assert_eq!((tool.as_str(), function.as_str()), ("echo", "gone"));
}

fn refusal(bytes: Vec<u8>) -> String {
    let code = Code::verified(&bytes, Digest::of(&bytes)).unwrap();
    let stacks = [limits().stack_bytes];
    match Sandbox::new().load(&code, &plugin(Grants::default()), &stacks, nowhere(), Allocation::Pooled) {
        Err(error @ LoadError::Code(CodeError::Load { .. })) => error.to_string(),
        Err(error) => panic!("refused for another reason: {error}"),
        Ok(_) => panic!("it was loaded"),
    }
}
