//! Every error that a person can read, in one golden file: `TOOLCELL_BLESS=1` rewrites it.

#[path = "story/authorization.rs"]
mod authorization;
mod story;

use std::fmt::Write as _;

use story::{Bench, GUIDE, TEXT, TEXT_MANIFEST, golden};
use toolcell_cli::bundle::Cache;
use toolcell_cli::bundle::build::{self, BuildRequest, Components};
use toolcell_cli::bundle::compile::Target;
use toolcell_cli::command::{self, pack};
use toolcell_cli::plugin::load;
use toolcell_cli::ui::problem::Problem;
use toolcell_cli::ui::progress::Silent;

/// Builds what is on the bench, which has to fail.
fn refused(bench: &Bench) -> Problem {
    let (config, out) = (bench.path("toolcell.toml"), bench.path("bundle"));
    let request = BuildRequest {
        config: &config,
        target: Target::X86_64,
        out: &out,
        components: Components::Prebuilt,
        cache: Cache::off(),
        progress: &Silent,
    };
    let problem = build::build(&request).expect_err("refused");
    assert!(!out.join("catalog.json").exists(), "a refused build leaves no bundle");
    problem
}

/// A story: what is on the bench.
type Story = (&'static str, fn(&Bench));

const PLUGIN: &str = "[plugins.text]\nsource = \"text\"\n";

fn config(bench: &Bench, text: &str) {
    bench.plugin("text", TEXT, TEXT_MANIFEST);
    bench.write("toolcell.toml", text);
}

fn manifest(bench: &Bench, lines: &str) {
    let text = format!("name = \"text\"\ncomponent = \"text.wasm\"\n{lines}");
    bench.plugin("text", TEXT, &text);
    bench.write("toolcell.toml", PLUGIN);
}

fn wit(bench: &Bench, wit: &str) {
    bench.component("text.wasm", wit);
    bench.write("toolcell.toml", "[plugins.text]\nsource = \"text.wasm\"\n");
}

/// A guide whose `plugin.toml` goes on with these lines.
fn guide(bench: &Bench, lines: &str) {
    let text = format!("name = \"guide\"\ncomponent = \"guide.wasm\"\n{lines}");
    bench.plugin("guide", GUIDE, &text);
    bench.write("toolcell.toml", "[plugins.guide]\nsource = \"guide\"\n");
}

/// A guide whose tool takes what this schema says.
fn schema(bench: &Bench, schema: &str) {
    guide(bench, "[tools.json-schema-2020-12-tool]\ninput-schema = \"schema.json\"\n");
    bench.write("guide/schema.json", schema);
}

/// Two plugins that export an interface of `toolcell:plugin`, with keys for each.
fn two(bench: &Bench, interface: &str, keys: &str) {
    let wit = format!("package a:b;\nworld plugin {{ export toolcell:plugin/{interface}@0.1.0; }}");
    bench.component("one.wasm", &wit);
    bench.component("other.wasm", &wit);
    bench.write(
        "toolcell.toml",
        format!("[plugins.one]\nsource = \"one.wasm\"\n[plugins.other]\nsource = \"other.wasm\"\n{keys}"),
    );
}

/// A component made with another copy of `toolcell:plugin`.
fn other_copy(bench: &Bench, wit: &str, (from, to): (&str, &str)) {
    let mut contract = story::contract();
    assert!(contract.values().any(|text| text.contains(from)), "{from}");
    contract.values_mut().for_each(|text| *text = text.replace(from, to));
    bench.write("text.wasm", story::component_with(wit, &contract));
    bench.write("toolcell.toml", "[plugins.text]\nsource = \"text.wasm\"\n");
}

const RESOURCES: &str = "package a:b;\nworld plugin { export toolcell:plugin/resources@0.1.0; }";

const CONTENT: &str = "package a:b;
interface tools {
  use toolcell:plugin/content@0.1.0.{block};
  show: func() -> list<block>;
}
world plugin { export tools; }
";

const CONFIGURATION: &[Story] = &[
    ("no toolcell.toml", |_| {}),
    ("toolcell.toml is not UTF-8", |b| b.write("toolcell.toml", b"# \xff\n")),
    ("toolcell.toml is not TOML", |b| b.write("toolcell.toml", "[server\nname = 1\n")),
    ("no plugins", |b| b.write("toolcell.toml", "")),
    ("a path in an origin", |b| {
        config(b, "[http]\nallowed-origins = [\"https://a.example\", \"https://b.example/app\"]\n")
    }),
    ("a URL for a host", |b| config(b, "[http]\nallowed-hosts = [\"https://a.example\"]\n")),
    ("duplicate key", |b| b.write("toolcell.toml", "[server]\nname = \"a\"\nname = \"b\"\n")),
    ("unknown key", |b| config(b, "[plugins.text]\nsorce = \"text\"\n")),
    ("unknown key that resembles nothing", |b| config(b, "[server]\ncolour = \"red\"\n")),
    ("missing key", |b| config(b, "[plugins.text]\nprefix = \"a\"\n")),
    ("a number for a text", |b| config(b, "[server]\nname = 7\n")),
    ("a text for a table", |b| config(b, "plugins = \"text\"\n")),
    ("a text for a plugin", |b| config(b, "[plugins]\ntext = \"text.wasm\"\n")),
    ("a text for a list", |b| config(b, "[http]\nallowed-hosts = \"a\"\n")),
    ("a text for a boolean", |b| {
        config(
            b,
            "[plugins.text]\nsource = \"text\"\ngrants.directories = [{ host = \"a\", guest = \"/a\", write = \"yes\" }]\n",
        )
    }),
    ("a relative guest path", |b| {
        config(
            b,
            "[plugins.text]\nsource = \"text\"\ngrants.directories = [{ host = \"a\", guest = \"a\" }]\n",
        )
    }),
    ("a size without unit", |b| config(b, "[limits]\nmemory = \"64\"\n")),
    ("a size as a number", |b| config(b, "[limits]\nmemory = 64\n")),
    ("a size beyond the maximum", |b| config(b, "[limits]\nmemory = \"10 GiB\"\n")),
    ("a stack too small", |b| config(b, "[limits]\nstack = \"1 KiB\"\n")),
    ("a time without unit", |b| config(b, "[lists]\nttl = \"5\"\n")),
    ("a negative count", |b| config(b, "[limits]\nhandles = -1\n")),
    ("a page of nothing", |b| config(b, "[lists]\npage-size = 0\n")),
    ("a body of nothing", |b| config(b, "[http]\nmax-body = \"0 B\"\n")),
    ("a malformed digest", |b| config(b, "[plugins.text]\nsource = \"text\"\ndigest = \"sha256:12\"\n")),
    ("another digest", |b| {
        b.write("text.wasm", b"\0asm\x0d\0\x01\0");
        let pin = "0".repeat(64);
        b.write(
            "toolcell.toml",
            format!("[plugins.text]\nsource = \"text.wasm\"\ndigest = \"sha256:{pin}\"\n"),
        );
    }),
    ("only and except", |b| config(b, "[plugins.text]\nsource = \"text\"\nonly = []\nexcept = []\n")),
    ("a filter that names nothing", |b| {
        config(b, "[plugins.text]\nsource = \"text\"\nonly = [\"make-slug\"]\n")
    }),
    ("limits of no tool", |b| {
        config(b, "[plugins.text]\nsource = \"text\"\ntools.nothing.limits.memory = \"1 MiB\"\n")
    }),
    ("a plugin name that no client accepts", |b| config(b, "[plugins.\"a b\"]\nsource = \"text\"\n")),
    ("a prefix that makes a name too long", |b| {
        config(b, &format!("[plugins.text]\nsource = \"text\"\nprefix = \"{}\"\n", "p".repeat(60)))
    }),
    ("two plugins clash", |b| config(b, &format!("{PLUGIN}[plugins.more]\nsource = \"text\"\n"))),
    ("two plugins clash over a prompt", |b| {
        let wit = "package a:b;\ninterface asking {\n  \
                   use toolcell:plugin/content@0.1.0.{prompt-messages};\n  \
                   review: func() -> prompt-messages;\n}\nworld plugin { export asking; }\n";
        two(b, "prompts", "");
        b.component("one.wasm", wit);
        b.component("other.wasm", wit);
    }),
    ("two plugins with any resources", |b| two(b, "resources", "")),
    ("two plugins with prompts under one prefix", |b| two(b, "prompts", "")),
    ("two plugins with tools at run time and prefixes of which one starts the other", |b| {
        two(b, "dynamic-tools", "prefix = \"other_\"\n")
    }),
    ("a prefix that no name can have", |b| two(b, "completion", "prefix = \"other/\"\n")),
    ("a bundle would land among other files", |b| {
        config(b, PLUGIN);
        b.write("bundle/notes.txt", "mine");
    }),
];

const MANIFEST: &[Story] = &[
    ("source does not exist", |b| b.write("toolcell.toml", PLUGIN)),
    ("a directory without plugin.toml", |b| {
        b.write("toolcell.toml", PLUGIN);
        b.write("text/readme", "");
    }),
    ("the component was not built", |b| {
        manifest(b, "");
        std::fs::remove_file(b.path("text/text.wasm")).unwrap();
    }),
    ("no WIT", |b| {
        manifest(b, "");
        std::fs::remove_dir_all(b.path("text/wit")).unwrap();
    }),
    ("a mistake in the WIT", |b| {
        manifest(b, "");
        b.write("text/wit/world.wit", "package a:b;\nworld plugin { export nothing; }\n");
    }),
    ("a slip in the WIT", |b| {
        manifest(b, "");
        b.write("text/wit/world.wit", TEXT.replace("max-length: u32)", "max-length: u32"));
    }),
    ("WIT that ends early", |b| {
        manifest(b, "");
        b.write("text/wit/world.wit", "package a:b;\nworld plugin {");
    }),
    ("WIT without toolcell's own package", |b| {
        manifest(b, "");
        b.write("text/wit/world.wit", "package a:b;\nworld p { import toolcell:plugin/log@0.1.0; }\n");
    }),
    ("WIT without another package", |b| {
        manifest(b, "");
        b.write("text/wit/world.wit", "package a:b;\nworld p { import c:d/e; }\n");
    }),
    ("WIT that names no interface of another package", |b| {
        manifest(b, "");
        b.write("text/wit/deps/d.wit", "package c:d;\ninterface f {}\n");
        b.write("text/wit/world.wit", "package a:b;\nworld p { import c:d/e; }\n");
    }),
    ("several worlds", |b| {
        manifest(b, "");
        b.write("text/wit/more.wit", "package example:text@0.1.0;\nworld other {}\n");
    }),
    ("the WIT has another type", |b| {
        manifest(b, "");
        b.write("text/wit/world.wit", TEXT.replace("-> u32", "-> u64"));
    }),
    ("the WIT has another function", |b| {
        manifest(b, "");
        b.write("text/wit/world.wit", TEXT.replace("count-words", "count-letters"));
    }),
    ("the WIT lacks a function", |b| {
        manifest(b, "");
        b.write("text/wit/world.wit", TEXT.replace("  count-words: func(text: string) -> u32;\n", ""));
    }),
    ("unknown keys in several tables", |b| {
        manifest(b, "colour = \"red\"\n[limits]\nmemori = \"1 MiB\"\n[tools.make-slug]\ntilte = \"x\"\n")
    }),
    ("an allowance of a finding that does not exist", |b| {
        manifest(b, "[[check.allow]]\nid = \"wide-integers\"\nwhy = \"a test\"\n")
    }),
    ("an allowance without a reason", |b| manifest(b, "[[check.allow]]\nid = \"wide-integer\"\n")),
    ("a tool that does not exist", |b| manifest(b, "[tools.make_slug]\ntitle = \"x\"\n")),
    ("a parameter that does not exist", |b| {
        manifest(b, "[tools.make-slug]\nparameters.max_length.maximum = 1\n")
    }),
    ("@param of nothing", |b| {
        manifest(b, "");
        b.write("text/wit/world.wit", TEXT.replace("@param text", "@param txt"));
    }),
    ("minimum of a string", |b| manifest(b, "[tools.count-words]\nparameters.text.minimum = 1\n")),
    ("bounds that leave nothing", |b| {
        manifest(b, "[tools.make-slug]\nparameters.max-length = { minimum = 9, maximum = 1 }\n")
    }),
    ("a default of another type", |b| {
        manifest(b, "[tools.make-slug]\nparameters.max-length.default = \"80\"\n")
    }),
    ("an example out of range", |b| {
        manifest(b, "[tools.make-slug]\nparameters.max-length = { maximum = 5, examples = [6] }\n")
    }),
    ("a malformed pattern", |b| manifest(b, "[tools.count-words]\nparameters.text.pattern = \"(\"\n")),
    ("a header that is no token", |b| manifest(b, "[tools.count-words]\nparameters.text.header = \"a b\"\n")),
    ("a header used twice", |b| {
        manifest(
            b,
            "[tools.make-slug]\nparameters.text.header = \"Text\"\nparameters.max-length.header = \"text\"\n",
        )
    }),
    ("a length beyond 32 bits", |b| {
        manifest(b, "[tools.count-words]\nparameters.text.max-length = 5000000000\n")
    }),
    ("a text for a number", |b| manifest(b, "[tools.make-slug]\nparameters.max-length.minimum = \"1\"\n")),
    ("a date for a default", |b| {
        manifest(b, "[tools.make-slug]\nparameters.max-length.default = 2020-01-01\n")
    }),
    ("an icon over http", |b| {
        manifest(b, "[tools.make-slug]\nicons = [{ src = \"http://example.com/a.png\" }]\n")
    }),
    ("an icon of no theme", |b| {
        manifest(
            b,
            "[tools.make-slug]\nicons = [{ src = \"https://example.com/a.png\", theme = \"blue\" }]\n",
        )
    }),
    ("capabilities that are a number", |b| {
        manifest(b, "[tools.make-slug]\nrequires-client-capabilities = 1\n")
    }),
    ("a title that turns around", |b| manifest(b, "[tools.make-slug]\ntitle = \"a\\u202Eb\"\n")),
    ("a title too long", |b| manifest(b, &format!("[tools.make-slug]\ntitle = \"{}\"\n", "t".repeat(129)))),
    ("a config key is not granted", |b| {
        manifest(b, "[needs.config]\nregion = \"the region of the service\"\n")
    }),
    ("an environment variable is not granted", |b| {
        manifest(b, "[needs.environment]\nHOME = \"to feel at home\"\n")
    }),
    ("a directory is not granted", |b| {
        manifest(b, "[needs.directories.\"/data\"]\nwhy = \"to keep notes\"\nwrite = true\n")
    }),
    ("the WIT lacks resources that the component has", |b| {
        guide(b, "");
        b.write("guide/wit/world.wit", GUIDE.replace("  export toolcell:plugin/resources@0.1.0;\n", ""));
    }),
    ("the WIT has content of its own", |b| {
        guide(b, "");
        let own =
            GUIDE.replace("example:guide@0.1.0;", "example:guide@0.1.0;\ninterface content {\n  PLACE }");
        let copy = story::contract()["content.wit"].replace("package toolcell:plugin@0.1.0;", "");
        let types = copy.split_once("interface content {").unwrap().1.trim_end().trim_end_matches('}');
        let own = own.replace("PLACE", types).replacen(
            "toolcell:plugin/content@0.1.0.{block,",
            "content.{block,",
            1,
        );
        b.write("guide/wit/world.wit", own);
    }),
    ("a prompt that does not exist", |b| guide(b, "[prompts.reviews]\ntitle = \"x\"\n")),
    ("a prompt that is taken for a tool", |b| guide(b, "[tools.review]\ntitle = \"x\"\n")),
    ("an argument that does not exist", |b| guide(b, "[prompts.review.arguments.source]\ntitle = \"x\"\n")),
    ("a title of an argument that turns around", |b| {
        guide(b, "[prompts.review.arguments.style]\ntitle = \"a\\u202Eb\"\n")
    }),
    ("a meta that is no table", |b| guide(b, "[prompts.review]\nmeta = 1\n")),
    ("a schema for a function of types", |b| {
        guide(b, "[tools.one]\ninput-schema = \"schema.json\"\n");
        b.write("guide/schema.json", "{\"type\":\"object\"}");
    }),
    ("a schema that does not exist", |b| {
        guide(b, "[tools.json-schema-2020-12-tool]\ninput-schema = \"schema.json\"\n")
    }),
    ("a schema and refinements", |b| {
        guide(
            b,
            "[tools.json-schema-2020-12-tool]\ninput-schema = \"schema.json\"\n\
             parameters.arguments.max-length = 9\n",
        );
        b.write("guide/schema.json", "{\"type\":\"object\"}");
    }),
    ("a schema that is not JSON", |b| schema(b, "{ type: object }")),
    ("a schema of a list", |b| schema(b, "{\"type\":\"array\"}")),
    ("a schema that is too long", |b| {
        schema(b, &format!("{{\"type\":\"object\",\"$id\":\"{}\"}}", "x".repeat(64 << 10)))
    }),
    ("a schema that nests too deep", |b| {
        schema(b, &format!("{{\"type\":\"object\",\"allOf\":{}{}}}", "[".repeat(64), "]".repeat(64)))
    }),
    ("a schema to be fetched", |b| {
        schema(b, "{\"type\":\"object\",\"allOf\":[{\"$ref\":\"https://example.com/a.json\"}]}")
    }),
    ("a schema with a header", |b| {
        schema(b, "{\"type\":\"object\",\"properties\":{\"a\":{\"x-mcp-header\":\"A\"}}}")
    }),
    ("a URI without a scheme", |b| guide(b, "[resources]\nuris = [\"guide:///\", \"/guide\"]\n")),
    ("URIs without resources", |b| manifest(b, "[resources]\nuris = [\"text:\"]\n")),
    ("scopes of a prompt that nobody has", |b| guide(b, "[prompts.review]\nrequired-scopes = [\"a\"]\n")),
    ("a prompt that asks for more than allowed", |b| {
        guide(b, "[prompts.greet.limits]\ndeadline = \"5 min\"\n")
    }),
    ("more memory than allowed", |b| manifest(b, "[limits]\nmemory = \"256 MiB\"\n")),
    ("a default that the input limit cannot hold", |b| {
        manifest(
            b,
            "[tools.count-words]\nparameters.text.default = \"a text to count\"\nlimits.input = \"16 B\"\n",
        )
    }),
];

const COMPONENT: &[Story] = &[
    ("not WebAssembly", |b| {
        wit(b, TEXT);
        b.write("text.wasm", "hello");
    }),
    ("an empty file", |b| {
        wit(b, TEXT);
        b.write("text.wasm", "");
    }),
    ("a component without functions", |b| wit(b, "package a:b; world w { export run: func(); }")),
    ("a core module", |b| {
        wit(b, TEXT);
        b.write("text.wasm", b"\0asm\x01\0\0\0");
    }),
    ("an async export of a plain function", |b| {
        wit(b, TEXT);
        b.write("text.wasm", story::async_component(TEXT));
    }),
    ("an async function", |b| {
        wit(b, "package a:b;\ninterface tools { run: async func(); }\nworld plugin { export tools; }\n")
    }),
    ("an import of WASI 0.3", |b| {
        wit(
            b,
            "package a:b;\npackage wasi:clocks@0.3.0 { interface system-clock { now: func() -> u64; } }\n\
             interface tools { run: func(); }\n\
             world plugin { import wasi:clocks/system-clock@0.3.0; export tools; }\n",
        )
    }),
    ("a truncated component", |b| {
        wit(b, TEXT);
        let bytes = story::component(TEXT);
        b.write("text.wasm", &bytes[..bytes.len() / 2]);
    }),
    ("an import that nobody has", |b| {
        wit(
            b,
            "package a:b;\ninterface far { go: func(); }\ninterface tools { run: func(); }\nworld plugin { import far; export tools; }\n",
        )
    }),
    ("a function of streams", |b| {
        wit(
            b,
            "package a:b;\ninterface tools { run: func(s: stream<u8>); }\nworld plugin { export tools; }\n",
        )
    }),
    ("a map", |b| {
        wit(
            b,
            "package a:b;\ninterface tools { run: func(m: map<string, u32>); }\nworld plugin { export tools; }\n",
        )
    }),
    ("a list of fixed length", |b| {
        wit(
            b,
            "package a:b;\ninterface tools { run: func(l: list<u8, 4>); }\nworld plugin { export tools; }\n",
        )
    }),
    ("a name too long", |b| {
        let name = "n".repeat(65);
        wit(
            b,
            &format!(
                "package a:b;\ninterface tools {{ {name}: func(); }}\nworld plugin {{ export tools; }}\n"
            ),
        );
    }),
    ("two functions become one tool", |b| {
        wit(
            b,
            "package a:b;\ninterface left { run: func(); }\ninterface right { run: func(); left-run: func(); }\nworld plugin { export left; export right; }\n",
        )
    }),
    ("a prompt with a number", |b| {
        wit(b, &GUIDE.replace("style: option<style>", "style: option<u32>"));
    }),
    ("content of another copy of toolcell:plugin", |b| {
        other_copy(b, CONTENT, ("    mime-type: string,", "    media-type: string,"))
    }),
    ("resources of another copy of toolcell:plugin", |b| {
        other_copy(b, RESOURCES, ("ttl-ms: u32", "ttl-ms: u64"))
    }),
    ("resources without one of their functions", |b| {
        let listing = "list-templates: func(cursor: option<string>) -> result<template-page, string>;";
        other_copy(b, RESOURCES, (listing, ""))
    }),
    ("resources with a function too many", |b| {
        let one = "list-templates: func(cursor: option<string>)";
        other_copy(b, RESOURCES, (one, &format!("more: func();\n  {one}")))
    }),
    ("resources of another version", |b| {
        other_copy(b, &RESOURCES.replace("0.1.0", "0.2.0"), ("plugin@0.1.0", "plugin@0.2.0"))
    }),
    ("a damaged section", |b| {
        wit(b, TEXT);
        b.write("text.wasm", toolcell_cli::component::section::replace(&story::component(TEXT), b"{"));
    }),
    ("a section of another version", |b| {
        wit(b, TEXT);
        let section = br#"{"format":9,"name":"text","tools":[]}"#;
        b.write("text.wasm", toolcell_cli::component::section::replace(&story::component(TEXT), section));
    }),
    ("a section of another component", |b| {
        b.plugin("text", TEXT, TEXT_MANIFEST);
        let packed = load::load(&b.path("text")).unwrap().component.packed.unwrap();
        let other = story::component(&TEXT.replace("-> u32", "-> u64"));
        wit(b, TEXT);
        b.write("text.wasm", toolcell_cli::component::section::replace(&other, &packed));
    }),
];

fn tell(stories: &[Story]) -> String {
    let mut told = String::new();
    for (title, prepare) in stories {
        let bench = Bench::new();
        prepare(&bench);
        let problem = refused(&bench);
        for part in [&problem.wrong, &problem.found, &problem.expected, &problem.next] {
            assert!(!part.is_empty(), "{title}: {problem}");
        }
        let text = problem.to_string().replace(&bench.path("").display().to_string(), "");
        let _ = writeln!(told, "# {title}\n{text}\n");
    }
    told
}

#[test]
fn every_error_in_toolcell_toml_says_what_to_write() {
    golden("errors-configuration.txt", &tell(CONFIGURATION));
}

#[test]
fn every_error_about_callers_says_what_to_write_and_shows_no_token() {
    let told = tell(authorization::STORIES);
    assert!(!told.contains(authorization::TOKEN), "{told}");
    golden("errors-authorization.txt", &told);
}

#[test]
fn every_error_in_a_plugin_says_what_to_write() {
    golden("errors-plugin.txt", &tell(MANIFEST));
}

#[test]
fn every_component_that_cannot_be_served_is_refused_with_the_reason() {
    golden("errors-component.txt", &tell(COMPONENT));
}

#[test]
fn packing_a_component_without_wit_says_how() {
    let bench = Bench::new();
    bench.write("text.wasm", story::component(TEXT));
    bench.write("packed.wasm", toolcell_cli::component::section::replace(&story::component(TEXT), b"{}"));
    let told = [pack::no_wit(&bench.path("text.wasm")), pack::no_wit(&bench.path("packed.wasm"))];
    let told = told.map(|problem| format!("{problem}\n")).join("\n");
    golden("errors-pack.txt", &told.replace(&bench.path("").display().to_string(), ""));
}

#[test]
fn a_flipped_bit_never_panics() {
    let bytes = story::component(TEXT);
    let bench = Bench::new();
    for at in 0..bytes.len() {
        let mut flipped = bytes.clone();
        flipped[at] ^= 1 << (at % 8);
        bench.write("text.wasm", &flipped);
        let _ = load::load(&bench.path("text.wasm"));
    }
}

#[test]
fn help_of_every_command() {
    let mut told = String::new();
    let mut commands = vec![command::parser().term_width(100)];
    commands.extend(command::parser().get_subcommands().cloned().map(|one| one.term_width(100)));
    for mut command in commands {
        let help = command.render_long_help();
        let _ = writeln!(told, "$ {} --help\n{help}", command.get_name());
    }
    golden("help.txt", &told);
}
