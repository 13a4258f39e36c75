//! Implements the tools, resources and prompts that the official MCP conformance suite uses, with the suite's names and
//! texts. `wit/world.wit` documents every function.

mod asking;
mod completion;
mod content;
mod form;
mod prompts;
mod resources;
mod tools;

wit_bindgen::generate!({ world: "conformance", path: "wit", generate_all });

/// Implements every exported interface, each in the module of its name.
struct Conformance;

export!(Conformance);
