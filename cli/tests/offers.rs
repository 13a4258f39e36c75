//! Tests content, prompts, handwritten schemas, and items that are known only at run time.

mod story;

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::value::RawValue;
use serde_json::{Value, json};
use story::{Bench, GUIDE, GUIDE_MANIFEST, TEXT};
use toolcell_cli::bundle::build::{self, BuildRequest, Components};
use toolcell_cli::bundle::compile::Target;
use toolcell_cli::bundle::{Cache, LockMode};
use toolcell_cli::check;
use toolcell_cli::command::inspect;
use toolcell_cli::command::pack::{self, Input};
use toolcell_cli::manifest::lint::Lint;
use toolcell_cli::plugin::load;
use toolcell_cli::ui::problem::Problem;
use toolcell_cli::ui::progress::Silent;
use toolcell_host::catalog::{Catalog, ProviderRole, Returns};

const SCHEMA: &str = "{
  \"$schema\": \"https://json-schema.org/draft/2020-12/schema\",
  \"type\": \"object\",
  \"$defs\": { \"a\": { \"minimum\": 1.0 } },
  \"properties\": { \"a  b\": { \"$ref\": \"#/$defs/a\" } }
}
";

const SCHEMA_LINE: &str = "{\"$schema\":\"https://json-schema.org/draft/2020-12/schema\",\"type\":\"object\",\
                           \"$defs\":{\"a\":{\"minimum\":1.0}},\"properties\":{\"a  b\":{\"$ref\":\"#/$defs/a\"}}}";

const ONE: &str = "[plugins.guide]\nsource = \"guide\"\nprefix = \"g_\"\nrequired-scopes = [\"guide\"]\n\
                   [plugins.guide.limits]\nmemory = \"32 MiB\"\n\
                   [auth.bearer]\nenvironment = \"PRINCIPALS\"\n";

fn guide() -> Bench {
    let bench = Bench::new();
    bench.plugin("guide", GUIDE, GUIDE_MANIFEST);
    bench.write("guide/schema.json", SCHEMA);
    bench
}

fn try_build(bench: &Bench) -> Result<Catalog, Problem> {
    let (config, out) = (bench.path("toolcell.toml"), bench.path("bundle"));
    let (target, cache) = (Target::X86_64, Cache::off());
    build::build(&BuildRequest {
        config: &config,
        target,
        out: &out,
        components: Components::Prebuilt,
        cache,
        lock: LockMode::Ignore,
        progress: &Silent,
    })?;
    Ok(story::catalog(&out))
}

fn pack(bench: &Bench, directory: &str, file: &str) {
    pack::pack(&Input::Directory(&bench.path(directory)), Some(&bench.path(file))).unwrap();
}

fn value(raw: &RawValue) -> Value {
    serde_json::from_str(raw.get()).unwrap()
}

/// Packs the guide and builds it from the packed file.
fn packed() -> Catalog {
    let bench = guide();
    pack(&bench, "guide", "guide.wasm");
    bench.write("toolcell.toml", ONE.replace("\"guide\"\nprefix", "\"guide.wasm\"\nprefix"));
    try_build(&bench).unwrap()
}

#[test]
fn content_is_known_by_its_name_and_not_by_its_looks() {
    let catalog = packed();
    let returns = |name: &str| catalog.tools.iter().find(|tool| tool.name == name).unwrap().returns;
    let table = [
        ("g_one", Returns::Block),
        ("g_many", Returns::Blocks),
        ("g_both", Returns::ContentAndStructured),
        ("g_maybe", Returns::Value),
        ("g_pair", Returns::Value),
        ("g_plain", Returns::Value),
    ];
    for (name, expected) in table {
        assert_eq!(returns(name), expected, "{name}");
    }
    let output = |name: &str| {
        let tool = catalog.tools.iter().find(|tool| tool.name == name).unwrap();
        value(&tool.entry)["outputSchema"].clone()
    };
    assert_eq!((output("g_one"), output("g_many")), (Value::Null, Value::Null));
    assert_eq!(output("g_both")["properties"]["count"]["description"], "How many.");
    assert_eq!(output("g_both")["properties"].as_object().unwrap().len(), 1);
    assert_eq!(output("g_maybe")["required"], json!(["result"]));

    let copy = story::contract()["content.wit"].replace("package toolcell:plugin@0.1.0;", "");
    let bench = Bench::new();
    let wit = format!(
        "package example:copy@0.1.0;\n{copy}\ninterface tools {{ use content.{{block, prompt-messages}}; \
         one: func() -> block; two: func() -> prompt-messages; }}\nworld plugin {{ export tools; }}"
    );
    bench.component("copy.wasm", &wit);
    let plugin = load::load(&bench.path("copy.wasm")).unwrap().plugin;
    assert_eq!(plugin.tools.iter().map(|tool| tool.returns).collect::<Vec<_>>(), [Returns::Value; 2]);
    assert!(plugin.prompts.is_empty());
}

