//! Writes the merged module.

use std::collections::BTreeSet;
use std::convert::Infallible;

use wasm_encoder::reencode::{Error, Reencode, RoundtripReencoder, utils};
use wasm_encoder::{
    CodeSection, ConstExpr, DataCountSection, DataSection, ElementSection, EntityType, ExportKind,
    ExportSection, FunctionSection, GlobalSection, ImportSection, MemorySection, Module, NameMap,
    NameSection, TableSection, TypeSection,
};
use wasmparser::Operator;

use super::Attempt;
use super::graph::Kind;
use super::group::Group;
use super::member::Member;
use super::numbering::Numbering;

/// The name under which the merged module imports the instance with the component's functions.
pub(super) const FUNCTIONS: &str = "component";

/// Something that the merged module exports.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Export {
    pub(super) kind: Kind,
    /// Its index in the merged module.
    pub(super) index: u32,
}

impl Export {
    /// Returns the name under which it is exported.
    pub(super) fn name(&self) -> String {
        format!("{}{}", ["f", "t", "m", "g", "e"][self.kind as usize], self.index)
    }

    pub(super) fn encoded_kind(&self) -> ExportKind {
        match self.kind {
            Kind::Function => ExportKind::Func,
            Kind::Table => ExportKind::Table,
            Kind::Memory => ExportKind::Memory,
            Kind::Global => ExportKind::Global,
            Kind::Tag => ExportKind::Tag,
        }
    }
}

/// Writes the module.
///
/// # Errors
/// A member has a constant that cannot be computed in advance.
pub(super) fn encode(
    group: &Group<'_>,
    numbering: &Numbering,
    exports: &BTreeSet<Export>,
) -> Attempt<Vec<u8>> {
    let mut parts = Parts::default();
    for ty in &numbering.types {
        parts.types.ty().func_type(&RoundtripReencoder.func_type(ty.clone())?);
    }
    for (number, import) in numbering.imports.iter().enumerate() {
        parts.imports.import(FUNCTIONS, &number.to_string(), EntityType::Function(import.ty));
    }
    for (number, linked) in group.members.iter().enumerate() {
        parts.add(&mut Renumbered { numbering, member: number }, &linked.member)?;
    }
    for export in exports {
        parts.exports.export(&export.name(), export.encoded_kind(), export.index);
    }
    Ok(parts.finish())
}

/// The sections of the merged module.
#[derive(Default)]
struct Parts {
    types: TypeSection,
    imports: ImportSection,
    functions: FunctionSection,
    tables: TableSection,
    memories: MemorySection,
    globals: GlobalSection,
    exports: ExportSection,
    elements: ElementSection,
    code: CodeSection,
    data: DataSection,
    names: NameMap,
    counts_data: bool,
}

impl Parts {
    /// Adds what a member defines.
    fn add(&mut self, renumbered: &mut Renumbered<'_>, member: &Member<'_>) -> Attempt<()> {
        for ty in &member.functions {
            self.functions.function(renumbered.type_index(*ty)?);
        }
        for table in &member.tables {
            renumbered.parse_table(&mut self.tables, table.clone())?;
        }
        for memory in &member.memories {
            self.memories.memory(renumbered.memory_type(*memory)?);
        }
        for global in &member.globals {
            renumbered.parse_global(&mut self.globals, global.clone())?;
        }
        for element in &member.elements {
            renumbered.parse_element(&mut self.elements, element.clone())?;
        }
        for body in &member.code {
            renumbered.parse_function_body(&mut self.code, body.clone())?;
        }
        for data in &member.data {
            renumbered.parse_data(&mut self.data, data.clone())?;
        }
        self.counts_data |= member.counts_data;
        let imported = member.imported(Kind::Function);
        let defined = imported..imported + member.functions.len() as u32;
        for (function, name) in member.names.iter().filter(|(function, _)| defined.contains(function)) {
            self.names.append(renumbered.function_index(*function)?, name);
        }
        Ok(())
    }

    fn finish(self) -> Vec<u8> {
        let mut module = Module::new();
        module.section(&self.types).section(&self.imports).section(&self.functions);
        module.section(&self.tables).section(&self.memories).section(&self.globals);
        module.section(&self.exports).section(&self.elements);
        if self.counts_data {
            module.section(&DataCountSection { count: self.data.len() });
        }
        module.section(&self.code).section(&self.data);
        let mut names = NameSection::new();
        names.functions(&self.names);
        module.section(&names);
        module.finish()
    }
}

/// Re-encodes the parts of a member with the indices of the merged module.
struct Renumbered<'n> {
    numbering: &'n Numbering,
    member: usize,
}

impl Renumbered<'_> {
    fn index(&self, kind: Kind, index: u32) -> Result<u32, Error> {
        Ok(self.numbering.index(self.member, kind, index))
    }
}

impl Reencode for Renumbered<'_> {
    type Error = Infallible;

    fn function_index(&mut self, function: u32) -> Result<u32, Error> {
        self.index(Kind::Function, function)
    }

    fn table_index(&mut self, table: u32) -> Result<u32, Error> {
        self.index(Kind::Table, table)
    }

    fn memory_index(&mut self, memory: u32) -> Result<u32, Error> {
        self.index(Kind::Memory, memory)
    }

    fn global_index(&mut self, global: u32) -> Result<u32, Error> {
        self.index(Kind::Global, global)
    }

    fn type_index(&mut self, ty: u32) -> Result<u32, Error> {
        Ok(self.numbering.ty(self.member, ty))
    }

    fn element_index(&mut self, element: u32) -> Result<u32, Error> {
        Ok(self.numbering.element(self.member, element))
    }

    fn data_index(&mut self, data: u32) -> Result<u32, Error> {
        Ok(self.numbering.data(self.member, data))
    }

    fn const_expr(&mut self, expression: wasmparser::ConstExpr<'_>) -> Result<ConstExpr, Error> {
        if let Some(value) = self.numbering.constant(self.member, &expression) {
            return Ok(ConstExpr::i32_const(value));
        }
        let mut operators = expression.get_operators_reader().into_iter();
        if operators.any(|operator| matches!(operator, Ok(Operator::GlobalGet { .. }) | Err(_))) {
            return Err(Error::InvalidConstExpr);
        }
        utils::const_expr(self, expression)
    }
}
