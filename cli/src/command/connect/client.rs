//! The clients: where their files are, and how a server stands in them.
//!
//! No file gets the text of a token: a client reads it from the environment, or asks its user. Sources are the clients'
//! own pages of November 2026; docs/connecting.md lists them.

use std::fmt;
use std::path::PathBuf;

use clap::ValueEnum;
use serde_json::{Map, Value, json};
use toolcell_host::variables::Variables;

use super::entry::{Entry, Server, VARIABLE, Way};
use crate::ui::problem::{Problem, Result};

/// A client whose configuration is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ClientName {
    /// Claude Desktop
    ClaudeDesktop,
    /// Claude Code
    ClaudeCode,
    /// Visual Studio Code
    Vscode,
    /// Cursor
    Cursor,
    /// Zed
    Zed,
    /// Windsurf
    Windsurf,
    /// Gemini CLI
    GeminiCli,
}

/// The system of the client, and the folders of its user.
#[derive(Clone, Debug)]
pub(super) struct Platform {
    pub(super) system: System,
    pub(super) home: PathBuf,
    /// The folder of settings, where the user has moved it (`XDG_CONFIG_HOME`).
    pub(super) config: Option<PathBuf>,
}

/// The systems that put files into different places.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum System {
    Linux,
    MacOs,
    /// Windows, on whose Linux this program runs: the folders are not known, only their names.
    Windows,
}

impl Platform {
    /// Finds out about this machine, or about the Windows around it.
    pub(super) fn of(variables: &Variables, on_windows: bool) -> Self {
        let system = match on_windows {
            true => System::Windows,
            false if cfg!(target_os = "macos") => System::MacOs,
            false => System::Linux,
        };
        let folder = |name: &str| variables.get(name).map(PathBuf::from);
        Self { system, home: folder("HOME").unwrap_or_default(), config: folder("XDG_CONFIG_HOME") }
    }

    fn config(&self) -> PathBuf {
        self.config.clone().unwrap_or_else(|| self.home.join(".config"))
    }
}

/// The file of a client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum ClientFile {
    /// A file of this machine.
    Here(PathBuf),
    /// A file of Windows, as people write it there.
    Windows(&'static str),
}

impl fmt::Display for ClientFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Here(path) => write!(f, "{}", path.display()),
            Self::Windows(path) => f.write_str(path),
        }
    }
}

impl ClientName {
    /// Returns the name for people.
    pub(super) fn title(self) -> &'static str {
        match self {
            Self::ClaudeDesktop => "Claude Desktop",
            Self::ClaudeCode => "Claude Code",
            Self::Vscode => "VS Code",
            Self::Cursor => "Cursor",
            Self::Zed => "Zed",
            Self::Windsurf => "Windsurf",
            Self::GeminiCli => "Gemini CLI",
        }
    }

    /// Returns the file: in the current folder, for clients that have one for each project.
    pub(super) fn file(self, platform: &Platform) -> ClientFile {
        ClientFile::Here(match self {
            Self::ClaudeCode => ".mcp.json".into(),
            Self::Vscode => ".vscode/mcp.json".into(),
            Self::Cursor => ".cursor/mcp.json".into(),
            Self::GeminiCli => ".gemini/settings.json".into(),
            Self::ClaudeDesktop | Self::Zed | Self::Windsurf => return self.file_of_user(platform),
        })
    }

    /// Returns the file of a client that has one for all projects.
    fn file_of_user(self, platform: &Platform) -> ClientFile {
        let home = &platform.home;
        ClientFile::Here(match (self, platform.system) {
            (Self::ClaudeDesktop, System::Linux) => platform.config().join("Claude").join(CLAUDE_FILE),
            (Self::ClaudeDesktop, System::MacOs) => {
                home.join("Library/Application Support/Claude").join(CLAUDE_FILE)
            }
            (Self::Zed, System::Linux | System::MacOs) => platform.config().join("zed/settings.json"),
            (_, System::Linux | System::MacOs) => home.join(".codeium/windsurf/mcp_config.json"),
            (Self::ClaudeDesktop, System::Windows) => {
                return ClientFile::Windows(r"%APPDATA%\Claude\claude_desktop_config.json");
            }
            (Self::Zed, System::Windows) => return ClientFile::Windows(r"%APPDATA%\Zed\settings.json"),
            (_, System::Windows) => {
                return ClientFile::Windows(r"%USERPROFILE%\.codeium\windsurf\mcp_config.json");
            }
        })
    }

    /// Returns what the client's file has to say about a server.
    ///
    /// # Errors
    /// The client reaches no such server by its file.
    pub(super) fn entry(self, server: &Server) -> Result<Entry> {
        let value = match &server.way {
            Way::Command(command, args) => self.command(command, args, server),
            Way::Url(url) => self.url(url, server.needs_token)?,
        };
        Ok(Entry {
            servers: self.servers(),
            name: server.name.clone(),
            value,
            input: (server.needs_token && self == Self::Vscode).then(|| input(&server.name)),
            hints: self.hints(server),
        })
    }

    /// Returns the member with all servers.
    fn servers(self) -> &'static str {
        match self {
            Self::Vscode => "servers",
            Self::Zed => "context_servers",
            _ => "mcpServers",
        }
    }

    fn command(self, command: &str, args: &[String], server: &Server) -> Value {
        let mut value = Map::new();
        if matches!(self, Self::ClaudeCode | Self::Vscode) {
            value.insert("type".into(), "stdio".into());
        }
        value.insert("command".into(), command.into());
        value.insert("args".into(), args.into());
        if server.needs_token {
            let mut env = json!({ VARIABLE: self.token() });
            if server.is_in_wsl() {
                // Windows passes no other variables on to its Linux.
                env[PASSED_ON] = VARIABLE.into();
            }
            value.insert("env".into(), env);
        }
        value.into()
    }

    fn url(self, url: &str, needs_token: bool) -> Result<Value> {
        let mut value = Map::new();
        match self {
            Self::ClaudeDesktop => return Err(no_addresses(url)),
            Self::ClaudeCode | Self::Vscode => {
                value.insert("type".into(), "http".into());
                value.insert("url".into(), url.into());
            }
            Self::Cursor | Self::Zed => {
                value.insert("url".into(), url.into());
            }
            Self::Windsurf => {
                value.insert("serverUrl".into(), url.into());
            }
            Self::GeminiCli => {
                value.insert("httpUrl".into(), url.into());
            }
        }
        if needs_token {
            value.insert("headers".into(), json!({ "Authorization": format!("Bearer {}", self.token()) }));
        }
        Ok(value.into())
    }

    /// Returns the text that stands for the token.
    fn token(self) -> String {
        match self {
            Self::ClaudeCode | Self::GeminiCli => format!("${{{VARIABLE}}}"),
            Self::Cursor | Self::Windsurf => format!("${{env:{VARIABLE}}}"),
            Self::Vscode => "${input:toolcell-token}".to_owned(),
            Self::ClaudeDesktop | Self::Zed => PUT_TOKEN_HERE.to_owned(),
        }
    }

    fn hints(self, server: &Server) -> Vec<String> {
        let mut hints = Vec::new();
        if server.needs_token {
            hints.push(match self {
                Self::Vscode => "VS Code asks for the token when it starts the server, and keeps it".to_owned(),
                Self::ClaudeDesktop | Self::Zed => format!(
                    "{} reads no variables: put the token in place of {PUT_TOKEN_HERE}, and keep the file to yourself",
                    self.title()
                ),
                _ => format!("set {VARIABLE} to the token in the environment of {}", self.title()),
            });
        } else if matches!(&server.way, Way::Url(url) if url.starts_with("https://")) {
            hints.push(format!(
                "if the server has [auth.oauth], {} opens a browser to sign in; if it wants a token of its own, run this \
                 with --token",
                self.title()
            ));
        }
        hints
    }
}

