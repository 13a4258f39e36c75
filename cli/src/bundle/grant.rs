//! Compares what a plugin needs with what `toolcell.toml` grants it.

use crate::config::{Config, PluginConfig};
use crate::manifest::Needs;
use crate::plugin::load::Loaded;
use crate::ui::problem::{Problem, Result};

/// Checks one plugin.
///
/// # Errors
/// Names the first thing that is needed and not granted, and the line that grants it.
pub fn check(config: &Config, name: &str, settings: &PluginConfig, loaded: &Loaded) -> Result<()> {
    let grants = &settings.grants;
    let needs = &loaded.plugin.needs;
    let tables =
        [("config", &needs.config, &grants.config), ("environment", &needs.environment, &grants.environment)];
    for (kind, needed, granted) in tables {
        if let Some((key, why)) = needed.iter().find(|(key, _)| !granted.contains_key(*key)) {
            let line = format!("[plugins.{name}.grants.{kind}]\n{} = \"...\"", toml_key(key));
            return Err(missing(config, name, &format!("{kind} key `{key}`"), why, &line));
        }
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
    Ok(())
}

/// The lines that would grant everything that a plugin needs.
pub fn lines(name: &str, needs: &Needs) -> Vec<String> {
    let pair = |kind: &str, key: &str| format!("[plugins.{name}.grants.{kind}]\n{} = \"...\"", toml_key(key));
    let config = needs.config.keys().map(|key| pair("config", key));
    let environment = needs.environment.keys().map(|key| pair("environment", key));
    let directories =
        needs.directories.iter().map(|(guest, needed)| directory_line(name, guest, needed.write));
    config.chain(environment).chain(directories).collect()
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
