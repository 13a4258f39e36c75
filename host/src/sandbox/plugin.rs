//! Loads a plugin: links its component and opens its grants; a function is looked up before its first call.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use wasmtime::component::{Component, ComponentExportIndex, InstancePre};

use super::engine::{Allocation, MAX_STACK_BYTES, MIN_STACK_BYTES, Sandbox, Ticker, Turns};
use super::grant::{GrantError, GrantRoots, Granted};
use super::interface::{self, ImportError, LinkError};
use super::outbound::{HttpAccess, NetworkError};
use super::slots::Slots;
use super::store_data::StoreData;
use crate::artifact::{Code, CodeError};
use crate::catalog::{self, Export, FunctionEntry};
use crate::state_store::StateStore;

/// A plugin that can be called; it lives as long as its catalog and holds nothing of any call.
pub struct LoadedPlugin {
    pub(super) plugin: Arc<str>,
    pub(super) granted: Granted,
    /// Its rules for requests to other hosts, with their connections.
    pub(super) http: Option<Arc<HttpAccess>>,
    pub(super) ticker: Arc<Ticker>,
    pub(super) slots: Slots,
    pub(super) turns: Turns,
    /// True if it may ask questions during a call.
    pub(super) asks: bool,
    /// The store of its buckets, where the server keeps state.
    pub(super) state_store: Option<Arc<dyn StateStore>>,
    /// The component, linked by the engine for each stack that its functions have.
    instances: BTreeMap<usize, InstancePre<StoreData>>,
}

/// A function in the component, as the engine for its stack has loaded it.
pub struct LinkedFunction {
    pub(super) instance: InstancePre<StoreData>,
    pub(super) index: ComponentExportIndex,
}

/// The reason why a plugin cannot be called; for the operator, never for a client.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// Its machine code was not accepted.
    #[error(transparent)]
    Code(#[from] CodeError),
    /// It imports an interface that this host does not offer.
    #[error(transparent)]
    Import(#[from] ImportError),
    /// An interface that it imports has other types than the host's.
    #[error("the component does not fit the host's interfaces: {0}")]
    Link(String),
    /// A tool of the catalog is missing in the component.
    #[error(
        "the component exports no function `{function}` for tool `{tool}`; run `toolcell build` to make the bundle again"
    )]
    Export {
        /// The tool's name.
        tool: String,
        /// The function that the catalog names.
        function: String,
    },
    /// A granted directory cannot be opened or must not be granted.
    #[error(transparent)]
    Grant(#[from] GrantError),
    /// The settings of the network cannot be used.
    #[error(transparent)]
    Network(#[from] NetworkError),
    /// No engine can be made for a tool's stack.
    #[error("no engine for a stack of {stack_bytes} bytes: {reason}")]
    Engine {
        /// The requested stack.
        stack_bytes: usize,
        /// wasmtime's reason.
        reason: String,
    },
}

impl Sandbox {
    /// Loads and links a plugin whose functions have these `stacks`, in bytes, and opens what it was granted.
    ///
    /// Costs one mapping of the code for each stack, so usually one.
    ///
    /// # Errors
    ///
    /// The code is refused, imports something unknown, or a grant cannot be opened.
    pub fn load(
        &self,
        code: &Code,
        plugin: &catalog::Plugin,
        stacks: &[usize],
        roots: GrantRoots<'_>,
        allocation: Allocation,
    ) -> Result<LoadedPlugin, LoadError> {
        let granted = Granted::open(&plugin.name, &plugin.grants, roots)?;
        let http = HttpAccess::open(plugin, &self.network, &self.secrets, &self.aws)?;
        let stacks: BTreeSet<usize> = stacks.iter().copied().map(within_caps).collect();
        let link = |stack_bytes| Ok((stack_bytes, self.link(code, stack_bytes, allocation)?));
        let instances = stacks.into_iter().map(link).collect::<Result<_, LoadError>>()?;
        Ok(LoadedPlugin {
            plugin: plugin.name.as_str().into(),
            granted,
            http,
            ticker: Arc::clone(&self.ticker),
            slots: self.slots.clone(),
            turns: self.turns.clone(),
            asks: plugin.asks,
            state_store: None,
            instances,
        })
    }

    /// Links the component, in the pool if it is to be there and fits, else on demand; fails if both do.
    fn link(
        &self,
        code: &Code,
        stack_bytes: usize,
        allocation: Allocation,
    ) -> Result<InstancePre<StoreData>, LoadError> {
        match self.link_in(code, stack_bytes, allocation) {
            Err(LoadError::Code(CodeError::Load { reason, .. }) | LoadError::Engine { reason, .. })
                if allocation == Allocation::Pooled =>
            {
                let linked = self.link_in(code, stack_bytes, Allocation::OnDemand)?;
                tracing::debug!(reason, "the component is served without the pool");
                Ok(linked)
            }
            linked => linked,
        }
    }

    fn link_in(
        &self,
        code: &Code,
        stack_bytes: usize,
        allocation: Allocation,
    ) -> Result<InstancePre<StoreData>, LoadError> {
        let engine = self
            .engine(stack_bytes, allocation)
            .map_err(|error| LoadError::Engine { stack_bytes, reason: format!("{error:#}") })?;
        let component = code.load(&engine)?;
        let linker = interface::link(&engine, &component)?;
        linker.instantiate_pre(&component).map_err(|error| LoadError::Link(format!("{error:#}")))
    }
}

/// Checks that this host can satisfy every import of `component`, to the last function and type.
///
/// # Errors
///
/// [`LoadError::Import`] or [`LoadError::Link`]: what is missing.
pub fn check_imports(component: &Component) -> Result<(), LoadError> {
    let linker = interface::link(component.engine(), component)?;
    let linked = linker.instantiate_pre(component);
    linked.map(drop).map_err(|error| LoadError::Link(format!("{error:#}")))
}

impl LoadedPlugin {
    /// Keeps the plugin's buckets in `store`.
    #[must_use]
    pub fn with_state_store(self, store: Option<Arc<dyn StateStore>>) -> Self {
        Self { state_store: store, ..self }
    }

    /// Finds a function.
    ///
    /// # Errors
    ///
    /// [`LoadError::Export`]: the component has no such function.
    pub fn link(&self, function: FunctionEntry<'_>) -> Result<LinkedFunction, LoadError> {
        let FunctionEntry { name, export, limits, .. } = function;
        let instance = self.instances.get(&within_caps(limits.stack_bytes));
        let found = instance.and_then(|instance| Some((instance, find(instance.component(), export)?)));
        let missing = || LoadError::Export { tool: name.to_owned(), function: qualified(export) };
        let (instance, index) = found.ok_or_else(missing)?;
        Ok(LinkedFunction { instance: instance.clone(), index })
    }
}

/// Returns the size of the stack that a function gets.
fn within_caps(stack_bytes: usize) -> usize {
    stack_bytes.clamp(MIN_STACK_BYTES, MAX_STACK_BYTES)
}

impl From<LinkError> for LoadError {
    fn from(error: LinkError) -> Self {
        match error {
            LinkError::ImportError(refused) => Self::Import(refused),
            LinkError::Engine(error) => Self::Link(format!("{error:#}")),
        }
    }
}

fn find(component: &Component, export: &Export) -> Option<ComponentExportIndex> {
    let interface = match &export.interface {
        Some(interface) => Some(component.get_export_index(None, interface)?),
        None => None,
    };
    component.get_export_index(interface.as_ref(), &export.function)
}

fn qualified(export: &Export) -> String {
    match &export.interface {
        Some(interface) => format!("{interface}#{}", export.function),
        None => export.function.clone(),
    }
}
