//! `plugin.toml` and `toolcell.toml`.

use std::path::Path;

use toml::{Table, Value};
use toolcell_cli::config::Config;
use toolcell_cli::document::limit::Overrides;
use toolcell_cli::document::origin::Origin;
use toolcell_cli::manifest::Manifest;
use toolcell_cli::ui::problem::{Problem, Result};
use toolcell_cli::{config as configuration, manifest as author};
use toolcell_host::auth::{Bearer, BearerError, Iam};
use toolcell_host::protocol::{Callers, Exposure, Policy};

use super::assert_clear;

/// Letters of a value that is recognised in a message.
const RECOGNISED: usize = 8;

/// Keys that a message names, with what a file may hold below them.
const KEYS: [&str; 4] = [
    "auth.bearer.environment",
    "auth.bearer.secret",
    "auth.bearer.principals.tokens",
    "auth.iam.principals.scopes",
];

/// Reads a `plugin.toml`. It is refused with what to write; or it means the same when another program writes it again,
/// and its limits are within their bounds.
pub fn manifest(data: &[u8]) {
    let read = |bytes: &[u8]| {
        author::parse(Path::new("plugin"), bytes)
            .map(|manifest| Manifest { origin: Origin::default(), ..manifest })
    };
    match read(data) {
        Err(problem) => assert_clear(&problem),
        Ok(manifest) => {
            check_rewritten(data, &manifest, read);
            check_limits(&manifest.limits);
            manifest.tools.values().for_each(|tool| check_limits(&tool.limits));
            manifest.prompts.values().for_each(|prompt| check_limits(&prompt.limits));
        }
    }
}

/// Reads a `toolcell.toml`, with the same promises. A server can run with what is accepted, and a refusal shows no value
/// below `[auth]`.
pub fn config(data: &[u8]) {
    let read = |bytes: &[u8]| {
        configuration::parse(Path::new(configuration::FILE), bytes)
            .map(|config| Config { origin: Origin::default(), ..config })
    };
    match read(data) {
        Err(problem) => {
            assert_clear(&problem);
            check_confidence(data, &problem);
        }
        Ok(config) => {
            check_rewritten(data, &config, read);
            check_servable(&config);
        }
    }
}

fn check_rewritten<T: std::fmt::Debug>(data: &[u8], value: &T, read: impl Fn(&[u8]) -> Result<T>) {
    let text = std::str::from_utf8(data).expect("what was read is text");
    let table: Table = text.parse().expect("what was read is TOML");
    let written = toml::to_string(&table).expect("a table is TOML");
    let again = read(written.as_bytes())
        .unwrap_or_else(|problem| panic!("refused when written again: {problem}\n{written}"));
    assert_eq!(format!("{again:?}"), format!("{value:?}"));
}

fn check_limits(limits: &Overrides) {
    for (limit, value) in limits.iter() {
        assert!((limit.minimum()..=limit.maximum()).contains(&value), "{} = {value}", limit.key());
    }
}

/// What a server makes of a configuration when it starts.
fn check_servable(config: &Config) {
    assert!((1..=1_000).contains(&config.page_size), "{} tools on a page", config.page_size);
    let http = &config.http;
    assert!(http.max_body_bytes > 0, "no request has a body");
    assert_eq!(u128::from(http.heartbeat_ms), http.heartbeat().as_millis(), "within its limits");
    let is_open = config.auth.is_empty();
    let callers = if is_open { Callers::Anonymous } else { Callers::Authenticated };
    let (origins, hosts) = (&http.allowed_origins, &http.allowed_hosts);
    Policy::new(Exposure::Public, callers, origins, hosts, http.max_body_bytes)
        .expect("the lists were checked");
    Iam::new(&config.auth.iam).expect("the roles were checked");
    if let Some(bearer) = &config.auth.bearer {
        match Bearer::new(bearer.principals.clone()) {
            Err(BearerError::Empty) => assert!(bearer.environment.is_some() || bearer.secret.is_some()),
            Err(error) => panic!("{error}"),
            Ok(_) => {}
        }
    }
    check_limits(&config.limits);
    for plugin in config.plugins.values() {
        check_limits(&plugin.limits);
        plugin.tools.values().for_each(|tool| check_limits(&tool.limits));
    }
}

/// A value below `[auth]` may be a token. One that stands in the file once is not in a message.
fn check_confidence(data: &[u8], problem: &Problem) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let Ok(mut table) = text.parse::<Table>() else { return };
    let Some(auth) = table.remove("auth") else { return };
    // What follows is advice, whose examples somebody may have copied.
    let message = [&problem.at, &problem.wrong, &problem.found].map(String::as_str).join("\n");
    // A scope may be called like a part of the file's name, or of a key in the file.
    let mut keys = KEYS.map(str::to_owned).to_vec();
    each_key("auth", &auth, &mut |key| keys.push(key.to_owned()));
    let message = message.replace("toolcell.toml", "");
    each_text(&auth, &mut |value| {
        // An ARN is no secret, and a part of a key is in many messages.
        let is_public = value.starts_with("arn:") || keys.iter().any(|key| key.contains(value));
        let is_secret = value.len() >= RECOGNISED && !is_public && text.matches(value).count() == 1;
        assert!(!is_secret || !message.contains(value), "a value below [auth] is shown: {message}");
    });
}

/// Hands out the full names of the keys below a value.
fn each_key(path: &str, value: &Value, take: &mut dyn FnMut(&str)) {
    let Value::Table(table) = value else { return };
    for (key, value) in table {
        let path = format!("{path}.{key}");
        take(&path);
        each_key(&path, value, take);
    }
}

fn each_text(value: &Value, check: &mut dyn FnMut(&str)) {
    match value {
        Value::String(text) => check(text),
        Value::Array(items) => items.iter().for_each(|item| each_text(item, check)),
        Value::Table(table) => table.values().for_each(|value| each_text(value, check)),
        _ => {}
    }
}
