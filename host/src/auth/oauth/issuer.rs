//! Judges the tokens of one issuer: head, key, signature, times, audience, client, caller, scopes.

use std::collections::HashSet;
use std::time::{SystemTime, UNIX_EPOCH};

use jsonwebtoken::errors::ErrorKind;
use jsonwebtoken::{Algorithm, Validation};
use serde::de::IgnoredAny;

use super::fault::TokenFault;
use super::implication::Implications;
use super::introspection::IntrospectionAnswer;
use super::key_set::{Key, KeySet};
use super::provider;
use super::token::{Claims, UnverifiedToken};
use crate::auth::principal::Principal;
use crate::catalog::{self, Scope, ScopeSet, SigningAlgorithm};
use crate::text;
use crate::timestamp::Timestamp;

/// The difference between two clocks that is overlooked, in seconds.
const LEEWAY: u64 = 60;

/// The longest name of a caller, in bytes (OpenID Connect Core, section 2).
const MAX_SUBJECT_BYTES: usize = 255;

/// The types of access tokens, where no other one is configured: RFC 9068 has the first, most others the second.
const TYPES: [&str; 2] = ["at+jwt", "jwt"];

/// Claims that only ID tokens have: digests of what came with them.
const OF_ID_TOKENS: [&str; 2] = ["at_hash", "c_hash"];

/// Tells whether a token must say when it ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Expiry {
    /// It is a JWT.
    Required,
    /// Its issuer was just asked whether it is active.
    Optional,
}

/// The rules of one issuer.
#[derive(Clone, Debug)]
pub struct IssuerRules {
    issuer: String,
    audience: HashSet<String>,
    client_ids: Vec<String>,
    scope_claims: Vec<String>,
    principal_claim: String,
    algorithms: Vec<SigningAlgorithm>,
    kind: Option<String>,
    implications: Implications,
}

impl IssuerRules {
    /// Takes the rules from the catalog.
    pub fn new(issuer: &catalog::Issuer, implications: &Implications) -> Self {
        Self {
            issuer: issuer.issuer.to_string(),
            audience: issuer.audience.iter().cloned().collect(),
            client_ids: issuer.client_ids.clone(),
            scope_claims: issuer.scope_claims.clone(),
            principal_claim: issuer.principal_claim.clone(),
            algorithms: issuer.algorithms.clone(),
            kind: issuer.token_type.clone(),
            implications: implications.clone(),
        }
    }

    /// Tells whether a claim matters.
    pub fn reads(&self, claim: &str) -> bool {
        let of_all = [
            "active",
            "iss",
            "aud",
            "exp",
            "nbf",
            "iat",
            "client_id",
            "azp",
            "token_use",
            "token_type",
            "cnf",
        ];
        of_all.contains(&claim)
            || OF_ID_TOKENS.contains(&claim)
            || claim == self.principal_claim
            || self.scope_claims.iter().any(|name| name == claim)
    }

    /// Returns the identifier of the issuer.
    pub fn issuer(&self) -> &str {
        &self.issuer
    }

    /// Checks the head of a token, for which no key is needed.
    ///
    /// # Errors
    /// It is signed in a way that is not configured, or it is another kind of token.
    pub fn check_header(&self, token: &UnverifiedToken<'_>) -> Result<(), TokenFault> {
        if !self.algorithms.contains(&token.algorithm) {
            return Err(TokenFault::Algorithm);
        }
        let kind = token.kind.as_deref().map(str::to_ascii_lowercase);
        let kind = kind.as_deref().map(|kind| kind.strip_prefix("application/").unwrap_or(kind));
        let fits = match (&self.kind, kind) {
            (Some(expected), Some(kind)) => expected.eq_ignore_ascii_case(kind),
            (Some(_), None) => false,
            (None, kind) => kind.is_none_or(|kind| TYPES.contains(&kind)),
        };
        if fits { Ok(()) } else { Err(TokenFault::Type) }
    }

    /// Decides who sent a token. `own_url` is the address of this server, if it is known.
    ///
    /// # Errors
    /// The token is not valid, for this server, now. [`TokenFault::UnknownKey`] if newer keys might verify it.
    pub fn verify(
        &self,
        token: &UnverifiedToken<'_>,
        keys: &KeySet,
        own_url: Option<&str>,
        now: SystemTime,
    ) -> Result<Principal, TokenFault> {
        let key = keys.find(token.key_id.as_deref(), token.algorithm)?;
        let audience = self.audience(&token.claims, own_url)?;
        self.verify_signature(token, key, audience)?;
        self.judge(&token.claims, Expiry::Required, now)
    }

