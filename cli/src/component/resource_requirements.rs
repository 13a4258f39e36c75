//! Works out what instantiating a component takes, from its bytes alone.
//!
//! wasmtime can say the same of a loaded component, but not of one compiled for another machine, and
//! the defaults in a bundle must not depend on the machine that built it.

use toolcell_host::catalog::Limits;
use wasmparser::{
    ComponentAlias, ComponentExternalKind, ComponentOuterAliasKind, ComponentTypeRef, Instance, MemoryType,
    Parser, Payload, TableType,
};

use crate::ui::problem::{Problem, Result};

/// Adds up the resources that a component's core instances take before its code runs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct ResourceRequirements {
    /// Core instances, memories or tables: the largest of the three.
    pub instances: u64,
    /// Sum of the initial sizes of all memories, in bytes.
    pub memory_bytes: u64,
    /// Sum of the initial sizes of all tables, in elements.
    pub table_elements: u64,
}

/// Bytes of a WebAssembly page.
const PAGE: u64 = 64 * 1024;

#[derive(Clone, Copy, Debug, Default)]
struct Sum {
    instances: u64,
    memories: u64,
    tables: u64,
    memory_bytes: u64,
    table_elements: u64,
}

impl Sum {
    fn add_memory(&mut self, memory: &MemoryType) {
        let page = memory.page_size_log2.map_or(PAGE, |log| 1 << log);
        self.memories += 1;
        self.memory_bytes = self.memory_bytes.saturating_add(memory.initial.saturating_mul(page));
    }

    fn add_table(&mut self, table: &TableType) {
        self.tables += 1;
        self.table_elements = self.table_elements.saturating_add(table.initial);
    }

    fn add(&mut self, other: Sum) {
        self.instances = self.instances.saturating_add(other.instances);
        self.memories = self.memories.saturating_add(other.memories);
        self.tables = self.tables.saturating_add(other.tables);
        self.memory_bytes = self.memory_bytes.saturating_add(other.memory_bytes);
        self.table_elements = self.table_elements.saturating_add(other.table_elements);
    }
}

/// One component on the way down: its index spaces of core modules and components.
#[derive(Default)]
struct IndexSpaces {
    modules: Vec<Sum>,
    components: Vec<Sum>,
    total: Sum,
    /// Set while this is a core module, which has no index spaces of these.
    module: bool,
}

/// Reads a valid component; modules that it imports count for nothing.
pub fn of(component: &[u8]) -> ResourceRequirements {
    let mut nested: Vec<IndexSpaces> = Vec::new();
    let mut total = Sum::default();
    for payload in Parser::new(0).parse_all(component).map_while(std::result::Result::ok) {
        match payload {
            Payload::Version { encoding, .. } => {
                let module = encoding == wasmparser::Encoding::Module;
                let total = Sum { instances: u64::from(module), ..Sum::default() };
                nested.push(IndexSpaces { module, total, ..IndexSpaces::default() });
            }
            Payload::End(_) => {
                let Some(done) = nested.pop() else { break };
                match nested.last_mut() {
                    Some(parent) if done.module => parent.modules.push(done.total),
                    Some(parent) => parent.components.push(done.total),
                    None => total = done.total,
                }
            }
            other => inside(&mut nested, other),
        }
    }
    ResourceRequirements {
        instances: total.instances.max(total.memories).max(total.tables),
        memory_bytes: total.memory_bytes,
        table_elements: total.table_elements,
    }
}

/// Checks that an instance may have what it takes.
///
/// # Errors
/// It takes more than any deployer can allow.
pub(super) fn check(file: &str, requirements: ResourceRequirements) -> Result<()> {
    let Limits { instances, memory_bytes, table_elements, .. } = Limits::MAXIMUM;
    let taken = [
        ("bytes of memory", requirements.memory_bytes, memory_bytes, "declare a smaller initial memory"),
        ("elements of tables", requirements.table_elements, table_elements, "declare smaller tables"),
        (
            "core instances, memories or tables",
            requirements.instances,
            instances,
            "put fewer modules together",
        ),
    ];
    for (unit, found, most, remedy) in taken {
        if found > most as u64 {
            return Err(Problem::refused(file, "takes more than a call may have before its code runs")
                .found(format!("{found} {unit}"))
                .expected(format!("at most {most} {unit}"))
                .next(format!("{remedy}, and rebuild the component")));
        }
    }
    Ok(())
}

fn inside(nested: &mut [IndexSpaces], payload: Payload<'_>) {
    let Some((spaces, outer)) = nested.split_last_mut() else { return };
    match payload {
        Payload::MemorySection(memories) => {
            memories.into_iter().flatten().for_each(|memory| spaces.total.add_memory(&memory));
        }
        Payload::TableSection(tables) => {
            tables.into_iter().flatten().for_each(|table| spaces.total.add_table(&table.ty));
        }
        Payload::InstanceSection(instances) => {
            for instance in instances.into_iter().flatten() {
                if let Instance::Instantiate { module_index, .. } = instance {
                    spaces.total.add(at(&spaces.modules, module_index));
                }
            }
        }
        Payload::ComponentInstanceSection(instances) => {
            for instance in instances.into_iter().flatten() {
                if let wasmparser::ComponentInstance::Instantiate { component_index, .. } = instance {
                    spaces.total.add(at(&spaces.components, component_index));
                }
            }
        }
        Payload::ComponentAliasSection(aliases) => {
            aliases.into_iter().flatten().for_each(|alias| define_alias(spaces, outer, &alias));
        }
        Payload::ComponentImportSection(imports) => {
            imports.into_iter().flatten().for_each(|import| define_import(spaces, import.ty));
        }
        Payload::ComponentExportSection(exports) => {
            exports.into_iter().flatten().for_each(|export| define_export(spaces, export.kind, export.index));
        }
        _ => {}
    }
}

/// An import of a module or component counts for nothing.
fn define_import(spaces: &mut IndexSpaces, ty: ComponentTypeRef) {
    match ty {
        ComponentTypeRef::Module(_) => spaces.modules.push(Sum::default()),
        ComponentTypeRef::Component(_) => spaces.components.push(Sum::default()),
        _ => {}
    }
}

fn define_alias(spaces: &mut IndexSpaces, outer: &[IndexSpaces], alias: &ComponentAlias<'_>) {
    match *alias {
        ComponentAlias::Outer { kind, count, index } => {
            let from = match count {
                0 => Some(&*spaces),
                count => (count as usize <= outer.len()).then(|| &outer[outer.len() - count as usize]),
            };
            let Some(from) = from else { return };
            match kind {
                ComponentOuterAliasKind::CoreModule => spaces.modules.push(at(&from.modules, index)),
                ComponentOuterAliasKind::Component => spaces.components.push(at(&from.components, index)),
                _ => {}
            }
        }
        ComponentAlias::InstanceExport { kind: ComponentExternalKind::Module, .. } => {
            spaces.modules.push(Sum::default());
        }
        ComponentAlias::InstanceExport { kind: ComponentExternalKind::Component, .. } => {
            spaces.components.push(Sum::default());
        }
        _ => {}
    }
}

/// An export defines its item once more, under the next index.
fn define_export(spaces: &mut IndexSpaces, kind: ComponentExternalKind, index: u32) {
    match kind {
        ComponentExternalKind::Module => spaces.modules.push(at(&spaces.modules, index)),
        ComponentExternalKind::Component => spaces.components.push(at(&spaces.components, index)),
        _ => {}
    }
}

fn at(sums: &[Sum], index: u32) -> Sum {
    sums.get(index as usize).copied().unwrap_or_default()
}
