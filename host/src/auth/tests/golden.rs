//! Every text of a refusal and of a mistake in the configuration, in one golden file.

use std::fmt::Write as _;

use super::*;
use crate::auth::oauth::{KeyFault, TokenFault};
use crate::golden::{self, samples};

#[test]
fn every_text_is_golden() {
    let mut text = String::from("refusals: status, rule, challenge without and with authorization servers\n");
    let pointer = MetadataPointer {
        url: Some("https://mcp.example.com/.well-known/oauth-protected-resource/mcp".to_owned()),
        scopes: scopes("files"),
    };
    for refusal in refusals() {
        writeln!(text, "{} {}: {refusal}", refusal.status().as_u16(), refusal.rule()).unwrap();
        for pointer in [None, Some(&pointer)] {
            writeln!(text, "    {}", refusal.challenge(pointer).to_str().unwrap()).unwrap();
        }
    }
    text.push_str("\nreasons in the log for a token that is not valid\n");
    for fault in token_faults() {
        writeln!(text, "{}", Refusal::Token(fault).reason()).unwrap();
    }
    for fault in key_faults() {
        writeln!(text, "{}", Refusal::Token(TokenFault::Key(fault)).reason()).unwrap();
    }
    text.push_str("\nmistakes in the configuration of callers\n");
    let mistakes = errors(bearer_errors()).chain(errors(iam_errors())).chain(errors(document_errors()));
    mistakes.for_each(|mistake| writeln!(text, "{mistake}").unwrap());
    golden::compare("auth/golden/errors.txt", &text);
}

fn errors<E: ToString>(errors: Vec<E>) -> impl Iterator<Item = String> {
    errors.into_iter().map(|error| error.to_string())
}

fn refusals() -> Vec<Refusal> {
    samples! {
        Refusal::Missing => Refusal::Missing,
        Refusal::Invalid => Refusal::Invalid,
        Refusal::Token(_) => Refusal::Token(TokenFault::Expired),
        Refusal::Malformed(_) => malformed(&parts("/mcp", &[b"Bearer a", b"Bearer b"])),
        Refusal::Scope { .. } => Refusal::Scope { required: scopes("files files.write") },
    }
    .into_iter()
    .chain([malformed(&sent("Bearer")), malformed(&parts("/mcp?access_token=a", &[]))])
    .collect()
}

fn malformed(parts: &Parts) -> Refusal {
    Access::new(Some(bearer()), iam(), Anonymous::Refused).admit(parts, None).unwrap_err()
}

fn token_faults() -> Vec<TokenFault> {
    use TokenFault as F;
    samples! {
        F::TooLong => F::TooLong,
        F::Form => F::Form,
        F::Static => F::Static,
        F::Header => F::Header,
        F::Claims => F::Claims,
        F::NoAlgorithm => F::NoAlgorithm,
        F::Unsigned => F::Unsigned,
        F::Symmetric => F::Symmetric,
        F::Algorithm => F::Algorithm,
        F::Critical => F::Critical,
        F::Unencoded => F::Unencoded,
        F::Type => F::Type,
        F::NoIssuer => F::NoIssuer,
        F::Issuer => F::Issuer,
        F::UnknownKey => F::UnknownKey,
        F::NoKeyId => F::NoKeyId,
        F::AmbiguousKey => F::AmbiguousKey,
        F::Key(_) => F::Key(KeyFault::Size),
        F::Signature => F::Signature,
        F::Claim(_) => F::Claim("exp"),
        F::NoExpiry => F::NoExpiry,
        F::Expired => F::Expired,
        F::NotYet => F::NotYet,
        F::Future => F::Future,
        F::NoAudience => F::NoAudience,
        F::Audience => F::Audience,
        F::OwnUrl => F::OwnUrl,
        F::NoClient => F::NoClient,
        F::Client => F::Client,
        F::NoSubject => F::NoSubject,
        F::Subject => F::Subject,
        F::Scopes => F::Scopes,
        F::IdToken => F::IdToken,
        F::Bound => F::Bound,
        F::NotBearer => F::NotBearer,
        F::Inactive => F::Inactive,
    }
}

fn key_faults() -> Vec<KeyFault> {
    samples! {
        KeyFault::Malformed => KeyFault::Malformed,
        KeyFault::Kind => KeyFault::Kind,
        KeyFault::Curve => KeyFault::Curve,
        KeyFault::Size => KeyFault::Size,
        KeyFault::Private => KeyFault::Private,
        KeyFault::Purpose => KeyFault::Purpose,
        KeyFault::Algorithm => KeyFault::Algorithm,
    }
}

fn bearer_errors() -> Vec<BearerError> {
    samples! {
        BearerError::Empty => BearerError::Empty,
        BearerError::TooMany => BearerError::TooMany,
        BearerError::NoToken { .. } => BearerError::NoToken { name: name("alice") },
        BearerError::SameName { .. } => BearerError::SameName { name: name("alice") },
        BearerError::SameToken { .. } => BearerError::SameToken { one: name("alice"), other: name("bob") },
    }
}

fn iam_errors() -> Vec<IamError> {
    samples! {
        IamError::Arn { .. } => IamError::Arn { name: name("agent"), source: NotAnIdentity },
        IamError::SameArn { .. } => IamError::SameArn { name: name("agent") },
    }
}

fn document_errors() -> Vec<DocumentError> {
    samples! {
        DocumentError::Form { .. } => DocumentError::Form { line: 1, column: 16 },
        DocumentError::Empty => DocumentError::Empty,
        DocumentError::Name { .. } => DocumentError::Name { principal: 1 },
        DocumentError::Token { .. } => DocumentError::Token { principal: 2, token: 1 },
        DocumentError::Scope { .. } => DocumentError::Scope { principal: 2, scope: 3 },
    }
}