/// The name of Claude Desktop's file.
const CLAUDE_FILE: &str = "claude_desktop_config.json";

/// The variable that names the variables which Windows passes on to its Linux.
const PASSED_ON: &str = "WSLENV";

/// Stands for a token in the files of clients that read no variables.
const PUT_TOKEN_HERE: &str = "TOKEN";

/// The question of VS Code for a token.
fn input(server: &str) -> Value {
    json!({
        "type": "promptString",
        "id": "toolcell-token",
        "description": format!("Token for the MCP server {server}"),
        "password": true,
    })
}

fn no_addresses(url: &str) -> Problem {
    Problem::refused("--url", "is not for the file of Claude Desktop, which starts commands alone")
        .found(url.to_owned())
        .expected("a server that Claude Desktop starts, or a connector")
        .next(
            "leave --url out for a server on this machine. For one with an https address, add it in Claude Desktop: \
             Settings, Connectors, Add custom connector",
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(client: ClientName, system: System, config: Option<&str>) -> String {
        let (home, config) = (PathBuf::from("/home/a b"), config.map(PathBuf::from));
        client.file(&Platform { system, home, config }).to_string()
    }

    #[test]
    fn every_client_has_its_file_on_each_system() {
        use ClientName as Client;
        let claude = "claude_desktop_config.json";
        for (client, linux, mac_os, windows) in [
            (
                Client::ClaudeDesktop,
                format!("/home/a b/.config/Claude/{claude}"),
                format!("/home/a b/Library/Application Support/Claude/{claude}"),
                format!(r"%APPDATA%\Claude\{claude}"),
            ),
            (
                Client::Zed,
                "/home/a b/.config/zed/settings.json".to_owned(),
                "/home/a b/.config/zed/settings.json".to_owned(),
                r"%APPDATA%\Zed\settings.json".to_owned(),
            ),
            (
                Client::Windsurf,
                "/home/a b/.codeium/windsurf/mcp_config.json".to_owned(),
                "/home/a b/.codeium/windsurf/mcp_config.json".to_owned(),
                r"%USERPROFILE%\.codeium\windsurf\mcp_config.json".to_owned(),
            ),
        ] {
            let found =
                [System::Linux, System::MacOs, System::Windows].map(|system| file(client, system, None));
            assert_eq!(found, [linux, mac_os, windows], "{client:?}");
        }
        // Those of a project are in the folder of the project, wherever that is.
        for client in [Client::ClaudeCode, Client::Vscode, Client::Cursor, Client::GeminiCli] {
            let linux = file(client, System::Linux, None);
            assert!(linux.starts_with('.'), "{linux}");
            assert_eq!(file(client, System::MacOs, None), linux);
            assert_eq!(file(client, System::Windows, None), linux);
        }
    }

    #[test]
    fn settings_that_the_user_has_moved_are_found_on_linux() {
        let moved = |client, system| file(client, system, Some("/etc/mine"));
        assert_eq!(moved(ClientName::Zed, System::Linux), "/etc/mine/zed/settings.json");
        let windows = moved(ClientName::ClaudeDesktop, System::Windows);
        assert!(windows.starts_with("%APPDATA%"), "{windows}");
    }
}
