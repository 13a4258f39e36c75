//! Keeps what the requests of one call use, rule by rule, for its budgets and for the log.

use std::collections::BTreeSet;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant};

use tokio::sync::{AcquireError, OwnedSemaphorePermit, Semaphore};

use crate::catalog::HttpGrant;
use crate::sandbox::holder::Holder;
use crate::sandbox::slots::{Slot, Slots};

/// The most hosts that the log names for a call.
const MAX_HOSTS: usize = 8;

/// What a call has used to reach other hosts, for the log.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HttpUsage {
    /// The rules under which it has sent requests, in the order of `toolcell.toml`.
    pub rules: Vec<RuleUsage>,
    /// The first hosts, each once, escaped and cut.
    pub hosts: BTreeSet<String>,
}

/// What the requests under one rule have used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuleUsage {
    /// The place of the rule, and its scheme, host and port: `0 https://api.example.com`.
    pub rule: String,
    /// The requests that it has allowed.
    pub requests: u32,
    /// The bytes of their bodies.
    pub sent_bytes: u64,
    /// The bytes of the bodies of responses.
    pub received_bytes: u64,
    /// The time from each request to the end of its response, added up.
    pub time: Duration,
}

/// The requests of one call; shared with the tasks that carry them out.
pub(super) struct Ledger {
    start: Instant,
    rules: Vec<Rule>,
    state: Mutex<State>,
}

/// A rule with the requests that may run at a time.
struct Rule {
    requests: u32,
    permits: Arc<Semaphore>,
}

#[derive(Default)]
struct State {
    counts: Vec<Counts>,
    hosts: BTreeSet<String>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Counts {
    requests: u32,
    sent_bytes: u64,
    received_bytes: u64,
    /// The requests that are not over.
    open: u32,
    /// The ends of those that are over, less the starts of all.
    balance: i128,
}

/// A place in the queue of a rule.
type Place = Pin<Box<dyn Future<Output = Result<OwnedSemaphorePermit, AcquireError>> + Send + Sync>>;

/// One request, from the moment when a rule has allowed it until its response has ended.
pub(super) struct Exchange {
    ledger: Arc<Ledger>,
    rule: usize,
    permit: Option<OwnedSemaphorePermit>,
    /// Its part of the process.
    slot: Option<Slot>,
    /// Its place, if the rule had no room at once.
    place: Option<Place>,
}

impl Ledger {
    /// Opens the ledger of a call under these rules.
    pub(super) fn new<'g>(rules: impl Iterator<Item = &'g HttpGrant>) -> Self {
        let rule = |grant: &HttpGrant| Rule {
            requests: grant.requests,
            permits: Arc::new(Semaphore::new(grant.at_once as usize)),
        };
        let rules: Vec<_> = rules.map(rule).collect();
        let counts = vec![Counts::default(); rules.len()];
        let state = Mutex::new(State { counts, hosts: BTreeSet::new() });
        Self { start: Instant::now(), rules, state }
    }

    /// Counts a request under a rule; returns `None` if the rule allows no more of them.
    pub(super) fn begin(self: &Arc<Self>, rule: usize, host: impl FnOnce() -> String) -> Option<Exchange> {
        let now = self.now();
        let mut state = self.state();
        let counts = state.counts.get_mut(rule)?;
        if counts.requests >= self.rules[rule].requests {
            return None;
        }
        counts.requests += 1;
        counts.open += 1;
        counts.balance -= now;
        if state.hosts.len() < MAX_HOSTS {
            state.hosts.insert(host());
        }
        drop(state);
        let mut exchange = Exchange { ledger: Arc::clone(self), rule, permit: None, slot: None, place: None };
        exchange.queue();
        Some(exchange)
    }

    /// Reports what was used so far; `None` if no request was allowed.
    pub(super) fn usage<'g>(&self, rules: impl Iterator<Item = &'g HttpGrant>) -> Option<HttpUsage> {
        let now = self.now();
        let state = self.state();
        let used = rules.zip(&state.counts).enumerate().filter(|(_, (_, counts))| counts.requests > 0);
        let usage = |(at, (rule, counts)): (usize, (&HttpGrant, &Counts))| RuleUsage {
            rule: format!("{at} {}", rule.origin()),
            requests: counts.requests,
            sent_bytes: counts.sent_bytes,
            received_bytes: counts.received_bytes,
            time: counts.time(now),
        };
        let rules: Vec<_> = used.map(usage).collect();
        (!rules.is_empty()).then(|| HttpUsage { rules, hosts: state.hosts.clone() })
    }

    fn count(&self, rule: usize, change: impl FnOnce(&mut Counts)) {
        if let Some(counts) = self.state().counts.get_mut(rule) {
            change(counts);
        }
    }

    /// Returns the time since the start, in microseconds.
    fn now(&self) -> i128 {
        i128::try_from(self.start.elapsed().as_micros()).unwrap_or_default()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Counts {
    fn time(&self, now: i128) -> Duration {
        let total = self.balance + now * i128::from(self.open);
        Duration::from_micros(u64::try_from(total).unwrap_or_default())
    }
}

impl Exchange {
    /// Takes the next place in the queue of the rule. A guest reads responses in the order in which it has sent requests,
    /// so a later one must not run before an earlier one.
    fn queue(&mut self) {
        let permits = Arc::clone(&self.ledger.rules[self.rule].permits);
        let mut place: Place = Box::pin(permits.acquire_owned());
        match place.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            // Nobody closes a semaphore.
            Poll::Ready(permit) => self.permit = permit.ok(),
            Poll::Pending => self.place = Some(place),
        }
    }

    /// Waits until the rule and the process have room for the request.
    pub(super) async fn admit(&mut self, process: &Slots, holder: &Holder) {
        if let Some(place) = self.place.take() {
            self.permit = place.await.ok();
        }
        self.slot = Some(process.acquire(holder).await);
    }

    /// Returns a counter for the bytes of the request's body.
    pub(super) fn sent(&self) -> impl Fn(usize) + Send + use<> {
        let (ledger, rule) = (Arc::clone(&self.ledger), self.rule);
        move |bytes| ledger.count(rule, |counts| counts.sent_bytes += bytes as u64)
    }

    /// Counts bytes of the response's body.
    pub(super) fn received(&self, bytes: usize) {
        self.ledger.count(self.rule, |counts| counts.received_bytes += bytes as u64);
    }
}

