//! Compares the output of `toolcell check` with golden files; `TOOLCELL_BLESS=1` rewrites them.

mod story;

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Command;

use story::{Bench, GUIDE, TEXT, golden};
use toolcell_cli::check;
use toolcell_cli::check::against::change::{Change, ChangeKind, Impact};
use toolcell_cli::check::finding::Finding;
use toolcell_cli::command::pack;
use toolcell_cli::manifest::lint::{self, Lint};
use wasm_encoder::{CustomSection, Encode as _, Section as _};

/// Everything that a WIT and its `plugin.toml` can be told.
const AWKWARD: &str = include_str!("check/awkward.wit");
const AWKWARD_MANIFEST: &str = include_str!("check/awkward.toml");

/// The contract before the change.
const BEFORE: &str = include_str!("check/before.wit");
const BEFORE_MANIFEST: &str = include_str!("check/before.toml");
const AFTER: &str = include_str!("check/after.wit");
const AFTER_MANIFEST: &str = include_str!("check/after.toml");

/// A schema written by hand.
const QUERY: &str = "{ \"type\": \"object\", \"required\": [\"where\"] }";

/// Returns the output of the program, which exits with code 1 because of its findings.
fn told(bench: &Bench, arguments: &[&str]) -> String {
    let mut program = Command::new(env!("CARGO_BIN_EXE_toolcell"));
    let output = program.args(arguments).current_dir(bench.path("")).output().unwrap();
    assert_eq!(output.status.code(), Some(1), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

fn findings(bench: &Bench, name: &str) -> Vec<Finding> {
    check::check(&bench.path(name)).unwrap()
}

fn ids(findings: &[Finding]) -> BTreeSet<&'static str> {
    findings.iter().map(|finding| finding.id.id()).collect()
}

#[test]
fn a_person_reads_what_could_be_better_and_what_to_do() {
    let bench = Bench::new();
    bench.plugin("awkward", AWKWARD, AWKWARD_MANIFEST);
    golden("check.txt", &told(&bench, &["check", "awkward"]));
    let json: serde_json::Value =
        serde_json::from_str(&told(&bench, &["check", "awkward", "--json"])).unwrap();
    let found = findings(&bench, "awkward");
    assert_eq!(json["findings"].as_array().unwrap().len(), found.len());
    assert_eq!(json["findings"][0]["id"], found[0].id.id());
    assert_eq!(json["changes"], serde_json::json!([]));
}

#[test]
fn every_kind_of_finding_is_found_by_a_test() {
    let bench = Bench::new();
    bench.plugin("awkward", AWKWARD, AWKWARD_MANIFEST);
    let mut seen = ids(&findings(&bench, "awkward"));
    let guide = "name = \"guide\"\ncomponent = \"guide.wasm\"\n";
    bench.plugin("guide", GUIDE, guide);
    seen.extend(ids(&findings(&bench, "guide")));
    bench.component("bare.wasm", "package a:b; world w { export init: func(); }");
    seen.extend(ids(&findings(&bench, "bare.wasm")));
    let many: String = (0..41).map(|at| format!("tool{at}: func();\n")).collect();
    bench.component(
        "many.wasm",
        &format!("package a:b; interface tools {{ {many} }} world w {{ export tools; }}"),
    );
    seen.extend(ids(&findings(&bench, "many.wasm")));
    bench.plugin("shop", AFTER, AFTER_MANIFEST);
    let untyped = "{\"type\":\"object\",\"properties\":{\"words\":{\"type\":\"array\"}}}";
    bench.write("shop/query.json", untyped);
    seen.extend(ids(&findings(&bench, "shop")));
    bench.write("fat.wasm", with_debug_information(story::component(TEXT), 32 << 20));
    seen.extend(ids(&findings(&bench, "fat.wasm")));
    // Only toolchains make them: toolchain.rs.
    seen.extend([Lint::LossyInteger, Lint::StubbedImport, Lint::UndeclaredHttp].map(Lint::id));
    // Requests and questions in one: a test of its own.
    seen.insert(Lint::UnguardedRequest.id());
    let all: BTreeSet<_> = lint::RULES.iter().map(|rule| rule.id).collect();
    assert_eq!(seen, all);
}

/// Makes a file of WIT a package within another file.
fn nested(text: &str) -> String {
    let (before, rest) = text.split_once("package ").unwrap();
    let (name, rest) = rest.split_once(';').unwrap();
    format!("{before}package {name} {{{rest}}}\n")
}

#[test]
fn a_plugin_that_asks_may_not_send_requests_twice() {
    let wasi = [
        include_str!("../../wit-wasi/io/io.wit"),
        include_str!("../../wit-wasi/clocks/clocks.wit"),
        include_str!("../../wit-wasi/http/http.wit"),
    ];
    let wasi = wasi.map(nested).concat();
    let bench = Bench::new();
    for (imports, methods, is_found) in [
        (&["ask"][..], "\"GET\", \"POST\"", true),
        (&["ask"], "\"PATCH\"", true),
        (&["ask"], "\"GET\", \"HEAD\", \"PUT\", \"DELETE\", \"OPTIONS\"", false),
        (&["ask", "memo"], "\"POST\"", false),
        (&["ask", "call"], "\"POST\"", false),
        (&["memo"], "\"POST\"", false),
    ] {
        let imports = imports.iter().map(|name| format!("import toolcell:plugin/{name}@0.1.0; "));
        let imports: String = imports.collect();
        let wit = format!(
            "package example:order@0.1.0;\n{wasi}interface tools {{ buy: func() -> u32; }}\nworld plugin {{ {imports}\
             import wasi:http/outgoing-handler@0.2.12; export tools; }}\n"
        );
        let needs = format!("[needs.http.\"a.example\"]\nwhy = \"to order\"\nmethods = [{methods}]\n");
        bench.plugin("order", &wit, &format!("name = \"order\"\ncomponent = \"order.wasm\"\n{needs}"));
        let found = ids(&findings(&bench, "order"));
        assert_eq!(found.contains("unguarded-request"), is_found, "{imports} {methods}: {found:?}");
    }
}

/// The component with so many bytes of DWARF at its end.
fn with_debug_information(mut component: Vec<u8>, bytes: usize) -> Vec<u8> {
    let section = CustomSection { name: ".debug_info".into(), data: vec![0; bytes].into() };
    component.push(section.id());
    section.encode(&mut component);
    component
}

#[test]
fn a_little_debug_information_is_no_fault() {
    let bench = Bench::new();
    for (bytes, is_found) in [(1 << 20, false), ((1 << 20) + 1, true)] {
        bench.write("text.wasm", with_debug_information(story::component(TEXT), bytes));
        let found = ids(&findings(&bench, "text.wasm"));
        assert_eq!(found.contains("debug-information"), is_found);
        assert!(!found.contains("large-component"));
    }
}

#[test]
fn whoever_packs_or_builds_is_told_what_a_toolchain_got_wrong() {
    let bench = Bench::new();
    bench.plugin("text", TEXT, "name = \"text\"\ncomponent = \"text.wasm\"\n");
    bench.write("text/text.wasm", with_debug_information(story::component(TEXT), 2 << 20));
    bench.write(
        "text/wit/world.wit",
        TEXT.replace("  make-slug", "  @since(version = 0.1.0)\n  /// Lost.\n  make-slug"),
    );
    bench.write("toolcell.toml", "[plugins.text]\nsource = \"text\"\n");
    for (command, start) in [(&["pack", "text"][..], "warning: "), (&["build"], "warning: plugin `text`: ")] {
        let mut program = Command::new(env!("CARGO_BIN_EXE_toolcell"));
        let output = program.args(command).current_dir(bench.path("")).output().unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(output.status.success(), "{said}");
        let expected = [
            format!("{start}text: holds 2.0 MiB of debug information; "),
            format!("{start}text/wit/world.wit:12: documentation between a gate and its item is lost; "),
        ];
        for (line, start) in said.lines().zip(expected) {
            assert!(line.starts_with(&start), "{said}");
        }
        assert_eq!(said.lines().count(), 2, "{said}");
    }
}

#[test]
fn what_is_allowed_is_not_found_and_an_allowance_of_nothing_is() {
    let bench = Bench::new();
    let allow = "[check]\nallow = [\n  { id = \"missing-annotations\", on = \"make-slug\", why = \"a test\" },\n  \
                 { id = \"empty-description\", why = \"a test\" },\n  { id = \"deep-nesting\", why = \"a test\" },\n]\n";
    bench.plugin("text", TEXT, &format!("name = \"text\"\ncomponent = \"text.wasm\"\n{allow}"));
    let found = findings(&bench, "text");
    assert_eq!(ids(&found), BTreeSet::from(["missing-annotations", "missing-description", "needless-allow"]));
    assert!(
        found.iter().all(|one| one.id != Lint::MissingAnnotations || one.subject == "count_words"),
        "{found:?}"
    );
    let needless = found.iter().find(|one| one.id == Lint::NeedlessAllow).unwrap();
    assert!(needless.subject.ends_with("plugin.toml:7: check.allow[2]"), "{needless:?}");
}

#[test]
fn the_samples_have_nothing_to_say() {
    let plugins = Path::new(env!("CARGO_MANIFEST_DIR")).join("../plugins");
    for name in ["docs", "files", "gallery", "primes", "release", "text"] {
        let found = check::check(&plugins.join(name)).unwrap_or_else(|problem| panic!("{problem}"));
        assert_eq!(found, [], "{name}");
    }
}

fn changes(old: (&str, &str), new: (&str, &str)) -> Vec<Change> {
    let bench = Bench::new();
    let manifest = |text: &str| format!("name = \"shop\"\ncomponent = \"shop.wasm\"\n{text}");
    bench.plugin("shop", old.0, &manifest(old.1));
    fs::rename(bench.path("shop"), bench.path("old")).unwrap();
    bench.plugin("shop", new.0, &manifest(new.1));
    check::report(&bench.path("shop"), Some(&bench.path("old"))).unwrap().changes
}

#[test]
fn a_person_reads_what_breaks_clients_first() {
    let bench = Bench::new();
    bench.plugin("shop", BEFORE, BEFORE_MANIFEST);
    let pack = pack::Input::Directory(&bench.path("shop"));
    pack::pack(&pack, Some(&bench.path("old.wasm"))).unwrap();
    bench.plugin("shop", AFTER, AFTER_MANIFEST);
    bench.write("shop/query.json", QUERY);
    let text = told(&bench, &["check", "shop", "--against", "old.wasm"]);
    golden("check-against.txt", &text);
    let json = told(&bench, &["check", "shop", "--against", "old.wasm", "--json"]);
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    let first = serde_json::json!({
        "id": "removed", "impact": "breaks", "subject": "find_orders", "path": "arguments.text",
        "before": "string", "after": "not there; perhaps it is `words` now",
    });
    assert_eq!(json["changes"][0], first);
    let report = check::report(&bench.path("shop"), Some(&bench.path("old.wasm"))).unwrap();
    assert!(report.changes.is_sorted_by_key(|change| change.impact));
    let seen: BTreeSet<_> = report.changes.iter().map(|change| change.id.id()).collect();
    let all: BTreeSet<_> = ChangeKind::ALL.iter().map(|kind| kind.id()).collect();
    assert_eq!(seen, all, "every kind of change");
}

#[test]
fn a_contract_is_no_change_of_itself_packed_or_not() {
    for (wit, manifest) in [(BEFORE, BEFORE_MANIFEST), (AFTER, AFTER_MANIFEST)] {
        let bench = Bench::new();
        bench.plugin("shop", wit, manifest);
        bench.write("shop/query.json", QUERY);
        for old in ["shop", "shop/shop.wasm"] {
            let report = check::report(&bench.path("shop"), Some(&bench.path(old))).unwrap();
            let real = report.changes.iter().filter(|one| !is_refinement(one.id)).collect::<Vec<_>>();
            assert_eq!(real, Vec::<&Change>::new(), "{old}");
        }
    }
}

/// Tells whether a change comes from what `plugin.toml` adds to a bare component.
fn is_refinement(kind: ChangeKind) -> bool {
    matches!(
        kind,
        ChangeKind::Narrowed
            | ChangeKind::Scope
            | ChangeKind::Capability
            | ChangeKind::Rewritten
            | ChangeKind::Removed
    )
}

#[test]
fn prompts_and_resources_that_are_gone_break_clients() {
    let manifest = "name = \"guide\"\ncomponent = \"guide.wasm\"\n";
    let uris = |uris: &str| format!("{manifest}[resources]\nuris = [{uris}]\n");
    let less = GUIDE
        .replace("  export greet: func(name: string) -> result<prompt-messages, string>;\n", "")
        .replace("  export toolcell:plugin/prompts@0.1.0;\n", "");
    let table = [
        (uris("\"a:/\""), GUIDE.to_string(), uris("\"a:\""), vec![]),
        (uris("\"a:/\""), GUIDE.to_string(), manifest.into(), vec![]),
        (
            manifest.into(),
            GUIDE.to_string(),
            uris("\"a:\""),
            vec![("guide", "resources.uris", Impact::MayBreak)],
        ),
        (
            uris("\"a:\""),
            GUIDE.to_string(),
            uris("\"a:/\""),
            vec![("guide", "resources.uris", Impact::Breaks)],
        ),
        (
            manifest.into(),
            less,
            manifest.into(),
            vec![("greet", "", Impact::Breaks), ("guide", "prompts", Impact::Breaks)],
        ),
    ];
    for (old, wit, new, expected) in table {
        let bench = Bench::new();
        bench.plugin("guide", GUIDE, &old);
        fs::rename(bench.path("guide"), bench.path("old")).unwrap();
        bench.plugin("guide", &wit, &new);
        let report = check::report(&bench.path("guide"), Some(&bench.path("old"))).unwrap();
        assert!(report.changes.iter().all(|change| change.id == ChangeKind::Removed));
        let found = report.changes.iter().map(|one| (one.subject.as_str(), one.path.as_str(), one.impact));
        assert_eq!(found.collect::<Vec<_>>(), expected);
    }
}

/// A world with one function.
fn one(function: &str) -> String {
    format!("package a:shop;\ninterface tools {{\n{function}\n}}\nworld w {{ export tools; }}\n")
}

#[test]
fn types_that_take_more_or_say_less_are_no_change() {
    let table = [
        ("f: func(a: u32);", "f: func(a: u64);"),
        ("f: func(a: s16);", "f: func(a: f64);"),
        ("f: func(a: string);", "f: func(a: option<string>, b: option<u8>);"),
        ("enum e { x } f: func(a: e);", "enum e { x, y } f: func(a: e);"),
        ("enum e { x, y } f: func(a: e);", "variant e { x, y, z(u8) } f: func(a: e);"),
        ("enum e { x } f: func(a: e);", "f: func(a: string);"),
        (
            "record r { x: u8 } f: func(a: list<r>);",
            "record r { y: option<u8>, x: u16 } f: func(a: list<r>);",
        ),
        ("record r { x: u16 } f: func() -> r;", "record r { x: u8, y: u8 } f: func() -> r;"),
        ("f: func() -> option<string>;", "f: func() -> string;"),
        ("enum e { x, y } f: func() -> e;", "enum e { y } f: func() -> e;"),
        ("f: func() -> result<u8, string>;", "f: func() -> u8;"),
        ("flags g { x } f: func(a: g);", "flags g { y, x } f: func(a: g);"),
    ];
    for (old, new) in table {
        let found = changes((&one(old), ""), (&one(new), ""));
        assert_eq!(found, [], "{old} -> {new}");
    }
}

/// Two signatures, and what clients of the first notice where.
type Worse = (&'static str, &'static str, ChangeKind, Impact, &'static str);

const WORSE: &[Worse] = &[
    ("f: func(a: u64);", "f: func(a: u32);", ChangeKind::Narrowed, Impact::Breaks, "arguments.a"),
    ("f: func(a: f64);", "f: func(a: u32);", ChangeKind::Narrowed, Impact::Breaks, "arguments.a"),
    ("f: func(a: option<u8>);", "f: func(a: u8);", ChangeKind::Required, Impact::Breaks, "arguments.a"),
    ("f: func();", "f: func(a: u8);", ChangeKind::Required, Impact::Breaks, "arguments.a"),
    ("f: func(a: string);", "f: func(a: u8);", ChangeKind::Retyped, Impact::Breaks, "arguments.a"),
    (
        "enum e { x, y } f: func(a: list<e>);",
        "enum e { x } f: func(a: list<e>);",
        ChangeKind::Narrowed,
        Impact::Breaks,
        "arguments.a[]",
    ),
    (
        "variant e { x, y } f: func(a: e);",
        "variant e { x, y(u8) } f: func(a: e);",
        ChangeKind::Retyped,
        Impact::Breaks,
        "arguments.a.y",
    ),
    (
        "record r { x: u8, y: u8 } f: func(a: r);",
        "record r { x: u8 } f: func(a: r);",
        ChangeKind::Removed,
        Impact::Breaks,
        "arguments.a.y",
    ),
    (
        "record r { x: u8, y: u8 } f: func() -> r;",
        "record r { x: u8 } f: func() -> r;",
        ChangeKind::Removed,
        Impact::Breaks,
        "result.y",
    ),
    (
        "record r { x: u8 } f: func() -> r;",
        "record r { x: option<u8> } f: func() -> r;",
        ChangeKind::Nullable,
        Impact::MayBreak,
        "result.x",
    ),
    ("record r { x: u8 } f: func() -> r;", "f: func() -> u8;", ChangeKind::Retyped, Impact::Breaks, "result"),
    (
        "enum e { x } f: func() -> list<e>;",
        "enum e { x, y } f: func() -> list<e>;",
        ChangeKind::Widened,
        Impact::MayBreak,
        "result[]",
    ),
    ("f: func() -> u8;", "f: func() -> u16;", ChangeKind::Widened, Impact::MayBreak, "result"),
    ("f: func() -> u8;", "f: func();", ChangeKind::Retyped, Impact::Breaks, "result"),
    ("f: func() -> u8;", "f: func() -> result<u8, string>;", ChangeKind::Widened, Impact::MayBreak, "error"),
    (
        "f: func() -> result<u8, string>;",
        "f: func() -> result<u8, u8>;",
        ChangeKind::Retyped,
        Impact::MayBreak,
        "error",
    ),
    ("f: func();", "g: func(a: u8);", ChangeKind::Removed, Impact::Breaks, ""),
];

#[test]
fn types_that_take_less_or_say_more_are_found_with_their_place() {
    for (old, new, kind, impact, path) in WORSE {
        let found = changes((&one(old), ""), (&one(new), ""));
        let [change] = found.as_slice() else { panic!("{old} -> {new}: {found:?}") };
        assert_eq!(
            (change.id, change.impact, change.path.as_str()),
            (*kind, *impact, *path),
            "{old} -> {new}"
        );
    }
}

#[test]
fn the_documentation_shows_every_id() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/checking-a-plugin.md");
    let text = fs::read_to_string(&file).unwrap();
    let (before, after) = ("<!-- findings -->\n", "<!-- end of findings -->");
    let (head, rest) = text.split_once(before).unwrap();
    let (shown, tail) = rest.split_once(after).unwrap();
    if std::env::var_os("TOOLCELL_BLESS").is_some() {
        fs::write(&file, format!("{head}{before}{}{after}{tail}", lint::table())).unwrap();
        return;
    }
    assert_eq!(shown, lint::table(), "TOOLCELL_BLESS=1 rewrites the table");
    for kind in ChangeKind::ALL {
        assert!(
            tail.contains(&format!("| `{}` |", kind.id())),
            "{} is not in the table of changes",
            kind.id()
        );
    }
}
