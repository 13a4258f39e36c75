//! Sends the same requests to toolcell and to rmcp. Every difference between the responses must be listed with its
//! reason: a difference that is not listed fails, and so does a listed one that is gone.
//!
//! ```text
//! corpus/*.jsonl ─> case ─┬─> exchange (toolcell)    ─> gist ─┐
//!                         └─> exchange (rmcp_server) ─> gist ─┴─> difference <── differences.toml
//! ```
//!
//! Usage: `compare http://HOST:PORT/mcp`, the URL of a toolcell that serves `tests/conformance`. With
//! `TOOLCELL_BLESS=1` it rewrites the list instead.

mod corpus;
mod difference;
mod exchange;
mod gist;
mod rmcp_server;
mod shape;

use std::collections::BTreeMap;
use std::env;
use std::fs;
use std::net::SocketAddr;
use std::path::Path;
use std::process::ExitCode;

use anyhow::Context as _;

use corpus::Case;
use difference::Pair;

fn main() -> anyhow::Result<ExitCode> {
    let url = env::args().nth(1).context("usage: compare http://HOST:PORT/mcp")?;
    let address = url.strip_prefix("http://").and_then(|rest| rest.split('/').next());
    let toolcell = address.and_then(|address| address.replace("localhost", "127.0.0.1").parse().ok());
    let toolcell = toolcell.with_context(|| format!("{url}: expected http://ADDRESS:PORT/mcp"))?;
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let file = here.join("differences.toml");

    let cases = corpus::read(&here.join("corpus"))?;
    let found = differences(&cases, toolcell, rmcp_server::start()?)?;
    let listed = difference::read(&file)?;
    if env::var_os("TOOLCELL_BLESS").is_some() {
        fs::write(&file, listed.renewed(&found).text())?;
        println!("compare: {} rewritten: read what changed", file.display());
        return Ok(ExitCode::SUCCESS);
    }
    let mut problems = corpus::problems(&cases);
    problems.extend(listed.problems(&found, &here.join("../..")));
    if problems.is_empty() {
        println!("compare: {} requests, {} differences, all listed", cases.len(), found.len());
        return Ok(ExitCode::SUCCESS);
    }
    problems.iter().for_each(|problem| eprintln!("compare: {problem}"));
    eprintln!("compare: {} problems in {} requests", problems.len(), cases.len());
    Ok(ExitCode::FAILURE)
}

/// Sends every request to both servers, and returns the differences by request.
fn differences(
    cases: &[Case],
    toolcell: SocketAddr,
    rmcp: SocketAddr,
) -> anyhow::Result<BTreeMap<String, Pair>> {
    let mut found = BTreeMap::new();
    for case in cases {
        let ask = |address| {
            let answer =
                exchange::converse(case, address).with_context(|| format!("{}: {address}", case.id))?;
            anyhow::Ok(gist::of(&answer, case))
        };
        let pair = Pair { ours: ask(toolcell)?, rmcp: ask(rmcp)? };
        if pair.ours != pair.rmcp {
            found.insert(case.id.clone(), pair);
        }
    }
    Ok(found)
}
