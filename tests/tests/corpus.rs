//! The corpus of `fuzz/`, and changed copies of every file in it, through the checks of each target.
//!
//! `make fuzz` runs the same checks with a fuzzer, for hours. An input that failed there joins the corpus, so that it never
//! fails again.

use std::collections::BTreeSet;
use std::io::{self, Write as _};
use std::panic::{self, AssertUnwindSafe};
use std::path::PathBuf;
use std::{env, fs};

use toolcell_tests::fixture::root;
use toolcell_tests::fuzz::{TARGETS, Target};

/// The variable that names another folder in `fuzz/`, whose inputs are checked in place of changed copies.
const MORE: &str = "TOOLCELL_CORPUS";

/// Texts that mean something to one of the readers.
const WORDS: [&[u8]; 16] = [
    b"null",
    b"{}",
    b"[]",
    b"\"",
    b"\\",
    b"-1",
    b"0",
    b"9007199254740993",
    b"1e400",
    b"\xff",
    b"\0",
    b"\n",
    b"\\u0000",
    b"\xe2\x80\xae",
    b"=",
    b"params",
];

/// SplitMix64: the same numbers in every run.
struct Numbers(u64);

impl Numbers {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.next() % end as u64).expect("below a usize")
    }
}

/// The files of a target in `fuzz/corpus` or another folder of inputs, by name.
fn corpus(folder: &str, target: &Target) -> Vec<(String, Vec<u8>)> {
    let folder = root().join("fuzz").join(folder).join(target.name);
    let mut paths: Vec<PathBuf> =
        fs::read_dir(&folder).into_iter().flatten().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    let name = |path: &PathBuf| path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    paths.iter().map(|path| (name(path), fs::read(path).unwrap())).collect()
}

/// Changes a copy of an input in up to four places; `other` is another input of the same target.
fn mutated(input: &[u8], other: &[u8], numbers: &mut Numbers) -> Vec<u8> {
    let mut bytes = input.to_vec();
    for _ in 0..=numbers.below(4) {
        let at = numbers.below(bytes.len() + 1);
        let end = (at + numbers.below(16)).min(bytes.len());
        match numbers.below(7) {
            0 if at < bytes.len() => bytes[at] ^= 1 << numbers.below(8),
            1 if at < bytes.len() => bytes[at] = numbers.next().to_le_bytes()[0],
            2 => drop(bytes.drain(at..end)),
            3 => drop(bytes.splice(at..at, WORDS[numbers.below(WORDS.len())].iter().copied())),
            4 => {
                let copy = bytes[at..end].to_vec();
                bytes.splice(at..at, copy);
            }
            5 => {
                let from = numbers.below(other.len() + 1);
                let to = (from + numbers.below(32)).min(other.len());
                bytes.splice(at..end, other[from..to].iter().copied());
            }
            _ => bytes.insert(at, numbers.next().to_le_bytes()[0]),
        }
    }
    bytes
}

/// Checks an input; says which one it was if a promise does not hold.
fn check(target: &Target, what: &str, input: &[u8]) {
    if let Err(panic) = panic::catch_unwind(AssertUnwindSafe(|| (target.check)(input))) {
        eprintln!("{}: {what} fails: \"{}\"", target.name, input.escape_ascii());
        panic::resume_unwind(panic);
    }
}

fn replay(name: &str) {
    let target = TARGETS.iter().find(|target| target.name == name).expect("a target of that name");
    let mut corpus = corpus("corpus", target);
    assert!(!corpus.is_empty(), "the corpus of {name} is empty");
    let mut mutations = target.mutations;
    if let Some(folder) = env::var_os(MORE) {
        mutations = 0;
        corpus.extend(self::corpus(&folder.to_string_lossy(), target));
    }
    let mut numbers = Numbers(0x7001_ce11);
    for (file, input) in &corpus {
        check(target, file, input);
        for _ in 0..mutations {
            let other = &corpus[numbers.below(corpus.len())].1;
            check(target, &format!("a changed {file}"), &mutated(input, other, &mut numbers));
        }
    }
    // A test's `println!` is only shown if it fails. The line break ends what the test harness may have begun to write.
    let inputs = corpus.len() * (mutations + 1);
    writeln!(io::stderr(), "\nfuzz: {inputs} inputs of {name}").expect("tests have an output");
}

#[test]
fn requests_are_answered_or_refused_in_a_line() {
    replay("request");
}

#[test]
fn a_request_is_refused_for_its_first_fault() {
    replay("ladder");
}

#[test]
fn every_event_of_a_function_url_is_answered() {
    replay("event");
}

#[test]
fn whatever_the_schema_accepts_the_decoder_accepts() {
    replay("json");
}

#[test]
fn a_guest_gives_back_what_it_was_given() {
    replay("echo");
}

#[test]
fn a_catalog_is_refused_or_read_the_same_when_it_is_written_again() {
    replay("catalog");
}

#[test]
fn a_section_is_refused_or_read_the_same_when_it_is_packed_again() {
    replay("section");
}

#[test]
fn nothing_opens_but_what_was_sealed() {
    replay("state");
}

#[test]
fn a_component_is_refused_with_a_remedy_or_can_be_packed() {
    replay("component");
}

#[test]
fn a_manifest_is_refused_or_read_the_same_when_it_is_written_again() {
    replay("manifest");
}

#[test]
fn a_configuration_is_refused_or_read_the_same_when_it_is_written_again() {
    replay("config");
}

#[test]
fn an_index_is_refused_or_read_the_same_when_it_is_signed_again() {
    replay("release");
}

#[test]
fn every_target_is_replayed_and_has_a_corpus() {
    let folders: BTreeSet<_> = fs::read_dir(root().join("fuzz/corpus")).unwrap().map(name_of).collect();
    let names: BTreeSet<_> = TARGETS.iter().map(|target| target.name.to_owned()).collect();
    assert_eq!(folders, names);
    for Target { name, .. } in TARGETS {
        assert!(include_str!("corpus.rs").contains(&format!("replay({name:?})")), "{name} is not replayed");
    }
}

fn name_of(entry: io::Result<fs::DirEntry>) -> String {
    entry.unwrap().file_name().into_string().unwrap()
}