    /// Decides who sent a token that its issuer has looked up and found active.
    ///
    /// # Errors
    /// As [`IssuerRules::verify`].
    pub fn accept(
        &self,
        answer: &IntrospectionAnswer,
        own_url: Option<&str>,
        now: SystemTime,
    ) -> Result<Principal, TokenFault> {
        let claims = &answer.claims;
        if !answer.is_active() {
            return Err(TokenFault::Inactive);
        }
        // The hint in the question is one: an issuer may answer for a refresh token as well.
        let kind = claims.text("token_type").map_err(|_| TokenFault::NotBearer)?;
        if kind.is_some_and(|kind| !kind.eq_ignore_ascii_case("bearer")) {
            return Err(TokenFault::NotBearer);
        }
        match claims.text("iss") {
            Ok(None) => {}
            Ok(Some(issuer)) if issuer == self.issuer => {}
            _ => return Err(TokenFault::Issuer),
        }
        if let Some(expected) = self.audience(claims, own_url)? {
            let named = claims.texts("aud").map_err(|_| TokenFault::Claim("aud"))?;
            if !named.iter().any(|audience| expected.contains(*audience)) {
                return Err(TokenFault::Audience);
            }
        }
        self.judge(claims, Expiry::Optional, now)
    }

    /// Returns the audiences of which a token must name one; `None` if clients are configured in their place, and the
    /// token names none.
    fn audience(
        &self,
        claims: &Claims,
        own_url: Option<&str>,
    ) -> Result<Option<HashSet<String>>, TokenFault> {
        let named = claims.texts("aud").map_err(|_| TokenFault::Claim("aud"))?;
        if named.is_empty() {
            let is_optional = self.audience.is_empty() && !self.client_ids.is_empty();
            return if is_optional { Ok(None) } else { Err(TokenFault::NoAudience) };
        }
        match (self.audience.is_empty(), own_url) {
            (false, _) => Ok(Some(self.audience.clone())),
            (true, Some(own_url)) => Ok(Some(HashSet::from([own_url.to_owned()]))),
            (true, None) => Err(TokenFault::OwnUrl),
        }
    }

    /// Verifies the signature, and the two claims that bind a token to its issuer and its resource.
    fn verify_signature(
        &self,
        token: &UnverifiedToken<'_>,
        key: &Key,
        audience: Option<HashSet<String>>,
    ) -> Result<(), TokenFault> {
        provider::install();
        let mut validation = Validation::new(algorithm(token.algorithm));
        // Their times are judged by the clock of this server, and as whole numbers.
        (validation.validate_exp, validation.validate_nbf) = (false, false);
        validation.set_required_spec_claims(match audience {
            Some(_) => &["iss", "aud"][..],
            None => &["iss"],
        });
        validation.validate_aud = audience.is_some();
        validation.aud = audience;
        validation.set_issuer(&[&self.issuer]);
        let verified = jsonwebtoken::decode::<IgnoredAny>(token.text, &key.decoding, &validation);
        verified.map(|_| ()).map_err(|error| match error.kind() {
            ErrorKind::InvalidSignature => TokenFault::Signature,
            ErrorKind::InvalidIssuer => TokenFault::Issuer,
            ErrorKind::InvalidAudience => TokenFault::Audience,
            ErrorKind::Base64(_) => TokenFault::Form,
            ErrorKind::InvalidAlgorithm => TokenFault::Algorithm,
            // The head was read before, so it is a claim that cannot be read.
            ErrorKind::Json(_) => unreadable(&token.claims),
            _ => TokenFault::Header,
        })
    }

    /// Judges what is known to come from the issuer.
    fn judge(&self, claims: &Claims, expiry: Expiry, now: SystemTime) -> Result<Principal, TokenFault> {
        check_times(claims, expiry, now)?;
        self.check_client(claims)?;
        check_use(claims)?;
        let subject = self.subject(claims)?;
        let scopes = self.implications.extend(self.scopes(claims)?);
        Ok(Principal::of_issuer(&self.issuer, subject, scopes))
    }

