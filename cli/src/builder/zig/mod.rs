//! Zig: modules of its own for the WIT's types and for the exports; the compiler makes the rest.
//!
//! ```text
//! exports.zig ──> plugin (the author's src/main.zig) ──> wit.zig ──> abi.zig
//! ```

mod exports;
mod import;
mod name;
mod spelling;
mod types;
mod wit;
mod world_names;

use std::path::{Path, PathBuf};

use super::job::Job;
use super::{bindings, encode, source_files};
use crate::language::build_tool::ZIG;
use crate::ui::problem::{Problem, Result};

/// Lifts and lowers values; the same for every plugin.
const ABI: &str = include_str!("abi.zig");

/// Returns the layout of types in the ABI.
const LAYOUT: &str = include_str!("layout.zig");

/// The file that the author's source starts with, unless `[build]` names another.
const ENTRY: &str = "src/main.zig";

/// Default compiler flags; the flags of `[build]` come later and override them. With safety checks, an overflow or an
/// index out of bounds ends the call instead of giving a wrong result.
const MODE: [&str; 2] = ["-OReleaseSafe", "-fstrip"];

/// The stack: as large as Rust's, where zig's 16 MiB would count in full against a call's memory. It lies below the
/// data, so a recursion without end is a trap.
const STACK: [&str; 2] = ["--stack", "1048576"];

/// Builds the plugin.
///
/// # Errors
/// zig is missing, the WIT has something that there are no bindings for, or the build fails.
pub(super) fn build(job: &Job<'_>) -> Result<()> {
    let bindings = generate(job)?;
    let module = compile(job, &bindings)?;
    job.finish(&encode::typed(job, module)?)
}

/// Writes the files, and returns their directory.
fn generate(job: &Job<'_>) -> Result<PathBuf> {
    let (resolve, world) = job.world()?;
    let names = world_names::WorldNames::new(&resolve, world);
    let refused = |found| bindings::unsupported(job, found);
    let wit = wit::text(&names).map_err(refused)?;
    let exports = exports::text(&names).map_err(refused)?;
    let files = [("abi.zig", ABI), ("layout.zig", LAYOUT), ("wit.zig", &wit), ("exports.zig", &exports)];
    bindings::write(job, files.map(|(name, text)| (name, text.as_bytes())))
}

/// Compiles everything to a core module.
fn compile(job: &Job<'_>, bindings: &Path) -> Result<Vec<u8>> {
    let zig = job.tool(&ZIG)?;
    let module = job.scratch.join("module.wasm");
    let entry = PathBuf::from(job.config.entry.as_deref().unwrap_or(ENTRY));
    let libraries = libraries(job)?;
    let mut own = vec!["wit".to_owned()];
    own.extend(libraries.iter().map(|(name, _)| name.clone()));
    let mut command = zig.command(&job.directory);
    command.args(["build-exe", "-target", "wasm32-wasi", "-mexec-model=reactor", "-fno-entry", "-rdynamic"]);
    command.args(STACK).args(MODE).args(&job.config.flags);
    let exports = ["plugin".to_owned(), "wit".to_owned()];
    command.args(zig_module("exports", &bindings.join("exports.zig"), &exports));
    command.args(zig_module("plugin", &entry, &own));
    command.args(zig_module("wit", &bindings.join("wit.zig"), &[]));
    for (name, file) in &libraries {
        command.args(zig_module(name, file, &own));
    }
    let built = job.run(command.arg(format!("-femit-bin={}", module.display())));
    built.map_err(|problem| doubting(problem, &zig.version))?;
    job.read(&module)
}

/// Says of a version that was not tested that it may be the cause: Zig changes from one to the next.
fn doubting(problem: Problem, version: &str) -> Problem {
    if version == ZIG.tested {
        return problem;
    }
    problem.next(format!(
        "correct the source, or change the compiler (the bindings are for zig {}; this is {version}): {}",
        ZIG.tested, ZIG.get
    ))
}

/// Modules that the author's source imports by name: `[build]`'s sources, each named after its file.
fn libraries(job: &Job<'_>) -> Result<Vec<(String, PathBuf)>> {
    let files = source_files::files(job, &[])?;
    let named = files.into_iter().map(|file| {
        let name = file.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        (name, file)
    });
    Ok(named.collect())
}

