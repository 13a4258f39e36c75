//! Tests the results and output of the commands, on components made from WIT alone.

mod story;

use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use story::{Bench, RICH, TEXT};
use toolcell_cli::bundle::build::{self, BuildRequest, Components};
use toolcell_cli::bundle::compile::Target;
use toolcell_cli::bundle::open::{self, OpenBundle, Source};
use toolcell_cli::bundle::{Cache, LockMode, load_errors};
use toolcell_cli::command::pack;
use toolcell_cli::ui::progress::Silent;
use toolcell_host::catalog::Catalog;

/// A `toolcell.toml` with one plugin, a bare component.
const ONE: &str = "[plugins.text]\nsource = \"text.wasm\"\n";

fn build(bench: &Bench, target: Target, cache: Cache) -> build::Summary {
    let config = bench.path("toolcell.toml");
    let out = bench.path("bundle");
    build::build(&BuildRequest {
        config: &config,
        target,
        out: &out,
        components: Components::Prebuilt,
        cache,
        lock: LockMode::Ignore,
        progress: &Silent,
    })
    .unwrap()
}

fn catalog(bench: &Bench) -> Catalog {
    story::catalog(&bench.path("bundle"))
}

#[test]
fn a_component_that_nobody_packed_becomes_tools_with_plain_names() {
    let bench = Bench::new();
    bench.component("text.wasm", TEXT);
    bench.write("toolcell.toml", ONE);
    build(&bench, Target::X86_64, Cache::off());

    let catalog = catalog(&bench);
    let names: Vec<_> = catalog.tools.iter().map(|tool| tool.name.as_str()).collect();
    assert_eq!(names, ["count_words", "make_slug"]);
    let entry: serde_json::Value = serde_json::from_str(catalog.tools[0].entry.get()).unwrap();
    assert_eq!(entry["description"], "example:text/tools@0.1.0#count-words: func(text: string) -> u32");
    assert_eq!(entry["inputSchema"]["properties"]["text"]["type"], "string");
    let code = bench.path(&format!("bundle/{}.cwasm", catalog.plugins[0].code));
    assert!(fs::metadata(code).unwrap().len() > 0);
}

#[test]
fn a_bundle_built_twice_is_the_same_byte_for_byte() {
    let (one, two) = (Bench::new(), Bench::new());
    for bench in [&one, &two] {
        bench.plugin("rich", RICH, "name = \"rich\"\ncomponent = \"rich.wasm\"\n");
        bench.component("text.wasm", TEXT);
        bench.write("toolcell.toml", format!("{ONE}[plugins.rich]\nsource = \"rich\"\n"));
        build(bench, Target::X86_64, Cache::off());
    }
    assert_eq!(one.files("bundle"), two.files("bundle"));
    assert_eq!(one.files("bundle").len(), 3);
}

#[test]
fn the_other_processor_is_compiled_for_from_here() {
    let bench = Bench::new();
    bench.component("text.wasm", TEXT);
    bench.write("toolcell.toml", ONE);
    for target in [Target::X86_64, Target::Aarch64] {
        build(&bench, target, Cache::off());
        let catalog = catalog(&bench);
        assert_eq!(catalog.engine.target, target.triple());
        // Code of the target before is stale and gone.
        assert_eq!(bench.files("bundle").len(), 2);
    }
}

#[test]
fn the_second_build_takes_its_code_from_the_cache() {
    let bench = Bench::new();
    bench.component("text.wasm", TEXT);
    bench.write("toolcell.toml", ONE);
    let cached = || build(&bench, Target::X86_64, Cache::at(bench.path("cache"))).plugins[0].cached;
    assert!(!cached());
    let first = bench.files("bundle");
    assert!(cached());
    assert_eq!(bench.files("bundle"), first);

    // A damaged entry is no entry.
    let entries = bench.files("cache").into_iter();
    let (entry, mut bytes) = entries.max_by_key(|(_, bytes)| bytes.len()).unwrap();
    *bytes.last_mut().unwrap() ^= 1;
    fs::write(bench.path("cache").join(entry), bytes).unwrap();
    assert!(!cached());
    assert_eq!(bench.files("bundle"), first);
}

