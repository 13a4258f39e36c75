//! Admits callers with access tokens of authorization servers: finds the issuer of a token, has its keys at hand, and
//! lets [`crate::auth::oauth`] judge.
//!
//! Opened once per process, asked for each request with a token that is not a known one. It goes to the network only
//! for keys and for tokens that have to be looked up; docs/adr/0047-access-tokens.md says when.

mod discovery;
mod error;
mod fetch;
mod keys;
mod lookup;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use crate::auth::oauth::{
    Implications, IssuerRules, KeySet, MAX_TOKEN_BYTES, TokenFault, UnverifiedToken, is_jwt,
};
use crate::auth::{Principal, Refusal};
use crate::catalog::{Issuer, KeySeed, KeySource, OAuth, TOKEN_PREFIX};
use crate::clock::Clock;
use crate::net::Outbound;
use crate::secrets::Secrets;
use crate::timestamp::Timestamp;

pub use error::{IssuerError, IssuerFault};

use discovery::{Endpoints, discover};
use fetch::Asker;
use keys::IssuerKeys;
use lookup::Lookup;

/// What it takes to ask an issuer; nothing of it is made before that.
pub struct Network<'a> {
    /// Makes what sends requests.
    pub outbound: &'a (dyn Fn() -> Result<Arc<Outbound>, String> + Sync),
    /// The secrets of the package.
    pub secrets: &'a Secrets,
    /// The latest moment for an answer.
    pub not_after: Option<std::time::Instant>,
}

/// The issuers of a server.
#[derive(Debug)]
pub struct Issuers {
    settings: OAuth,
    issuers: Vec<KnownIssuer>,
    clock: Clock,
}

#[derive(Debug)]
struct KnownIssuer {
    rules: IssuerRules,
    keys: Arc<IssuerKeys>,
    lookup: Option<Lookup>,
}

/// A token that is not admitted.
#[derive(Debug)]
pub enum NotAdmitted {
    /// The token is not valid.
    Refused(Refusal),
    /// Nobody knows whether the token is valid: its issuer cannot be asked.
    Unknown(IssuerError),
}

impl Network<'_> {
    fn outbound(&self) -> Result<Arc<Outbound>, IssuerFault> {
        (self.outbound)().map_err(IssuerFault::Network)
    }

    /// Returns the moment when something that may take `most` has to end.
    fn end(&self, most: Duration) -> Instant {
        let end = Instant::now() + most;
        self.not_after.map_or(end, |not_after| end.min(not_after.into()))
    }
}

impl fmt::Debug for Network<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Network")
    }
}

impl Issuers {
    /// Takes the issuers of the catalog, with the keys that it holds. Fetches nothing.
    ///
    /// # Errors
    /// Keys in the catalog cannot be used.
    pub fn open(settings: &OAuth, clock: Clock) -> Result<Self, IssuerError> {
        let implications = Implications::new(&settings.implies);
        let known = |issuer: &Issuer| {
            let keys = IssuerKeys::new(issuer.clone(), clock.clone());
            let keys = keys.map_err(|source| IssuerError { issuer: issuer.issuer.to_string(), source })?;
            let lookup = issuer.introspection.clone();
            Ok(KnownIssuer {
                rules: IssuerRules::new(issuer, &implications),
                keys: Arc::new(keys),
                lookup: lookup.map(|settings| Lookup::new(settings, clock.clone())),
            })
        };
        let issuers = settings.issuers.values().map(known).collect::<Result<_, _>>()?;
        Ok(Self { settings: settings.clone(), issuers, clock })
    }

    /// Returns the settings.
    pub fn settings(&self) -> &OAuth {
        &self.settings
    }

