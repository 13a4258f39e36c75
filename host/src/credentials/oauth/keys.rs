//! Keeps the keys of one issuer: those that `toolcell build` has found, and newer ones where they are needed.
//!
//! Nothing runs in the background: a function that is frozen has no timer. A request that finds the keys too old, or
//! lacks one, fetches them and waits; others that come meanwhile wait for the same fetch. How old keys are is told by
//! the wall clock, the only one that is sure to go on meanwhile.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use tokio::sync::watch;
use tokio::time::{Instant, timeout_at};

use super::Network;
use super::discovery::{Endpoints, discover};
use super::error::{IssuerError, IssuerFault};
use super::fetch::Asker;
use crate::auth::oauth::KeySet;
use crate::catalog::{Issuer, KeySeed, KeySource, WebUrl};
use crate::clock::Clock;
use crate::net;

const MINUTE: Duration = Duration::from_secs(60);
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// The age at which keys of a build are fetched anew.
const SEED_AGE: Duration = Duration::from_secs(7 * 24 * 60 * 60);

/// The age at which fetched keys are fetched anew: within these bounds as the issuer says, or the last one.
const AGES: (Duration, Duration, Duration) = (Duration::from_secs(5 * 60), DAY, Duration::from_secs(60 * 60));

/// The time for which keys that are too old still count while there are no newer ones: an outage of the issuer does not
/// lock callers out at once.
const USABLE: Duration = DAY;

/// The shortest time from one fetch to the next. Whoever sends tokens with unknown keys causes no more fetches.
const INTERVAL: Duration = MINUTE;

/// The same while there are no keys at all, so that nobody can be admitted.
const FIRST_INTERVAL: Duration = Duration::from_secs(10);

/// The longest time for a fetch from a known address, and for one that has to find the address first.
const TIMES: (Duration, Duration) = (Duration::from_secs(2), Duration::from_secs(4));

/// The time after which a fetch that is under way was frozen with its process: its connection is dead.
const FROZEN: Duration = Duration::from_secs(10);

/// The keys of one issuer.
#[derive(Debug)]
pub(super) struct IssuerKeys {
    pub(super) issuer: Issuer,
    clock: Clock,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    known: Option<Known>,
    /// The time of the last fetch, whatever came of it.
    asked: Option<SystemTime>,
    /// Closes when the fetch that is under way has ended.
    flight: Option<watch::Receiver<()>>,
}

/// The last good keys.
#[derive(Clone, Debug)]
struct Known {
    keys: Arc<KeySet>,
    endpoints: Option<Endpoints>,
    /// The time when they were fetched.
    since: SystemTime,
    /// The age until which nobody looks for newer ones; `None` for keys that are never fetched.
    fresh: Option<Duration>,
}

/// Tells what keys of an age are good for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Age {
    Fresh,
    /// They count while there are no newer ones.
    Old,
    TooOld,
}

impl IssuerKeys {
    /// Starts with the keys that the catalog holds, if it holds any. Fetches nothing.
    ///
    /// # Errors
    /// The keys in the catalog cannot be used.
    pub(super) fn new(issuer: Issuer, clock: Clock) -> Result<Self, IssuerFault> {
        let known = match &issuer.keys {
            KeySource::Fixed { keys } => {
                let keys = KeySet::of_value(keys);
                let keys =
                    keys.map_err(|source| IssuerFault::Keys { url: "[auth.oauth] jwks".to_owned(), source })?;
                Some(Known { keys: Arc::new(keys), endpoints: None, since: clock.now(), fresh: None })
            }
            KeySource::Discovered { seed } | KeySource::Url { seed, .. } => {
                seed.as_ref().map(Known::of_seed).transpose()?
            }
        };
        Ok(Self { issuer, clock, state: Mutex::new(State { known, ..State::default() }) })
    }

    /// Returns the keys that count now; fetches them if there are none, or those that there are have become too old.
    ///
    /// # Errors
    /// There are none, and none can be fetched.
    pub(super) async fn current(self: &Arc<Self>, network: &Network<'_>) -> Result<Arc<KeySet>, IssuerFault> {
        let now = self.clock.now();
        if let Some(known) = self.known().filter(|known| known.age(now) == Age::Fresh) {
            return Ok(known.keys);
        }
        let fetched = self.fetch(network).await;
        let usable = self.known().filter(|known| known.age(now) != Age::TooOld);
        match (usable, fetched) {
            (Some(known), _) => Ok(known.keys),
            (None, Err(fault)) => Err(fault),
            (None, Ok(())) => Err(IssuerFault::Waiting),
        }
    }

    /// Returns newer keys than `keys`, because those do not suffice; `None` if there are none. Fetches them unless they
    /// were fetched a moment ago.
    pub(super) async fn newer(
        self: &Arc<Self>,
        keys: &Arc<KeySet>,
        network: &Network<'_>,
    ) -> Option<Arc<KeySet>> {
        let is_newer = |known: &Known| !Arc::ptr_eq(&known.keys, keys);
        if let Some(known) = self.known().filter(is_newer) {
            return Some(known.keys);
        }
        self.fetch(network).await.ok()?;
        self.known().filter(is_newer).map(|known| known.keys)
    }

    /// Returns the endpoint that looks tokens up, which may have to be found first.
    ///
    /// # Errors
    /// The metadata cannot be fetched, or name none.
    pub(super) async fn introspection_endpoint(
        self: &Arc<Self>,
        network: &Network<'_>,
    ) -> Result<WebUrl, IssuerFault> {
        let endpoint = || self.known()?.endpoints?.introspection;
        if let Some(url) = endpoint() {
            return Ok(url);
        }
        self.fetch(network).await?;
        endpoint().ok_or(IssuerFault::NoEndpoint)
    }

