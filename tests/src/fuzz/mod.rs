//! Holds what the targets of `fuzz/` check: for each target a function that takes any bytes and panics if a promise does
//! not hold.
//!
//! `tests/tests/fuzz.rs` hands inputs of libFuzzer to the functions. `tests/tests/corpus.rs` runs them over the corpus in
//! every `make test`.
//!
//! ```text
//! tests/tests/fuzz.rs   ─┐
//!                        ├─> target ─> the public functions of the host and of the command
//! tests/tests/corpus.rs ─┘
//! ```

mod catalog;
mod choices;
mod component;
mod configuration;
mod echo;
mod event;
mod json;
mod ladder;
mod lambda;
mod release;
mod request;
mod section;
mod state;
mod validator;
mod wit_type;
mod wit_value;

use toolcell_cli::ui::problem::{Problem, ProblemKind};

pub use catalog::catalog;
pub use component::component;
pub use configuration::{config, manifest};
pub use echo::echo;
pub use event::event;
pub use json::json;
pub use ladder::ladder;
pub use release::release;
pub use request::request;
pub use section::section;
pub use state::state;

/// Something that takes bytes from outside.
#[derive(Clone, Copy, Debug)]
pub struct Target {
    /// Its name, and that of its folder in the corpus.
    pub name: &'static str,
    /// Checks one input.
    pub check: fn(&[u8]),
    /// Changed copies of each file of the corpus that `make test` tries.
    pub mutations: usize,
}

/// Every target.
pub const TARGETS: [Target; 12] = [
    Target { name: "request", check: request, mutations: 1_000 },
    Target { name: "ladder", check: ladder, mutations: 2_000 },
    Target { name: "event", check: event, mutations: 500 },
    Target { name: "json", check: json, mutations: 500 },
    Target { name: "echo", check: echo, mutations: 40 },
    Target { name: "catalog", check: catalog, mutations: 500 },
    Target { name: "section", check: section, mutations: 500 },
    Target { name: "state", check: state, mutations: 1_000 },
    Target { name: "component", check: component, mutations: 500 },
    Target { name: "manifest", check: manifest, mutations: 1_000 },
    Target { name: "config", check: config, mutations: 1_000 },
    Target { name: "release", check: release, mutations: 200 },
];

/// Checks that a refusal by the command says everything that its reader needs.
fn assert_clear(problem: &Problem) {
    assert_eq!(problem.kind, ProblemKind::Refused, "{problem}");
    let parts = [&problem.at, &problem.wrong, &problem.found, &problem.expected, &problem.next];
    assert!(parts.iter().all(|part| !part.trim().is_empty()), "something is not said: {problem:?}");
}
