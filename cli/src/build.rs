//! Turns a `toolcell.toml` into a bundle: what `toolcell build` and `toolcell serve` share.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde_json::value::RawValue;
use toolcell_host::catalog::{self, Catalog, Digest, ScopeSet};

use crate::bundle::{self, Cache};
use crate::compile::{Compiler, Target};
use crate::config::{self, Config};
use crate::problem::{Problem, Result};
use crate::select::{self, Selected};
use crate::source::{self, Loaded};
use crate::{auth, entry, grant, import, limit};

/// What a component imports to ask in the middle of a call.
const ASK: &str = "toolcell:plugin/ask@";

/// What to build.
pub struct Request<'a> {
    /// The `toolcell.toml`.
    pub config: &'a Path,
    /// What to compile for.
    pub target: Target,
    /// Where the bundle goes.
    pub out: &'a Path,
    /// Code of earlier builds.
    pub cache: Cache,
    /// Who is told how far it is.
    pub progress: &'a dyn Progress,
}

/// Is told how far a build is; called from the thread that builds.
pub trait Progress {
    /// `plugin` is about to be compiled: number `at` of `of`, `bytes` long.
    fn compiling(&self, plugin: &str, at: usize, of: usize, bytes: usize);
    /// All plugins are compiled.
    fn compiled(&self);
}

/// Tells nobody.
pub struct Silent;

impl Progress for Silent {
    fn compiling(&self, _: &str, _: usize, _: usize, _: usize) {}
    fn compiled(&self) {}
}

/// What a build made.
#[derive(Debug, serde::Serialize)]
pub struct Summary {
    /// The bundle's directory.
    pub out: PathBuf,
    /// Target triple and CPU baseline.
    pub engine: catalog::Engine,
    /// Plugins, sorted by name.
    pub plugins: Vec<Built>,
}

/// A plugin in a bundle.
#[derive(Debug, serde::Serialize)]
pub struct Built {
    /// Its name in `toolcell.toml`.
    pub name: String,
    /// Digest of its component.
    pub component: Digest,
    /// Size of its component, in bytes.
    pub component_bytes: usize,
    /// Digest of its machine code.
    pub code: Digest,
    /// Size of its machine code, in bytes.
    pub code_bytes: usize,
    /// Whether the machine code came from the cache.
    pub cached: bool,
    /// The names of its tools, as clients see them.
    pub tools: Vec<String>,
}

/// Builds a bundle.
///
/// # Errors
/// The first thing that is wrong with the configuration or a plugin; the bundle stays as it was.
pub fn build(request: &Request<'_>) -> Result<Summary> {
    let config = config::read(request.config)?;
    let mut loaded = Vec::new();
    for (name, plugin) in &config.plugins {
        let one = load(&config, name, plugin).map_err(|problem| problem.in_plugin(name))?;
        loaded.push((name.as_str(), plugin, one));
    }
    let selected = select::tools(&config, &loaded)?;
    let compiler = Compiler::new(request.target)?;
    let mut catalog = catalog(&config, &compiler);
    for (plugin, (part, tools)) in loaded.iter().zip(&selected).enumerate() {
        for tool in tools {
            let limits = limits(&config, part, tool)?;
            let scopes = required_scopes(&config, part, tool)?;
            catalog.tools.push(catalog_tool(plugin, tool, limits, scopes));
        }
    }
    let mut code = BTreeMap::new();
    let mut plugins = Vec::new();
    for (at, ((name, settings, one), tools)) in loaded.iter().zip(&selected).enumerate() {
        let (bytes, cached) = machine_code(request, &compiler, (at + 1, loaded.len()), name, one)
            .map_err(|problem| problem.in_plugin(name))?;
        let built = built(name, one, tools, (&bytes, cached));
        catalog.plugins.push(catalog_plugin(settings, one, &built));
        plugins.push(built);
        code.insert(Digest::of(&bytes), bytes);
    }
    request.progress.compiled();
    bundle::write(request.out, &catalog, &code.into_iter().collect::<Vec<_>>())?;
    Ok(Summary { out: request.out.to_path_buf(), engine: catalog.engine, plugins })
}

