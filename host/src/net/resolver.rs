//! Finds the addresses of names: a stub resolver that asks name servers itself, without a thread of its own.
//!
//! Every name is taken as it stands: no search domain is added, and `/etc/hosts` is not read. What comes back are the
//! addresses alone; [`super::address`] judges them, for each request anew.

use std::collections::HashMap;
use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use hickory_resolver::config::{
    ConnectionConfig, NameServerConfig, ResolveHosts, ResolverConfig, ResolverOpts,
};
use hickory_resolver::net::runtime::TokioRuntimeProvider;
use hickory_resolver::net::{DnsError, NetError};
use hickory_resolver::proto::op::ResponseCode;
use hickory_resolver::proto::rr::{Name, RecordType};
use hickory_resolver::{TokioResolver, system_conf};
use tokio::time::{Instant, timeout, timeout_at};
use tracing::Dispatch;
use tracing::instrument::WithSubscriber as _;

use crate::clock::Clock;

/// The longest time for the addresses of a name.
const MAX_WAIT: Duration = Duration::from_secs(5);

/// The time for one question to a name server; UDP repeats it meanwhile.
const ATTEMPT: Duration = Duration::from_secs(2);

/// The questions after the first one that got no answer.
const REPEATS: usize = 2;

/// The time that addresses of one version wait for those of the other: a name server that never answers for one of
/// them does not hold up all requests.
const STRAGGLER_WAIT: Duration = Duration::from_millis(250);

/// The most names in the cache.
const MAX_NAMES: usize = 256;

/// The longest time that addresses are kept, whatever the name server says. It is the wall clock that counts, for a
/// process that was frozen.
const MAX_TTL: Duration = Duration::from_secs(30);

/// The age at which the connections to name servers and what the system says of them are made anew.
const MAX_AGE: Duration = Duration::from_secs(30);

/// The most addresses of a name that are looked at.
const MAX_ADDRESSES: usize = 32;

/// Finds addresses; made by the first question.
pub(super) struct Resolver {
    server: Option<SocketAddr>,
    clock: Clock,
    client: Mutex<Option<(SystemTime, TokioResolver)>>,
    cache: Mutex<HashMap<String, Entry>>,
}

/// Addresses, and the time in which they may be used.
struct Entry {
    addresses: Arc<[IpAddr]>,
    from: SystemTime,
    to: SystemTime,
}

/// A name without addresses.
#[derive(Debug, thiserror::Error)]
pub(super) enum ResolveError {
    /// It is no name of a host.
    #[error("not the name of a host")]
    Malformed,
    /// There is no such name, or it has no address.
    #[error("no such name")]
    NotFound,
    /// The name servers refuse to answer, or cannot.
    #[error("{0}")]
    Failed(String),
    /// No name server has answered in time.
    #[error("no answer in time")]
    TimedOut,
    /// The system names no name server.
    #[error("no name server: {0}")]
    NoServer(String),
}

impl Resolver {
    /// Makes a resolver that asks `server`, or the name servers of the system. Does nothing else yet.
    pub(super) fn new(server: Option<SocketAddr>, clock: Clock) -> Self {
        Self { server, clock, client: Mutex::default(), cache: Mutex::default() }
    }

    /// Returns the addresses of a name, those of IPv4 and IPv6 by turns: within 5 s, and not beyond `end`.
    ///
    /// # Errors
    ///
    /// Fails if it is no name of a host, has no address, or the name servers do not say.
    pub(super) async fn addresses(&self, name: &str, end: Instant) -> Result<Arc<[IpAddr]>, ResolveError> {
        let full_name = full_name(name).ok_or(ResolveError::Malformed)?;
        if let Some(addresses) = self.cached(name) {
            return Ok(addresses);
        }
        let client = self.client()?;
        let end = end.min(Instant::now() + MAX_WAIT);
        // The library would log what name servers send.
        let look_up = look_up(&client, full_name).with_subscriber(Dispatch::none());
        let found = timeout_at(end, look_up).await;
        let (addresses, ttl) = found.map_err(|_| ResolveError::TimedOut)??;
        let addresses: Arc<[IpAddr]> = addresses.into();
        self.keep(name, Arc::clone(&addresses), ttl.min(MAX_TTL));
        Ok(addresses)
    }

    fn cached(&self, name: &str) -> Option<Arc<[IpAddr]>> {
        let now = self.clock.now();
        let cache = lock(&self.cache);
        // A clock that was set back makes everything old.
        let entry = cache.get(name).filter(|entry| (entry.from..entry.to).contains(&now))?;
        Some(Arc::clone(&entry.addresses))
    }

