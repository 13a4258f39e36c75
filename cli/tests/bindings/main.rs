//! Bindings of awkward worlds, made by every generator of this program and compiled by the real compilers.
//!
//! Names that meet in a language are refused by name; what takes their place compiles, so the advice works.
//!
//! The smallest author is written from the bindings themselves ([`author`]): she implements every function that the
//! world exports and uses every one that it imports.

mod author;
#[path = "../story/mod.rs"]
mod story;
mod world;

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use author::Language;
use story::Bench;
use toolcell_cli::ui::problem::Problem;
use toolcell_cli::{builder, manifest};
use wit_component::DecodedWasm;
use world::World;

/// Writes a plugin of a world without a source, and returns its directory.
fn plugin(bench: &Bench, language: Language, world: &World) -> PathBuf {
    let tools = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tools/.bin");
    assert!(tools.join("zig").exists(), "zig is missing; run tools/setup.sh languages");
    fs::create_dir_all(bench.path(".venv")).unwrap();
    symlink(tools, bench.path(".venv/bin")).unwrap();
    bench.write("wit/world.wit", &world.wit);
    let name = language.name();
    bench.write("plugin.toml", format!("name = \"awkward\"\n[build]\nlanguage = \"{name}\"\n"));
    for (file, text) in language.project() {
        bench.write(file, text);
    }
    bench.path("")
}

fn build(directory: &Path) -> Result<(), Problem> {
    builder::build(&manifest::read(directory).unwrap()).map(drop)
}

/// Builds a world in a language, and compares what the component exports with the WIT.
fn compiles(language: Language, world: &World) {
    let bench = Bench::new();
    let (name, directory) = (&world.name, plugin(&bench, language, world));
    let without_source = build(&directory).expect_err("there is no source");
    let bindings = directory.join("target/toolcell/bindings");
    assert!(bindings.is_dir(), "{} {name}: {without_source}", language.name());
    for (file, text) in language.author(&bindings) {
        bench.write(&file, text);
    }
    if let Err(problem) = build(&directory) {
        if let Some(kept) = std::env::var_os("TOOLCELL_KEEP") {
            let kept = Path::new(&kept).join(format!("{}-{name}", language.name()));
            fs::create_dir_all(kept.parent().unwrap()).unwrap();
            std::process::Command::new("cp").arg("-r").arg(&directory).arg(kept).status().unwrap();
        }
        panic!("{} {name}: {problem}", language.name());
    }
    let component = fs::read(directory.join("target/awkward.wasm")).unwrap();
    let DecodedWasm::Component(resolve, id) = wit_component::decode(&component).unwrap() else {
        panic!("{} {name}: not a component", language.name())
    };
    let exports = resolve.worlds[id].exports.len();
    assert!(exports > 0, "{} {name} exports nothing", language.name());
}

/// Builds a world in a language up to its refusal, and returns what was found.
fn refused(language: Language, world: &World) -> String {
    let bench = Bench::new();
    let directory = plugin(&bench, language, world);
    let mut problem = build(&directory).expect_err("a name is taken");
    if !problem.at.ends_with("/wit") {
        for (file, text) in language.author(&directory.join("target/toolcell/bindings")) {
            bench.write(&file, text);
        }
        problem = build(&directory).expect_err("a name is taken");
    }
    assert!(problem.at.ends_with("/wit"), "{problem}");
    assert!(problem.next.contains("rename") || problem.next.contains("move"), "{problem}");
    problem.found
}

#[test]
fn worlds_called_like_a_header_or_a_word_compile() {
    for language in [Language::C, Language::Cpp, Language::Zig, Language::Go] {
        let names: &[&str] = match language {
            Language::C => &["string", "stdlib", "stdint", "stddef", "stdio", "errno", "int", "true"],
            Language::Cpp => &["std", "wit", "string", "int", "true"],
            Language::Zig => &["std", "root", "true"],
            Language::Go | Language::Rust => &["main", "string"],
        };
        for name in names {
            compiles(language, &world::called(name));
        }
    }
}

#[test]
fn a_case_called_like_its_variant_compiles() {
    for language in [Language::C, Language::Cpp, Language::Zig, Language::Go] {
        compiles(language, &world::with("variant text { text(string), link } get: func(text: text) -> u32;"));
    }
}

#[test]
fn names_that_meet_are_refused_by_name_and_others_in_their_place_compile() {
    for (language, wit, name, other, found) in [
        (Language::C, world::ROOT_IMPORT, "pthread", "threads", "conflicting types for 'pthread_create'"),
        (Language::C, world::ENUMS, "a-b", "ab", "'AWKWARD_NAMES_TOOLS_A_B_C' macro redefined"),
        (
            Language::C,
            world::RECORD,
            "item-free",
            "free-item",
            "conflicting types for 'awkward_names_tools_item_free'",
        ),
        (
            Language::C,
            world::INTERFACES,
            "name-get",
            "get-name",
            "are both `exports_awkward_names_user_name_get`",
        ),
        (Language::Cpp, world::ROOT_IMPORT, "errno", "errors", "the world `errno`"),
        (Language::Cpp, world::PACKAGE, "time", "times", "the package `time:zones`"),
        (Language::Go, world::VARIANT, "make-a-b", "ab", "case `b` of variant `a` and function `make-a-b`"),
    ] {
        let text = refused(language, &World { name: name.to_owned(), wit: wit.replace("NAME", name) });
        assert!(text.contains(found), "{}: {text}", language.name());
        compiles(language, &World { name: other.to_owned(), wit: wit.replace("NAME", other) });
    }
}

#[test]
fn what_differs_only_where_go_joins_names_compiles() {
    compiles(
        Language::Go,
        &World { name: "joined".to_owned(), wit: world::INTERFACES.replace("NAME", "name-get") },
    );
}

#[test]
fn functions_that_would_replace_those_of_libc_are_refused_in_rust() {
    for name in ["malloc", "free", "write", "sin", "realloc", "memcpy", "memory"] {
        let wit =
            format!("package a:b;\nworld w {{ export greet: func(); export {name}: func(n: u32) -> u32; }}");
        let found = refused(Language::Rust, &World { name: name.to_owned(), wit });
        assert!(found.starts_with(&format!("`export {name}`: ")), "{found}");
    }
}

macro_rules! worlds {
    ($($module:ident $language:ident: $($world:ident)*;)*) => {
        $(mod $module {
            use super::author::Language;
            $(#[test]
            fn $world() {
                super::compiles(Language::$language, &super::world::named(stringify!($world)));
            })*
        })*
    };
}

worlds! {
    c C: documentation interfaces roots types shapes resources;
    cpp Cpp: documentation interfaces roots types shapes resources;
    zig Zig: documentation interfaces roots types shapes resources;
    go Go: documentation interfaces roots types shapes resources;
}
