//! The credentials that STS has handed out.

use std::sync::{Arc, Mutex, MutexGuard};

use async_trait::async_trait;
use s3s::auth::{S3Auth, SecretKey};
use s3s::{S3Result, s3_error};

use crate::s3::{ACCESS_KEY, SECRET_KEY};

/// Temporary credentials.
#[derive(Clone, Debug)]
pub struct HandedOut {
    /// The access key.
    pub access_key: String,
    /// Its secret.
    pub secret_key: String,
    /// The session token, which every request has to bring.
    pub token: String,
    /// The name of the session.
    pub session: String,
    /// The session policy, as it was sent.
    pub policy: String,
}

/// The sessions, and how further ones are answered.
#[derive(Debug)]
pub(super) struct Sessions(Mutex<State>);

#[derive(Debug)]
struct State {
    handed_out: Vec<HandedOut>,
    validity: u64,
    refusal: Option<&'static str>,
}

impl Default for Sessions {
    fn default() -> Self {
        Self(Mutex::new(State { handed_out: Vec::new(), validity: 900, refusal: None }))
    }
}

impl Sessions {
    /// Hands credentials out; the error is the code of a refusal. Returns them with their validity in seconds.
    pub(super) fn open(&self, session: String, policy: String) -> Result<(HandedOut, u64), &'static str> {
        let mut state = self.state();
        if let Some(code) = state.refusal {
            return Err(code);
        }
        let number = state.handed_out.len() + 1;
        let one = HandedOut {
            access_key: format!("ASIATESTSESSION{number:05}"),
            secret_key: format!("canary/session/secret+{number:05}"),
            token: format!("canary+session/token+{number:05}=="),
            session,
            policy,
        };
        state.handed_out.push(one.clone());
        Ok((one, state.validity))
    }

    pub(super) fn find(&self, access_key: &str) -> Option<HandedOut> {
        self.state().handed_out.iter().find(|one| one.access_key == access_key).cloned()
    }

    pub(super) fn handed_out(&self) -> Vec<HandedOut> {
        self.state().handed_out.clone()
    }

    pub(super) fn set_validity(&self, seconds: u64) {
        self.state().validity = seconds;
    }

    pub(super) fn refuse(&self, code: Option<&'static str>) {
        self.state().refusal = code;
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().expect("no request has panicked")
    }
}

/// Finds the secrets of access keys for those who verify signatures.
pub(super) struct Keys(pub(super) Arc<Sessions>);

#[async_trait]
impl S3Auth for Keys {
    async fn get_secret_key(&self, access_key: &str) -> S3Result<SecretKey> {
        if access_key == ACCESS_KEY {
            return Ok(SECRET_KEY.into());
        }
        let found = self.0.find(access_key).ok_or_else(|| s3_error!(InvalidAccessKeyId))?;
        Ok(found.secret_key.as_str().into())
    }
}
