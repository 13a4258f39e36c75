//! `toolcell connect`: prints the configuration of an MCP client for a server, or merges it into the client's file.

mod client;
mod edit;
mod entry;

use std::fs;
use std::path::{Path, PathBuf};

use toolcell_host::catalog::Auth;
use toolcell_host::variables::Variables;

use crate::config;
use crate::ui::exit::Exit;
use crate::ui::problem::{Problem, Result};
use crate::ui::terminal::Terminal;
use crate::ui::write::{cannot_write, write_atomically};

pub use client::ClientName;
use client::Platform;
use entry::Server;

/// The ending of the name of a copy that is made before a file is changed.
const BACKUP: &str = ".before-toolcell";

/// The name of a server that no configuration names.
const DEFAULT_NAME: &str = "toolcell";

/// A client, a server, and what to do.
#[derive(Debug)]
pub(crate) struct ConnectRequest<'a> {
    pub(crate) client: ClientName,
    /// The address of the server; without one, the client starts it.
    pub(crate) url: Option<&'a str>,
    /// Tells whether a server with an address requires a token.
    pub(crate) token: bool,
    /// The configuration of a server that the client starts.
    pub(crate) config: &'a Path,
    /// A bundle in place of the configuration.
    pub(crate) bundle: Option<&'a Path>,
    /// The name of the server in the client, in place of its own.
    pub(crate) name: Option<&'a str>,
    /// The file of the client, in place of the usual one.
    pub(crate) file: Option<&'a Path>,
    pub(crate) write: bool,
}

/// Prints the configuration, or writes it.
///
/// # Errors
/// The server's configuration is refused, the client has no such configuration, or its file cannot be changed.
pub(crate) fn run(request: &ConnectRequest<'_>, terminal: &Terminal) -> Result<Exit> {
    let server = server(request)?;
    let platform = Platform::here(&Variables::of_process());
    let client = request.client;
    let entry = client.entry(&server)?;
    let file = request.file.map_or_else(|| client.file(&platform), Path::to_owned);
    if request.write {
        write(&file, &entry, terminal)?;
    } else {
        let text = edit::merged("", &entry).map_err(|error| not_merged("the configuration", &error))?;
        terminal.note(format!("for {}, in {}:", client.title(), file.display()));
        terminal.print(text.trim_end());
    }
    for hint in entry.hints {
        terminal.note(hint);
    }
    Ok(Exit::Done)
}

/// Describes the server as the client will reach it.
fn server(request: &ConnectRequest<'_>) -> Result<Server> {
    let name = |own: Option<&str>| request.name.or(own).unwrap_or(DEFAULT_NAME).to_owned();
    if let Some(url) = request.url {
        check_url(url)?;
        return Ok(Server::at(name(None), url.to_owned(), request.token));
    }
    let command = std::env::current_exe().map_err(|error| {
        Problem::internal("toolcell", "cannot find its own program").found(error.to_string())
    })?;
    let absolute = |path: &Path| {
        fs::canonicalize(path).map_err(|error| {
            Problem::refused(path.display().to_string(), "cannot be served")
                .found(error.to_string())
                .expected("a toolcell.toml, or a bundle that `toolcell build` wrote")
                .next("run the command where toolcell.toml is, or name it with --config FILE")
        })
    };
    if let Some(bundle) = request.bundle {
        let args = ["--bundle".to_owned(), absolute(bundle)?.display().to_string()];
        return Ok(Server::started(name(None), command, args, request.token));
    }
    let config = config::read(request.config)?;
    let args = ["--config".to_owned(), absolute(request.config)?.display().to_string()];
    let needs_token = request.token || wants_tokens(&config.auth);
    Ok(Server::started(name(Some(&config.server.name)), command, args, needs_token))
}

fn wants_tokens(auth: &Auth) -> bool {
    auth.bearer.is_some() || auth.oauth.is_some()
}

fn check_url(url: &str) -> Result<()> {
    let rest = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://"));
    let is_clean =
        |text: &str| !text.is_empty() && !text.contains(|c: char| c.is_whitespace() || c.is_control());
    if rest.is_some_and(|rest| is_clean(rest) && !rest.starts_with('/')) {
        return Ok(());
    }
    Err(Problem::refused("--url", "is not the address of a server")
        .found(format!("{url:?}"))
        .expected("http:// or https://, a host, and the path of MCP")
        .next("write, for example, --url http://127.0.0.1:8080/mcp"))
}

/// Merges the entry into the client's file. The file as it was is kept beside it.
fn write(file: &Path, entry: &entry::Entry, terminal: &Terminal) -> Result<()> {
    // A link stays a link, and what it names is changed.
    let path = fs::canonicalize(file).unwrap_or_else(|_| file.to_owned());
    let before = match fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => String::new(),
        Err(error) => {
            return Err(Problem::refused(path.display().to_string(), "cannot be read")
                .found(error.to_string())
                .expected("a file with JSON, or none")
                .next("change its permissions, or name another file with --file FILE"));
        }
    };
    let shown = path.display().to_string();
    let after = edit::merged(&before, entry).map_err(|error| not_merged(&shown, &error))?;
    if after == before {
        terminal.note(format!("{shown} says so already"));
        return Ok(());
    }
    if !before.is_empty() {
        let backup = PathBuf::from(format!("{shown}{BACKUP}"));
        fs::copy(&path, &backup).map_err(|error| cannot_write(&backup, &error))?;
        terminal.note(format!("{} is the file as it was", backup.display()));
    }
    let permissions = fs::metadata(&path).ok().map(|file| file.permissions());
    write_atomically(&path, after.as_bytes())?;
    if let Some(permissions) = permissions {
        fs::set_permissions(&path, permissions).map_err(|error| cannot_write(&path, &error))?;
    }
    terminal.note(format!("{shown} has the server `{}` now: start the client again", entry.name));
    Ok(())
}

fn not_merged(file: &str, error: &edit::EditError) -> Problem {
    Problem::refused(file, "cannot be changed without losing something")
        .found(error.to_string())
        .expected("one JSON object; comments and commas at the end are kept")
        .next("correct the file, or leave --write out and add what is printed by hand")
}
