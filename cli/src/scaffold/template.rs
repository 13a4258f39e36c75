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
        ($path, include_str!(concat!("../../templates/", $folder, "/", $source)))
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

const RUST: &[File] = &[];

const C: &[File] = &[];

const CPP: &[File] = &[];

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

const JAVASCRIPT: &[File] = &[];

const TYPESCRIPT: &[File] = &[];

const PYTHON: &[File] = &[];

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
