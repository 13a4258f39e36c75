//! Keeps the content of a secret: fetches it when it is first needed, and again from time to time.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use tokio::sync::Mutex;

use super::extension::{Extension, FetchTimeout, SecretError};
use crate::variables::Variables;

/// The time for which an answer is valid. The extension caches for five minutes, so most fetches are cheap.
const FRESH: Duration = Duration::from_secs(60);

/// Time for which the last good answer counts while there is no newer one. An outage of Secrets Manager does not
/// lock callers out at once; a secret that was deleted does, in the end.
const USABLE: Duration = Duration::from_secs(15 * 60);

/// Makes a value of a secret's text.
pub(super) trait Reader {
    /// The value parsed from it.
    type Value;
    /// The error of the last fetch.
    type Error: From<SecretError> + fmt::Display;

    /// Reads `text`; `place` is where it stands, for the operator.
    fn read(&self, place: &str, text: &str) -> Result<Self::Value, Self::Error>;
}

/// The current value of a secret.
#[derive(Debug)]
pub(super) struct Watch<R: Reader> {
    reader: R,
    secret: String,
    extension: Extension,
    last: Mutex<Option<Answer<R::Value>>>,
}

/// The last good answer.
#[derive(Debug)]
struct Answer<V> {
    value: Arc<V>,
    /// The time of the answer.
    given: SystemTime,
    /// The time of the last request for a newer one.
    asked: SystemTime,
}

impl<R: Reader> Watch<R> {
    pub(super) fn new(reader: R, secret: String, variables: Variables) -> Self {
        Self { reader, secret, extension: Extension::new(variables), last: Mutex::new(None) }
    }

    /// Returns the valid value at `now`, in wall time: other clocks may stop while the process is frozen.
    /// Requests that come while another one fetches wait for it.
    pub(super) async fn current(
        &self,
        now: SystemTime,
        not_after: Option<Instant>,
    ) -> Result<Arc<R::Value>, R::Error> {
        let mut last = self.last.lock().await;
        let Some(answer) = last.as_mut() else {
            let value = self.fetch(FetchTimeout::Starting, not_after).await?;
            *last = Some(Answer { value: Arc::clone(&value), given: now, asked: now });
            return Ok(value);
        };
        if age(answer.asked, now) < FRESH {
            return Ok(Arc::clone(&answer.value));
        }
        answer.asked = now;
        match self.fetch(FetchTimeout::Running, not_after).await {
            Ok(value) => (answer.value, answer.given) = (value, now),
            Err(error) if age(answer.given, now) < USABLE => {
                tracing::warn!(%error, "a secret cannot be fetched anew: what it held last still counts");
            }
            Err(error) => {
                *last = None;
                return Err(error);
            }
        }
        Ok(Arc::clone(&answer.value))
    }

    async fn fetch(
        &self,
        timeout: FetchTimeout,
        not_after: Option<Instant>,
    ) -> Result<Arc<R::Value>, R::Error> {
        let refuse = |source| SecretError { secret: self.secret.clone(), source };
        let text = self.extension.secret(&self.secret, timeout, not_after).await.map_err(refuse)?;
        Ok(Arc::new(self.reader.read(&format!("secret {}", self.secret), &text)?))
    }
}

/// A clock that was set back makes everything old.
fn age(since: SystemTime, now: SystemTime) -> Duration {
    now.duration_since(since).unwrap_or(Duration::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::auth::{Access, Anonymous, Iam};
    use crate::credentials::extension::testing::{Fake, Scene};
    use crate::credentials::{CredentialError, Principals};

    const MINUTE: Duration = Duration::from_secs(60);

    fn watch(fake: &Fake) -> Watch<Principals> {
        let principals =
            Principals { bearer: Some(Vec::new()), iam: Iam::default(), anonymous: Anonymous::Refused };
        Watch::new(principals, "toolcell/principals".to_owned(), fake.variables())
    }

    fn holding(token: &str) -> Scene {
        let digest = crate::digest::Digest::of(token.as_bytes());
        Scene::secret(&format!(r#"{{"principals":{{"alice":{{"tokens":["sha256:{digest}"]}}}}}}"#))
    }

    fn admits(access: &Access, token: &str) -> bool {
        let request = http::Request::post("/mcp").header("authorization", format!("Bearer {token}"));
        access.admit(&request.body(()).unwrap().into_parts().0, None).is_ok()
    }

    #[tokio::test]
    async fn a_token_that_is_taken_back_is_refused_a_minute_later_and_not_asked_for_before() {
        let fake = Fake::start(vec![holding("old"), holding("new")]).await;
        let (watch, start) = (watch(&fake), SystemTime::now());
        let tell = async |after: Duration| {
            let access = watch.current(start + after, None).await.unwrap();
            (admits(&access, "old"), admits(&access, "new"))
        };
        assert_eq!(tell(Duration::ZERO).await, (true, false));
        assert_eq!(tell(MINUTE - Duration::from_millis(1)).await, (true, false));
        assert_eq!(fake.asked().len(), 1);
        assert_eq!(tell(MINUTE).await, (false, true));
        assert_eq!(fake.asked().len(), 2);
    }

    #[tokio::test]
    async fn the_last_answer_counts_through_an_outage_of_a_quarter_of_an_hour_and_no_longer() {
        let outage = || Scene::Status(500);
        let fake = Fake::start(vec![holding("old"), outage(), outage(), outage(), holding("new")]).await;
        let (watch, start) = (watch(&fake), SystemTime::now());
        for after in [Duration::ZERO, 5 * MINUTE, 15 * MINUTE - Duration::from_secs(1)] {
            assert!(admits(&watch.current(start + after, None).await.unwrap(), "old"), "{after:?}");
        }
        let error = watch.current(start + 16 * MINUTE, None).await.unwrap_err();
        assert!(matches!(error, CredentialError::Secret(_)), "{error}");
        assert!(admits(&watch.current(start + 16 * MINUTE, None).await.unwrap(), "new"), "and it heals");
    }

    #[tokio::test]
    async fn a_clock_that_was_set_back_asks_again() {
        let fake = Fake::start(vec![holding("old"), holding("new")]).await;
        let (watch, start) = (watch(&fake), SystemTime::now());
        watch.current(start, None).await.unwrap();
        assert!(admits(&watch.current(start - MINUTE, None).await.unwrap(), "new"));
    }

    #[tokio::test]
    async fn requests_at_the_same_time_ask_once() {
        let fake = Fake::start(vec![Scene::NotReady, holding("old")]).await;
        let (watch, start) = (watch(&fake), SystemTime::now());
        let (one, two) = tokio::join!(watch.current(start, None), watch.current(start, None));
        assert!(admits(&one.unwrap(), "old") && admits(&two.unwrap(), "old"));
        assert_eq!(fake.asked().len(), 2, "once while it started, once when it was there");
    }

    #[tokio::test]
    async fn a_secret_that_holds_something_else_admits_nobody_and_is_not_repeated() {
        for text in
            ["tct_canary", "", r#"{"principals":{}}"#, r#"{"principals":{"a":{"tokens":["tct_canary"]}}}"#]
        {
            let fake = Fake::start(vec![Scene::secret(text)]).await;
            let error = watch(&fake).current(SystemTime::now(), None).await.unwrap_err();
            let said = format!("{error} {error:?}");
            assert!(said.contains("secret toolcell/principals") && !said.contains("canary"), "{said}");
        }
    }
}
