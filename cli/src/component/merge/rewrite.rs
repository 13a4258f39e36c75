//! Writes the component again, with the merged module in place of its members.
//!
//! The merged module is instantiated after everything that does not depend on it, and before everything that does. Both
//! keep their order, so only the indices of the core change.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::convert::Infallible;

use wasm_encoder::reencode::{Error, Reencode, ReencodeComponent};
use wasm_encoder::{
    Alias, CanonicalFunctionSection, Component, ComponentAliasSection, ComponentSectionId, ExportKind,
    InstanceSection, ModuleArg, RawSection,
};
use wasmparser::{CanonicalFunction, ComponentAlias, Instance, InstantiationArg};

use super::encode::{self, Export, FUNCTIONS};
use super::graph::{Graph, Kind};
use super::group::{Group, Source};
use super::item::Item;
use super::member::Member;
use super::numbering::Numbering;
use super::{Attempt, Unmergeable};

/// Writes the component.
///
/// # Errors
/// A member cannot be encoded, or needs something that depends on another one.
pub(super) fn rewrite(graph: &Graph<'_>, group: &Group<'_>) -> Attempt<Vec<u8>> {
    let numbering = Numbering::new(group)?;
    let plan = Plan::new(graph, group, &numbering)?;
    let module = encode::encode(group, &numbering, &plan.exports)?;
    let mut writer = Writer::new(graph);
    for place in plan.before {
        writer.item(place)?;
    }
    writer.merged(&module, &numbering);
    for place in plan.after {
        match plan.aliases.get(&place) {
            Some(export) => {
                writer.alias(export);
                writer.define(place);
            }
            None => {
                for (instance, exports) in plan.given.get(&place).into_iter().flatten() {
                    writer.given(*instance, exports);
                }
                writer.item(place)?;
            }
        }
    }
    Ok(writer.component.finish())
}

/// The imports of an instance from whole members, by the member's instance.
type Given<'a> = BTreeMap<u32, Vec<(&'a str, Export)>>;

/// The sections to write, in their order. Items are named by their places.
struct Plan<'a> {
    before: Vec<usize>,
    after: Vec<usize>,
    /// The exports of the merged module.
    exports: BTreeSet<Export>,
    /// The exports that aliases of members name.
    aliases: HashMap<usize, Export>,
    given: HashMap<usize, Given<'a>>,
}

impl<'a> Plan<'a> {
    fn new(graph: &Graph<'a>, group: &Group<'a>, numbering: &Numbering) -> Attempt<Self> {
        let members = places(graph, group);
        let used = used(graph, &members, numbering);
        let late = late(graph, &members);
        if numbering.imports.iter().any(|import| late.contains(&import.place)) {
            return Err(Unmergeable);
        }
        let kept = (0..graph.items.len()).filter(|place| used.contains(place));
        let (after, before) = kept.partition(|place| late.contains(place));
        let mut plan =
            Self { before, after, exports: BTreeSet::new(), aliases: HashMap::new(), given: HashMap::new() };
        for place in plan.after.clone() {
            plan.connect(graph, group, numbering, place)?;
        }
        Ok(plan)
    }

    /// Finds what an item uses of the merged module.
    fn connect(
        &mut self,
        graph: &Graph<'a>,
        group: &Group<'a>,
        numbering: &Numbering,
        place: usize,
    ) -> Attempt<()> {
        match &graph.items[place] {
            Item::Alias(ComponentAlias::CoreInstanceExport { instance_index, name, .. }) => {
                if let Some(member) = group.of_instance.get(instance_index) {
                    let export = self.export(group, numbering, *member, name)?;
                    self.aliases.insert(place, export);
                }
            }
            Item::Instance(Instance::Instantiate { module_index, args }) => {
                let given: Vec<&InstantiationArg<'_>> =
                    args.iter().filter(|arg| group.of_instance.contains_key(&arg.index)).collect();
                if given.is_empty() {
                    return Ok(());
                }
                let importer = Member::read(graph.module(*module_index).ok_or(Unmergeable)?)?;
                for arg in given {
                    let mut exports = Vec::new();
                    for import in importer.imports.iter().filter(|import| import.module == arg.name) {
                        let export =
                            self.export(group, numbering, group.of_instance[&arg.index], import.name)?;
                        exports.push((import.name, export));
                    }
                    self.given.entry(place).or_default().insert(arg.index, exports);
                }
            }
            _ => {}
        }
        Ok(())
    }

