//! `catalog.json`, field by field.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::auth::Auth;
use super::scope::ScopeSet;
use crate::codec::Function;
use crate::digest::Digest;

/// Everything that the server knows about its plugins.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Catalog {
    /// Version of this file format: [`Catalog::FORMAT`].
    pub format: u32,
    /// The engine that the precompiled components were made for.
    pub engine: EngineInfo,
    /// Who the server says it is.
    pub server: Server,
    /// Rules for the HTTP endpoint.
    pub http: Http,
    /// Who may call.
    #[serde(default, skip_serializing_if = "Auth::is_empty")]
    pub auth: Auth,
    /// How long clients may keep a list, in milliseconds (`ttlMs`).
    pub list_ttl_ms: u64,
    /// How many tools a page of `tools/list` holds.
    pub page_size: usize,
    /// Plugins, sorted by name.
    pub plugins: Vec<Plugin>,
    /// Tools, sorted by plugin, then by name; names are unique.
    pub tools: Vec<Tool>,
    /// Prompts that are functions of their own, sorted by plugin, then by name; names are unique.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub prompts: Vec<Prompt>,
    /// Functions through which plugins offer what is known only at run time, sorted by plugin.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub providers: Vec<Provider>,
}

impl Catalog {
    /// The version of the format that this host reads.
    pub const FORMAT: u32 = 1;
    /// Name of the file in a bundle.
    pub const FILE: &'static str = "catalog.json";
}

/// What a precompiled component must agree with to be loaded.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EngineInfo {
    /// wasmtime's version, for example `48.0.8`.
    pub wasmtime: String,
    /// Version of the engine configuration that compiler and host share.
    pub configuration: u32,
    /// Target triple, for example `x86_64-unknown-linux-gnu`.
    pub target: String,
    /// CPU baseline, for example `x86-64-v3`.
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
    /// What a model should know about the server as a whole.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instructions: Option<String>,
}

/// Rules for the HTTP endpoint.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Http {
    /// Origins that browsers may call from, beyond loopback ones on a loopback server.
    #[serde(default)]
    pub allowed_origins: Vec<String>,
    /// Host names that the server answers to, beyond loopback ones; empty means any, off loopback.
    #[serde(default)]
    pub allowed_hosts: Vec<String>,
    /// Largest request body, in bytes.
    pub max_body_bytes: usize,
}

/// One plugin: a component, precompiled, and what the deployer grants it.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Plugin {
    /// Name from `toolcell.toml`, unique in the catalog.
    pub name: String,
    /// The plugin's own version.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// Digest of the component (`.wasm`).
    pub component: Digest,
    /// Digest of the precompiled component; its file in the bundle is `<code>.cwasm`.
    pub code: Digest,
    /// Everything that the plugin may reach.
    pub grants: Grants,
    /// Whether the component imports `toolcell:plugin/ask`: its calls may end in questions, which need a key to seal
    /// what is known so far.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub asks: bool,
}

/// Everything that a plugin may reach; empty means nothing.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Grants {
    /// Environment variables, exactly these.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub environment: BTreeMap<String, String>,
    /// Keys of `wasi:config/store`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub config: BTreeMap<String, String>,
    /// Directories, each preopened under its guest path.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub directories: Vec<Directory>,
}

impl Http {
    /// Largest request body unless configured, in bytes: what Lambda hands to a function at most.
    pub const DEFAULT_MAX_BODY_BYTES: usize = 6 << 20;
}

/// A directory that a plugin may read, or read and write.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Directory {
    /// Path on the server; relative ones are relative to the bundle's grant root (see `docs/configuration.md`).
    pub host: String,
    /// Path that the guest sees, for example `/data`.
    pub guest: String,
    /// Whether the guest may write.
    #[serde(default)]
    pub write: bool,
}

/// What one call may use. Every field is enforced by `sandbox`, `codec` or `call`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Limits {
    /// Sum of all linear memories, in bytes.
    pub memory_bytes: usize,
    /// Sum of all tables, in elements.
    pub table_elements: usize,
    /// Core instances, memories and tables that one component instance may create, each.
    pub instances: usize,
    /// Native stack of the guest, in bytes, at most the engine's own cap.
    pub stack_bytes: usize,
    /// Data that one host call may copy out of the guest, in bytes (wasmtime's hostcall fuel).
    pub hostcall_bytes: usize,
    /// Handles (streams, pollables, descriptors) alive at once.
    pub handles: usize,
    /// Encoded result, in bytes of JSON.
    pub output_bytes: usize,
    /// Arguments once decoded, in bytes of guest memory.
    pub input_bytes: usize,
    /// Guest's stdout and stderr together, in bytes; the rest is dropped with one marker.
    pub log_bytes: usize,
    /// Progress and log notifications sent to the client.
    pub notifications: usize,
    /// Wall time from the start of the call, in milliseconds.
    pub deadline_ms: u64,
}

