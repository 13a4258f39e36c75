//! The languages that `toolcell new` and `toolcell build` know, and the programs that build plugins in them.
//!
//! [`need`] lists what a language needs, [`program`] finds it on this machine, [`build_tool`] knows the tested version of
//! each program and how to get it, and [`version`] compares versions.

pub mod build_tool;
pub mod need;
pub mod program;
pub mod version;

use crate::ui::closest::closest;

/// A language that plugins are written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, clap::ValueEnum)]
pub enum Language {
    /// Rust, built by cargo.
    Rust,
    /// C, compiled by zig.
    C,
    /// C++, compiled by zig.
    Cpp,
    /// Zig.
    Zig,
    /// Go, the standard compiler.
    Go,
    /// JavaScript, run by QuickJS or StarlingMonkey inside the component.
    #[value(name = "js")]
    JavaScript,
    /// TypeScript, bundled to JavaScript.
    #[value(name = "ts")]
    TypeScript,
    /// Python, run by CPython inside the component.
    Python,
}

impl Language {
    /// Every language, in the order in which they are listed.
    pub const ALL: [Language; 8] = [
        Self::Rust,
        Self::C,
        Self::Cpp,
        Self::Zig,
        Self::Go,
        Self::JavaScript,
        Self::TypeScript,
        Self::Python,
    ];

    /// Its name in `plugin.toml` and on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Rust => "rust",
            Self::C => "c",
            Self::Cpp => "cpp",
            Self::Zig => "zig",
            Self::Go => "go",
            Self::JavaScript => "js",
            Self::TypeScript => "ts",
            Self::Python => "python",
        }
    }

    /// Its name for people.
    pub fn title(self) -> &'static str {
        match self {
            Self::Rust => "Rust",
            Self::C => "C",
            Self::Cpp => "C++",
            Self::Zig => "Zig",
            Self::Go => "Go",
            Self::JavaScript => "JavaScript",
            Self::TypeScript => "TypeScript",
            Self::Python => "Python",
        }
    }

    /// The language of a name.
    ///
    /// # Errors
    /// No language is called that; the one that was meant, if any comes near.
    pub fn of(name: &str) -> Result<Self, Option<&'static str>> {
        let all = || Self::ALL.into_iter();
        let found = all().find(|language| language.name() == name);
        found.ok_or_else(|| closest(name, all().map(Self::name)))
    }
}