#[test]
fn a_bare_component_shows_content_by_its_short_name() {
    let bench = Bench::new();
    bench.component("guide.wasm", GUIDE);
    let plugin = load::load(&bench.path("guide.wasm")).unwrap().plugin;
    let described = |name: &str| {
        let tool = plugin.tools.iter().find(|tool| tool.name == name).unwrap();
        tool.description.rsplit("#").next().unwrap().to_owned()
    };
    assert_eq!(described("one"), "one: func() -> block");
    assert_eq!(described("many"), "many: func() -> result<list<block>, string>");
    assert_eq!(described("both"), "both: func() -> result<tuple<list<block>, record { count: u32 }>>");
    let prompts: Vec<_> = plugin.prompts.iter().map(|prompt| prompt.name.as_str()).collect();
    assert_eq!(prompts, ["greet", "review"], "a function of the world itself is one as well");
}

#[test]
fn a_prompt_is_listed_with_its_arguments_and_is_no_tool() {
    let catalog = packed();
    let names: Vec<_> = catalog.prompts.iter().map(|prompt| prompt.name.as_str()).collect();
    assert_eq!(names, ["g_greet", "g_review"]);
    assert!(catalog.tools.iter().all(|tool| !names.contains(&tool.name.as_str())));
    let review = &catalog.prompts[1];
    let style = "How strict to be.\nOne of `strict`, `very_kind`.";
    assert_eq!(
        value(&review.entry),
        json!({
            "name": "g_review",
            "title": "Review",
            "description": "Reviews code.",
            "arguments": [
                { "name": "source_code", "title": "Code", "description": "What to review.", "required": true },
                { "name": "style", "description": style, "required": false },
            ],
            "icons": [{ "src": "https://example.com/review.png" }],
            "_meta": { "example.com/key": 1 },
        })
    );
    let plain = value(&review.plain_entry);
    assert_eq!(
        plain["arguments"][0],
        json!({
            "name": "source_code", "description": "What to review.", "required": true
        })
    );
    assert!(plain.get("title").is_none() && plain.get("icons").is_none() && plain.get("_meta").is_some());
    assert_eq!((review.limits.deadline_ms, review.limits.memory_bytes), (5_000, 32 << 20));
    assert_eq!(review.required_scopes.to_string(), "guide review");
    assert!(review.function.params.iter().all(|param| param.docs.is_none()));
    assert_eq!(catalog.prompts[0].export.interface, None);
}

#[test]
fn every_function_of_our_own_interfaces_becomes_a_provider() {
    let catalog = packed();
    assert_eq!(catalog.providers.iter().map(|one| one.role).collect::<Vec<_>>(), ProviderRole::ALL);
    for provider in &catalog.providers {
        let about_uris =
            provider.export.interface.as_deref().is_some_and(|interface| {
                interface.contains("/resources@") || interface.contains("/completion@")
            });
        let uris: &[&str] = if about_uris { &["guide:///", "https://guide.example/"] } else { &[] };
        assert_eq!(provider.uris, uris, "{:?}", provider.role);
        assert_eq!((provider.prefix.as_str(), provider.limits.memory_bytes), ("g_", 32 << 20));
        assert_eq!(provider.required_scopes.to_string(), "guide");
        assert!(!serde_json::to_string(&provider.function).unwrap().contains("docs"));
    }
    assert!(catalog.tools.iter().all(|tool| !tool.name.contains("list")));
}

#[test]
fn a_schema_by_hand_reaches_clients_byte_for_byte() {
    let catalog = packed();
    let tool = catalog.tools.iter().find(|tool| tool.raw_arguments).unwrap();
    assert_eq!(tool.name, "g_json_schema_2020_12_tool");
    for entry in [&tool.entry, &tool.plain_entry] {
        assert!(entry.get().contains(&format!("\"inputSchema\":{SCHEMA_LINE}")), "{entry}");
        assert_eq!(value(entry)["_meta"]["example.com/key"], json!({ "a": [1] }));
    }
    assert_eq!(catalog.tools.iter().filter(|tool| tool.raw_arguments).count(), 1);
}

