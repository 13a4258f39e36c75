//! `[auth.oauth]` of `toolcell.toml`: the authorization servers whose access tokens the server takes.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use toolcell_host::auth::oauth::KeySet;
use toolcell_host::catalog::{
    AddressRange, Challenge, Introspection, Issuer, KeySource, Lists, OAuth, Scope, ScopeSet,
    SigningAlgorithm, WebUrl,
};

use crate::document::scope::{self, HIDDEN};
use crate::document::{Table, item};
use crate::ui::problem::{Problem, Result};
use crate::ui::read::read_regular;

/// The longest audience, client or claim, in bytes.
const MAX_TEXT_BYTES: usize = 512;

/// The scope that a client asks its authorization server for, and no resource server may ask for.
const OFFLINE: &str = "offline_access";

/// Reads `[auth.oauth]`; files are relative to `base`.
pub(super) fn read(table: &Table<'_>, base: &Path) -> Result<OAuth> {
    let issuers = table.tables("issuers", |_, table| read_issuer(table, base))?;
    check_issuers(table, &issuers)?;
    Ok(OAuth {
        public_url: read_public_url(table)?,
        challenge: read_challenge(table)?,
        lists: read_lists(table)?,
        scopes: read_scopes(table)?,
        implies: read_implies(table)?,
        issuers,
    })
}

/// Refuses issuers that cannot stand side by side.
fn check_issuers(table: &Table<'_>, issuers: &BTreeMap<String, Issuer>) -> Result<()> {
    if issuers.is_empty() || issuers.len() > OAuth::MAX_ISSUERS {
        return Err(table
            .wrong("issuers", "names no authorization server, or too many")
            .found(issuers.len().to_string())
            .expected(format!("1 to {} tables [auth.oauth.issuers.NAME]", OAuth::MAX_ISSUERS))
            .next(
                "write, for example:\n[auth.oauth.issuers.company]\nissuer = \"https://login.example.com\"",
            ));
    }
    let mut seen = BTreeSet::new();
    for (name, issuer) in issuers {
        if !seen.insert(&issuer.issuer) {
            return Err(table
                .wrong(&format!("issuers.{name}.issuer"), "is the issuer of another table")
                .found(HIDDEN)
                .expected("one table for each issuer")
                .next("put the audiences and clients of both tables into one"));
        }
    }
    let mut asked = issuers.iter().filter(|(_, issuer)| issuer.introspection.is_some());
    match (asked.next(), asked.next()) {
        (Some((first, _)), Some((second, _))) => Err(table
            .wrong(&format!("issuers.{second}.introspection"), "is the second table of its kind")
            .found(format!("issuers.{first}.introspection"))
            .expected("one issuer that is asked about opaque tokens: such a token does not say whose it is")
            .next("remove one of both; the tokens of the other issuer have to be JWTs")),
        _ => Ok(()),
    }
}

fn read_public_url(table: &Table<'_>) -> Result<Option<WebUrl>> {
    const EXAMPLE: &str = "\"https://mcp.example.com\"";
    let Some(text) = table.text("public-url")? else { return Ok(None) };
    let url = web_url(table, "public-url", &text, EXAMPLE)?;
    match url.path_and_query().is_empty() {
        true => Ok(Some(url)),
        false => Err(table
            .wrong("public-url", "has a path")
            .found(HIDDEN)
            .expected(format!("scheme, host and port alone, such as {EXAMPLE}; MCP is at /mcp there"))
            .next("remove everything after the host and its port, also a final `/`")),
    }
}

fn read_challenge(table: &Table<'_>) -> Result<Challenge> {
    match table.text("challenge")?.as_deref() {
        None | Some("status") => Ok(Challenge::Status),
        Some("result") => Ok(Challenge::Result),
        Some(_) => Err(table
            .wrong("challenge", "is not a way to refuse a call")
            .found(HIDDEN)
            .expected("\"status\", for status 403 with WWW-Authenticate, or \"result\", for a result that is an error")
            .next("remove the key, or write challenge = \"result\" for ChatGPT, which reads the challenge in results")),
    }
}

