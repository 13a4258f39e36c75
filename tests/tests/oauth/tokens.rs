//! The judgement of a token: one table of what is accepted, one of what is refused, each for its own reason.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde_json::{Value, json};
use toolcell_host::auth::oauth::{
    Implications, IssuerRules, KeyFault, KeySet, TokenFault as F, UnverifiedToken,
};
use toolcell_host::auth::{Principal, PrincipalKind};
use toolcell_host::catalog::{Issuer, KeySource, Scope, ScopeSet, SigningAlgorithm};
use toolcell_tests::issuer::{SigningKey, changed, encoded};

const ISSUER: &str = "https://login.example.com/tenant";
pub(crate) const OWN_URL: &str = "https://mcp.example.com/mcp";
const NOW: u64 = 1_800_000_000;

pub(crate) fn settings() -> Issuer {
    Issuer {
        issuer: ISSUER.parse().unwrap(),
        audience: Vec::new(),
        client_ids: Vec::new(),
        scope_claims: vec!["scope".to_owned()],
        principal_claim: "sub".to_owned(),
        algorithms: Issuer::ALGORITHMS.to_vec(),
        token_type: None,
        keys: KeySource::Discovered { seed: None },
        address: Vec::new(),
        introspection: None,
    }
}

pub(crate) fn claims() -> Value {
    json!({
        "iss": ISSUER, "aud": OWN_URL, "sub": "alice", "client_id": "client", "jti": "1", "iat": NOW,
        "exp": NOW + 600, "scope": "files mail",
    })
}

pub(crate) fn set(keys: &[Value]) -> KeySet {
    KeySet::read(json!({ "keys": keys }).to_string().as_bytes()).unwrap()
}

pub(crate) fn judge(
    settings: &Issuer,
    token: &str,
    keys: &KeySet,
    own_url: Option<&str>,
) -> Result<Principal, F> {
    let token = UnverifiedToken::read(token)?;
    assert_eq!(token.issuer(), ISSUER);
    let rules = IssuerRules::new(settings, &Implications::default());
    rules.check_header(&token)?;
    rules.verify(&token, keys, own_url, UNIX_EPOCH + Duration::from_secs(NOW))
}

/// Judges a token of a fresh key with these changes of its claims.
fn with_claims(settings: &Issuer, changes: Value) -> Result<Principal, F> {
    let key = SigningKey::new("k", "ES256");
    let token = key.token(&changed(claims(), changes));
    judge(settings, &token, &set(&[key.jwk()]), Some(OWN_URL))
}

fn scopes(text: &str) -> ScopeSet {
    text.split_whitespace().map(|scope| scope.parse().unwrap()).collect()
}

#[test]
fn a_token_names_its_caller_by_issuer_and_subject_and_its_scopes() {
    let principal = with_claims(&settings(), json!({})).unwrap();
    assert_eq!(principal.kind(), PrincipalKind::OAuth);
    assert_eq!(principal.name(), Some("https://login.example.com/tenant#alice"));
    assert_eq!(principal.issuer_and_subject(), (ISSUER, "alice"));
    assert_eq!(principal.scopes(), &scopes("files mail"));
    let hash = with_claims(&settings(), json!({ "sub": "a#b" })).unwrap();
    assert_eq!(hash.issuer_and_subject(), (ISSUER, "a#b"));
}

#[test]
fn every_algorithm_verifies_its_own_signatures_and_no_other_ones() {
    let all = Issuer { algorithms: SigningAlgorithm::ALL.to_vec(), ..settings() };
    for algorithm in SigningAlgorithm::ALL {
        let key = SigningKey::new("k", algorithm.name());
        let other = SigningKey::new("k", if algorithm.name() == "ES256" { "EdDSA" } else { "ES256" });
        let token = key.token(&claims());
        assert!(judge(&all, &token, &set(&[key.jwk()]), Some(OWN_URL)).is_ok(), "{algorithm}");
        let strange = judge(&all, &token, &set(&[other.jwk()]), Some(OWN_URL));
        assert_eq!(strange, Err(F::Key(KeyFault::Algorithm)), "{algorithm}");
        let (message, signature) = token.rsplit_once('.').unwrap();
        let mut bytes = key.sign(b"another message");
        bytes.truncate(bytes.len().min(8192));
        let forged = format!("{message}.{}", encoded(bytes));
        assert_ne!(signature, "");
        assert_eq!(judge(&all, &forged, &set(&[key.jwk()]), Some(OWN_URL)), Err(F::Signature), "{algorithm}");
        let narrow = Issuer {
            algorithms: SigningAlgorithm::ALL.into_iter().filter(|one| *one != algorithm).collect(),
            ..settings()
        };
        assert_eq!(judge(&narrow, &token, &set(&[key.jwk()]), Some(OWN_URL)), Err(F::Algorithm));
    }
}

