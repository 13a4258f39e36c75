//! Takes a shape through every command, and through a server.

use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tempfile::TempDir;
use toolcell_cli::bundle::build::{self, BuildRequest, Components};
use toolcell_cli::bundle::compile::Target;
use toolcell_cli::bundle::open::{self, OpenBundle, Source};
use toolcell_cli::bundle::{Cache, LockMode};
use toolcell_cli::check;
use toolcell_cli::command::inspect;
use toolcell_cli::command::pack::{self, Input};
use toolcell_cli::plugin::load;
use toolcell_cli::ui::problem::Problem;
use toolcell_cli::ui::progress::Silent;
use toolcell_tests::{Revision, Server};

use crate::sample;
use crate::shape::{self, Shape};

/// The first of the lines that a deployer is told to add.
const LINES: &str = "\n            [plugins.shape.";

/// How often a deployer adds what is advised: once for each function with a long name.
const LINES_ADDED: usize = 8;

/// The time in which a shape has to be judged and served, generous enough for any machine.
const LONGEST: Duration = Duration::from_secs(60);

/// What became of a shape.
#[derive(Debug, Default)]
pub(crate) struct Verdict {
    /// Its lines in the golden file.
    pub(crate) text: String,
    /// What must not be: accepted and unusable, a panic, commands that disagree, a refusal without remedy.
    pub(crate) faults: Vec<String>,
}

/// How a command ended.
#[derive(Clone, Debug, PartialEq)]
enum Judgement {
    Accepted,
    /// It has no function that could be served.
    OffersNothing,
    Refused(String),
    Panicked,
}

/// A shape on disk.
struct Bench {
    directory: TempDir,
}

/// Judges a shape as a bare component and as a plugin's directory.
pub(crate) fn judge(shape: &Shape) -> Verdict {
    let mut verdict = Verdict::default();
    let component = match catch_unwind(AssertUnwindSafe(|| shape.component())) {
        Ok(Ok(component)) => component,
        Ok(Err(error)) => {
            verdict.text = format!("no component: {}\n", first_line(&format!("{error:#}")));
            return verdict;
        }
        Err(_) => {
            verdict.text = "no component: the encoder panics\n".into();
            return verdict;
        }
    };
    let start = Instant::now();
    let bench = Bench::new(shape, &component);
    let bare = bench.bare();
    verdict.note("bare", &bare, &bench.path("bare-bundle"));
    let plugin = bench.plugin();
    verdict.note("packed", &plugin, &bench.path("packed-bundle"));
    if start.elapsed() > LONGEST {
        verdict.faults.push(format!("takes {:?}", start.elapsed()));
    }
    verdict
}

impl Verdict {
    fn note(&mut self, form: &str, judgements: &[(&'static str, Judgement)], bundle: &Path) {
        for (command, judgement) in judgements {
            match judgement {
                Judgement::Panicked => self.faults.push(format!("{form}: {command} panics")),
                Judgement::Refused(text) if !has_remedy(text) => {
                    self.faults.push(format!("{form}: {command} names no remedy: {text}"));
                }
                _ => {}
            }
        }
        let (_, first) = &judgements[0];
        if let Some((other, differs)) = judgements.iter().find(|(_, judgement)| judgement != first) {
            let (one, text) = (judgements[0].0, shown(first));
            self.faults.push(format!("{form}: {one}: {text}; {other}: {}", shown(differs)));
        }
        let (_, last) = judgements.last().expect("there are commands");
        let line = match last {
            Judgement::Accepted => match catch_unwind(AssertUnwindSafe(|| serve(bundle))) {
                Ok(Ok(served)) => format!("served: {served}"),
                Ok(Err(fault)) => {
                    self.faults.push(format!("{form}: accepted, then {fault}"));
                    "BROKEN".into()
                }
                Err(panic) => {
                    let text = panic.downcast_ref::<String>().cloned().unwrap_or_default();
                    self.faults.push(format!("{form}: accepted, then a panic: {}", first_line(&text)));
                    "BROKEN".into()
                }
            },
            other => shown(other),
        };
        self.text += &format!("  {form}: {}\n", line.replace('\n', "\n    "));
    }
}

fn shown(judgement: &Judgement) -> String {
    match judgement {
        Judgement::Accepted => "accepted".into(),
        Judgement::OffersNothing => "offers nothing".into(),
        Judgement::Refused(text) => format!("refused\n{text}"),
        Judgement::Panicked => "PANICS".into(),
    }
}

/// Tells whether a problem ends with something to do.
fn has_remedy(text: &str) -> bool {
    text.lines().any(|line| line.trim_start().strip_prefix("next:").is_some_and(|next| next.trim().len() > 8))
}

fn first_line(text: &str) -> String {
    text.lines().next().unwrap_or_default().chars().take(200).collect()
}

impl Bench {
    fn new(shape: &Shape, component: &[u8]) -> Self {
        let bench = Self { directory: tempfile::tempdir().expect("a directory to work in") };
        bench.write("bare.wasm", component);
        bench.write("bare.toml", b"[plugins.shape]\nsource = \"bare.wasm\"\n");
        bench.write("packed.toml", b"[plugins.shape]\nsource = \"packed.wasm\"\n");
        bench.write("directory.toml", b"[plugins.shape]\nsource = \"plugin\"\n");
        bench.write("plugin/plugin.toml", b"name = \"shape\"\ncomponent = \"shape.wasm\"\n");
        bench.write("plugin/shape.wasm", component);
        bench.write("plugin/wit/shape.wit", shape.wit.as_bytes());
        if shape::uses_contract(&shape.wit) && !shape.wit.contains("package toolcell:plugin@0.1.0") {
            for (file, text) in shape::contract() {
                bench.write(&format!("plugin/wit/deps/toolcell-plugin/{file}"), text.as_bytes());
            }
        }
        bench
    }

    fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    fn write(&self, name: &str, bytes: &[u8]) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().expect("a file has a folder")).expect("a folder can be made");
        fs::write(path, bytes).expect("a file can be written");
    }

