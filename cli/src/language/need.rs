//! Lists what must be installed to build plugins in a language.

use super::Language;
use super::build_tool::{BuildTool, CARGO, GO, NODE, NPM, PYTHON, RUSTC, ZIG};

/// Something that a language needs.
#[derive(Clone, Copy, Debug)]
pub enum Need {
    /// A program, of this version or a later one.
    Program(&'static BuildTool, &'static str),
    /// Something that does not come with its program everywhere.
    Addition(&'static Addition),
}

/// A part of a program's installation.
#[derive(Debug)]
pub struct Addition {
    /// Its name for people.
    pub title: &'static str,
    /// The program that it belongs to.
    pub of: &'static BuildTool,
    /// The arguments with which the program succeeds if the part is installed; a path that it prints must exist.
    pub probe: &'static [&'static str],
    /// How to install it, in one line.
    pub get: &'static str,
}

/// The standard library for components.
static WASI_TARGET: Addition = Addition {
    title: "wasm32-wasip2",
    of: &RUSTC,
    probe: &["--print", "target-libdir", "--target", "wasm32-wasip2"],
    get: "run `rustup target add wasm32-wasip2`",
};

/// The program that creates environments for packages.
static VENV: Addition = Addition {
    title: "venv",
    of: &PYTHON,
    probe: &["-c", "import ensurepip, venv"],
    get: "install Python's venv module; Debian has it as `apt install python3-venv`",
};

/// Everything that `language` needs beside what `toolcell build` installs for a project.
pub fn needs(language: Language) -> &'static [Need] {
    const RUST: &[Need] = &[Need::Program(&CARGO, "1.85"), Need::Addition(&WASI_TARGET)];
    const NATIVE: &[Need] = &[Need::Program(&ZIG, "0.17")];
    const GOLANG: &[Need] = &[Need::Program(&GO, "1.24")];
    const SCRIPT: &[Need] = &[Need::Program(&NODE, "20"), Need::Program(&NPM, "7")];
    const PYTHONIC: &[Need] = &[Need::Program(&PYTHON, "3.11"), Need::Addition(&VENV)];
    match language {
        Language::Rust => RUST,
        Language::C | Language::Cpp | Language::Zig => NATIVE,
        Language::Go => GOLANG,
        Language::JavaScript | Language::TypeScript => SCRIPT,
        Language::Python => PYTHONIC,
    }
}
