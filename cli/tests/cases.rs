//! Compares the output of `toolcell test` with one golden file; `TOOLCELL_BLESS=1` rewrites it.

mod story;

use std::fmt::Write as _;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::process::{Command, Stdio};

use serde_json::{Value, json};
use story::{Bench, golden};

/// Adds numbers, draws one, and tells the time; asks nobody.
const ORACLE: &str = "package example:oracle@0.1.0;

package wasi:random@0.2.0 {
  interface random { get-random-u64: func() -> u64; }
}

package wasi:clocks@0.2.0 {
  interface wall-clock {
    record datetime { seconds: u64, nanoseconds: u32 }
    now: func() -> datetime;
  }
}

interface tools {
  record sum { total: u32 }
  add: func(a: u32, b: u32) -> sum;
  draw: func() -> u64;
  seconds: func() -> u64;
}

world plugin {
  import wasi:random/random@0.2.0;
  import wasi:clocks/wall-clock@0.2.0;
  export tools;
}
";

const ORACLE_CODE: &str = r#"(module
  (import "wasi:random/random@0.2.0" "get-random-u64" (func $random (result i64)))
  (import "wasi:clocks/wall-clock@0.2.0" "now" (func $now (param i32)))
  (memory (export "memory") 1)
  (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) unreachable)
  (func (export "example:oracle/tools@0.1.0#add") (param $a i32) (param $b i32) (result i32)
    (i32.add (local.get $a) (local.get $b)))
  (func (export "example:oracle/tools@0.1.0#draw") (result i64) (call $random))
  (func (export "example:oracle/tools@0.1.0#seconds") (result i64)
    (call $now (i32.const 16))
    (i64.load (i32.const 16))))"#;

/// Its parameter `a` is repeated in a header, it asks for more than the defaults, and has scopes.
const ORACLE_MANIFEST: &str = "name = \"oracle\"
component = \"oracle.wasm\"

[limits]
deadline = \"1 min\"

[needs.config]
unused = \"so that a case may leave out what is needed\"

