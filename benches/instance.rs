//! Measures the cost of a fresh instance inside the process, phase by phase, for `make bench`.
//!
//! It runs the sandbox and the codec alone, without HTTP and protocol, with the tools of `plugins/text`. It is an
//! example of `toolcell-cli`, so that cargo builds it exactly as it builds the product.
//!
//! Usage: `instance BUNDLE [CALLS] [OUT]`

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::Context;
use bytes::Bytes;
use cap_std::ambient_authority;
use cap_std::fs::Dir;
use serde_json::{Value, json};
use toolcell_host::call::{BundleSource, Call, CodeSource, Runner};
use toolcell_host::catalog::{FunctionRef, Index, Trust};

/// The number of calls before anything counts.
const WARM_UP: usize = 500;

/// The number of times that the component is loaded.
const LOADS: usize = 200;

/// The tools that are called, with their arguments.
const TOOLS: [(&str, &str); 2] = [
    ("count_text", r#"{"text":"The quick brown fox jumps over the lazy dog."}"#),
    ("make_slug", r#"{"text":"Crème Brûlée: the chef's recipe","max_length":80}"#),
];

/// The phases of a call, in their order. `drop` is the rest of the whole, mostly freeing the instance.
const PHASES: [&str; 6] = ["instantiate", "decode", "run", "encode", "drop", "whole call"];

/// The time of each of [`PHASES`] in one call.
type Row = [Duration; PHASES.len()];

#[tokio::main(flavor = "current_thread")]
async fn main() -> anyhow::Result<()> {
    let mut arguments = std::env::args().skip(1);
    let bundle = PathBuf::from(arguments.next().context("usage: instance BUNDLE [CALLS] [OUT]")?);
    let calls = arguments.next().map_or(Ok(10_000), |calls| calls.parse()).context("CALLS is a number")?;
    let out = PathBuf::from(arguments.next().unwrap_or_else(|| "target/bench".into()));

    let mut document = serde_json::Map::new();
    for (name, arguments) in TOOLS {
        let rows = rows(&runner(&bundle)?, name, arguments, calls).await?;
        document.insert(name.into(), report(name, &loads(&bundle, name, arguments).await?, &rows));
    }
    std::fs::create_dir_all(&out)?;
    let file = out.join("instance.json");
    std::fs::write(&file, serde_json::to_string_pretty(&document)? + "\n")?;
    eprintln!("\nThe numbers again: {}", file.display());
    Ok(())
}

fn runner(bundle: &Path) -> anyhow::Result<Runner> {
    let dir = Dir::open_ambient_dir(bundle, ambient_authority()).context("cannot open the bundle")?;
    let index = Index::open(&dir, Trust::Package)?;
    let code = CodeSource::Directory { directory: dir, trust: Trust::Package };
    let source = BundleSource { code, path: Some(bundle.to_owned()), grant_root: bundle.to_owned() };
    Ok(Runner::new(index, source))
}

/// Measures the time to map the bundle, link it and find a tool, in a process that has done so before.
async fn loads(bundle: &Path, tool: &str, arguments: &'static str) -> anyhow::Result<Vec<Duration>> {
    let mut loads = Vec::with_capacity(LOADS);
    for _ in 0..LOADS {
        let runner = runner(bundle)?;
        let call = call(&runner, tool, arguments)?;
        loads.push(runner.run(call).await.phases.load);
    }
    Ok(loads)
}

async fn rows(
    runner: &Runner,
    tool: &str,
    arguments: &'static str,
    calls: usize,
) -> anyhow::Result<Vec<Row>> {
    let mut rows = Vec::with_capacity(calls);
    for count in 0..WARM_UP + calls {
        let call = call(runner, tool, arguments)?;
        let start = Instant::now();
        let report = runner.run(call).await;
        let whole = start.elapsed();
        report.result.with_context(|| format!("{tool} failed"))?;
        let phases = report.phases;
        let known = phases.load + phases.instantiate + phases.decode + phases.run + phases.encode;
        if count >= WARM_UP {
            let drop = whole.saturating_sub(known);
            rows.push([phases.instantiate, phases.decode, phases.run, phases.encode, drop, whole]);
        }
    }
    Ok(rows)
}

fn call(runner: &Runner, tool: &str, arguments: &'static str) -> anyhow::Result<Call> {
    let tool = runner.index().tool(tool)?.with_context(|| format!("the bundle has no tool {tool}"))?;
    let arguments = Bytes::from_static(arguments.as_bytes());
    Ok(Call::new(FunctionRef::Tool(tool), arguments))
}

fn report(tool: &str, loads: &[Duration], rows: &[Row]) -> Value {
    println!("\n### {tool}: {} calls, each in a fresh instance\n", rows.len());
    println!("| phase | min us | p50 us | p99 us |\n|---|--:|--:|--:|");
    let mut document = json!({ "calls": rows.len() });
    document["load"] = row("load (once per plugin)", loads.to_vec());
    for (at, phase) in PHASES.into_iter().enumerate() {
        document[phase] = row(phase, rows.iter().map(|row| row[at]).collect());
    }
    document
}

fn row(name: &str, mut times: Vec<Duration>) -> Value {
    times.sort_unstable();
    let at = |part: usize| times[(times.len() * part / 100).min(times.len() - 1)].as_secs_f64() * 1e6;
    let (min, p50, p99) = (at(0), at(50), at(99));
    println!("| {name} | {min:.1} | {p50:.1} | {p99:.1} |");
    json!({ "min_us": min, "p50_us": p50, "p99_us": p99 })
}
