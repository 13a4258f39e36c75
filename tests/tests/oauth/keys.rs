//! When the keys of an issuer are fetched: by which request, how often, and what counts while the issuer is down.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use serde_json::{Value, json};
use toolcell_host::auth::oauth::TokenFault;
use toolcell_host::auth::{Principal, Refusal};
use toolcell_host::catalog::{KeySource, OAuth};
use toolcell_host::clock::Clock;
use toolcell_host::credentials::oauth::{IssuerError, IssuerFault, Issuers, Network, NotAdmitted, seed};
use toolcell_host::net::Outbound;
use toolcell_host::secrets::Secrets;
use toolcell_tests::TestIssuer;
use toolcell_tests::issuer::{Behaviour, SigningKey, changed};

/// The address of the server.
pub(crate) const OWN_URL: &str = "https://mcp.example.com/mcp";

const MINUTE: Duration = Duration::from_secs(60);
const HOUR: Duration = Duration::from_secs(60 * 60);
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// A server that takes the tokens of an issuer, with a clock that a test sets.
pub(crate) struct Admission {
    pub(crate) issuers: Issuers,
    time: Arc<Mutex<SystemTime>>,
    outbound: Arc<Outbound>,
    secrets: Secrets,
    /// How often something that sends requests was asked for.
    networked: AtomicUsize,
}

impl Admission {
    pub(crate) fn of(issuer: &TestIssuer) -> Self {
        Self::with(issuer, &issuer.settings(), Secrets::none())
    }

    pub(crate) fn with(issuer: &TestIssuer, settings: &OAuth, secrets: Secrets) -> Self {
        let time = Arc::new(Mutex::new(SystemTime::now()));
        let clock_time = Arc::clone(&time);
        let clock = Clock::new(move || *clock_time.lock().unwrap());
        let outbound = Arc::new(Outbound::new(issuer.network(), clock.clone()));
        let issuers = Issuers::open(settings, clock).unwrap();
        Self { issuers, time, outbound, secrets, networked: AtomicUsize::new(0) }
    }

    /// Lets time pass, as it does while the process is frozen.
    pub(crate) fn pass(&self, time: Duration) {
        *self.time.lock().unwrap() += time;
    }

    pub(crate) fn set_back(&self, time: Duration) {
        *self.time.lock().unwrap() -= time;
    }

    pub(crate) fn now(&self) -> u64 {
        let now = self.time.lock().unwrap();
        now.duration_since(SystemTime::UNIX_EPOCH).unwrap().as_secs()
    }

    pub(crate) async fn admit(&self, token: &str) -> Result<Principal, NotAdmitted> {
        let outbound = || {
            self.networked.fetch_add(1, Ordering::Relaxed);
            Ok(Arc::clone(&self.outbound))
        };
        let network = Network { outbound: &outbound, secrets: &self.secrets, not_after: None };
        self.issuers.admit(token, Some(OWN_URL), &network).await
    }

    /// Admits a token that is valid now.
    async fn admit_signed(&self, issuer: &TestIssuer, key: &SigningKey) -> Result<Principal, NotAdmitted> {
        let times = json!({ "iat": self.now(), "exp": self.now() + 600 });
        self.admit(&key.token(&changed(issuer.claims(OWN_URL), times))).await
    }

    async fn admits(&self, issuer: &TestIssuer) -> bool {
        self.admit_signed(issuer, issuer.key()).await.is_ok()
    }
}

/// Returns the reason of a refusal.
pub(crate) fn refused(admitted: Result<Principal, NotAdmitted>) -> TokenFault {
    match admitted {
        Err(NotAdmitted::Refused(Refusal::Token(fault))) => fault,
        other => panic!("not refused: {other:?}"),
    }
}

/// Returns the reason why nobody knows whether a token is valid.
pub(crate) fn unknown(admitted: Result<Principal, NotAdmitted>) -> IssuerFault {
    match admitted {
        Err(NotAdmitted::Unknown(IssuerError { source, .. })) => source,
        other => panic!("not unknown: {other:?}"),
    }
}

fn set(keys: &[&SigningKey]) -> Value {
    json!({ "keys": keys.iter().map(|key| key.jwk()).collect::<Vec<_>>() })
}