fn built(name: &str, loaded: &Loaded, tools: &[Selected<'_>], (code, cached): (&[u8], bool)) -> Built {
    Built {
        name: name.to_string(),
        component: loaded.component.digest,
        component_bytes: loaded.bytes.len(),
        code: Digest::of(code),
        code_bytes: code.len(),
        cached,
        tools: tools.iter().map(|tool| tool.name.clone()).collect(),
    }
}

fn catalog_plugin(settings: &config::Plugin, loaded: &Loaded, built: &Built) -> catalog::Plugin {
    catalog::Plugin {
        name: built.name.clone(),
        version: loaded.plugin.version.clone(),
        component: built.component,
        code: built.code,
        grants: settings.grants.clone(),
        asks: loaded.component.imports.keys().any(|import| import.starts_with(ASK)),
    }
}

fn load(config: &Config, name: &str, plugin: &config::Plugin) -> Result<Loaded> {
    let loaded = source::load(&plugin.source)?;
    if let Some(pinned) = plugin.digest.filter(|pinned| *pinned != loaded.component.digest) {
        return Err(Problem::refused(
            config.origin.place(&format!("plugins.{name}.digest")),
            "is not the digest of the component",
        )
        .found(format!("sha256:{} ({})", loaded.component.digest, plugin.source.display()))
        .expected(format!("sha256:{pinned}"))
        .next("get the component that was pinned, or pin this one after reviewing it"));
    }
    import::check(&loaded)?;
    grant::check(config, name, plugin, &loaded)?;
    Ok(loaded)
}

fn catalog(config: &Config, compiler: &Compiler) -> Catalog {
    Catalog {
        format: Catalog::FORMAT,
        engine: compiler.describe(),
        server: config.server.clone(),
        http: config.http.clone(),
        auth: config.auth.clone(),
        list_ttl_ms: config.list_ttl_ms,
        page_size: config.page_size,
        plugins: Vec::new(),
        tools: Vec::new(),
        prompts: Vec::new(),
        providers: Vec::new(),
    }
}

fn machine_code(
    request: &Request<'_>,
    compiler: &Compiler,
    (at, of): (usize, usize),
    name: &str,
    loaded: &Loaded,
) -> Result<(Vec<u8>, bool)> {
    let key = compiler.key(&loaded.component.digest);
    if let Some(code) = request.cache.get(&key) {
        return Ok((code, true));
    }
    request.progress.compiling(name, at, of, loaded.bytes.len());
    let code = compiler.compile(&loaded.file.display().to_string(), &loaded.bytes)?;
    request.cache.put(&key, &code);
    Ok((code, false))
}

fn limits(
    config: &Config,
    (name, settings, loaded): &(&str, &config::Plugin, Loaded),
    selected: &Selected<'_>,
) -> Result<catalog::Limits> {
    let layers = limit::Layers {
        deployer_tool: settings.tools.get(&selected.tool.name).map_or(&limit::NONE, |tool| &tool.limits),
        deployer_plugin: &settings.limits,
        deployer: &config.limits,
        author_tool: &selected.tool.limits,
        author: &loaded.plugin.limits,
        requirement: loaded.component.requirement,
    };
    layers.resolve(config.origin.file(), name, &selected.tool.name)
}

/// Everything that anybody asks of the tool's callers: no one can take back what another asks for.
fn required_scopes(
    config: &Config,
    (name, settings, _): &(&str, &config::Plugin, Loaded),
    selected: &Selected<'_>,
) -> Result<ScopeSet> {
    let mut scopes = selected.tool.required_scopes.clone();
    let of_tool = settings.tools.get(&selected.tool.name).map(|tool| &tool.required_scopes);
    for more in [Some(&settings.required_scopes), of_tool].into_iter().flatten() {
        scopes.extend(more.iter().cloned());
    }
    auth::refuse_unreachable(config, name, &selected.name, &scopes)?;
    Ok(scopes)
}

fn catalog_tool(
    plugin: usize,
    selected: &Selected<'_>,
    limits: catalog::Limits,
    required_scopes: ScopeSet,
) -> catalog::Tool {
    let rendered = entry::render(&selected.name, selected.tool);
    let capabilities = selected.tool.requires_client_capabilities.as_ref();
    catalog::Tool {
        name: selected.name.clone(),
        plugin,
        export: selected.tool.export.clone(),
        function: entry::plan(&selected.tool.function),
        raw_arguments: false,
        returns: catalog::Returns::Value,
        limits,
        required_scopes,
        requires_client_capabilities: capabilities
            .map(|value| RawValue::from_string(value.to_string()).expect("a JSON value prints as JSON")),
        entry: rendered.full,
        plain_entry: rendered.plain,
    }
}