#[test]
fn a_package_says_how_it_follows_releases_and_needs_no_plugin() {
    let bench = Bench::new();
    let pem = "-----BEGIN CERTIFICATE-----\n";
    bench.write("corporate.pem", pem);
    bench.write(
        "toolcell.toml",
        "[releases]\nstale = \"2 d\"\nlowest-serial = 7\nca-bundle = \"corporate.pem\"\n\
         [releases.keys.ci]\npublic = \"ed25519:11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=\"\n\
         expires = \"2027-06-30T00:00:00Z\"\n\
         [releases.ceiling.limits]\nmemory = \"256 MiB\"\n\
         [releases.ceiling.grants]\nconfig = [\"units\"]\nenvironment = [\"TZ\"]\n\
         directories = [{ host = \"data\", guest = \"/data\" }]\n",
    );
    build(&bench, Target::X86_64, Cache::off());
    let catalog = catalog(&bench);
    assert!(catalog.plugins.is_empty() && catalog.tools.is_empty());
    let releases = catalog.releases.unwrap();
    assert_eq!((releases.check_ms, releases.stale_ms, releases.lowest_serial), (60_000, 172_800_000, 7));
    assert_eq!(releases.keys["ci"].expires.unwrap().to_string(), "2027-06-30T00:00:00Z");
    let limits = &releases.ceiling.limits;
    assert_eq!((limits.memory_bytes, limits.deadline_ms), (256 << 20, 30_000));
    assert!(releases.ceiling.config.contains("units") && releases.ceiling.environment.contains("TZ"));
    assert_eq!(releases.ceiling.directories[0].guest, "/data");
    let file = releases.ca_bundle_file().unwrap();
    assert_eq!(fs::read_to_string(bench.path("bundle").join(&file)).unwrap(), pem);

    // What the next build does not name goes away.
    bench.write("toolcell.toml", "[releases]\n");
    build(&bench, Target::X86_64, Cache::off());
    assert_eq!(bench.files("bundle").len(), 1);
}

#[test]
fn packing_carries_documentation_and_refinements_into_the_catalog() {
    let bench = Bench::new();
    bench.plugin("text", TEXT, story::TEXT_MANIFEST);
    let input = bench.path("text");
    let packed = bench.path("packed.wasm");
    pack::pack(&pack::Input::Directory(&input), Some(&packed)).unwrap();
    bench.write("toolcell.toml", "[plugins.text]\nsource = \"packed.wasm\"\nprefix = \"t_\"\n");
    build(&bench, Target::X86_64, Cache::off());

    let catalog = catalog(&bench);
    let slug = catalog.tools.iter().find(|tool| tool.name == "t_make_slug").unwrap();
    let entry: serde_json::Value = serde_json::from_str(slug.entry.get()).unwrap();
    assert_eq!(entry["title"], "Make a slug");
    assert_eq!(entry["description"], "Turns text into a slug.");
    assert_eq!(entry["annotations"]["readOnlyHint"], true);
    assert_eq!(entry["inputSchema"]["properties"]["text"]["description"], "What to turn into one.");
    assert_eq!(entry["inputSchema"]["properties"]["max_length"]["maximum"], 1000);
    assert_eq!(slug.limits.deadline_ms, 5_000);
    let plain: serde_json::Value = serde_json::from_str(slug.plain_entry.get()).unwrap();
    assert!(plain.get("title").is_none() && plain.get("outputSchema").is_none());
}

#[test]
fn packing_a_packed_file_gives_the_same_bytes() {
    let bench = Bench::new();
    bench.plugin("text", TEXT, story::TEXT_MANIFEST);
    let pack = |directory: &str, out: &str| {
        let directory = bench.path(directory);
        let out = bench.path(out);
        pack::pack(&pack::Input::Directory(&directory), Some(&out)).unwrap();
        fs::read(out).unwrap()
    };
    let once = pack("text", "once.wasm");
    fs::write(bench.path("text/text.wasm"), &once).unwrap();
    assert_eq!(pack("text", "twice.wasm"), once);
}

