//! `toolcell.toml`: what a deployer serves and what each plugin may reach.

mod auth;
mod base_path;
mod http;
mod injection;
mod keyvalue;
mod network;
mod oauth;
mod policy;
mod releases;
mod secrets;
mod signing;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use toolcell_host::catalog::{Auth, Directory, Grants, Http, Limits, ScopeSet, SecretSource, Server};
use toolcell_host::digest::Digest;
use toolcell_host::protocol::{Callers, Exposure, Policy, PolicyError};
use toolcell_host::text;

use crate::document::limit::{self, Overrides};
use crate::document::origin::Origin;
use crate::document::{self, Table, name, scope};
use crate::ui::problem::{Problem, Result};

pub use network::NetworkConfig;
pub use releases::ReleasesConfig;

/// Name of the file.
pub const FILE: &str = "toolcell.toml";

/// Default time to live of a list, in milliseconds: clients see a new bundle within five minutes.
const LIST_TTL_MS: u64 = 300_000;

/// Tools on a page of `tools/list` unless configured; most servers fit on one page.
const PAGE_SIZE: usize = 100;

/// Most tools on a page.
const PAGE_SIZE_MAXIMUM: u64 = 1_000;

/// A `toolcell.toml`, read.
#[derive(Clone, Debug)]
pub struct Config {
    /// The name and version of the server.
    pub server: Server,
    /// Rules for the HTTP endpoint.
    pub http: Http,
    /// The callers that are admitted.
    pub auth: Auth,
    /// The sources of the secrets, by name.
    pub secrets: BTreeMap<String, SecretSource>,
    /// How the server follows releases, if it does.
    pub releases: Option<ReleasesConfig>,
    /// How the server reaches other hosts for its plugins, if that is configured.
    pub network: Option<NetworkConfig>,
    /// The table of DynamoDB in which a function keeps the state of plugins.
    pub state_table: Option<String>,
    /// The time to live of a list, in milliseconds.
    pub list_ttl_ms: u64,
    /// Tools on a page of `tools/list`.
    pub page_size: usize,
    /// The limits of every plugin.
    pub limits: Overrides,
    /// Plugins by name.
    pub plugins: BTreeMap<String, PluginConfig>,
    /// The positions of the keys.
    pub origin: Origin,
}

/// A plugin as the deployer sees it.
#[derive(Clone, Debug)]
pub struct PluginConfig {
    /// A `.wasm` file, or a directory with a `plugin.toml`.
    pub source: PathBuf,
    /// The pinned digest of the component.
    pub digest: Option<Digest>,
    /// True if the tools that it lists at run time are accepted unseen by `toolcell build --locked`.
    pub unpinned: bool,
    /// Put before the name of each tool.
    pub prefix: String,
    /// Which tools are served.
    pub filter: Filter,
    /// Its grants.
    pub grants: Grants,
    /// The source whose state it takes over; `None` for its own.
    pub state_of: Option<String>,
    /// The limits of its calls.
    pub limits: Overrides,
    /// The scopes that callers need.
    pub required_scopes: ScopeSet,
    /// The most calls of one caller in a minute, for each tool that says nothing else.
    pub calls_per_minute: Option<u32>,
    /// The same, by tool (the name that clients see, without prefix).
    pub tools: BTreeMap<String, ToolConfig>,
}

/// The deployer's settings for one tool.
#[derive(Clone, Debug, Default)]
pub struct ToolConfig {
    /// The name that clients see in place of the plugin's, before the prefix.
    pub name: Option<String>,
    /// The limits of its calls.
    pub limits: Overrides,
    /// The scopes that callers need.
    pub required_scopes: ScopeSet,
    /// True if the user is asked before each call.
    pub confirm: bool,
    /// The most calls of one caller in a minute.
    pub calls_per_minute: Option<u32>,
}

/// Which tools of a plugin are served.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Filter {
    /// All of them.
    All,
    /// These, by the name that clients see, without prefix.
    Only(Vec<String>),
    /// All but these.
    Except(Vec<String>),
}

