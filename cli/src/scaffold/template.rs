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

const ZIG: &[File] = &[];

const GO: &[File] = &[];

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
