//! `[secrets]` of `toolcell.toml`: where the secrets are that plugins are granted, and which keys show them.
//!
//! A deployer may have put a secret where its place belongs. So no error about a value shows it.

use std::collections::BTreeMap;

use toolcell_host::catalog::{HttpGrant, Releases, SecretPlace, SecretSource};

use super::auth::{is_secret, is_variable};
use super::{Config, ReleasesConfig};
use crate::document::origin::Origin;
use crate::document::scope::HIDDEN;
use crate::document::{Table, name};
use crate::ui::closest::closest;
use crate::ui::problem::{Problem, Result, one_of};

/// The keys that name a place; a secret has exactly one of them.
const PLACES: [&str; 3] = ["environment", "secretsmanager", "parameter"];

/// Variables that are the server's own, and no plugin's.
const RESERVED: [&str; 6] = [
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "AWS_CONTAINER_AUTHORIZATION_TOKEN",
    "TOOLCELL_STATE_KEYS",
    "TOOLCELL_STATE_KEYS_SECRET",
];

/// Reads every `[secrets.NAME]`.
pub(super) fn read(table: &Table<'_>) -> Result<BTreeMap<String, SecretSource>> {
    let secrets = table.tables("secrets", |_, table| read_source(table))?;
    for name in secrets.keys() {
        name::check_word(table, &format!("secrets.{name}"), name)?;
    }
    Ok(secrets)
}

fn read_source(table: &Table<'_>) -> Result<SecretSource> {
    let places = [
        read_place(table, PLACES[0], is_capital, "\"GITHUB_TOKEN\"")?.map(SecretPlace::Environment),
        read_place(table, PLACES[1], is_secret, "\"prod/github\"")?.map(SecretPlace::SecretsManager),
        read_place(table, PLACES[2], is_secret, "\"/prod/github-token\"")?.map(SecretPlace::Parameter),
    ];
    let field = read_field(table)?;
    let mut given = PLACES.into_iter().zip(places).filter_map(|(key, place)| Some((key, place?)));
    let Some((key, place)) = given.next() else {
        return Err(table
            .wrong("environment", "is missing")
            .found("no place of the secret")
            .expected(one_of(&PLACES))
            .next("write where the secret is, for example environment = \"GITHUB_TOKEN\""));
    };
    if let Some((other, _)) = given.next() {
        return Err(table
            .wrong(other, format!("cannot be combined with `{key}`"))
            .found("both")
            .expected("one place of the secret")
            .next("remove one of them; for your own machine, secrets.toml can hold another value"));
    }
    refuse_reserved(table, &place)?;
    Ok(SecretSource { place, field })
}

/// Tells whether a text is the name of a variable, in capitals: many tokens are names in small letters.
fn is_capital(text: &str) -> bool {
    is_variable(text) && !text.bytes().any(|byte| byte.is_ascii_lowercase())
}

fn read_place(
    table: &Table<'_>,
    key: &'static str,
    is_name: fn(&str) -> bool,
    example: &str,
) -> Result<Option<String>> {
    match table.text(key)? {
        Some(text) if !is_name(&text) => Err(table
            .wrong(key, "does not name the place of a secret")
            .found(HIDDEN)
            .expected(format!("{key} = {example}{}", if key == PLACES[0] { ", in capitals" } else { "" }))
            .next("write where the secret is, not the secret itself")),
        name => Ok(name),
    }
}

fn read_field(table: &Table<'_>) -> Result<Option<String>> {
    match table.text("field")? {
        Some(field) if field.is_empty() => Err(table
            .wrong("field", "is empty")
            .found("\"\"")
            .expected("the name of a field of the secret, which is then a JSON object")
            .next("write the field's name, or remove `field`")),
        field => Ok(field),
    }
}

fn refuse_reserved(table: &Table<'_>, place: &SecretPlace) -> Result<()> {
    match place {
        SecretPlace::Environment(name) if RESERVED.contains(&name.as_str()) => Err(table
            .wrong("environment", "holds a credential of the server itself")
            .found(name.as_str())
            .expected("a variable with a secret that is meant for plugins")
            .next("make a credential for the plugin alone, and keep it in another variable")),
        _ => Ok(()),
    }
}

/// Reads `[plugins.NAME.grants.secrets]`: keys of `wasi:config/store` beside those of `config`.
pub(super) fn read_grant(
    table: &Table<'_>,
    config: &BTreeMap<String, String>,
) -> Result<BTreeMap<String, String>> {
    let secrets = table.text_map("secrets")?;
    match secrets.keys().find(|key| config.contains_key(*key)) {
        None => Ok(secrets),
        Some(key) => Err(table
            .wrong(&format!("secrets.{key}"), "is also a key of `config`")
            .found("both")
            .expected("one value for each key of wasi:config/store")
            .next(format!(
                "remove {} or {}",
                table.path(&format!("config.{key}")),
                table.path(&format!("secrets.{key}"))
            ))),
    }
}

/// Refuses a grant of a secret that `[secrets]` does not name.
pub(super) fn refuse_unknown(config: &Config, origin: &Origin) -> Result<()> {
    let known = || config.secrets.keys().map(String::as_str);
    let mut named = Vec::new();
    for (plugin, settings) in &config.plugins {
        let table = format!("plugins.{plugin}.grants");
        let keys = settings.grants.secrets.iter();
        named.extend(keys.map(|(key, secret)| (format!("{table}.secrets.{key}"), secret)));
        named.extend(injected(&table, &settings.grants.http));
    }
    let issuers = config.auth.oauth.iter().flat_map(|oauth| &oauth.issuers);
    named.extend(issuers.filter_map(|(name, issuer)| {
        let secret = &issuer.introspection.as_ref()?.secret;
        Some((format!("auth.oauth.issuers.{name}.introspection.secret"), secret))
    }));
    if let Some(ReleasesConfig { settings: Releases { ceiling, .. }, .. }) = &config.releases {
        let table = "releases.ceiling.grants";
        named.extend(ceiling.secrets.iter().map(|secret| (format!("{table}.secrets"), secret)));
        named.extend(injected(table, &ceiling.http));
    }
    match named.into_iter().find(|(_, secret)| !config.secrets.contains_key(*secret)) {
        None => Ok(()),
        Some((key, secret)) => Err(unknown(origin.place(&key), closest(secret, known()))),
    }
}

/// Lists the secrets that rules add to requests, each with its key below `table`.
fn injected<'r>(table: &str, rules: &'r [HttpGrant]) -> impl Iterator<Item = (String, &'r String)> {
    let from = move |(at, rule): (usize, &'r HttpGrant)| {
        let secret = rule.secret.as_ref()?;
        Some((format!("{table}.http[{at}].secret.from"), &secret.from))
    };
    rules.iter().enumerate().filter_map(from)
}

fn unknown(place: String, meant: Option<&str>) -> Problem {
    Problem::refused(place, "names a secret that is not in [secrets]")
        .found(HIDDEN)
        .expected("the name of a table [secrets.NAME]")
        .next(match meant {
            Some(meant) => format!("did you mean `{meant}`?"),
            None => "add the table, for example:\n[secrets.github-token]\nenvironment = \"GITHUB_TOKEN\""
                .to_owned(),
        })
}