#[test]
fn exports_of_language_runtimes_are_never_tools() {
    let bench = Bench::new();
    bench.component(
        "leaky.wasm",
        "package a:b;\ninterface tools { run: func(); }\n\
         world plugin { export tools; export init: func(script: string); export exports: interface { init: func(); } }",
    );
    let loaded = toolcell_cli::plugin::load::load(&bench.path("leaky.wasm")).unwrap();
    let tools: Vec<_> = loaded.plugin.tools.iter().map(|tool| tool.name.as_str()).collect();
    assert_eq!(tools, ["run"]);
    let findings = toolcell_cli::check::check(&bench.path("leaky.wasm")).unwrap();
    assert_eq!(
        findings.iter().filter(|found| found.text.contains("language runtime")).count(),
        2,
        "{findings:?}"
    );
}

#[test]
fn two_interfaces_with_one_function_name_lend_their_own_names() {
    let bench = Bench::new();
    bench.component(
        "two.wasm",
        "package a:b;\ninterface left { run: func(); only: func(); }\ninterface right { run: func(); }\n\
         world plugin { export left; export right; }",
    );
    let loaded = toolcell_cli::plugin::load::load(&bench.path("two.wasm")).unwrap();
    let tools: Vec<_> = loaded.plugin.tools.iter().map(|tool| tool.name.as_str()).collect();
    assert_eq!(tools, ["left_run", "only", "right_run"]);
}

#[test]
fn functions_of_the_world_itself_are_tools_without_packing() {
    let bench = Bench::new();
    bench.component(
        "roots.wasm",
        "package a:b;\nworld plugin { export fetch: func(url: string) -> string; export add: func(a: u32, b: u32) -> u32;\n\
         export local: interface { add: func(a: u32) -> u32; } }",
    );
    bench.write("toolcell.toml", "[plugins.roots]\nsource = \"roots.wasm\"\n");
    build(&bench, Target::X86_64, Cache::off());
    let catalog = catalog(&bench);
    let names: Vec<_> = catalog.tools.iter().map(|tool| tool.name.as_str()).collect();
    assert_eq!(names, ["add", "fetch", "local_add"]);
    assert!(catalog.tools.iter().all(|tool| tool.export.interface.is_none() == (tool.name != "local_add")));
}

#[test]
fn a_deployer_renames_a_tool_or_leaves_it_out() {
    let bench = Bench::new();
    let (long, other) = ("n".repeat(65), "m".repeat(65));
    bench.component(
        "long.wasm",
        &format!("package a:b;\ninterface tools {{ {long}: func(); {other}: func(); short: func(); }}\nworld plugin {{ export tools; }}"),
    );
    let config = format!(
        "[plugins.long]\nsource = \"long.wasm\"\nprefix = \"p_\"\nexcept = [\"{other}\"]\n\
         [plugins.long.tools.{long}]\nname = \"count\"\nlimits.deadline = \"5 s\"\n"
    );
    bench.write("toolcell.toml", config);
    build(&bench, Target::X86_64, Cache::off());
    let catalog = catalog(&bench);
    let names: Vec<_> = catalog.tools.iter().map(|tool| tool.name.as_str()).collect();
    assert_eq!(names, ["p_count", "p_short"]);
    assert_eq!(
        (catalog.tools[0].export.function.as_str(), catalog.tools[0].limits.deadline_ms),
        (long.as_str(), 5_000)
    );
    let entry: serde_json::Value = serde_json::from_str(catalog.tools[0].entry.get()).unwrap();
    assert_eq!(entry["name"], "p_count");
}

#[test]
fn two_tools_may_exchange_their_names() {
    let bench = Bench::new();
    bench.component("text.wasm", TEXT);
    let tools = "[plugins.text.tools]\nmake_slug.name = \"count_words\"\ncount_words.name = \"make_slug\"\n";
    bench.write("toolcell.toml", format!("{ONE}{tools}"));
    build(&bench, Target::X86_64, Cache::off());
    let found = catalog(&bench).tools;
    let found: Vec<_> =
        found.iter().map(|tool| (tool.name.as_str(), tool.export.function.as_str())).collect();
    assert_eq!(found, [("count_words", "make-slug"), ("make_slug", "count-words")]);
}

