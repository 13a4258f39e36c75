//! Turns a `toolcell.toml` into a bundle: what `toolcell build` and `toolcell serve` share.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use toolcell_host::catalog::{self, Catalog, Grants};
use toolcell_host::digest::Digest;
use toolcell_host::sandbox::engine::WASMTIME;

use super::compile::{Compiler, Target};
use super::resolve::PluginResolver;
use super::select::{self, ConfiguredPlugin};
use super::{Cache, LockMode, grant, lock, read_back, side_by_side};
use crate::builder::BuildStatus;
use crate::check::finding::Finding;
use crate::component::provider;
use crate::config::{self, Config};
use crate::plugin::assemble;
use crate::plugin::load::{self, Loaded};
use crate::ui::problem::{Problem, Result};
use crate::ui::progress::Progress;
use crate::{builder, check, manifest};

/// The configuration to build.
pub struct BuildRequest<'a> {
    /// The `toolcell.toml`.
    pub config: &'a Path,
    /// The target processor.
    pub target: Target,
    /// The output directory.
    pub out: &'a Path,
    /// Tells whether components are made from their source first.
    pub components: Components,
    /// Code of earlier builds.
    pub cache: Cache,
    /// The use of the lock file beside the configuration.
    pub lock: LockMode,
    /// The receiver of progress.
    pub progress: &'a dyn Progress,
}

/// Selects the components of plugins with `[build]` in `plugin.toml`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Components {
    /// They are built from their source, where anything has changed.
    Built,
    /// They are taken as they are.
    Prebuilt,
}

/// Summarizes a build.
#[derive(Debug, serde::Serialize)]
pub struct Summary {
    /// The bundle's directory.
    pub out: PathBuf,
    /// Target triple and CPU baseline.
    pub engine: catalog::EngineInfo,
    /// Plugins, sorted by name.
    pub plugins: Vec<BuiltPlugin>,
    /// The changes since the lock file was written, for a person.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub changes: Vec<String>,
    /// The bytes of the catalog.
    #[serde(skip)]
    pub catalog: Vec<u8>,
}

/// A plugin in a bundle.
#[derive(Debug, serde::Serialize)]
pub struct BuiltPlugin {
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
    /// True if the machine code came from the cache.
    pub cached: bool,
    /// The names of its tools, as clients see them.
    pub tools: Vec<String>,
    /// The names of its prompts.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub prompts: Vec<String>,
    /// Interfaces through which it offers what is known only at run time.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub offers: Vec<&'static str>,
    /// Findings about toolchains.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<Finding>,
}

/// Builds a bundle.
///
/// # Errors
/// The first thing that is wrong with the configuration or a plugin; the bundle stays as it was.
pub fn build(request: &BuildRequest<'_>) -> Result<Summary> {
    build_of(request, &config::read(request.config)?)
}

/// Builds a bundle of a configuration that was read before.
///
/// # Errors
/// As [`build`].
pub fn build_of(request: &BuildRequest<'_>, config: &Config) -> Result<Summary> {
    if request.components == Components::Built {
        build_components(config, request.progress)?;
    }
    let configured: Vec<_> = config.plugins.iter().collect();
    let load = |_, (name, settings): &(&String, &config::PluginConfig)| {
        load(config, name, settings).map_err(|problem| problem.in_plugin(name))
    };
    let loaded = side_by_side::map(&configured, load).into_iter().collect::<Result<Vec<_>>>()?;
    let plugins = configured.iter().zip(&loaded);
    let plugins: Vec<_> =
        plugins.map(|((name, settings), loaded)| ConfiguredPlugin { name, settings, loaded }).collect();
    assemble(request, config, &Compiler::new(request.target)?, &plugins)
}