fn read_lists(table: &Table<'_>) -> Result<Lists> {
    match table.text("lists")?.as_deref() {
        None | Some("all") => Ok(Lists::All),
        Some("allowed") => Ok(Lists::Allowed),
        Some(_) => Err(table
            .wrong("lists", "does not say what lists show")
            .found(HIDDEN)
            .expected("\"all\", for every tool and prompt, or \"allowed\", for those that the scopes of a token allow")
            .next("remove the key, or write lists = \"allowed\" if callers must not learn of tools that they may not call")),
    }
}

fn read_scopes(table: &Table<'_>) -> Result<Option<ScopeSet>> {
    if table.texts("scopes")?.is_none() {
        return Ok(None);
    }
    let scopes = scope::read(table, "scopes")?;
    let asks_for_offline = scopes.iter().any(|scope| scope.as_str() == OFFLINE);
    match asks_for_offline {
        false => Ok(Some(scopes)),
        true => Err(table
            .wrong("scopes", "asks for offline_access")
            .found(OFFLINE)
            .expected("scopes of tools: only a client asks its authorization server for offline_access")
            .next("remove offline_access")),
    }
}

fn read_implies(table: &Table<'_>) -> Result<BTreeMap<Scope, ScopeSet>> {
    let mut implies = BTreeMap::new();
    for (name, included) in table.text_lists("implies")? {
        let parsed = |text: &String| text.parse::<Scope>();
        let included: std::result::Result<ScopeSet, _> = included.iter().map(parsed).collect();
        let (Ok(name), Ok(included)) = (parsed(&name), included) else {
            return Err(table
                .wrong(&format!("implies.{name}"), "has something that is not a scope")
                .found(HIDDEN)
                .expected("a scope, and the list of those that it includes (RFC 6749)")
                .next("write, for example, files = [\"files.read\", \"files.write\"]"));
        };
        implies.insert(name, included);
    }
    Ok(implies)
}

fn read_issuer(table: &Table<'_>, base: &Path) -> Result<Issuer> {
    const EXAMPLE: &str = "\"https://login.example.com\"";
    let text = table.required("issuer", EXAMPLE)?;
    let issuer = web_url(table, "issuer", &text, EXAMPLE)?;
    if issuer.path_and_query().contains('?') {
        return Err(table
            .wrong("issuer", "has a query")
            .found(HIDDEN)
            .expected(format!("issuer = {EXAMPLE}, as the claim `iss` of its tokens has it to the letter"))
            .next("copy `issuer` from the metadata of the authorization server"));
    }
    let keys = read_keys(table, base)?;
    let read = Issuer {
        issuer,
        audience: texts(table, "audience", "\"https://mcp.example.com/mcp\"")?.unwrap_or_default(),
        client_ids: texts(table, "client-ids", "\"0oa1b2c3\"")?.unwrap_or_default(),
        scope_claims: texts(table, "scope-claim", "\"scope\"")?
            .unwrap_or_else(|| vec![Issuer::SCOPE_CLAIM.to_owned()]),
        principal_claim: one_text(table, "principal-claim", "\"sub\"")?
            .unwrap_or_else(|| Issuer::PRINCIPAL_CLAIM.to_owned()),
        algorithms: item::list::<SigningAlgorithm>(table, "algorithms", "[\"RS256\", \"ES256\"]")?
            .unwrap_or_else(|| Issuer::ALGORITHMS.to_vec()),
        token_type: one_text(table, "typ", "\"at+jwt\"")?,
        address: item::list::<AddressRange>(table, "address", "[\"10.0.0.0/8\"]")?.unwrap_or_default(),
        introspection: table.table("introspection", read_introspection)?,
        keys,
    };
    refuse_unknown_endpoint(table, &read)?;
    Ok(read)
}