#[test]
fn one_interface_in_two_versions_is_served_under_names_with_the_version() {
    let bench = Bench::new();
    bench.write(
        "two/wit/world.wit",
        "package t:two;\nworld plugin { export a:b/tools@0.1.0; export a:b/tools@0.2.0; }\n",
    );
    let version = |version: &str| format!("package a:b@{version};\ninterface tools {{ x: func(); }}\n");
    let nested = |version: &str| format!("package a:b@{version} {{ interface tools {{ x: func(); }} }}\n");
    for number in ["0.1.0", "0.2.0"] {
        bench.write(&format!("two/wit/deps/v{number}/w.wit"), version(number));
    }
    bench.component(
        "two/two.wasm",
        &format!(
            "package t:two;\n{}{}world plugin {{ export a:b/tools@0.1.0; export a:b/tools@0.2.0; }}\n",
            nested("0.1.0"),
            nested("0.2.0")
        ),
    );
    bench.write("two/plugin.toml", "name = \"two\"\ncomponent = \"two.wasm\"\n");
    for source in ["two", "two/two.wasm"] {
        bench.write("toolcell.toml", format!("[plugins.two]\nsource = \"{source}\"\n"));
        build(&bench, Target::X86_64, Cache::off());
        let names: Vec<_> = catalog(&bench).tools.into_iter().map(|tool| tool.item.name).collect();
        assert_eq!(names, ["tools_v0_1_0_x", "tools_v0_2_0_x"], "{source}");
    }
}

#[test]
fn a_long_signature_is_described_by_its_start() {
    let bench = Bench::new();
    let fields: Vec<_> = (0..900).map(|at| format!("field-{at}: option<string>")).collect();
    let wit = format!(
        "package a:b;\ninterface tools {{ record r {{ {} }}\n run: func(r: r) -> u32; }}\nworld plugin {{ export tools; }}",
        fields.join(", ")
    );
    bench.component("text.wasm", &wit);
    bench.write("toolcell.toml", ONE);
    build(&bench, Target::X86_64, Cache::off());
    let entry: serde_json::Value = serde_json::from_str(catalog(&bench).tools[0].entry.get()).unwrap();
    let description = entry["description"].as_str().unwrap();
    assert!(
        description.starts_with("a:b/tools#run: func(r: record { field-0: ") && description.ends_with("..."),
        "{description}"
    );
    assert_eq!(description.len(), 1_003);
}

#[test]
fn only_documentation_comments_become_descriptions() {
    let bench = Bench::new();
    let wit = "package a:b;\n// The vendor key is 4711.\ninterface tools {\n  \
               // TODO: 4711\n  plain: func(a: u32) -> u32; // 4711\n  \
               /* 4711 */\n  block: func(a: u32) -> u32;\n  \
               /// Adds.\n  // 4711\n  mixed: func(a: u32) -> u32;\n  \
               /** Starred. */\n  starred: func(e: e) -> u32;\n  \
               /**/ empty: func();\n  \
               enum e {\n    // 4711\n    one,\n    /// The second.\n    two, // 4711\n    three,\n  }\n\
               }\nworld plugin { export tools; }\n";
    // The WIT tooling gives up on an empty block comment.
    bench.plugin("text", &wit.replace("/**/ ", ""), "name = \"text\"\ncomponent = \"text.wasm\"\n");
    bench.write("text/wit/world.wit", wit);
    bench.write("toolcell.toml", "[plugins.text]\nsource = \"text\"\n");
    build(&bench, Target::X86_64, Cache::off());
    let catalog = catalog(&bench);
    let entries: Vec<serde_json::Value> =
        catalog.tools.iter().map(|tool| serde_json::from_str(tool.entry.get()).unwrap()).collect();
    let described: Vec<_> = entries.iter().map(|entry| entry["description"].as_str().unwrap()).collect();
    assert_eq!(
        described,
        [
            "a:b/tools#block: func(a: u32) -> u32",
            "a:b/tools#empty: func()",
            "Adds.",
            "a:b/tools#plain: func(a: u32) -> u32",
            "Starred."
        ]
    );
    let text = serde_json::to_string(&catalog).unwrap();
    assert!(!text.contains("4711") && text.contains("The second."), "{text}");
}

