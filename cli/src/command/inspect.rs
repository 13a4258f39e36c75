//! `toolcell inspect`: what a component or a bundle is, for people and for scripts.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

use serde::Serialize;
use toolcell_host::catalog::{
    Auth, BucketScope, Catalog, Contents, Export, Grants, HttpGrant, HttpMethod, Index, KeySeed, KeySource,
    LeftOut, PathPrefix, PrincipalName, Returns, ScopeSet,
};
use toolcell_host::digest::Digest;

use crate::bundle::limit::Layers;
use crate::bundle::{grant, list_entry};
use crate::check;
use crate::component::export::name;
use crate::component::resource_requirements::ResourceRequirements;
use crate::component::{content, provider};
use crate::document::limit::{Limit, NONE};
use crate::plugin::load::{self, Loaded};
use crate::plugin::{Prompt, Tool};
use crate::ui::format::Format;
use crate::ui::problem::{Problem, Result};
use crate::ui::read::{MAX_TEXT_BYTES, read_regular};
use crate::ui::terminal::{Style, Terminal, size};

/// Describes a component.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ComponentReport {
    /// The plugin's name.
    pub name: String,
    /// Its version.
    pub version: Option<String>,
    /// The toolchain, as far as the bytes tell.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub runtime: Option<&'static str>,
    /// True if the component is packed.
    pub packed: bool,
    /// Digest of the component.
    pub digest: Digest,
    /// Size of the component.
    pub bytes: usize,
    /// Entries of `tools/list`.
    pub tools: Vec<Box<serde_json::value::RawValue>>,
    /// The content in the results of tools, by tool.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub returns: BTreeMap<String, Returns>,
    /// Entries of `prompts/list`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub prompts: Vec<Box<serde_json::value::RawValue>>,
    /// Interfaces through which it offers what is known only at run time.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub offers: Vec<&'static str>,
    /// The URI prefixes of its resources.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub uris: Vec<String>,
    /// True if it imports `ask`.
    pub asks: bool,
    /// The required scopes, by tool.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub required_scopes: BTreeMap<String, ScopeSet>,
    /// Functions that are no tools, and why.
    pub skipped: BTreeMap<String, String>,
    /// Interfaces that it imports; the host has all of them.
    pub imports: BTreeMap<String, bool>,
    /// The resources that an instance needs.
    pub requirement: ResourceRequirements,
    /// Limits that hold unless the deployer says otherwise, as the files spell them.
    pub limits: BTreeMap<&'static str, String>,
    /// Returns the lines to add to `toolcell.toml`.
    pub grants: Vec<String>,
}

/// Inspects a component, a plugin directory or a bundle, and prints what it finds.
///
/// # Errors
/// Whatever is wrong with the files.
pub fn run(path: &Path, format: Format, terminal: &Terminal) -> Result<()> {
    if path.join(Catalog::FILE).is_file() {
        return run_bundle(path, format, terminal);
    }
    let loaded = load::load(path)?;
    let report = report(&loaded);
    match format {
        Format::Json => terminal.print(serde_json::to_string_pretty(&report).expect("a report is JSON")),
        Format::Text => terminal.print(text(&loaded, &report, terminal)),
    }
    Ok(())
}

/// Describes a plugin.
pub fn report(loaded: &Loaded) -> ComponentReport {
    let plugin = &loaded.plugin;
    let guarded = plugin.tools.iter().filter(|tool| !tool.required_scopes.is_empty());
    let content = plugin.tools.iter().filter(|tool| tool.returns != Returns::Value);
    let roles = loaded.component.providers.iter().map(|provider| provider.role);
    ComponentReport {
        name: plugin.name.clone(),
        version: plugin.version.clone(),
        runtime: loaded.component.runtime.name(),
        packed: loaded.component.packed.is_some(),
        digest: loaded.component.digest,
        bytes: loaded.bytes.len(),
        tools: plugin.tools.iter().map(|tool| list_entry::tool(&tool.name, tool, None).full).collect(),
        returns: content.map(|tool| (tool.name.clone(), tool.returns)).collect(),
        prompts: plugin.prompts.iter().map(|prompt| list_entry::prompt(&prompt.name, prompt).full).collect(),
        offers: provider::interfaces(roles),
        uris: plugin.uris.clone(),
        asks: loaded.component.asks(),
        required_scopes: guarded.map(|tool| (tool.name.clone(), tool.required_scopes.clone())).collect(),
        skipped: check::skipped(loaded).collect(),
        imports: loaded.component.imports.keys().map(|import| (import.clone(), true)).collect(),
        requirement: loaded.component.requirements,
        limits: limits(loaded),
        grants: grant::lines(&plugin.name, &plugin.needs),
    }
}

