//! Runs cases: compiles one bundle of the plugin, and creates a service for each case.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use cap_std::ambient_authority;
use cap_std::fs::Dir;
use tempfile::TempDir;
use toolcell_host::auth::Anonymous;
use toolcell_host::call::{BundleSource, CodeSource, Runner, Unavailable};
use toolcell_host::catalog::{Catalog, Grants, Index, Limits, ProviderRole, ScopeSet, Trust};
use toolcell_host::clock::Clock;
use toolcell_host::credentials::{CredentialStore, Keyring};
use toolcell_host::digest::Digest;
use toolcell_host::protocol::Exposure;
use toolcell_host::sandbox::tape::Tape;
use toolcell_host::sandbox::{LoadError, Sandbox};
use toolcell_host::secrets::Secrets;
use toolcell_host::service::Service;
use toolcell_host::state_store::{Memory, StateStore};
use toolcell_host::state_token::StateKeys;
use toolcell_host::variables::Variables;

use super::case::{Case, Subject};
use super::principal;
use super::record::Recorder;
use super::secret::Values;
use crate::bundle::compile::Target;
use crate::bundle::open::{self, OpenBundle, Source};
use crate::bundle::{Cache, LockMode, build, grant};
use crate::command::token;
use crate::config;
use crate::document::limit::{Limit, Overrides};
use crate::manifest::Manifest;
use crate::ui::closest::closest;
use crate::ui::problem::{Problem, Result, one_of};
use crate::ui::progress::Progress;

/// A plugin that cases can be played with.
pub(super) struct CaseBundle {
    directory: TempDir,
    /// The plugin's catalog, before a case says what is granted and who calls.
    catalog: Catalog,
    /// The ports of this machine that requests may reach which are recorded.
    loopback: Vec<u16>,
}

/// The surroundings of a run: tape and state.
pub(super) struct Setting<'a> {
    /// The grants, with directories of their own.
    pub(super) grants: &'a Grants,
    /// The values of the secrets that are granted.
    pub(super) secrets: &'a Values,
    /// The exchanges, in place of the network.
    pub(super) tape: &'a Arc<Tape>,
    /// The entries of the plugin's buckets.
    pub(super) store: &'a Arc<Memory>,
}

impl CaseBundle {
    /// Builds the plugin's bundle from its directory; the component is taken as it is. Requests are recorded as `recorder`
    /// says.
    ///
    /// # Errors
    /// Whatever is wrong with the plugin.
    pub(super) fn build(
        plugin: &Path,
        manifest: &Manifest,
        recorder: &Recorder<'_>,
        progress: &dyn Progress,
    ) -> Result<Self> {
        refuse_missing(manifest)?;
        let directory = tempfile::tempdir().map_err(|error| internal("cannot make a directory", &error))?;
        let file = directory.path().join(config::FILE);
        let out = bundle_path(&directory);
        let network = recorder.network(directory.path())?;
        std::fs::write(&file, configuration(plugin, manifest)? + &network)
            .map_err(|error| internal("cannot write into a temporary directory", &error))?;
        let cache = Cache::of_user();
        let target = Target::host()?;
        build::build(&build::BuildRequest {
            components: build::Components::Prebuilt,
            config: &file,
            target,
            out: &out,
            cache,
            lock: LockMode::Ignore,
            progress,
        })?;
        let OpenBundle { runner, .. } = open::open(&Source::Bundle(out), progress)?;
        let contents = runner.index().contents();
        let contents = contents.map_err(|error| internal("cannot read its catalog", &error))?;
        Ok(Self { directory, catalog: contents.catalog, loopback: recorder.loopback.to_vec() })
    }

    /// The name of the plugin in the bundle.
    pub(super) fn plugin(&self) -> &str {
        self.catalog.plugins.first().map_or("", |plugin| &plugin.name)
    }

    /// The plugin's catalog.
    pub(super) fn catalog(&self) -> &Catalog {
        &self.catalog
    }

    /// Refuses a case about a tool or prompt that the plugin does not have, unless it may have any.
    ///
    /// # Errors
    /// Names the one that was meant.
    pub(super) fn refuse_unknown(&self, case: &Case) -> Result<()> {
        let Subject { key, value, place } = &case.subject;
        let catalog = &self.catalog;
        let (role, known): (_, Vec<&str>) = match *key {
            "tool" => (ProviderRole::CallTool, catalog.tools.iter().map(|tool| tool.name.as_str()).collect()),
            "prompt" => {
                (ProviderRole::GetPrompt, catalog.prompts.iter().map(|prompt| prompt.name.as_str()).collect())
            }
            _ => return Ok(()),
        };
        let has_more = catalog.providers.iter().any(|provider| provider.role == role);
        if has_more || known.contains(&value.as_str()) {
            return Ok(());
        }
        let next = match closest(value, known.iter().copied()) {
            Some(meant) => format!("did you mean `{meant}`?"),
            None => "run `toolcell inspect PLUGIN_DIR` to see what the plugin has".to_owned(),
        };
        Err(Problem::refused(place, format!("is not a {key} of the plugin"))
            .found(value)
            .expected(if known.is_empty() {
                format!("no {key}, because the plugin has none")
            } else {
                one_of(&known)
            })
            .next(next))
    }

