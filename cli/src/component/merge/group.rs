//! Finds the instances of which the modules can become one.

use std::collections::{HashMap, HashSet};

use wasmparser::{ComponentAlias, Instance, InstantiationArg};

use super::Attempt;
use super::graph::{Graph, Kind};
use super::item::Item;
use super::member::{Member, kind_of};

/// The origin of what a member imports.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Source {
    /// A member defines it: the number of the member, and the index in its module.
    Member(usize, Kind, u32),
    /// A function of the component, by the item that makes it. The item needs nothing of the core.
    Component(usize),
}

/// An instance that becomes a part of the merged one.
pub(super) struct Linked<'a> {
    pub(super) instance: u32,
    pub(super) module: u32,
    pub(super) member: Member<'a>,
    /// The origin of each import.
    pub(super) sources: Vec<Source>,
    /// The same by kind.
    imported: [Vec<Source>; Kind::COUNT],
}

/// The instances that become one, in the order of their instantiation.
pub(super) struct Group<'a> {
    pub(super) members: Vec<Linked<'a>>,
    /// The number of the member for a core instance.
    pub(super) of_instance: HashMap<u32, usize>,
    /// The tables that instances apart from the group fill: members that come later must not fill them, too.
    filled: HashSet<Source>,
    /// True if an instance apart from the group runs code or writes to memory: members that come later would be early.
    is_closed: bool,
}

impl<'a> Group<'a> {
    /// Finds all members: their modules are instantiated once, run nothing then, and import only from each other and
    /// from functions of the component that do not need them.
    ///
    /// # Errors
    /// A module of the component has contents of a kind that is unknown here.
    pub(super) fn find(graph: &Graph<'a>) -> Attempt<Self> {
        let mut group = Self {
            members: Vec::new(),
            of_instance: HashMap::new(),
            filled: HashSet::new(),
            is_closed: false,
        };
        let instances = || {
            (0u32..).zip(&graph.instances).filter_map(|(index, place)| match &graph.items[*place] {
                Item::Instance(Instance::Instantiate { module_index, args }) => {
                    Some((index, *module_index, args))
                }
                _ => None,
            })
        };
        let mut uses: HashMap<u32, usize> = HashMap::new();
        for (_, module, _) in instances() {
            *uses.entry(module).or_default() += 1;
        }
        for (instance, module, args) in instances() {
            let Some(bytes) = graph.module(module) else { continue };
            let member = Member::read(bytes)?;
            match group.sources(graph, &member, args) {
                Some(sources) if uses[&module] == 1 && group.admits(&member, &sources) => {
                    group.add(Linked::new(instance, module, member, sources));
                }
                _ => group.leave_apart(graph, &member, args),
            }
        }
        Ok(group)
    }

    /// Tells whether members share a table, as modules do that are linked dynamically.
    pub(super) fn is_linked(&self) -> bool {
        let sources = self.members.iter().flat_map(|linked| &linked.sources);
        sources.clone().any(|source| matches!(source, Source::Member(_, Kind::Table, _)))
    }

    /// Finds what an export of a member is.
    pub(super) fn export(&self, member: usize, name: &str) -> Option<Source> {
        let linked = &self.members[member];
        let (kind, index) = *linked.member.exports.get(name)?;
        match linked.imported[kind as usize].get(index as usize) {
            Some(source) => Some(*source),
            None => Some(Source::Member(member, kind, index)),
        }
    }

    fn add(&mut self, linked: Linked<'a>) {
        self.of_instance.insert(linked.instance, self.members.len());
        self.members.push(linked);
    }

    fn admits(&self, member: &Member<'_>, sources: &[Source]) -> bool {
        !self.is_closed && !member.starts && sources.iter().all(|source| !self.filled.contains(source))
    }

    /// Notes what a module does when it is instantiated after the group instead of in its turn.
    fn leave_apart(&mut self, graph: &Graph<'_>, member: &Member<'_>, args: &[InstantiationArg<'_>]) {
        let sources =
            member.imports.iter().filter_map(|import| self.import(graph, args, import.module, import.name));
        let shared: Vec<_> = sources.filter(|source| matches!(source, Source::Member(..))).collect();
        self.is_closed |= !shared.is_empty() && (member.starts || !member.data.is_empty());
        if !member.elements.is_empty() {
            self.filled.extend(
                shared.into_iter().filter(|source| matches!(source, Source::Member(_, Kind::Table, _))),
            );
        }
    }

    /// Finds the origin of every import; `None` if one comes from elsewhere.
    fn sources(
        &self,
        graph: &Graph<'_>,
        member: &Member<'_>,
        args: &[InstantiationArg<'_>],
    ) -> Option<Vec<Source>> {
        member.imports.iter().map(|import| self.import(graph, args, import.module, import.name)).collect()
    }

    fn import(
        &self,
        graph: &Graph<'_>,
        args: &[InstantiationArg<'_>],
        module: &str,
        name: &str,
    ) -> Option<Source> {
        let arg = args.iter().find(|arg| arg.name == module)?;
        self.source(graph, arg.index, name)
    }

    /// Finds what an instance exports under a name.
    fn source(&self, graph: &Graph<'_>, instance: u32, name: &str) -> Option<Source> {
        let (mut instance, mut name) = (instance, name);
        loop {
            if let Some(member) = self.of_instance.get(&instance) {
                return self.export(*member, name);
            }
            let place = graph.export(instance, name)?;
            match &graph.items[place] {
                Item::Alias(ComponentAlias::CoreInstanceExport { instance_index, name: export, .. }) => {
                    (instance, name) = (*instance_index, export);
                }
                Item::Canonical(_) => {
                    return graph.needs(place).is_empty().then_some(Source::Component(place));
                }
                _ => return None,
            }
        }
    }
}

impl<'a> Linked<'a> {
    fn new(instance: u32, module: u32, member: Member<'a>, sources: Vec<Source>) -> Self {
        let mut imported: [Vec<Source>; Kind::COUNT] = Default::default();
        for (import, source) in member.imports.iter().zip(&sources) {
            imported[kind_of(&import.ty) as usize].push(*source);
        }
        Self { instance, module, member, sources, imported }
    }

    /// Returns the origins of the imports of a kind, in the order of their indices.
    pub(super) fn imported(&self, kind: Kind) -> &[Source] {
        &self.imported[kind as usize]
    }
}
