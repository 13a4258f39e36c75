//! `toolcell dev`, the real program: sources change under it, and a client sees what becomes of that.

mod story;
mod workbench;

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use story::{Bench, component};

/// Bound for what is waited for, on a machine with much else to do; reaching it is a failure.
const LONGEST_WAIT: Duration = Duration::from_secs(60);

/// The revision that the client speaks.
const REVISION: &str = "2026-07-28";

/// A plugin whose "compiler" copies what the author has in `src`.
const MANIFEST: &str = "name = \"words\"\n[build]\ncommand = \"cp src/words.wasm target/words.wasm\"\n";

/// A running `toolcell dev`; dropping it ends it.
struct Dev {
    process: Child,
    address: SocketAddr,
    log: PathBuf,
}

impl Dev {
    /// Starts it for the `toolcell.toml` of a bench, with this `PATH`.
    fn start(bench: &Bench, path: &str) -> Self {
        Self::start_with(bench, path, &["--listen", "127.0.0.1:0"])
    }

    /// Starts it with other arguments.
    fn start_with(bench: &Bench, path: &str, arguments: &[&str]) -> Self {
        Self::start_command(bench, path, "dev", arguments)
    }

    /// Starts this command.
    fn start_command(bench: &Bench, path: &str, command: &str, arguments: &[&str]) -> Self {
        let log = bench.path("log.txt");
        let process = Command::new(env!("CARGO_BIN_EXE_toolcell"))
            .arg(command)
            .args(arguments)
            .current_dir(bench.path(""))
            .env("PATH", path)
            .stderr(fs::File::create(&log).unwrap())
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        let mut dev = Self { process, address: ([127, 0, 0, 1], 0).into(), log };
        dev.sees(" at http://");
        let text = fs::read_to_string(&dev.log).unwrap();
        let (_, address) = text.split_once(" at http://").unwrap();
        dev.address = address.split('/').next().unwrap().parse().unwrap();
        dev
    }

    /// Waits until the terminal shows `text`, and gives everything that it shows.
    fn sees(&self, text: &str) -> String {
        let shown = || fs::read_to_string(&self.log).unwrap_or_default();
        until(|| shown().contains(text), || format!("{text:?} in:\n{}", shown()));
        shown()
    }

    /// Starts a request and leaves its answer to the caller.
    fn begin(&self, method: &str, params: &Value) -> TcpStream {
        let mut params = params.clone();
        params["_meta"]["io.modelcontextprotocol/protocolVersion"] = REVISION.into();
        params["_meta"]["io.modelcontextprotocol/clientCapabilities"] = json!({});
        let body = json!({"jsonrpc": "2.0", "id": 1, "method": method, "params": params}).to_string();
        let mut stream = TcpStream::connect(self.address).unwrap();
        stream.set_read_timeout(Some(LONGEST_WAIT)).unwrap();
        let name = params["name"].as_str().map(|name| format!("mcp-name: {name}\r\n")).unwrap_or_default();
        let head = format!(
            "POST /mcp HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\nconnection: close\r\n\
             accept: application/json, text/event-stream\r\nmcp-protocol-version: {REVISION}\r\n\
             mcp-method: {method}\r\n{name}content-length: {}\r\n\r\n",
            body.len()
        );
        stream.write_all(format!("{head}{body}").as_bytes()).unwrap();
        stream
    }

    fn ask(&self, method: &str, params: &Value) -> Value {
        let mut answer = String::new();
        self.begin(method, params).read_to_string(&mut answer).unwrap();
        let (_, body) = answer.split_once("\r\n\r\n").unwrap();
        serde_json::from_str(body).unwrap_or_else(|error| panic!("{error}: {answer}"))
    }

    /// The names that a client sees.
    fn tools(&self) -> Vec<String> {
        let answer = self.ask("tools/list", &json!({}));
        let tools = answer["result"]["tools"].as_array().unwrap_or_else(|| panic!("{answer}"));
        tools.iter().map(|tool| tool["name"].as_str().unwrap().to_owned()).collect()
    }

