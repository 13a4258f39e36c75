//! An authorization server as a resource server sees it: metadata, keys and introspection over TLS, and tokens.
//!
//! It signs in this process, so that a test can make every token that an attacker could send. Its certificate is of an
//! authority made for the run. It keeps what it was asked, and misbehaves as a test says.

mod behaviour;
mod key;
mod serve;

use std::collections::HashMap;
use std::fs;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{SystemTime, UNIX_EPOCH};

use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::net::TcpListener;
use toolcell_host::catalog::{Issuer, KeySource, OAuth};
use toolcell_host::net::{CaBundle, NetworkSettings};

pub use behaviour::Behaviour;
pub use key::{SigningKey, encoded};

use crate::authority::{self, Version};

/// The path of the keys.
pub const KEYS: &str = "/keys";

/// The path of the endpoint that looks tokens up.
pub const INTROSPECTION: &str = "/introspect";

/// A running issuer; it ends with the process.
#[derive(Debug)]
pub struct TestIssuer {
    port: u16,
    path: String,
    key: SigningKey,
    state: Arc<Mutex<State>>,
    directory: TempDir,
}

/// What the issuer says, and what it was asked.
#[derive(Debug, Default)]
struct State {
    /// The documents by path.
    documents: HashMap<String, Vec<u8>>,
    /// The value of `cache-control` of keys.
    cache_control: Option<String>,
    behaviour: Behaviour,
    /// The answers to introspection by token.
    tokens: HashMap<String, Value>,
    /// The requests: method and path.
    asked: Vec<String>,
    /// The last head and body of a request for introspection.
    last_lookup: Option<(String, String)>,
}

impl TestIssuer {
    /// Starts an issuer at the root of its host, with one key for ES256.
    pub fn start() -> Self {
        Self::start_at("")
    }

