//! Carries a call that asks its user through its rounds: what earlier rounds left, and what this one adds.
//!
//! The server keeps nothing between requests: a question without an answer ends the call, and the client's next
//! request runs it again from the start (docs/adr/0019). A [`CallState`] travels in between, sealed by the service.
//! Pure: no I/O, no clock; the questions themselves are only keys and digests here.

mod call_state;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use serde_json::value::RawValue;

use crate::digest::Digest;

pub use call_state::{CallState, CallStateError, Fingerprint};

/// Most rounds of one call that may end in questions.
pub const MAX_ROUNDS: u8 = 8;

/// Most questions of one round.
pub const MAX_QUESTIONS: usize = 16;

/// Longest time from a call's first request to its last one, in milliseconds.
pub const MAX_AGE_MS: u64 = 60 * 60 * 1000;

/// Greatest difference between the clocks of two instances that is overlooked, in milliseconds.
pub const MAX_SKEW_MS: u64 = 60 * 1000;

/// Most bytes of a call's state: memos, questions and answers together.
pub const MAX_CALL_STATE_BYTES: usize = 64 << 10;

/// What a member of a JSON object takes beside its name and value: quotes, colon and comma.
const MEMBER_BYTES: usize = 4;

/// Answers to questions by their keys, as the client sent them.
pub type Responses = BTreeMap<String, Box<RawValue>>;

/// Randomness and time of a call that must come out the same whenever it runs, as in a plugin's tests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Replay {
    /// The seed of its randomness.
    pub seed: [u8; 32],
    /// Returns the time that every round sees, in milliseconds since 1970.
    pub now_ms: u64,
}

/// The rounds of one call as the current one sees them; made for one round, and dropped with it.
#[derive(Debug)]
pub struct Rounds {
    state: CallState,
    responses: Responses,
    /// The beginning of this round, in milliseconds since 1970.
    now_ms: u64,
    /// The questions of this round.
    asked: Vec<(String, String)>,
    /// What they take in the answer, in bytes.
    asked_bytes: usize,
    /// Events that the guest has told so far.
    told: u32,
    /// True if randomness and wall clock come from the state, even for a plugin that never asks.
    is_replayed: bool,
}

/// The questions that a round ends in.
#[derive(Clone, Debug)]
pub struct PendingQuestions {
    /// JSON of MCP's `InputRequests`.
    pub requests: String,
    /// The state that the next round starts from.
    pub state: CallState,
}

/// Names the reason why a call may not ask.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AskError {
    /// It was the ninth round.
    #[error("it asked in more than {MAX_ROUNDS} rounds")]
    Rounds,
    /// Too many at a time.
    #[error("it asked more than {MAX_QUESTIONS} questions at a time")]
    Questions,
    /// Two questions of a round have one key.
    #[error("it asked two questions with one key")]
    SameKey,
    /// The questions are too long.
    #[error("its questions take more than {limit_bytes} bytes, which is its limit `output`")]
    Bytes {
        /// The limit.
        limit_bytes: usize,
    },
    /// The state is too large.
    #[error("its memos, questions and answers take more than {MAX_CALL_STATE_BYTES} bytes")]
    Size,
}

/// An answer, and when it came.
#[derive(Clone, Debug)]
pub struct Answered {
    /// The answer as the client sent it.
    pub response: Box<RawValue>,
    /// The time of its arrival, in milliseconds since 1970.
    pub at_ms: u64,
}

impl Rounds {
    /// Starts a call's first round.
    pub fn new(seed: [u8; 32], now_ms: u64) -> Self {
        Self::resumed(CallState::new(seed, now_ms), Responses::new(), now_ms)
    }

    /// Starts a first round that comes out the same whenever it runs.
    pub fn replayed(replay: Replay) -> Self {
        Self { is_replayed: true, ..Self::new(replay.seed, replay.now_ms) }
    }