    /// Waits until a client sees these tools.
    fn lists(&self, tools: &[&str]) {
        let shown = || fs::read_to_string(&self.log).unwrap_or_default();
        until(|| self.tools() == tools, || format!("{tools:?}, but {:?}:\n{}", self.tools(), shown()));
    }
}

impl Drop for Dev {
    fn drop(&mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }
}

fn until(mut happened: impl FnMut() -> bool, what: impl Fn() -> String) {
    let start = Instant::now();
    while !happened() {
        assert!(start.elapsed() < LONGEST_WAIT, "not within {LONGEST_WAIT:?}: {}", what());
        thread::sleep(Duration::from_millis(20));
    }
}

/// Waits until a file stays as it is for so long that an endless row of builds would have changed it.
fn stays_quiet(file: &Path) {
    let content = || fs::read(file).unwrap();
    let mut last = (content(), Instant::now());
    let quiet = || {
        let now = content();
        if last.0 != now {
            last = (now, Instant::now());
        }
        last.1.elapsed() > Duration::from_secs(2)
    };
    until(quiet, || format!("{} stays as it is", file.display()));
}

fn path() -> String {
    std::env::var("PATH").unwrap()
}

/// The WIT of a plugin with these tools.
fn wit(tools: &[&str]) -> String {
    let functions: String =
        tools.iter().map(|tool| format!("{tool}: func(text: string) -> u32;\n")).collect();
    format!("package example:words;\ninterface tools {{\n{functions}}}\nworld plugin {{ export tools; }}\n")
}

/// Writes WIT and what the compiler finds, as an editor does that writes beside and renames.
fn edit(bench: &Bench, plugin: &str, tools: &[&str]) {
    // Encoding takes longer than `toolcell dev` waits for the next change.
    let (wit, component) = (wit(tools), component(&wit(tools)));
    bench.write(&format!("{plugin}/wit/world.wit"), wit);
    bench.write(&format!("{plugin}/src/.words.wasm~"), component);
    let source = bench.path(&format!("{plugin}/src/words.wasm"));
    fs::rename(bench.path(&format!("{plugin}/src/.words.wasm~")), source).unwrap();
}

/// A plugin that is not built yet.
fn plugin(bench: &Bench, name: &str, tools: &[&str]) {
    bench.write(
        &format!("{name}/plugin.toml"),
        MANIFEST
            .replace("\"words\"", &format!("\"{name}\""))
            .replace("target/words", &format!("target/{name}")),
    );
    bench.write(&format!("{name}/target/.keep"), "");
    edit(bench, name, tools);
}

#[test]
fn a_client_sees_the_plugin_that_was_just_built_and_the_last_good_one_while_a_build_fails() {
    let bench = Bench::new();
    plugin(&bench, "words", &["count"]);
    bench.write("toolcell.toml", "[lists]\nttl = \"5 min\"\n[plugins.words]\nsource = \"words\"\n");
    let dev = Dev::start(&bench, &path());
    dev.lists(&["count"]);
    assert_eq!(dev.ask("tools/list", &json!({}))["result"]["ttlMs"], 0, "no client keeps the list");

    edit(&bench, "words", &["count", "sort"]);
    dev.lists(&["count", "sort"]);
    dev.sees("words: built again in ");
    dev.sees("2 tools; tools/list changed: +sort");

    fs::remove_file(bench.path("words/src/words.wasm")).unwrap();
    let shown = dev.sees("words: the last good version is served");
    assert!(shown.contains("error: plugin `words`: "), "{shown}");
    assert!(shown.contains("cp: "), "what the compiler says:\n{shown}");
    assert_eq!(dev.tools(), ["count", "sort"]);

    edit(&bench, "words", &["count", "trim"]);
    dev.lists(&["count", "trim"]);
    dev.sees("tools/list changed: +trim -sort");
}