#[test]
fn declared_memory_raises_the_limit_up_to_256_mib() {
    let bench = Bench::new();
    let wit = "package a:b;\ninterface tools { run: func(); }\nworld plugin { export tools; }\n";
    bench.write("toolcell.toml", ONE);
    for (pages, mib) in [(1, 64), (1024, 64), (1600, 164), (3200, 256), (4096, 256)] {
        let module = format!("(module (memory {pages}) (func (export \"a:b/tools#run\")))");
        let module = wat::parse_str(module).unwrap();
        bench.write("text.wasm", story::component_of(wit, &story::contract(), |_, _| module));
        build(&bench, Target::X86_64, Cache::off());
        assert_eq!(catalog(&bench).tools[0].limits.memory_bytes, mib << 20, "{pages} pages");
    }
}

#[test]
fn a_granted_directory_that_does_not_exist_is_refused_where_it_is_configured() {
    let bench = Bench::new();
    bench.component("text.wasm", TEXT);
    let grant = "grants.directories = [{ host = \"nope\", guest = \"/data\" }]\n";
    bench.write("toolcell.toml", format!("{ONE}{grant}"));
    let config = Source::Config(bench.path("toolcell.toml"));
    let OpenBundle { runner, .. } = open::open(&config, &Silent).unwrap();

    let problem = load_errors::refuse(&runner, &config).unwrap_err();
    let place = "toolcell.toml:3: plugins.text.grants.directories[0].host";
    assert!(problem.at.ends_with(place), "{problem}");
    assert!(problem.found.contains("`nope`"), "{problem}");
    assert_eq!(load_errors::of_tool(&runner, &config, "make_slug"), Some(problem));

    let bundle = Source::Bundle(bench.path("target/toolcell-bundle"));
    assert_eq!(load_errors::refuse(&runner, &bundle), Ok(()), "a bundle's directories may come later");
    fs::create_dir(bench.path("nope")).unwrap();
    assert_eq!(load_errors::refuse(&runner, &config), Ok(()));
}

#[test]
fn a_bundle_for_another_processor_is_refused_with_one_command_to_run() {
    let bench = Bench::new();
    bench.component("text.wasm", TEXT);
    bench.write("toolcell.toml", ONE);
    let other = if std::env::consts::ARCH == "x86_64" { Target::Aarch64 } else { Target::X86_64 };
    build(&bench, other, Cache::off());
    let bundle = Source::Bundle(bench.path("bundle"));
    let problem = open::open(&bundle, &Silent).map(|_| ()).unwrap_err();
    assert_eq!(problem.next, format!("run `toolcell build --target {}`", std::env::consts::ARCH));
    assert!(!problem.found.contains("toolcell build"), "{problem}");
}

#[test]
fn processes_that_build_into_one_directory_at_once_each_serve_what_they_were_told_to() {
    let bench = Bench::new();
    bench.component("text.wasm", TEXT);
    bench.plugin("rich", RICH, "name = \"rich\"\ncomponent = \"rich.wasm\"\n");
    bench.write("text.toml", ONE);
    bench.write("rich.toml", "[plugins.rich]\nsource = \"rich\"\n");
    let serve = |name: &str| {
        let config = Source::Config(bench.path(&format!("{name}.toml")));
        for _ in 0..20 {
            let opened = open::open(&config, &Silent).unwrap_or_else(|problem| panic!("{name}: {problem}"));
            let contents = opened.runner.index().contents().unwrap();
            assert_eq!(contents.catalog.plugins[0].name, name);
            assert!(opened.runner.load_all().is_empty(), "{name} cannot be called");
        }
    };
    thread::scope(|scope| {
        for name in ["text", "rich", "text", "rich"] {
            scope.spawn(move || serve(name));
        }
    });
}