fn limits(loaded: &Loaded) -> BTreeMap<&'static str, String> {
    let layers = Layers {
        deployer_tool: &NONE,
        deployer_plugin: &NONE,
        deployer: &NONE,
        author_tool: &NONE,
        author: &loaded.plugin.limits,
        requirements: loaded.component.requirements,
    };
    Limit::ALL.into_iter().map(|limit| (limit.key(), limit.show(layers.asked(limit)))).collect()
}

fn text(loaded: &Loaded, report: &ComponentReport, terminal: &Terminal) -> String {
    let strong = |text: &str| terminal.style(Style::Strong, text);
    let mut out = String::new();
    let version = report.version.as_deref().unwrap_or("no version");
    let packed = if report.packed { "packed" } else { "not packed" };
    let _ = writeln!(out, "{} ({version}, {packed}, {})", strong(&report.name), size(report.bytes));
    let _ = writeln!(out, "  sha256:{}", report.digest);
    if let Some(runtime) = report.runtime {
        let _ = writeln!(out, "  built from {runtime}");
    }
    section(&mut out, &strong("Tools"), loaded.plugin.tools.iter().flat_map(|one| tool(one, terminal)));
    section(&mut out, &strong("Prompts"), loaded.plugin.prompts.iter().flat_map(|one| prompt(one, terminal)));
    let offers = report.offers.iter().map(|interface| provider::describe(interface, &report.uris));
    section(&mut out, &strong("Offers"), offers.chain(report.asks.then(|| ASKS.to_string())));
    section(
        &mut out,
        &strong("Not tools"),
        report.skipped.iter().map(|(name, why)| format!("{name}: {why}")),
    );
    section(&mut out, &strong("Imports"), report.imports.keys().cloned());
    let limits = report.limits.iter().map(|(key, value)| format!("{key} = {value}"));
    section(&mut out, &strong("Limits"), limits);
    let grants = report.grants.iter().flat_map(|lines| lines.lines()).map(str::to_string);
    section(&mut out, &strong("Grants it needs, for toolcell.toml"), grants);
    out.trim_end().to_string()
}

/// Returns the notes about a plugin that asks.
const ASKS: &str = "questions to the user or the client in the middle of a call";

fn tool(tool: &Tool, terminal: &Terminal) -> Vec<String> {
    let faint = |text: &str| terminal.style(Style::Faint, text);
    let mut lines = heading(&tool.name, &tool.export, terminal);
    lines.push(format!("  {}", tool.description.lines().next().unwrap_or_default()));
    lines.extend(scopes(&tool.required_scopes, terminal));
    lines.push(format!("  {}", tool.signature()));
    lines.push(format!("  {} {}", faint("input "), list_entry::input(tool)));
    lines.extend(list_entry::output(tool).map(|output| format!("  {} {output}", faint("output"))));
    lines.extend(content::describe(tool.returns).map(|content| format!("  {} {content}", faint("returns"))));
    lines
}

fn prompt(prompt: &Prompt, terminal: &Terminal) -> Vec<String> {
    let mut lines = heading(&prompt.name, &prompt.export, terminal);
    let description = prompt.description.as_deref().and_then(|text| text.lines().next());
    lines.extend(description.map(|line| format!("  {line}")));
    lines.extend(scopes(&prompt.required_scopes, terminal));
    lines.push(format!("  {}", prompt.signature()));
    lines
}

