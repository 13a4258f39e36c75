//! Keeps a call between two rounds.

use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::value::RawValue;

use super::{Answered, MAX_AGE_MS, MAX_SKEW_MS, MEMBER_BYTES};
use crate::digest::Digest;

/// Length of an idempotency key, in characters: 128 bits in hexadecimal.
const IDEMPOTENCY_KEY_CHARS: usize = 32;

/// The state of a call between two rounds: answers, memos, the seed of its randomness, when it began.
///
/// It travels with the client, sealed; only this server can read or make one.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CallState {
    /// Rounds that ended in questions.
    round: u8,
    /// The beginning of the first round, in milliseconds since 1970.
    started_ms: u64,
    seed: Fingerprint,
    /// Events that were told in earlier rounds.
    told: u32,
    /// Questions of the last round.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pending: BTreeMap<String, Fingerprint>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    answers: BTreeMap<String, Entry>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    memos: BTreeMap<String, String>,
    /// What the memos take: counted along, because a sum over all at each change would take a guest's time squared.
    #[serde(skip)]
    memo_bytes: usize,
}

/// An answer of an earlier round.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    question: Fingerprint,
    response: Box<RawValue>,
    at_ms: u64,
}

/// Thirty-two bytes: SHA-256 of a question, or a seed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fingerprint(pub(super) [u8; 32]);

/// Sealed bytes that are no state: another version of the server made them.
#[derive(Debug, thiserror::Error)]
#[error("the state is of another version: {0}")]
pub struct CallStateError(#[source] serde_json::Error);

impl CallState {
    pub(super) fn new(seed: [u8; 32], started_ms: u64) -> Self {
        let (pending, answers, memos) = Default::default();
        Self {
            round: 0,
            started_ms,
            seed: Fingerprint(seed),
            told: 0,
            pending,
            answers,
            memos,
            memo_bytes: 0,
        }
    }

    /// Reads a state.
    ///
    /// # Errors
    /// Bytes that [`CallState::to_bytes`] of this version did not make.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, CallStateError> {
        let mut state: Self = serde_json::from_slice(bytes).map_err(CallStateError)?;
        state.memo_bytes = state.memos.iter().map(|(key, value)| memo_bytes(key, value)).sum();
        Ok(state)
    }

    /// Writes the state, to be sealed.
    pub fn to_bytes(&self) -> Vec<u8> {
        serde_json::to_vec(self).unwrap_or_default() // maps with text keys are always JSON
    }

    /// Returns when the call's first round began, in milliseconds since 1970.
    pub fn started_ms(&self) -> u64 {
        self.started_ms
    }

    /// Tells whether the call may go on. One that began in the future was sealed by a clock that was wrong: it would be
    /// good for longer than an answer that was used is remembered.
    pub fn is_current(&self, now_ms: u64) -> bool {
        self.started_ms <= now_ms.saturating_add(MAX_SKEW_MS)
            && now_ms.saturating_sub(self.started_ms) < MAX_AGE_MS
    }

    /// Returns the seed of the call's randomness.
    pub fn seed(&self) -> [u8; 32] {
        self.seed.0
    }

    /// Returns a text that is the same in every round of the call and differs between calls; it reveals nothing of the
    /// seed.
    pub fn idempotency_key(&self) -> String {
        let digest = Digest::of(&[b"toolcell idempotency key", &self.seed.0[..]].concat());
        let mut key = digest.to_string();
        key.truncate(IDEMPOTENCY_KEY_CHARS);
        key
    }

    pub(super) fn round(&self) -> u8 {
        self.round
    }

    pub(super) fn told(&self) -> u32 {
        self.told
    }

    pub(super) fn pending(&self, key: &str) -> Option<Fingerprint> {
        self.pending.get(key).copied()
    }

    pub(super) fn answered(&self, key: &str, question: Fingerprint) -> Option<Answered> {
        let entry = self.answers.get(key).filter(|entry| entry.question == question)?;
        Some(Answered { response: entry.response.clone(), at_ms: entry.at_ms })
    }

    pub(super) fn answer(&mut self, key: &str, question: Fingerprint, answered: Answered) {
        let Answered { response, at_ms } = answered;
        self.answers.insert(key.to_owned(), Entry { question, response, at_ms });
    }

    pub(super) fn memo(&self, key: &str) -> Option<&str> {
        self.memos.get(key).map(String::as_str)
    }

    pub(super) fn keep(&mut self, key: String, value: String) {
        self.memo_bytes += memo_bytes(&key, &value);
        let key_bytes = key.len();
        if let Some(former) = self.memos.insert(key, value) {
            self.memo_bytes -= key_bytes + former.len() + MEMBER_BYTES;
        }
    }

    pub(super) fn memo_bytes(&self) -> usize {
        self.memo_bytes
    }

    /// Makes the state that the next round starts from.
    pub(super) fn after_round(&self, pending: BTreeMap<String, Fingerprint>, told: u32) -> Self {
        Self { round: self.round + 1, pending, told: told.max(self.told), ..self.clone() }
    }
}

/// What a memo takes in the state at least; escapes make it more.
fn memo_bytes(key: &str, value: &str) -> usize {
    key.len() + value.len() + MEMBER_BYTES
}

impl Serialize for Fingerprint {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&STANDARD_NO_PAD.encode(self.0))
    }
}

impl<'de> Deserialize<'de> for Fingerprint {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let bytes = STANDARD_NO_PAD.decode(text).map_err(serde::de::Error::custom)?;
        let bytes = bytes.try_into().map_err(|_| serde::de::Error::custom("expected 32 bytes"))?;
        Ok(Self(bytes))
    }
}
