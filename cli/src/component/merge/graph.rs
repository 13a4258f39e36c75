//! Knows which item of a component defines which index of the core, and which items it needs.

use std::collections::HashMap;

use wasmparser::{CanonicalFunction, CanonicalOption, ComponentAlias, ExternalKind, Instance};

use super::item::Item;

/// A kind of what core modules define and share.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Kind {
    Function,
    Table,
    Memory,
    Global,
    Tag,
}

impl Kind {
    pub(super) const COUNT: usize = 5;

    pub(super) fn of(kind: ExternalKind) -> Self {
        match kind {
            ExternalKind::Func | ExternalKind::FuncExact => Self::Function,
            ExternalKind::Table => Self::Table,
            ExternalKind::Memory => Self::Memory,
            ExternalKind::Global => Self::Global,
            ExternalKind::Tag => Self::Tag,
        }
    }
}

/// The items of a component, by the indices that they define. Items are named by their place in `items`.
pub(super) struct Graph<'a> {
    pub(super) items: Vec<Item<'a>>,
    pub(super) modules: Vec<usize>,
    pub(super) instances: Vec<usize>,
    /// By kind.
    pub(super) core: [Vec<usize>; Kind::COUNT],
    /// The items that instances export which are made of single items.
    exports: HashMap<u32, HashMap<&'a str, usize>>,
}

impl<'a> Graph<'a> {
    pub(super) fn new(items: Vec<Item<'a>>) -> Self {
        let mut graph = Self {
            items: Vec::new(),
            modules: Vec::new(),
            instances: Vec::new(),
            core: Default::default(),
            exports: HashMap::new(),
        };
        for (place, item) in items.iter().enumerate() {
            match item {
                Item::Module(_) => graph.modules.push(place),
                Item::Instance(instance) => graph.add_instance(place, instance),
                Item::Alias(ComponentAlias::CoreInstanceExport { kind, .. }) => {
                    graph.core[Kind::of(*kind) as usize].push(place);
                }
                Item::Canonical(CanonicalFunction::Lift { .. }) | Item::Alias(_) | Item::Other(_) => {}
                Item::Canonical(_) => graph.core[Kind::Function as usize].push(place),
            }
        }
        graph.items = items;
        graph
    }

    fn add_instance(&mut self, place: usize, instance: &Instance<'a>) {
        if let Instance::FromExports(exports) = instance {
            let item =
                |export: &wasmparser::Export<'a>| (export.name, self.defined(export.kind, export.index));
            let index = self.instances.len() as u32;
            let exports = exports.iter().map(item).collect();
            self.exports.insert(index, exports);
        }
        self.instances.push(place);
    }

    /// Returns the item that defines an index.
    pub(super) fn defined(&self, kind: ExternalKind, index: u32) -> usize {
        self.core[Kind::of(kind) as usize][index as usize]
    }

    /// Returns the item that an instance made of single items exports under a name.
    pub(super) fn export(&self, instance: u32, name: &str) -> Option<usize> {
        self.exports.get(&instance)?.get(name).copied()
    }

    /// Returns the bytes of a module.
    pub(super) fn module(&self, index: u32) -> Option<&'a [u8]> {
        match self.items[self.modules[index as usize]] {
            Item::Module(bytes) => Some(bytes),
            _ => None,
        }
    }

    /// Lists the items of the core that an item uses.
    pub(super) fn needs(&self, place: usize) -> Vec<usize> {
        match &self.items[place] {
            Item::Instance(Instance::Instantiate { module_index, args }) => {
                let module = self.modules[*module_index as usize];
                let args = args.iter().map(|arg| self.instances[arg.index as usize]);
                std::iter::once(module).chain(args).collect()
            }
            Item::Instance(Instance::FromExports(exports)) => {
                exports.iter().map(|export| self.defined(export.kind, export.index)).collect()
            }
            Item::Alias(ComponentAlias::CoreInstanceExport { instance_index, .. }) => {
                vec![self.instances[*instance_index as usize]]
            }
            Item::Canonical(CanonicalFunction::Lift { core_func_index, options, .. }) => {
                let function = self.defined(ExternalKind::Func, *core_func_index);
                std::iter::once(function).chain(self.options(options)).collect()
            }
            Item::Canonical(CanonicalFunction::Lower { options, .. }) => self.options(options).collect(),
            Item::Canonical(_) | Item::Alias(_) | Item::Module(_) | Item::Other(_) => Vec::new(),
        }
    }

    fn options(&self, options: &[CanonicalOption]) -> impl Iterator<Item = usize> {
        options.iter().filter_map(|option| match option {
            CanonicalOption::Memory(memory) => Some(self.defined(ExternalKind::Memory, *memory)),
            CanonicalOption::Realloc(function)
            | CanonicalOption::PostReturn(function)
            | CanonicalOption::Callback(function) => Some(self.defined(ExternalKind::Func, *function)),
            _ => None,
        })
    }
}