#[test]
fn what_was_built_before_is_served_at_once_even_if_its_source_is_broken_by_now() {
    let bench = Bench::new();
    plugin(&bench, "words", &["count"]);
    bench.write("toolcell.toml", "[plugins.words]\nsource = \"words\"\n");
    Dev::start(&bench, &path()).lists(&["count"]);
    fs::remove_file(bench.path("words/src/words.wasm")).unwrap();
    let dev = Dev::start(&bench, &path());
    dev.sees("serving 1 tool of 1 plugin at ");
    dev.sees("words: the last good version is served");
    assert_eq!(dev.tools(), ["count"]);
}

#[test]
fn a_client_that_lists_while_builds_are_swapped_sees_one_of_them_or_the_other() {
    let bench = Bench::new();
    let (old, new) = (["count", "sort"], ["join", "split"]);
    plugin(&bench, "words", &old);
    bench.write("toolcell.toml", "[plugins.words]\nsource = \"words\"\n");
    let dev = Dev::start(&bench, &path());
    dev.lists(&old);
    for (from, to) in [(old, new), (new, old), (old, new)] {
        edit(&bench, "words", &to);
        until(
            || {
                let seen = dev.tools();
                assert!(seen == from || seen == to, "a mixture: {seen:?}");
                seen == to
            },
            || format!("{to:?}"),
        );
    }
}

#[test]
fn a_manifest_or_a_configuration_with_an_error_leaves_everything_as_it_was() {
    let bench = Bench::new();
    plugin(&bench, "words", &["count"]);
    let config = "[plugins.words]\nsource = \"words\"\n";
    bench.write("toolcell.toml", config);
    let dev = Dev::start(&bench, &path());
    dev.lists(&["count"]);

    bench.write("toolcell.toml", format!("{config}prefics = \"w_\"\n"));
    dev.sees("toolcell.toml: all is served as it was before");
    bench.write("words/plugin.toml", format!("{MANIFEST}[tools.sort]\ntitle = \"?\"\n"));
    dev.sees("words: the last good version is served");
    assert_eq!(dev.tools(), ["count"]);

    bench.write("toolcell.toml", format!("{config}prefix = \"w_\"\n"));
    dev.lists(&["w_count"]);
    dev.sees("words: still fails");
    bench.write("words/plugin.toml", MANIFEST);
    dev.sees("the same as before");
    assert_eq!(dev.tools(), ["w_count"]);
}

#[test]
fn a_plugin_whose_compiler_is_missing_is_left_out_until_it_is_there() {
    let bench = Bench::new();
    plugin(&bench, "words", &["count"]);
    bench.write("rusty/plugin.toml", "name = \"rusty\"\n[build]\nlanguage = \"rust\"\n");
    bench
        .write("toolcell.toml", "[plugins.rusty]\nsource = \"rusty\"\n[plugins.words]\nsource = \"words\"\n");
    bench.write("bin/.keep", "");
    for program in ["sh", "cp"] {
        std::os::unix::fs::symlink(Path::new("/bin").join(program), bench.path("bin").join(program)).unwrap();
    }
    let dev = Dev::start(&bench, bench.path("bin").to_str().unwrap());
    dev.lists(&["count"]);
    let shown = dev.sees("rusty: left out: cargo is required");
    let line = shown.lines().find(|line| line.starts_with("rusty: left out: ")).unwrap();
    assert!(line.contains("no `cargo` on PATH") && line.contains("rustup target add"), "{line}");
    assert!(!shown.contains("error:"), "{shown}");

    let path = path();
    let mut cargo = std::env::split_paths(&path).map(|folder| folder.join("cargo"));
    let cargo = cargo.find(|file| file.is_file()).expect("tests are run by cargo");
    std::os::unix::fs::symlink(cargo, bench.path("bin/cargo")).unwrap();
    dev.sees("error: plugin `rusty`: ");
}

