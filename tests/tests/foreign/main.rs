//! Components that strangers bring: hundreds of shapes of WIT, each inspected, checked, packed, built, served and called.
//!
//! Nothing is accepted and then unusable, nothing panics, every command judges alike, and every refusal says what to
//! do. `tests/foreign/verdicts.txt` has the outcome of each shape; `TOOLCELL_BLESS=1 make matrix` rewrites it. Without
//! `TOOLCELL_MATRIX=all`, every n-th shape is tried.

mod corpus;
mod judge;
mod mended;
mod sample;
mod shape;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use judge::Verdict;
use mended::MENDED;
use shape::Shape;
use toolcell_tests::fixture::root;

/// Shapes that the reduced form tries.
const REDUCED: usize = 60;

/// Threads that judge.
const THREADS: usize = 2;

/// Judges every shape, some side by side; the results are in the order of the shapes.
fn judged(shapes: &[Shape]) -> Vec<Verdict> {
    let next = AtomicUsize::new(0);
    let verdicts: Vec<Mutex<Verdict>> = shapes.iter().map(|_| Mutex::default()).collect();
    std::thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(|| {
                loop {
                    let place = next.fetch_add(1, Ordering::Relaxed);
                    let Some(shape) = shapes.get(place) else { break };
                    let verdict = judge::judge(shape);
                    *verdicts[place].lock().expect("no judge panics") = verdict;
                }
            });
        }
    });
    verdicts.into_iter().map(|verdict| verdict.into_inner().expect("no judge panics")).collect()
}

fn golden() -> std::path::PathBuf {
    root().join("tests/foreign/verdicts.txt")
}

/// The verdicts of the golden file, by shape.
fn expected() -> BTreeMap<String, String> {
    let text = fs::read_to_string(golden()).unwrap_or_default();
    let entries = text.split("\n# ").map(|entry| entry.trim_start_matches("# "));
    entries
        .filter_map(|entry| entry.split_once('\n'))
        .map(|(name, rest)| (name.to_owned(), format!("{}\n", rest.trim_end())))
        .collect()
}

fn is_whole() -> bool {
    std::env::var_os("TOOLCELL_MATRIX").is_some()
}

/// Every shape, or as many as a test of every day has time for, spread evenly.
fn chosen(all: Vec<Shape>) -> Vec<Shape> {
    if let Ok(filter) = std::env::var("TOOLCELL_MATRIX")
        && filter != "all"
    {
        return all.into_iter().filter(|shape| shape.name.contains(&filter)).collect();
    }
    if is_whole() {
        return all;
    }
    let step = all.len().div_ceil(REDUCED);
    all.into_iter().step_by(step).collect()
}

#[test]
fn whatever_is_brought_is_served_or_refused_with_a_remedy() {
    let shapes = chosen(corpus::all());
    let verdicts = judged(&shapes);
    let (mut told, mut faults, expected) = (String::new(), String::new(), expected());
    let mut differing = Vec::new();
    for (Shape { name, .. }, verdict) in shapes.iter().zip(&verdicts) {
        let _ = write!(told, "# {name}\n{}\n", verdict.text);
        if expected.get(name) != Some(&verdict.text) {
            differing.push(format!("# {name}\n{}", verdict.text));
        }
        verdict.faults.iter().for_each(|fault| {
            let _ = writeln!(faults, "{name}: {fault}");
        });
    }
    let broken = verdicts.iter().filter(|verdict| !verdict.faults.is_empty()).count();
    println!("foreign: {} shapes, {broken} broken", shapes.len());
    if is_whole() && std::env::var_os("TOOLCELL_BLESS").is_some() {
        fs::write(golden(), &told).expect("the golden file can be written");
        differing.clear();
    }
    assert!(faults.is_empty(), "{broken} of {} shapes:\n{faults}", shapes.len());
    assert!(differing.is_empty(), "TOOLCELL_BLESS=1 make matrix rewrites these:\n{}", differing.join("\n"));
}

/// What the refusals of a verdict say is wrong, without the names of this shape.
fn wrong(verdict: &str) -> BTreeSet<String> {
    let lines: Vec<&str> = verdict.lines().collect();
    let refused = lines.windows(2).filter(|pair| pair[0].ends_with(": refused"));
    let said = refused.filter_map(|pair| pair[1].split_once(": ").map(|(_, said)| said));
    let plain = |word: &&str| !word.contains([':', '/', '#', '`', '@']);
    said.map(|said| said.split(' ').filter(plain).collect::<Vec<_>>().join(" ")).collect()
}

#[test]
fn every_kind_of_refusal_has_a_shape_that_follows_its_advice_and_is_served() {
    let verdicts = expected();
    let mut mended = BTreeSet::new();
    for (refused, served) in MENDED {
        let kinds = wrong(&verdicts[*refused]);
        assert!(!kinds.is_empty(), "{refused} is refused nowhere: {}", verdicts[*refused]);
        mended.extend(kinds);
        let served_as = &verdicts[*served];
        assert!(served_as.contains("bare: served") && served_as.contains("packed: served"), "{served}");
    }
    for (name, verdict) in &verdicts {
        let unknown: Vec<_> = wrong(verdict).difference(&mended).cloned().collect();
        assert!(unknown.is_empty(), "{name}: nothing in `mended` follows the advice of {unknown:?}");
    }
}

#[test]
fn the_corpus_has_three_hundred_shapes_under_names_of_their_own() {
    let all = corpus::all();
    let names: BTreeSet<_> = all.iter().map(|shape| shape.name.as_str()).collect();
    assert_eq!(names.len(), all.len(), "two shapes have one name");
    assert!(all.len() >= 300, "{} shapes", all.len());
}