/// One tool: a function exported by a plugin.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tool {
    /// Name that clients call.
    pub name: String,
    /// Index of the plugin in [`Catalog::plugins`].
    pub plugin: usize,
    /// Where the component exports it.
    pub export: Export,
    /// How arguments and result are translated.
    pub function: Function,
    /// Whether the function's one parameter, a string, takes the JSON text of all arguments as it is.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub raw_arguments: bool,
    /// Where the result holds content blocks.
    #[serde(default, skip_serializing_if = "Returns::is_value")]
    pub returns: Returns,
    /// What a call may use, every default already applied.
    pub limits: Limits,
    /// What a caller must have been given to see and call the tool.
    #[serde(default, skip_serializing_if = "ScopeSet::is_empty")]
    pub required_scopes: ScopeSet,
    /// Client capabilities without which the tool is refused (`-32021`), as the object
    /// `requiredCapabilities` shows them; null for none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub requires_client_capabilities: Option<Box<RawValue>>,
    /// The tool's entry in `tools/list` (MCP `Tool`), ready to send.
    pub entry: Box<RawValue>,
    /// The same without `title`, `outputSchema` and `icons`, for revisions that know none of them.
    pub plain_entry: Box<RawValue>,
}

/// Where a function's result holds content blocks (`toolcell:plugin/content`); its `err` never does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Returns {
    /// Nowhere: it is a value as its types say.
    #[default]
    Value,
    /// It is one block.
    Block,
    /// It is a list of blocks.
    Blocks,
    /// It is a tuple: a list of blocks, then a record, the structured content.
    #[serde(rename = "beside")] // packed components and bundles that exist say it so
    ContentAndStructured,
}

/// One prompt: a function exported by a plugin that returns `prompt-messages`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Prompt {
    /// Name that clients ask for.
    pub name: String,
    /// Index of the plugin in [`Catalog::plugins`].
    pub plugin: usize,
    /// Where the component exports it.
    pub export: Export,
    /// How arguments and result are translated; every parameter is a string, an enum, or an option of those.
    pub function: Function,
    /// What a call may use.
    pub limits: Limits,
    /// What a caller must have been given to see and use the prompt.
    #[serde(default, skip_serializing_if = "ScopeSet::is_empty")]
    pub required_scopes: ScopeSet,
    /// The prompt's entry in `prompts/list` (MCP `Prompt`), ready to send.
    pub entry: Box<RawValue>,
    /// The same without `title` and `icons`, for revisions that know none of them.
    pub plain_entry: Box<RawValue>,
}

/// A function of one of the interfaces `toolcell:plugin/{resources,prompts,completion,dynamic-tools}` that a plugin
/// exports.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Provider {
    /// What it provides.
    pub role: ProviderRole,
    /// Index of the plugin in [`Catalog::plugins`].
    pub plugin: usize,
    /// Where the component exports it.
    pub export: Export,
    /// How arguments and result are translated.
    pub function: Function,
    /// What a call may use.
    pub limits: Limits,
    /// What a caller must have been given to see and use what is provided.
    #[serde(default, skip_serializing_if = "ScopeSet::is_empty")]
    pub required_scopes: ScopeSet,
    /// Prefixes of the URIs that are the plugin's; empty means any, for a plugin that is alone in having resources.
    /// Only for the roles about resources, and for completion.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub uris: Vec<String>,
    /// What the deployer puts before the names of the plugin's prompts and tools.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub prefix: String,
}

/// What a [`Provider`] provides.
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

/// Where a component exports a function.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Export {
    /// Full name of the instance, for example `toolcell:text/tools@0.1.0`; none for a function of the world.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub interface: Option<String>,
    /// WIT name of the function.
    pub function: String,
}

impl Plugin {
    /// Name of the precompiled component's file in the bundle.
    pub fn code_file(&self) -> String {
        format!("{}.cwasm", self.code)
    }
}

impl Returns {
    fn is_value(&self) -> bool {
        *self == Self::Value
    }
}

impl ProviderRole {
    /// Every role.
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

    /// The interface of `toolcell:plugin` and its function.
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

    /// The MCP method that comes to it, which is its name in the log.
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

/// A function that can be called, whatever it is to clients.
#[derive(Clone, Copy, Debug)]
pub struct FunctionEntry<'c> {
    /// Its name in the log.
    pub name: &'c str,
    /// Index of its plugin in [`Catalog::plugins`].
    pub plugin: usize,
    /// Where the component exports it.
    pub export: &'c Export,
    /// How arguments and result are translated.
    pub signature: &'c Function,
    /// What a call may use.
    pub limits: &'c Limits,
}

macro_rules! function_entry {
    ($($kind:ident by $name:expr),*) => {
        $(impl<'c> From<&'c $kind> for FunctionEntry<'c> {
            fn from(one: &'c $kind) -> Self {
                let name: fn(&'c $kind) -> &'c str = $name;
                let $kind { plugin, export, function, limits, .. } = one;
                Self { name: name(one), plugin: *plugin, export, signature: function, limits }
            }
        })*
    };
}

function_entry!(Tool by |tool| &tool.name, Prompt by |prompt| &prompt.name, Provider by |provider| provider.role.method());