#[test]
fn a_plugin_without_tools_may_have_something_else() {
    let bench = Bench::new();
    let wit = "package a:b;\nworld plugin { export toolcell:plugin/resources@0.1.0; }";
    bench.component("guide.wasm", wit);
    bench.write("toolcell.toml", "[plugins.guide]\nsource = \"guide.wasm\"\n");
    let catalog = try_build(&bench).unwrap();
    assert_eq!((catalog.tools.len(), catalog.providers.len()), (0, 3));
    assert!(catalog.providers.iter().all(|provider| provider.uris.is_empty()));
}

/// Two plugins that have resources, prompts and tools at run time, with these prefixes and starts of URIs.
fn two(left: (&str, &str), right: (&str, &str)) -> Result<Catalog, Problem> {
    let bench = Bench::new();
    let mut config = String::new();
    for (name, (prefix, uris)) in [("left", left), ("right", right)] {
        let wit = "package a:b;\nworld plugin {\n  export toolcell:plugin/resources@0.1.0;\n  \
                   export toolcell:plugin/prompts@0.1.0;\n  export toolcell:plugin/dynamic-tools@0.1.0;\n}";
        let manifest =
            format!("name = \"{name}\"\ncomponent = \"{name}.wasm\"\n[resources]\nuris = [{uris}]\n");
        bench.plugin(name, wit, &manifest);
        config += &format!("[plugins.{name}]\nsource = \"{name}\"\nprefix = \"{prefix}\"\n");
    }
    bench.write("toolcell.toml", config);
    try_build(&bench)
}

#[test]
fn plugins_are_told_apart_by_uris_and_prefixes() {
    two(("a_", "\"a:/\""), ("b_", "\"b:/\", \"c:/\"")).unwrap();
    for uris in ["", "\"a:/\"", "\"a:/b\"", "\"b:/\", \"a:\""] {
        let problem = two(("a_", "\"a:/\""), ("b_", uris)).unwrap_err();
        assert!(problem.wrong.contains("same resource URIs"), "{problem}");
        assert!(problem.found.contains("`left`") && problem.found.contains("`right`"), "{problem}");
    }
    for prefix in ["", "a", "a_", "a_b"] {
        let problem = two(("a_", "\"a:/\""), (prefix, "\"b:/\"")).unwrap_err();
        assert!(problem.wrong.contains("export `prompts` overlap"), "{problem}");
    }
}

#[test]
fn inspect_shows_everything_that_a_plugin_has() {
    let bench = guide();
    let report = inspect::report(&load::load(&bench.path("guide")).unwrap());
    assert_eq!(report.offers, ["resources", "prompts", "completion", "dynamic-tools"]);
    assert_eq!(report.uris, ["guide:///", "https://guide.example/"]);
    assert_eq!(report.returns.len(), 3);
    assert_eq!(report.returns["both"], Returns::ContentAndStructured);
    assert_eq!((report.prompts.len(), report.asks), (2, false));
    assert!(report.skipped.is_empty(), "{:?}", report.skipped);
}

#[test]
fn check_finds_what_prompts_and_resources_lack() {
    let bench = guide();
    bench.write("guide/plugin.toml", "name = \"guide\"\ncomponent = \"guide.wasm\"\n");
    let findings = check::check(&bench.path("guide")).unwrap();
    let about = |subject: &str| -> Vec<_> {
        findings.iter().filter(|one| one.subject == subject).map(|one| one.text.as_str()).collect()
    };
    assert!(findings.iter().any(|one| one.id == Lint::AnyUri && one.subject == "guide"), "{findings:?}");
    assert!(about("greet").iter().any(|text| text.contains("has no description")), "{findings:?}");
    assert!(about("review").contains(&"parameter source-code has no description"), "{findings:?}");
    for (tool, nested) in [("maybe", true), ("pair", true), ("many", false), ("plain", false)] {
        assert_eq!(about(tool).iter().any(|text| text.contains("inside another")), nested, "{findings:?}");
    }
    bench.plugin("text", TEXT, "name = \"text\"\ncomponent = \"text.wasm\"\n");
    assert!(!check::check(&bench.path("text")).unwrap().iter().any(|one| one.id == Lint::AnyUri));
}