    /// Decides who sent a token. `own_url` is the address of this server, if it is known.
    ///
    /// # Errors
    /// The token is not valid, or its issuer cannot be asked.
    pub async fn admit(
        &self,
        token: &str,
        own_url: Option<&str>,
        network: &Network<'_>,
    ) -> Result<Principal, NotAdmitted> {
        if !is_jwt(token) {
            return self.look_up(token, own_url, network).await;
        }
        let token = UnverifiedToken::read(token)?;
        let issuer = self.issuers.iter().find(|issuer| issuer.rules.issuer() == token.issuer());
        let issuer = issuer.ok_or(TokenFault::Issuer)?;
        issuer.rules.check_header(&token)?;
        let verify = |keys: &KeySet| issuer.rules.verify(&token, keys, own_url, self.clock.now());
        let keys = issuer.keys.current(network).await;
        let keys = keys.map_err(|source| issuer.unknown(source))?;
        match verify(&keys) {
            Err(fault) if token.needs_newer_keys(fault) => match issuer.keys.newer(&keys, network).await {
                Some(newer) => Ok(verify(&newer)?),
                None => Err(fault.into()),
            },
            verified => Ok(verified?),
        }
    }

    /// Decides who sent a token that only its issuer understands.
    async fn look_up(
        &self,
        token: &str,
        own_url: Option<&str>,
        network: &Network<'_>,
    ) -> Result<Principal, NotAdmitted> {
        let asked = self.issuers.iter().find_map(|issuer| Some((issuer, issuer.lookup.as_ref()?)));
        let (issuer, lookup) = asked.ok_or(TokenFault::Form)?;
        check_opaque(token)?;
        let answer = lookup.answer(token, (&issuer.keys, &issuer.rules), network).await;
        let answer = answer.map_err(|source| issuer.unknown(source))?;
        Ok(issuer.rules.accept(&answer, own_url, self.clock.now())?)
    }
}

/// Refuses tokens that no issuer is to see: what a toolcell server has made is not its business, and a secret.
fn check_opaque(token: &str) -> Result<(), TokenFault> {
    match token {
        token if token.starts_with(TOKEN_PREFIX) => Err(TokenFault::Static),
        token if token.len() > MAX_TOKEN_BYTES => Err(TokenFault::TooLong),
        _ => Ok(()),
    }
}

impl KnownIssuer {
    fn unknown(&self, source: IssuerFault) -> NotAdmitted {
        NotAdmitted::Unknown(IssuerError { issuer: self.rules.issuer().to_owned(), source })
    }
}

impl From<TokenFault> for NotAdmitted {
    fn from(fault: TokenFault) -> Self {
        Self::Refused(Refusal::Token(fault))
    }
}

/// Fetches the keys of an issuer for the catalog: what a server starts with.
///
/// # Errors
/// The issuer cannot be asked, or has no keys that can be used.
pub async fn seed(
    issuer: &Issuer,
    outbound: Arc<Outbound>,
    time: Duration,
    clock: &Clock,
) -> Result<KeySeed, IssuerError> {
    let fetched = fetch_seed(issuer, outbound, time, clock).await;
    fetched.map_err(|source| IssuerError { issuer: issuer.issuer.to_string(), source })
}

async fn fetch_seed(
    issuer: &Issuer,
    outbound: Arc<Outbound>,
    time: Duration,
    clock: &Clock,
) -> Result<KeySeed, IssuerFault> {
    let asker = Asker::new(outbound, issuer, Instant::now() + time);
    let Endpoints { keys: url, introspection } = match &issuer.keys {
        KeySource::Url { url, .. } => Endpoints { keys: url.clone(), introspection: None },
        KeySource::Discovered { .. } | KeySource::Fixed { .. } => discover(&asker, &issuer.issuer).await?,
    };
    let fetched = asker.get(&url, KeySet::MAX_BYTES).await?;
    let keys = KeySet::public_members(&fetched.body);
    let keys = keys.map_err(|source| IssuerFault::Keys { url: url.to_string(), source })?;
    Ok(KeySeed { fetched: Timestamp::of(clock.now()), url, introspection_endpoint: introspection, keys })
}
