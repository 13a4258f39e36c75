//! Publishes release notes, after asking. The contract of every function is in `wit/world.wit`.

mod notes;
mod question;

wit_bindgen::generate!({ world: "release", path: "wit", generate_all });

use exports::samples::release::tools::{Guest, Outcome};
use notes::{Folder, Plan};
use question::Choice;
use toolcell::plugin::call::{self, Questions};
use toolcell::plugin::{ask, memo};

/// The guest path of the granted directory, as requested in `plugin.toml`.
const GRANTED: &str = "/notes";

struct Release;

impl Guest for Release {
    fn list_notes() -> Result<Vec<String>, String> {
        Folder::new(GRANTED).pending().map_err(|cause| cause.kind().to_string())
    }

    /// Everything before `question::ask` runs once in each round; `Folder::publish` only in the last one, and a round
    /// that a client sends twice has the same key.
    fn publish_notes(version: String, confirm: Option<bool>) -> Result<Outcome, String> {
        let folder = Folder::new(GRANTED);
        let key = call::idempotency_key();
        let candidates = candidates(&folder)?;
        if candidates.is_empty() {
            return Ok(Outcome::NothingToPublish);
        }
        let choice = match confirm {
            Some(true) => Choice::Publish(candidates),
            Some(false) => Choice::Declined,
            None if !call::can_ask().contains(Questions::FORM) => {
                return Ok(Outcome::NeedsConfirmation(candidates));
            }
            None => question::choice(&ask::form(
                "publish",
                &format!("Publish these notes as {version}?"),
                &question::fields(&candidates),
            )),
        };
        match choice {
            Choice::Publish(notes) => folder.publish(&key, &Plan { version, notes }).map(Outcome::Published),
            Choice::Declined => Ok(Outcome::Declined),
            Choice::Cancelled => Ok(Outcome::Cancelled),
        }
    }
}

/// The notes that the user chooses from: in every round those that were there in the first, or the question would be
/// another one, and asked again.
fn candidates(folder: &Folder) -> Result<Vec<String>, String> {
    if let Some(names) = memo::get("candidates") {
        return Ok(names.lines().map(str::to_owned).collect());
    }
    let names = folder.pending().map_err(|cause| cause.kind().to_string())?;
    memo::set("candidates", &names.join("\n"));
    Ok(names)
}

export!(Release);
