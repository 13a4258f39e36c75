//! Commands that cannot do what they were asked.

use crate::configuration;
use crate::program::{Story, run};
use crate::story::{self, Bench, TEXT, TEXT_MANIFEST};

/// A plugin, configured and built.
fn text(bench: &Bench) {
    configuration::config(bench, configuration::PLUGIN);
}

/// The same, as a bundle.
fn bundle(bench: &Bench) {
    text(bench);
    succeed(bench, "build --target host");
}

/// Runs a command that the story takes for granted.
fn succeed(bench: &Bench, line: &str) {
    let output = run(bench, line);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

/// The same, with a text in the lock file replaced.
fn edit_lock(bench: &Bench, old: &str, new: &str) {
    bundle(bench);
    let lock = std::fs::read_to_string(bench.path("toolcell.lock")).unwrap();
    assert!(lock.contains(old));
    bench.write("toolcell.lock", lock.replacen(old, new, 1));
}

/// The plugin, with one case.
fn case(bench: &Bench, content: &[u8]) {
    text(bench);
    bench.write("text/cases/first.json", content);
}

pub(crate) const STORIES: &[Story] = &[
    ("a release to compare with that is no bundle", "dev --against old", text),
    ("a release to compare with that cannot be read", "dev --against old", |b| {
        text(b);
        b.write("old/catalog.bin", "{}");
    }),
    ("a client and an address without a scheme", "connect cursor --url localhost:8080", |_| {}),
    (
        "a client that starts commands alone",
        "connect claude-desktop --url https://mcp.example.com/mcp",
        |_| {},
    ),
    ("a client and no bundle", "connect cursor --bundle bundle", |_| {}),
    (
        "a client whose file is a folder",
        "connect cursor --write --url http://localhost/mcp --file mcp",
        |b| b.write("mcp/.keep", ""),
    ),
    (
        "a client whose file is no JSON",
        "connect cursor --write --url http://localhost/mcp --file mcp.json",
        |b| b.write("mcp.json", "{\n  \"a\": 1\n  \"b\": 2\n}\n"),
    ),
    (
        "a client whose file has no object",
        "connect vscode --write --url http://localhost/mcp --file mcp.json",
        |b| b.write("mcp.json", "{ \"servers\": [] }\n"),
    ),
    ("a tool that resembles one", "call make-slug", text),
    ("a tool that resembles nothing", "call resize", text),
    ("a tool that a bundle does not have", "call --bundle bundle resize", bundle),
    ("releases at no place in S3", "serve --bundle s3://Tools --package bundle", |_| {}),
    ("releases without a package", "serve --bundle s3://tools/releases --package bundle", |_| {}),
    ("releases without a key", "serve --bundle s3://tools/releases --package bundle", bundle),
    ("arguments that are not JSON", "call make_slug --args {text:1}", text),
    ("arguments that are no object", "call make_slug --args [1]", text),
    ("no arguments on standard input", "call make_slug --args -", text),
    ("a server that nobody can sign in to", "auth login http://127.0.0.1:1/mcp", |_| {}),
    ("a file for a token that is there already", "auth login https://mcp.example.com/mcp --out token", |b| {
        b.write("token", "")
    }),
    ("a file that is not a catalog", "inspect bundle", |b| b.write("bundle/catalog.bin", "{")),
    ("a catalog of another format", "inspect bundle", |b| {
        bundle(b);
        story::edit_catalog(&b.path("bundle"), |catalog| catalog.format += 1);
    }),
    ("a catalog that is damaged", "inspect bundle", |b| {
        bundle(b);
        let mut bytes = std::fs::read(b.path("bundle/catalog.bin")).unwrap();
        *bytes.last_mut().unwrap() ^= 1;
        std::fs::write(b.path("bundle/catalog.bin"), bytes).unwrap();
    }),
    ("a file where a directory should be", "pack text --out text/plugin.toml/text.wasm", text),
    ("a component that is packed already", "pack packed.wasm", |b| {
        text(b);
        assert!(run(b, "pack text --out packed.wasm").status.success());
    }),
    ("a component without WIT", "pack text/text.wasm", text),
    ("a WIT directory that is not there", "pack text/text.wasm --wit wit", text),
    ("no plugin.toml", "check .", |_| {}),
    ("a plugin that is there already", "new text --lang rust", text),
    (
        "a name that is too long",
        "new a-name-that-is-much-too-long-for-every-tool-there-is-and-will-be --lang rust",
        |_| {},
    ),
    ("a name with capitals", "new Bill --lang rust", |_| {}),
    ("a name that is reserved", "new double --lang rust", |_| {}),
    ("requests in a language without such a plugin", "new pages --lang cpp --with http", |_| {}),
    ("a bundle among other files", "build --out text", text),
    ("no lock file", "build --locked", text),
    ("a tool that differs from the lock file", "build --locked", |b| {
        bundle(b);
        b.plugin("text", TEXT, &TEXT_MANIFEST.replace("Make a slug", "Make a slug, and keep the text"));
    }),
    ("a lock file that was changed by hand", "build --locked", |b| edit_lock(b, "Counts words", "Counts")),
    ("a lock file of another version", "build", |b| edit_lock(b, "\"version\": 1", "\"version\": 2")),
    ("a lock file that is none", "build", |b| edit_lock(b, "\"version\"", "\"edition\"")),
    ("a directory in the place of a lock file", "build", |b| {
        text(b);
        b.write("toolcell.lock/file", "");
    }),
    ("tools that no lock file can hold", "build --locked", |b| {
        b.component(
            "list.wasm",
            "package a:b;\nworld plugin { export toolcell:plugin/dynamic-tools@0.1.0; }",
        );
        b.write("toolcell.toml", "[plugins.list]\nsource = \"list.wasm\"\n");
        succeed(b, "build --target host");
    }),
    ("a bundle in the place of a file", "build --out toolcell.toml", text),
    ("a WIT package in binary form", "inspect wit.wasm", |b| b.write("wit.wasm", story::package(TEXT))),
    ("a case where there are none", "test text --case first", text),
    ("a case that is not UTF-8", "test text", |b| case(b, b"\xff")),
    ("a text for a list in a case", "test text", |b| {
        case(b, br#"{ "tool": "count_words", "caller": { "name": "alice", "scopes": "files" } }"#)
    }),
    ("one key twice below another in a case", "test text", |b| {
        case(b, br#"{ "tool": "count_words", "caller": { "name": "alice", "name": "bob" } }"#)
    }),
];
