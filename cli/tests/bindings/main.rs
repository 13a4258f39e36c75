//! Bindings of awkward worlds, made by every generator of this program and compiled by the real compilers.
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

fn build(directory: &Path) -> Result<(), String> {
    let manifest = manifest::read(directory).unwrap();
    builder::build(&manifest).map(drop).map_err(|problem| problem.to_string())
}

/// Builds a world in a language, and compares what the component exports with the WIT.
fn compiles(language: Language, name: &str) {
    let (bench, world) = (Bench::new(), world::named(name));
    let directory = plugin(&bench, language, &world);
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

#[test]
fn functions_that_would_replace_those_of_libc_are_refused_in_rust() {
    for name in ["malloc", "free", "write", "sin", "realloc", "memcpy", "memory"] {
        let wit =
            format!("package a:b;\nworld w {{ export greet: func(); export {name}: func(n: u32) -> u32; }}");
        let bench = Bench::new();
        let directory = plugin(&bench, Language::Rust, &World { name: "libc", wit });
        let problem = build(&directory).expect_err("a name is taken");
        assert!(problem.contains(&format!("`export {name}`: ")), "{problem}");
    }
}

macro_rules! worlds {
    ($($module:ident $language:ident: $($world:ident)*;)*) => {
        $(mod $module {
            use super::author::Language;
            $(#[test]
            fn $world() {
                super::compiles(Language::$language, stringify!($world));
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