/// Reads a `toolcell.toml`; paths in it are relative to its directory.
///
/// # Errors
/// No such file, no TOML, a key that is unknown, missing or of the wrong form.
pub fn read(path: &Path) -> Result<Config> {
    let next = "run the command where toolcell.toml is, or name it with --config FILE";
    parse(path, &document::bytes_of(path, next)?)
}

/// Reads the bytes of the `toolcell.toml` at `path`.
///
/// # Errors
/// No TOML, a key that is unknown, missing or of the wrong form.
pub fn parse(path: &Path, bytes: &[u8]) -> Result<Config> {
    let base = path.parent().unwrap_or(Path::new(""));
    let (mut config, origin) =
        document::parse(&path.display().to_string(), bytes, |table| read_root(table, base))?;
    // Who follows releases may have all plugins from there.
    if config.plugins.is_empty() && config.releases.is_none() {
        return Err(Problem::refused(origin.file(), "no plugins are configured")
            .found("no table [plugins.NAME]")
            .expected("at least one plugin")
            .next("add to toolcell.toml:\n[plugins.NAME]\nsource = \"plugins/NAME\""));
    }
    for name in config.plugins.keys() {
        name::check(&format!("plugins.{name}"), name, &origin)?;
    }
    secrets::refuse_unknown(&config, &origin)?;
    config.origin = origin;
    Ok(config)
}

fn read_root(table: &Table<'_>, base: &Path) -> Result<Config> {
    let lists = table.table("lists", read_lists)?;
    let (list_ttl_ms, page_size) = lists.unwrap_or((LIST_TTL_MS, PAGE_SIZE));
    let auth = table.table("auth", |table| auth::read(table, base))?.unwrap_or_default();
    let http = table.table("http", |table| read_http(table, callers(&auth)))?;
    Ok(Config {
        server: table.table("server", read_server)?.unwrap_or_else(default_server),
        http: http.unwrap_or_default(),
        auth,
        secrets: secrets::read(table)?,
        releases: table.table("releases", |table| releases::read(table, base))?,
        network: table.table("network", |table| network::read(table, base))?,
        state_table: table.table("state", keyvalue::read_table)?.flatten(),
        list_ttl_ms,
        page_size,
        limits: table.table("limits", Overrides::read)?.unwrap_or_default(),
        plugins: table.tables("plugins", |_, table| read_plugin(table, base))?,
        origin: Origin::default(),
    })
}

fn default_server() -> Server {
    Server {
        name: "toolcell".into(),
        version: env!("CARGO_PKG_VERSION").into(),
        title: None,
        website_url: None,
        instructions: None,
        page: true,
    }
}

fn read_server(table: &Table<'_>) -> Result<Server> {
    let default = default_server();
    Ok(Server {
        name: shown_text(table, "name", text::TITLE_CHARS)?.unwrap_or(default.name),
        version: shown_text(table, "version", text::TITLE_CHARS)?.unwrap_or(default.version),
        title: shown_text(table, "title", text::TITLE_CHARS)?,
        website_url: shown_text(table, "website-url", text::DESCRIPTION_CHARS)?,
        instructions: shown_text(table, "instructions", text::INSTRUCTIONS_CHARS)?,
        page: table.boolean("page")?.unwrap_or(default.page),
    })
}

/// Reads a text for clients, people and models.
fn shown_text(table: &Table<'_>, key: &'static str, cap: usize) -> Result<Option<String>> {
    let Some(text) = table.text(key)? else { return Ok(None) };
    match text::check(&text, cap) {
        Ok(()) => Ok(Some(text)),
        Err(fault) => Err(table
            .wrong(key, "contains text that must not be shown to clients")
            .found(fault.to_string())
            .expected(format!("at most {cap} characters, all visible"))
            .next("remove the character or shorten the text")),
    }
}

