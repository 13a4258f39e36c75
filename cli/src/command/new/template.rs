//! The files of new plugins, by language.

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

/// Every file of a new plugin.
pub(super) fn files(language: Language) -> impl Iterator<Item = File> {
    let own = match language {
        Language::Rust => RUST,
        Language::C => C,
        Language::Cpp => CPP,
        Language::Zig => ZIG,
        Language::Go => GO,
        Language::JavaScript => JAVASCRIPT,
        Language::TypeScript => TYPESCRIPT,
        Language::Python => PYTHON,
    };
    COMMON.iter().chain(own).copied()
}