    fn known(&self) -> Option<Known> {
        self.lock().known.clone()
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Fetches the keys, or waits for a fetch that is under way.
    async fn fetch(self: &Arc<Self>, network: &Network<'_>) -> Result<(), IssuerFault> {
        let mut flight = self.board(network)?;
        // Nothing is ever sent: the channel closes.
        timeout_at(network.end(self.time()), flight.changed())
            .await
            .map(|_| ())
            .map_err(|_| IssuerFault::TimedOut)
    }

    /// Joins the fetch that is under way, or starts one. It goes on if its request ends: else a client that hangs up
    /// could keep all others from ever getting newer keys, or cause more fetches than one at a time.
    fn board(self: &Arc<Self>, network: &Network<'_>) -> Result<watch::Receiver<()>, IssuerFault> {
        let mut state = self.lock();
        let now = self.clock.now();
        let is_frozen = |asked: SystemTime| now.duration_since(asked).is_ok_and(|passed| passed >= FROZEN);
        let flight = state.flight.as_ref().filter(|_| !state.asked.is_some_and(is_frozen));
        if let Some(flight) = flight.filter(|flight| flight.has_changed().is_ok()) {
            return Ok(flight.clone());
        }
        let is_fixed = state.known.as_ref().is_some_and(|known| known.fresh.is_none());
        let interval = if state.known.is_some() { INTERVAL } else { FIRST_INTERVAL };
        // A clock that was set back keeps nobody waiting.
        let is_early = |asked: SystemTime| now.duration_since(asked).is_ok_and(|passed| passed < interval);
        if is_fixed || state.asked.is_some_and(is_early) {
            return Err(IssuerFault::Waiting);
        }
        let asker = Asker::new(network.outbound()?, &self.issuer, Instant::now() + self.time_of(&state));
        let (sender, flight) = watch::channel(());
        (state.asked, state.flight) = (Some(now), Some(flight.clone()));
        let (keys, endpoints) =
            (Arc::clone(self), state.known.as_ref().and_then(|known| known.endpoints.clone()));
        net::spawn(async move {
            let fetched = keys.ask(&asker, endpoints).await;
            keys.land(fetched);
            drop(sender);
        });
        Ok(flight)
    }

    /// Takes what a fetch has brought; the last good keys stay if it has brought none.
    fn land(&self, fetched: Result<Known, IssuerFault>) {
        match fetched {
            Ok(known) => self.lock().known = Some(known),
            Err(source) => {
                let error = IssuerError { issuer: self.issuer.issuer.to_string(), source };
                tracing::warn!(%error, "the keys of an issuer cannot be fetched");
            }
        }
    }

    async fn ask(&self, asker: &Asker, known: Option<Endpoints>) -> Result<Known, IssuerFault> {
        let endpoints = match (&self.issuer.keys, known) {
            (KeySource::Url { url, .. }, _) => Endpoints { keys: url.clone(), introspection: None },
            (_, Some(endpoints)) => match self.ask_for_keys(asker, &endpoints).await {
                Ok(known) => return Ok(known),
                // The keys may have moved.
                Err(fault) => match discover(asker, &self.issuer.issuer).await {
                    Ok(moved) if moved.keys != endpoints.keys => moved,
                    _ => return Err(fault),
                },
            },
            (_, None) => discover(asker, &self.issuer.issuer).await?,
        };
        self.ask_for_keys(asker, &endpoints).await
    }

    async fn ask_for_keys(&self, asker: &Asker, endpoints: &Endpoints) -> Result<Known, IssuerFault> {
        let url = &endpoints.keys;
        let fetched = asker.get(url, KeySet::MAX_BYTES).await?;
        let keys = KeySet::read(&fetched.body);
        let keys = keys.map_err(|source| IssuerFault::Keys { url: url.to_string(), source })?;
        let (least, most, default) = AGES;
        Ok(Known {
            keys: Arc::new(keys),
            endpoints: Some(endpoints.clone()),
            since: self.clock.now(),
            fresh: Some(fetched.max_age().unwrap_or(default).clamp(least, most)),
        })
    }

    fn time(&self) -> Duration {
        self.time_of(&self.lock())
    }

    /// Returns the longest time for a fetch.
    fn time_of(&self, state: &State) -> Duration {
        let is_known = matches!(self.issuer.keys, KeySource::Url { .. })
            || state.known.as_ref().is_some_and(|known| known.endpoints.is_some());
        if is_known { TIMES.0 } else { TIMES.1 }
    }
}

impl Known {
    fn of_seed(seed: &KeySeed) -> Result<Self, IssuerFault> {
        let keys = KeySet::of_value(&seed.keys);
        let keys = keys.map_err(|source| IssuerFault::Keys { url: seed.url.to_string(), source })?;
        let endpoints =
            Endpoints { keys: seed.url.clone(), introspection: seed.introspection_endpoint.clone() };
        let since = SystemTime::UNIX_EPOCH + Duration::from_secs(seed.fetched.seconds());
        Ok(Self { keys: Arc::new(keys), endpoints: Some(endpoints), since, fresh: Some(SEED_AGE) })
    }

    fn age(&self, now: SystemTime) -> Age {
        let Some(fresh) = self.fresh else { return Age::Fresh };
        match now.duration_since(self.since) {
            Ok(age) if age < fresh => Age::Fresh,
            Ok(age) if age < fresh + USABLE => Age::Old,
            Ok(_) => Age::TooOld,
            // A clock that was set back says nothing about their age.
            Err(_) => Age::Old,
        }
    }
}
