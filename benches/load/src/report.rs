//! Writes the results: as tables to the terminal, and as JSON to a file.

use std::fs;
use std::path::Path;

use anyhow::Context;
use serde_json::{Value, json};

use crate::growth::Growth;
use crate::rounds::{Results, WorkloadResult};
use crate::sample::{CONNECTIONS, Sample};
use measure::summary::Summary;

/// Name of the JSON file.
const FILE: &str = "serve.json";
/// The contender with which the others are compared.
const YARDSTICK: &str = "rmcp";

type Metric = fn(&Sample) -> f64;

/// The metrics, by their names in the table.
const METRICS: [(&str, Metric); 6] = [
    ("p50_us", |sample| sample.alone.p50_us),
    ("p99_us", |sample| sample.alone.p99_us),
    ("cpu_us", |sample| sample.alone.cpu_us),
    ("calls_per_s", |sample| sample.alone.calls_per_s),
    ("loaded_calls_per_s", |sample| sample.loaded.calls_per_s),
    ("loaded_cpu_us", |sample| sample.loaded.cpu_us),
];

/// Prints all tables as Markdown.
pub(crate) fn print(results: &Results, growth: &[Growth]) {
    for result in &results.workloads {
        print_workload(results, result);
    }
    print_memory(results);
    print_growth(growth);
    println!("\n{}", results.machine.describe());
}

fn print_workload(results: &Results, result: &WorkloadResult) {
    println!("\n### {}: {}\n", result.workload, result.explanation);
    println!(
        "| | min us | p50 us | p99 us | CPU us/call | x {YARDSTICK} | calls/s | calls/s, {CONNECTIONS} conn. | CPU us/call, {CONNECTIONS} conn. | x {YARDSTICK} |"
    );
    println!("|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|");
    let yardstick = results.position(YARDSTICK).map(|at| &result.samples[at]);
    for (contender, samples) in results.contenders.iter().zip(&result.samples) {
        let of = |metric: Metric| Summary::of(samples.iter().map(metric));
        let against = |metric: Metric| {
            yardstick.map_or("".into(), |theirs| times(Summary::ratio(samples, theirs, metric)))
        };
        let fastest = of(|sample| sample.alone.min_us).min;
        let [p50, p99, cpu, rate, loaded_rate, loaded_cpu] = METRICS.map(|(_, metric)| of(metric));
        println!(
            "| {} | {fastest:.0} | {} | {} | {} | {} | {:.0} | {:.0} | {} | {} |",
            contender.name,
            range(p50),
            range(p99),
            range(cpu),
            against(METRICS[2].1),
            rate.median,
            loaded_rate.median,
            range(loaded_cpu),
            against(METRICS[5].1),
        );
    }
}

fn print_memory(results: &Results) {
    println!("\n### Memory, and kernel share of the CPU time\n");
    println!("| | RSS MB, idle | RSS MB, after | dirty MB, after | in the kernel |");
    println!("|---|--:|--:|--:|--:|");
    for contender in &results.contenders {
        let (idle, after) = (contender.idle, contender.after);
        let user = after.user_ticks - idle.user_ticks;
        let system = after.system_ticks - idle.system_ticks;
        println!(
            "| {} | {} | {} | {} | {:.0} % |",
            contender.name,
            megabytes(idle.rss_kib),
            megabytes(after.rss_kib),
            megabytes(after.dirty_kib),
            100.0 * system as f64 / (user + system).max(1) as f64,
        );
    }
}

fn print_growth(growth: &[Growth]) {
    if growth.is_empty() {
        return;
    }
    println!("\n### Memory of `toolcell serve` after many calls\n");
    println!("| calls | RSS MB | dirty MB |");
    println!("|--:|--:|--:|");
    for Growth { calls, vitals } in growth {
        println!("| {calls} | {} | {} |", megabytes(vitals.rss_kib), megabytes(vitals.dirty_kib));
    }
}

/// Writes every sample and every summary to `directory`.
///
/// # Errors
/// Fails when the file cannot be written.
pub(crate) fn write(results: &Results, growth: &[Growth], directory: &Path) -> anyhow::Result<()> {
    let workloads: Vec<Value> =
        results.workloads.iter().map(|result| workload_json(results, result)).collect();
    let memory = results.contenders.iter().map(|contender| {
        let (idle, after) = (contender.idle, contender.after);
        let numbers = json!({
            "rss_idle_kib": idle.rss_kib, "rss_after_kib": after.rss_kib, "dirty_after_kib": after.dirty_kib,
        });
        (contender.name.to_owned(), numbers)
    });
    let memory: serde_json::Map<String, Value> = memory.collect();
    let growth: Vec<Value> = growth
        .iter()
        .map(|Growth { calls, vitals }| {
            json!({ "calls": calls, "rss_kib": vitals.rss_kib, "dirty_kib": vitals.dirty_kib })
        })
        .collect();
    let document =
        json!({ "machine": results.machine, "memory": memory, "growth": growth, "workloads": workloads });
    let file = directory.join(FILE);
    let text = serde_json::to_string_pretty(&document)?;
    fs::write(&file, text + "\n").with_context(|| format!("cannot write {}", file.display()))?;
    eprintln!("\nEvery sample: {}", file.display());
    Ok(())
}

fn workload_json(results: &Results, result: &WorkloadResult) -> Value {
    let yardstick = results.position(YARDSTICK).map(|at| &result.samples[at]);
    let contenders = results.contenders.iter().zip(&result.samples).map(|(contender, samples)| {
        let summary = METRICS.map(|(name, metric)| {
            let ratio = yardstick.map(|theirs| Summary::ratio(samples, theirs, metric));
            (name.to_owned(), json!({ "value": Summary::of(samples.iter().map(metric)), "ratio": ratio }))
        });
        let summary: serde_json::Map<String, Value> = summary.into_iter().collect();
        (contender.name.to_owned(), json!({ "summary": summary, "rounds": samples }))
    });
    let contenders: serde_json::Map<String, Value> = contenders.collect();
    json!({ "workload": result.workload, "explanation": result.explanation, "contenders": contenders })
}

impl Results {
    fn position(&self, name: &str) -> Option<usize> {
        self.contenders.iter().position(|contender| contender.name == name)
    }
}

fn range(summary: Summary) -> String {
    format!("{:.0} ({:.0}-{:.0})", summary.median, summary.min, summary.max)
}

fn times(ratio: Summary) -> String {
    format!("{:.2} ({:.2}-{:.2})", ratio.median, ratio.min, ratio.max)
}

fn megabytes(kib: u64) -> String {
    format!("{:.1}", kib as f64 / 1024.0)
}
