//! `sign` of a rule in `[[plugins.NAME.grants.http]]`: how the host signs requests for AWS.

use std::path::Path;

use toolcell_host::catalog::{
    AwsRegion, AwsService, HostPattern, HttpGrant, RoleArn, SessionPolicy, Signing, SigningError,
};

use crate::document::{Table, item};
use crate::ui::problem::{Problem, Result};
use crate::ui::read::read_text;

/// Reads `sign = { service, region, role, policy }`.
pub(super) fn read(table: &Table<'_>) -> Result<Signing> {
    let signing = Signing {
        service: one::<AwsService>(table, "service", "\"s3\"", "a service as signatures name it")?,
        region: one::<AwsRegion>(table, "region", "\"eu-central-1\"", "a region")?,
        role: one::<RoleArn>(
            table,
            "role",
            "\"arn:aws:iam::123456789012:role/reports\"",
            "the ARN of a role: arn:PARTITION:iam::ACCOUNT:role/NAME",
        )?,
        policy: read_policy(table)?,
    };
    if signing.fits_partition() {
        return Ok(signing);
    }
    Err(table
        .wrong("role", "is in another partition of AWS than the region")
        .found(format!("{} and {}", signing.role, signing.region))
        .expected(format!("a role that begins with arn:{}:iam::", signing.partition()))
        .next("write a role of the account that has the region"))
}

fn one<T>(table: &Table<'_>, key: &'static str, example: &str, expected: &str) -> Result<T>
where
    T: std::str::FromStr<Err: std::fmt::Display>,
{
    let text = table.required(key, example)?;
    item::one(table, key, &text, expected, example)
}

/// Reads the session policy: JSON in `toolcell.toml` itself, or in the file that it names.
fn read_policy(table: &Table<'_>) -> Result<SessionPolicy> {
    let text = table.required("policy", "\"reports.policy.json\"")?;
    let (json, found) = match text.trim_start().starts_with('{') {
        true => (text, "JSON in toolcell.toml".to_owned()),
        false => (read_file(table, &text)?, text),
    };
    json.parse().map_err(|error: SigningError| {
        table
            .wrong("policy", error.to_string())
            .found(found)
            .expected("a session policy: a JSON object with `Version` and `Statement`")
            .next("write what the plugin may do at most; docs/outbound.md has an example")
    })
}

fn read_file(table: &Table<'_>, name: &str) -> Result<String> {
    let unreadable = |error: std::io::Error| -> Problem {
        table
            .wrong("policy", "cannot be read")
            .found(format!("{name}: {error}"))
            .expected("the JSON of a policy, or the name of a file with it")
            .next("correct `policy`; a path starts from the folder of toolcell.toml")
    };
    read_text(&table.directory().join(Path::new(name))).map_err(unreadable)
}

/// Refuses a rule whose requests cannot be signed as it says, and headers that only `sign` makes a matter of grants.
pub(super) fn refuse_unsuited(table: &Table<'_>, grant: &HttpGrant) -> Result<()> {
    let Some(signing) = &grant.sign else { return refuse_free_headers(table, grant) };
    if grant.secret.is_some() {
        return Err(table
            .wrong("sign", "cannot be combined with `secret`")
            .found("both")
            .expected("one credential for the requests of a rule")
            .next("remove `secret` or `sign`"));
    }
    let fits = match &grant.host {
        HostPattern::Exact(host) => signing.fits(host),
        _ => false,
    };
    if !grant.can_hold_secret() || !fits {
        return Err(table
            .wrong("sign", "does not fit the host of the rule")
            .found(format!("{} for {} in {}", grant.origin(), signing.service, signing.region))
            .expected(format!(
                "https and one exact host of the service in the region, such as {}",
                signing.example_host()
            ))
            .next("correct `host`, or `service` and `region` of `sign`"));
    }
    if grant.request_bytes > HttpGrant::MAX_SIGNED_BYTES {
        return Err(table
            .wrong("request", "is too large for requests that are signed")
            .found(format!("{} bytes", grant.request_bytes))
            .expected("at most \"8 MiB\": a body is kept in memory until its hash is known")
            .next("lower `request`; send large objects in several parts"));
    }
    Ok(())
}

fn refuse_free_headers(table: &Table<'_>, grant: &HttpGrant) -> Result<()> {
    match grant.headers.iter().position(|header| header.is_of_aws()) {
        None => Ok(()),
        Some(at) => Err(table
            .wrong(&format!("headers[{at}]"), "needs no grant: every plugin may send it")
            .found(format!("\"{}\"", grant.headers[at].as_str()))
            .expected("headers that begin with x-amz- only in a rule with `sign`")
            .next("remove it from `headers`, or add `sign`")),
    }
}
