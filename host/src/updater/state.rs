//! What an updater knows at a moment. No I/O.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use super::error::{Refusal, UpdateError};
use super::feed::Announced;
use crate::s3::ETag;
use crate::service::Service;
use crate::timestamp::Timestamp;

/// The shortest time between two attempts to get a first release.
pub(super) const RETRY: Duration = Duration::from_secs(2);

/// A release that is served.
#[derive(Debug)]
struct Adopted {
    index: Announced,
    service: Arc<Service>,
}

/// An index that was refused for what it is: while the bucket has the same one, it is not fetched again.
#[derive(Debug)]
struct Refused {
    tag: ETag,
    /// The time before which it is judged once more.
    since: Option<Timestamp>,
}

/// Tells how old the last check is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Freshness {
    /// Younger than half of the time between checks.
    Fresh,
    /// Older than that: another check begins beside the next request.
    Due,
    /// As old as the time between checks, or older: nobody has called for a while.
    Old,
}

/// Tells how a check went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Attempt {
    Succeeded,
    Failed,
}

/// The state of an updater.
#[derive(Debug, Default)]
pub(super) struct State {
    adopted: Option<Adopted>,
    /// An index that was verified and is not adopted yet.
    pub(super) announced: Option<Announced>,
    /// The last index, if it was refused.
    refused: Option<Refused>,
    /// The time of the last check that has ended, and how it went.
    checked: Option<(SystemTime, Attempt)>,
    /// The beginning of the check that runs beside requests.
    pub(super) running: Option<SystemTime>,
}

impl State {
    /// Returns the service for a request at `now`; `None` if there is none, or it has expired for longer than `stale`.
    pub(super) fn serving(&self, now: SystemTime, stale: Duration) -> Option<Arc<Service>> {
        let adopted = self.adopted.as_ref()?;
        let end = adopted.index.release.expires.after(stale);
        (Timestamp::of(now) < end).then(|| Arc::clone(&adopted.service))
    }

    /// Returns the service of the release that was adopted last, even if it may not be served any more.
    pub(super) fn service(&self) -> Option<Arc<Service>> {
        self.adopted.as_ref().map(|adopted| Arc::clone(&adopted.service))
    }

    /// Tells whether the release that is served has expired.
    pub(super) fn is_expired(&self, now: SystemTime) -> bool {
        let adopted = self.adopted.as_ref();
        adopted.is_some_and(|adopted| adopted.index.release.expires <= Timestamp::of(now))
    }

    /// Tells how old the last check is, where checks are `check` apart. A clock that was set back makes it old.
    pub(super) fn freshness(&self, now: SystemTime, check: Duration) -> Freshness {
        match self.checked {
            Some((at, _)) if age(at, now) < check / 2 => Freshness::Fresh,
            Some((at, _)) if age(at, now) < check => Freshness::Due,
            _ => Freshness::Old,
        }
    }

    /// Returns how much longer a request may wait for the check that runs: until `longest` after its beginning.
    pub(super) fn time_left(&self, now: SystemTime, longest: Duration) -> Duration {
        self.running.map_or(Duration::ZERO, |began| longest.saturating_sub(age(began, now)))
    }

    /// Tells whether it is time for another attempt to get a first release.
    pub(super) fn may_try(&self, now: SystemTime) -> bool {
        !matches!(self.checked, Some((at, Attempt::Failed)) if age(at, now) < RETRY)
    }

    /// Notes a check that began at `asked`. If it used what was fetched at the start, it is as old as that.
    pub(super) fn checked(&mut self, asked: SystemTime, attempt: Attempt) {
        let adopted = self.adopted.as_ref().map(|adopted| adopted.index.at);
        let is_first = self.checked.is_none();
        let at = adopted.filter(|_| is_first && attempt == Attempt::Succeeded).unwrap_or(asked);
        self.checked = Some((at, attempt));
    }

    /// Returns the serial of the release that is served.
    pub(super) fn serial(&self) -> Option<u64> {
        self.adopted.as_ref().map(|adopted| adopted.index.release.serial)
    }

    /// Returns the tag of the index that was judged last: it need not be sent again.
    pub(super) fn tag(&self, now: SystemTime) -> Option<ETag> {
        match &self.refused {
            Some(Refused { since: Some(since), .. }) if Timestamp::of(now) < *since => None,
            Some(refused) => Some(refused.tag.clone()),
            None => self.adopted.as_ref()?.index.tag.clone(),
        }
    }

    /// Tells whether the index that was judged last was refused.
    pub(super) fn is_refused(&self) -> bool {
        self.refused.is_some()
    }

    /// Notes that the index with a tag was refused.
    pub(super) fn refuse(&mut self, tag: Option<ETag>, error: &UpdateError) {
        let since = match error.refusal() {
            Refusal::OfIndex => None,
            Refusal::Since(since) => Some(since),
            Refusal::OfAttempt => {
                self.refused = None;
                return;
            }
        };
        self.refused = tag.map(|tag| Refused { tag, since });
    }

    /// Serves a release from now on.
    pub(super) fn adopt(&mut self, index: Announced, service: Arc<Service>) {
        self.adopted = Some(Adopted { index, service });
        self.refused = None;
    }

    /// Takes the index that was fetched at the start, if it is younger than `check`.
    pub(super) fn take_announced(&mut self, now: SystemTime, check: Duration) -> Option<Announced> {
        self.announced.take().filter(|announced| age(announced.at, now) < check)
    }

    /// Notes an index with the serial that is served already: its tag may be another one.
    ///
    /// # Errors
    ///
    /// It names other catalogs: a serial stands for one release for ever.
    pub(super) fn confirm(&mut self, index: Announced) -> Result<(), UpdateError> {
        let Some(adopted) = &mut self.adopted else { return Ok(()) };
        if adopted.index.release != index.release {
            return Err(UpdateError::TwoReleases { serial: index.release.serial });
        }
        adopted.index = index;
        self.refused = None;
        Ok(())
    }
}

/// A clock that was set back makes everything old.
fn age(since: SystemTime, now: SystemTime) -> Duration {
    now.duration_since(since).unwrap_or(Duration::MAX)
}
