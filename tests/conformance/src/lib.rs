//! What the official MCP conformance suite calls, reads and gets. The contract of every function is in
//! `wit/world.wit`; names and texts are the suite's.

mod asking;
mod completion;
mod content;
mod form;
mod prompts;
mod resources;
mod tools;

wit_bindgen::generate!({ world: "conformance", path: "wit", generate_all });

/// Has every exported interface; each is implemented in the module of its name.
struct Conformance;

export!(Conformance);
