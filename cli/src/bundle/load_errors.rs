//! Tools that cannot be called on this machine: told at start, once per plugin.

use std::collections::{BTreeMap, BTreeSet};

use toolcell_host::call::{Runner, Unavailable};
use toolcell_host::catalog::{Directory, FunctionRef, Plugin};
use toolcell_host::sandbox::{GrantError, LoadError};

use super::open::Source;
use crate::config;
use crate::ui::problem::{Problem, Result};

/// Loads every plugin, and logs which ones cannot be called.
///
/// # Errors
/// A granted directory of a configuration cannot be opened: whoever wrote the line is at hand.
/// A bundle is served without the plugin, as its directories may come later than it.
pub fn refuse(runner: &Runner, source: &Source) -> Result<()> {
    let mut told = BTreeSet::new();
    for (function, error) in load(runner) {
        let plugin = function.plugin();
        match (&error, source) {
            (LoadError::Grant(grant), Source::Config(_)) => {
                return Err(refused_grant(source, plugin, grant));
            }
            (error, _) if told.insert(plugin.name.clone()) => {
                tracing::warn!(plugin = plugin.name, %error, "the tools of this plugin cannot be called");
            }
            _ => {}
        }
    }
    Ok(())
}

/// Loads every plugin, and says by plugin what keeps it from being called.
pub fn plugins(runner: &Runner, source: &Source) -> BTreeMap<String, Problem> {
    let problem = |plugin: &Plugin, error: &LoadError| match error {
        LoadError::Grant(grant) => refused_grant(source, plugin, grant),
        other => Problem::internal(&plugin.name, "cannot be loaded").found(other.to_string()),
    };
    let refused = load(runner).into_iter();
    refused
        .map(|(function, error)| (function.plugin().name.clone(), problem(function.plugin(), &error)))
        .collect()
}

/// Loads every plugin; gives each function of those that cannot be.
fn load(runner: &Runner) -> Vec<(FunctionRef, LoadError)> {
    let mut refused = Vec::new();
    for (function, error) in runner.load_all() {
        match error {
            Unavailable::Plugin(error) => refused.push((function, error)),
            error => tracing::error!(tool = function.entry().name, %error, "this tool cannot be called"),
        }
    }
    refused
}

/// Returns the reason why `tool` cannot be called, if a granted directory is the cause.
pub fn of_tool(runner: &Runner, source: &Source, tool: &str) -> Option<Problem> {
    let refused = runner.load_all().into_iter();
    let (function, error) = refused.into_iter().find(|(function, _)| function.entry().name == tool)?;
    match error {
        Unavailable::Plugin(LoadError::Grant(grant)) => {
            Some(refused_grant(source, function.plugin(), &grant))
        }
        _ => None,
    }
}

fn refused_grant(source: &Source, plugin: &Plugin, error: &GrantError) -> Problem {
    let (key, path) = match error {
        GrantError::Open { host, .. } | GrantError::Forbidden { host, .. } => ("host", host),
        GrantError::Twice { guest } => ("guest", guest),
    };
    let directories = &plugin.grants.directories;
    let names = |one: &Directory| if key == "host" { one.host == *path } else { one.guest == *path };
    let at = directories.iter().position(names).unwrap_or_default();
    let key = format!("plugins.{}.grants.directories[{at}].{key}", plugin.name);
    let place = match source {
        Source::Config(file) => {
            config::read(file).map_or_else(|_| key.clone(), |config| config.origin.place(&key))
        }
        Source::Bundle(bundle) => format!("{}: {key}", bundle.display()),
    };
    let root = match source {
        Source::Config(_) => "the folder of toolcell.toml",
        Source::Bundle(_) => "the folder that contains the bundle",
    };
    let (expected, next) = match error {
        GrantError::Open { .. } => (
            format!("a directory that exists; a relative path starts in {root}"),
            "create the directory, or correct the path",
        ),
        GrantError::Forbidden { .. } => (
            "a directory that holds only the plugin's data".to_owned(),
            "move the data to a directory of its own, and grant that",
        ),
        GrantError::Twice { .. } => ("a guest path of its own".to_owned(), "change one of the two"),
    };
    Problem::refused(place, "cannot be granted").found(error.to_string()).expected(expected).next(next)
}