/// Settings with the keys that a build has fetched.
async fn seeded(issuer: &TestIssuer) -> OAuth {
    let mut settings = issuer.settings();
    let one = settings.issuers.get_mut("test").unwrap();
    let outbound = Arc::new(Outbound::new(issuer.network(), Clock::system()));
    let fetched = seed(one, outbound, Duration::from_secs(5), &Clock::system()).await.unwrap();
    one.keys = KeySource::Discovered { seed: Some(fetched) };
    settings
}

#[tokio::test]
async fn the_first_request_finds_metadata_and_keys_and_the_next_ones_find_them_there() {
    let issuer = TestIssuer::start_at("/tenant");
    let admission = Admission::of(&issuer);
    for _ in 0..3 {
        assert!(admission.admits(&issuer).await);
    }
    assert_eq!(issuer.asked(), ["GET /.well-known/oauth-authorization-server/tenant", "GET /keys"]);
}

#[tokio::test]
async fn metadata_of_openid_connect_are_found_at_both_places() {
    for path in ["/.well-known/openid-configuration/tenant", "/tenant/.well-known/openid-configuration"] {
        let issuer = TestIssuer::start_at("/tenant");
        issuer.remove_document("/.well-known/oauth-authorization-server/tenant");
        issuer.set_document(path, issuer.metadata().to_string().into_bytes());
        assert!(Admission::of(&issuer).admits(&issuer).await, "{path}");
    }
}

#[tokio::test]
async fn keys_of_the_build_need_no_network_at_the_first_request_of_a_cold_environment() {
    let issuer = TestIssuer::start();
    let settings = seeded(&issuer).await;
    let asked = issuer.asked().len();
    let admission = Admission::with(&issuer, &settings, Secrets::none());
    admission.pass(6 * DAY);
    assert!(admission.admits(&issuer).await);
    assert_eq!((issuer.asked().len(), admission.networked.load(Ordering::Relaxed)), (asked, 0));
    admission.pass(DAY);
    assert!(admission.admits(&issuer).await);
    assert_eq!(
        issuer.asked().len(),
        asked + 1,
        "after seven days they are fetched, from the address that is known"
    );
}

#[tokio::test]
async fn an_unknown_key_is_fetched_once_and_then_known() {
    let issuer = TestIssuer::start();
    let admission = Admission::of(&issuer);
    assert!(admission.admits(&issuer).await);
    let second = SigningKey::new("second", "ES256");
    issuer.set_keys(&set(&[issuer.key(), &second]));
    admission.pass(MINUTE);
    assert!(admission.admit_signed(&issuer, &second).await.is_ok());
    assert!(admission.admit_signed(&issuer, &second).await.is_ok());
    assert!(admission.admits(&issuer).await, "the old key still counts");
    assert_eq!(issuer.key_requests(), 2);
    issuer.set_keys(&set(&[&second]));
    admission.pass(HOUR);
    assert_eq!(refused(admission.admit_signed(&issuer, issuer.key()).await), TokenFault::UnknownKey);
}

#[tokio::test]
async fn a_key_without_a_name_that_was_replaced_is_fetched() {
    let issuer = TestIssuer::start();
    let admission = Admission::of(&issuer);
    let second = SigningKey::new("second", "ES256");
    let nameless = |key: &SigningKey| {
        let header = changed(key.header(), json!({ "kid": null }));
        let times = json!({ "iat": admission.now(), "exp": admission.now() + 600 });
        key.token_of(&header.to_string(), &changed(issuer.claims(OWN_URL), times).to_string())
    };
    assert!(admission.admit(&nameless(issuer.key())).await.is_ok());
    issuer.set_keys(&set(&[&second]));
    assert_eq!(refused(admission.admit(&nameless(&second)).await), TokenFault::Signature, "not so soon");
    admission.pass(MINUTE);
    assert!(admission.admit(&nameless(&second)).await.is_ok());
    assert_eq!(refused(admission.admit(&nameless(issuer.key())).await), TokenFault::Signature);
    assert_eq!(issuer.key_requests(), 2);
}