fn heading(name: &str, at: &Export, terminal: &Terminal) -> Vec<String> {
    vec![format!("{}  {}", terminal.style(Style::Strong, name), export(at, terminal))]
}

fn scopes(scopes: &ScopeSet, terminal: &Terminal) -> Option<String> {
    (!scopes.is_empty()).then(|| format!("  {} {scopes}", terminal.style(Style::Faint, "scopes")))
}

fn section(out: &mut String, title: &str, lines: impl Iterator<Item = String>) {
    let lines: Vec<String> = lines.collect();
    if !lines.is_empty() {
        let _ = writeln!(out, "\n{title}\n  {}", lines.join("\n  "));
    }
}

fn run_bundle(path: &Path, format: Format, terminal: &Terminal) -> Result<()> {
    let file = path.join(Catalog::FILE);
    let shown = file.display().to_string();
    let bytes = read_regular(&file, MAX_TEXT_BYTES).map_err(|error| unreadable(&shown, error.to_string()))?;
    let contents = Index::read(bytes.into()).and_then(|index| index.contents());
    let Contents { catalog, left_out } = contents.map_err(|error| unreadable(&shown, error.to_string()))?;
    if let Some(LeftOut { plugin, reason }) = left_out.first() {
        return Err(unreadable(&shown, format!("plugin `{plugin}`: {reason}")));
    }
    match format {
        Format::Json => terminal.print(serde_json::to_string(&catalog).expect("a catalog is JSON")),
        Format::Text => terminal.print(bundle_text(&catalog, terminal)),
    }
    Ok(())
}

fn unreadable(file: &str, found: String) -> Problem {
    Problem::refused(file, "is not a readable catalog")
        .found(found)
        .expected(format!("a catalog of format {}", Catalog::FORMAT))
        .next("run `toolcell build` again")
}

fn bundle_text(catalog: &Catalog, terminal: &Terminal) -> String {
    let strong = |text: &str| terminal.style(Style::Strong, text);
    let mut out = String::new();
    let engine = &catalog.engine;
    let _ = writeln!(out, "{} {}", strong(&catalog.server.name), catalog.server.version);
    let _ = writeln!(out, "  wasmtime {}, {}, {}", engine.wasmtime, engine.target, engine.cpu);
    for (at, plugin) in catalog.plugins.iter().enumerate() {
        let version = plugin.version.as_deref().unwrap_or("no version");
        let _ =
            writeln!(out, "\n{} ({version})\n  component sha256:{}", strong(&plugin.name), plugin.component);
        for line in bundled(catalog, at, terminal) {
            let _ = writeln!(out, "  {line}");
        }
    }
    section(&mut out, &strong("Callers"), callers(&catalog.auth).into_iter());
    out.trim_end().to_string()
}

/// Describes a plugin of a bundle.
fn bundled(catalog: &Catalog, at: usize, terminal: &Terminal) -> Vec<String> {
    let mut lines = Vec::new();
    for tool in catalog.tools.iter().filter(|tool| tool.plugin == at) {
        lines.extend(heading(&tool.name, &tool.export, terminal));
        lines.extend(scopes(&tool.required_scopes, terminal));
        let returns = terminal.style(Style::Faint, "returns");
        lines.extend(content::describe(tool.returns).map(|content| format!("  {returns} {content}")));
    }
    for prompt in catalog.prompts.iter().filter(|prompt| prompt.plugin == at) {
        let heading = heading(&prompt.name, &prompt.export, terminal);
        lines.extend(heading.into_iter().map(|line| format!("prompt {line}")));
        lines.extend(scopes(&prompt.required_scopes, terminal));
    }
    let providers = || catalog.providers.iter().filter(|provider| provider.plugin == at);
    let uris = providers().map(|provider| provider.uris.as_slice()).find(|uris| !uris.is_empty());
    let offered = provider::interfaces(providers().map(|provider| provider.role));
    let uris = uris.unwrap_or_default();
    lines.extend(offered.into_iter().map(|one| format!("offers {}", provider::describe(one, uris))));
    lines.extend(catalog.plugins[at].asks.then(|| format!("offers {ASKS}")));
    lines.extend(granted(&catalog.plugins[at].grants));
    lines
}

