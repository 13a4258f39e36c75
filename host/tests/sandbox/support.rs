//! Makes components from text, loads them as the server does, and calls them.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::mpsc::Sender;
use toolcell_host::artifact::Code;
use toolcell_host::catalog::{self, Confirm, Export, Grants, Limits, Returns, ScopeSet, Tool};
use toolcell_host::codec::Function;
use toolcell_host::digest::Digest;
use toolcell_host::mcp::Level;
use toolcell_host::rounds::Rounds;
use toolcell_host::sandbox::{
    Allocation, CallResult, CallSetup, Event, GrantRoots, GuestFailure, Interrupt, LinkedFunction, Listener,
    LoadError, LoadedPlugin, Sandbox, Subscription, engine,
};
use wasmtime::component::Val;
use wasmtime::{Config, Engine};

/// One MiB.
pub(crate) const MIB: usize = 1 << 20;

/// Compiles a component in text form as `toolcell build` does: for a named target and baseline.
pub(crate) fn precompile(wat: &str) -> Vec<u8> {
    precompile_with(baseline(engine::config()), wat)
}

/// Compiles with any configuration.
pub(crate) fn precompile_with(mut config: Config, wat: &str) -> Vec<u8> {
    config.parallel_compilation(false);
    let wasm = wat::parse_str(wat).unwrap_or_else(|error| panic!("{error}\n{wat}"));
    let engine = Engine::new(&config).unwrap();
    engine.precompile_component(&wasm).unwrap_or_else(|error| panic!("{error:?}\n{wat}"))
}

/// Sets the target and the CPU baseline of `toolcell build`.
#[allow(unsafe_code, reason = "wasmtime cannot tell whether a flag exists on the target; this one does")]
pub(crate) fn baseline(mut config: Config) -> Config {
    config.target(&engine::host_target()).unwrap();
    if cfg!(target_arch = "x86_64") {
        // SAFETY: the flag is a preset of the x86-64 backend, and the loader checks what it implies
        // against the machine.
        unsafe { config.cranelift_flag_enable("x86-64-v3") };
    }
    config
}

/// A component around one core module that exports `run: func() -> u32`.
pub(crate) fn component(core: &str) -> String {
    format!(
        r#"(component
            (core module $m {core})
            (core instance $i (instantiate $m))
            (func (export "run") (result u32) (canon lift (core func $i "run"))))"#
    )
}

/// Limits that ordinary tests never reach.
pub(crate) fn limits() -> Limits {
    Limits {
        memory_bytes: 64 * MIB,
        table_elements: 20_000,
        instances: 32,
        stack_bytes: engine::DEFAULT_STACK_BYTES,
        hostcall_bytes: 8 * MIB,
        handles: 1024,
        output_bytes: MIB,
        input_bytes: MIB,
        log_bytes: 64 << 10,
        notifications: 100,
        deadline_ms: 20_000,
    }
}

/// A plugin of the catalog with these grants.
pub(crate) fn plugin(grants: Grants) -> catalog::Plugin {
    let digest = Digest([0; 32]);
    catalog::Plugin {
        name: "fixture".to_owned(),
        version: None,
        component: digest,
        code: digest,
        code_bytes: 0,
        grants,
        asks: false,
    }
}

/// A tool `name` that is the world-level function `run`.
pub(crate) fn tool(name: &str, limits: Limits) -> Tool {
    Tool {
        name: name.to_owned(),
        plugin: 0,
        export: Export { interface: None, function: "run".to_owned() },
        function: Function { params: Vec::new(), result: None },
        raw_arguments: false,
        returns: Returns::Value,
        limits,
        confirm: Confirm::Never,
        calls_per_minute: None,
        required_scopes: ScopeSet::NONE,
        requires_client_capabilities: None,
    }
}

/// Sets up a call of a tool without a listener, and without questions.
pub(crate) fn setup(tool: &Tool) -> CallSetup<'_> {
    CallSetup {
        function: tool.into(),
        request: "r-1",
        not_after: None,
        listener: None,
        info: Arc::default(),
        secrets: BTreeMap::new(),
        rounds: Rounds::new([0; 32], 0),
    }
}