#[test]
fn a_packed_plugin_that_was_tampered_with_is_refused() {
    let bench = guide();
    let loaded = load::load(&bench.path("guide")).unwrap();
    let section = String::from_utf8(loaded.component.packed.clone().unwrap()).unwrap();
    let table = [
        ("\"returns\":\"beside\"", "\"returns\":\"blocks\"", "describes another component"),
        ("{\"$schema\":", "{ \"$schema\":", "not a schema for arguments"),
        ("\"guide:///\"", "\"guide\"", "invalid URI prefix"),
        ("https://example.com/review.png", "javascript:review", "icon"),
        ("{\"example.com/key\":1}", "1", "is not an object"),
        ("{\"example.com/key\":{\"a\":[1]}}", "[]", "is not an object"),
    ];
    for (from, to, wrong) in table {
        assert!(section.contains(from), "{from}");
        let bytes =
            toolcell_cli::component::section::replace(&loaded.bytes, section.replace(from, to).as_bytes());
        bench.write("guide.wasm", bytes);
        let problem = load::load(Path::new(&bench.path("guide.wasm"))).unwrap_err();
        assert!(problem.wrong.contains(wrong), "{problem}");
    }
}

/// Sizes change with every compiler; what they stand beside does not.
fn without_sizes(line: &str) -> String {
    let words: Vec<_> = line.split(' ').collect();
    let is_size = |at: usize| words.get(at + 1).is_some_and(|unit| unit.starts_with("KiB"));
    let shown = words.iter().enumerate().map(|(at, word)| match word.trim_start_matches('(') {
        number if is_size(at) && number.parse::<f64>().is_ok() => word.replace(number, "N"),
        _ => (*word).to_owned(),
    });
    shown.collect::<Vec<_>>().join(" ")
}

/// Returns the output of the program for a plugin on the bench.
fn printed(bench: &Bench, arguments: &[&str]) -> String {
    let mut program = Command::new(env!("CARGO_BIN_EXE_toolcell"));
    program.env("TOOLCELL_CACHE", bench.path("cache"));
    let output = program.args(arguments).current_dir(bench.path("")).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn a_person_reads_what_a_plugin_and_a_bundle_have() {
    let bench = guide();
    bench.write("toolcell.toml", ONE);
    let cut = |line: String| match line.char_indices().nth(160) {
        Some((at, _)) => format!("{}...", &line[..at]),
        None => line,
    };
    let mut told = String::new();
    for command in [vec!["pack", "guide"], vec!["inspect", "guide"], vec!["build"], vec!["inspect", "bundle"]]
    {
        let printed = printed(&bench, &command);
        let lines: Vec<_> =
            printed.lines().filter(|line| !line.contains("sha256:")).map(without_sizes).map(cut).collect();
        told += &format!("$ toolcell {}\n{}\n\n", command.join(" "), lines.join("\n"));
    }
    story::golden("offers.txt", &told);
}

#[test]
fn serve_counts_prompts_and_resources_after_the_line_that_scripts_wait_for() {
    let bench = Bench::new();
    bench.plugin("guide", GUIDE, "name = \"guide\"\ncomponent = \"guide.wasm\"\n");
    bench.component("text.wasm", TEXT);
    bench.write(
        "toolcell.toml",
        "[plugins.guide]\nsource = \"guide\"\n[plugins.text]\nsource = \"text.wasm\"\n",
    );
    let mut program = Command::new(env!("CARGO_BIN_EXE_toolcell"));
    program.args(["serve", "--listen", "127.0.0.1:0"]).current_dir(bench.path("")).stderr(Stdio::piped());
    let mut server = program.spawn().unwrap();
    let lines = BufReader::new(server.stderr.take().unwrap()).lines().map(Result::unwrap);
    let said: Vec<_> = lines.skip_while(|line| !line.starts_with("serving")).take(4).collect();
    server.kill().unwrap();
    server.wait().unwrap();
    assert!(said[0].starts_with("serving 9 tools of 2 plugins at http://127.0.0.1:"), "{said:?}");
    assert_eq!(
        said[1],
        "also 2 prompts, resources of 1 plugin, prompts of 1 plugin, completion of 1 plugin, \
         dynamic-tools of 1 plugin"
    );
    assert!(said[2].ends_with("prompt greet, prompt review, resources, prompts, completion, dynamic-tools"));
    assert_eq!(said[3], "  text: count_words, make_slug");
}
