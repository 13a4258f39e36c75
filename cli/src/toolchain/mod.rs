//! Finds the programs that build plugins, says which versions they are, and how to get what is missing.
//!
//! A program that the project installed for itself (`node_modules/.bin`, `.venv/bin`, here or in a directory
//! above) comes before one of `PATH`, as npm and virtual environments have it.

mod need;
mod program;
mod tool;
pub mod version;

pub use need::{Addition, Need, needs};
pub use program::{Program, find};
pub use tool::{CARGO, COMPONENTIZE_PY, GO, NODE, NPM, PYTHON, RUSTC, Tool, ZIG};
