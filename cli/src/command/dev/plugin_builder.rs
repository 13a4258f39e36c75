//! Makes plugins from their source, and services of plugins.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::Arc;

use tokio::runtime::Handle;
use toolcell_host::credentials::Keyring;
use toolcell_host::service::Service;

use super::versions::{PluginVersion, Settled, Unfit, Versions};
use crate::builder::BuildStatus;
use crate::bundle::build::{self, BuildRequest, Components};
use crate::bundle::compile::{Compiler, Target};
use crate::bundle::open::{self, OpenBundle, Source};
use crate::bundle::select::ConfiguredPlugin;
use crate::bundle::{Cache, LockMode, load_errors};
use crate::command::secrets::LocalSecrets;
use crate::config::{self, Config};
use crate::plugin::load::{self, Loaded};
use crate::server::{self, Endpoint};
use crate::state::{self, LocalStore};
use crate::ui::problem::{Problem, Result};
use crate::ui::progress::Silent;

/// The directory for the bundle of `toolcell dev`, in the folder of the configuration.
const BUILT: &str = "target/toolcell-dev";

/// Components that are compiled before the first answer: ten of this size take a few seconds. Larger ones come later.
const AT_ONCE_BYTES: usize = 1 << 20;

/// The settings that stay fixed while the server runs.
pub(super) struct PluginBuilder {
    file: PathBuf,
    out: PathBuf,
    target: Target,
    compiler: Compiler,
    cache: Cache,
    settings: ServiceSettings,
    state: LocalStore,
    runtime: Handle,
}

/// The settings of every service, whatever the configuration says.
pub(super) struct ServiceSettings {
    pub(super) endpoint: Endpoint,
    pub(super) keyring: Arc<Keyring>,
    /// The ports of this machine that plugins may reach.
    pub(super) loopback: Vec<u16>,
}

impl PluginBuilder {
    /// A builder for a `toolcell.toml`, whose gates are opened on `runtime`.
    ///
    /// # Errors
    /// Nothing can be compiled for this machine.
    pub(super) fn new(file: PathBuf, settings: ServiceSettings, runtime: Handle) -> Result<Self> {
        let target = Target::host()?;
        let base = open::base(&file);
        let (out, cache, state) = (base.join(BUILT), Cache::of_user(), state::local(&base)?);
        Ok(Self { out, target, compiler: Compiler::new(target)?, cache, settings, state, runtime, file })
    }

    /// The plugin as it is, if it is there and soon compiled.
    pub(super) fn at_once(&self, settings: &config::PluginConfig) -> Option<PluginVersion> {
        let loaded = load::load(&settings.source).ok()?;
        let known = self.cache.get(&self.compiler.key(&loaded.component.digest)).is_some();
        let soon = known || loaded.bytes.len() <= AT_ONCE_BYTES && self.compile("", &loaded).is_ok();
        soon.then(|| PluginVersion { settings: settings.clone(), loaded: Arc::new(loaded) })
    }

    /// Makes a plugin from its source and compiles it.
    ///
    /// # Errors
    /// A program is not installed, or the plugin is refused.
    pub(super) fn build(
        &self,
        name: &str,
        settings: &config::PluginConfig,
    ) -> Result<(BuildStatus, PluginVersion)> {
        survive(|| {
            let status = match settings.source.is_dir() {
                true => build::build_component(&settings.source)?,
                false => BuildStatus::Prebuilt,
            };
            let loaded = load::load(&settings.source)?;
            self.compile(name, &loaded)?;
            Ok((status, PluginVersion { settings: settings.clone(), loaded: Arc::new(loaded) }))
        })
    }

    fn compile(&self, name: &str, loaded: &Loaded) -> Result<()> {
        build::machine_code(&self.request(), &self.compiler, (1, 1), name, loaded).map(drop)
    }

    /// Makes a service of the versions that fit together and whose grants can be opened.
    ///
    /// # Errors
    /// The configuration is refused as a whole.
    pub(super) fn service(&self, config: &Config, versions: &Versions) -> Result<(Service, Settled)> {
        let mut unfit = Unfit::new();
        loop {
            let mut settled = versions.settle(config, &self.compiler, &unfit);
            let source = Source::Config(self.file.clone());
            let secrets = LocalSecrets::of(&source)?;
            let OpenBundle { runner, in_use } = self.open(config, &versions.plugins(&settled.chosen))?;
            let runner = secrets.given_to(runner);
            let mut failed = load_errors::plugins(&runner, &source);
            let _ = runner.outbound(); // reads the certificates; who needs them reports it
            drop(in_use); // the next build removes what it has replaced
            failed.extend(self.runtime.block_on(secrets.missing(&runner)));
            if failed.is_empty() {
                let service =
                    server::service(runner, self.settings.endpoint, Arc::clone(&self.settings.keyring));
                return Ok((self.runtime.block_on(service)?, settled));
            }
            let mut choice = |name: String| settled.chosen.remove(&name).map(|choice| (name, choice));
            unfit.extend(failed.into_iter().filter_map(|(name, problem)| Some((choice(name)?, problem))));
        }
    }

    fn open(&self, config: &Config, plugins: &[ConfiguredPlugin<'_>]) -> Result<OpenBundle> {
        let build = || build::assemble(&self.request(), config, &self.compiler, plugins);
        let OpenBundle { runner, in_use } = open::built(&self.out, &open::base(&self.file), build)?;
        let runner = runner.with_loopback(&self.settings.loopback);
        // A second process that keeps state would get errors in its calls: it is told now.
        if runner.index().root().keeps_state.is_some() {
            self.state.open()?;
        }
        let runner = runner.with_state_store(Some(self.state.shared()));
        Ok(OpenBundle { runner, in_use })
    }

    fn request(&self) -> BuildRequest<'_> {
        BuildRequest {
            config: &self.file,
            target: self.target,
            out: &self.out,
            components: Components::Prebuilt,
            cache: self.cache.clone(),
            lock: LockMode::Ignore,
            progress: &Silent,
        }
    }
}

/// Makes a panic a problem of the plugin at hand: generators of bindings give up that way on WIT that they do not know,
/// and the next edit is to be built all the same.
fn survive<T>(work: impl FnOnce() -> Result<T>) -> Result<T> {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|_| {
        Err(Problem::internal("building it", "panicked").found("the message above").next(
            "if the WIT uses a type that the language's bindings do not support, change it; otherwise report this",
        ))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ui::problem::ProblemKind;

    #[test]
    fn a_panic_in_one_build_is_a_problem_and_not_the_end() {
        let problem = survive::<()>(|| panic!("on purpose")).unwrap_err();
        assert_eq!(problem.kind, ProblemKind::Internal);
        assert_eq!(survive(|| Ok(7)).unwrap(), 7);
    }
}