#[test]
fn claims_that_issuers_really_write_are_accepted() {
    let settings = settings();
    let list = json!(["other", OWN_URL]);
    for changes in [
        json!({ "aud": [OWN_URL] }),
        json!({ "aud": list }),
        json!({ "scope": null }),
        json!({ "scope": ["files", "mail"] }),
        json!({ "iat": null, "jti": null, "client_id": null }),
        json!({ "nbf": NOW + 60 }),
        json!({ "iat": NOW + 60 }),
        json!({ "exp": NOW - 59 }),
        json!({ "token_use": "access" }),
        json!({ "sub": "Jürgen Ü|1" }),
        json!({ "sub": "s".repeat(255) }),
        json!({ "groups": ["a", "b"], "acr": "1" }),
    ] {
        assert!(with_claims(&settings, changes.clone()).is_ok(), "{changes}");
    }
}

#[test]
fn claims_that_make_a_token_invalid_are_refused_each_for_its_reason() {
    let table = [
        (json!({ "iss": null }), F::NoIssuer),
        (json!({ "iss": [ISSUER] }), F::NoIssuer),
        (json!({ "aud": null }), F::NoAudience),
        (json!({ "aud": [] }), F::NoAudience),
        (json!({ "aud": "https://mcp.example.com/mcp/" }), F::Audience),
        (json!({ "aud": "https://MCP.example.com/mcp" }), F::Audience),
        (json!({ "aud": "https://mcp.example.com" }), F::Audience),
        (json!({ "aud": ["a", "b"] }), F::Audience),
        (json!({ "aud": 1 }), F::Claim("aud")),
        (json!({ "aud": [OWN_URL, 1] }), F::Claim("aud")),
        (json!({ "aud": { "a": OWN_URL } }), F::Claim("aud")),
        (json!({ "exp": null }), F::NoExpiry),
        (json!({ "exp": (NOW + 600).to_string() }), F::Claim("exp")),
        (json!({ "exp": NOW as f64 + 600.5 }), F::Claim("exp")),
        (json!({ "exp": -1 }), F::Claim("exp")),
        (json!({ "exp": true }), F::Claim("exp")),
        (json!({ "exp": [NOW + 600] }), F::Claim("exp")),
        (json!({ "exp": { "a": 1 } }), F::Claim("exp")),
        (json!({ "exp": u64::MAX }), F::Claim("exp")),
        (json!({ "exp": 253_402_300_800_u64 }), F::Claim("exp")),
        (json!({ "exp": NOW - 60 }), F::Expired),
        (json!({ "exp": 0 }), F::Expired),
        (json!({ "nbf": NOW + 61 }), F::NotYet),
        (json!({ "nbf": "0" }), F::Claim("nbf")),
        (json!({ "nbf": 1.5 }), F::Claim("nbf")),
        (json!({ "nbf": [0] }), F::Claim("nbf")),
        (json!({ "iat": NOW + 61 }), F::Future),
        (json!({ "iat": "0" }), F::Claim("iat")),
    ];
    for (changes, expected) in table {
        assert_eq!(with_claims(&settings(), changes.clone()), Err(expected), "{changes}");
    }
}

#[test]
fn callers_scopes_and_purposes_that_make_a_token_invalid_are_refused_each_for_its_reason() {
    let long = "s".repeat(256);
    let table = [
        (json!({ "sub": null }), F::NoSubject),
        (json!({ "sub": 1 }), F::Subject),
        (json!({ "sub": "" }), F::Subject),
        (json!({ "sub": "a\nb" }), F::Subject),
        (json!({ "sub": "alice\u{200b}" }), F::Subject),
        (json!({ "sub": "nimda\u{202e}" }), F::Subject),
        (json!({ "sub": long }), F::Subject),
        (json!({ "scope": 1 }), F::Scopes),
        (json!({ "scope": ["files", 1] }), F::Scopes),
        (json!({ "token_use": "id" }), F::IdToken),
        (json!({ "at_hash": "x" }), F::IdToken),
        (json!({ "c_hash": "x" }), F::IdToken),
        (json!({ "cnf": { "jkt": "x" } }), F::Bound),
        (json!({ "cnf": { "x5t#S256": "x" } }), F::Bound),
    ];
    for (changes, expected) in table {
        assert_eq!(with_claims(&settings(), changes.clone()), Err(expected), "{changes}");
    }
}

