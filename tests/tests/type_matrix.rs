//! Sends the same values through every language: calls each vector of `type_matrix/vectors.json` in every plugin of
//! `type_matrix/toolcell.toml`, and compares the bytes of the answers.
//!
//! `type_matrix/exceptions.json` lists what a toolchain cannot do. An exception that no longer occurs fails, and
//! `toolcell check` must report each.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::path::PathBuf;

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;
use serde_json::{Value, json, to_string};
use tempfile::TempDir;
use tokio::runtime::{self, Runtime};
use toolcell_cli::bundle::build::{self, BuildRequest, Components};
use toolcell_cli::bundle::compile::Target;
use toolcell_cli::bundle::open::{self, Source};
use toolcell_cli::bundle::{Cache, LockMode};
use toolcell_cli::plugin::load;
use toolcell_cli::ui::progress::Silent;
use toolcell_cli::{check, config, manifest};
use toolcell_host::call::{Call, Report, Runner};
use toolcell_host::catalog::FunctionRef;
use toolcell_host::codec::{ResultBody, ResultStatus};
use toolcell_tests::fixture::root;

/// The command that makes the components; it names a compiler that is missing.
const BUILD: &str = "target/debug/toolcell build --config tests/type_matrix/toolcell.toml";

/// The items of a long list: more than a page of memory, in any type.
const MANY: usize = 10_000;

/// The most characters of a value that a table of differences shows.
const SHOWN_CHARS: usize = 70;

/// A call with its expected answer.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Vector {
    /// The WIT name of the function.
    function: String,
    /// Its arguments, as clients write them.
    arguments: Box<RawValue>,
    /// The answer, to the byte; `null` also stands for no value.
    #[serde(default)]
    expect: Option<Box<RawValue>>,
    /// The payload of `err`, in place of an answer.
    #[serde(default)]
    error: Option<Box<RawValue>>,
}

/// A vector that a language cannot answer.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Exception {
    /// The plugin's name in `toolcell.toml`.
    language: String,
    /// The WIT name of the function.
    function: String,
    /// The arguments of the vector; absent if the exception holds for every vector of the function.
    #[serde(default)]
    arguments: Option<Box<RawValue>>,
    /// The behaviour and its cause, for readers.
    symptom: String,
    /// The id of the finding of `toolcell check`.
    finding: String,
}

/// A plugin.
struct Language {
    name: String,
    /// The prefix of its tools' names.
    prefix: String,
}

/// An unexpected answer of one language.
struct Difference<'a> {
    language: &'a str,
    vector: &'a Vector,
    found: String,
}

/// The plugins of all languages, built and opened.
struct Matrix {
    languages: Vec<Language>,
    runner: Runner,
    runtime: Runtime,
    _bundle: TempDir,
}

impl Vector {
    fn echo(function: &str, value: &Value) -> Self {
        let raw = |text| RawValue::from_string(text).unwrap();
        Self {
            function: function.to_owned(),
            arguments: raw(format!("{{\"value\":{value}}}")),
            expect: Some(raw(value.to_string())),
            error: None,
        }
    }

    fn expected(&self) -> String {
        match (&self.error, &self.expect) {
            (Some(error), _) => format!("error {error}"),
            (None, Some(answer)) => answer.to_string(),
            (None, None) => "null".to_owned(),
        }
    }
}

impl From<(String, config::PluginConfig)> for Language {
    fn from((name, plugin): (String, config::PluginConfig)) -> Self {
        Self { name, prefix: plugin.prefix }
    }
}

impl Exception {
    fn covers(&self, difference: &Difference<'_>) -> bool {
        let Vector { function, arguments, .. } = difference.vector;
        self.language == difference.language
            && self.function == *function
            && self.arguments.as_ref().is_none_or(|meant| meant.get() == arguments.get())
    }
}

impl Matrix {
    fn open() -> Self {
        let config = root().join("tests/type_matrix/toolcell.toml");
        let plugins = config::read(&config).unwrap_or_else(|problem| panic!("{problem}")).plugins;
        let component = |source: &PathBuf| manifest::read(source).unwrap().component;
        let missing = plugins.iter().filter(|(_, plugin)| !component(&plugin.source).is_file());
        let missing: Vec<_> = missing.map(|(name, _)| name.as_str()).collect();
        assert!(missing.is_empty(), "not built: {}; run `{BUILD}`", missing.join(", "));
        let bundle = tempfile::tempdir().unwrap();
        let request = BuildRequest {
            config: &config,
            target: Target::host().unwrap(),
            out: bundle.path(),
            components: Components::Prebuilt,
            cache: Cache::at(root().join("target/test-cache")),
            lock: LockMode::Ignore,
            progress: &Silent,
        };
        build::build(&request).unwrap_or_else(|problem| panic!("{problem}"));
        let opened = open::open(&Source::Bundle(bundle.path().to_owned()), &Silent);
        Self {
            languages: plugins.into_iter().map(Language::from).collect(),
            runner: opened.unwrap_or_else(|problem| panic!("{problem}")).runner,
            runtime: runtime::Builder::new_current_thread().enable_time().build().unwrap(),
            _bundle: bundle,
        }
    }

    fn answer(&self, language: &Language, vector: &Vector) -> String {
        let tool = format!("{}{}", language.prefix, vector.function.replace('-', "_"));
        let Ok(Some(tool)) = self.runner.index().tool(&tool) else { return "no such tool".to_owned() };
        let call = Call::new(FunctionRef::Tool(tool), vector.arguments.get().to_owned().into());
        written(&self.runtime.block_on(self.runner.run(call)))
    }

