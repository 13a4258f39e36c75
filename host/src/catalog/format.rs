//! Describes the catalog, field by field.

use std::collections::BTreeMap;
use std::ops::{Deref, RangeInclusive};
use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::auth::Auth;
use super::grants::Grants;
use super::limits::Limits;
use super::network::Network;
use super::releases::Releases;
use super::scope::ScopeSet;
use super::secrets::SecretSource;
use crate::codec::Function;
use crate::digest::Digest;

/// Everything that the server knows about its plugins. [`Catalog::to_bytes`] writes the file, and `toolcell inspect
/// --json` prints it.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Catalog {
    /// The version of this file format: [`Catalog::FORMAT`].
    pub format: u32,
    /// The engine that the components were precompiled for.
    pub engine: EngineInfo,
    /// The server's name and description.
    pub server: Server,
    /// Rules for the HTTP endpoint.
    pub http: Http,
    /// The callers.
    #[serde(default, skip_serializing_if = "Auth::is_empty")]
    pub auth: Auth,
    /// The sources of the secrets, by name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub secrets: BTreeMap<String, SecretSource>,
    /// How the server follows releases, if it does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub releases: Option<Releases>,
    /// How the server reaches other hosts for its plugins, if that is configured.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub network: Option<Network>,
    /// The table of DynamoDB in which a function keeps the state of plugins, unless a variable names another one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state_table: Option<String>,
    /// The time that clients may cache a list, in milliseconds (`ttlMs`).
    pub list_ttl_ms: u64,
    /// The number of tools on a page of `tools/list`.
    pub page_size: usize,
    /// Plugins, sorted by name.
    pub plugins: Vec<Plugin>,
    /// Tools, sorted by plugin, then by name; names are unique.
    pub tools: Vec<Listed<Tool>>,
    /// Prompts that are functions of their own, sorted by plugin, then by name; names are unique.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub prompts: Vec<Listed<Prompt>>,
    /// Functions that provide tools, prompts and resources at run time, sorted by plugin.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub providers: Vec<Provider>,
}

impl Catalog {
    /// The version of the format that this host reads.
    pub const FORMAT: u32 = 5;
    /// The name of the file in a bundle.
    pub const FILE: &'static str = "catalog.bin";
    /// The largest file, in bytes: room for some ten thousand tools.
    pub const MAX_BYTES: u64 = 64 << 20;

    /// Returns everything that can be called: tools, prompts, providers.
    pub fn functions(&self) -> impl Iterator<Item = FunctionEntry<'_>> {
        let tools = self.tools.iter().map(|tool| FunctionEntry::from(&**tool));
        let prompts = self.prompts.iter().map(|prompt| FunctionEntry::from(&**prompt));
        tools.chain(prompts).chain(self.providers.iter().map(FunctionEntry::from))
    }
}

/// An item of a list, with its entries ready to send.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Listed<T> {
    /// The item.
    pub item: T,
    /// Its entry in the list (MCP `Tool` or `Prompt`).
    pub entry: Box<RawValue>,
    /// The same without `title`, `outputSchema` and `icons`, for revisions without them.
    pub plain_entry: Box<RawValue>,
}

impl<T> Deref for Listed<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.item
    }
}

/// Describes an engine: a precompiled component loads only into the engine that it was compiled for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EngineInfo {
    /// wasmtime's version, for example `48.0.8`.
    pub wasmtime: String,
    /// The version of the engine configuration that compiler and host share.
    pub configuration: u32,
    /// The target triple, for example `x86_64-unknown-linux-gnu`.
    pub target: String,
    /// The CPU baseline, for example `x86-64-v3`.
    pub cpu: String,
}

/// The server's own description (MCP `Implementation`, and `instructions`).
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Server {
    /// Programmatic name.
    pub name: String,
    /// Version shown to clients.
    pub version: String,
    /// Name for people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// Web page of the server.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub website_url: Option<String>,
    /// Instructions to the model about the server as a whole.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instructions: Option<String>,
    /// Tells whether a browser gets a page at `/`.
    #[serde(default = "Server::default_page", skip_serializing_if = "Server::is_default_page")]
    pub page: bool,
}

impl Server {
    fn default_page() -> bool {
        true
    }

    fn is_default_page(page: &bool) -> bool {
        *page
    }
}

/// Rules for the HTTP endpoint.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Http {
    /// Origins that browsers may call from, in addition to loopback ones on a loopback server.
    #[serde(default)]
    pub allowed_origins: Vec<String>,
    /// Host names that the server answers to, in addition to loopback ones; if empty, any, except on loopback.
    #[serde(default)]
    pub allowed_hosts: Vec<String>,
    /// The largest request body, in bytes.
    pub max_body_bytes: usize,
    /// The longest silence of an answer that may be streamed, in milliseconds.
    #[serde(default = "Http::default_heartbeat_ms", skip_serializing_if = "Http::is_default_heartbeat_ms")]
    pub heartbeat_ms: u64,
    /// The path below which a front end puts the server, such as `/tools`; empty for none.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub path: String,
}