#[test]
fn plugins_that_clash_are_told_apart_by_who_came_last_and_come_in_once_they_fit() {
    let bench = Bench::new();
    plugin(&bench, "first", &["count"]);
    plugin(&bench, "second", &["sort"]);
    let config = "[plugins.first]\nsource = \"first\"\n[plugins.second]\nsource = \"second\"\n";
    bench.write("toolcell.toml", config);
    let dev = Dev::start(&bench, &path());
    dev.lists(&["count", "sort"]);

    edit(&bench, "first", &["sort", "trim"]);
    let shown = dev.sees("first: the last good version is served");
    assert!(shown.contains("two plugins have a tool `sort`"), "{shown}");
    assert_eq!(dev.tools(), ["count", "sort"]);

    bench.write("toolcell.toml", format!("{config}prefix = \"2_\"\n"));
    dev.lists(&["sort", "trim", "2_sort"]);
}

#[test]
fn what_is_missing_at_first_is_served_when_it_comes() {
    let bench = Bench::new();
    bench.write(
        "toolcell.toml",
        "[plugins.words]\nsource = \"later/words\"\n\
         [[plugins.words.grants.directories]]\nhost = \"data/of/words\"\nguest = \"/data\"\n",
    );
    let dev = Dev::start(&bench, &path());
    dev.sees("serving 0 tools of 0 plugins at ");
    dev.sees("words: left out");
    assert_eq!(dev.tools(), [""; 0]);

    plugin(&bench, "later/words", &["count"]);
    bench.write("later/words/plugin.toml", MANIFEST);
    dev.sees("cannot be granted");
    assert_eq!(dev.tools(), [""; 0]);

    fs::create_dir_all(bench.path("data/of/words")).unwrap();
    dev.lists(&["count"]);
}

#[test]
fn a_build_that_writes_into_its_source_comes_to_an_end() {
    let bench = Bench::new();
    plugin(&bench, "words", &["count"]);
    let manifest = MANIFEST.replace("cp ", "date +%s%N > built.txt; cp ");
    bench.write("words/plugin.toml", manifest);
    bench.write("toolcell.toml", "[plugins.words]\nsource = \"words\"\n");
    let dev = Dev::start(&bench, &path());
    dev.lists(&["count"]);
    edit(&bench, "words", &["sort"]);
    dev.lists(&["sort"]);
    stays_quiet(&bench.path("words/built.txt"));
}

#[test]
fn a_plugin_whose_directory_holds_configuration_bundle_and_log_is_built_once() {
    let bench = Bench::new();
    plugin(&bench, ".", &["count"]);
    bench.write("plugin.toml", MANIFEST);
    bench.write("toolcell.toml", "[plugins.words]\nsource = \".\"\n");
    let dev = Dev::start(&bench, &path());
    dev.lists(&["count"]);
    dev.sees("words: built in ");
    stays_quiet(&dev.log);
    edit(&bench, ".", &["sort"]);
    dev.lists(&["sort"]);
}

#[test]
fn a_call_under_way_ends_on_the_plugin_that_it_began_with() {
    let hostile = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../tests/fixtures/target/wasm32-wasip2/release/hostile.wasm");
    assert!(hostile.is_file(), "{} is missing: run `make fixtures`", hostile.display());
    let bench = Bench::new();
    bench.write("hostile.wasm", fs::read(hostile).unwrap());
    let config = "[plugins.hostile]\nsource = \"hostile.wasm\"\nlimits = { deadline = \"5 s\" }\n";
    bench.write("toolcell.toml", config);
    let dev = Dev::start(&bench, &path());
    until(|| dev.tools().contains(&"report_then_spin".to_owned()), || "its tools".to_owned());

    let call = json!({"name": "report_then_spin", "arguments": {}, "_meta": {"progressToken": 1}});
    let mut answer = dev.begin("tools/call", &call);
    let mut seen = [0; 4096];
    let mut told = String::new();
    while !told.contains("notifications/progress") {
        let read = answer.read(&mut seen).unwrap();
        assert!(read > 0, "{told}");
        told.push_str(&String::from_utf8_lossy(&seen[..read]));
    }
    bench.write("toolcell.toml", format!("{config}only = [\"spin\"]\n"));
    dev.lists(&["spin"]);
    answer.read_to_string(&mut told).unwrap();
    assert!(told.contains("\"isError\":true") && told.ends_with("0\r\n\r\n"), "cut off: {told}");
}