    fn differences<'a>(&'a self, vectors: &'a [Vector]) -> Vec<Difference<'a>> {
        let calls =
            self.languages.iter().flat_map(|language| vectors.iter().map(move |vector| (language, vector)));
        calls
            .filter_map(|(language, vector)| {
                let found = self.answer(language, vector);
                let differs = found != vector.expected();
                differs.then_some(Difference { language: &language.name, vector, found })
            })
            .collect()
    }
}

/// Writes an answer as vectors have it: without the object that MCP puts around it.
fn written(report: &Report) -> String {
    let encoded = match &report.result {
        Ok(encoded) => encoded,
        Err(failure) => return format!("failure: {failure}"),
    };
    let json = match &encoded.body {
        ResultBody::Empty => "null".to_owned(),
        ResultBody::Text(text) => to_string(text).unwrap(),
        ResultBody::Json(json) => String::from_utf8(json.clone()).unwrap(),
    };
    let bare = json.strip_prefix("{\"result\":").and_then(|rest| rest.strip_suffix('}'));
    match encoded.status {
        ResultStatus::Success => bare.unwrap_or(&json).to_owned(),
        ResultStatus::Error => format!("error {json}"),
    }
}

fn read<T: DeserializeOwned>(name: &str) -> Vec<T> {
    let file = root().join("tests/type_matrix").join(name);
    let text = fs::read_to_string(&file).unwrap();
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", file.display()))
}

/// Returns vectors whose values are too long for a file.
fn long() -> Vec<Vector> {
    let numbers: Vec<_> = (0..MANY).collect();
    let texts: Vec<_> = numbers.iter().map(|number| "🦀".repeat(number % 4)).collect();
    let points: Vec<_> = numbers.iter().map(|number| json!({"x": number, "y": -1})).collect();
    let shapes: Vec<_> = numbers.iter().map(|number| json!({"code": number % 256})).collect();
    vec![
        Vector::echo("echo-string", &"0123456789é🦀".repeat(MANY).into()),
        Vector::echo("echo-bytes", &"AAEC".repeat(MANY).into()),
        Vector::echo("echo-u16s", &json!(numbers)),
        Vector::echo("echo-s64s", &json!(numbers)),
        Vector::echo("echo-bools", &numbers.iter().map(|number| number % 3 == 0).collect()),
        Vector::echo("echo-chars", &vec!["\u{10ffff}"; MANY].into()),
        Vector::echo("echo-strings", &texts.clone().into()),
        Vector::echo("echo-table", &vec![texts; 3].into()),
        Vector::echo("echo-points", &points.into()),
        Vector::echo("echo-shapes", &shapes.into()),
        Vector::echo("echo-options", &vec![Value::Null; MANY].into()),
    ]
}

fn vectors() -> Vec<Vector> {
    let mut vectors = read("vectors.json");
    vectors.extend(long());
    vectors
}

/// Writes one entry for each difference.
fn table<'a>(differences: impl IntoIterator<Item = &'a Difference<'a>>) -> String {
    let mut table = String::new();
    for Difference { language, vector, found } in differences {
        let (arguments, expected) = (shown(vector.arguments.get()), shown(&vector.expected()));
        let (function, found) = (&vector.function, shown(found));
        writeln!(table, "{language:18} {function:18} {arguments}\n{:37} {expected}\n{:37} {found}", "=", "!")
            .unwrap();
    }
    table
}

fn shown(text: &str) -> String {
    match text.char_indices().nth(SHOWN_CHARS) {
        Some((end, _)) => format!("{} ... ({} bytes)", &text[..end], text.len()),
        None => text.to_owned(),
    }
}

#[test]
fn every_language_answers_every_vector_alike() {
    let (matrix, vectors, exceptions) = (Matrix::open(), vectors(), read::<Exception>("exceptions.json"));
    let differences = matrix.differences(&vectors);
    let is_known =
        |difference: &&Difference<'_>| exceptions.iter().any(|exception| exception.covers(difference));
    let unknown: Vec<_> = differences.iter().filter(|difference| !is_known(difference)).collect();
    let gone: Vec<_> = exceptions
        .iter()
        .filter(|exception| !differences.iter().any(|difference| exception.covers(difference)))
        .map(|exception| format!("{} {}: {}", exception.language, exception.function, exception.symptom))
        .collect();
    assert!(
        unknown.is_empty() && gone.is_empty(),
        "{} of {} calls differ (arguments, = expected, ! found):\n{}\nexceptions that no longer occur: {gone:#?}",
        unknown.len(),
        vectors.len() * matrix.languages.len(),
        table(unknown),
    );
    let names: Vec<_> = matrix.languages.iter().map(|language| language.name.as_str()).collect();
    println!("type matrix: {} calls, each in {}", vectors.len(), names.join(", "));
}

#[test]
fn every_function_has_a_vector() {
    let vectors = vectors();
    let called: BTreeSet<_> = vectors.iter().map(|vector| vector.function.replace('-', "_")).collect();
    let rust =
        load::load(&root().join("tests/type_matrix/rust")).unwrap_or_else(|problem| panic!("{problem}"));
    let functions: BTreeSet<_> = rust.plugin.tools.into_iter().map(|tool| tool.name).collect();
    assert_eq!(called, functions);
}

#[test]
fn every_exception_is_found_by_check() {
    let config = config::read(&root().join("tests/type_matrix/toolcell.toml")).unwrap();
    for Exception { language, function, finding, .. } in read("exceptions.json") {
        let findings = check::check(&config.plugins[&language].source);
        let findings = serde_json::to_value(findings.unwrap_or_else(|problem| panic!("{problem}"))).unwrap();
        let found = findings.as_array().unwrap().iter().any(|found| found["id"] == finding);
        assert!(found, "{language} {function}: no {finding:?} among {findings:#}");
    }
}