/// A plugin: its precompiled component and its grants.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Plugin {
    /// The name from `toolcell.toml`, unique in the catalog.
    pub name: String,
    /// The plugin's own version.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// The digest of the component (`.wasm`).
    pub component: Digest,
    /// The digest of the precompiled component; its file in the bundle is `<code>.cwasm`.
    pub code: Digest,
    /// The size of the precompiled component, in bytes: nobody needs to read more.
    pub code_bytes: u64,
    /// Everything that the plugin can access.
    pub grants: Grants,
    /// True if the component imports `toolcell:plugin/ask`: its calls may end in questions, which takes a key for the
    /// state token.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub asks: bool,
}

impl Http {
    /// The default of the largest request body, in bytes: the most that Lambda passes to a function.
    pub const DEFAULT_MAX_BODY_BYTES: usize = 6 << 20;
    /// The default of the longest silence, in milliseconds: proxies that are in a hurry give up after ten seconds.
    pub const DEFAULT_HEARTBEAT_MS: u64 = 5_000;
    /// The shortest and the longest silence, in milliseconds.
    pub const HEARTBEAT_MS: RangeInclusive<u64> = 1_000..=60_000;

    /// Returns the longest silence of an answer, within its limits whatever the file says.
    pub fn heartbeat(&self) -> Duration {
        Duration::from_millis(self.heartbeat_ms.clamp(*Self::HEARTBEAT_MS.start(), *Self::HEARTBEAT_MS.end()))
    }

    fn default_heartbeat_ms() -> u64 {
        Self::DEFAULT_HEARTBEAT_MS
    }

    #[allow(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
    fn is_default_heartbeat_ms(heartbeat_ms: &u64) -> bool {
        *heartbeat_ms == Self::DEFAULT_HEARTBEAT_MS
    }
}

impl Default for Http {
    fn default() -> Self {
        let (allowed_origins, allowed_hosts) = Default::default();
        let (max_body_bytes, heartbeat_ms) = (Self::DEFAULT_MAX_BODY_BYTES, Self::DEFAULT_HEARTBEAT_MS);
        Self { allowed_origins, allowed_hosts, max_body_bytes, heartbeat_ms, path: String::new() }
    }
}

/// A tool: a function that a plugin exports.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tool {
    /// The name that clients call.
    pub name: String,
    /// The index of the plugin in [`Catalog::plugins`].
    pub plugin: usize,
    /// The function in the component's exports.
    pub export: Export,
    /// The types of arguments and result.
    pub function: Function,
    /// True if the function's one parameter, a string, receives the JSON text of all arguments.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub raw_arguments: bool,
    /// The place of content blocks in the result.
    #[serde(default, skip_serializing_if = "Returns::is_value")]
    pub returns: Returns,
    /// The limits of a call, with all defaults applied.
    pub limits: Limits,
    /// The scopes that a caller needs to see and call the tool.
    #[serde(default, skip_serializing_if = "ScopeSet::is_empty")]
    pub required_scopes: ScopeSet,
    /// Tells whether the user is asked before the tool runs.
    #[serde(default, skip_serializing_if = "Confirm::is_never")]
    pub confirm: Confirm,
    /// The most calls of one caller in a minute.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub calls_per_minute: Option<u32>,
    /// The client capabilities that the tool requires (error `-32021` without them), as the object
    /// `requiredCapabilities`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub requires_client_capabilities: Option<Box<RawValue>>,
}

/// Tells whether the user is asked before a tool runs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Confirm {
    /// No.
    #[default]
    Never,
    /// Yes; one answer is good for one call where the server has a state store.
    Always,
    /// Yes, and one answer is good for one call, because the tool destroys something.
    Once,
}

/// The place of content blocks (`toolcell:plugin/content`) in a function's result; its `err` has none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Returns {
    /// The result is a value without blocks.
    #[default]
    Value,
    /// The result is one block.
    Block,
    /// The result is a list of blocks.
    Blocks,
    /// The result is a tuple of a list of blocks and a record, the structured content.
    #[serde(rename = "beside")] // packed components and bundles that exist say it so
    ContentAndStructured,
}

/// A prompt: a function of a plugin that returns `prompt-messages`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Prompt {
    /// The name that clients ask for.
    pub name: String,
    /// The index of the plugin in [`Catalog::plugins`].
    pub plugin: usize,
    /// The function in the component's exports.
    pub export: Export,
    /// The types of arguments and result; every parameter is a string, an enum, or an option of those.
    pub function: Function,
    /// The limits of a call.
    pub limits: Limits,
    /// The scopes that a caller needs to see and use the prompt.
    #[serde(default, skip_serializing_if = "ScopeSet::is_empty")]
    pub required_scopes: ScopeSet,
}