/// Works out everything that a bundle says of these plugins, all but their machine code.
///
/// # Errors
/// Two plugins clash, or the configuration says of one what does not fit it.
pub fn plan(config: &Config, compiler: &Compiler, plugins: &[ConfiguredPlugin<'_>]) -> Result<Catalog> {
    select::refuse_conflicts(config, plugins)?;
    let (tools, prompts) = (select::tools(config, plugins)?, select::prompts(config, plugins)?);
    let mut catalog = catalog(config, compiler);
    for (at, plugin) in plugins.iter().enumerate() {
        let resolver = PluginResolver { at, config, plugin };
        for tool in &tools[at] {
            catalog.tools.push(resolver.tool(tool)?);
        }
        for prompt in &prompts[at] {
            catalog.prompts.push(resolver.prompt(prompt)?);
        }
        for export in &plugin.loaded.component.providers {
            catalog.providers.push(resolver.provider(export)?);
        }
    }
    Ok(catalog)
}

/// Builds a bundle of plugins that were read before, whatever else the configuration names.
///
/// # Errors
/// As [`plan`]; a component cannot be compiled, or the bundle cannot be written.
pub fn assemble(
    request: &BuildRequest<'_>,
    config: &Config,
    compiler: &Compiler,
    plugins: &[ConfiguredPlugin<'_>],
) -> Result<Summary> {
    let mut catalog = plan(config, compiler, plugins)?;
    let compile = |at, ConfiguredPlugin { name, settings, loaded }: &ConfiguredPlugin<'_>| {
        let code = machine_code(request, compiler, (at + 1, plugins.len()), name, loaded)?;
        let built = BuiltPlugin {
            tools: names(catalog.tools.iter().map(|tool| (tool.plugin, &tool.name)), at),
            prompts: names(catalog.prompts.iter().map(|prompt| (prompt.plugin, &prompt.name)), at),
            ..built(name, loaded, &code)
        };
        let plugin = catalog_plugin(settings, loaded, &built);
        if Target::host().is_ok_and(|host| host == request.target) {
            read_back(request, &catalog, (at, &plugin), loaded, &code.bytes)?;
        }
        Ok((built, plugin, code.bytes))
    };
    let compiled = side_by_side::map(plugins, |at, plugin| {
        compile(at, plugin).map_err(|problem: Problem| problem.in_plugin(plugin.name))
    });
    let (mut all, mut files) = (Vec::new(), BTreeMap::new());
    for plugin in compiled {
        let (built, plugin, bytes) = plugin?;
        files.insert(super::code_file(&built.code), bytes);
        catalog.plugins.push(plugin);
        all.push(built);
    }
    request.progress.compiled();
    let changes = lock::apply(request.lock, config, request.config, &catalog)?;
    if let Some(releases) = &config.releases {
        files.extend(releases.settings.ca_bundle_file().zip(releases.ca_bundle.clone()));
    }
    if let Some(network) = &config.network {
        files.extend(network.settings.ca_bundle_file().zip(network.ca_bundle.clone()));
    }
    let written = super::write(request.out, &catalog, &files)?;
    let out = request.out.to_path_buf();
    Ok(Summary { out, engine: catalog.engine, plugins: all, changes, catalog: written })
}

/// Reads machine code back, unless an earlier build has done so for the same functions.
fn read_back(
    request: &BuildRequest<'_>,
    catalog: &Catalog,
    (at, plugin): (usize, &catalog::Plugin),
    loaded: &Loaded,
    code: &[u8],
) -> Result<()> {
    let functions: Vec<_> = catalog.functions().filter(|function| function.plugin == at).collect();
    let facts = functions.iter().map(|function| (function.export, function.limits.stack_bytes));
    let facts = (WASMTIME, plugin.code, facts.collect::<Vec<_>>());
    let key = Digest::of(&serde_json::to_vec(&facts).expect("a digest and names are JSON"));
    if request.cache.get(&key).is_some() {
        return Ok(());
    }
    read_back::code(&loaded.file.display().to_string(), plugin, &functions, code)?;
    request.cache.put(&key, b"");
    Ok(())
}

/// The names of what one plugin has.
fn names<'a>(all: impl Iterator<Item = (usize, &'a String)>, plugin: usize) -> Vec<String> {
    all.filter(|(owner, _)| *owner == plugin).map(|(_, name)| name.clone()).collect()
}

/// Makes the components of all plugins that are directories.
fn build_components(config: &Config, progress: &dyn Progress) -> Result<()> {
    for (name, plugin) in config.plugins.iter().filter(|(_, plugin)| plugin.source.is_dir()) {
        progress.building(name);
        build_component(&plugin.source).map_err(|problem| problem.in_plugin(name))?;
    }
    Ok(())
}

