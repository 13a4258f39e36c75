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
use crate::ui::write::{cannot_write, write_atomically, write_atomically_as};

pub use client::ClientName;
use client::{ClientFile, Platform};
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
    /// Tells whether the client runs on the Windows around this Linux.
    pub(crate) on_windows: bool,
    pub(crate) write: bool,
}

/// The variable that names the distribution, in the Linux of Windows.
const DISTRIBUTION: &str = "WSL_DISTRO_NAME";

/// Prints the configuration, or writes it.
///
/// # Errors
/// The server's configuration is refused, the client has no such configuration, or its file cannot be changed.
pub(crate) fn run(request: &ConnectRequest<'_>, terminal: &Terminal) -> Result<Exit> {
    let variables = Variables::of_process();
    let server = server(request, &variables)?;
    let platform = Platform::of(&variables, request.on_windows);
    let client = request.client;
    let entry = client.entry(&server)?;
    let file = request.file.map_or_else(|| client.file(&platform), |file| ClientFile::Here(file.to_owned()));
    match &file {
        ClientFile::Here(path) if request.write => write(path, &entry, terminal)?,
        ClientFile::Windows(path) if request.write => return Err(not_seen(path)),
        _ => {
            let text = edit::merged("", &entry).map_err(|error| not_merged("the configuration", &error))?;
            terminal.note(format!("for {}, in {file}:", client.title()));
            terminal.print(text.trim_end());
        }
    }
    for hint in entry.hints {
        terminal.note(hint);
    }
    Ok(Exit::Done)
}

/// Describes the server as the client will reach it.
fn server(request: &ConnectRequest<'_>, variables: &Variables) -> Result<Server> {
    let name = |own: Option<&str>| request.name.or(own).unwrap_or(DEFAULT_NAME).to_owned();
    if let Some(url) = request.url {
        check_url(url)?;
        return Ok(Server::at(name(None), url.to_owned(), request.token));
    }
    let command = std::env::current_exe().map_err(|error| {
        Problem::internal("toolcell", "cannot find its own program").found(error.to_string())
    })?;
    let command = clients_text(&command)?;
    let server = if let Some(bundle) = request.bundle {
        let args = ["--bundle".to_owned(), absolute(bundle)?];
        Server::started(name(None), command, args, request.token)
    } else {
        let config = config::read(request.config)?;
        let args = ["--config".to_owned(), absolute(request.config)?];
        let needs_token = request.token || wants_tokens(&config.auth);
        Server::started(name(Some(&config.server.name)), command, args, needs_token)
    };
    match (request.on_windows, variables.get(DISTRIBUTION)) {
        (false, _) => Ok(server),
        (true, Some(distribution)) => Ok(server.in_wsl(&distribution)),
        (true, None) => Err(Problem::refused("--windows", "is for a server in the Linux of Windows (WSL)")
            .found(format!("no variable {DISTRIBUTION}"))
            .expected("a shell in WSL, or --url")
            .next("run the command in WSL; toolcell does not run on Windows itself")),
    }
}

/// Returns the absolute path of what is served.
fn absolute(path: &Path) -> Result<String> {
    let absolute = fs::canonicalize(path).map_err(|error| {
        Problem::refused(path.display().to_string(), "cannot be served")
            .found(error.to_string())
            .expected("a toolcell.toml, or a bundle that `toolcell build` wrote")
            .next("run the command where toolcell.toml is, or name it with --config FILE")
    })?;
    clients_text(&absolute)
}

/// Returns a path as a text that every client passes on as it is.
fn clients_text(path: &Path) -> Result<String> {
    match path.to_str() {
        // Several clients put variables in its place.
        Some(text) if !text.contains("${") => Ok(text.to_owned()),
        found => Err(Problem::refused(
            path.display().to_string(),
            "cannot be written into a client's configuration",
        )
        .found(if found.is_some() { "`${`, which clients replace" } else { "a name that is not UTF-8" })
        .expected("a path that is a text without `${`")
        .next("rename the file or folder, or make a link to it")),
    }
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
    match fs::metadata(&path).map(|file| file.permissions()) {
        Ok(permissions) => write_atomically_as(&path, after.as_bytes(), permissions)?,
        Err(_) => write_atomically(&path, after.as_bytes())?,
    }
    terminal.note(format!("{shown} has the server `{}` now: start the client again", entry.name));
    Ok(())
}

fn not_seen(file: &str) -> Problem {
    Problem::refused("--write", "does not know the folders of Windows")
        .found(file)
        .expected("the file as this Linux sees it")
        .next(
            "name it, for example --file /mnt/c/Users/YOU/AppData/Roaming/Claude/claude_desktop_config.json",
        )
}

fn not_merged(file: &str, error: &edit::EditError) -> Problem {
    Problem::refused(file, "cannot be changed without losing something")
        .found(error.to_string())
        .expected("one JSON object; comments and commas at the end are kept")
        .next("correct the file, or leave --write out and add what is printed by hand")
}