#[test]
fn heads_that_make_a_token_invalid_are_refused_each_for_its_reason() {
    let key = SigningKey::new("k", "ES256");
    let head = |changes: Value| changed(key.header(), changes).to_string();
    let table = [
        (head(json!({ "alg": null })), F::NoAlgorithm),
        (head(json!({ "alg": "none" })), F::Unsigned),
        (head(json!({ "alg": "nOnE" })), F::Unsigned),
        (head(json!({ "alg": "HS256" })), F::Symmetric),
        (head(json!({ "alg": "es256" })), F::Algorithm),
        (head(json!({ "alg": "RS1" })), F::Algorithm),
        (head(json!({ "alg": "ES384" })), F::Algorithm),
        (head(json!({ "alg": ["ES256"] })), F::Header),
        (head(json!({ "alg": "RS256" })), F::Key(KeyFault::Algorithm)),
        (head(json!({ "kid": "other" })), F::UnknownKey),
        (head(json!({ "kid": "" })), F::UnknownKey),
        (head(json!({ "kid": 1 })), F::Header),
        (head(json!({ "typ": "JWT+x" })), F::Type),
        (head(json!({ "typ": "dpop+jwt" })), F::Type),
        (head(json!({ "typ": "oauth-id-jag+jwt" })), F::Type),
        (head(json!({ "typ": 1 })), F::Header),
        (head(json!({ "crit": ["exp"] })), F::Critical),
        (head(json!({ "crit": [] })), F::Critical),
        (head(json!({ "b64": true })), F::Unencoded),
        (format!("{{\"alg\":\"none\",{}", &key.header().to_string()[1..]), F::Header),
        ("[]".to_owned(), F::Header),
        ("not json".to_owned(), F::Header),
    ];
    for (header, expected) in table {
        let token = key.token_of(&header, &claims().to_string());
        assert_eq!(judge(&settings(), &token, &set(&[key.jwk()]), Some(OWN_URL)), Err(expected), "{header}");
    }
}

#[test]
fn what_a_token_says_of_its_own_key_is_ignored() {
    let (key, attacker) = (SigningKey::new("k", "ES256"), SigningKey::new("k", "ES256"));
    let head = |changes: Value| changed(key.header(), changes).to_string();
    for brought in [
        json!({ "jwk": attacker.jwk() }),
        json!({ "jku": "https://attacker.example/keys" }),
        json!({ "x5u": "https://attacker.example/chain", "x5c": ["AAAA"] }),
    ] {
        let header = head(brought.clone());
        let forged = attacker.token_of(&header, &claims().to_string());
        let keys = set(&[key.jwk()]);
        assert_eq!(judge(&settings(), &forged, &keys, Some(OWN_URL)), Err(F::Signature), "{brought}");
        let honest = key.token_of(&header, &claims().to_string());
        assert!(judge(&settings(), &honest, &keys, Some(OWN_URL)).is_ok(), "{brought}");
    }
}

#[test]
fn what_is_no_jwt_is_refused_for_its_form() {
    let key = SigningKey::new("k", "ES256");
    let good = key.token(&claims());
    let parts: Vec<&str> = good.split('.').collect();
    let double = format!("{{\"iss\":\"x\",{}", &claims().to_string()[1..]);
    let table = [
        (String::new(), F::Form),
        ("a.b".to_owned(), F::Form),
        ("...".to_owned(), F::Form),
        (format!("{good}.x"), F::Form),
        (format!("{}.{}.", parts[0], parts[1]), F::Signature),
        (format!("{}=.{}.{}", parts[0], parts[1], parts[2]), F::Form),
        (format!("{}.{}.{}=", parts[0], parts[1], parts[2]), F::Form),
        (format!("{}.{}.{}", parts[0], parts[1], "!!"), F::Form),
        (format!("{}.{}.{}", parts[0], encoded("[]"), parts[2]), F::Claims),
        (key.token_of(&key.header().to_string(), &double), F::Claims),
        (format!("{good}{}", "a".repeat(16 << 10)), F::TooLong),
    ];
    for (token, expected) in table {
        let judged = judge(&settings(), &token, &set(&[key.jwk()]), Some(OWN_URL));
        assert_eq!(judged, Err(expected), "{token:.80}");
    }
}

