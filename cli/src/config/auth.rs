//! `[auth]` of `toolcell.toml`: who may call.
//!
//! A deployer may have put a token where its digest belongs. So no error about a value below `[auth]` shows it.

use std::collections::BTreeMap;
use std::path::Path;

use toolcell_host::auth::{self, BearerError, IamError};
use toolcell_host::catalog::{Auth, Bearer, BearerPrincipal, IamPrincipal, PrincipalName, TOKEN_PREFIX};
use toolcell_host::digest::Digest;

use super::oauth;
use crate::document::Table;
use crate::document::scope::{self, HIDDEN};
use crate::ui::problem::{Problem, Result};

/// Letters of the names and ARNs of secrets, beside letters and digits.
const SECRET_LETTERS: &[u8] = b"/_+=.@:-";

/// Longest name or ARN of a secret, as Secrets Manager's `GetSecretValue` takes it.
const SECRET_BYTES: usize = 2048;

/// Reads `[auth]`; files are relative to `base`.
pub(crate) fn read(table: &Table<'_>, base: &Path) -> Result<Auth> {
    let bearer = table.table("bearer", read_bearer)?;
    let iam = table.table("iam", read_iam)?.unwrap_or_default();
    let oauth = table.table("oauth", |table| oauth::read(table, base))?;
    Ok(Auth { bearer, iam, oauth })
}

fn read_bearer(table: &Table<'_>) -> Result<Bearer> {
    let environment = read_name(table, "environment", is_variable, "\"TOOLCELL_PRINCIPALS\"")?;
    let secret = read_name(table, "secret", is_secret, "\"toolcell/principals\"")?;
    let principals = named(table, table.tables("principals", read_bearer_principal)?)?;
    let has_more = environment.is_some() || secret.is_some();
    match auth::Bearer::new(principals.clone()) {
        Err(BearerError::Empty) if has_more => {}
        Err(error) => return Err(confused(table, &error)),
        Ok(_) => {}
    }
    Ok(Bearer { environment, secret, principals })
}

fn confused(table: &Table<'_>, error: &BearerError) -> Problem {
    let (key, wrong) = match error {
        BearerError::Empty => {
            return table
                .wrong("principals", "grants no one access")
                .found("no principals, no `environment` and no `secret`")
                .expected("at least one principal with a token, or a place to read principals from")
                .next("run `toolcell token NAME` and add the printed lines");
        }
        BearerError::NoToken { name } => (format!("principals.{name}.tokens"), "has no token"),
        BearerError::SameToken { other, .. } => {
            (format!("principals.{other}.tokens"), "has a token that is already in use")
        }
        BearerError::SameName { name } => (format!("principals.{name}"), "is defined twice"),
        BearerError::TooMany => ("principals".to_owned(), "has too many tokens"),
    };
    table
        .wrong(&key, wrong)
        .found(error.to_string())
        .expected(format!(
            "different tokens for each principal, at most {} in total",
            auth::Bearer::MAX_TOKENS
        ))
        .next("run `toolcell token NAME` for each principal and copy the printed digest")
}

fn read_bearer_principal(name: &str, table: &Table<'_>) -> Result<BearerPrincipal> {
    let tokens = table.texts("tokens")?.ok_or_else(|| {
        table
            .wrong("tokens", "is missing")
            .found("nothing")
            .expected("tokens = [\"sha256:...\"]")
            .next("run `toolcell token NAME` and add the printed lines")
    })?;
    let digest = |(at, text): (usize, &String)| read_digest(table, name, at, text);
    let tokens = tokens.iter().enumerate().map(digest).collect::<Result<_>>()?;
    Ok(BearerPrincipal { tokens, scopes: scope::read(table, "scopes")? })
}