/// Tells whether some callers may be anonymous; AWS verifies those of `[auth.iam]`, an issuer those of `[auth.oauth]`.
fn callers(auth: &Auth) -> Callers {
    match auth.is_empty() {
        true => Callers::Anonymous,
        false => Callers::Authenticated,
    }
}

fn read_http(table: &Table<'_>, callers: Callers) -> Result<Http> {
    let most = Limits::MAXIMUM.input_bytes as u64;
    let max_body = limit::bytes(table, "max-body", most)?;
    let allowed_origins = table.texts("allowed-origins")?.unwrap_or_default();
    let allowed_hosts = table.texts("allowed-hosts")?.unwrap_or_default();
    refuse_bad_policy(table, callers, &allowed_origins, &allowed_hosts)?;
    Ok(Http {
        allowed_origins,
        allowed_hosts,
        max_body_bytes: max_body
            .and_then(|bytes| usize::try_from(bytes).ok())
            .unwrap_or(Http::DEFAULT_MAX_BODY_BYTES),
        heartbeat_ms: read_heartbeat(table)?,
        path: base_path::read(table)?,
    })
}

fn read_heartbeat(table: &Table<'_>) -> Result<u64> {
    const KEY: &str = "heartbeat";
    let heartbeat_ms = limit::milliseconds(table, KEY)?.unwrap_or(Http::DEFAULT_HEARTBEAT_MS);
    if Http::HEARTBEAT_MS.contains(&heartbeat_ms) {
        return Ok(heartbeat_ms);
    }
    let [shortest, longest, default] =
        [*Http::HEARTBEAT_MS.start(), *Http::HEARTBEAT_MS.end(), Http::DEFAULT_HEARTBEAT_MS]
            .map(limit::show_duration);
    Err(table
        .wrong(KEY, "is too short or too long")
        .found(limit::show_duration(heartbeat_ms))
        .expected(format!("a time from {shortest} to {longest}"))
        .next(format!("write {KEY} = {default}, or remove the key")))
}

/// Checks the lists as the server will, where line and key are known.
fn refuse_bad_policy(
    table: &Table<'_>,
    callers: Callers,
    origins: &[String],
    hosts: &[String],
) -> Result<()> {
    let Err(error) = Policy::new(Exposure::Public, callers, origins, hosts, 0) else { return Ok(()) };
    let (key, list, text) = match &error {
        PolicyError::Origin(text) | PolicyError::OpenOrigin(text) => ("allowed-origins", origins, text),
        PolicyError::Host(text) => ("allowed-hosts", hosts, text),
    };
    let at = list.iter().position(|entry| entry == text).unwrap_or_default();
    let problem = |wrong: &str| table.wrong(&format!("{key}[{at}]"), wrong).found(format!("{text:?}"));
    Err(match &error {
        PolicyError::Origin(_) => problem("is not an origin")
            .expected("an origin: scheme, host and port, without a path")
            .next("write, for example, allowed-origins = [\"https://app.example.com\"]"),
        PolicyError::OpenOrigin(_) => problem("lets pages of unknown sites call a server without credentials")
            .expected("origins, or callers who show credentials: [auth.bearer], [auth.iam] or [auth.oauth]")
            .next(
                "list the origins, or run `toolcell token NAME` and add the printed lines, so that callers need a token",
            ),
        PolicyError::Host(_) => problem("is not a host name")
            .expected("a host name or address, optionally with a port")
            .next("write, for example, allowed-hosts = [\"mcp.example.com\"]"),
    })
}

fn read_lists(table: &Table<'_>) -> Result<(u64, usize)> {
    let ttl = limit::milliseconds(table, "ttl")?.unwrap_or(LIST_TTL_MS);
    let size = match table.count("page-size")? {
        None => PAGE_SIZE,
        Some(size) if (1..=PAGE_SIZE_MAXIMUM).contains(&size) => usize::try_from(size).unwrap_or(PAGE_SIZE),
        Some(size) => {
            return Err(table
                .wrong("page-size", "is not a page size")
                .found(size.to_string())
                .expected(format!("a whole number from 1 to {PAGE_SIZE_MAXIMUM}"))
                .next(format!("write page-size = {PAGE_SIZE}, or remove the key")));
        }
    };
    Ok((ttl, size))
}

