//! The keys that states are sealed with: from the environment, or from a secret in AWS Secrets Manager.
//!
//! All instances of a server need the same keys, because a call that asks its user something goes on wherever the
//! answer arrives. Opened once per process, asked for keys only by requests that seal or open a state.

use std::sync::Arc;
use std::time::{Instant, SystemTime};

use crate::secrets::{FetchError, Reader, SecretValue, StoredSecret, Watch};
use crate::state_token::{MIN_SECRET_CHARS, StateKeyError, StateKeys};
use crate::variables::Variables;

const KEYS: &str = Keyring::KEYS_VARIABLE;
const SECRET: &str = Keyring::SECRET_VARIABLE;

/// Tells the keys that states are sealed with.
#[derive(Debug)]
pub struct Keyring(Source);

#[derive(Debug)]
enum Source {
    None,
    Fixed(Arc<StateKeys>),
    Watched(Box<Watch<KeyTexts>>),
}

/// Names the reason why there are no keys, for the operator. Repeats no value of a variable or secret.
#[derive(Debug, thiserror::Error)]
pub enum KeyringError {
    /// Both variables are set.
    #[error("{KEYS} and {SECRET} are both set: set only one of them")]
    Both,
    /// A plugin needs keys, and none are set.
    #[error(
        "the plugin {plugin} asks its user, so the state of its calls travels with the client, sealed with a key that \
         all instances share. Set {KEYS} to a random text of at least {MIN_SECRET_CHARS} characters (`openssl \
         rand -hex 32` prints one), or {SECRET} to the name or ARN of a secret of AWS Secrets Manager that holds one"
    )]
    Missing {
        /// The first plugin that asks.
        plugin: String,
    },
    /// No keys are set.
    #[error("neither {KEYS} nor {SECRET} is set")]
    NoKey,
    /// Somewhere stands something else than secrets, or there is no randomness to make one of.
    #[error("{place}: {source}")]
    Keys {
        /// The variable, the secret, or the system.
        place: String,
        /// The error.
        source: StateKeyError,
    },
    /// The secret cannot be fetched.
    #[error(transparent)]
    Secret(#[from] FetchError),
}

/// Reads secrets with whitespace between them, the one that seals first.
#[derive(Clone, Copy, Debug)]
struct KeyTexts;

impl Keyring {
    /// The variable with the secrets themselves, with whitespace between them; the first one seals.
    pub const KEYS_VARIABLE: &str = "TOOLCELL_STATE_KEYS";

    /// The variable with the name or ARN of a secret of AWS Secrets Manager whose text is the same.
    pub const SECRET_VARIABLE: &str = "TOOLCELL_STATE_KEYS_SECRET";

    /// No keys: for a server without a plugin that asks.
    pub const fn none() -> Self {
        Self(Source::None)
    }

    /// The keys that the environment names, if it does. Draws no random number and fetches nothing.
    ///
    /// # Errors
    /// Both variables are set, or one holds something else than secrets.
    pub fn open(variables: &Variables) -> Result<Self, KeyringError> {
        match (variables.get(KEYS), variables.get(SECRET)) {
            (None, None) => Ok(Self::none()),
            (Some(text), None) => {
                KeyTexts.read(&format!("environment variable {KEYS}"), &text.into()).map(Self::from)
            }
            (None, Some(secret)) => {
                let secret = StoredSecret::SecretsManager(secret);
                Ok(Self(Source::Watched(Box::new(Watch::new(KeyTexts, secret, variables.clone())))))
            }
            (Some(_), Some(_)) => Err(KeyringError::Both),
        }
    }

    /// The same for a server of one process, which makes itself a key where the environment names none.
    ///
    /// # Errors
    /// As [`open`](Self::open), or the system has no random bytes.
    pub fn local(variables: &Variables) -> Result<Self, KeyringError> {
        let keyring = Self::open(variables)?;
        let Source::None = keyring.0 else { return Ok(keyring) };
        let refuse = |source| KeyringError::Keys { place: "a key for this process".to_owned(), source };
        StateKeys::random().map(Self::from).map_err(refuse)
    }

    /// Tells whether a plugin that `asks` can be served with these keys.
    ///
    /// # Errors
    /// [`KeyringError::Missing`]: there are none, and a plugin asks.
    pub fn check(&self, asks: Option<&str>) -> Result<(), KeyringError> {
        match (&self.0, asks) {
            (Source::None, Some(plugin)) => Err(KeyringError::Missing { plugin: plugin.to_owned() }),
            _ => Ok(()),
        }
    }

    /// Tells the keys to use now. Waits for the secret where it has to be fetched: at most three seconds, and not beyond
    /// `not_after`. A secret that was changed counts within six minutes.
    ///
    /// # Errors
    /// There are no keys, the secret cannot be fetched, or is not as it should be.
    pub async fn keys(&self, not_after: Option<Instant>) -> Result<Arc<StateKeys>, KeyringError> {
        match &self.0 {
            Source::None => Err(KeyringError::NoKey),
            Source::Fixed(keys) => Ok(Arc::clone(keys)),
            Source::Watched(watch) => watch.current(SystemTime::now(), not_after).await,
        }
    }
}

impl From<StateKeys> for Keyring {
    fn from(keys: StateKeys) -> Self {
        Self(Source::Fixed(Arc::new(keys)))
    }
}

impl Reader for KeyTexts {
    type Value = StateKeys;
    type Error = KeyringError;