#[tokio::test]
async fn unknown_keys_cause_one_fetch_a_minute_however_many_requests_bring_them() {
    let issuer = TestIssuer::start();
    let admission = Arc::new(Admission::of(&issuer));
    assert!(admission.admits(&issuer).await);
    let stranger = SigningKey::new("stranger", "ES256");
    for minute in 0..3 {
        let before = issuer.key_requests();
        for _ in 0..4 {
            let all = (0..16).map(|_| admission.admit_signed(&issuer, &stranger));
            for admitted in futures_util::future::join_all(all).await {
                assert_eq!(refused(admitted), TokenFault::UnknownKey);
            }
            admission.pass(Duration::from_secs(14));
        }
        // In the first minute they were fetched for the first request.
        assert_eq!(issuer.key_requests() - before, usize::from(minute > 0), "minute {minute}");
        assert!(admission.admits(&issuer).await);
        admission.pass(Duration::from_secs(4));
    }
}

#[tokio::test]
async fn requests_that_come_together_cause_one_fetch() {
    let issuer = TestIssuer::start();
    let admission = Admission::of(&issuer);
    let all = futures_util::future::join_all((0..32).map(|_| admission.admits(&issuer))).await;
    assert!(all.into_iter().all(|admitted| admitted));
    assert_eq!(issuer.asked().len(), 2);
}

#[tokio::test]
async fn a_client_that_hangs_up_neither_ends_a_fetch_nor_causes_more() {
    let issuer = TestIssuer::start();
    let admission = Admission::of(&issuer);
    for _ in 0..20 {
        tokio::select! {
            biased;
            _ = admission.admits(&issuer) => panic!("it takes a network to admit"),
            () = std::future::ready(()) => {}
        }
    }
    assert!(admission.admits(&issuer).await);
    assert_eq!(issuer.asked().len(), 2);
}

#[tokio::test]
async fn a_fetch_that_was_frozen_with_its_process_keeps_nobody_waiting() {
    let issuer = TestIssuer::start();
    let admission = Admission::of(&issuer);
    issuer.behave(Behaviour::Silent);
    tokio::select! {
        biased;
        _ = admission.admits(&issuer) => panic!("it takes a network to admit"),
        () = tokio::time::sleep(Duration::from_millis(50)) => {}
    }
    issuer.behave(Behaviour::Serving);
    admission.pass(HOUR);
    assert!(admission.admits(&issuer).await, "the first request after the pause fetches by itself");
}

#[tokio::test]
async fn keys_that_have_moved_are_found_by_the_metadata_even_if_nothing_answers_where_they_were() {
    let issuer = TestIssuer::start();
    let mut settings = seeded(&issuer).await;
    let one = settings.issuers.get_mut("test").unwrap();
    let KeySource::Discovered { seed: Some(seed) } = &mut one.keys else { panic!("a seed") };
    seed.url = "https://localhost:1/keys".parse().unwrap();
    let admission = Admission::with(&issuer, &settings, Secrets::none());
    let before = issuer.key_requests();
    assert!(admission.admits(&issuer).await);
    admission.pass(9 * DAY);
    assert!(admission.admits(&issuer).await, "the keys of the build are too old, and new ones are found");
    assert_eq!(issuer.key_requests(), before + 1);
}

#[tokio::test]
async fn keys_grow_old_by_the_wall_clock_as_the_issuer_says_within_bounds() {
    for (says, still_fresh, old) in [
        (None, 59 * MINUTE, 2 * MINUTE),
        (Some("max-age=600"), Duration::from_secs(599), Duration::from_secs(1)),
        (Some("public, max-age=7200, must-revalidate"), Duration::from_secs(7199), Duration::from_secs(1)),
        (Some("max-age=1"), Duration::from_secs(299), Duration::from_secs(1)),
        (Some("no-store, max-age=0"), Duration::from_secs(299), Duration::from_secs(1)),
        (Some("max-age=99999999"), DAY - Duration::from_secs(1), Duration::from_secs(1)),
        (Some("max-age=nonsense"), 59 * MINUTE, 2 * MINUTE),
    ] {
        let issuer = TestIssuer::start();
        if let Some(says) = says {
            issuer.set_cache_control(says);
        }
        let admission = Admission::of(&issuer);
        assert!(admission.admits(&issuer).await);
        admission.pass(still_fresh);
        assert!(admission.admits(&issuer).await);
        assert_eq!(issuer.key_requests(), 1, "{says:?}");
        admission.pass(old);
        assert!(admission.admits(&issuer).await);
        assert_eq!(issuer.key_requests(), 2, "{says:?}");
    }
}

