//! Decides which release is served now: the client side of an update system, as TUF draws it.
//!
//! ```text
//! Feed       index.json of the bucket -> a verified index; the catalog that it names -> verified bytes
//! Package    what only the package decides, and a verified catalog -> a service, or a refusal
//! Updater    keeps the last good service, and replaces it beside requests
//! ```
//!
//! An [`Updater`] lives as long as the process. It never ends it: whatever goes wrong with a release, the last good one
//! keeps serving, and where there is none every request is answered with status 503. A release is adopted as a whole,
//! as a service of its own; a request keeps the one that it began with. No request waits for a check, except those that
//! find nothing to serve, and for a moment those that are the first after a long pause.

mod error;
mod feed;
mod open;
mod package;
mod served;
mod settings;
mod state;

use std::pin::pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant, SystemTime};

use tokio::sync::Notify;
use tokio::time::{timeout, timeout_at};

use crate::clock::Clock;
use crate::metrics;
use crate::service::Service;

pub use self::error::UpdateError;
pub use self::feed::Feed;
use self::feed::{Announced, News};
pub use self::open::OpenError;
pub use self::package::{Package, PackageError, Reach};
pub use self::served::{NothingToServe, Served};
pub use self::settings::{Following, FollowingError};
use self::state::{Attempt, Freshness, State};

/// The longest time for the index when the process starts. Lambda allows ten seconds for everything at its start.
const START_TIMEOUT: Duration = Duration::from_secs(5);

/// The longest time that a request waits for a first release.
const FIRST_TIMEOUT: Duration = Duration::from_secs(20);

/// The longest time that a request waits for its check, if nobody has called for so long that the last one is old.
const WAKE_TIMEOUT: Duration = Duration::from_secs(1);

/// The time that a check may go on after the response of its request, before the process is frozen. A check that takes
/// longer goes on beside the next request.
const SETTLE_TIMEOUT: Duration = Duration::from_millis(250);

/// Follows the releases of a bucket.
#[derive(Debug)]
pub struct Updater {
    feed: Feed,
    package: Package,
    following: Following,
    clock: Clock,
    state: Mutex<State>,
    /// Whoever fetches and adopts holds it.
    updating: tokio::sync::Mutex<()>,
    /// Tells those who wait that the check beside requests is over.
    checked: Notify,
}

impl Updater {
    /// Makes an updater that has adopted nothing. Sends nothing yet.
    pub fn new(feed: Feed, package: Package, following: Following, clock: Clock) -> Self {
        let (state, updating, checked) = Default::default();
        Self { feed, package, following, clock, state, updating, checked }
    }

    /// Fetches the index, so that the first request has to fetch the catalog alone. A failure is logged; the first
    /// request tries again.
    pub async fn start(&self) {
        let _one = self.updating.lock().await;
        match timeout(START_TIMEOUT, self.index(self.clock.now())).await.unwrap_or(Err(UpdateError::Late)) {
            Ok(index) => self.state().announced = index,
            Err(error) if self.state().is_refused() => tell(&Err(error), None, Duration::ZERO),
            Err(error) => tracing::warn!(%error, "the index cannot be read yet"),
        }
    }

    /// Returns the service for a request that begins now.
    ///
    /// If half of the time between checks has passed, another one starts beside the request, which does not wait for it.
    /// If all of it has passed, because nobody has called meanwhile, the request waits for a short time, so that it does
    /// not run what was withdrawn.
    ///
    /// # Errors
    ///
    /// There is nothing to serve, and none could be fetched before `not_after`.
    pub async fn current(
        self: &Arc<Self>,
        not_after: Option<Instant>,
    ) -> Result<Arc<Service>, NothingToServe> {
        let (service, freshness) = self.serving();
        // In a box: a process does this once, and its states would be part of every request.
        let Some(service) = service else { return Box::pin(self.first(not_after)).await };
        match freshness {
            Freshness::Fresh => Ok(service),
            Freshness::Due => {
                self.check_beside();
                Ok(service)
            }
            Freshness::Old => {
                self.check_beside();
                let longest = WAKE_TIMEOUT.min(self.following.check / 2);
                let left = self.state().time_left(self.clock.now(), longest);
                self.wait_for_check(left).await;
                self.serving().0.ok_or(NothingToServe)
            }
        }
    }

    fn serving(&self) -> (Option<Arc<Service>>, Freshness) {
        let (now, state) = (self.clock.now(), self.state());
        (state.serving(now, self.following.stale), state.freshness(now, self.following.check))
    }

    /// Does what can wait until a response is on its way, such as keeping copies of code, and waits for a short time for
    /// the check that its request has started.
    pub async fn settle(&self) {
        let service = self.state().service();
        if let Some(service) = service {
            service.settle();
            service.keep_copies().await;
        }
        self.wait_for_check(SETTLE_TIMEOUT).await;
    }

    /// Tells whether a check runs beside requests.
    pub fn is_checking(&self) -> bool {
        self.state().running.is_some()
    }

    /// Waits until the check that runs is over, but no longer than `longest`.
    async fn wait_for_check(&self, longest: Duration) {
        let mut checked = pin!(self.checked.notified());
        checked.as_mut().enable();
        if self.is_checking() {
            let _ = timeout(longest, checked).await;
        }
    }