/// An exported function of one of the interfaces `toolcell:plugin/{resources,prompts,completion,dynamic-tools}`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Provider {
    /// The role of the function.
    pub role: ProviderRole,
    /// The index of the plugin in [`Catalog::plugins`].
    pub plugin: usize,
    /// The function in the component's exports.
    pub export: Export,
    /// The types of arguments and result.
    pub function: Function,
    /// The limits of a call.
    pub limits: Limits,
    /// The scopes that a caller needs to see and use what it provides.
    #[serde(default, skip_serializing_if = "ScopeSet::is_empty")]
    pub required_scopes: ScopeSet,
    /// The prefixes of the plugin's URIs; empty means all URIs, for the only plugin with resources. Used by the roles
    /// about resources and by completion.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub uris: Vec<String>,
    /// The most calls of one caller in a minute, of all tools that are listed at run time together.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub calls_per_minute: Option<u32>,
    /// The deployer's prefix for the names of the plugin's prompts and tools.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub prefix: String,
}

/// The role of a [`Provider`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ProviderRole {
    /// `resources.list-resources`
    ListResources,
    /// `resources.list-templates`
    ListTemplates,
    /// `resources.read-resource`
    ReadResource,
    /// `prompts.list-prompts`
    ListPrompts,
    /// `prompts.get-prompt`
    GetPrompt,
    /// `completion.complete`
    Complete,
    /// `dynamic-tools.list-tools`
    ListTools,
    /// `dynamic-tools.call-tool`
    CallTool,
}

/// Names a function in a component's exports.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Export {
    /// The full name of the instance, for example `toolcell:text/tools@0.1.0`; `None` for a world-level function.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub interface: Option<String>,
    /// The WIT name of the function.
    pub function: String,
}

impl Plugin {
    /// Returns the name of the precompiled component's file in the bundle.
    pub fn code_file(&self) -> String {
        format!("{}.cwasm", self.code)
    }
}

impl Confirm {
    #[allow(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
    fn is_never(&self) -> bool {
        *self == Self::Never
    }
}

impl Returns {
    fn is_value(&self) -> bool {
        *self == Self::Value
    }
}

impl ProviderRole {
    /// All roles.
    pub const ALL: [ProviderRole; 8] = [
        ProviderRole::ListResources,
        ProviderRole::ListTemplates,
        ProviderRole::ReadResource,
        ProviderRole::ListPrompts,
        ProviderRole::GetPrompt,
        ProviderRole::Complete,
        ProviderRole::ListTools,
        ProviderRole::CallTool,
    ];

    /// Returns the interface of `toolcell:plugin` and the function in it.
    pub fn function(self) -> (&'static str, &'static str) {
        match self {
            ProviderRole::ListResources => ("resources", "list-resources"),
            ProviderRole::ListTemplates => ("resources", "list-templates"),
            ProviderRole::ReadResource => ("resources", "read-resource"),
            ProviderRole::ListPrompts => ("prompts", "list-prompts"),
            ProviderRole::GetPrompt => ("prompts", "get-prompt"),
            ProviderRole::Complete => ("completion", "complete"),
            ProviderRole::ListTools => ("dynamic-tools", "list-tools"),
            ProviderRole::CallTool => ("dynamic-tools", "call-tool"),
        }
    }

    /// Returns the MCP method that the role serves, which is its name in the log.
    pub fn method(self) -> &'static str {
        match self {
            ProviderRole::ListResources => "resources/list",
            ProviderRole::ListTemplates => "resources/templates/list",
            ProviderRole::ReadResource => "resources/read",
            ProviderRole::ListPrompts => "prompts/list",
            ProviderRole::GetPrompt => "prompts/get",
            ProviderRole::Complete => "completion/complete",
            ProviderRole::ListTools => "tools/list",
            ProviderRole::CallTool => "tools/call",
        }
    }
}

/// A callable function of the catalog: a tool, a prompt or a provider.
#[derive(Clone, Copy, Debug)]
pub struct FunctionEntry<'c> {
    /// The name in the log.
    pub name: &'c str,
    /// The index of its plugin in [`Catalog::plugins`].
    pub plugin: usize,
    /// The function in the component's exports.
    pub export: &'c Export,
    /// The types of arguments and result.
    pub signature: &'c Function,
    /// The limits of a call.
    pub limits: &'c Limits,
    /// The scopes that a caller needs.
    pub required_scopes: &'c ScopeSet,
}

macro_rules! function_entry {
    ($($kind:ident by $name:expr),*) => {
        $(impl<'c> From<&'c $kind> for FunctionEntry<'c> {
            fn from(one: &'c $kind) -> Self {
                let name: fn(&'c $kind) -> &'c str = $name;
                let $kind { plugin, export, function, limits, required_scopes, .. } = one;
                Self { name: name(one), plugin: *plugin, export, signature: function, limits, required_scopes }
            }
        })*
    };
}

function_entry!(Tool by |tool| &tool.name, Prompt by |prompt| &prompt.name, Provider by |provider| provider.role.method());