fn read_plugin(table: &Table<'_>, base: &Path) -> Result<PluginConfig> {
    Ok(PluginConfig {
        source: base.join(table.required("source", "\"plugins/text\"")?),
        digest: read_digest(table)?,
        unpinned: table.boolean("unpinned")?.unwrap_or_default(),
        prefix: table.text("prefix")?.unwrap_or_default(),
        filter: read_filter(table)?,
        grants: table.table("grants", read_grants)?.unwrap_or_default(),
        state_of: table.text("state-of")?,
        limits: table.table("limits", Overrides::read)?.unwrap_or_default(),
        required_scopes: scope::read(table, scope::REQUIRED)?,
        calls_per_minute: policy::read_calls_per_minute(table)?,
        tools: table.tables("tools", |_, table| read_tool(table))?,
    })
}

fn read_tool(table: &Table<'_>) -> Result<ToolConfig> {
    Ok(ToolConfig {
        name: table.text("name")?,
        limits: table.table("limits", Overrides::read)?.unwrap_or_default(),
        required_scopes: scope::read(table, scope::REQUIRED)?,
        confirm: policy::read_confirm(table)?,
        calls_per_minute: policy::read_calls_per_minute(table)?,
    })
}

fn read_digest(table: &Table<'_>) -> Result<Option<Digest>> {
    let Some(text) = table.text("digest")? else { return Ok(None) };
    let digits = text.strip_prefix("sha256:").unwrap_or_default();
    digits.parse().map(Some).map_err(|_| {
        table
            .wrong("digest", "is not a digest")
            .found(format!("\"{text}\""))
            .expected("\"sha256:\" and 64 hexadecimal digits in lower case")
            .next("copy the digest printed by `toolcell pack` or `toolcell inspect`")
    })
}

fn read_filter(table: &Table<'_>) -> Result<Filter> {
    match (table.texts("only")?, table.texts("except")?) {
        (None, None) => Ok(Filter::All),
        (Some(only), None) => Ok(Filter::Only(only)),
        (None, Some(except)) => Ok(Filter::Except(except)),
        (Some(_), Some(_)) => Err(table
            .wrong("except", "cannot be combined with `only`")
            .found("both")
            .expected("`only` or `except`")
            .next("remove one of them")),
    }
}

/// Reads what a plugin may reach.
pub(crate) fn read_grants(table: &Table<'_>) -> Result<Grants> {
    let (config, http) = (table.text_map("config")?, http::read_all(table)?);
    injection::refuse_ambiguous(table, &http)?;
    Ok(Grants {
        environment: table.text_map("environment")?,
        secrets: secrets::read_grant(table, &config)?,
        config,
        directories: table.list("directories", read_directory)?,
        http,
        keyvalue: keyvalue::read(table)?,
        state_of: String::new(), // the plugin's own name, which its component tells
    })
}

fn read_directory(table: &Table<'_>) -> Result<Directory> {
    table.text("host")?; // known before `guest` is missed, so that it is not taken for a slip
    let guest = table.required("guest", "\"/data\"")?;
    check_guest_path(&guest).map_err(|problem| Problem { at: table.place("guest"), ..problem })?;
    Ok(Directory {
        host: table.required("host", "\"./data\"")?,
        guest,
        write: table.boolean("write")?.unwrap_or_default(),
    })
}

/// Checks a path under which a guest sees a directory; the problem does not say yet where the path stands.
fn check_guest_path(guest: &str) -> Result<()> {
    if guest.starts_with('/') && !guest.split('/').any(|part| part == "..") {
        return Ok(());
    }
    Err(Problem::refused("guest", "is not a valid path")
        .found(format!("\"{guest}\""))
        .expected("an absolute path without `..`, like \"/data\"")
        .next("change the path, for example to \"/data\""))
}