/// Returns the compiler arguments for a module and its imports.
fn zig_module(name: &str, file: &Path, imported: &[String]) -> Vec<String> {
    let others = imported.iter().filter(|other| *other != name);
    let mut arguments: Vec<String> = others.flat_map(|other| ["--dep".to_owned(), other.clone()]).collect();
    arguments.push(format!("-M{name}={}", file.display()));
    arguments
}

#[cfg(test)]
mod tests {
    use wit_parser::Resolve;

    use super::*;

    fn generated(wit: &str) -> std::result::Result<(String, String), String> {
        let mut resolve = Resolve::default();
        let package = resolve.push_str("world.wit", wit).unwrap();
        let world = resolve.select_world(&[package], None).unwrap();
        let names = world_names::WorldNames::new(&resolve, world);
        Ok((wit::text(&names)?, exports::text(&names)?))
    }

    #[test]
    fn types_are_those_that_an_author_would_write() {
        let wit = "
            package example:shop@0.1.0;
            interface tools {
              /// Something to buy.
              record item {
                /// Its name.
                name: string,
                %error: option<u8>,
              }
              variant problem { sold-out, too-many(u32) }
              enum color { red, light-green }
              flags marks { new, used }
              type items = list<item>;
              buy: func(items: items) -> result<tuple<char, f32>, problem>;
            }
            world plugin { export tools; }
        ";
        let (types, exports) = generated(wit).unwrap();
        let expected = "pub const tools = struct {
    /// Something to buy.
    pub const Item = struct {
        /// Its name.
        name: []const u8,
        @\"error\": ?u8 = null,
    };

    pub const Problem = union(enum) {
        sold_out,
        too_many: u32,
    };

    pub const Color = enum {
        red,
        light_green,
    };

    pub const Marks = packed struct(u2) {
        new: bool = false,
        used: bool = false,
    };

    pub const Items = []const _wit.tools.Item;
};
";
        assert!(types.ends_with(expected), "{types}");
        let call =
            "_abi.call(_wit.Result(struct { u21, f32 }, _wit.tools.Problem), plugin.tools.buy, arguments)";
        assert!(exports.contains(call), "{exports}");
    }

    #[test]
    fn a_version_that_was_not_tested_is_named_when_a_build_fails() {
        let problem = Problem::refused("bill", "zig failed to build the plugin").next("correct the source");
        assert_eq!(doubting(problem.clone(), ZIG.tested), problem);
        assert!(doubting(problem, "0.15.2").next.contains("this is 0.15.2"));
    }

    #[test]
    fn a_parameter_is_not_called_like_a_function() {
        let wit = "
            package example:shop@0.1.0;
            interface log { %type: func(%type: u8, %error: u8, log: u8, n: u8); }
            world plugin { import log; }
        ";
        let (types, _) = generated(wit).unwrap();
        let declared = "pub fn @\"type\"(type_: u8, @\"error\": u8, log_: u8, n: u8) void {";
        assert!(types.contains(declared), "{types}");
    }

    #[test]
    fn interfaces_of_one_name_are_told_apart() {
        let wit = "
            package example:shop@0.1.0;
            interface abi { get: func(wit: u8) -> u8; }
            interface inner { get: func(get: u8, inner: u8) -> u8; }
            world plugin {
              import abi;
              import inner;
              import ask: func() -> u8;
              import other:ask/ask;
              export inner: interface { get: func() -> u8; }
            }
            package other:ask { interface ask { get: func() -> u8; } }
        ";
        let (types, exports) = generated(wit).unwrap();
        assert!(types.contains("pub const abi = struct {"), "{types}");
        assert!(types.contains("pub fn get(wit: u8) u8 {"), "{types}");
        assert!(types.contains("pub const inner = struct {"), "{types}");
        assert!(types.contains("pub fn get(get_: u8, inner__: u8) u8 {"), "{types}");
        assert!(types.contains("pub const other_ask_ask = struct {"), "{types}");
        assert!(exports.contains("plugin.inner_.get"), "{exports}");
    }

    #[test]
    fn what_zig_has_no_bindings_for_is_named() {
        for (declared, named) in [
            ("resource r; get: func() -> r;", "resource r"),
            ("get: async func();", "function"),
            ("get: func() -> stream<u8>;", "a stream"),
            ("get: func() -> future;", "a future"),
        ] {
            let wit = format!(
                "package example:shop@0.1.0; interface tools {{ {declared} }} world plugin {{ export tools; }}"
            );
            let unsupported = generated(&wit).unwrap_err();
            assert!(unsupported.contains(named), "{unsupported}");
        }
    }
}
