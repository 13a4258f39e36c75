//! `secret` of a rule in `[[plugins.NAME.grants.http]]`: the credential that the host adds to requests.

use std::fmt::Display;
use std::str::FromStr;

use toolcell_host::catalog::{HeaderFormat, HttpGrant, Injection, InjectionPlace};

use crate::document::Table;
use crate::document::scope::HIDDEN;
use crate::ui::problem::Result;

/// Reads `secret = { header, format, from }` or `{ query, from }`.
pub(super) fn read(table: &Table<'_>) -> Result<Injection> {
    let format = parsed::<HeaderFormat>(table, "format", "\"Bearer {}\"")?;
    let header = parsed(table, "header", "\"authorization\"")?;
    let query = parsed(table, "query", "\"key\"")?;
    let place = match (header, query, format) {
        (Some(name), None, format) => InjectionPlace::Header { name, format: format.unwrap_or_default() },
        (None, Some(name), None) => InjectionPlace::Query { name },
        (None, Some(_), Some(_)) => {
            return Err(table
                .wrong("format", "has no effect on a parameter of the query")
                .found("`format` and `query`")
                .expected("`format` beside `header` alone")
                .next("remove `format`; the value of a parameter is the secret itself"));
        }
        (header, _, _) => {
            return Err(table
                .wrong("header", "does not say where the secret goes")
                .found(if header.is_some() { "`header` and `query`" } else { "neither `header` nor `query`" })
                .expected("one of `header` and `query`")
                .next("write, for example, header = \"authorization\", format = \"Bearer {}\""));
        }
    };
    Ok(Injection { place, from: table.required("from", "\"github-token\"")? })
}

fn parsed<T>(table: &Table<'_>, key: &'static str, example: &str) -> Result<Option<T>>
where
    T: FromStr<Err: Display>,
{
    let Some(text) = table.text(key)? else { return Ok(None) };
    text.parse().map(Some).map_err(|error: T::Err| {
        table
            .wrong(key, error.to_string())
            .found(HIDDEN)
            .expected(format!("{key} = {example}"))
            .next("write where the secret goes; the secret itself is named by `from`")
    })
}

/// Refuses a secret in a rule for several hosts, or without TLS.
pub(super) fn refuse_exposed(table: &Table<'_>, grant: &HttpGrant) -> Result<()> {
    if grant.secret.is_none() || grant.can_hold_secret() {
        return Ok(());
    }
    Err(table
        .wrong("secret", "would be sent to several hosts, or without TLS")
        .found(grant.origin().to_string())
        .expected("a rule with one exact host and the scheme https")
        .next("name the host that may have the secret, or remove `secret`"))
}

/// Refuses two rules that match one request, of which each would add another credential, or only one of them any.
pub(super) fn refuse_ambiguous(table: &Table<'_>, rules: &[HttpGrant]) -> Result<()> {
    let differ = |one: &HttpGrant, other: &HttpGrant| !one.has_credential_of(other) && one.overlaps(other);
    let clash = |at: usize| Some((at, rules[..at].iter().position(|other| differ(&rules[at], other))?));
    match (0..rules.len()).find_map(clash) {
        None => Ok(()),
        Some((at, first)) => Err(table
            .wrong(&format!("http[{at}]"), "matches requests of another rule, and adds another credential")
            .found(format!("{} in http[{first}] and http[{at}]", rules[at].origin()))
            .expected("the same `secret` or `sign` in all rules that match one request")
            .next("write the same credential into both rules, or keep their hosts, methods or paths apart")),
    }
}
