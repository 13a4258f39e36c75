//! `[[plugins.NAME.grants.http]]` of `toolcell.toml`: the requests that a plugin may send to other hosts.

use toolcell_host::catalog::{AddressRange, GrantedHeader, Host, HostPattern, HttpGrant, Scheme};

use super::{injection, signing};
use crate::document::Table;
use crate::document::{item, limit};
use crate::ui::problem::Result;

/// Reads the rules of the list `http`, at most [`HttpGrant::MAX_RULES`].
pub(super) fn read_all(table: &Table<'_>) -> Result<Vec<HttpGrant>> {
    let rules = table.list("http", read)?;
    if rules.len() <= HttpGrant::MAX_RULES {
        return Ok(rules);
    }
    Err(table
        .wrong("http", "has too many rules")
        .found(rules.len().to_string())
        .expected(format!("at most {}", HttpGrant::MAX_RULES))
        .next("let one rule list several paths and methods, or several hosts with `*.`"))
}

fn read(table: &Table<'_>) -> Result<HttpGrant> {
    let host = read_host(table)?;
    let scheme = read_scheme(table)?;
    let default = HttpGrant::new(host.clone());
    let grant = HttpGrant {
        host,
        scheme,
        port: read_port(table)?.unwrap_or(scheme.default_port()),
        methods: item::list(table, "methods", "[\"GET\", \"POST\"]")?.unwrap_or(default.methods),
        paths: item::list(table, "paths", "[\"/repos/\"]")?.unwrap_or(default.paths),
        headers: item::list::<GrantedHeader>(table, "headers", "[\"x-forwarded-for\"]")?.unwrap_or_default(),
        requests: number(table, "requests", HttpGrant::MAX_REQUESTS)?.unwrap_or(default.requests),
        at_once: number(table, "at-once", HttpGrant::MAX_AT_ONCE)?.unwrap_or(default.at_once),
        request_bytes: limit::bytes(table, "request", HttpGrant::MAX_BODY_BYTES)?
            .unwrap_or(default.request_bytes),
        response_bytes: limit::bytes(table, "response", HttpGrant::MAX_BODY_BYTES)?
            .unwrap_or(default.response_bytes),
        time_ms: read_time(table)?,
        address: item::list::<AddressRange>(table, "address", "[\"10.0.0.0/8\"]")?.unwrap_or_default(),
        secret: table.table("secret", injection::read)?,
        sign: table.table("sign", signing::read)?,
    };
    refuse_bare_address(table, &grant)?;
    injection::refuse_exposed(table, &grant)?;
    signing::refuse_unsuited(table, &grant)?;
    Ok(grant)
}

fn read_host(table: &Table<'_>) -> Result<HostPattern> {
    let text = table.required("host", "\"api.example.com\"")?;
    item::one(
        table,
        "host",
        &text,
        "a host name in lower case; `*.` and a name for every name with one label more; or an address",
        "\"api.example.com\"",
    )
}

fn read_scheme(table: &Table<'_>) -> Result<Scheme> {
    match table.text("scheme")?.as_deref() {
        None | Some("https") => Ok(Scheme::Https),
        Some("http") => Ok(Scheme::Http),
        Some(other) => Err(table
            .wrong("scheme", "is not a scheme")
            .found(format!("{other:?}"))
            .expected("\"https\" or \"http\"")
            .next("remove `scheme` for https; write scheme = \"http\" for a host without TLS")),
    }
}

fn read_port(table: &Table<'_>) -> Result<Option<u16>> {
    let Some(number) = table.count("port")? else { return Ok(None) };
    match u16::try_from(number) {
        Ok(port) if port > 0 => Ok(Some(port)),
        _ => Err(table
            .wrong("port", "is not a port")
            .found(number.to_string())
            .expected("a whole number from 1 to 65535")
            .next("remove `port` for the usual one of the scheme")),
    }
}

fn number(table: &Table<'_>, key: &'static str, most: u32) -> Result<Option<u32>> {
    let Some(number) = table.count(key)? else { return Ok(None) };
    match u32::try_from(number) {
        Ok(value) if (1..=most).contains(&value) => Ok(Some(value)),
        _ => Err(table
            .wrong(key, "is out of range")
            .found(number.to_string())
            .expected(format!("a whole number from 1 to {most}"))
            .next("change the number, or remove the key")),
    }
}

fn read_time(table: &Table<'_>) -> Result<u64> {
    match limit::milliseconds(table, "time")? {
        None => Ok(HttpGrant::TIME_MS),
        Some(time) if (1..=HttpGrant::MAX_TIME_MS).contains(&time) => Ok(time),
        Some(time) => Err(table
            .wrong("time", "is too short or too long")
            .found(limit::show_duration(time))
            .expected(format!(
                "{} to {}",
                limit::show_duration(1),
                limit::show_duration(HttpGrant::MAX_TIME_MS)
            ))
            .next(format!("write time = {}, or remove the key", limit::show_duration(HttpGrant::TIME_MS)))),
    }
}

/// Refuses an address as host, unless `address` says that it may be reached.
fn refuse_bare_address(table: &Table<'_>, grant: &HttpGrant) -> Result<()> {
    let HostPattern::Exact(Host::Address(address)) = &grant.host else { return Ok(()) };
    if grant.address.iter().any(|range| range.contains(*address)) {
        return Ok(());
    }
    Err(table
        .wrong("host", "is an address that `address` does not allow")
        .found(address.to_string())
        .expected("a host name, or an address within a range of `address`")
        .next(
            "write the name of the host; for an address, add its network, for example address = [\"10.0.0.0/8\"]. \
             Addresses of this machine and its link cannot be allowed: see docs/outbound.md",
        ))
}