#[test]
fn audience_and_client_are_judged_as_configured() {
    let own = settings();
    let named = Issuer { audience: vec!["api://a".to_owned(), "api://b".to_owned()], ..settings() };
    let clients = Issuer { client_ids: vec!["client".to_owned()], ..settings() };
    let both = Issuer { audience: named.audience.clone(), ..clients.clone() };
    let table = [
        (&named, json!({ "aud": "api://b" }), Ok(())),
        (&named, json!({}), Err(F::Audience)),
        (&named, json!({ "aud": null }), Err(F::NoAudience)),
        (&clients, json!({ "aud": null }), Ok(())),
        (&clients, json!({}), Ok(())),
        (&clients, json!({ "aud": "api://b" }), Err(F::Audience)),
        (&clients, json!({ "aud": null, "client_id": "other" }), Err(F::Client)),
        (&clients, json!({ "aud": null, "client_id": null }), Err(F::NoClient)),
        (&clients, json!({ "aud": null, "client_id": null, "azp": "client" }), Ok(())),
        (&clients, json!({ "aud": null, "client_id": "other", "azp": "client" }), Err(F::Client)),
        (&clients, json!({ "aud": null, "client_id": ["client"] }), Err(F::Claim("client_id"))),
        (&both, json!({ "aud": "api://a" }), Ok(())),
        (&both, json!({ "aud": null }), Err(F::NoAudience)),
        (&both, json!({ "aud": "api://a", "client_id": "other" }), Err(F::Client)),
    ];
    for (settings, changes, expected) in table {
        assert_eq!(with_claims(settings, changes.clone()).map(|_| ()), expected, "{changes} {settings:?}");
    }
    let key = SigningKey::new("k", "ES256");
    let judged = judge(&own, &key.token(&claims()), &set(&[key.jwk()]), None);
    assert_eq!(judged, Err(F::OwnUrl), "nobody knows the address of the server");
}

#[test]
fn types_scopes_and_names_are_read_where_the_configuration_says() {
    let typed = Issuer { token_type: Some("at+jwt".to_owned()), ..settings() };
    let key = SigningKey::new("k", "ES256");
    let of_type = |settings: &Issuer, kind: Value| {
        let token =
            key.token_of(&changed(key.header(), json!({ "typ": kind })).to_string(), &claims().to_string());
        judge(settings, &token, &set(&[key.jwk()]), Some(OWN_URL)).map(|_| ())
    };
    for (kind, required, free) in [
        (json!("at+jwt"), Ok(()), Ok(())),
        (json!("application/AT+JWT"), Ok(()), Ok(())),
        (json!("JWT"), Err(F::Type), Ok(())),
        (Value::Null, Err(F::Type), Ok(())),
    ] {
        assert_eq!(
            (of_type(&typed, kind.clone()), of_type(&settings(), kind.clone())),
            (required, free),
            "{kind}"
        );
    }
    let entra = Issuer {
        scope_claims: vec!["scp".to_owned(), "roles".to_owned()],
        principal_claim: "oid".to_owned(),
        ..settings()
    };
    let changes = json!({ "scp": "a b", "roles": ["c d", "bad\"scope", ""], "oid": "o-1" });
    let principal = with_claims(&entra, changes).unwrap();
    assert_eq!((principal.issuer_and_subject().1, principal.scopes()), ("o-1", &scopes("a b c d")));
    assert_eq!(with_claims(&entra, json!({})), Err(F::NoSubject));
}

#[test]
fn a_scope_includes_others_over_several_steps() {
    let table = [("all", "files mail"), ("files", "files.read files.write"), ("files.write", "files")];
    let implies = table.map(|(name, included)| (name.parse::<Scope>().unwrap(), scopes(included)));
    let implications = Implications::new(&implies.into_iter().collect());
    for (granted, effective) in [
        ("", ""),
        ("other", "other"),
        ("files.read", "files.read"),
        ("files", "files files.read files.write"),
        ("all other", "all files files.read files.write mail other"),
    ] {
        assert_eq!(implications.extend(scopes(granted)), scopes(effective), "{granted}");
    }
}

#[test]
fn a_clock_before_1970_makes_no_token_valid() {
    let key = SigningKey::new("k", "ES256");
    let text = key.token(&claims());
    let token = UnverifiedToken::read(&text).unwrap();
    let rules = IssuerRules::new(&settings(), &Implications::default());
    let before = SystemTime::UNIX_EPOCH - Duration::from_secs(1);
    assert_eq!(rules.verify(&token, &set(&[key.jwk()]), Some(OWN_URL), before), Err(F::Future));
}