#[tokio::test]
async fn the_last_good_keys_count_through_an_outage_but_not_for_ever() {
    let issuer = TestIssuer::start();
    let admission = Admission::of(&issuer);
    assert!(admission.admits(&issuer).await);
    issuer.behave(Behaviour::Status(503));
    admission.pass(HOUR);
    let before = issuer.asked().len();
    for _ in 0..60 {
        assert!(admission.admits(&issuer).await);
        admission.pass(MINUTE);
    }
    assert!(issuer.asked().len() > before, "it was asked");
    admission.pass(22 * HOUR + 59 * MINUTE);
    assert!(admission.admits(&issuer).await);
    admission.pass(MINUTE);
    let fault = unknown(admission.admit_signed(&issuer, issuer.key()).await);
    assert!(matches!(fault, IssuerFault::Waiting), "{fault}");
    issuer.behave(Behaviour::Serving);
    admission.pass(MINUTE);
    assert!(admission.admits(&issuer).await, "it is back");
}

#[tokio::test]
async fn an_issuer_that_is_down_is_asked_once_a_minute_while_there_are_keys_and_every_ten_seconds_without_any()
 {
    let issuer = TestIssuer::start();
    issuer.behave(Behaviour::HangUp);
    let admission = Admission::of(&issuer);
    for _ in 0..5 {
        unknown(admission.admit_signed(&issuer, issuer.key()).await);
    }
    issuer.behave(Behaviour::Serving);
    unknown(admission.admit_signed(&issuer, issuer.key()).await);
    admission.pass(Duration::from_secs(10));
    assert!(admission.admits(&issuer).await);
    issuer.behave(Behaviour::Status(500));
    admission.pass(HOUR);
    let before = issuer.asked().len();
    for second in 0..120 {
        assert!(admission.admits(&issuer).await, "second {second}");
        admission.pass(Duration::from_secs(1));
    }
    // A key that has moved is looked for in the metadata, at both places.
    assert_eq!(issuer.key_requests(), 3, "{:?}", &issuer.asked()[before..]);
}

#[tokio::test]
async fn a_clock_that_was_set_back_keeps_nobody_out() {
    let issuer = TestIssuer::start();
    let admission = Admission::of(&issuer);
    assert!(admission.admits(&issuer).await);
    admission.set_back(30 * DAY);
    issuer.behave(Behaviour::Status(500));
    assert!(admission.admits(&issuer).await, "what was fetched in the future still counts");
    issuer.behave(Behaviour::Serving);
    assert!(admission.admits(&issuer).await);
    admission.pass(MINUTE);
    assert!(admission.admits(&issuer).await);
    assert!(issuer.key_requests() >= 3, "and is fetched again");
}

#[tokio::test]
async fn documents_that_are_too_large_redirected_or_wrong_count_as_none() {
    for behaviour in [
        Behaviour::Redirect("https://attacker.example/".to_owned()),
        Behaviour::Huge(1 << 20),
        Behaviour::Silent,
    ] {
        let issuer = TestIssuer::start();
        issuer.behave(behaviour.clone());
        let admission = Admission::of(&issuer);
        let fault = unknown(admission.admit_signed(&issuer, issuer.key()).await);
        // The log has the reason: the request only waits for whoever fetches.
        assert!(matches!(fault, IssuerFault::TimedOut | IssuerFault::Waiting), "{behaviour:?}: {fault}");
    }
    let many = json!({ "keys": vec![SigningKey::new("k", "ES256").jwk(); 33] });
    for keys in [many, json!({ "keys": [] }), json!([])] {
        let issuer = TestIssuer::start();
        let admission = Admission::of(&issuer);
        assert!(admission.admits(&issuer).await);
        issuer.set_keys(&keys);
        admission.pass(HOUR);
        assert!(admission.admits(&issuer).await, "the last good keys count, not {keys:.60}");
    }
}