[tools.add]
required-scopes = [\"add\"]
parameters.a = { header = \"Left\" }
";

/// Asks with a form of one field, and says whether its user is sure.
const ASKER: &str = "package example:asker@0.1.0;

interface tools {
  confirm: func() -> bool;
}

world plugin {
  import toolcell:plugin/ask@0.1.0;
  export tools;
}
";

/// The field stands at 256, as the canonical ABI has it: name, title, required, and the kind `boolean`.
const ASKER_CODE: &str = r#"(module
  (import "toolcell:plugin/ask@0.1.0" "form" (func $form (param i32 i32 i32 i32 i32 i32 i32)))
  (memory (export "memory") 1)
  (data (i32.const 32) "go-on")
  (data (i32.const 64) "Shall it go on?")
  (data (i32.const 96) "sure")
  (data (i32.const 112) "I am sure")
  (data (i32.const 256) "\60\00\00\00\04\00\00\00\01\00\00\00\70\00\00\00\09\00\00\00")
  (data (i32.const 288) "\01")
  (data (i32.const 296) "\03")
  (global $free (mut i32) (i32.const 1024))
  (func (export "cabi_realloc") (param i32 i32) (param $align i32) (param $size i32) (result i32)
    (local $start i32)
    (local.set $start (i32.and
      (i32.add (global.get $free) (i32.sub (local.get $align) (i32.const 1)))
      (i32.sub (i32.const 0) (local.get $align))))
    (global.set $free (i32.add (local.get $start) (local.get $size)))
    (local.get $start))
  (func (export "example:asker/tools@0.1.0#confirm") (result i32)
    (call $form (i32.const 32) (i32.const 5) (i32.const 64) (i32.const 15) (i32.const 256) (i32.const 1)
      (i32.const 512))
    (if (result i32) (i32.load8_u (i32.const 512))
      (then (i32.const 0))
      (else (i32.load8_u offset=16 (i32.load (i32.const 516)))))))"#;

const ASKER_MANIFEST: &str = "name = \"asker\"\ncomponent = \"asker.wasm\"\n";

/// A bench with both plugins, each in a directory of its own.
fn bench() -> Bench {
    let bench = Bench::new();
    let plugins =
        [("oracle", ORACLE, ORACLE_CODE, ORACLE_MANIFEST), ("asker", ASKER, ASKER_CODE, ASKER_MANIFEST)];
    for (name, wit, code, manifest) in plugins {
        bench.plugin(name, wit, manifest);
        let module = wat::parse_str(code).unwrap();
        bench.write(
            &format!("{name}/{name}.wasm"),
            story::component_of(wit, &story::contract(), |_, _| module),
        );
    }
    bench
}

fn write(bench: &Bench, plugin: &str, case: &str, content: &Value) {
    bench.write(&format!("{plugin}/cases/{case}.json"), content.to_string());
}

/// Returns the output of `toolcell test` with these arguments.
fn run(bench: &Bench, arguments: &[&str]) -> String {
    let mut command = Command::new(env!("CARGO_BIN_EXE_toolcell"));
    command.arg("test").args(arguments).current_dir(bench.path("")).stdin(Stdio::null());
    let output = command.output().unwrap();
    let mut told = format!("$ toolcell test {}\n", arguments.join(" "));
    for stream in [&output.stdout, &output.stderr] {
        told.push_str(&String::from_utf8_lossy(stream));
    }
    let _ = writeln!(told, "[exit code {}]", output.status.code().unwrap());
    told
}

fn total(number: u32) -> Value {
    let text = json!({ "total": number }).to_string();
    json!({ "content": [{ "type": "text", "text": text }], "structuredContent": { "total": number } })
}

fn result(value: &Value) -> Value {
    let result = json!({ "result": value });
    json!({ "content": [{ "type": "text", "text": result.to_string() }], "structuredContent": result })
}

fn add(expected: &Value) -> Value {
    json!({ "tool": "add", "arguments": { "a": 1, "b": 2 }, "expect": expected })
}

fn confirm(answer: &Value, expected: &Value) -> Value {
    json!({ "tool": "confirm", "answers": { "go-on": answer }, "expect": expected })
}

fn sure(is_sure: bool) -> Value {
    json!({ "action": "accept", "content": { "sure": is_sure } })
}

/// A story: what is on the bench, and the arguments.
type Story = (&'static str, fn(&Bench), &'static [&'static str]);

const STORIES: &[Story] = &[
    (
        "everything passes",
        |b| {
            write(b, "oracle", "sum", &add(&total(3)));
            let now = "2026-11-24T12:00:00Z";
            let expected = result(&json!(1_795_521_600));
            write(b, "oracle", "time", &json!({ "tool": "seconds", "now": now, "expect": expected }));
            let error = json!({ "code": -32601, "message": "unknown method 'resources/read'" });
            write(b, "oracle", "resource", &json!({ "resource": "a:b", "error": error }));
        },
        &["oracle"],
    ),
    (
        "other values",
        |b| {
            write(b, "oracle", "sum", &add(&total(4)));
            write(b, "oracle", "works", &add(&total(3)));
        },
        &["oracle"],
    ),
    ("other values, as JSON", |b| write(b, "oracle", "sum", &add(&total(4))), &["oracle", "--json"]),
    (
        "a result and not an error",
        |b| {
            write(b, "oracle", "sum", &json!({ "tool": "add", "arguments": { "a": 1, "b": 2 }, "error": {} }))
        },
        &["oracle"],
    ),
    (
        "a new case",
        |b| write(b, "oracle", "sum", &json!({ "tool": "add", "arguments": { "a": 1, "b": 2 } })),
        &["oracle"],
    ),
    (
        "a caller without the scope",
        |b| {
            let mut case = add(&total(3));
            case["caller"] = json!({ "name": "alice", "scopes": ["add"] });
            write(b, "oracle", "alice", &case);
            case["caller"] = json!({ "name": "bob" });
            write(b, "oracle", "bob", &case);
        },
        &["oracle"],
    ),
    (
        "an answered question",
        |b| write(b, "asker", "sure", &confirm(&sure(true), &result(&json!(true)))),
        &["asker"],
    ),
    ("an unanswered question", |b| write(b, "asker", "sure", &json!({ "tool": "confirm" })), &["asker"]),
    (
        "an unanswered question, as JSON",
        |b| write(b, "asker", "sure", &json!({ "tool": "confirm" })),
        &["asker", "--json"],
    ),
    (
        "an unanswered question that nobody is there to answer",
        |b| write(b, "asker", "sure", &json!({ "tool": "confirm" })),
        &["asker", "--update"],
    ),
    (
        "another key is answered",
        |b| write(b, "asker", "sure", &json!({ "tool": "confirm", "answers": { "goon": sure(true) } })),
        &["asker"],
    ),
    (
        "an answer to what is never asked",
        |b| {
            let answers = json!({ "go-on": { "action": "decline" }, "stop": { "action": "accept" } });
            let case = json!({ "tool": "confirm", "answers": answers, "expect": result(&json!(false)) });
            write(b, "asker", "declined", &case);
        },
        &["asker"],
    ),
    (
        "an answer that does not fit",
        |b| {
            let answer = json!({ "action": "accept", "content": { "sure": "very" } });
            write(b, "asker", "sure", &confirm(&answer, &result(&json!(true))));
        },
        &["asker", "--update"],
    ),
    (
        "a client that cannot be asked",
        |b| write(b, "asker", "plain", &json!({ "tool": "confirm", "capabilities": {} })),
        &["asker"],
    ),
];

#[test]
fn every_way_that_cases_go_is_told() {
    let mut told = String::new();
    for (title, prepare, arguments) in STORIES {
        let bench = bench();
        prepare(&bench);
        let _ = writeln!(told, "# {title}\n{}", run(&bench, arguments));
    }
    golden("cases.txt", &told);
}

/// A mistake: the text of `oracle/cases/sum.json`.
const MISTAKES: &[(&str, &str)] = &[
    ("no JSON", "{\n  \"tool\": \"add\",\n}"),
    ("no object", "[]"),
    ("one key twice", "{\n  \"tool\": \"add\",\n  \"tool\": \"draw\"\n}"),
    ("unknown key", "{\n  \"tool\": \"add\",\n  \"argument\": {}\n}"),
    ("unknown key that resembles nothing", "{ \"tool\": \"add\", \"weight\": 1 }"),
    ("nothing is asked for", "{ \"arguments\": {} }"),
    ("a slip in what is asked for", "{ \"tools\": \"add\" }"),
    ("two things are asked for", "{ \"tool\": \"add\", \"prompt\": \"add\" }"),
    ("a number for a tool", "{ \"tool\": 1 }"),
    ("a list for arguments", "{ \"tool\": \"add\", \"arguments\": [1, 2] }"),
    ("a method with what clients add", "{ \"method\": \"tools/list\", \"params\": { \"_meta\": {} } }"),
    ("arguments of a resource", "{ \"resource\": \"a:b\", \"arguments\": {} }"),
    ("an unknown tool", "{ \"tool\": \"ad\" }"),
    ("a prompt where there is none", "{ \"prompt\": \"review\" }"),
    ("a caller without a name", "{ \"tool\": \"add\", \"caller\": { \"scopes\": [] } }"),
    (
        "a scope with a space",
        "{ \"tool\": \"add\", \"caller\": { \"name\": \"alice\", \"scopes\": [\"a b\"] } }",
    ),
    (
        "an unknown key of a caller",
        "{ \"tool\": \"add\", \"caller\": { \"name\": \"alice\", \"scope\": \"a\" } }",
    ),
    ("no moment", "{\n  \"tool\": \"add\",\n  \"now\": \"2026-11-24\"\n}"),
    ("no seed", "{ \"tool\": \"add\", \"seed\": \"0x2a\" }"),
    ("no answer", "{ \"tool\": \"add\", \"answers\": { \"go-on\": true } }"),
    ("a result and an error", "{ \"tool\": \"add\", \"expect\": {}, \"error\": {} }"),
    ("an unknown grant", "{\n  \"tool\": \"add\",\n  \"grants\": { \"directory\": [] }\n}"),
    ("a grant of another type", "{ \"tool\": \"add\", \"grants\": { \"config\": { \"a\": 1 } } }"),
    ("a grant of nothing", "{ \"tool\": \"add\", \"grants\": { \"config\": { \"a\": null } } }"),
    ("a host that is null", "{ \"tool\": \"add\", \"grants\": { \"http\": [{ \"host\": null }] } }"),
    ("one grant twice", "{ \"tool\": \"add\", \"grants\": {\n  \"config\": {},\n  \"config\": {}\n} }"),
    (
        "a rule with a key of the catalog",
        "{ \"tool\": \"add\", \"grants\": { \"http\": [\n  { \"host\": \"a.example\", \"time_ms\": 5 }\n] } }",
    ),
    (
        "a rule with a time that is none",
        "{ \"tool\": \"add\", \"grants\": { \"http\": [\n  { \"host\": \"a.example\", \"time\": \"soon\" }\n] } }",
    ),
    ("a bucket without a scope", "{ \"tool\": \"add\", \"grants\": { \"keyvalue\": { \"notes\": {} } } }"),
    (
        "a secret that the case has no value for",
        "{ \"tool\": \"add\", \"grants\": { \"secrets\": { \"key\": \"tokn\" } }, \"secrets\": { \"token\": \"x\" } }",
    ),
    (
        "an injected secret that the case has no value for",
        "{ \"tool\": \"add\", \"grants\": { \"http\": [\n  { \"host\": \"a.example\", \"secret\": { \"query\": \"key\", \"from\": \"token\" } }\n] } }",
    ),
    ("a secret that is a number", "{ \"tool\": \"add\", \"secrets\": { \"token\": 12345678 } }"),
    ("exchanges that are no list", "{ \"tool\": \"add\", \"http\": {} }"),
    ("an exchange that is no object", "{ \"tool\": \"add\", \"http\": [\n  \"GET\"\n] }"),
    ("an exchange without a request", "{ \"tool\": \"add\", \"http\": [{ \"response\": {} }] }"),
    (
        "an exchange without a response",
        "{ \"tool\": \"add\", \"http\": [\n  { \"request\": { \"url\": \"https://a.example/\" } }\n] }",
    ),
    (
        "an exchange with an unknown key",
        "{ \"tool\": \"add\", \"http\": [{ \"request\": { \"uri\": \"https://a.example/\", \"url\": \"https://a.example/\" }, \"response\": {} }] }",
    ),
    (
        "an exchange with an unknown key",
        "{ \"tool\": \"add\", \"http\": [{ \"request\": { \"url\": \"https://a.example/\" }, \"response\": {}, \"responses\": [] }] }",
    ),
    ("a request to nowhere", "{ \"tool\": \"add\", \"http\": [{ \"request\": {}, \"response\": {} }] }"),
    (
        "a request to an address that no plugin can name",
        "{ \"tool\": \"add\", \"http\": [{ \"request\": { \"url\": \"https://a.example/../b\" }, \"response\": {} }] }",
    ),
    (
        "a method in small letters",
        "{ \"tool\": \"add\", \"http\": [{ \"request\": { \"method\": \"post\", \"url\": \"https://a.example/\" }, \"response\": {} }] }",
    ),
    (
        "a header that is a number",
        "{ \"tool\": \"add\", \"http\": [{ \"request\": { \"url\": \"https://a.example/\" }, \"response\": {\n  \"headers\": { \"age\": 5 }\n} }] }",
    ),
    (
        "a header with a space in its name",
        "{ \"tool\": \"add\", \"http\": [{ \"request\": { \"url\": \"https://a.example/\", \"headers\": { \"a b\": \"c\" } }, \"response\": {} }] }",
    ),
    (
        "a header with a line break",
        "{ \"tool\": \"add\", \"http\": [{ \"request\": { \"url\": \"https://a.example/\", \"headers\": { \"a\": [\"b\", \"c\\n\"] } }, \"response\": {} }] }",
    ),
    (
        "a body in two forms",
        "{ \"tool\": \"add\", \"http\": [{ \"request\": { \"url\": \"https://a.example/\", \"text\": \"\", \"json\": 1 }, \"response\": {} }] }",
    ),
    (
        "a body that is no base64",
        "{ \"tool\": \"add\", \"http\": [{ \"request\": { \"url\": \"https://a.example/\", \"base64\": \"a\" }, \"response\": {} }] }",
    ),
    (
        "a status that is none",
        "{ \"tool\": \"add\", \"http\": [{ \"request\": { \"url\": \"https://a.example/\" }, \"response\": { \"status\": 99 } }] }",
    ),
    (
        "a body in the response to HEAD",
        "{ \"tool\": \"add\", \"http\": [{ \"request\": { \"method\": \"HEAD\", \"url\": \"https://a.example/\" }, \"response\": { \"text\": \"a\" } }] }",
    ),
    (
        "an error that a rule causes",
        "{ \"tool\": \"add\", \"http\": [{ \"request\": { \"url\": \"https://a.example/\" }, \"error\": \"HTTP-request-denied\" }] }",
    ),
    ("state in a bucket that is not granted", "{ \"tool\": \"add\", \"state\": { \"ours\": {} } }"),
    (
        "state in a bucket of another name",
        "{ \"tool\": \"add\", \"grants\": { \"keyvalue\": { \"ours\": { \"scope\": \"plugin\", \"keys\": 1 }, \"mine\": { \"scope\": \"caller\" } } }, \"expect-state\": { \"our\": {} } }",
    ),
    (
        "state of a caller who is not there",
        "{ \"tool\": \"add\", \"grants\": { \"keyvalue\": { \"ours\": { \"scope\": \"plugin\", \"keys\": 1 }, \"mine\": { \"scope\": \"caller\" } } }, \"state\": { \"mine\": {} } }",
    ),
    (
        "state that is no object",
        "{ \"tool\": \"add\", \"grants\": { \"keyvalue\": { \"ours\": { \"scope\": \"plugin\", \"keys\": 1 }, \"mine\": { \"scope\": \"caller\" } } }, \"state\": { \"ours\": 5 } }",
    ),
    (
        "a value that is a number",
        "{ \"tool\": \"add\", \"grants\": { \"keyvalue\": { \"ours\": { \"scope\": \"plugin\", \"keys\": 1 }, \"mine\": { \"scope\": \"caller\" } } }, \"state\": { \"ours\": {\n  \"count\": 5\n} } }",
    ),
    (
        "a value without content",
        "{ \"tool\": \"add\", \"grants\": { \"keyvalue\": { \"ours\": { \"scope\": \"plugin\", \"keys\": 1 }, \"mine\": { \"scope\": \"caller\" } } }, \"state\": { \"ours\": { \"count\": { \"expires\": \"2026-01-01T00:00:00Z\" } } } }",
    ),
    (
        "a value with an unknown key",
        "{ \"tool\": \"add\", \"grants\": { \"keyvalue\": { \"ours\": { \"scope\": \"plugin\", \"keys\": 1 }, \"mine\": { \"scope\": \"caller\" } } }, \"state\": { \"ours\": { \"count\": { \"text\": \"5\", \"ttl\": \"5 s\" } } } }",
    ),
    (
        "a value that ends at no moment",
        "{ \"tool\": \"add\", \"grants\": { \"keyvalue\": { \"ours\": { \"scope\": \"plugin\", \"keys\": 1 }, \"mine\": { \"scope\": \"caller\" } } }, \"state\": { \"ours\": { \"count\": { \"text\": \"5\", \"expires\": \"5 s\" } } } }",
    ),
    (
        "a value under an empty key",
        "{ \"tool\": \"add\", \"grants\": { \"keyvalue\": { \"ours\": { \"scope\": \"plugin\", \"keys\": 1 }, \"mine\": { \"scope\": \"caller\" } } }, \"state\": { \"ours\": { \"\": \"5\" } } }",
    ),
    (
        "more values than a bucket takes",
        "{ \"tool\": \"add\", \"grants\": { \"keyvalue\": { \"ours\": { \"scope\": \"plugin\", \"keys\": 1 }, \"mine\": { \"scope\": \"caller\" } } }, \"state\": { \"ours\": { \"a\": \"5\", \"b\": \"6\" } } }",
    ),
    (
        "a directory without a guest path",
        "{ \"tool\": \"add\", \"grants\": { \"directories\": [{ \"host\": \"wit\" }] } }",
    ),
    (
        "a guest path that is relative",
        "{ \"tool\": \"add\", \"grants\": { \"directories\": [{ \"host\": \"wit\", \"guest\": \"a\" }] } }",
    ),
    (
        "a directory that does not exist",
        "{ \"tool\": \"add\", \"grants\": { \"directories\": [{ \"host\": \"data\", \"guest\": \"/data\" }] } }",
    ),
    (
        "two directories in one place",
        "{ \"tool\": \"add\", \"grants\": { \"directories\": [\n  { \"host\": \"wit\", \"guest\": \"/a\" }, { \"host\": \"wit\", \"guest\": \"/a\" }\n] } }",
    ),
];

#[test]
fn every_mistake_in_a_case_is_refused_with_what_to_write() {
    let mut told = String::new();
    for (title, text) in MISTAKES {
        let bench = bench();
        bench.write("oracle/cases/sum.json", text);
        let _ = writeln!(told, "# {title}\n{}", run(&bench, &["oracle"]));
    }
    let bench = bench();
    let _ = writeln!(told, "# no cases\n{}", run(&bench, &["oracle"]));
    write(&bench, "oracle", "sum", &add(&total(3)));
    let _ = writeln!(told, "# no such case\n{}", run(&bench, &["oracle", "--case", "some"]));
    fs::remove_file(bench.path("oracle/oracle.wasm")).unwrap();
    let _ = writeln!(told, "# no component\n{}", run(&bench, &["oracle"]));
    let _ = writeln!(told, "# no plugin\n{}", run(&bench, &["--case", "sum"]));
    let _ = writeln!(told, "# a body that is too large\n{}", large_body());
    let _ = writeln!(told, "# a value that is too large\n{}", large_value());
    told.push_str(&refused_recordings());
    assert!(!told.contains(&bench.path("").display().to_string()), "{told}");
    golden("errors-cases.txt", &told);
}

/// Returns what is said of a case with a body that is a byte too large.
fn large_body() -> String {
    let bench = bench();
    let body = "x".repeat((1 << 20) + 1);
    let exchange =
        json!({ "request": { "url": "https://a.example/" }, "response": { "status": 200, "text": body } });
    write(&bench, "oracle", "sum", &json!({ "tool": "add", "http": [exchange] }));
    run(&bench, &["oracle"])
}

/// Returns what is said of a case with a value that is a byte larger than a bucket can hold.
fn large_value() -> String {
    let bench = bench();
    let grants = json!({ "keyvalue": { "notes": { "scope": "plugin" } } });
    let state = json!({ "notes": { "a": "x".repeat((256 << 10) + 1) } });
    write(&bench, "oracle", "sum", &json!({ "tool": "add", "grants": grants, "state": state }));
    run(&bench, &["oracle"])
}

/// Returns what is said of cases that cannot be recorded, because of their secrets.
fn refused_recordings() -> String {
    let bench = bench();
    let secrets = bench.path("oracle/secrets.toml");
    let rule = json!({ "host": "a.example", "secret": { "query": "key", "from": "token" } });
    let case = |description: &str| {
        json!({
            "description": description, "tool": "add", "arguments": { "a": 1, "b": 2 },
            "grants": { "http": [rule] }, "secrets": { "token": "for-tests" },
        })
    };
    let mut told = String::new();
    for (title, value, description) in [
        ("a real secret that is too short", "s3cret", ""),
        ("a real secret in the case", "s3cret-s3cret", "Not with s3cret-s3cret."),
    ] {
        bench.write("oracle/secrets.toml", format!("token = \"{value}\"\n"));
        fs::set_permissions(&secrets, fs::Permissions::from_mode(0o600)).unwrap();
        write(&bench, "oracle", "sum", &case(description));
        let _ = writeln!(told, "# {title}\n{}", run(&bench, &["oracle", "--update"]));
    }
    assert!(!told.contains("s3cret"), "{told}");
    told
}

#[test]
fn a_case_is_written_with_what_comes_back_and_passes_from_then_on() {
    let bench = bench();
    write(
        &bench,
        "oracle",
        "sum",
        &json!({ "description": "Added up.", "tool": "add", "arguments": { "a": 1, "b": 2 } }),
    );
    assert!(run(&bench, &["oracle", "--update"]).contains("wrote sum\n1 passed, 0 failed\n[exit code 0]"));
    let written = fs::read_to_string(bench.path("oracle/cases/sum.json")).unwrap();
    let expected = "{
  \"description\": \"Added up.\",
  \"tool\": \"add\",
  \"arguments\": { \"a\": 1, \"b\": 2 },
  \"expect\": {
    \"content\": [{ \"type\": \"text\", \"text\": \"{\\\"total\\\":3}\" }],
    \"structuredContent\": { \"total\": 3 }
  }
}
";
    assert_eq!(written, expected);
    assert!(run(&bench, &["oracle", "--update"]).contains("ok    sum\n1 passed, 0 failed\n"));

    let shuffled = "{\"expect\":{\"structuredContent\":{\"total\":3},\"content\":[{\"text\":\"{\\\"total\\\":3}\",\"type\":\"text\"}]},\
                    \"tool\":\"add\",\"arguments\":{\"b\":2,\"a\":1}}";
    bench.write("oracle/cases/sum.json", shuffled);
    assert!(run(&bench, &["oracle", "--update"]).contains("ok    sum\n"));
    let kept = fs::read_to_string(bench.path("oracle/cases/sum.json")).unwrap();
    assert_eq!(kept, shuffled, "a case that passes stays as its author has written it");
}

#[test]
fn randomness_is_the_seeds_and_time_the_cases_in_every_run() {
    let bench = bench();
    let cases = [("a", json!({})), ("b", json!({ "seed": "2a" })), ("c", json!({ "seed": "2b" }))];
    for (name, more) in &cases {
        let mut case = json!({ "tool": "draw" });
        case.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        write(&bench, "oracle", name, &case);
    }
    write(&bench, "oracle", "time", &json!({ "tool": "seconds" }));
    run(&bench, &["oracle", "--update"]);
    assert!(run(&bench, &["oracle"]).contains("\n4 passed, 0 failed\n"));
    let found = |name: &str| {
        let case: Value =
            serde_json::from_slice(&fs::read(bench.path(&format!("oracle/cases/{name}.json"))).unwrap())
                .unwrap();
        case["expect"]["structuredContent"]["result"].clone()
    };
    assert_eq!(found("time"), 1_767_225_600, "2026-01-01");
    assert!(
        found("a") != found("b") && found("b") != found("c"),
        "{} {} {}",
        found("a"),
        found("b"),
        found("c")
    );
}