fn read_digest(table: &Table<'_>, name: &str, at: usize, text: &str) -> Result<Digest> {
    let digits = text.strip_prefix("sha256:").unwrap_or_default();
    digits.parse().map_err(|_| {
        let problem = table.wrong(&format!("tokens[{at}]"), "is not the digest of a token");
        let problem = problem.expected("\"sha256:\" and 64 hexadecimal digits in lower case");
        match text.starts_with(TOKEN_PREFIX) {
            true => problem.found("the token itself, which only its client may have").next(format!(
                "the token is exposed to everyone who can read this file: run `toolcell token {name}` \
                 and copy the digest of the new token"
            )),
            false => {
                problem.found(HIDDEN).next(format!("run `toolcell token {name}` and copy the printed digest"))
            }
        }
    })
}

fn read_iam(table: &Table<'_>) -> Result<BTreeMap<PrincipalName, IamPrincipal>> {
    let principal = |_: &str, table: &Table<'_>| {
        let arn = table.required("arn", "\"arn:aws:iam::123456789012:role/Agent\"")?;
        Ok(IamPrincipal { arn, scopes: scope::read(table, "scopes")? })
    };
    let principals = named(table, table.tables("principals", principal)?)?;
    auth::Iam::new(&principals).map_err(|error| {
        let (IamError::Arn { name, .. } | IamError::SameArn { name }) = &error;
        let key = format!("principals.{name}.arn");
        let arn = principals.get(name).map_or("", |principal| principal.arn.as_str());
        let found = if arn.starts_with("arn:") { format!("{arn:?}") } else { HIDDEN.to_owned() };
        let wrong = match error {
            IamError::Arn { .. } => "is not the ARN of a role or user",
            IamError::SameArn { .. } => "is the ARN of another principal",
        };
        table
            .wrong(&key, wrong)
            .found(found)
            .expected("one role or user, without wildcards; its sessions are included")
            .next("write, for example, arn = \"arn:aws:iam::123456789012:role/Agent\"")
    })?;
    Ok(principals)
}

/// Reads the names of principals.
fn named<T>(table: &Table<'_>, principals: BTreeMap<String, T>) -> Result<BTreeMap<PrincipalName, T>> {
    let name = |(text, principal): (String, T)| {
        let name = text.parse().map_err(|_| match text.starts_with(TOKEN_PREFIX) {
            true => not_a_name(table, "principals", "a token".to_owned()),
            false => not_a_name(table, &format!("principals.{text}"), format!("`{text}`")),
        })?;
        Ok((name, principal))
    };
    principals.into_iter().map(name).collect()
}

fn not_a_name(table: &Table<'_>, key: &str, found: String) -> Problem {
    table
        .wrong(key, "is not a principal's name")
        .found(found)
        .expected(format!("1 to {} characters of A-Z a-z 0-9 _ . @ + -", PrincipalName::MAX_BYTES))
        .next("choose another name, for example alice")
}

fn read_name(
    table: &Table<'_>,
    key: &'static str,
    is_name: fn(&str) -> bool,
    example: &str,
) -> Result<Option<String>> {
    match table.text(key)? {
        Some(text) if !is_name(&text) => Err(table
            .wrong(key, "is not a valid name of a variable or secret")
            .found(HIDDEN)
            .expected(format!("{key} = {example}"))
            .next("write where the principals are, not the principals themselves")),
        name => Ok(name),
    }
}

/// Tells whether a text is the name of an environment variable.
pub(super) fn is_variable(text: &str) -> bool {
    let legal = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    text.bytes().all(legal) && text.bytes().next().is_some_and(|first| !first.is_ascii_digit())
}

/// Tells whether a text is the name or ARN of a secret or parameter.
pub(super) fn is_secret(text: &str) -> bool {
    let legal = |byte: u8| byte.is_ascii_alphanumeric() || SECRET_LETTERS.contains(&byte);
    (1..=SECRET_BYTES).contains(&text.len()) && text.bytes().all(legal) && !text.starts_with(TOKEN_PREFIX)
}
