//! Components that cannot be served.

use toolcell_cli::component::section;
use toolcell_cli::plugin::load;

use crate::Story;
use crate::story::{self, Bench, GUIDE, GUIDE_MANIFEST, TEXT, TEXT_MANIFEST};

fn wit(bench: &Bench, wit: &str) {
    bench.component("text.wasm", wit);
    bench.write("toolcell.toml", "[plugins.text]\nsource = \"text.wasm\"\n");
}

/// A component made with another copy of `toolcell:plugin`.
fn other_copy(bench: &Bench, wit: &str, (from, to): (&str, &str)) {
    let mut contract = story::contract();
    assert!(contract.values().any(|text| text.contains(from)), "{from}");
    contract.values_mut().for_each(|text| *text = text.replace(from, to));
    bench.write("text.wasm", story::component_with(wit, &contract));
    bench.write("toolcell.toml", "[plugins.text]\nsource = \"text.wasm\"\n");
}

/// A packed guide whose section says something else.
fn tampered(bench: &Bench, (from, to): (&str, &str)) {
    bench.plugin("guide", GUIDE, GUIDE_MANIFEST);
    bench.write("guide/schema.json", "{\"type\":\"object\"}");
    let loaded = load::load(&bench.path("guide")).unwrap();
    let packed = String::from_utf8(loaded.component.packed.unwrap()).unwrap();
    assert!(packed.contains(from), "{from}");
    bench.write("text.wasm", section::replace(&loaded.bytes, packed.replace(from, to).as_bytes()));
    bench.write("toolcell.toml", "[plugins.text]\nsource = \"text.wasm\"\n");
}

/// A component of one function around this core module.
fn around(bench: &Bench, function: &str) {
    let wit = "package a:b;\ninterface tools { run: func(); }\nworld plugin { export tools; }\n";
    let module = wat::parse_str(format!("(module (func (export \"a:b/tools#run\")) {function})")).unwrap();
    bench.write("text.wasm", story::component_of(wit, &story::contract(), |_, _| module));
    bench.write("toolcell.toml", "[plugins.text]\nsource = \"text.wasm\"\n");
}

/// A component that imports something, and exports a function.
fn importing(bench: &Bench, packages: &str, imports: &str) {
    wit(
        bench,
        &format!(
            "package a:b;\n{packages}\ninterface tools {{ run: func(); }}\nworld plugin {{ {imports} export tools; }}\n"
        ),
    );
}

/// A component written as text.
fn text(bench: &Bench, text: &str) {
    bench.write("text.wasm", wat::parse_str(text).unwrap());
    bench.write("toolcell.toml", "[plugins.text]\nsource = \"text.wasm\"\n");
}

/// A record of two records of two records, so many levels deep: short in WIT, large when it is spelled out.
fn doubled(levels: usize) -> String {
    let records = (1..=levels).map(|at| format!("record d{at} {{ left: d{0}, right: d{0} }}", at - 1));
    format!("record d0 {{ left: u8, right: u8 }} {} run: func(d: d{levels});", records.collect::<String>())
}

const RESOURCES: &str = "package a:b;\nworld plugin { export toolcell:plugin/resources@0.1.0; }";

const CONTENT: &str = "package a:b;
interface tools {
  use toolcell:plugin/content@0.1.0.{block};
  show: func() -> list<block>;
}
world plugin { export tools; }
";