    fn check_client(&self, claims: &Claims) -> Result<(), TokenFault> {
        if self.client_ids.is_empty() {
            return Ok(());
        }
        let named = |name| claims.text(name).map_err(|_| TokenFault::Claim(name));
        let client = named("client_id")?.or(named("azp")?).ok_or(TokenFault::NoClient)?;
        match self.client_ids.iter().any(|known| known == client) {
            true => Ok(()),
            false => Err(TokenFault::Client),
        }
    }

    fn subject<'c>(&self, claims: &'c Claims) -> Result<&'c str, TokenFault> {
        let subject = claims.text(&self.principal_claim).map_err(|_| TokenFault::Subject)?;
        let subject = subject.ok_or(TokenFault::NoSubject)?;
        let is_seen = |letter: char| letter == ' ' || !letter.is_whitespace() && !text::is_hidden(letter);
        let is_name = (1..=MAX_SUBJECT_BYTES).contains(&subject.len()) && subject.chars().all(is_seen);
        if is_name { Ok(subject) } else { Err(TokenFault::Subject) }
    }

    /// Reads the scopes. A word that cannot be a scope is none that a tool could require.
    fn scopes(&self, claims: &Claims) -> Result<ScopeSet, TokenFault> {
        let mut scopes = ScopeSet::default();
        for name in &self.scope_claims {
            let texts = claims.texts(name).map_err(|_| TokenFault::Scopes)?;
            let words = texts.iter().flat_map(|text| text.split(' '));
            scopes.extend(words.filter_map(|word| word.parse::<Scope>().ok()));
        }
        Ok(scopes)
    }
}

/// Checks the times of a token, which are whole seconds.
fn check_times(claims: &Claims, required: Expiry, now: SystemTime) -> Result<(), TokenFault> {
    let now = now.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
    let time = |name| match claims.seconds(name) {
        Ok(Some(seconds)) if seconds > Timestamp::LAST.seconds() => Err(TokenFault::Claim(name)),
        Ok(seconds) => Ok(seconds),
        Err(_) => Err(TokenFault::Claim(name)),
    };
    let (expiry, not_before, issued) = (time("exp")?, time("nbf")?, time("iat")?);
    match expiry {
        None if required == Expiry::Required => return Err(TokenFault::NoExpiry),
        Some(expiry) if now >= expiry + LEEWAY => return Err(TokenFault::Expired),
        _ => {}
    }
    if not_before.is_some_and(|not_before| not_before > now + LEEWAY) {
        return Err(TokenFault::NotYet);
    }
    if issued.is_some_and(|issued| issued > now + LEEWAY) {
        return Err(TokenFault::Future);
    }
    Ok(())
}

/// Names the time that is of another type than any time: a list, an object.
fn unreadable(claims: &Claims) -> TokenFault {
    let time = ["exp", "nbf", "iat"].into_iter().find(|name| claims.seconds(name).is_err());
    time.map_or(TokenFault::Claims, TokenFault::Claim)
}

/// Refuses what is good for something else than this request: ID tokens, whose audience may be the same (Cognito says what
/// a token is for, others by its claims), and tokens that only the holder of a key may use (RFC 7800), so that whoever
/// has stolen one has nothing.
fn check_use(claims: &Claims) -> Result<(), TokenFault> {
    if claims.has("cnf") {
        return Err(TokenFault::Bound);
    }
    let says_otherwise = claims.get("token_use").is_some_and(|purpose| purpose != "access");
    match says_otherwise || OF_ID_TOKENS.iter().any(|name| claims.has(name)) {
        true => Err(TokenFault::IdToken),
        false => Ok(()),
    }
}

fn algorithm(algorithm: SigningAlgorithm) -> Algorithm {
    match algorithm {
        SigningAlgorithm::RS256 => Algorithm::RS256,
        SigningAlgorithm::RS384 => Algorithm::RS384,
        SigningAlgorithm::RS512 => Algorithm::RS512,
        SigningAlgorithm::PS256 => Algorithm::PS256,
        SigningAlgorithm::PS384 => Algorithm::PS384,
        SigningAlgorithm::PS512 => Algorithm::PS512,
        SigningAlgorithm::ES256 => Algorithm::ES256,
        SigningAlgorithm::ES384 => Algorithm::ES384,
        SigningAlgorithm::EdDSA => Algorithm::EdDSA,
    }
}
