//! Mistakes in what an author writes: `plugin.toml`, WIT and schemas.

use crate::Story;
use crate::configuration::PLUGIN;
use crate::story::{self, Bench, GUIDE, TEXT};

fn manifest(bench: &Bench, lines: &str) {
    let text = format!("name = \"text\"\ncomponent = \"text.wasm\"\n{lines}");
    bench.plugin("text", TEXT, &text);
    bench.write("toolcell.toml", PLUGIN);
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

pub(crate) const STORIES: &[Story] = &[
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
        manifest(b, "[tools.make-slug]\nparameters.max-length.default = \"eighty\"\n")
    }),
    ("an example out of range", |b| {
        manifest(b, "[tools.make-slug]\nparameters.max-length = { maximum = 5, examples = [6] }\n")
    }),
    ("a malformed pattern", |b| manifest(b, "[tools.count-words]\nparameters.text.pattern = \"(\"\n")),
    ("a pattern of another dialect", |b| {
        manifest(b, "[tools.count-words]\nparameters.text.pattern = \"^(?i)a$\"\n")
    }),
    ("a pattern of a large table", |b| {
        manifest(b, "[tools.count-words]\nparameters.text.pattern = \"[ab]*a[ab]{30}\"\n")
    }),
    ("large patterns that are too many together", |b| {
        let of = |line: fn(usize) -> String| (0..12).map(line).collect::<String>();
        let functions =
            of(|at| format!("/// Does it.\n/// @param text The text.\nf{at}: func(text: string);\n"));
        let wit =
            format!("package a:b;\ninterface tools {{\n{functions}}}\nworld plugin {{ export tools; }}\n");
        let patterns = of(|at| format!("[tools.f{at}]\nparameters.text.pattern = \"^.{{1,800}}$\"\n"));
        b.plugin("text", &wit, &format!("name = \"text\"\ncomponent = \"text.wasm\"\n{patterns}"));
        b.write("toolcell.toml", PLUGIN);
    }),
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
    ("a secret is not granted", |b| {
        manifest(b, "[needs.secrets]\n\"api key\" = \"to sign in to the service\"\n")
    }),
    ("a secret is not granted that is there", |b| {
        manifest(b, "[needs.secrets]\nkey = \"to sign in to the service\"\n");
        b.write(
            "toolcell.toml",
            "[plugins.text]\nsource = \"text\"\n[secrets.key]\nparameter = \"/prod/key\"\n",
        );
    }),
    ("a key that is needed twice", |b| {
        manifest(b, "[needs.config]\nkey = \"the key\"\n[needs.secrets]\nkey = \"the key\"\n")
    }),
    ("an environment variable is not granted", |b| {
        manifest(b, "[needs.environment]\nHOME = \"to feel at home\"\n")
    }),
    ("a directory is not granted", |b| {
        manifest(b, "[needs.directories.\"/data\"]\nwhy = \"to keep notes\"\nwrite = true\n")
    }),
    ("requests are not granted", |b| {
        let needs = "why = \"to read issues\"\nmethods = [\"GET\", \"POST\"]\npaths = [\"/repos/\"]\n";
        manifest(b, &format!("[needs.http.\"api.github.com\"]\n{needs}"))
    }),
    ("requests to what is no host", |b| {
        manifest(b, "[needs.http.\"https://api.github.com\"]\nwhy = \"to read issues\"\n")
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
    ("a digest of a definition", |b| {
        guide(b, "[prompts.review]\nmeta = { \"toolcell/definition\" = \"sha256:00\" }\n")
    }),
    ("a schema for a function of types", |b| {
        guide(b, "[tools.one]\ninput-schema = \"schema.json\"\n");
        b.write("guide/schema.json", "{\"type\":\"object\"}");
    }),
    ("a schema that does not exist", |b| {
        guide(b, "[tools.json-schema-2020-12-tool]\ninput-schema = \"schema.json\"\n")
    }),
    ("a schema that is a directory", |b| {
        guide(b, "[tools.json-schema-2020-12-tool]\ninput-schema = \"wit\"\n")
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
    ("hidden characters in the documentation of a field", |b| {
        let wit = "package a:b;\ninterface tools {\n  record p {\n    /// Zero\u{200b}width.\n    x: u32,\n  }\n  \
                   go: func() -> list<p>;\n}\nworld plugin { export tools; }\n";
        b.plugin("text", wit, "name = \"text\"\ncomponent = \"text.wasm\"\n");
        b.write("toolcell.toml", PLUGIN);
    }),
    ("more memory than allowed", |b| manifest(b, "[limits]\nmemory = \"256 MiB\"\n")),
    ("a default that the input limit cannot hold", |b| {
        manifest(
            b,
            "[tools.count-words]\nparameters.text.default = \"a text to count\"\nlimits.input = \"16 B\"\n",
        )
    }),
    ("plugin.toml is a directory", |b| {
        b.write("toolcell.toml", PLUGIN);
        b.write("text/plugin.toml/readme", "");
    }),
    ("an allowance that resembles no finding", |b| {
        manifest(b, "[[check.allow]]\nid = \"colour\"\nwhy = \"a test\"\n")
    }),
    ("a prompt of a plugin without prompts", |b| manifest(b, "[prompts.review]\ntitle = \"x\"\n")),
    ("examples that are no list", |b| manifest(b, "[tools.count-words]\nparameters.text.examples = \"a\"\n")),
    ("a type that contains itself", |b| {
        manifest(b, "");
        let cycle = "interface tools {\n  record node { next: node }\n";
        b.write("text/wit/world.wit", TEXT.replace("interface tools {\n", cycle));
    }),
    ("the WIT has another error type", |b| {
        manifest(b, "");
        b.write("text/wit/world.wit", TEXT.replace("result<string, string>", "result<string, u32>"));
    }),
    ("the WIT has no error type", |b| {
        manifest(b, "");
        b.write("text/wit/world.wit", TEXT.replace("result<string, string>", "result<string>"));
    }),
    ("the WIT has a stream", |b| {
        manifest(b, "");
        b.write("text/wit/world.wit", TEXT.replace("-> u32", "-> stream<u8>"));
    }),
];