/// Makes the component of a plugin's directory; a mistake that its WIT and `plugin.toml` show is told before.
///
/// # Errors
/// As [`builder::build`], and what [`load::load`] would say of names.
pub fn build_component(source: &Path) -> Result<BuildStatus> {
    let manifest = manifest::read(source)?;
    if manifest.build.is_some() {
        assemble::foresee(&manifest)?;
    }
    builder::build(&manifest)
}

fn built(name: &str, loaded: &Loaded, code: &MachineCode) -> BuiltPlugin {
    BuiltPlugin {
        name: name.to_string(),
        component: loaded.component.digest,
        component_bytes: loaded.bytes.len(),
        code: Digest::of(&code.bytes),
        code_bytes: code.bytes.len(),
        cached: code.cached,
        tools: Vec::new(),
        prompts: Vec::new(),
        offers: provider::interfaces(loaded.component.providers.iter().map(|provider| provider.role)),
        warnings: check::faults(loaded),
    }
}

fn catalog_plugin(settings: &config::PluginConfig, loaded: &Loaded, built: &BuiltPlugin) -> catalog::Plugin {
    catalog::Plugin {
        name: built.name.clone(),
        version: loaded.plugin.version.clone(),
        component: built.component,
        code: built.code,
        code_bytes: built.code_bytes as u64,
        grants: grants(settings, loaded),
        asks: loaded.component.asks(),
    }
}

/// Returns the grants, with the source that the state belongs to.
fn grants(settings: &config::PluginConfig, loaded: &Loaded) -> Grants {
    let mut grants = settings.grants.clone();
    if !grants.keyvalue.is_empty() {
        grants.state_of = settings.state_of.clone().unwrap_or_else(|| loaded.plugin.name.clone());
    }
    grants
}

fn load(config: &Config, name: &str, plugin: &config::PluginConfig) -> Result<Loaded> {
    let loaded = load::load(&plugin.source)?;
    admit(config, name, plugin, &loaded)?;
    Ok(loaded)
}

/// Checks that a plugin is the one that the deployer means, and may have what it needs.
///
/// # Errors
/// Its digest or its needs are refused.
pub fn admit(config: &Config, name: &str, plugin: &config::PluginConfig, loaded: &Loaded) -> Result<()> {
    if let Some(pinned) = plugin.digest.filter(|pinned| *pinned != loaded.component.digest) {
        return Err(Problem::refused(
            config.origin.place(&format!("plugins.{name}.digest")),
            "does not match the component",
        )
        .found(format!("sha256:{} ({})", loaded.component.digest, plugin.source.display()))
        .expected(format!("sha256:{pinned}"))
        .next("restore the pinned component, or review this one and pin its digest"));
    }
    grant::check(config, name, plugin, loaded)
}

fn catalog(config: &Config, compiler: &Compiler) -> Catalog {
    Catalog {
        format: Catalog::FORMAT,
        engine: compiler.describe(),
        server: config.server.clone(),
        http: config.http.clone(),
        auth: config.auth.clone(),
        secrets: config.secrets.clone(),
        releases: config.releases.as_ref().map(|releases| releases.settings.clone()),
        network: config.network.as_ref().map(|network| network.settings.clone()),
        state_table: config.state_table.clone(),
        list_ttl_ms: config.list_ttl_ms,
        page_size: config.page_size,
        plugins: Vec::new(),
        tools: Vec::new(),
        prompts: Vec::new(),
        providers: Vec::new(),
    }
}

/// The machine code of a component.
pub struct MachineCode {
    bytes: Vec<u8>,
    /// True if it came from the cache.
    cached: bool,
}

/// Compiles a component, or finds what an earlier build has made of it.
///
/// # Errors
/// The component cannot be compiled.
pub fn machine_code(
    request: &BuildRequest<'_>,
    compiler: &Compiler,
    (at, of): (usize, usize),
    name: &str,
    loaded: &Loaded,
) -> Result<MachineCode> {
    let key = compiler.key(&loaded.component.digest);
    if let Some(bytes) = request.cache.get(&key) {
        return Ok(MachineCode { bytes, cached: true });
    }
    request.progress.compiling(name, at, of, loaded.bytes.len());
    let bytes = compiler.compile(&loaded.file.display().to_string(), &loaded.bytes)?;
    request.cache.put(&key, &bytes);
    Ok(MachineCode { bytes, cached: false })
}