    /// The component alone.
    fn bare(&self) -> Vec<(&'static str, Judgement)> {
        let file = self.path("bare.wasm");
        vec![("inspect", self.inspect(&file)), ("check", self.check(&file)), ("build", self.build("bare"))]
    }

    /// The author's directory, and what `pack` makes of it.
    fn plugin(&self) -> Vec<(&'static str, Judgement)> {
        let (directory, packed) = (self.path("plugin"), self.path("packed.wasm"));
        let pack = self.told(|| {
            pack::pack(&Input::Directory(&directory), Some(&packed)).map(|packed| {
                let offers =
                    !packed.tools.is_empty() || !packed.prompts.is_empty() || !packed.offers.is_empty();
                offers.then_some(()).map_or(Judgement::OffersNothing, |()| Judgement::Accepted)
            })
        });
        let mut all = vec![
            ("pack", pack.clone()),
            ("inspect of the directory", self.inspect(&directory)),
            ("check of the directory", self.check(&directory)),
            ("build of the directory", self.build("directory")),
        ];
        if packed.exists() {
            all.push(("inspect", self.inspect(&packed)));
            all.push(("check", self.check(&packed)));
            all.push(("build", self.build("packed")));
        }
        all
    }

    fn inspect(&self, path: &Path) -> Judgement {
        self.told(|| {
            let report = load::load(path).map(|loaded| inspect::report(&loaded))?;
            let offers = !report.tools.is_empty() || !report.prompts.is_empty() || !report.offers.is_empty();
            Ok(if offers { Judgement::Accepted } else { Judgement::OffersNothing })
        })
    }

    fn check(&self, path: &Path) -> Judgement {
        self.told(|| {
            let report = check::report(path, None)?;
            let findings = serde_json::to_value(&report.findings).expect("findings are JSON");
            let nothing = findings.as_array().into_iter().flatten().any(|one| one["id"] == "nothing-offered");
            Ok(if nothing { Judgement::OffersNothing } else { Judgement::Accepted })
        })
    }

    /// Builds; where the deployer has a say, and is told the lines to add, they are added.
    fn build(&self, name: &str) -> Judgement {
        let mut judgement = self.build_once(name);
        for attempt in 0..LINES_ADDED {
            let Judgement::Refused(text) = &judgement else { break };
            let Some(start) = text.find(LINES) else { break };
            let lines: String = text[start..].lines().map(|line| format!("{}\n", line.trim())).collect();
            let lines = lines.replace("short_name", &format!("short_name_{attempt}"));
            let file = self.path(&format!("{name}.toml"));
            let config = fs::read_to_string(&file).expect("the configuration is there");
            fs::write(file, config + &lines).expect("a file can be written");
            judgement = self.build_once(name);
        }
        match judgement {
            Judgement::Refused(text) if text.contains("offers nothing") => Judgement::OffersNothing,
            other => other,
        }
    }