#[tokio::test]
async fn metadata_of_another_issuer_are_not_believed() {
    let issuer = TestIssuer::start();
    let other = format!("{}/", issuer.url());
    issuer.set_metadata(&changed(issuer.metadata(), json!({ "issuer": other })));
    let settings = issuer.settings();
    let outbound = Arc::new(Outbound::new(issuer.network(), Clock::system()));
    let one = &settings.issuers["test"];
    let error = seed(one, outbound, Duration::from_secs(5), &Clock::system()).await.unwrap_err();
    assert!(matches!(&error.source, IssuerFault::OtherIssuer { found, .. } if *found == other), "{error}");
}

#[tokio::test]
async fn the_reason_that_says_most_is_the_one_that_is_told() {
    const OAUTH: &str = "/.well-known/oauth-authorization-server";
    const OPENID: &str = "/.well-known/openid-configuration";
    let issuer = TestIssuer::start();
    let settings = issuer.settings();
    let told = async || {
        let outbound = Arc::new(Outbound::new(issuer.network(), Clock::system()));
        let one = &settings.issuers["test"];
        seed(one, outbound, Duration::from_secs(5), &Clock::system()).await.unwrap_err().source
    };
    issuer.set_document(OAUTH, b"<html>".to_vec());
    assert!(matches!(told().await, IssuerFault::Metadata { url } if url.ends_with(OAUTH)));
    let other = changed(issuer.metadata(), json!({ "issuer": "https://other.example" }));
    issuer.set_document(OPENID, other.to_string().into_bytes());
    assert!(matches!(told().await, IssuerFault::OtherIssuer { url, .. } if url.ends_with(OPENID)));
    issuer.remove_document(OAUTH);
    issuer.remove_document(OPENID);
    assert!(matches!(told().await, IssuerFault::Status { url, .. } if url.ends_with(OAUTH)));
    issuer.behave(Behaviour::Redirect("https://attacker.example/".to_owned()));
    assert!(told().await.to_string().contains("redirects are not followed"));
}

#[tokio::test]
async fn private_addresses_and_ports_of_this_machine_are_not_reached() {
    let issuer = TestIssuer::start();
    let mut network = issuer.network();
    network.loopback_ports = Vec::new();
    let outbound = Arc::new(Outbound::new(network, Clock::system()));
    let one = &issuer.settings().issuers["test"];
    let error = seed(one, outbound, Duration::from_secs(5), &Clock::system()).await.unwrap_err();
    assert!(error.to_string().contains("no address of localhost may be connected to"), "{error}");
    assert_eq!(issuer.asked().len(), 0);
}

#[tokio::test]
async fn a_token_is_verified_with_the_keys_of_its_own_issuer_alone() {
    let (one, other) = (TestIssuer::start(), TestIssuer::start());
    let mut settings = one.settings();
    settings.issuers.insert("other".to_owned(), other.settings().issuers["test"].clone());
    let admission = Admission::with(&one, &settings, Secrets::none());
    assert!(admission.admits(&one).await);
    // The key of one under the name of the other's, and a token that names an issuer that nobody has configured.
    let mixed = one.key().token(&changed(one.claims(OWN_URL), json!({ "iss": other.url() })));
    let fault = unknown(admission.admit(&mixed).await);
    assert!(matches!(fault, IssuerFault::Waiting), "its certificate is not trusted here: {fault}");
    let foreign =
        one.key().token(&changed(one.claims(OWN_URL), json!({ "iss": "https://attacker.example" })));
    assert_eq!(refused(admission.admit(&foreign).await), TokenFault::Issuer);
}

#[tokio::test]
async fn keys_of_a_file_are_never_fetched() {
    let issuer = TestIssuer::start();
    let mut settings = issuer.settings();
    let keys = set(&[issuer.key()]);
    settings.issuers.get_mut("test").unwrap().keys = KeySource::Fixed { keys };
    let admission = Admission::with(&issuer, &settings, Secrets::none());
    admission.pass(365 * DAY);
    assert!(admission.admits(&issuer).await);
    let stranger = SigningKey::new("stranger", "ES256");
    assert_eq!(refused(admission.admit_signed(&issuer, &stranger).await), TokenFault::UnknownKey);
    assert_eq!((issuer.asked().len(), admission.networked.load(Ordering::Relaxed)), (0, 0));
}