    /// Starts a later round from the opened state and the client's answers.
    pub fn resumed(state: CallState, responses: Responses, now_ms: u64) -> Self {
        Self { state, responses, now_ms, asked: Vec::new(), asked_bytes: 0, told: 0, is_replayed: false }
    }

    /// Returns whether randomness and wall clock come from the state, even for a plugin that never asks.
    pub fn is_replayed(&self) -> bool {
        self.is_replayed
    }

    /// Returns the state: what was known when this round began, and what it has added.
    pub fn state(&self) -> &CallState {
        &self.state
    }

    /// Returns the answer to the question `key` that asks `request`, if the client gave one: in an earlier round, or
    /// with this request to exactly this question.
    pub fn answer(&mut self, key: &str, request: &str) -> Option<Answered> {
        let print = Fingerprint::of(request);
        if let Some(answered) = self.state.answered(key, print) {
            return Some(answered);
        }
        if self.state.pending(key) != Some(print) {
            return None;
        }
        let response = self.responses.get(key)?.clone();
        let answered = Answered { response, at_ms: self.now_ms };
        self.state.answer(key, print, answered.clone());
        Some(answered)
    }

    /// Notes a question that has no answer.
    ///
    /// # Errors
    /// The call asks more at a time than it may, or its questions take more than `limit_bytes`.
    pub fn ask(&mut self, key: &str, request: String, limit_bytes: usize) -> Result<(), AskError> {
        if self.asked.len() == MAX_QUESTIONS {
            return Err(AskError::Questions);
        }
        self.asked_bytes += key.len() + request.len() + MEMBER_BYTES;
        if self.asked_bytes > limit_bytes {
            return Err(AskError::Bytes { limit_bytes });
        }
        self.asked.push((key.to_owned(), request));
        Ok(())
    }

    /// Ends the round with what was asked.
    ///
    /// # Errors
    /// The call asks or keeps more than it may.
    pub fn end(&self) -> Result<PendingQuestions, AskError> {
        if self.state.round() >= MAX_ROUNDS {
            return Err(AskError::Rounds);
        }
        let pending: BTreeMap<String, Fingerprint> =
            self.asked.iter().map(|(key, request)| (key.clone(), Fingerprint::of(request))).collect();
        if pending.len() < self.asked.len() {
            return Err(AskError::SameKey);
        }
        let state = self.state.after_round(pending, self.told);
        if state.to_bytes().len() > MAX_CALL_STATE_BYTES {
            return Err(AskError::Size);
        }
        Ok(PendingQuestions { requests: requests(&self.asked), state })
    }

    /// Returns the value kept under `key`.
    pub fn memo(&self, key: &str) -> Option<&str> {
        self.state.memo(key)
    }

    /// Keeps a value.
    ///
    /// # Errors
    /// The memos alone are larger than a state may be.
    pub fn keep(&mut self, key: String, value: String) -> Result<(), AskError> {
        self.state.keep(key, value);
        if self.state.memo_bytes() > MAX_CALL_STATE_BYTES { Err(AskError::Size) } else { Ok(()) }
    }

    /// Counts an event that the guest sends, and returns whether no earlier round has sent it.
    pub fn is_news(&mut self) -> bool {
        self.told = self.told.saturating_add(1);
        self.told > self.state.told()
    }
}

/// The JSON object of all requests by key.
fn requests(asked: &[(String, String)]) -> String {
    let mut object = String::from("{");
    for (at, (key, request)) in asked.iter().enumerate() {
        if at > 0 {
            object.push(',');
        }
        object.push_str(&serde_json::Value::from(key.as_str()).to_string());
        object.push(':');
        object.push_str(request);
    }
    object.push('}');
    object
}

impl Fingerprint {
    /// The fingerprint of a question, as it is written for the client.
    pub fn of(request: &str) -> Self {
        Self(Digest::of(request.as_bytes()).0)
    }
}