/// Describes everything that a plugin can access.
fn granted(grants: &Grants) -> Vec<String> {
    let names = |names: Vec<&String>| names.into_iter().cloned().collect::<Vec<_>>().join(", ");
    let mut lines = Vec::new();
    let (environment, config) = (&grants.environment, &grants.config);
    lines.extend(
        (!environment.is_empty()).then(|| format!("has environment {}", names(environment.keys().collect()))),
    );
    lines.extend((!config.is_empty()).then(|| format!("has config {}", names(config.keys().collect()))));
    lines.extend(grants.secrets.iter().map(|(key, secret)| format!("has config {key}, the secret {secret}")));
    lines.extend(grants.directories.iter().map(|directory| {
        let access = if directory.write { "read and write" } else { "read" };
        format!("may {access} {}, the server's {}", directory.guest, directory.host)
    }));
    lines.extend(grants.http.iter().map(reach));
    lines.extend(grants.keyvalue.iter().map(|(name, bucket)| {
        let owner = match bucket.scope {
            BucketScope::Caller => "of each caller",
            BucketScope::Plugin => "of all callers",
        };
        format!("may keep state {owner} in {name}, up to {}", size(bucket.size_bytes as usize))
    }));
    lines
}

/// Describes a rule for requests.
fn reach(rule: &HttpGrant) -> String {
    let methods: Vec<_> = rule.methods.iter().map(HttpMethod::as_str).collect();
    let paths: Vec<_> = rule.paths.iter().map(PathPrefix::as_str).collect();
    let credential = match (&rule.secret, &rule.sign) {
        (Some(secret), _) => format!(", with the secret {}", secret.from),
        (None, Some(sign)) => format!(", signed for {} in {} as {}", sign.service, sign.region, sign.role),
        (None, None) => String::new(),
    };
    let networks: Vec<_> = rule.address.iter().map(ToString::to_string).collect();
    let networks = if networks.is_empty() { String::new() } else { format!(", in {}", networks.join(", ")) };
    let (methods, paths) = (methods.join(", "), paths.join(", "));
    format!("may reach {}: {methods} {paths}{networks}{credential}", rule.origin())
}

/// Describes the callers without their token digests.
fn callers(auth: &Auth) -> Vec<String> {
    let line = |name: &PrincipalName, kind: &str, scopes: &ScopeSet| match scopes.is_empty() {
        true => format!("{name}  {kind}"),
        false => format!("{name}  {kind}, scopes {scopes}"),
    };
    let mut lines = Vec::new();
    if let Some(bearer) = &auth.bearer {
        lines.extend(bearer.principals.iter().map(|(name, one)| line(name, "token", &one.scopes)));
        lines
            .extend(bearer.environment.iter().map(|name| format!("more in the environment variable {name}")));
        lines.extend(bearer.secret.iter().map(|name| format!("more in the secret {name}")));
    }
    for (name, issuer) in auth.oauth.iter().flat_map(|oauth| &oauth.issuers) {
        lines.push(format!("{name}  access tokens of {}, {}", issuer.issuer, keys(&issuer.keys)));
    }
    lines.extend(auth.iam.iter().map(|(name, one)| line(name, &one.arn, &one.scopes)));
    lines
}

/// Describes where the keys of an issuer come from.
fn keys(source: &KeySource) -> String {
    let fetched = |seed: &Option<KeySeed>| match seed {
        Some(seed) => format!("keys of {}", seed.fetched),
        None => "keys fetched by the first request".to_owned(),
    };
    match source {
        KeySource::Discovered { seed } | KeySource::Url { seed, .. } => fetched(seed),
        KeySource::Fixed { .. } => "keys of a file".to_owned(),
    }
}

fn export(export: &Export, terminal: &Terminal) -> String {
    terminal.style(Style::Faint, name(export))
}
