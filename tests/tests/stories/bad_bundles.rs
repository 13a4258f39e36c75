//! Bundles and components that are damaged or made for another host: the error tells which command to run.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use serde_json::{Value, json};
use toolcell_cli::bundle::Cache;
use toolcell_cli::bundle::compile::Target;
use toolcell_cli::bundle::open::{self, Source};
use toolcell_cli::ui::progress::Silent;
use toolcell_host::catalog::{Catalog, EngineInfo};
use toolcell_host::codec::Type;
use toolcell_tests::{Bundle, Edge, Revision, Server, fixture};

/// The number of tools of the fixture `plain`.
const TOOLS: usize = 3;

fn shop() -> String {
    fixture::plugin("shop", &fixture::component("plain"))
}

/// Returns a configuration with the fixture `plain` and a healthy plugin.
fn bundle() -> Bundle {
    Bundle::build(&shop())
}

/// Returns the error of opening a bundle.
fn refusal(bundle: &Bundle) -> String {
    bundle.open().expect_err("the bundle is refused").to_string()
}

fn says(problem: &str, parts: &[&str]) {
    for part in parts {
        assert!(problem.contains(part), "{problem}\ndoes not say {part:?}");
    }
}

/// Serves a bundle with bad code: tools are listed, a call fails cleanly, and the log tells which command to run.
fn unavailable(bundle: &Bundle, parts: &[&str]) {
    let runner = bundle.open().unwrap_or_else(|problem| panic!("{problem}"));
    let problems: Vec<_> = runner.load_all().into_iter().map(|(_, problem)| problem.to_string()).collect();
    assert_eq!(problems.len(), TOOLS, "each tool is named");
    says(&problems[0], parts);
    says(&problems[0], &["toolcell build"]);
    let server = Server::of(bundle);
    for revision in Revision::ERAS {
        let client = server.client(revision);
        for _ in 0..2 {
            let answer = client.call_request("lookup", &json!({"sku": "milk"})).send(server.address());
            assert_eq!(answer.refusal(), (200, -32603, "internal error".to_owned()), "{revision:?}");
        }
        let list = client.ask("tools/list", json!({}));
        assert_eq!(list["tools"].as_array().map(Vec::len), Some(TOOLS), "the server is alive");
    }
}

/// Returns the error of serving a component after a change of its bytes.
fn component_refusal(change: impl FnOnce(&mut Vec<u8>)) -> String {
    let directory = tempfile::tempdir().unwrap();
    let mut bytes = fs::read(fixture::component("plain")).unwrap();
    change(&mut bytes);
    let component = directory.path().join("shop.wasm");
    fs::write(&component, bytes).unwrap();
    let config = directory.path().join("toolcell.toml");
    fs::write(&config, fixture::plugin("shop", &component)).unwrap();
    let opened = open::open(&Source::Config(config), &Silent);
    opened.err().expect("the component is refused").to_string()
}

fn files(directory: &Path) -> BTreeMap<String, Vec<u8>> {
    let entries = fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path());
    entries
        .map(|path| (path.file_name().unwrap().to_str().unwrap().to_owned(), fs::read(&path).unwrap()))
        .collect()
}

#[test]
fn truncated_code_makes_its_tools_unavailable() {
    for keep in [0, 1, 100, 4096, 100_000] {
        let bundle = bundle();
        let file = bundle.code();
        let code = fs::read(&file).unwrap();
        fs::remove_file(&file).unwrap();
        fs::write(&file, &code[..keep.min(code.len() - 1)]).unwrap();
        unavailable(&bundle, &[]);
    }
}

#[test]
fn missing_code_makes_its_tools_unavailable() {
    let bundle = bundle();
    fs::remove_file(bundle.code()).unwrap();
    unavailable(&bundle, &[".cwasm"]);
}

#[test]
fn a_component_in_the_place_of_code_makes_its_tools_unavailable() {
    let bundle = bundle();
    fs::remove_file(bundle.code()).unwrap_or_default();
    let code = bundle.catalog().plugins[0].code_file();
    fs::copy(fixture::component("plain"), bundle.path().join(code)).unwrap();
    unavailable(&bundle, &[]);
}

#[test]
fn a_bundle_for_another_engine_is_refused() {
    type Change = fn(&mut EngineInfo);
    let changes: [(Change, &str); 3] = [
        (|engine| engine.wasmtime = "47.0.0".into(), "precompiled for wasmtime 47.0.0, this host has 48.0.8"),
        (|engine| engine.configuration = 1, "precompiled for engine configuration 1, this host has 2"),
        (
            |engine| engine.target = "riscv64gc-unknown-linux-gnu".into(),
            "precompiled for riscv64gc-unknown-linux-gnu",
        ),
    ];
    for (change, part) in changes {
        let bundle = bundle();
        bundle.edit_catalog(|catalog| change(&mut catalog.engine));
        says(&refusal(&bundle), &["was built for another host", part, "toolcell build"]);
    }
}