    /// Has the merged module export what a member exported.
    fn export(
        &mut self,
        group: &Group<'_>,
        numbering: &Numbering,
        member: usize,
        name: &str,
    ) -> Attempt<Export> {
        let source = group.export(member, name).ok_or(Unmergeable)?;
        let kind = match source {
            Source::Member(_, kind, _) => kind,
            Source::Component(_) => Kind::Function,
        };
        let export = Export { kind, index: numbering.index_of(group, source) };
        self.exports.insert(export.clone());
        Ok(export)
    }
}

/// Lists the instances and modules that the merged one replaces.
fn places(graph: &Graph<'_>, group: &Group<'_>) -> HashSet<usize> {
    let both = group.members.iter().flat_map(|linked| {
        [graph.instances[linked.instance as usize], graph.modules[linked.module as usize]]
    });
    both.collect()
}

/// Lists what is still used when the members are one.
fn used(graph: &Graph<'_>, members: &HashSet<usize>, numbering: &Numbering) -> HashSet<usize> {
    let is_root = |item: &Item<'_>| match item {
        Item::Other(_) | Item::Canonical(CanonicalFunction::Lift { .. }) => true,
        Item::Instance(instance) => matches!(instance, Instance::Instantiate { .. }),
        Item::Alias(alias) => !matches!(alias, ComponentAlias::CoreInstanceExport { .. }),
        Item::Canonical(_) | Item::Module(_) => false,
    };
    let roots = (0..graph.items.len()).filter(|place| is_root(&graph.items[*place]));
    let mut rest: Vec<usize> = roots.chain(numbering.imports.iter().map(|import| import.place)).collect();
    let mut used = HashSet::new();
    while let Some(place) = rest.pop() {
        if !members.contains(&place) && used.insert(place) {
            rest.extend(graph.needs(place));
        }
    }
    used
}

/// Lists what depends on a member. The first function that is lifted from one ends what comes before the merged module:
/// from there on, the component may depend on it in other ways.
fn late(graph: &Graph<'_>, members: &HashSet<usize>) -> HashSet<usize> {
    let mut late = HashSet::new();
    let mut is_lifted = false;
    for (place, item) in graph.items.iter().enumerate() {
        let depends = graph.needs(place).iter().any(|need| members.contains(need) || late.contains(need));
        let is_core = match item {
            Item::Module(_) | Item::Instance(_) => true,
            Item::Alias(alias) => matches!(alias, ComponentAlias::CoreInstanceExport { .. }),
            Item::Canonical(_) | Item::Other(_) => false,
        };
        if depends || is_lifted && !is_core {
            late.insert(place);
        }
        is_lifted |= depends && matches!(item, Item::Canonical(CanonicalFunction::Lift { .. }));
    }
    late
}

/// Writes items under their new indices.
struct Writer<'g, 'a> {
    component: Component,
    graph: &'g Graph<'a>,
    /// The old indices of items.
    core: HashMap<usize, (usize, u32)>,
    instances: HashMap<usize, u32>,
    modules: HashMap<usize, u32>,
    new: NewIndices,
    /// The index of the merged instance.
    merged: u32,
}

/// The new indices by the old ones, and the numbers of those that are in use.
#[derive(Default)]
struct NewIndices {
    core: [HashMap<u32, u32>; Kind::COUNT],
    instances: HashMap<u32, u32>,
    modules: HashMap<u32, u32>,
    core_count: [u32; Kind::COUNT],
    instance_count: u32,
    module_count: u32,
}

impl<'g, 'a> Writer<'g, 'a> {
    fn new(graph: &'g Graph<'a>) -> Self {
        let indices = |places: &[usize]| -> HashMap<usize, u32> { places.iter().copied().zip(0..).collect() };
        let core = graph.core.iter().enumerate();
        Self {
            component: Component::new(),
            core: core
                .flat_map(|(kind, places)| places.iter().copied().zip((0..).map(move |i| (kind, i))))
                .collect(),
            instances: indices(&graph.instances),
            modules: indices(&graph.modules),
            graph,
            new: NewIndices::default(),
            merged: 0,
        }
    }

