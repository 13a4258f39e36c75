//! Names the phases of a process, and keeps a value for each.

use serde::Serialize;

/// The number of warm requests over which a count is averaged.
const WARM_REQUESTS: usize = 10;

/// A part of a process's life. While a phase ends, the process waits for the Runtime API.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Phase {
    /// From its start until it has asked for the first event.
    Start,
    /// From the first event to the last byte of its answer.
    First,
    /// From there until it has answered a second event and asked for a third one: a function then makes its pool.
    Second,
    /// From a later event until it has asked for the next one.
    Warm,
}

impl Phase {
    pub(super) const ALL: [Phase; 4] = [Phase::Start, Phase::First, Phase::Second, Phase::Warm];

    /// Returns the number of times that the phase is run.
    pub(super) fn repeats(self) -> usize {
        if self == Phase::Warm { WARM_REQUESTS } else { 1 }
    }

    /// Returns the number of messages of which the last one ends the phase.
    pub(super) fn messages(self) -> usize {
        if self == Phase::Second { 2 } else { self.repeats() }
    }

    pub(super) fn name(self) -> &'static str {
        match self {
            Phase::Start => "start",
            Phase::First => "first",
            Phase::Second => "second",
            Phase::Warm => "warm",
        }
    }
}

/// One value for each phase.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Phases<T> {
    start: T,
    first: T,
    second: T,
    warm: T,
}

impl<T> Phases<T> {
    /// Makes the value of each phase, in their order.
    pub(super) fn try_new(mut of: impl FnMut(Phase) -> anyhow::Result<T>) -> anyhow::Result<Self> {
        Ok(Phases {
            start: of(Phase::Start)?,
            first: of(Phase::First)?,
            second: of(Phase::Second)?,
            warm: of(Phase::Warm)?,
        })
    }

    /// Pairs the values of each phase.
    pub(super) fn zip<U>(self, other: Phases<U>) -> Phases<(T, U)> {
        Phases {
            start: (self.start, other.start),
            first: (self.first, other.first),
            second: (self.second, other.second),
            warm: (self.warm, other.warm),
        }
    }

    /// Converts each value.
    pub(super) fn map<U>(self, mut of: impl FnMut(T) -> U) -> Phases<U> {
        Phases { start: of(self.start), first: of(self.first), second: of(self.second), warm: of(self.warm) }
    }

    pub(super) fn of(&self, phase: Phase) -> &T {
        match phase {
            Phase::Start => &self.start,
            Phase::First => &self.first,
            Phase::Second => &self.second,
            Phase::Warm => &self.warm,
        }
    }
}

impl Phases<f64> {
    /// Turns totals at the end of each phase into the count of each phase alone, once.
    pub(super) fn differences(self) -> Self {
        Phases {
            start: self.start,
            first: self.first - self.start,
            second: self.second - self.first,
            warm: (self.warm - self.second) / Phase::Warm.repeats() as f64,
        }
    }
}
