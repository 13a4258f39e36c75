//! Holds a function of the catalog with everything that a call of it needs.

use std::ops::Deref;
use std::sync::Arc;

use super::format::{FunctionEntry, Plugin, Prompt, Provider, Tool};
use super::root::PluginRecord;

/// A tool, prompt or provider with its plugin: everything that a call needs of the catalog.
#[derive(Debug)]
pub struct Item<T> {
    pub(super) item: T,
    pub(super) plugin: Arc<PluginRecord>,
    pub(super) place: usize,
}

/// A function that can be called. Cheap to clone.
#[derive(Clone, Debug)]
pub enum FunctionRef {
    /// A tool.
    Tool(Arc<Item<Tool>>),
    /// A prompt.
    Prompt(Arc<Item<Prompt>>),
    /// A function that provides something at run time.
    Provider(Arc<Item<Provider>>),
}

impl<T> Item<T> {
    /// Returns the plugin that exports the function.
    pub fn plugin(&self) -> &Plugin {
        &self.plugin.plugin
    }

    /// Returns the place among the catalog's tools, prompts or providers.
    pub fn place(&self) -> usize {
        self.place
    }
}

impl<T> Deref for Item<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.item
    }
}

impl FunctionRef {
    /// Returns what every function has.
    pub fn entry(&self) -> FunctionEntry<'_> {
        match self {
            FunctionRef::Tool(tool) => FunctionEntry::from(&tool.item),
            FunctionRef::Prompt(prompt) => FunctionEntry::from(&prompt.item),
            FunctionRef::Provider(provider) => FunctionEntry::from(&provider.item),
        }
    }

    /// Returns the plugin that exports the function.
    pub fn plugin(&self) -> &Plugin {
        &self.record().plugin
    }

    /// Returns the stacks of all functions of the plugin, in bytes, each once.
    pub fn stacks(&self) -> &[usize] {
        &self.record().stacks
    }

    fn record(&self) -> &PluginRecord {
        match self {
            FunctionRef::Tool(tool) => &tool.plugin,
            FunctionRef::Prompt(prompt) => &prompt.plugin,
            FunctionRef::Provider(provider) => &provider.plugin,
        }
    }
}
