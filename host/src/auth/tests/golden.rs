//! Every text of a refusal and of a mistake in the configuration, in one golden file.

use std::fmt::Write as _;

use super::*;
use crate::golden::{self, samples};

#[test]
fn every_text_is_golden() {
    let mut text = String::from("refusals: status, challenge\n");
    for refusal in refusals() {
        let (status, challenge) = (refusal.status().as_u16(), refusal.challenge());
        writeln!(text, "{status} {refusal}\n    {}", challenge.to_str().unwrap()).unwrap();
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
