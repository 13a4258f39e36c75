//! Reads what continues an earlier request: the client's answers and the state token.

use bytes::Bytes;
use serde_json::value::RawValue;

use super::entry::{Entries, member};
use super::fault::{Expected, Fault};
use super::json;
use super::message::Params;
use super::revision::Revision;

/// Maximum number of answers in a request: twice what one round can ask.
pub const MAX_RESPONSES: usize = 32;

/// Maximum size of a `requestState`, in bytes: 64 KiB of state, sealed and in base64, with a margin.
pub const MAX_STATE_BYTES: usize = 128 * 1024;

/// Answers to questions of an earlier round, and where that round left off; neither in a first round.
///
/// Written by the client, all of it: a state is worth nothing before its seal is checked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Input {
    /// `inputResponses`: JSON text of an object, part of the body. Its at most [`MAX_RESPONSES`] members
    /// are objects and have different names; what they hold is unchecked.
    pub responses: Option<Bytes>,
    /// `requestState`, at most [`MAX_STATE_BYTES`] long.
    pub state: Option<String>,
}

impl Input {
    /// Reads what only revisions have that can ask; the others ignore it.
    ///
    /// # Errors
    /// [`Fault::Params`] for answers or a state that are none or too many, [`Fault::Shape`] for two answers of
    /// one name.
    pub(super) fn read(params: &Params<'_>, revision: Revision, body: &Bytes) -> Result<Input, Fault> {
        if !revision.can_ask() {
            return Ok(Input::default());
        }
        Ok(Input {
            responses: params.input_responses.map(|raw| responses(raw, body)).transpose()?,
            state: params.request_state.map(state).transpose()?,
        })
    }
}

fn responses(raw: &RawValue, body: &Bytes) -> Result<Bytes, Fault> {
    const PATH: &str = "params.inputResponses";
    let entries = Entries::read(raw, PATH)?;
    if entries.len() > MAX_RESPONSES {
        let found = entries.len().to_string();
        return Err(Fault::unfit(PATH, Expected::Members { most: MAX_RESPONSES }, &found));
    }
    match entries.iter().find(|(_, response)| !json::is_object(response)) {
        Some((name, response)) => {
            Err(Fault::unfit(&member(PATH, name), Expected::Object, json::kind(response)))
        }
        None => Ok(body.slice_ref(raw.get().as_bytes())),
    }
}

fn state(raw: &RawValue) -> Result<String, Fault> {
    const PATH: &str = "params.requestState";
    let state = json::required_text(Some(raw), PATH)?;
    if state.len() > MAX_STATE_BYTES {
        let found = state.len().to_string();
        return Err(Fault::unfit(PATH, Expected::Bytes { most: MAX_STATE_BYTES }, &found));
    }
    Ok(state.into_owned())
}