    fn item(&mut self, place: usize) -> Attempt<()> {
        match &self.graph.items[place] {
            Item::Other(section) => {
                self.component.section(&RawSection { id: section.id, data: &section.content });
            }
            Item::Module(bytes) => {
                self.component.section(&RawSection { id: ComponentSectionId::CoreModule as u8, data: bytes });
            }
            Item::Instance(instance) => {
                let mut section = InstanceSection::new();
                self.new.parse_instance(&mut section, instance.clone())?;
                self.component.section(&section);
            }
            Item::Alias(alias) => {
                let mut section = ComponentAliasSection::new();
                section.alias(self.new.component_alias(alias.clone())?);
                self.component.section(&section);
            }
            Item::Canonical(function) => {
                let mut section = CanonicalFunctionSection::new();
                self.new.parse_component_canonical(&mut section, function.clone())?;
                self.component.section(&section);
            }
        }
        self.define(place);
        Ok(())
    }

    /// Gives the next index to what an item defines.
    fn define(&mut self, place: usize) {
        if let Some((kind, old)) = self.core.get(&place) {
            self.new.core[*kind].insert(*old, next(&mut self.new.core_count[*kind]));
        }
        if let Some(old) = self.instances.get(&place) {
            self.new.instances.insert(*old, next(&mut self.new.instance_count));
        }
        if let Some(old) = self.modules.get(&place) {
            self.new.modules.insert(*old, next(&mut self.new.module_count));
        }
    }

    /// Writes the merged module, and its instance with the functions that it imports.
    fn merged(&mut self, module: &[u8], numbering: &Numbering) {
        self.component.section(&RawSection { id: ComponentSectionId::CoreModule as u8, data: module });
        let functions = numbering.imports.iter().enumerate().map(|(number, import)| {
            let (kind, old) = self.core[&import.place];
            (number.to_string(), ExportKind::Func, self.new.core[kind][&old])
        });
        let mut section = InstanceSection::new();
        section.export_items(functions.collect::<Vec<_>>());
        let functions = next(&mut self.new.instance_count);
        let module = next(&mut self.new.module_count);
        section.instantiate(module, [(FUNCTIONS, ModuleArg::Instance(functions))]);
        self.merged = next(&mut self.new.instance_count);
        self.component.section(&section);
    }

    /// Writes an alias of something that the merged instance exports.
    fn alias(&mut self, export: &Export) {
        let name = export.name();
        let mut section = ComponentAliasSection::new();
        let alias =
            Alias::CoreInstanceExport { instance: self.merged, kind: export.encoded_kind(), name: &name };
        section.alias(alias);
        self.component.section(&section);
    }

    /// Writes an instance that stands for a member, for another instance that imports this much of it.
    fn given(&mut self, member: u32, exports: &[(&str, Export)]) {
        let mut items = Vec::new();
        for (name, export) in exports {
            self.alias(export);
            items.push((*name, export.encoded_kind(), next(&mut self.new.core_count[export.kind as usize])));
        }
        let mut section = InstanceSection::new();
        section.export_items(items);
        self.component.section(&section);
        self.new.instances.insert(member, next(&mut self.new.instance_count));
    }
}

fn next(count: &mut u32) -> u32 {
    *count += 1;
    *count - 1
}

impl Reencode for NewIndices {
    type Error = Infallible;

    fn function_index(&mut self, function: u32) -> Result<u32, Error> {
        Ok(self.core[Kind::Function as usize][&function])
    }

    fn table_index(&mut self, table: u32) -> Result<u32, Error> {
        Ok(self.core[Kind::Table as usize][&table])
    }

    fn memory_index(&mut self, memory: u32) -> Result<u32, Error> {
        Ok(self.core[Kind::Memory as usize][&memory])
    }

    fn global_index(&mut self, global: u32) -> Result<u32, Error> {
        Ok(self.core[Kind::Global as usize][&global])
    }
}

impl ReencodeComponent for NewIndices {
    fn module_index(&mut self, module: u32) -> u32 {
        self.modules[&module]
    }

    fn instance_index(&mut self, instance: u32) -> u32 {
        self.instances[&instance]
    }
}