/// Reads where the keys are: found by the metadata, at an address, or in a file.
fn read_keys(table: &Table<'_>, base: &Path) -> Result<KeySource> {
    const EXAMPLE: &str = "\"https://login.example.com/keys\"";
    let Some(text) = table.text("jwks")? else { return Ok(KeySource::Discovered { seed: None }) };
    if text.contains("://") {
        return Ok(KeySource::Url { url: web_url(table, "jwks", &text, EXAMPLE)?, seed: None });
    }
    let wrong = |wrong: &str, found: String| {
        table
            .wrong("jwks", wrong)
            .found(found)
            .expected("a file with a JSON Web Key Set of public keys, or an https:// address of one")
            .next("correct `jwks`, or remove it: the metadata of the issuer tell where its keys are")
    };
    let bytes = read_regular(&base.join(&text), KeySet::MAX_BYTES as u64)
        .map_err(|error| wrong("cannot be read", error.to_string()))?;
    let keys = KeySet::public_members(&bytes);
    keys.map(|keys| KeySource::Fixed { keys }).map_err(|error| wrong("cannot be used", error.to_string()))
}

fn read_introspection(table: &Table<'_>) -> Result<Introspection> {
    const EXAMPLE: &str = "\"https://login.example.com/introspect\"";
    let url = table.text("url")?.map(|text| web_url(table, "url", &text, EXAMPLE)).transpose()?;
    let client_id = table.required("client-id", "\"toolcell\"")?;
    if !is_plain(&client_id) {
        return Err(not_plain(table, "client-id", "\"toolcell\""));
    }
    Ok(Introspection { url, client_id, secret: table.required("secret", "\"issuer\"")? })
}

/// Refuses introspection at an endpoint that nothing will tell.
fn refuse_unknown_endpoint(table: &Table<'_>, issuer: &Issuer) -> Result<()> {
    let has_url = issuer.introspection.as_ref().is_none_or(|introspection| introspection.url.is_some());
    if has_url || matches!(issuer.keys, KeySource::Discovered { .. }) {
        return Ok(());
    }
    Err(table
        .wrong("introspection", "does not say which endpoint to ask")
        .found("`jwks` and no `introspection.url`: the metadata of the issuer are not read")
        .expected("introspection.url = \"https://login.example.com/introspect\"")
        .next("add `url` to the table introspection, or remove `jwks`"))
}

fn web_url(table: &Table<'_>, key: &str, text: &str, example: &str) -> Result<WebUrl> {
    text.parse().map_err(|error| {
        table
            .wrong(key, format!("is an address that cannot be used: it {error}"))
            .found(HIDDEN)
            .expected(format!("{key} = {example}"))
            .next("write the address as its server spells it")
    })
}

/// Reads a text, or a list of texts.
fn texts(table: &Table<'_>, key: &'static str, example: &str) -> Result<Option<Vec<String>>> {
    let Some(texts) = table.text_or_texts(key)? else { return Ok(None) };
    match (1..=Issuer::MAX_ITEMS).contains(&texts.len()) && texts.iter().all(|text| is_plain(text)) {
        true => Ok(Some(texts)),
        false => Err(not_plain(table, key, example)),
    }
}

fn one_text(table: &Table<'_>, key: &'static str, example: &str) -> Result<Option<String>> {
    match table.text(key)? {
        Some(text) if !is_plain(&text) => Err(not_plain(table, key, example)),
        text => Ok(text),
    }
}

fn is_plain(text: &str) -> bool {
    (1..=MAX_TEXT_BYTES).contains(&text.len()) && !text.chars().any(|letter| letter.is_control())
}

fn not_plain(table: &Table<'_>, key: &str, example: &str) -> Problem {
    table
        .wrong(key, "is empty, or has too many items, or one that is too long")
        .found(HIDDEN)
        .expected(format!("at most {} texts of 1 to {MAX_TEXT_BYTES} bytes", Issuer::MAX_ITEMS))
        .next(format!("write, for example, {key} = {example}, or remove the key"))
}
