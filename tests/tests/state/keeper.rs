//! Calls the fixture `keeper` as different callers.

use std::sync::Arc;

use bytes::Bytes;
use serde_json::{Value, json};
use toolcell_host::call::{Call, Report, Runner};
use toolcell_host::catalog::FunctionRef;
use toolcell_host::codec::ResultBody;
use toolcell_host::outcome::CallOutcome;
use toolcell_host::sandbox::CallInfo;
use toolcell_host::state_store::StateStore;
use toolcell_tests::{Bundle, fixture};

/// A caller: how it was authenticated, and its name.
pub(crate) type Caller = Option<(&'static str, &'static str)>;

pub(crate) const ANN: Caller = Some(("bearer", "ann"));
pub(crate) const BOB: Caller = Some(("bearer", "bob"));
pub(crate) const ANONYMOUS: Caller = None;

/// The tool that uses the later draft, and the one that uses the earlier one.
pub(crate) const DRAFTS: [&str; 2] = ["run", "run_draft"];

/// Plugins that are served.
pub(crate) struct Keeper {
    pub(crate) runner: Arc<Runner>,
    _bundle: Bundle,
}

/// The table of a plugin `name` with the component `keeper`, and these lines in its table of buckets.
pub(crate) fn plugin(name: &str, more: &str, buckets: &str) -> String {
    let table = fixture::plugin(name, &fixture::component("keeper"));
    format!("{table}prefix = \"{name}-\"\n{more}\n[plugins.{name}.grants.keyvalue]\n{buckets}\n")
}

impl Keeper {
    /// Serves a configuration with a store.
    pub(crate) fn serve(config: &str, store: Option<Arc<dyn StateStore>>) -> Self {
        let bundle = Bundle::build(config);
        let runner = bundle.open().unwrap_or_else(|problem| panic!("{problem}")).with_state_store(store);
        Self { runner: Arc::new(runner), _bundle: bundle }
    }

    /// Calls a tool.
    pub(crate) async fn report(&self, tool: &str, caller: Caller, bucket: &str, steps: Value) -> Report {
        report(&self.runner, tool, caller, bucket, steps).await
    }

    /// Calls a tool and returns its lines.
    pub(crate) async fn lines(&self, tool: &str, caller: Caller, bucket: &str, steps: Value) -> Vec<String> {
        lines(&self.report(tool, caller, bucket, steps).await)
    }
}

/// Calls a tool of a runner.
pub(crate) async fn report(
    runner: &Runner,
    tool: &str,
    caller: Caller,
    bucket: &str,
    steps: Value,
) -> Report {
    let tool = runner.index().tool(tool).unwrap().unwrap_or_else(|| panic!("no tool {tool}"));
    let arguments = json!({ "bucket": bucket, "steps": steps }).to_string();
    let call = Call::new(FunctionRef::Tool(tool), Bytes::from(arguments));
    let info = match caller {
        Some((kind, name)) => {
            let (principal, subject) = (Some(name.to_owned()), name.to_owned());
            CallInfo { principal, subject, principal_kind: kind, ..CallInfo::default() }
        }
        None => CallInfo::default(),
    };
    runner.run(Call { info: Arc::new(info), ..call }).await
}

/// Returns the lines that a call returned.
pub(crate) fn lines(report: &Report) -> Vec<String> {
    match &report.result {
        Ok(encoded) => match &encoded.body {
            ResultBody::Json(json) => {
                let value: Value = serde_json::from_slice(json).unwrap();
                let list = value.get("result").unwrap_or(&value);
                serde_json::from_value(list.clone()).unwrap_or_else(|_| panic!("{value}"))
            }
            other => panic!("{other:?}"),
        },
        Err(failure) => panic!("{failure}"),
    }
}

/// Returns the name of a call's outcome.
pub(crate) fn outcome(report: &Report) -> &'static str {
    CallOutcome::of(report).name
}

/// A runtime for calls.
pub(crate) fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_multi_thread().worker_threads(Runner::THREADS).enable_all().build().unwrap()
}
