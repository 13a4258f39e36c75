//! Writes the smallest plugin for bindings: each exported function returns 7, and all that is imported is used.
//!
//! Names are taken from the bindings, so that only the bindings decide how a name of WIT is spelled.

mod c;
mod cpp;
mod go;
mod zig;

use std::fs;
use std::path::Path;

/// A language whose bindings this program makes, or whose build it starts.
#[derive(Clone, Copy)]
pub(crate) enum Language {
    Rust,
    C,
    Cpp,
    Zig,
    Go,
}

impl Language {
    /// The name in `plugin.toml`.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Rust => "rust",
            Self::C => "c",
            Self::Cpp => "cpp",
            Self::Zig => "zig",
            Self::Go => "go",
        }
    }

    /// Files that a build needs before it makes bindings.
    pub(crate) fn project(self) -> &'static [(&'static str, &'static str)] {
        match self {
            Self::Go => &[("go.mod", go::MODULE)],
            Self::Rust | Self::C | Self::Cpp | Self::Zig => &[],
        }
    }

    /// The plugin's source files, by their paths.
    pub(crate) fn author(self, bindings: &Path) -> Vec<(String, String)> {
        match self {
            Self::Rust => panic!("the bindings of Rust are a macro's"),
            Self::C => c::author(bindings),
            Self::Cpp => cpp::author(bindings),
            Self::Zig => zig::author(bindings),
            Self::Go => go::author(bindings),
        }
    }
}

fn read(file: &Path) -> String {
    fs::read_to_string(file).unwrap_or_else(|error| panic!("{}: {error}", file.display()))
}

/// The name and the text of the only file of the bindings with an ending.
fn header(bindings: &Path, ending: &str) -> (String, String) {
    let names =
        fs::read_dir(bindings).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut headers = names.filter(|name| name.ends_with(ending));
    let (name, other) = (headers.next().unwrap(), headers.next());
    assert_eq!(other, None, "beside {name}");
    let text = read(&bindings.join(&name));
    (name, text)
}

/// The name in front of a parenthesis: `f` of `uint32_t f(uint32_t x)`.
fn called(declaration: &str) -> Option<&str> {
    let (head, _) = declaration.split_once('(')?;
    head.rsplit([' ', '*']).next().filter(|name| !name.is_empty())
}
