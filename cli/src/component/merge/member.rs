//! Reads the contents of a core module that is to be merged.

use std::collections::HashMap;

use wasmparser::{
    CompositeInnerType, Data, Element, FuncType, FunctionBody, Global, Import, KnownCustom, MemoryType, Name,
    Parser, Payload, RecGroup, Table, TypeRef,
};

use super::graph::Kind;
use super::{Attempt, Unmergeable};

/// The contents of a core module.
#[derive(Default)]
pub(super) struct Member<'a> {
    pub(super) types: Vec<FuncType>,
    pub(super) imports: Vec<Import<'a>>,
    /// The type of each function.
    pub(super) functions: Vec<u32>,
    pub(super) tables: Vec<Table<'a>>,
    pub(super) memories: Vec<MemoryType>,
    pub(super) globals: Vec<Global<'a>>,
    pub(super) exports: HashMap<&'a str, (Kind, u32)>,
    pub(super) elements: Vec<Element<'a>>,
    /// True if the module says how many data segments it has, which code that uses them needs.
    pub(super) counts_data: bool,
    pub(super) code: Vec<FunctionBody<'a>>,
    pub(super) data: Vec<Data<'a>>,
    /// The names of functions, imported ones too.
    pub(super) names: Vec<(u32, &'a str)>,
    /// True if the module runs a function when it is instantiated.
    pub(super) starts: bool,
}

impl<'a> Member<'a> {
    /// Reads a module.
    ///
    /// # Errors
    /// The module has types other than plain functions, or tags.
    pub(super) fn read(module: &'a [u8]) -> Attempt<Self> {
        let mut member = Self::default();
        for payload in Parser::new(0).parse_all(module) {
            member.add(payload?)?;
        }
        Ok(member)
    }

    fn add(&mut self, payload: Payload<'a>) -> Attempt<()> {
        match payload {
            Payload::TypeSection(types) => {
                extend(&mut self.types, types.into_iter().map(|ty| function_type(ty?)))?
            }
            Payload::ImportSection(imports) => {
                extend(&mut self.imports, imports.into_imports().map(|import| Ok(import?)))?;
            }
            Payload::FunctionSection(functions) => {
                extend(&mut self.functions, functions.into_iter().map(|f| Ok(f?)))?
            }
            Payload::TableSection(tables) => {
                extend(&mut self.tables, tables.into_iter().map(|table| Ok(table?)))?
            }
            Payload::MemorySection(memories) => {
                extend(&mut self.memories, memories.into_iter().map(|memory| Ok(memory?)))?;
            }
            Payload::GlobalSection(globals) => {
                extend(&mut self.globals, globals.into_iter().map(|global| Ok(global?)))?;
            }
            Payload::ExportSection(exports) => {
                for export in exports {
                    let export = export?;
                    self.exports.insert(export.name, (Kind::of(export.kind), export.index));
                }
            }
            Payload::ElementSection(elements) => {
                extend(&mut self.elements, elements.into_iter().map(|element| Ok(element?)))?;
            }
            Payload::DataSection(data) => extend(&mut self.data, data.into_iter().map(|data| Ok(data?)))?,
            Payload::DataCountSection { .. } => self.counts_data = true,
            Payload::CodeSectionEntry(body) => self.code.push(body),
            Payload::StartSection { .. } => self.starts = true,
            Payload::TagSection(_) => return Err(Unmergeable),
            Payload::CustomSection(section) => {
                if let KnownCustom::Name(subsections) = section.as_known() {
                    self.names =
                        subsections.into_iter().filter_map(Result::ok).flat_map(function_names).collect();
                }
            }
            _ => {}
        }
        Ok(())
    }

    /// Returns the number of imports of a kind, which come before what the module defines.
    pub(super) fn imported(&self, kind: Kind) -> u32 {
        self.imports.iter().filter(|import| kind_of(&import.ty) == kind).count() as u32
    }
}

/// Returns the kind of an import.
pub(super) fn kind_of(ty: &TypeRef) -> Kind {
    match ty {
        TypeRef::Func(_) | TypeRef::FuncExact(_) => Kind::Function,
        TypeRef::Table(_) => Kind::Table,
        TypeRef::Memory(_) => Kind::Memory,
        TypeRef::Global(_) => Kind::Global,
        TypeRef::Tag(_) => Kind::Tag,
    }
}

fn extend<T>(all: &mut Vec<T>, items: impl Iterator<Item = Attempt<T>>) -> Attempt<()> {
    for item in items {
        all.push(item?);
    }
    Ok(())
}

/// Returns the only type of a group, if it is a plain function.
fn function_type(group: RecGroup) -> Attempt<FuncType> {
    let mut types = group.into_types();
    match (types.next(), types.next()) {
        (Some(ty), None) if ty.is_final && ty.supertype_idxs.is_empty() && !ty.composite_type.shared => {
            match ty.composite_type.inner {
                CompositeInnerType::Func(function) => Ok(function),
                _ => Err(Unmergeable),
            }
        }
        _ => Err(Unmergeable),
    }
}

/// Returns the names in a subsection, up to the first one that is damaged: nothing depends on them but backtraces.
fn function_names(subsection: Name<'_>) -> Vec<(u32, &str)> {
    match subsection {
        Name::Function(names) => {
            names.into_iter().map_while(Result::ok).map(|naming| (naming.index, naming.name)).collect()
        }
        _ => Vec::new(),
    }
}