impl Drop for Exchange {
    fn drop(&mut self) {
        let now = self.ledger.now();
        self.ledger.count(self.rule, |counts| {
            counts.open = counts.open.saturating_sub(1);
            counts.balance += now;
        });
    }
}

#[cfg(test)]
mod tests {
    use tokio::time::timeout;

    use super::super::network::Network;
    use super::*;
    use crate::sandbox::slots::Sharing;

    fn rules() -> [HttpGrant; 2] {
        let rule =
            |host: &str| HttpGrant { requests: 2, at_once: 1, ..HttpGrant::new(host.parse().unwrap()) };
        [rule("a.example"), rule("*.b.example")]
    }

    #[test]
    fn each_rule_has_its_own_number_of_requests() {
        let rules = rules();
        let ledger = Arc::new(Ledger::new(rules.iter()));
        assert_eq!(ledger.usage(rules.iter()), None);
        for _ in 0..2 {
            assert!(ledger.begin(1, || "x.b.example".to_owned()).is_some());
        }
        assert!(ledger.begin(1, String::new).is_none());
        assert!(ledger.begin(0, || "a.example".to_owned()).is_some());
        let usage = ledger.usage(rules.iter()).unwrap();
        let shown: Vec<_> = usage.rules.iter().map(|rule| (rule.rule.as_str(), rule.requests)).collect();
        assert_eq!(shown, [("0 https://a.example", 1), ("1 https://*.b.example", 2)]);
        assert_eq!(usage.hosts.into_iter().collect::<Vec<_>>(), ["a.example", "x.b.example"]);
    }

    #[test]
    fn a_call_names_eight_hosts_and_no_more() {
        let rules = [HttpGrant { requests: 100, ..HttpGrant::new("*.b.example".parse().unwrap()) }];
        let ledger = Arc::new(Ledger::new(rules.iter()));
        for number in 0..20 {
            ledger.begin(0, || format!("{number}.b.example")).unwrap();
        }
        assert_eq!(ledger.usage(rules.iter()).unwrap().hosts.len(), MAX_HOSTS);
    }

    #[tokio::test]
    async fn a_request_waits_until_the_one_before_is_over() {
        let rules = rules();
        let (ledger, process) = (Arc::new(Ledger::new(rules.iter())), Slots::new(8, Sharing::Fair));
        let holder = Holder::new(&"one".into(), None);
        let mut first = ledger.begin(0, String::new).unwrap();
        first.admit(&process, &holder).await;
        let mut second = ledger.begin(0, String::new).unwrap();
        tokio::select! {
            biased;
            () = second.admit(&process, &holder) => panic!("two at once"),
            () = std::future::ready(()) => {}
        }
        drop(first);
        second.admit(&process, &holder).await;
    }

    #[tokio::test(start_paused = true)]
    async fn requests_of_one_plugin_leave_room_for_those_of_another() {
        let rules =
            [HttpGrant { requests: 200, at_once: 200, ..HttpGrant::new("a.example".parse().unwrap()) }];
        let process = Network::default().shared().unwrap().slots;
        let mut open = Vec::new();
        for (plugin, most) in [("greedy", 64), ("other", 32)] {
            let (ledger, holder) = (Arc::new(Ledger::new(rules.iter())), Holder::new(&plugin.into(), None));
            let begin = || ledger.begin(0, String::new).unwrap();
            for _ in 0..most {
                let mut exchange = begin();
                let admitted = timeout(Duration::from_secs(60), exchange.admit(&process, &holder)).await;
                assert!(admitted.is_ok(), "{plugin} has {} requests", open.len());
                open.push(exchange);
            }
            let mut more = begin();
            assert!(timeout(Duration::from_secs(60), more.admit(&process, &holder)).await.is_err());
        }
    }

    #[test]
    fn bytes_are_counted_while_they_pass_and_time_until_the_end() {
        let rules = rules();
        let ledger = Arc::new(Ledger::new(rules.iter()));
        let exchange = ledger.begin(0, String::new).unwrap();
        let sent = exchange.sent();
        sent(3);
        exchange.received(5);
        sent(4);
        let usage = ledger.usage(rules.iter()).unwrap();
        assert_eq!((usage.rules[0].sent_bytes, usage.rules[0].received_bytes), (7, 5));
        drop(exchange);
        let [once, twice] = [0, 1].map(|_| ledger.usage(rules.iter()).unwrap().rules[0].time);
        assert_eq!(once, twice, "the clock of a request stops at its end");
    }
}