#[test]
fn a_catalog_of_another_format_is_refused() {
    let bundle = bundle();
    bundle.edit_catalog(|catalog| catalog.format = 99);
    let read = format!("this host reads format {}", Catalog::FORMAT);
    says(&refusal(&bundle), &["catalog.bin has format 99", &read, "toolcell build"]);
}

#[test]
fn a_catalog_that_is_none_is_refused() {
    for text in ["", "{", "{\"format\":1}", "\u{0}\u{0}", "toolcell", "toolcell\u{2}\u{0}\u{0}\u{0}"] {
        let bundle = bundle();
        fs::write(bundle.path().join(Catalog::FILE), text).unwrap();
        says(&refusal(&bundle), &["catalog.bin is not a catalog", "toolcell build"]);
    }
    let bundle = bundle();
    fs::remove_file(bundle.path().join(Catalog::FILE)).unwrap();
    says(&refusal(&bundle), &["cannot read catalog.bin", "toolcell build"]);
}

#[test]
fn a_damaged_catalog_is_refused_or_says_so_and_never_answers_wrongly() {
    let whole = fs::read(bundle().path().join(Catalog::FILE)).unwrap();
    let right = Server::of(&bundle()).client(Revision::Modern).ask("tools/list", json!({}));
    for at in (0..whole.len()).step_by(whole.len() / 12) {
        let bundle = bundle();
        let mut damaged = whole.clone();
        damaged[at] ^= 0x20;
        fs::write(bundle.path().join(Catalog::FILE), damaged).unwrap();
        says(&refusal(&bundle), &["catalog.bin is ", "toolcell build"]);
        if Edge::chosen() == Edge::Serve {
            continue;
        }
        // The function trusts its package, and notices damage where it meets it.
        let server = Server::of(&bundle);
        let answer = server.client(Revision::Modern).request("tools/list", json!({})).send(server.address());
        if answer.status == 200 && answer.json()["error"].is_null() {
            assert_eq!(answer.json()["result"], right, "byte {at}");
        }
    }
}

#[test]
fn a_plugin_of_which_a_part_cannot_be_read_does_not_keep_the_others_from_being_served() {
    let plain = fixture::component("plain");
    let config = format!(
        "{}prefix = \"a_\"\n{}prefix = \"b_\"\n",
        fixture::plugin("first", &plain),
        fixture::plugin("second", &plain)
    );
    let bundle = Bundle::build(&config);
    // Deeper than a reader of JSON goes.
    let deep = (0..200).fold(Type::U8, |inner, _| Type::List(Box::new(inner)));
    bundle.edit_catalog(|catalog| catalog.tools[0].item.function.result = Some(deep));
    let server = Server::of(&bundle);
    for revision in Revision::ERAS {
        let client = server.client(revision);
        let list = client.ask("tools/list", json!({}));
        let tools = list["tools"].as_array().unwrap();
        let of_second = |tool: &&Value| tool["name"].as_str().unwrap().starts_with("b_");
        assert_eq!(
            tools.iter().filter(of_second).count(),
            TOOLS,
            "{revision:?}: the second plugin is served"
        );
        // The function reads the part of a tool when it is called; the local server reads everything when it starts.
        let (listed, code) =
            if Edge::chosen() == Edge::Lambda { (2 * TOOLS, -32603) } else { (TOOLS, -32602) };
        assert_eq!(tools.len(), listed, "{list}");
        let answer = client.call_request("a_lookup", &json!({"sku": "milk"})).send(server.address());
        assert_eq!(answer.refusal().1, code, "{revision:?}");
        assert!(!client.call("b_lookup", &json!({"sku": "milk"})).is_error, "{revision:?}");
    }
}

#[test]
fn a_catalog_that_names_a_function_that_is_not_there_makes_that_tool_unavailable_alone() {
    let bundle = bundle();
    bundle.edit_catalog(|catalog| catalog.tools[0].item.export.function = "look-down".into());
    let runner = bundle.open().unwrap_or_else(|problem| panic!("{problem}"));
    let problems: Vec<_> = runner.load_all().into_iter().map(|(_, problem)| problem.to_string()).collect();
    let [problem] = &problems[..] else { panic!("{problems:?}") };
    says(problem, &["look-down", "toolcell build"]);
    let server = Server::of(&bundle);
    let client = server.client(Revision::Modern);
    let answer = client.call_request("lookup", &json!({"sku": "milk"})).send(server.address());
    assert_eq!(answer.refusal(), (200, -32603, "internal error".to_owned()));
    assert!(!client.call("total_articles", &json!({})).is_error);
}

#[test]
fn a_truncated_component_is_refused() {
    for keep in [0, 3, 100, 1_000, 20_000, 44_000] {
        let problem = component_refusal(|bytes| bytes.truncate(keep));
        says(&problem, &["shop.wasm", "found:", "expected:", "next:"]);
    }
}