    /// Fetches a first release; of requests at the same time, one does and the others wait.
    async fn first(&self, not_after: Option<Instant>) -> Result<Arc<Service>, NothingToServe> {
        let end = Instant::now() + FIRST_TIMEOUT;
        let end = not_after.map_or(end, |not_after| end.min(not_after));
        let update = async {
            let _one = self.updating.lock().await;
            let now = self.clock.now();
            if self.state().may_try(now) && self.state().serving(now, self.following.stale).is_none() {
                self.update_and_tell().await;
            }
        };
        if timeout_at(end.into(), update).await.is_err() {
            tracing::warn!("a request ended before there was a release to serve");
        }
        self.state().serving(self.clock.now(), self.following.stale).ok_or(NothingToServe)
    }

    /// Starts a check, unless one is still running.
    fn check_beside(self: &Arc<Self>) {
        let mut state = self.state();
        if state.running.is_some() {
            return;
        }
        state.running = Some(self.clock.now());
        drop(state);
        let check = Check(Arc::clone(self));
        tokio::spawn(async move {
            let _one = check.0.updating.lock().await;
            check.0.update_and_tell().await;
        });
    }

    /// Updates, and tells log and metrics how it went.
    async fn update_and_tell(&self) {
        let (start, asked) = (Instant::now(), self.clock.now());
        let updated = self.update(asked).await;
        let is_fault = matches!(updated, Ok(Update::StillRefused) | Err(_));
        let now = self.clock.now();
        let mut state = self.state();
        state.checked(asked, if is_fault { Attempt::Failed } else { Attempt::Succeeded });
        let (serial, is_expired) = (state.serial(), state.is_expired(now));
        drop(state);
        tell(&updated, serial, start.elapsed());
        if is_expired {
            tracing::warn!(
                serial,
                "the release has expired and is served until the stale limit: publish again"
            );
        }
        let (faults, stale) = (is_fault.into(), is_expired.into());
        metrics::emit_check(&metrics::Checked { faults, stale });
    }

    /// Fetches the index, and adopts the release that it names if it is another one.
    async fn update(&self, now: SystemTime) -> Result<Update, UpdateError> {
        let announced = self.state().take_announced(now, self.following.check);
        let index = match announced {
            Some(index) => index,
            None => match self.index(now).await? {
                Some(index) => index,
                None if self.state().is_refused() => return Ok(Update::StillRefused),
                None => return Ok(Update::None),
            },
        };
        let tag = index.tag.clone();
        let adopted = self.adopt(index).await;
        if let Err(error) = &adopted {
            self.state().refuse(tag, error);
        }
        adopted
    }

    /// Fetches and verifies the index; returns `None` if it is the one that was judged last.
    async fn index(&self, now: SystemTime) -> Result<Option<Announced>, UpdateError> {
        let (tag, serial) = {
            let state = self.state();
            (state.tag(now), state.serial())
        };
        let lowest = serial.unwrap_or_default().max(self.following.lowest_serial);
        match self.feed.index(tag.as_ref(), lowest, now).await? {
            News::Unchanged => Ok(None),
            News::Index(index) => Ok(Some(*index)),
            News::Refused(tag, error) => {
                let error = UpdateError::from(error);
                self.state().refuse(tag, &error);
                Err(error)
            }
        }
    }

    /// Adopts the release of a verified index, unless it is served already.
    async fn adopt(&self, index: Announced) -> Result<Update, UpdateError> {
        let serial = self.state().serial();
        if serial == Some(index.release.serial) {
            return self.state().confirm(index).map(|()| Update::None);
        }
        let start = Instant::now();
        let (catalog, verify) = self.feed.catalog(&index.release).await?;
        let fetched = start.elapsed();
        let service = Arc::new(self.package.service(catalog, |plugins| self.feed.code(plugins))?);
        let phases = Phases {
            index: index.fetch,
            fetch: fetched.saturating_sub(verify),
            verify: index.verify + verify,
            map: start.elapsed() - fetched,
        };
        self.state().adopt(index, service);
        Ok(Update::Adopted(phases))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A check beside requests, which is over when this is dropped, however it ends.
struct Check(Arc<Updater>);

impl Drop for Check {
    fn drop(&mut self) {
        self.0.state().running = None;
        self.0.checked.notify_waiters();
    }
}

/// Tells the log how an update went.
fn tell(updated: &Result<Update, UpdateError>, serial: Option<u64>, took: Duration) {
    match updated {
        Ok(Update::Adopted(Phases { index, fetch, verify, map })) => {
            let us = |time: Duration| u64::try_from(time.as_micros()).unwrap_or(u64::MAX);
            let (index_us, fetch_us, verify_us, map_us) = (us(*index), us(*fetch), us(*verify), us(*map));
            let update_us = us(took);
            tracing::info!(serial, index_us, fetch_us, verify_us, map_us, update_us, "a release is adopted");
        }
        Ok(Update::None) => {}
        Ok(Update::StillRefused) => {
            tracing::debug!(serial, "the bucket still has the index that was refused")
        }
        Err(error) if serial.is_some() => {
            tracing::error!(serial, %error, "no other release can be adopted: the last good one keeps serving");
        }
        Err(error) => tracing::error!(%error, "there is no release to serve: requests are answered with 503"),
    }
}

/// The duration of each phase in which a release is adopted (docs/cold-start.md).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Phases {
    /// The request for the index, until its last byte.
    index: Duration,
    /// The request for the catalog, until its last byte, without the digest.
    fetch: Duration,
    /// The signature of the index, and the digest of the catalog.
    verify: Duration,
    /// Mapping the catalog, and making its service.
    map: Duration,
}

/// The end of a successful update.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Update {
    /// Another release is served from now on.
    Adopted(Phases),
    /// The bucket has the same release as before.
    None,
    /// The bucket has the same index as before, which was refused then.
    StillRefused,
}
