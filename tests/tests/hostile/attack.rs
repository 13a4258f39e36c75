//! Runs attacks of components beside the neighbour, and compares what their clients see.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};
use toolcell_tests::{Called, Client, Revision, fixture};

use crate::scene::{self, Scene};

/// The deadline of a call that does not end by itself, in milliseconds.
const SHORT_DEADLINE_MS: u64 = 300;

/// What the client of an endless call sees.
pub(crate) const OVERDUE: &str = "the tool did not finish within 300 ms";

/// A component that attacks, and what its client sees.
#[derive(Clone, Debug)]
pub(crate) struct Attack {
    name: String,
    component: String,
    arguments: Value,
    seen: Seen,
    limits: String,
}

/// What the client of an attack sees.
#[derive(Clone, Debug)]
pub(crate) enum Seen {
    /// A failure with this text.
    Failure(&'static str),
    /// A result with this structured content.
    Result(Value),
}

/// Makes an attack that never ends by itself.
pub(crate) fn endless(name: &str, component: impl Fn(&str) -> String) -> Attack {
    attack(name, component, OVERDUE).within(&format!("deadline = \"{SHORT_DEADLINE_MS} ms\""))
}

/// Makes an attack that fails with `text`.
pub(crate) fn attack(name: &str, component: impl Fn(&str) -> String, text: &'static str) -> Attack {
    Attack {
        name: name.to_owned(),
        component: component(name),
        arguments: json!({}),
        seen: Seen::Failure(text),
        limits: "deadline = \"60 s\"".to_owned(),
    }
}

/// Makes an attack that comes to nothing: its client receives a number.
pub(crate) fn harmless(name: &str, component: impl Fn(&str) -> String, number: u32) -> Attack {
    let result = json!({ "result": number });
    Attack { seen: Seen::Result(result), ..attack(name, component, "") }
}

impl Attack {
    /// Passes arguments.
    pub(crate) fn with(self, arguments: Value) -> Self {
        Self { arguments, ..self }
    }

    /// Adds a limit, as a line of the configuration; the deadline replaces the ordinary one.
    pub(crate) fn within(mut self, limit: &str) -> Self {
        if limit.starts_with("deadline") {
            self.limits.clear();
        }
        self.limits = format!("{}\n{limit}", self.limits);
        self
    }

    /// Returns the lines of a `toolcell.toml` with this component.
    pub(crate) fn config(&self, directory: &Path) -> String {
        let Self { name, component, limits, .. } = self;
        let bytes = wat::parse_str(component).unwrap_or_else(|error| panic!("{name}: {error}\n{component}"));
        let path = directory.join(format!("{name}.wasm"));
        fs::write(&path, bytes).expect("a component can be written");
        format!("{}[plugins.{name}.limits]\n{limits}\n", fixture::plugin(name, &path))
    }

    /// Lets the attack run.
    ///
    /// # Errors
    /// Its client sees anything else than expected.
    pub(crate) fn run(&self, client: &Client) -> Result<(), String> {
        let called = client.call(&self.name.replace('-', "_"), &self.arguments);
        self.judge(&called).map_or(Ok(()), Err)
    }

    /// Returns what is wrong with the client's side of a call.
    fn judge(&self, called: &Called) -> Option<String> {
        let text = called.text.clone().unwrap_or_default();
        if scene::tells_internals(&text) {
            return Some(format!("it tells internals: {text}"));
        }
        let right = match &self.seen {
            Seen::Failure(expected) => called.is_error && text == *expected,
            Seen::Result(expected) => !called.is_error && called.structured.as_ref() == Some(expected),
        };
        (!right).then(|| format!("expected {:?}, found {called:?}", self.seen))
    }
}

/// Serves the neighbour and every attack, and lets each attack run in the newest revision of each era.
///
/// # Panics
/// Panics if a client of an attack sees anything else than expected, or the neighbour suffers.
pub(crate) fn run(area: &str, attacks: &[Attack]) {
    let directory = tempfile::tempdir().expect("a directory for components");
    let config: String = attacks.iter().map(|attack| attack.config(directory.path())).collect();
    let mut scene = Scene::start(&config);
    for attack in attacks {
        scene.attack(&attack.name, |server| {
            let clients = Revision::ERAS.map(|revision| server.client(revision));
            clients.iter().try_for_each(|client| attack.run(client))
        });
    }
    scene.end(area);
}