    /// Starts an issuer whose identifier has a path, such as `/tenant`.
    ///
    /// # Panics
    /// Panics if there is no free port.
    pub fn start_at(path: &str) -> Self {
        let directory = tempfile::tempdir().expect("a directory for the authority");
        let (acceptor, pem) = authority::acceptor(vec!["localhost".to_owned()], Version::Http1);
        fs::write(directory.path().join("ca.pem"), pem).expect("a certificate can be written");
        let state = Arc::new(Mutex::new(State::default()));
        let (tell, told) = std::sync::mpsc::channel();
        let server_state = Arc::clone(&state);
        thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            runtime.expect("a runtime").block_on(async {
                let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
                tell.send(listener.local_addr().expect("an address").port()).expect("the test waits");
                serve::serve(listener, acceptor, server_state).await;
            });
        });
        let port = told.recv().expect("a port");
        let key = SigningKey::new("first", "ES256");
        let issuer = Self { port, path: path.to_owned(), key, state, directory };
        issuer.set_metadata(&issuer.metadata());
        issuer.set_keys(&json!({ "keys": [issuer.key.jwk()] }));
        issuer
    }

    /// Returns its identifier.
    pub fn url(&self) -> String {
        format!("https://localhost:{}{}", self.port, self.path)
    }

    /// Returns its port, which a server must be allowed to reach (`--allow-loopback`).
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Returns the file with its authority's certificate.
    pub fn ca_file(&self) -> PathBuf {
        self.directory.path().join("ca.pem")
    }

    /// Returns the lines of `toolcell.toml` that trust it and its authority; `more` are more lines about it.
    pub fn config(&self, more: &str) -> String {
        format!(
            "[network]\nca-bundle = {:?}\n[auth.oauth.issuers.test]\nissuer = {:?}\n{more}\n",
            self.ca_file().display().to_string(),
            self.url()
        )
    }

    /// Returns the settings of a server that takes its tokens, for `toolcell_host`.
    ///
    /// # Panics
    /// Never: its address is one.
    pub fn settings(&self) -> OAuth {
        let issuer = Issuer {
            issuer: self.url().parse().expect("an address"),
            audience: Vec::new(),
            client_ids: Vec::new(),
            scope_claims: vec![Issuer::SCOPE_CLAIM.to_owned()],
            principal_claim: Issuer::PRINCIPAL_CLAIM.to_owned(),
            algorithms: Issuer::ALGORITHMS.to_vec(),
            token_type: None,
            keys: KeySource::Discovered { seed: None },
            address: Vec::new(),
            introspection: None,
        };
        OAuth { issuers: [("test".to_owned(), issuer)].into(), ..OAuth::default() }
    }

    /// Returns the network of a server that reaches it and trusts its authority.
    ///
    /// # Panics
    /// Never: its authority is one.
    pub fn network(&self) -> NetworkSettings {
        let pem = fs::read(self.ca_file()).expect("the certificate that was written");
        let ca_bundle = Some(CaBundle::read(&pem).expect("a certificate"));
        NetworkSettings { resolver: None, ca_bundle, loopback_ports: vec![self.port] }
    }

    /// Returns its first key.
    pub fn key(&self) -> &SigningKey {
        &self.key
    }

    /// Returns the metadata that it begins with.
    pub fn metadata(&self) -> Value {
        let url = format!("https://localhost:{}", self.port);
        json!({
            "issuer": self.url(),
            "jwks_uri": format!("{url}{KEYS}"),
            "introspection_endpoint": format!("{url}{INTROSPECTION}"),
            "authorization_endpoint": format!("{url}/authorize"),
            "token_endpoint": format!("{url}/token"),
            "response_types_supported": ["code"],
            "code_challenge_methods_supported": ["S256"],
        })
    }

    /// Serves these metadata, where RFC 8414 puts them.
    pub fn set_metadata(&self, metadata: &Value) {
        let path = format!("/.well-known/oauth-authorization-server{}", self.path);
        self.set_document(&path, metadata.to_string().into_bytes());
    }

    /// Serves these keys.
    pub fn set_keys(&self, keys: &Value) {
        self.set_document(KEYS, keys.to_string().into_bytes());
    }

    /// Serves these bytes at a path.
    pub fn set_document(&self, path: &str, bytes: Vec<u8>) {
        self.lock().documents.insert(path.to_owned(), bytes);
    }

    /// Serves nothing at a path any more.
    pub fn remove_document(&self, path: &str) {
        self.lock().documents.remove(path);
    }

    /// Says for how long its keys may be kept: the value of `cache-control`.
    pub fn set_cache_control(&self, value: &str) {
        self.lock().cache_control = Some(value.to_owned());
    }

    /// Does something else than answering from now on.
    pub fn behave(&self, behaviour: Behaviour) {
        self.lock().behaviour = behaviour;
    }

    /// Answers so when it is asked about a token; it says of all others that they are not active.
    pub fn set_introspection(&self, token: &str, answer: Value) {
        self.lock().tokens.insert(token.to_owned(), answer);
    }

    /// Returns what it was asked so far: method and path of each request.
    pub fn asked(&self) -> Vec<String> {
        self.lock().asked.clone()
    }

    /// Returns how often it was asked for its keys.
    pub fn key_requests(&self) -> usize {
        self.lock().asked.iter().filter(|asked| *asked == "GET /keys").count()
    }

    /// Returns the credentials and the body of the last request that looked a token up.
    pub fn last_lookup(&self) -> Option<(String, String)> {
        self.lock().last_lookup.clone()
    }

    /// Returns the claims of a valid token for `audience`, which is good for ten minutes.
    pub fn claims(&self, audience: &str) -> Value {
        let now = now();
        json!({
            "iss": self.url(), "aud": audience, "sub": "alice", "client_id": "client", "jti": "1",
            "iat": now, "exp": now + 600, "scope": "",
        })
    }

    /// Returns a valid token for `audience` with these scopes.
    pub fn token(&self, audience: &str, scopes: &str) -> String {
        self.token_with(audience, json!({ "scope": scopes }))
    }

    /// Returns a token for `audience` with some claims changed; `null` removes one.
    pub fn token_with(&self, audience: &str, changes: Value) -> String {
        self.key.token(&changed(self.claims(audience), changes))
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Returns the seconds since 1970.
pub fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
}

/// Changes members of an object; `null` removes one.
///
/// # Panics
/// Panics if one of both is no object.
pub fn changed(object: Value, changes: Value) -> Value {
    let (Value::Object(mut object), Value::Object(changes)) = (object, changes) else { panic!("no objects") };
    for (name, value) in changes {
        match value {
            Value::Null => object.remove(&name),
            value => object.insert(name, value),
        };
    }
    Value::Object(object)
}