    /// Keeps the addresses of a name. Those that have lasted longest leave a full cache.
    fn keep(&self, name: &str, addresses: Arc<[IpAddr]>, ttl: Duration) {
        if ttl.is_zero() {
            return;
        }
        let from = self.clock.now();
        let entry = Entry { addresses, from, to: from + ttl };
        let mut cache = lock(&self.cache);
        if cache.len() >= MAX_NAMES {
            cache.retain(|_, entry| (entry.from..entry.to).contains(&from));
        }
        if cache.len() >= MAX_NAMES && !cache.contains_key(name) {
            let first = cache.iter().min_by_key(|(_, entry)| entry.to).map(|(name, _)| name.clone());
            first.map(|name| cache.remove(&name));
        }
        cache.insert(name.to_owned(), entry);
    }

    /// Returns what asks the name servers; made anew when it is old, so that neither a connection that died while the
    /// process was frozen nor yesterday's network is used.
    fn client(&self) -> Result<TokioResolver, ResolveError> {
        let now = self.clock.now();
        let mut client = lock(&self.client);
        if let Some((since, client)) = &*client
            && now.duration_since(*since).is_ok_and(|age| age <= MAX_AGE)
        {
            return Ok(client.clone());
        }
        let fresh = open(self.server)?;
        *client = Some((now, fresh.clone()));
        Ok(fresh)
    }
}

impl fmt::Debug for Resolver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Resolver").field("server", &self.server).finish_non_exhaustive()
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Makes a resolver without a cache, search domains or `/etc/hosts`.
fn open(server: Option<SocketAddr>) -> Result<TokioResolver, ResolveError> {
    let no_server = |error: NetError| ResolveError::NoServer(error.to_string());
    let servers = match server {
        Some(server) => vec![name_server(server)],
        None => system_conf::read_system_conf().map_err(no_server)?.0.name_servers,
    };
    let config = ResolverConfig::from_name_servers(servers);
    let mut builder = TokioResolver::builder_with_config(config, TokioRuntimeProvider::default());
    *builder.options_mut() = options();
    builder.build().map_err(no_server)
}

fn name_server(server: SocketAddr) -> NameServerConfig {
    let mut connections = [ConnectionConfig::udp(), ConnectionConfig::tcp()];
    connections.iter_mut().for_each(|connection| connection.port = server.port());
    NameServerConfig::new(server.ip(), true, connections.into())
}

fn options() -> ResolverOpts {
    let mut options = ResolverOpts::default();
    options.timeout = ATTEMPT;
    options.attempts = REPEATS;
    options.cache_size = 0; // its entries grow old by a clock that stops while the process is frozen
    options.use_hosts_file = ResolveHosts::Never;
    options
}

/// Asks for the addresses of both versions at once, and returns them with the shortest time that they last.
async fn look_up(client: &TokioResolver, name: Name) -> Result<(Vec<IpAddr>, Duration), ResolveError> {
    let ask = |kind| ask(client, name.clone(), kind);
    let (mut v4, mut v6) = (Box::pin(ask(RecordType::A)), Box::pin(ask(RecordType::AAAA)));
    let (v4, v6) = tokio::select! {
        found = &mut v4 => { let other = other_version(&found, v6).await; (found, other) }
        found = &mut v6 => { let other = other_version(&found, v4).await; (other, found) }
    };
    let (v4, v6) = match (v4, v6) {
        (Ok(v4), Ok(v6)) => (v4, v6),
        (Ok(found), Err(_)) | (Err(_), Ok(found)) => (found, Vec::new()),
        // It takes both answers to know that there is no address.
        (Err(ResolveError::NotFound), Err(error)) | (Err(error), Err(_)) => return Err(error),
    };
    let ttl = v4.iter().chain(&v6).map(|(_, ttl)| *ttl).min().ok_or(ResolveError::NotFound)?;
    let longest = v4.len().max(v6.len());
    let by_turns = (0..longest).flat_map(|place| [v4.get(place), v6.get(place)]).flatten();
    let addresses = by_turns.map(|(address, _)| *address).take(MAX_ADDRESSES).collect();
    Ok((addresses, Duration::from_secs(ttl.into())))
}

/// The addresses of a version, each with the seconds that it lasts.
type Answer = Result<Vec<(IpAddr, u32)>, ResolveError>;

/// Waits for the answer for the other version: not long if the first one will do.
async fn other_version(found: &Answer, other: impl Future<Output = Answer>) -> Answer {
    match found {
        Ok(_) => timeout(STRAGGLER_WAIT, other).await.unwrap_or(Err(ResolveError::TimedOut)),
        Err(_) => other.await,
    }
}

