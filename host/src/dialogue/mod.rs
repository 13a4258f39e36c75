//! What a call that asks knows from earlier rounds, and what this round adds.
//!
//! The server keeps nothing between requests: a question without an answer ends the call, and the client's next
//! request runs it again from the start (docs/adr/0019). A [`Record`] is what travels in between, sealed by whoever
//! sends it. Pure: no I/O, no clock; the questions themselves are only keys and digests here.

mod record;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use serde_json::value::RawValue;
use sha2::{Digest as _, Sha256};

pub use record::{Fingerprint, Record, RecordError};

/// Rounds of one call: how often it may end in questions.
pub const MAX_ROUNDS: u8 = 8;

/// Questions of one round.
pub const MAX_QUESTIONS: usize = 16;

/// Time from a call's first request to its last one, in milliseconds.
pub const MAX_AGE_MS: u64 = 60 * 60 * 1000;

/// Size of a record, in bytes: memos, questions and answers together.
pub const MAX_RECORD_BYTES: usize = 64 << 10;

/// Answers to questions by their keys, as the client sent them.
pub type Responses = BTreeMap<String, Box<RawValue>>;

/// What a call sees of randomness and time where it must come out the same whenever it runs, as in a plugin's tests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Replay {
    /// The seed of its randomness.
    pub seed: [u8; 32],
    /// What time it is, in every round, in milliseconds since 1970.
    pub now_ms: u64,
}

/// Where a call stands between its rounds; made for one round, and dropped with it.
#[derive(Debug)]
pub struct Dialogue {
    record: Record,
    responses: Responses,
    /// When this round began, in milliseconds since 1970.
    now_ms: u64,
    /// What this round asks.
    asked: Vec<(String, String)>,
    /// Events that the guest has told so far.
    told: u32,
    /// Whether randomness and wall clock are the record's in any case.
    is_replayed: bool,
}

/// A call that ends in questions.
#[derive(Clone, Debug)]
pub struct Asking {
    /// JSON of MCP's `InputRequests`.
    pub requests: String,
    /// What the next round has to know.
    pub record: Record,
}

/// Why a question cannot be asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// It was the ninth round.
    #[error("it asked in more than {MAX_ROUNDS} rounds")]
    Rounds,
    /// Too many at a time.
    #[error("it asked more than {MAX_QUESTIONS} questions at a time")]
    Questions,
    /// Two questions of a round have one key.
    #[error("it asked two questions with one key")]
    SameKey,
    /// What has to be kept is too much.
    #[error("its memos, questions and answers take more than {MAX_RECORD_BYTES} bytes")]
    Size,
}

/// An answer, and when it came.
#[derive(Clone, Debug)]
pub struct Answered {
    /// The answer as the client sent it.
    pub response: Box<RawValue>,
    /// When it came, in milliseconds since 1970.
    pub at_ms: u64,
}

impl Dialogue {
    /// The dialogue of a call's first round.
    pub fn new(seed: [u8; 32], now_ms: u64) -> Self {
        Self::resumed(Record::new(seed, now_ms), Responses::new(), now_ms)
    }

    /// The dialogue of a first round that comes out the same whenever it runs.
    pub fn replayed(replay: Replay) -> Self {
        Self { is_replayed: true, ..Self::new(replay.seed, replay.now_ms) }
    }

    /// The dialogue of a later round: what was sealed, and what the client answers.
    pub fn resumed(record: Record, responses: Responses, now_ms: u64) -> Self {
        Self { record, responses, now_ms, asked: Vec::new(), told: 0, is_replayed: false }
    }

    /// Whether randomness and wall clock are the record's, also for a plugin that never asks.
    pub fn is_replayed(&self) -> bool {
        self.is_replayed
    }

    /// What was known when this round began, and what it has added.
    pub fn record(&self) -> &Record {
        &self.record
    }

    /// The answer to the question `key` that asks `request`, if there is one: of an earlier round, or one that came
    /// with this request to exactly this question.
    pub fn answer(&mut self, key: &str, request: &str) -> Option<Answered> {
        let print = Fingerprint::of(request);
        if let Some(answered) = self.record.answered(key, print) {
            return Some(answered);
        }
        if self.record.pending(key) != Some(print) {
            return None;
        }
        let response = self.responses.get(key)?.clone();
        let answered = Answered { response, at_ms: self.now_ms };
        self.record.answer(key, print, answered.clone());
        Some(answered)
    }

    /// Notes a question that has no answer.
    pub fn ask(&mut self, key: &str, request: String) {
        self.asked.push((key.to_owned(), request));
    }

    /// Ends the round with what was asked.
    ///
    /// # Errors
    /// What is asked or kept is more than a call may.
    pub fn end(&self) -> Result<Asking, Refusal> {
        if self.record.round() >= MAX_ROUNDS {
            return Err(Refusal::Rounds);
        }
        if self.asked.len() > MAX_QUESTIONS {
            return Err(Refusal::Questions);
        }
        let pending: BTreeMap<String, Fingerprint> =
            self.asked.iter().map(|(key, request)| (key.clone(), Fingerprint::of(request))).collect();
        if pending.len() < self.asked.len() {
            return Err(Refusal::SameKey);
        }
        let record = self.record.after_round(pending, self.told);
        if record.to_bytes().len() > MAX_RECORD_BYTES {
            return Err(Refusal::Size);
        }
        Ok(Asking { requests: requests(&self.asked), record })
    }

    /// The value kept under `key`.
    pub fn memo(&self, key: &str) -> Option<&str> {
        self.record.memo(key)
    }

    /// Keeps a value.
    ///
    /// # Errors
    /// The memos alone are more than a record may be.
    pub fn keep(&mut self, key: String, value: String) -> Result<(), Refusal> {
        self.record.keep(key, value);
        if self.record.memo_bytes() > MAX_RECORD_BYTES { Err(Refusal::Size) } else { Ok(()) }
    }

    /// Counts an event that the guest tells; whether it is news, not one that an earlier round has told.
    pub fn is_news(&mut self) -> bool {
        self.told = self.told.saturating_add(1);
        self.told > self.record.told()
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
        Self(Sha256::digest(request.as_bytes()).into())
    }
}