pub(crate) const STORIES: &[Story] = &[
    ("not WebAssembly", |b| {
        wit(b, TEXT);
        b.write("text.wasm", "hello");
    }),
    ("an empty file", |b| {
        wit(b, TEXT);
        b.write("text.wasm", "");
    }),
    ("more memory than a component may have without a grant", |b| around(b, "(memory 32768)")),
    ("less memory than a component declares", |b| {
        around(b, "(memory 2048)");
        b.write("toolcell.toml", "[plugins.text]\nsource = \"text.wasm\"\nlimits.memory = \"64 MiB\"\n");
    }),
    ("a component without functions", |b| wit(b, "package a:b; world w { export init: func(); }")),
    ("a core module", |b| {
        wit(b, TEXT);
        b.write("text.wasm", b"\0asm\x01\0\0\0");
    }),
    ("a component in an older encoding", |b| {
        wit(b, TEXT);
        b.write("text.wasm", b"\0asm\x0c\0\x01\0");
    }),
    ("a component in a later encoding", |b| {
        wit(b, TEXT);
        b.write("text.wasm", b"\0asm\x0e\0\x01\0");
    }),
    ("the beginning of a header", |b| {
        wit(b, TEXT);
        b.write("text.wasm", b"\0asm");
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
    ("an import of a draft of WASI", |b| {
        importing(
            b,
            "package wasi:cli@0.2.0-rc-2023-11-10 { interface exit { exit: func(status: result); } }",
            "import wasi:cli/exit@0.2.0-rc-2023-11-10;",
        )
    }),
    ("an import of a later wasi:config", |b| {
        importing(
            b,
            "package wasi:config@0.2.0 { interface store { get: func(key: string) -> string; } }",
            "import wasi:config/store@0.2.0;",
        )
    }),
    ("an import of another version of toolcell:plugin", |b| {
        importing(
            b,
            "package toolcell:plugin@0.2.0 { interface log { log: func(message: string); } }",
            "import toolcell:plugin/log@0.2.0;",
        )
    }),
    ("an import of an interface that plugins export", |b| {
        importing(b, "", "import toolcell:plugin/resources@0.1.0;")
    }),
    ("an import of a function that the host's interface does not have", |b| {
        importing(
            b,
            "package wasi:cli@0.2.3 { interface environment { get-moon: func() -> u8; } }",
            "import wasi:cli/environment@0.2.3;",
        )
    }),
    ("an import of a function of the world", |b| {
        importing(b, "", "import fetch: func(url: string) -> string;")
    }),
    ("an import of a resource of the world", |b| importing(b, "", "resource handle;")),
    ("an import of an inline interface", |b| importing(b, "", "import host: interface { go: func(); }")),
    ("an import of a module", |b| text(b, "(component (import \"m\" (core module)))")),
    ("an import of a component", |b| text(b, "(component (import \"c\" (component)))")),
    ("an export that WIT cannot write", |b| {
        text(
            b,
            "(component (type $f (func)) (instance $i (export \"t\" (type $f))) (export \"a:b/c\" (instance $i)))",
        )
    }),
    ("a type that is too large", |b| {
        wit(
            b,
            &format!(
                "package a:b;\ninterface tools {{ {} }}\nworld plugin {{ export tools; }}\n",
                doubled(12)
            ),
        )
    }),
    ("a type that is too large for the validator", |b| {
        let types = (1..=24).map(|at| format!("(type $t{at} (tuple $t{0} $t{0}))", at - 1));
        text(b, &format!("(component (type $t0 (tuple u8 u8)) {})", types.collect::<String>()));
    }),
    ("a table that is too large", |b| around(b, "(table 2000000 funcref)")),
    ("several features that the engine does not have", |b| {
        around(b, "(memory i64 1) (tag $e) (func (throw $e))")
    }),
    ("a feature that nobody has", |b| {
        around(b, "(memory 1) (func (memory.discard (i32.const 0) (i32.const 0)))")
    }),
    ("an interface under another name", |b| {
        wit(b, "package a:b;\ninterface tools { run: func(); }\nworld plugin { export one: tools; }\n")
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
        b.write("text.wasm", section::replace(&story::component(TEXT), b"{"));
    }),
    ("a section of another version", |b| {
        wit(b, TEXT);
        let section = br#"{"format":9,"name":"text","tools":[]}"#;
        b.write("text.wasm", section::replace(&story::component(TEXT), section));
    }),
    ("a section of another component", |b| {
        b.plugin("text", TEXT, TEXT_MANIFEST);
        let packed = load::load(&b.path("text")).unwrap().component.packed.unwrap();
        let other = story::component(&TEXT.replace("-> u32", "-> u64"));
        wit(b, TEXT);
        b.write("text.wasm", section::replace(&other, &packed));
    }),
    ("a packed schema that clients do not take", |b| {
        tampered(b, (r#""input-schema":{"type":"object"}"#, r#""input-schema":{"type":"array"}"#))
    }),
    ("a packed prefix that is none", |b| tampered(b, ("\"guide:///\"", "\"guide\""))),
    ("a packed icon that is a script", |b| {
        tampered(b, ("https://example.com/review.png", "javascript:review"))
    }),
    ("a packed limit that is above the maximum", |b| {
        tampered(b, (r#""limits":{"deadline":5000}"#, r#""limits":{"deadline":5000000}"#))
    }),
    ("a packed meta that is no object", |b| tampered(b, ("{\"example.com/key\":1}", "1"))),
    ("a feature that the engine does not have", |b| around(b, "(func $f return_call $f)")),
    ("a type that nests too deep", |b| {
        let deep = (0..70).fold("u8".to_owned(), |inner, _| format!("tuple<{inner}, u8>"));
        wit(
            b,
            &format!(
                "package a:b;\ninterface tools {{ run: func(d: {deep}); }}\nworld plugin {{ export tools; }}\n"
            ),
        );
    }),
];
