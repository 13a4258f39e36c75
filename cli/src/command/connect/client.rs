//! The clients: where their files are, and how a server stands in them.
//!
//! No file gets the text of a token: a client reads it from the environment, or asks its user. Sources are the clients'
//! own pages of November 2026; docs/connecting.md lists them.

use std::path::{Path, PathBuf};

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

/// The system and the folders of its user.
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
}

impl Platform {
    /// Finds out about this machine.
    pub(super) fn here(variables: &Variables) -> Self {
        let system = if cfg!(target_os = "macos") { System::MacOs } else { System::Linux };
        let folder = |name: &str| variables.get(name).filter(|path| !path.is_empty()).map(PathBuf::from);
        Self { system, home: folder("HOME").unwrap_or_default(), config: folder("XDG_CONFIG_HOME") }
    }

    fn config(&self) -> PathBuf {
        self.config.clone().unwrap_or_else(|| self.home.join(".config"))
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
    pub(super) fn file(self, platform: &Platform) -> PathBuf {
        let home = &platform.home;
        match self {
            Self::ClaudeDesktop => {
                let folder = match platform.system {
                    System::Linux => platform.config().join("Claude"),
                    System::MacOs => home.join("Library/Application Support/Claude"),
                };
                folder.join("claude_desktop_config.json")
            }
            Self::ClaudeCode => Path::new(".mcp.json").to_owned(),
            Self::Vscode => Path::new(".vscode/mcp.json").to_owned(),
            Self::Cursor => Path::new(".cursor/mcp.json").to_owned(),
            Self::Zed => platform.config().join("zed/settings.json"),
            Self::Windsurf => home.join(".codeium/windsurf/mcp_config.json"),
            Self::GeminiCli => Path::new(".gemini/settings.json").to_owned(),
        }
    }

    /// Returns what the client's file has to say about a server.
    ///
    /// # Errors
    /// The client reaches no such server by its file.
    pub(super) fn entry(self, server: &Server) -> Result<Entry> {
        let value = match &server.way {
            Way::Command(command, args) => {
                self.command(&command.display().to_string(), args, server.needs_token)
            }
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

    fn command(self, command: &str, args: &[String], needs_token: bool) -> Value {
        let mut value = Map::new();
        if matches!(self, Self::ClaudeCode | Self::Vscode) {
            value.insert("type".into(), "stdio".into());
        }
        value.insert("command".into(), command.into());
        value.insert("args".into(), args.into());
        if needs_token {
            value.insert("env".into(), json!({ VARIABLE: self.token() }));
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