    fn build_once(&self, name: &str) -> Judgement {
        let (config, out) = (self.path(&format!("{name}.toml")), self.path(&format!("{name}-bundle")));
        self.told(|| {
            build::build(&BuildRequest {
                config: &config,
                target: Target::host().expect("tests run where toolcell does"),
                out: &out,
                components: Components::Prebuilt,
                cache: Cache::at(self.path("cache")),
                lock: LockMode::Ignore,
                progress: &Silent,
            })
            .map(|_| Judgement::Accepted)
        })
    }

    /// Runs a command; the paths of this bench are left out of what it tells.
    fn told(&self, command: impl FnOnce() -> Result<Judgement, Problem>) -> Judgement {
        match catch_unwind(AssertUnwindSafe(command)) {
            Ok(Ok(judgement)) => judgement,
            Ok(Err(problem)) => Judgement::Refused(self.bare_text(&problem)),
            Err(_) => Judgement::Panicked,
        }
    }

    /// The problem without the paths of this bench, and without the name of the plugin, which only `build` knows.
    fn bare_text(&self, problem: &Problem) -> String {
        let mut text = problem.to_string().replace(&format!("{}/", self.directory.path().display()), "");
        for (name, same) in [
            ("bare.wasm", "FILE"),
            ("packed.wasm", "FILE"),
            ("plugin/shape.wasm", "FILE"),
            ("plugin `shape`: ", ""),
        ] {
            text = text.replace(name, same);
        }
        text
    }
}

/// Serves a bundle, lists its tools and calls each; returns their names.
fn serve(bundle: &Path) -> Result<String, String> {
    let opened = open::open(&Source::Bundle(bundle.to_owned()), &Silent);
    let OpenBundle { runner, .. } = opened.map_err(|problem| problem.to_string())?;
    let unavailable: Vec<_> = runner
        .load_all()
        .into_iter()
        .map(|(tool, why)| format!("{} cannot be called: {why}", tool.entry().name))
        .collect();
    if let Some(first) = unavailable.first() {
        return Err(first.clone());
    }
    let server = Server::serving(runner);
    let client = server.client(Revision::Modern);
    let mut names = Vec::new();
    let mut cursor = None;
    loop {
        let params = cursor.map_or(json!({}), |cursor: Value| json!({ "cursor": cursor }));
        let mut page = client.ask("tools/list", params);
        for tool in page["tools"].as_array().into_iter().flatten() {
            let name = tool["name"].as_str().unwrap_or_default().to_owned();
            call(&server, tool).map_err(|fault| format!("{name}: {fault}"))?;
            names.push(name);
        }
        match page.get_mut("nextCursor") {
            None => break,
            Some(next) => cursor = Some(next.take()),
        }
    }
    for method in ["prompts/list", "resources/list"] {
        client.send(method, json!({}));
    }
    Ok(short(&names))
}

fn short(names: &[String]) -> String {
    if names.is_empty() {
        return "no tool of its own".into();
    }
    let shown = names.iter().take(8).map(|name| if name.len() > 80 { &name[..80] } else { name });
    let mut text = shown.collect::<Vec<_>>().join(", ");
    if names.len() > 8 {
        text += &format!(" and {} more", names.len() - 8);
    }
    text
}

fn call(server: &Server, tool: &Value) -> Result<(), String> {
    let validator =
        |schema: &Value| jsonschema::draft202012::new(schema).map_err(|error| format!("its schema: {error}"));
    let input = &tool["inputSchema"];
    let arguments = sample::of(input);
    validator(input)?
        .validate(&arguments)
        .map_err(|error| format!("{arguments} is not accepted: {error}"))?;
    let name = tool["name"].as_str().unwrap_or_default();
    let called = server.client(Revision::Modern).call(name, &arguments);
    if called.is_error {
        return Err(format!("{} -> {}", first_line(&arguments.to_string()), called.text.unwrap_or_default()));
    }
    match (tool.get("outputSchema"), &called.structured) {
        (Some(schema), Some(value)) => validator(schema)?
            .validate(value)
            .map_err(|error| format!("{value} is not of its schema: {error}")),
        (None, None) => Ok(()),
        (Some(_), None) => Err("has a schema, and returned nothing structured".into()),
        (None, Some(value)) => Err(format!("has no schema, and returned {value}")),
    }
}