async fn ask(client: &TokioResolver, name: Name, kind: RecordType) -> Answer {
    let found = client.lookup(name, kind).await.map_err(explain)?;
    let records = found.answers().iter();
    let addresses = records.filter_map(|record| record.data.ip_addr().map(|address| (address, record.ttl)));
    let addresses: Vec<_> = addresses.collect();
    if addresses.is_empty() { Err(ResolveError::NotFound) } else { Ok(addresses) }
}

fn explain(error: NetError) -> ResolveError {
    match error {
        NetError::Timeout => ResolveError::TimedOut,
        NetError::Dns(DnsError::NoRecordsFound(found))
            if matches!(found.response_code, ResponseCode::NXDomain | ResponseCode::NoError) =>
        {
            ResolveError::NotFound
        }
        // The text repeats what a name server sent, and is for the operator.
        error => ResolveError::Failed(error.to_string()),
    }
}

/// Reads the name of a host: labels of letters, digits, `-` and `_`, the last one no number, and no dot at the end.
fn full_name(name: &str) -> Option<Name> {
    let is_label = |label: &str| {
        let is_allowed = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
        (1..=63).contains(&label.len()) && label.bytes().all(is_allowed)
    };
    // A name whose last label is a number, as 127.1, is an address to other readers.
    let last = name.rsplit('.').next()?;
    if name.len() > 253 || !name.split('.').all(is_label) || is_number(last) {
        return None;
    }
    let mut name = Name::from_ascii(name).ok()?;
    name.set_fqdn(true);
    Some(name)
}

fn is_number(label: &str) -> bool {
    let digits = label.strip_prefix("0x").or(label.strip_prefix("0X"));
    match digits {
        Some(digits) => digits.bytes().all(|byte| byte.is_ascii_hexdigit()),
        None => label.bytes().all(|byte| byte.is_ascii_digit()),
    }
}

#[cfg(test)]
mod tests {
    use std::time::UNIX_EPOCH;

    use super::*;
    use crate::clock::TestClock;

    #[test]
    fn names_of_hosts_are_taken_as_they_stand() {
        for name in
            ["example.com", "a", "x-1.example", "_service.example.com", "3com.example", "1.2.3.4.example"]
        {
            assert_eq!(full_name(name).unwrap().to_ascii(), format!("{name}."));
        }
    }

    #[test]
    fn what_another_reader_takes_for_an_address_is_no_name() {
        let long = "a".repeat(64);
        let deep = "a.".repeat(127) + "aa";
        for name in [
            "",
            ".",
            "example.com.",
            "a..b",
            ".a",
            "127.1",
            "2130706433",
            "0x7f.1",
            "0x7f000001",
            "0177.0.0.1",
            "0",
            "127.0.0.1",
            "a.0x",
            "::1",
            "[::1]",
            "a b",
            "a\0b",
            "a/b",
            "a@b",
            "a:1",
            "ａ.example",
            "１２７.0.0.1",
            "a%2eb",
            "fe80::1%lo",
            "*.example.com",
            &long,
            &deep,
        ] {
            assert!(full_name(name).is_none(), "{name:?}");
        }
    }

    fn resolver() -> (Resolver, TestClock) {
        let clock = TestClock::at(UNIX_EPOCH + Duration::from_secs(1_800_000_000));
        (Resolver::new(None, clock.clock()), clock)
    }

    fn keep(resolver: &Resolver, name: &str, seconds: u64) {
        resolver.keep(name, [IpAddr::from([192, 0, 2, 1])].into(), Duration::from_secs(seconds));
    }

    #[test]
    fn addresses_are_kept_for_their_time_by_the_wall_clock() {
        let (resolver, clock) = resolver();
        keep(&resolver, "a.example", 5);
        keep(&resolver, "b.example", 0);
        assert!(resolver.cached("a.example").is_some() && resolver.cached("b.example").is_none());
        clock.pass(Duration::from_millis(4_999));
        assert!(resolver.cached("a.example").is_some());
        clock.pass(Duration::from_millis(1));
        assert!(resolver.cached("a.example").is_none());
        clock.set(UNIX_EPOCH);
        assert!(resolver.cached("a.example").is_none());
    }

    #[test]
    fn a_full_cache_lets_go_of_what_would_end_first() {
        let (resolver, _) = resolver();
        keep(&resolver, "first.example", 1);
        for number in 0..MAX_NAMES {
            keep(&resolver, &format!("{number}.example"), 20);
        }
        assert_eq!(lock(&resolver.cache).len(), MAX_NAMES);
        assert!(resolver.cached("first.example").is_none() && resolver.cached("255.example").is_some());
    }
}