#[test]
fn inspect_shows_everything_that_a_plugin_of_a_bundle_was_granted() {
    let bench = Bench::new();
    bench.component("text.wasm", TEXT);
    let grants = r#"
[plugins.text.grants]
environment = { LANG = "canary-1" }
config = { currency = "canary-2" }
secrets = { api-key = "github-token" }
directories = [{ host = "data", guest = "/data" }, { host = "out", guest = "/out", write = true }]
keyvalue = { notes = { scope = "caller" }, totals = { scope = "plugin", size = "64 KiB" } }

[[plugins.text.grants.http]]
host = "wiki.corp.example"
methods = ["GET", "POST"]
address = ["10.20.0.0/16"]
secret = { header = "authorization", from = "github-token" }

[secrets.github-token]
environment = "GITHUB_TOKEN"
"#;
    bench.write("toolcell.toml", format!("{ONE}{grants}"));
    build(&bench, Target::X86_64, Cache::off());
    let mut program = Command::new(env!("CARGO_BIN_EXE_toolcell"));
    let output = program.args(["inspect", "bundle"]).current_dir(bench.path("")).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(!text.contains("canary"), "{text}");
    let (_, granted) = text.split_once("  has ").expect(&text);
    let expected = [
        "  has environment LANG",
        "  has config currency",
        "  has config api-key, the secret github-token",
        "  may read /data, the server's data",
        "  may read and write /out, the server's out",
        "  may reach https://wiki.corp.example: GET, POST /, in 10.20.0.0/16, with the secret github-token",
        "  may keep state of each caller in notes, up to 1.0 MiB",
        "  may keep state of all callers in totals, up to 64.0 KiB",
    ];
    assert_eq!(format!("  has {granted}").trim_end().lines().collect::<Vec<_>>(), expected, "{text}");
}

#[test]
fn code_is_removed_once_nobody_uses_it() {
    let bench = Bench::new();
    bench.component("text.wasm", TEXT);
    bench.plugin("rich", RICH, "name = \"rich\"\ncomponent = \"rich.wasm\"\n");
    let build_of = |config: &str| {
        bench.write("toolcell.toml", config);
        build(&bench, Target::X86_64, Cache::off());
        bench.files("bundle").len() - 1 // the catalog
    };
    let rich = "[plugins.rich]\nsource = \"rich\"\n";
    assert_eq!(build_of(ONE), 1);
    let opened = open::open(&Source::Bundle(bench.path("bundle")), &Silent).unwrap();
    assert_eq!(build_of(rich), 2, "the code that may still be loaded stays");
    assert!(opened.runner.load_all().is_empty());
    assert_eq!(build_of(rich), 2);
    drop(opened);
    assert_eq!(build_of(rich), 1);
}

#[test]
fn serve_ends_soon_after_sigterm_even_if_a_request_never_ends() {
    let bench = Bench::new();
    bench.component("text.wasm", TEXT);
    bench.write("toolcell.toml", ONE);
    let mut program = Command::new(env!("CARGO_BIN_EXE_toolcell"));
    program.args(["serve", "--listen", "127.0.0.1:0"]).current_dir(bench.path("")).stderr(Stdio::piped());
    let mut server = program.spawn().unwrap();
    let mut lines = BufReader::new(server.stderr.take().unwrap()).lines().map(Result::unwrap);
    let serving = lines.find(|line| line.starts_with("serving")).unwrap();
    let address = serving.rsplit_once("http://").unwrap().1.strip_suffix("/mcp").unwrap();
    let mut stream = TcpStream::connect(address).unwrap();
    let head = format!("POST /mcp HTTP/1.1\r\nhost: {address}\r\ncontent-type: application/json\r\n");
    write!(stream, "{head}accept: */*\r\nexpect: 100-continue\r\ncontent-length: 100\r\n\r\n").unwrap();
    let mut told = [0; b"HTTP/1.1 100 Continue\r\n\r\n".len()];
    stream.read_exact(&mut told).unwrap(); // so that the server has read the head
    assert!(told.starts_with(b"HTTP/1.1 100 "), "{told:?}");
    stream.write_all(b"{").unwrap();

    let asked = Instant::now();
    assert!(Command::new("kill").arg(server.id().to_string()).status().unwrap().success());
    assert!(server.wait().unwrap().success());
    assert!(asked.elapsed() < Duration::from_secs(20), "{:?}", asked.elapsed());
    let said: Vec<_> = lines.collect();
    assert!(said.iter().any(|line| line.contains("cut off")), "{said:?}");
}
