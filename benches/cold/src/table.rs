//! Renders the results as Markdown, for the terminal and for docs/benchmarks.md.

use std::fmt::Write;

use crate::result::{
    ANSWER_MS, COLD_CPU_MS, COLD_MS, ContenderResult, DIRTY_MB, INIT_MS, Metric, RSS_MB, Results,
    WARM_CPU_US, WARM_MIN_US, WARM_P50_US,
};

/// The phases in the order in which a call goes through them.
const PHASES: [&str; 8] = ["fetch", "verify", "load", "instantiate", "decode", "run", "encode", "total"];

/// The phases in which a function adopts a release.
const RELEASE_PHASES: [&str; 5] = ["index", "fetch", "verify", "map", "update"];

/// Renders every table, and a paragraph about the machine.
pub(crate) fn render(results: &Results) -> String {
    let mut text = String::new();
    // Writing to a string never fails.
    let _ = cold(&mut text, results);
    let _ = warm(&mut text, results);
    let _ = phases(&mut text, results);
    let _ = release_phases(&mut text, results);
    let _ = goals(&mut text, results);
    let rounds = results.contenders.first().map_or(0, |contender| contender.runs.len());
    let _ = write!(text, "{rounds} rounds. {}", results.machine.describe());
    text
}

fn cold(text: &mut String, results: &Results) -> std::fmt::Result {
    writeln!(text, "#### Start of the process to the last byte of its first answer\n")?;
    writeln!(
        text,
        "| | wall ms, p50 | min | x bare hello | CPU ms, p50 | x bare hello | ms until ready | ms for the answer |"
    )?;
    writeln!(text, "|---|--:|--:|--:|--:|--:|--:|--:|")?;
    for contender in &results.contenders {
        let (wall, cpu) = (contender.of(COLD_MS), contender.of(COLD_CPU_MS));
        writeln!(
            text,
            "| {} | {:.2} | {:.2} | {} | {:.2} | {} | {:.2} | {:.2} |",
            contender.what,
            wall.median,
            wall.min,
            against_hello(results, contender, COLD_MS),
            cpu.median,
            against_hello(results, contender, COLD_CPU_MS),
            contender.of(INIT_MS).median,
            contender.of(ANSWER_MS).median,
        )?;
    }
    writeln!(text)
}

fn warm(text: &mut String, results: &Results) -> std::fmt::Result {
    writeln!(text, "#### The same processes warm\n")?;
    writeln!(
        text,
        "| | min us | p50 us | x bare hello | CPU us/request | more than bare hello | RSS MB | dirty MB |"
    )?;
    writeln!(text, "|---|--:|--:|--:|--:|--:|--:|--:|")?;
    for contender in &results.contenders {
        let cpu = contender.of(WARM_CPU_US).median;
        let hello = results.bare_hello(contender).map_or(0.0, |hello| hello.of(WARM_CPU_US).median);
        writeln!(
            text,
            "| {} | {:.0} | {:.0} | {} | {cpu:.0} | {:.0} | {:.1} | {:.1} |",
            contender.what,
            contender.of(WARM_MIN_US).min,
            contender.of(WARM_P50_US).median,
            against_hello(results, contender, WARM_P50_US),
            cpu - hello,
            contender.of(RSS_MB).median,
            contender.of(DIRTY_MB).median,
        )?;
    }
    writeln!(text)
}

fn phases(text: &mut String, results: &Results) -> std::fmt::Result {
    let logged = |contender: &&ContenderResult| contender.phase("run_us").is_some();
    if !results.contenders.iter().any(|contender| logged(&contender)) {
        return Ok(());
    }
    writeln!(text, "#### Phases of a call by its log line, us: the first call / a warm one\n")?;
    writeln!(text, "| | {} |", PHASES.join(" | "))?;
    writeln!(text, "|---|{}", "--:|".repeat(PHASES.len()))?;
    for contender in results.contenders.iter().filter(logged) {
        write!(text, "| {} |", contender.what)?;
        for name in PHASES {
            match contender.phase(&format!("{name}_us")) {
                Some((first, warm)) => write!(text, " {first:.0} / {warm:.0} |")?,
                None => write!(text, " |")?,
            }
        }
        writeln!(text)?;
    }
    writeln!(text)
}