/// Grant roots of a test that grants no directory.
pub(crate) fn nowhere() -> GrantRoots<'static> {
    GrantRoots { grants: Path::new("/nonexistent"), bundle: None }
}

/// A loaded plugin with one tool.
pub(crate) struct Fixture {
    /// Kept because it owns the ticker's engines.
    _sandbox: Sandbox,
    /// The plugin.
    pub(crate) plugin: LoadedPlugin,
    /// Its function.
    pub(crate) function: LinkedFunction,
    /// Its tool.
    pub(crate) tool: Tool,
}

/// Loads a component in text form, with limits, without grants.
pub(crate) fn load(wat: &str, limits: Limits) -> Fixture {
    load_with(wat, limits, Grants::default(), nowhere()).unwrap()
}

/// Loads a component in text form.
pub(crate) fn load_with(
    wat: &str,
    limits: Limits,
    grants: Grants,
    roots: GrantRoots<'_>,
) -> Result<Fixture, LoadError> {
    let bytes = precompile(wat);
    let code = Code::verified(&bytes, Digest::of(&bytes)).unwrap();
    let sandbox = Sandbox::new();
    let tool = tool("fixture", limits);
    let plugin =
        sandbox.load(&code, &plugin(grants), &[tool.limits.stack_bytes], roots, Allocation::Pooled)?;
    let function = plugin.link((&tool).into())?;
    Ok(Fixture { _sandbox: sandbox, plugin, function, tool })
}

/// Loads code, without grants.
pub(crate) fn load_code(code: &Code, limits: Limits) -> Fixture {
    let sandbox = Sandbox::new();
    let tool = tool("fixture", limits);
    let plugin = plugin(Grants::default());
    let plugin =
        sandbox.load(code, &plugin, &[tool.limits.stack_bytes], nowhere(), Allocation::Pooled).unwrap();
    let function = plugin.link((&tool).into()).unwrap();
    Fixture { _sandbox: sandbox, plugin, function, tool }
}

/// The error of a caller that never refuses.
#[derive(Debug, thiserror::Error)]
#[error("never")]
pub(crate) enum Never {}

/// A call that is over.
pub(crate) type Over = CallResult<Vec<Val>, Never>;

impl Fixture {
    /// Calls the tool without arguments; it returns one value.
    pub(crate) async fn call(&self) -> Over {
        self.call_with(&[], None, None).await
    }

    /// Calls the tool.
    pub(crate) async fn call_with(
        &self,
        arguments: &[Val],
        events: Option<Sender<Event>>,
        log_level: Option<Level>,
    ) -> Over {
        let listener =
            events.map(|events| Listener { events, progress: Subscription::Wanted, level: log_level });
        self.call_setup(arguments, CallSetup { listener, ..setup(&self.tool) }).await
    }

    /// Calls the tool with everything that a call has.
    pub(crate) async fn call_setup(&self, arguments: &[Val], setup: CallSetup<'_>) -> Over {
        let arguments = arguments.to_vec();
        self.plugin
            .call(&self.function, setup, move |store, function| {
                Box::pin(async move {
                    let mut results = vec![Val::Bool(false)];
                    let called = function.call_async(store, &arguments, &mut results).await;
                    called.map(|()| results).map_err(Interrupt::Guest)
                })
            })
            .await
    }

    /// Calls the tool and expects a number.
    pub(crate) async fn number(&self) -> u32 {
        match self.call().await.result.as_deref() {
            Ok([Val::U32(number)]) => *number,
            other => panic!("expected a number, got {other:?}"),
        }
    }

    /// Calls the tool, expects it to fail, and expects the plugin to be as good as before.
    pub(crate) async fn failure(&self) -> GuestFailure<Never> {
        let first = self.call().await.result.expect_err("the call should have failed");
        let again = self.call().await.result.expect_err("so should the next one");
        assert_eq!(first.to_string(), again.to_string(), "the next call fares the same");
        first
    }
}

/// Runs a future and says how long it took.
pub(crate) async fn timed<T>(future: impl Future<Output = T>) -> (T, Duration) {
    let start = Instant::now();
    let value = future.await;
    (value, start.elapsed())
}
