//! Compares what a plugin needs with what `toolcell.toml` grants it.

use toolcell_host::catalog::HostPattern;

use crate::config::{Config, PluginConfig};
use crate::document::name;
use crate::manifest::{NeededHttp, Needs};
use crate::plugin::load::Loaded;
use crate::ui::problem::{Problem, Result};

/// Checks one plugin.
///
/// # Errors
/// Names the first thing that is needed and not granted, and the line that grants it.
pub fn check(config: &Config, name: &str, settings: &PluginConfig, loaded: &Loaded) -> Result<()> {
    let grants = &settings.grants;
    let needs = &loaded.plugin.needs;
    if let Some((key, why)) = needs.secrets.iter().find(|(key, _)| !grants.secrets.contains_key(*key)) {
        let line = secret_line(config, name, key);
        return Err(missing(config, name, &format!("secret for the config key `{key}`"), why, &line));
    }
    let tables =
        [("config", &needs.config, &grants.config), ("environment", &needs.environment, &grants.environment)];
    for (kind, needed, granted) in tables {
        if let Some((key, why)) = needed.iter().find(|(key, _)| !granted.contains_key(*key)) {
            let line = format!("[plugins.{name}.grants.{kind}]\n{} = \"...\"", toml_key(key));
            return Err(missing(config, name, &format!("{kind} key `{key}`"), why, &line));
        }
    }
    if let Some((bucket, why)) =
        needs.keyvalue.iter().find(|(bucket, _)| !grants.keyvalue.contains_key(*bucket))
    {
        let what = format!("bucket `{bucket}`");
        return Err(missing(config, name, &what, why, &bucket_line(name, bucket)));
    }
    for (guest, needed) in &needs.directories {
        let granted = grants.directories.iter().find(|granted| granted.guest == *guest);
        if !granted.is_some_and(|granted| granted.write || !needed.write) {
            return Err(missing(
                config,
                name,
                &directory_text(guest, needed.write),
                &needed.why,
                &directory_line(name, guest, needed.write),
            ));
        }
    }
    for (host, needed) in &needs.http {
        if !needed.is_allowed(host, &grants.http) {
            let what = format!("rule for requests to `{host}` ({needed})");
            return Err(missing(config, name, &what, &needed.why, &http_lines(name, host, needed)));
        }
    }
    Ok(())
}

/// The lines that would grant everything that a plugin needs.
pub fn lines(name: &str, needs: &Needs) -> Vec<String> {
    let pair = |kind: &str, key: &str| format!("[plugins.{name}.grants.{kind}]\n{} = \"...\"", toml_key(key));
    let config = needs.config.keys().map(|key| pair("config", key));
    let secrets =
        needs.secrets.keys().map(|key| format!("{}\n{}", secret_grant(name, key), secret_source(key)));
    let environment = needs.environment.keys().map(|key| pair("environment", key));
    let buckets = needs.keyvalue.keys().map(|bucket| bucket_line(name, bucket));
    let directories =
        needs.directories.iter().map(|(guest, needed)| directory_line(name, guest, needed.write));
    let http = needs.http.iter().map(|(host, needed)| http_lines(name, host, needed));
    config.chain(secrets).chain(environment).chain(buckets).chain(directories).chain(http).collect()
}

/// The lines that grant a secret, and say where it is if the configuration does not.
fn secret_line(config: &Config, name: &str, key: &str) -> String {
    match config.secrets.contains_key(&secret_name(key)) {
        true => secret_grant(name, key),
        false => format!("{}\n{}", secret_grant(name, key), secret_source(key)),
    }
}

fn secret_grant(name: &str, key: &str) -> String {
    format!("[plugins.{name}.grants.secrets]\n{} = \"{}\"", toml_key(key), secret_name(key))
}

fn secret_source(key: &str) -> String {
    let name = secret_name(key);
    let letter = |letter: char| if letter.is_ascii_alphanumeric() { letter } else { '_' };
    let variable: String = name.chars().map(letter).collect();
    let variable = variable.trim_start_matches(|first: char| first.is_ascii_digit() || first == '_');
    let variable = if variable.is_empty() { "secret" } else { variable };
    format!("[secrets.{}]\nenvironment = \"{}\"", toml_key(&name), variable.to_ascii_uppercase())
}

/// Proposes a name for the secret of a key.
fn secret_name(key: &str) -> String {
    let letter = |letter: char| if letter.is_ascii_alphanumeric() || letter == '_' { letter } else { '-' };
    let name: String = key.chars().map(letter).take(name::MAX_CHARS).collect();
    if name.is_empty() { "secret".to_owned() } else { name }
}

fn http_lines(name: &str, host: &HostPattern, needed: &NeededHttp) -> String {
    let list =
        |items: Vec<String>| items.iter().map(|item| format!("{item:?}")).collect::<Vec<_>>().join(", ");
    let methods = list(needed.methods.iter().map(ToString::to_string).collect());
    let paths = list(needed.paths.iter().map(ToString::to_string).collect());
    format!("[[plugins.{name}.grants.http]]\nhost = \"{host}\"\nmethods = [{methods}]\npaths = [{paths}]")
}

fn bucket_line(name: &str, bucket: &str) -> String {
    format!("[plugins.{name}.grants.keyvalue]\n{} = {{ scope = \"caller\" }}", toml_key(bucket))
}

fn directory_text(guest: &str, write: bool) -> String {
    let access = if write { "writable" } else { "readable" };
    format!("{access} directory `{guest}`")
}

fn directory_line(name: &str, guest: &str, write: bool) -> String {
    let write = if write { ", write = true" } else { "" };
    format!(
        "[[plugins.{name}.grants.directories]]\nhost = \"...\"\nguest = \"{guest}\"{}",
        write.replace(", ", "\n")
    )
}

fn missing(config: &Config, name: &str, what: &str, why: &str, line: &str) -> Problem {
    Problem::refused(
        config.origin.place(&format!("plugins.{name}.grants")),
        "lacks a grant that the plugin needs",
    )
    .found(format!("no {what}"))
    .expected(format!("{what} (reason: {why})"))
    .next(format!("add to {}:\n{line}", config.origin.file()))
}

fn toml_key(key: &str) -> String {
    let bare =
        !key.is_empty() && key.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-".contains(&byte));
    if bare { key.to_string() } else { format!("{key:?}") }
}