    /// A service with nothing but the plugin, in the `setting` of one run.
    ///
    /// # Errors
    /// Fails if a grant cannot be given.
    pub(super) fn service(&self, case: &Case, setting: &Setting<'_>) -> Result<Service> {
        let runner = self.runner(case, setting)?;
        if let Some((_, error)) = runner.load_all().into_iter().next() {
            return Err(unavailable(case, &error));
        }
        let auth = &runner.index().root().auth;
        let credentials = CredentialStore::open(auth, Anonymous::Allowed, &Variables::new(|_| None))
            .map_err(|error| internal("cannot admit callers", &error))?;
        let service = Service::new(runner, Exposure::Loopback, credentials)
            .map_err(|error| internal("cannot make its server", &error))?;
        let keys = StateKeys::random().map_err(|error| internal("cannot make a key", &error))?;
        Ok(service.with_keyring(Keyring::from(keys)))
    }

    fn runner(&self, case: &Case, setting: &Setting<'_>) -> Result<Runner> {
        let Setting { grants, secrets, tape, store } = setting;
        let mut catalog = self.catalog.clone();
        principal::admit(&mut catalog, case.principal.as_ref());
        for plugin in &mut catalog.plugins {
            plugin.grants = (*grants).clone();
        }
        let index = Index::of(&catalog).map_err(|error| internal("cannot read its catalog", &error))?;
        let path = bundle_path(&self.directory);
        let bundle = Dir::open_ambient_dir(&path, ambient_authority())
            .map_err(|error| internal("cannot open its bundle", &error))?;
        let grant_root = self.directory.path().to_path_buf();
        let code = CodeSource::Directory { directory: bundle, trust: Trust::Verified };
        let source = BundleSource { code, path: Some(path), grant_root };
        let sandbox = Sandbox::for_calls(std::num::NonZero::<u32>::MIN);
        let runner =
            Runner::new(index, source).with_sandbox(sandbox).with_tape(Arc::clone(tape), &self.loopback);
        let none = Variables::new(|_| None);
        let secrets = Secrets::new(&BTreeMap::new(), (*secrets).clone(), &none, Clock::system());
        let store: Arc<dyn StateStore> = Arc::<Memory>::clone(store);
        let runner = runner.with_state_store(Some(store));
        Ok(runner.with_secrets(Arc::new(secrets)))
    }
}

fn bundle_path(directory: &TempDir) -> PathBuf {
    directory.path().join("bundle")
}

fn refuse_missing(manifest: &Manifest) -> Result<()> {
    if manifest.component.is_file() {
        return Ok(());
    }
    Err(Problem::refused(manifest.component.display().to_string(), "does not exist")
        .found("no component")
        .expected(format!("the component named in {}", manifest.origin.file()))
        .next("run `toolcell build`, or follow the plugin's README"))
}

/// The `toolcell.toml` that serves the plugin alone, allows what it asks for, and grants what it cannot be built
/// without; what a case grants takes the place of that.
fn configuration(plugin: &Path, manifest: &Manifest) -> Result<String> {
    let name = manifest.name.replace('.', "-");
    let source = std::path::absolute(plugin).map_err(|error| internal("cannot find the plugin", &error))?;
    let source = toml::Value::from(source.display().to_string());
    let mut text = format!("[plugins.{name}]\nsource = {source}\n");
    for line in grant::lines(&name, &manifest.needs) {
        let _ = writeln!(text, "{line}");
    }
    let _ = writeln!(text, "[limits]");
    for (limit, value) in asked(manifest) {
        let _ = writeln!(text, "{} = {}", limit.key(), limit.show(value));
    }
    let scopes = scopes(manifest);
    if !scopes.is_empty() {
        let holder = "test".parse().map_err(|_| internal("cannot name a caller", &"test"))?;
        text.push_str(&token::toml_lines(&holder, Digest::of(b"nobody has it"), &scopes));
    }
    Ok(text)
}

/// Limits that the author asks for and a deployer would have to allow.
fn asked(manifest: &Manifest) -> impl Iterator<Item = (Limit, u64)> {
    let tools = manifest.tools.values().map(|tool| &tool.limits);
    let prompts = manifest.prompts.values().map(|prompt| &prompt.limits);
    let all: Vec<&Overrides> = [&manifest.limits].into_iter().chain(tools).chain(prompts).collect();
    Limit::ALL.into_iter().filter_map(move |limit| {
        let most = all.iter().filter_map(|limits| limits.get(limit)).max()?;
        (most > limit.of(&Limits::default())).then_some((limit, most))
    })
}

fn scopes(manifest: &Manifest) -> ScopeSet {
    let tools = manifest.tools.values().map(|tool| &tool.required_scopes);
    let prompts = manifest.prompts.values().map(|prompt| &prompt.required_scopes);
    tools.chain(prompts).flat_map(|scopes| scopes.iter().cloned()).collect()
}

fn unavailable(case: &Case, error: &Unavailable) -> Problem {
    match error {
        Unavailable::Plugin(LoadError::Grant(error)) => {
            Problem::refused(&case.grants_place, "is not a valid grant")
                .found(error.to_string())
                .expected("directories with the plugin's data, each with its own guest path")
                .next("correct `host` or `guest`")
        }
        error => internal("cannot load the plugin", error),
    }
}

fn internal(wrong: &str, error: &impl ToString) -> Problem {
    Problem::internal("toolcell test", wrong).found(error.to_string())
}
