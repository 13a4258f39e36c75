//! The files of new plugins, by language.

use super::With;
use crate::language::Language;

/// A file's path in the new plugin, and its text.
type File = (&'static str, &'static str);

/// Files by their path in the plugin. In the repository a leading dot is left out, and `.in` follows the names of
/// files that tools would take for their own: `file!(common, ".gitignore", "gitignore.in")`.
macro_rules! file {
    ($folder:literal, $path:literal) => {
        file!($folder, $path, $path)
    };
    ($folder:literal, $path:literal, $source:literal) => {
        ($path, include_str!(concat!("../../../templates/", $folder, "/", $source)))
    };
}

/// A file of WASI's WIT, which a plugin has a copy of.
macro_rules! wasi {
    ($path:literal) => {
        (concat!("wit/deps/", $path), include_str!(concat!("../../../../wit-wasi/", $path)))
    };
}

const COMMON: &[File] = &[
    file!("common", ".gitignore", "gitignore.in"),
    file!("common", "toolcell.toml", "toolcell.toml.in"),
    file!("common", "wit/world.wit"),
    file!("common", "cases/equal-shares.json"),
    file!("common", "cases/no-guests.json"),
    file!("common", "cases/too-large.json"),
];

const RUST: &[File] = &[
    file!("rust", "Cargo.toml", "Cargo.toml.in"),
    file!("rust", "Cargo.lock", "Cargo.lock.in"),
    file!("rust", "README.md"),
    file!("rust", "plugin.toml", "plugin.toml.in"),
    file!("rust", "src/lib.rs"),
];

const C: &[File] = &[
    file!("c", "README.md"),
    file!("c", "plugin.toml", "plugin.toml.in"),
    file!("c", "src/plugin.c"),
    file!("c", "tests/plugin_test.c"),
    file!("c", "Makefile"),
    file!("c", "compile_flags.txt"),
    file!("c", ".clang-format", "clang-format.in"),
];

const CPP: &[File] = &[
    file!("cpp", "README.md"),
    file!("cpp", "plugin.toml", "plugin.toml.in"),
    file!("cpp", "src/plugin.cpp"),
    file!("cpp", "tests/plugin_test.cpp"),
    file!("cpp", "Makefile"),
    file!("cpp", "compile_flags.txt"),
    file!("c", ".clang-format", "clang-format.in"),
];

const ZIG: &[File] = &[
    file!("zig", "README.md"),
    file!("zig", "plugin.toml", "plugin.toml.in"),
    file!("zig", "src/main.zig"),
    file!("zig", "build.zig"),
];

const GO: &[File] = &[
    file!("go", "README.md"),
    file!("go", "plugin.toml", "plugin.toml.in"),
    file!("go", "go.mod", "go.mod.in"),
    file!("go", "tools/tools.go"),
    file!("go", "tools/tools_test.go"),
];

const JAVASCRIPT: &[File] = &[
    file!("js", "README.md"),
    file!("js", "package.json", "package.json.in"),
    file!("js", "package-lock.json", "package-lock.json.in"),
    file!("js", "plugin.toml", "plugin.toml.in"),
    file!("js", "jsconfig.json", "jsconfig.json.in"),
    file!("js", "src/app.js"),
    file!("js", "test/app.test.js"),
];

const TYPESCRIPT: &[File] = &[
    file!("ts", "README.md"),
    file!("ts", "package.json", "package.json.in"),
    file!("ts", "package-lock.json", "package-lock.json.in"),
    file!("ts", "plugin.toml", "plugin.toml.in"),
    file!("ts", "tsconfig.json", "tsconfig.json.in"),
    file!("ts", "src/app.ts"),
    file!("ts", "test/app.test.ts"),
];

const PYTHON: &[File] = &[
    file!("python", "README.md"),
    file!("python", "app.py"),
    file!("python", "plugin.toml", "plugin.toml.in"),
    file!("python", "pyproject.toml", "pyproject.toml.in"),
    file!("python", "requirements.txt"),
    file!("python", "test_app.py"),
];

const COMMON_HTTP: &[File] = &[
    file!("common", ".gitignore", "gitignore.in"),
    file!("http/common", "toolcell.toml", "toolcell.toml.in"),
    file!("http/common", "wit/world.wit"),
    wasi!("clocks/clocks.wit"),
    wasi!("http/http.wit"),
    wasi!("io/io.wit"),
    file!("http/common", "cases/page.json"),
    file!("http/common", "cases/no-such-page.json"),
    file!("http/common", "cases/no-answer.json"),
];

const RUST_HTTP: &[File] = &[
    file!("rust", "Cargo.toml", "Cargo.toml.in"),
    file!("rust", "Cargo.lock", "Cargo.lock.in"),
    file!("http/rust", "README.md"),
    file!("http/rust", "plugin.toml", "plugin.toml.in"),
    file!("http/rust", "src/lib.rs"),
];

const C_HTTP: &[File] = &[
    file!("http/c", "README.md"),
    file!("http/c", "plugin.toml", "plugin.toml.in"),
    file!("http/c", "src/plugin.c"),
    file!("c", "compile_flags.txt"),
    file!("c", ".clang-format", "clang-format.in"),
];

const ZIG_HTTP: &[File] = &[
    file!("http/zig", "README.md"),
    file!("http/zig", "plugin.toml", "plugin.toml.in"),
    file!("http/zig", "src/main.zig"),
];

const GO_HTTP: &[File] = &[
    file!("http/go", "README.md"),
    file!("http/go", "plugin.toml", "plugin.toml.in"),
    file!("go", "go.mod", "go.mod.in"),
    file!("http/go", "tools/tools.go"),
];

const JAVASCRIPT_HTTP: &[File] = &[
    file!("http/js", "README.md"),
    file!("http/js", "package.json", "package.json.in"),
    file!("http/js", "package-lock.json", "package-lock.json.in"),
    file!("http/js", "plugin.toml", "plugin.toml.in"),
    file!("http/js", "jsconfig.json", "jsconfig.json.in"),
    file!("http/js", "src/app.js"),
];

const PYTHON_HTTP: &[File] = &[
    file!("http/python", "README.md"),
    file!("http/python", "app.py"),
    file!("http/python", "plugin.toml", "plugin.toml.in"),
    file!("python", "pyproject.toml", "pyproject.toml.in"),
    file!("python", "requirements.txt"),
];

/// Every file of a new plugin; `None` if there is no such plugin in the language.
pub(super) fn files(language: Language, with: Option<With>) -> Option<impl Iterator<Item = File>> {
    let (common, own) = match with {
        None => (COMMON, plain(language)),
        Some(With::Http) => (COMMON_HTTP, with_http(language)?),
    };
    Some(common.iter().chain(own).copied())
}

fn with_http(language: Language) -> Option<&'static [File]> {
    match language {
        Language::Rust => Some(RUST_HTTP),
        Language::C => Some(C_HTTP),
        Language::Zig => Some(ZIG_HTTP),
        Language::Go => Some(GO_HTTP),
        Language::JavaScript => Some(JAVASCRIPT_HTTP),
        Language::Python => Some(PYTHON_HTTP),
        Language::Cpp | Language::TypeScript => None,
    }
}

fn plain(language: Language) -> &'static [File] {
    match language {
        Language::Rust => RUST,
        Language::C => C,
        Language::Cpp => CPP,
        Language::Zig => ZIG,
        Language::Go => GO,
        Language::JavaScript => JAVASCRIPT,
        Language::TypeScript => TYPESCRIPT,
        Language::Python => PYTHON,
    }
}
