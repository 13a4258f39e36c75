//! A caller is issuer and subject: nothing of `alice` here is `alice`'s elsewhere.

use std::fs;
use std::sync::Arc;

use serde_json::{Value, json};
use tempfile::TempDir;
use toolcell_host::clock::Clock;
use toolcell_host::digest::Digest;
use toolcell_host::state_store::{Memory, StateStore};
use toolcell_tests::issuer::{SigningKey, now};
use toolcell_tests::multi_round::{ask, form, named};
use toolcell_tests::{Bundle, Called, MultiRoundRequest, Revision, Server, fixture};

const ISSUERS: [&str; 2] = ["https://one.example", "https://two.example/tenant"];

/// Serves the fixtures `keeper` and `scripted` to callers of two issuers, whose keys are in files, and to a static token
/// `alice`.
struct Served {
    server: Server,
    keys: [SigningKey; 2],
    _files: (TempDir, Bundle),
}

impl Served {
    fn start() -> Self {
        let directory = TempDir::new().unwrap();
        let keys = ["one", "two"].map(|id| SigningKey::new(id, "EdDSA"));
        let mut config =
            format!("[auth.bearer.principals.alice]\ntokens = [\"sha256:{}\"]\n", Digest::of(b"tct_alice"));
        for (key, issuer) in keys.iter().zip(ISSUERS) {
            let file = directory.path().join(key.id());
            fs::write(&file, json!({ "keys": [key.jwk()] }).to_string()).unwrap();
            config.push_str(&format!(
                "[auth.oauth.issuers.{}]\nissuer = {issuer:?}\naudience = \"api\"\njwks = {:?}\n",
                key.id(),
                file.display().to_string()
            ));
        }
        for name in ["keeper", "scripted"] {
            config.push_str(&fixture::plugin(name, &fixture::component(name)));
            config.push_str(&format!("prefix = \"{name}-\"\n[plugins.{name}.grants.keyvalue]\n"));
            config.push_str("notes = { scope = \"caller\" }\n");
        }
        let bundle = Bundle::build(&config);
        let store: Arc<dyn StateStore> = Arc::new(Memory::new(Clock::system()));
        let runner =
            bundle.open().unwrap_or_else(|problem| panic!("{problem}")).with_state_store(Some(store));
        Self { server: Server::serving(runner), keys, _files: (directory, bundle) }
    }

    /// The token of a subject of one of the issuers.
    fn token(&self, issuer: usize, subject: &str) -> String {
        self.keys[issuer].token(&json!({
            "iss": ISSUERS[issuer], "aud": "api", "sub": subject, "exp": now() + 600,
        }))
    }

    /// Runs steps of `keeper`, and returns its lines.
    fn keep(&self, token: &str, steps: &Value) -> String {
        let client = self.server.client(Revision::Modern);
        let request = client.call_request("keeper-run", &json!({ "bucket": "notes", "steps": steps }));
        let response =
            request.header("authorization", &format!("Bearer {token}")).send(self.server.address());
        let called = Called::read(&response.json()["result"]);
        assert!(!called.is_error, "{called:?}");
        called.text.unwrap_or_else(|| called.structured.unwrap().to_string())
    }
}

#[test]
fn state_of_a_caller_belongs_to_its_issuer_and_its_name_there() {
    let served = Served::start();
    let callers = [
        served.token(0, "alice"),
        served.token(1, "alice"),
        served.token(0, "bob"),
        served.token(0, "https://two.example/tenant#alice"),
        "tct_alice".to_owned(),
    ];
    for (place, token) in callers.iter().enumerate() {
        served.keep(token, &json!([{ "set": ["note", format!("of-{place}")] }]));
    }
    for (place, token) in callers.iter().enumerate() {
        let kept = served.keep(token, &json!([{ "get": "note" }]));
        assert!(kept.contains(&format!("of-{place}")), "{kept}");
    }
    let renewed = served.token(0, "alice");
    assert!(
        served.keep(&renewed, &json!([{ "get": "note" }])).contains("of-0"),
        "another token of the same caller"
    );
}

#[test]
fn a_state_token_opens_for_the_caller_of_the_same_issuer_alone() {
    let served = Served::start();
    let params = json!({ "name": "scripted-run", "arguments": { "steps": [ask("one", &form("One?"))] } });
    let call = |token: &str| MultiRoundRequest::new(&served.server, "tools/call", params.clone()).by(token);
    let asked = call(&served.token(0, "alice")).asked();
    let answers = json!({ "one": named("Ann") });
    for other in [served.token(1, "alice"), served.token(0, "bob"), "tct_alice".to_owned()] {
        let (_, code, message) = call(&other).go_on(&asked.state, &answers).refusal();
        assert_eq!(code, -32602, "{message}");
    }
    let same = call(&served.token(0, "alice")).go_on(&asked.state, &answers);
    assert_eq!(same.json()["result"]["resultType"], "complete", "{}", same.json());
}