#[test]
fn a_component_without_a_function_is_refused() {
    // The first eight bytes of a component are an empty component.
    let problem = component_refusal(|bytes| bytes.truncate(8));
    says(&problem, &["plugins.shop.source", "is a plugin that offers nothing", "exports no function"]);
}

#[test]
fn a_component_with_flipped_bits_is_refused_or_still_valid() {
    let directory = tempfile::tempdir().unwrap();
    let whole = fs::read(fixture::component("plain")).unwrap();
    let component = directory.path().join("shop.wasm");
    let config = directory.path().join("toolcell.toml");
    fs::write(&config, fixture::plugin("shop", &component)).unwrap();
    let mut refused = 0;
    for at in (0..whole.len()).step_by(whole.len() / 24) {
        let mut bytes = whole.clone();
        bytes[at] ^= 0x40;
        fs::write(&component, bytes).unwrap();
        // Bytes that are still valid are another program, which runs.
        if let Err(problem) = open::open(&Source::Config(config.clone()), &Silent) {
            says(&problem.to_string(), &["found:", "expected:", "next:"]);
            refused += 1;
        }
    }
    assert!(refused > 3, "{refused} of the damaged components were refused");
}

#[test]
fn a_core_module_is_told_how_to_become_a_component() {
    let module = b"\0asm\x01\0\0\0";
    let problem = component_refusal(|bytes| *bytes = module.to_vec());
    says(&problem, &["is a core module, not a component", "wasm32-wasip2"]);
    says(&component_refusal(|bytes| *bytes = b"#!/bin/sh\n".to_vec()), &["is not WebAssembly"]);
}

#[test]
fn building_twice_gives_the_same_bytes() {
    let bundle = bundle();
    let other = tempfile::tempdir().unwrap();
    for target in [Target::host().unwrap(), Target::X86_64, Target::Aarch64] {
        let outs = ["one", "two"].map(|name| other.path().join(format!("{name}-{}", target.triple())));
        for out in &outs {
            bundle.build_again(target, out, Cache::off()).unwrap_or_else(|problem| panic!("{problem}"));
        }
        let [one, two] = outs.map(|out| files(&out));
        assert!(one.len() == 2 && one == two, "{:?} {:?}", one.keys(), two.keys());
    }
}

#[test]
fn a_bundle_for_arm_is_built_here_and_refused_here() {
    let bundle = bundle();
    let target = match Target::host().unwrap() {
        Target::X86_64 => Target::Aarch64,
        Target::Aarch64 => Target::X86_64,
    };
    bundle.build_again(target, &bundle.path(), Cache::off()).unwrap_or_else(|problem| panic!("{problem}"));
    let elf = fs::read(bundle.code()).unwrap();
    let machine = u16::from_le_bytes([elf[18], elf[19]]);
    let expected = if target == Target::Aarch64 { 183 } else { 62 };
    assert_eq!((&elf[..4], machine), (b"\x7fELF".as_slice(), expected), "the code is for the other machine");
    says(&refusal(&bundle), &[target.triple(), "toolcell build --target"]);
}

/// Stories of the local edge: Lambda maps code from the package unchecked, because a writer of the package could replace
/// the program as well.
mod local {
    use super::*;

    #[test]
    fn code_of_two_plugins_in_each_others_place_makes_both_unavailable() {
        let text = fixture::plugin("text", &fixture::sample("text"));
        let bundle = Bundle::build(&format!("{}{text}only = [\"make_slug\"]\n", shop()));
        let code: Vec<_> =
            files(&bundle.path()).into_iter().filter(|(name, _)| name.ends_with(".cwasm")).collect();
        let [(one, of_one), (two, of_two)] = &code[..] else { panic!("two files of code: {}", code.len()) };
        for (name, code) in [(one, of_two), (two, of_one)] {
            let file = bundle.path().join(name);
            fs::remove_file(&file).unwrap();
            fs::write(&file, code).unwrap();
        }
        let server = Server::of(&bundle);
        let client = server.client(Revision::Modern);
        for (tool, arguments) in [("lookup", json!({"sku": "milk"})), ("make_slug", json!({"text": "a"}))] {
            let answer = client.call_request(tool, &arguments).send(server.address());
            assert_eq!(answer.refusal(), (200, -32603, "internal error".to_owned()), "{tool}");
        }
    }

    #[test]
    fn code_with_a_flipped_bit_anywhere_makes_its_tools_unavailable() {
        let places: [fn(&[u8]) -> usize; 5] = [
            |code| code.len() / 2, // somewhere in the machine code
            |code| code.len() - 1,
            |_| 0, // the magic of ELF
            |_| 4, // its class
            |code| memchr::memmem::find(code, Target::host().unwrap().triple().as_bytes()).unwrap(),
        ];
        for place in places {
            let bundle = bundle();
            let file = bundle.code();
            let mut code = fs::read(&file).unwrap();
            let at = place(&code);
            code[at] ^= 0x10;
            fs::remove_file(&file).unwrap();
            fs::write(&file, code).unwrap();
            unavailable(&bundle, &["has digest", "the catalog names"]);
        }
    }
}
