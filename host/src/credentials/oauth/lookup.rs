//! Asks an issuer about tokens that say nothing themselves (RFC 7662), and keeps its answers for a moment.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use bytes::Bytes;
use http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE};
use http::{HeaderValue, Request};
use tokio::sync::Semaphore;
use tokio::time::timeout_at;

use super::Network;
use super::error::IssuerFault;
use super::fetch::Asker;
use super::keys::IssuerKeys;
use crate::auth::oauth::{IntrospectionAnswer, IssuerRules};
use crate::catalog::{Introspection, WebUrl};
use crate::clock::Clock;
use crate::digest::Digest;
use crate::percent::encoded;

/// The time for which an answer counts: a token that was revoked is good for as long.
const POSITIVE: Duration = Duration::from_secs(60);

/// The time for which a token that is not active is not looked up again.
const NEGATIVE: Duration = Duration::from_secs(10);

/// The most answers that are kept.
const MAX_ANSWERS: usize = 1024;

/// The longest time for a lookup.
const TIME: Duration = Duration::from_secs(3);

/// The most lookups at a time: others wait for their turn, so that a flood of tokens is none for the issuer.
const AT_ONCE: usize = 16;

/// Looks tokens up. Tokens themselves are nowhere in it, only their digests.
#[derive(Debug)]
pub(super) struct Lookup {
    settings: Introspection,
    clock: Clock,
    answers: Mutex<HashMap<Digest, Kept>>,
    permits: Semaphore,
}

/// An answer, and the time in which it counts.
#[derive(Clone, Debug)]
struct Kept {
    answer: Arc<IntrospectionAnswer>,
    from: SystemTime,
    to: SystemTime,
}

impl Lookup {
    pub(super) fn new(settings: Introspection, clock: Clock) -> Self {
        Self { settings, clock, answers: Mutex::default(), permits: Semaphore::new(AT_ONCE) }
    }

    /// Returns what the issuer says of a token, or said a moment ago.
    ///
    /// # Errors
    /// The issuer cannot be asked.
    pub(super) async fn answer(
        &self,
        token: &str,
        (keys, rules): (&Arc<IssuerKeys>, &IssuerRules),
        network: &Network<'_>,
    ) -> Result<Arc<IntrospectionAnswer>, IssuerFault> {
        let digest = Digest::of(token.as_bytes());
        if let Some(answer) = self.kept(&digest) {
            return Ok(answer);
        }
        let end = network.end(TIME);
        let permit = timeout_at(end, self.permits.acquire()).await;
        let _permit = permit.ok().and_then(Result::ok).ok_or(IssuerFault::Busy)?;
        let url = match &self.settings.url {
            Some(url) => url.clone(),
            None => keys.introspection_endpoint(network).await?,
        };
        let secret = network.secrets.value(&self.settings.secret, network.not_after).await?;
        let request = request(&url, token, &self.settings.client_id, secret.as_str())?;
        let asker = Asker::new(network.outbound()?, &keys.issuer, end);
        let fetched = asker.send(&url, request, IntrospectionAnswer::MAX_BYTES).await?;
        let answer = IntrospectionAnswer::read(&fetched.body, |claim| rules.reads(claim));
        let answer = Arc::new(answer.ok_or(IssuerFault::Introspection { url: url.to_string() })?);
        self.keep(digest, Arc::clone(&answer));
        Ok(answer)
    }

    fn kept(&self, digest: &Digest) -> Option<Arc<IntrospectionAnswer>> {
        let now = self.clock.now();
        // A clock that was set back makes everything old.
        let answers = self.lock();
        let kept = answers.get(digest).filter(|kept| (kept.from..kept.to).contains(&now))?;
        Some(Arc::clone(&kept.answer))
    }

    /// Keeps an answer. Those that would end first leave when there are too many.
    fn keep(&self, digest: Digest, answer: Arc<IntrospectionAnswer>) {
        let from = self.clock.now();
        let to = from + if answer.is_active() { POSITIVE } else { NEGATIVE };
        let mut answers = self.lock();
        if answers.len() >= MAX_ANSWERS {
            answers.retain(|_, kept| (kept.from..kept.to).contains(&from));
        }
        if answers.len() >= MAX_ANSWERS {
            let first = answers.iter().min_by_key(|(_, kept)| kept.to).map(|(digest, _)| *digest);
            first.map(|digest| answers.remove(&digest));
        }
        answers.insert(digest, Kept { answer, from, to });
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Digest, Kept>> {
        self.answers.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Writes the request, with the client's secret in the way that every server takes (RFC 6749, section 2.3.1).
fn request(url: &WebUrl, token: &str, client: &str, secret: &str) -> Result<Request<Bytes>, IssuerFault> {
    let credentials = format!("{}:{}", encoded(client), encoded(secret));
    let mut credentials = HeaderValue::try_from(format!("Basic {}", BASE64_STANDARD.encode(credentials)))
        .map_err(|_| IssuerFault::Introspection { url: url.to_string() })?;
    credentials.set_sensitive(true);
    let path = if url.path_and_query().starts_with('/') { url.path_and_query() } else { "/" };
    Request::post(path)
        .header(AUTHORIZATION, credentials)
        .header(CONTENT_TYPE, HeaderValue::from_static("application/x-www-form-urlencoded"))
        .header(ACCEPT, HeaderValue::from_static("application/json"))
        .body(Bytes::from(format!("token={}&token_type_hint=access_token", encoded(token))))
        .map_err(|_| IssuerFault::Introspection { url: url.to_string() })
}

#[cfg(test)]
mod tests {
    use std::time::UNIX_EPOCH;

    use super::*;

    fn lookup() -> (Lookup, Arc<Mutex<SystemTime>>) {
        let time = Arc::new(Mutex::new(UNIX_EPOCH + Duration::from_secs(1 << 30)));
        let clock_time = Arc::clone(&time);
        let settings = Introspection { url: None, client_id: "a".to_owned(), secret: "b".to_owned() };
        (Lookup::new(settings, Clock::new(move || *clock_time.lock().unwrap())), time)
    }

    fn answer(is_active: bool) -> Arc<IntrospectionAnswer> {
        let json = serde_json::json!({ "active": is_active }).to_string();
        Arc::new(IntrospectionAnswer::read(json.as_bytes(), |_| true).unwrap())
    }

    fn digest(number: usize) -> Digest {
        Digest::of(&number.to_be_bytes())
    }

    #[test]
    fn a_flood_of_tokens_pushes_out_no_answer_that_counts_for_longer() {
        let (lookup, _) = lookup();
        lookup.keep(digest(0), answer(true));
        (1..MAX_ANSWERS + 10).for_each(|number| lookup.keep(digest(number), answer(false)));
        assert_eq!(lookup.lock().len(), MAX_ANSWERS);
        assert!(lookup.kept(&digest(0)).is_some_and(|answer| answer.is_active()));
        assert!(lookup.kept(&digest(MAX_ANSWERS + 9)).is_some_and(|answer| !answer.is_active()));
    }

    #[test]
    fn an_answer_counts_for_its_time_by_a_clock_that_only_goes_on() {
        let (lookup, time) = lookup();
        lookup.keep(digest(0), answer(true));
        let start = *time.lock().unwrap();
        let second = Duration::from_secs(1);
        for (now, is_kept) in [
            (start, true),
            (start + POSITIVE - second, true),
            (start + POSITIVE, false),
            (start - second, false),
        ] {
            *time.lock().unwrap() = now;
            assert_eq!(lookup.kept(&digest(0)).is_some(), is_kept, "{now:?}");
        }
    }
}