fn release_phases(text: &mut String, results: &Results) -> std::fmt::Result {
    let logged = |contender: &&ContenderResult| contender.release_phase("update_us").is_some();
    if !results.contenders.iter().any(|contender| logged(&contender)) {
        return Ok(());
    }
    writeln!(text, "#### Phases of the adoption of a release by its log line, us\n")?;
    writeln!(text, "| | {} |", RELEASE_PHASES.join(" | "))?;
    writeln!(text, "|---|{}", "--:|".repeat(RELEASE_PHASES.len()))?;
    for contender in results.contenders.iter().filter(logged) {
        write!(text, "| {} |", contender.what)?;
        for name in RELEASE_PHASES {
            let time = contender.release_phase(&format!("{name}_us"));
            write!(text, " {} |", time.map_or(String::new(), |time| format!("{time:.0}")))?;
        }
        writeln!(text)?;
    }
    writeln!(text)
}

/// The numbers that have a goal: label, metric, contender, the one it is compared with, and the goal.
const GOALS: [(&str, Metric, &str, &str, &str); 17] = [
    ("first `tools/list`, 36 tools, wall", COLD_MS, "toolcell-list-36", "hello-list-36", "<= 1.15"),
    ("the same, CPU", COLD_CPU_MS, "toolcell-list-36", "hello-list-36", "<= 1.15"),
    ("first `tools/list`, 1008 tools, wall", COLD_MS, "toolcell-list-1008", "hello-list-1008", "<= 1.25"),
    ("the same, CPU", COLD_CPU_MS, "toolcell-list-1008", "hello-list-1008", "<= 1.25"),
    ("first `tools/call`, 36 tools, wall", COLD_MS, "toolcell-call-36", "hello-call", "<= 1.5"),
    ("the same, CPU", COLD_CPU_MS, "toolcell-call-36", "hello-call", "<= 1.5"),
    ("first `tools/call`, 1008 tools, wall", COLD_MS, "toolcell-call-1008", "hello-call", "<= 1.5"),
    ("the same, CPU", COLD_CPU_MS, "toolcell-call-1008", "hello-call", "<= 1.5"),
    (
        "first `tools/call`, the SDK with 3 tools against 36, wall",
        COLD_MS,
        "node",
        "toolcell-call-36",
        ">= 60",
    ),
    ("the same behind the adapter", COLD_MS, "node-adapter", "toolcell-call-36", ">= 60"),
    (
        "1008 tools from S3 against 36, until ready, wall",
        INIT_MS,
        "toolcell-s3-list-1008",
        "toolcell-s3-list-36",
        "<= 1.1",
    ),
    ("streamed as shipped, p50", WARM_P50_US, "hello-streamed", "hello-list-36", "(what to avoid)"),
    ("toolcell's streamed answer, p50", WARM_P50_US, "toolcell-list-36", "hello-list-36", "<= 1.2"),
    ("event stream against JSON, p50", WARM_P50_US, "toolcell-events-36", "toolcell-call-36", "<= 1.2"),
    (
        "1008 tools against 3, first `tools/list`, CPU",
        COLD_CPU_MS,
        "toolcell-list-1008",
        "toolcell-list-3",
        "",
    ),
    (
        "1008 tools against 3, first `tools/call`, CPU",
        COLD_CPU_MS,
        "toolcell-call-1008",
        "toolcell-call-3",
        "",
    ),
    (
        "1008 tools against 3, warm `tools/call`, CPU",
        WARM_CPU_US,
        "toolcell-call-1008",
        "toolcell-call-3",
        "",
    ),
];

fn goals(text: &mut String, results: &Results) -> std::fmt::Result {
    writeln!(text, "#### Against the goals\n")?;
    writeln!(text, "| | measured | goal |")?;
    writeln!(text, "|---|--:|--:|")?;
    for (what, metric, who, whom, goal) in GOALS {
        if let (Some(who), Some(whom)) = (results.named(who), results.named(whom)) {
            writeln!(text, "| {what} | {:.2} times | {goal} |", who.against(whom, metric))?;
        }
    }
    if let Some(call) = results.named("toolcell-call-36") {
        if let Some(hello) = results.bare_hello(call) {
            let added = call.of(WARM_CPU_US).median - hello.of(WARM_CPU_US).median;
            writeln!(text, "| warm `tools/call`, CPU added | {added:.0} us | <= 80 us |")?;
        }
        writeln!(text, "| dirty memory, warm, 36 tools | {:.1} MB | <= 1 |", call.of(DIRTY_MB).median)?;
    }
    writeln!(text)
}

fn against_hello(results: &Results, contender: &ContenderResult, metric: Metric) -> String {
    let hello = results.bare_hello(contender);
    hello.map_or(String::new(), |hello| format!("{:.2}", contender.against(hello, metric)))
}
