//! `toolcell call`: one call of one tool, without a server.

use std::io::Read as _;

use bytes::Bytes;
use serde_json::value::RawValue;
use toolcell_host::call::{Call, Failure, Report};
use toolcell_host::catalog::{Contents, FunctionRef};
use toolcell_host::codec::{ResultBody, ResultStatus};
use toolcell_host::outcome::CallOutcome;

use super::secrets::LocalSecrets;
use crate::bundle::load_errors;
use crate::bundle::open::{self, OpenBundle, Source, unreadable};
use crate::state;
use crate::ui::closest::closest;
use crate::ui::exit::Exit;
use crate::ui::problem::{Problem, Result, one_of};
use crate::ui::progress::Progress;
use crate::ui::terminal::Terminal;

/// The output format of the result.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Output {
    /// The result alone: text as it is, anything else as JSON.
    Result,
    /// One JSON object: result, outcome, time of each phase, peak memory.
    Json,
}

/// Calls `tool` with `arguments` (JSON text, or `-` for standard input).
///
/// # Errors
/// The configuration or a plugin is refused, there is no such tool, or it cannot be loaded.
pub fn run(
    source: &Source,
    tool: &str,
    arguments: &str,
    output: Output,
    progress: &dyn Progress,
    terminal: &Terminal,
) -> Result<Exit> {
    let arguments = read(arguments)?;
    let secrets = LocalSecrets::of(source)?;
    let OpenBundle { runner, in_use: _in_use } = open::open(source, progress)?;
    let runner = secrets.given_to(runner);
    let store = state::local(&source.base()?)?; // opened by the first operation
    let runner = runner.with_state_store(Some(store.shared()));
    let found = runner.index().tool(tool).map_err(|error| unreadable(source, &error))?;
    let Some(found) = found else {
        let Contents { catalog, .. } =
            runner.index().contents().map_err(|error| unreadable(source, &error))?;
        let names = catalog.tools.iter().map(|tool| tool.name.as_str());
        return Err(unknown(source, tool, &names.collect::<Vec<_>>()));
    };
    let function = FunctionRef::Tool(found);
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_io()
        .enable_time()
        .build()
        .map_err(|error| Problem::internal("toolcell call", "cannot start").found(error.to_string()))?;
    runtime.block_on(secrets.check(&runner, function.plugin()))?;
    let report = runtime.block_on(runner.run(Call::new(function, arguments)));
    if let (Err(Failure::Unavailable), Some(problem)) =
        (&report.result, load_errors::of_tool(&runner, source, tool))
    {
        return Err(problem);
    }
    match output {
        Output::Json => terminal.print(json(&report)),
        Output::Result => print(&report, terminal),
    }
    Ok(match &report.result {
        Ok(encoded) if encoded.status == ResultStatus::Success => Exit::Done,
        Err(Failure::Unavailable) => Exit::Refused,
        _ => Exit::Found,
    })
}

fn read(arguments: &str) -> Result<Bytes> {
    let mut text = arguments.to_owned();
    if arguments == "-" {
        text.clear();
        std::io::stdin().read_to_string(&mut text).map_err(|error| refused("-", &error.to_string()))?;
    }
    // Numbers and strings are the tool's own decoder's to judge, as they are behind a server.
    match serde_json::from_str::<&RawValue>(&text) {
        Ok(value) if value.get().starts_with('{') => Ok(Bytes::from(text)),
        Ok(_) => Err(refused(&text, "JSON, but not an object")),
        Err(error) => Err(refused(&text, &format!("invalid JSON: {error}"))),
    }
}

fn refused(text: &str, found: &str) -> Problem {
    let shown: String = text.chars().take(60).collect();
    Problem::refused(format!("--args {shown}"), "is not a JSON object")
        .found(found)
        .expected(r#"a JSON object, for example {"text": "hello"}, or - for standard input"#)
        .next("quote the JSON for your shell: --args '{...}'")
}

fn unknown(source: &Source, tool: &str, names: &[&str]) -> Problem {
    let alike = || names.iter().copied().find(|name| name.contains(tool) || tool.contains(name));
    let next = match (closest(tool, names.iter().copied()).or_else(alike), source) {
        (Some(name), _) => format!("did you mean `{name}`?"),
        (None, Source::Config(_)) => "run `toolcell inspect PLUGIN_DIR` to see what each tool takes".into(),
        (None, Source::Bundle(bundle)) => {
            format!("run `toolcell inspect {}` to see the tools", bundle.display())
        }
    };
    Problem::refused(format!("tool `{tool}`"), "is not served").found(tool).expected(one_of(names)).next(next)
}

fn print(report: &Report, terminal: &Terminal) {
    match &report.result {
        Ok(encoded) => match &encoded.body {
            ResultBody::Empty => {}
            ResultBody::Text(text) => terminal.print(text),
            ResultBody::Json(json) => terminal.print(String::from_utf8_lossy(json)),
        },
        Err(failure) => terminal.note(format!("error: {failure}")),
    }
}

fn json(report: &Report) -> String {
    let result = match &report.result {
        Ok(encoded) => match &encoded.body {
            ResultBody::Empty => serde_json::Value::Null,
            ResultBody::Text(text) => text.clone().into(),
            ResultBody::Json(json) => serde_json::from_slice(json).unwrap_or_default(),
        },
        Err(failure) => failure.to_string().into(),
    };
    let us = |duration: std::time::Duration| duration.as_micros() as u64;
    let phases = report.phases;
    serde_json::json!({
        "outcome": CallOutcome::of(report).name,
        "result": result,
        "phases_us": {
            "load": us(phases.load),
            "instantiate": us(phases.instantiate),
            "decode": us(phases.decode),
            "run": us(phases.run),
            "encode": us(phases.encode),
        },
        "peak_memory_bytes": report.peak_memory_bytes,
    })
    .to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arguments_are_one_object_and_its_values_are_for_the_tool_to_judge() {
        for passed in ["{}", " {\"a\": 1e400}", r#"{"a": "\ud800"}"#] {
            assert_eq!(read(passed).unwrap(), passed);
        }
        for refused in ["", "[]", "7", "{} {}", "{\"a\"}"] {
            assert!(read(refused).is_err(), "{refused}");
        }
    }

    #[test]
    fn an_unknown_tool_is_answered_with_the_one_that_was_meant() {
        let names = ["count_words", "make_slug"];
        let next = |tool: &str| unknown(&Source::Config("toolcell.toml".into()), tool, &names).next;
        assert_eq!(next("make-slug"), "did you mean `make_slug`?");
        assert_eq!(next("slug"), "did you mean `make_slug`?");
        assert_eq!(next("text_count_words"), "did you mean `count_words`?");
        assert!(next("resize").contains("toolcell inspect PLUGIN_DIR"));
    }
}