    fn read(&self, place: &str, text: &SecretValue) -> Result<StateKeys, KeyringError> {
        let refuse = |source| KeyringError::Keys { place: place.to_owned(), source };
        StateKeys::new(text.as_str().split_whitespace()).map_err(refuse)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::digest::Digest;
    use crate::secrets::testing::{Fake, Scene};
    use crate::state_token::Binding;

    const OLD: &str = "canary-old-0123456789-0123456789";
    const NEW: &str = "canary-new-0123456789-0123456789";

    const BINDING: Binding<'static> = Binding {
        principal_kind: "bearer",
        principal_name: "alice",
        method: "tools/call",
        target: "delete_file",
        arguments: Digest([1; 32]),
        plugin: "files",
        component: Digest([2; 32]),
        function: "#delete-file",
        grants: Digest([3; 32]),
        config: Digest([4; 32]),
        policy: Digest([5; 32]),
        revision: "2026-07-28",
    };

    fn variables(set: &'static [(&str, &str)]) -> Variables {
        Variables::new(|name| {
            set.iter().find(|(other, _)| *other == name).map(|(_, value)| (*value).to_owned())
        })
    }

    /// The environment of a function with the extension, whose keys are in a secret.
    fn watched(fake: &Fake) -> Keyring {
        let extension = fake.variables();
        let variables = Variables::new(move |name| match name {
            SECRET => Some("toolcell/state".to_owned()),
            other => extension.get(other),
        });
        Keyring::open(&variables).unwrap()
    }

    async fn opens(keyring: &Keyring, secret: &str) -> bool {
        let text = StateKeys::new([secret]).unwrap().seal(b"yes", &BINDING).unwrap();
        keyring.keys(None).await.unwrap().open(&text, &BINDING).is_some()
    }

    #[tokio::test]
    async fn secrets_of_the_environment_stand_side_by_side() {
        let keyring = Keyring::open(&variables(&[(
            KEYS,
            "  canary-new-0123456789-0123456789\n\tcanary-old-0123456789-0123456789\n",
        )]))
        .unwrap();
        assert!(opens(&keyring, NEW).await && opens(&keyring, OLD).await);
        let text = keyring.keys(None).await.unwrap().seal(b"yes", &BINDING).unwrap();
        assert!(StateKeys::new([NEW]).unwrap().open(&text, &BINDING).is_some(), "the first one seals");
    }

    #[test]
    fn two_places_and_secrets_that_could_be_guessed_are_refused_by_name() {
        let both = Keyring::open(&variables(&[(KEYS, NEW), (SECRET, "canary/secret")])).unwrap_err();
        let guessed = Keyring::open(&variables(&[(KEYS, "canary")])).unwrap_err();
        let blank = Keyring::local(&variables(&[(KEYS, " ")])).unwrap_err();
        for error in [&both, &guessed, &blank] {
            let said = format!("{error} {error:?}");
            assert!(said.contains(KEYS) && !said.contains("canary"), "{said}");
        }
        assert!(both.to_string().contains(SECRET));
    }

    #[test]
    fn a_plugin_that_asks_needs_keys_and_others_need_none() {
        let error = Keyring::none().check(Some("curious")).unwrap_err().to_string();
        for word in ["curious", KEYS, SECRET, "32 characters"] {
            assert!(error.contains(word), "{error}");
        }
        assert!(Keyring::none().check(None).is_ok());
        assert!(Keyring::open(&variables(&[(KEYS, NEW)])).unwrap().check(Some("curious")).is_ok());
        assert!(Keyring::open(&variables(&[(SECRET, "a")])).unwrap().check(Some("curious")).is_ok());
    }

    #[tokio::test]
    async fn without_keys_a_function_has_no_seal_and_a_single_process_makes_its_own() {
        let nothing = variables(&[(KEYS, "")]);
        let error = Keyring::open(&nothing).unwrap().keys(None).await.unwrap_err();
        assert!(matches!(error, KeyringError::NoKey), "{error}");
        let local = Keyring::local(&nothing).unwrap();
        let text = local.keys(None).await.unwrap().seal(b"yes", &BINDING).unwrap();
        assert!(local.keys(None).await.unwrap().open(&text, &BINDING).is_some());
        assert!(opens(&Keyring::local(&variables(&[(KEYS, NEW)])).unwrap(), NEW).await);
    }

    #[tokio::test]
    async fn a_secret_is_fetched_by_the_first_request_that_needs_it() {
        let fake = Fake::start(vec![Scene::NotReady, Scene::secret(&format!("{NEW} {OLD}\n"))]).await;
        let keyring = watched(&fake);
        assert_eq!(fake.asked().len(), 0, "opening fetches nothing");
        assert!(opens(&keyring, NEW).await && opens(&keyring, OLD).await);
        assert_eq!(fake.asked().len(), 2, "once while it started, once when it was there");
        assert!(fake.asked()[1].contains("secretId=toolcell%2Fstate "), "{}", fake.asked()[1]);
    }

    #[tokio::test]
    async fn a_secret_that_holds_something_else_is_refused_without_being_repeated() {
        for text in ["canary", "", "canary-new-0123456789-0123456789 canary-new-0123456789-0123456789"] {
            let fake = Fake::start(vec![Scene::secret(text)]).await;
            let error = watched(&fake).keys(None).await.unwrap_err();
            let said = format!("{error} {error:?}");
            assert!(said.contains("secret toolcell/state: ") && !said.contains("canary"), "{said}");
        }
        let fake = Fake::start(vec![Scene::Status(403)]).await;
        let error = watched(&fake).keys(None).await.unwrap_err();
        assert!(
            matches!(&error, KeyringError::Secret(_)) && error.to_string().contains("GetSecretValue"),
            "{error}"
        );
    }
}
