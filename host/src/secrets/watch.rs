//! Keeps the content of a secret: fetches it when it is first needed, and again from time to time.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use tokio::sync::Mutex;

use super::extension::{Extension, FetchError, FetchTimeout};
use super::stored::StoredSecret;
use super::value::SecretValue;
use crate::variables::Variables;

/// The time for which an answer is valid. The extension caches for five minutes, so most fetches are cheap.
const FRESH: Duration = Duration::from_secs(60);

/// Time for which the last good answer counts while there is no newer one. An outage of AWS does not lock callers out
/// at once; a secret that was deleted does, in the end.
const USABLE: Duration = Duration::from_secs(15 * 60);

/// Makes a value of a secret's text.
pub(crate) trait Reader {
    /// The value parsed from it.
    type Value;
    /// The error of the last fetch.
    type Error: From<FetchError> + fmt::Display;

    /// Reads `text`; `place` is where it stands, for the operator.
    fn read(&self, place: &str, text: &SecretValue) -> Result<Self::Value, Self::Error>;
}

/// The current value of a secret.
#[derive(Debug)]
pub(crate) struct Watch<R: Reader> {
    reader: R,
    secret: StoredSecret,
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
    pub(crate) fn new(reader: R, secret: StoredSecret, variables: Variables) -> Self {
        Self { reader, secret, extension: Extension::new(variables), last: Mutex::new(None) }
    }

    /// Returns the valid value at `now`, in wall time: other clocks may stop while the process is frozen.
    /// Requests that come while another one fetches wait for it.
    pub(crate) async fn current(
        &self,
        now: SystemTime,
        not_after: Option<Instant>,
    ) -> Result<Arc<R::Value>, R::Error> {
        let mut last = self.last.lock().await;
        let Some(answer) = last.as_mut() else {
            let value = Box::pin(self.fetch(FetchTimeout::Starting, not_after)).await?;
            *last = Some(Answer { value: Arc::clone(&value), given: now, asked: now });
            return Ok(value);
        };
        if age(answer.asked, now) < FRESH {
            return Ok(Arc::clone(&answer.value));
        }
        answer.asked = now;
        match Box::pin(self.fetch(FetchTimeout::Running, not_after)).await {
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

    /// Asks the extension. Await it in a box: it is rare, and its states would be part of every request.
    async fn fetch(
        &self,
        timeout: FetchTimeout,
        not_after: Option<Instant>,
    ) -> Result<Arc<R::Value>, R::Error> {
        let refuse = |source| FetchError { secret: self.secret.clone(), source };
        let text = self.extension.text(&self.secret, timeout, not_after).await.map_err(refuse)?;
        Ok(Arc::new(self.reader.read(&self.secret.to_string(), &text)?))
    }
}

/// A clock that was set back makes everything old.
fn age(since: SystemTime, now: SystemTime) -> Duration {
    now.duration_since(since).unwrap_or(Duration::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::secrets::extension::testing::{Fake, Scene};

    const MINUTE: Duration = Duration::from_secs(60);

    /// Takes every text but `canary`.
    #[derive(Debug)]
    struct Texts;

    #[derive(Debug, thiserror::Error)]
    enum TextError {
        #[error("{0}: cannot be read")]
        Unreadable(String),
        #[error(transparent)]
        Fetch(#[from] FetchError),
    }

    impl Reader for Texts {
        type Value = String;
        type Error = TextError;

        fn read(&self, place: &str, text: &SecretValue) -> Result<String, TextError> {
            match text.as_str() {
                "canary" => Err(TextError::Unreadable(place.to_owned())),
                text => Ok(text.to_owned()),
            }
        }
    }

    fn watch(fake: &Fake) -> Watch<Texts> {
        Watch::new(Texts, StoredSecret::SecretsManager("toolcell/text".to_owned()), fake.variables())
    }

    #[tokio::test]
    async fn what_was_replaced_counts_a_minute_later_and_is_not_asked_for_before() {
        let fake = Fake::start(vec![Scene::secret("old"), Scene::secret("new")]).await;
        let (watch, start) = (watch(&fake), SystemTime::now());
        let tell = async |after: Duration| watch.current(start + after, None).await.unwrap();
        assert_eq!(*tell(Duration::ZERO).await, "old");
        assert_eq!(*tell(MINUTE - Duration::from_millis(1)).await, "old");
        assert_eq!(fake.asked().len(), 1);
        assert_eq!(*tell(MINUTE).await, "new");
        assert_eq!(fake.asked().len(), 2);
    }

    #[tokio::test]
    async fn the_last_answer_counts_through_an_outage_of_a_quarter_of_an_hour_and_no_longer() {
        let (old, new, outage) = (Scene::secret("old"), Scene::secret("new"), || Scene::Status(500));
        let fake = Fake::start(vec![old, outage(), outage(), outage(), new]).await;
        let (watch, start) = (watch(&fake), SystemTime::now());
        for after in [Duration::ZERO, 5 * MINUTE, 15 * MINUTE - Duration::from_secs(1)] {
            assert_eq!(*watch.current(start + after, None).await.unwrap(), "old", "{after:?}");
        }
        let error = watch.current(start + 16 * MINUTE, None).await.unwrap_err();
        assert!(matches!(error, TextError::Fetch(_)), "{error}");
        assert_eq!(*watch.current(start + 16 * MINUTE, None).await.unwrap(), "new", "and it heals");
    }

    #[tokio::test]
    async fn a_clock_that_was_set_back_asks_again() {
        let fake = Fake::start(vec![Scene::secret("old"), Scene::secret("new")]).await;
        let (watch, start) = (watch(&fake), SystemTime::now());
        watch.current(start, None).await.unwrap();
        assert_eq!(*watch.current(start - MINUTE, None).await.unwrap(), "new");
    }

    #[tokio::test]
    async fn requests_at_the_same_time_ask_once() {
        let fake = Fake::start(vec![Scene::NotReady, Scene::secret("old")]).await;
        let (watch, start) = (watch(&fake), SystemTime::now());
        let (one, two) = tokio::join!(watch.current(start, None), watch.current(start, None));
        assert_eq!((one.unwrap().as_str(), two.unwrap().as_str()), ("old", "old"));
        assert_eq!(fake.asked().len(), 2, "once while it started, once when it was there");
    }

    #[tokio::test]
    async fn a_text_that_cannot_be_read_is_an_error_with_its_place() {
        let fake = Fake::start(vec![Scene::secret("canary")]).await;
        let error = watch(&fake).current(SystemTime::now(), None).await.unwrap_err();
        assert_eq!(error.to_string(), "secret toolcell/text: cannot be read");
    }
}
