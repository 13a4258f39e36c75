//! Gives everything that members define its index in the merged module.

use std::collections::HashMap;

use wasmparser::{ConstExpr, FuncType, Operator, TypeRef};

use super::graph::Kind;
use super::group::{Group, Linked, Source};
use super::{Attempt, Unmergeable};

/// A function of the component that the merged module imports.
pub(super) struct Imported {
    /// The item that makes it.
    pub(super) place: usize,
    /// Its type in the merged module.
    pub(super) ty: u32,
}

/// The indices of all members in the merged module.
pub(super) struct Numbering {
    /// The types of the merged module.
    pub(super) types: Vec<FuncType>,
    /// The functions that it imports, which have the first indices.
    pub(super) imports: Vec<Imported>,
    members: Vec<Numbers>,
    /// The index of an imported function by its item.
    components: HashMap<usize, u32>,
}

/// The indices of one member.
#[derive(Default)]
struct Numbers {
    /// Of each type.
    types: Vec<u32>,
    /// Of each import, by kind.
    imports: [Vec<u32>; Kind::COUNT],
    /// Of the first definition, by kind.
    first: [u32; Kind::COUNT],
    first_element: u32,
    first_data: u32,
    /// The value of each global that never changes, imported ones first.
    constants: Vec<Option<i32>>,
}

impl Numbering {
    /// Numbers all members.
    ///
    /// # Errors
    /// Two members import one function under different types.
    pub(super) fn new(group: &Group<'_>) -> Attempt<Self> {
        let mut numbering =
            Self { types: Vec::new(), imports: Vec::new(), members: Vec::new(), components: HashMap::new() };
        let mut known = HashMap::new();
        for linked in &group.members {
            let types = linked.member.types.iter().map(|ty| numbering.add_type(&mut known, ty)).collect();
            numbering.members.push(Numbers { types, ..Numbers::default() });
        }
        for (number, linked) in group.members.iter().enumerate() {
            numbering.add_imports(number, linked)?;
        }
        numbering.place(group);
        for (number, linked) in group.members.iter().enumerate() {
            numbering.resolve(group, number, linked);
        }
        Ok(numbering)
    }

    fn add_type(&mut self, known: &mut HashMap<FuncType, u32>, ty: &FuncType) -> u32 {
        *known.entry(ty.clone()).or_insert_with(|| {
            self.types.push(ty.clone());
            self.types.len() as u32 - 1
        })
    }

    fn add_imports(&mut self, number: usize, linked: &Linked<'_>) -> Attempt<()> {
        for (import, source) in linked.member.imports.iter().zip(&linked.sources) {
            let (Source::Component(place), TypeRef::Func(ty)) = (source, import.ty) else { continue };
            let ty = self.members[number].types[ty as usize];
            let imports = &mut self.imports;
            let index = *self.components.entry(*place).or_insert_with(|| {
                imports.push(Imported { place: *place, ty });
                imports.len() as u32 - 1
            });
            if self.imports[index as usize].ty != ty {
                return Err(Unmergeable);
            }
        }
        Ok(())
    }

    /// Gives each member its range of indices.
    fn place(&mut self, group: &Group<'_>) {
        let mut next = [0; Kind::COUNT];
        next[Kind::Function as usize] = self.imports.len() as u32;
        let (mut element, mut data) = (0, 0);
        for (numbers, Linked { member, .. }) in self.members.iter_mut().zip(&group.members) {
            (numbers.first, numbers.first_element, numbers.first_data) = (next, element, data);
            next[Kind::Function as usize] += member.functions.len() as u32;
            next[Kind::Table as usize] += member.tables.len() as u32;
            next[Kind::Memory as usize] += member.memories.len() as u32;
            next[Kind::Global as usize] += member.globals.len() as u32;
            element += member.elements.len() as u32;
            data += member.data.len() as u32;
        }
    }

    /// Finds the indices of what a member imports, and the values of its constants.
    fn resolve(&mut self, group: &Group<'_>, number: usize, linked: &Linked<'_>) {
        for kind in [Kind::Function, Kind::Table, Kind::Memory, Kind::Global] {
            let index = |source: &Source| self.index_of(group, *source);
            self.members[number].imports[kind as usize] = linked.imported(kind).iter().map(index).collect();
        }
        let imported = linked.imported(Kind::Global).iter().map(|source| match source {
            Source::Member(origin, _, index) => self.members[*origin].constants[*index as usize],
            Source::Component(_) => None,
        });
        self.members[number].constants = imported.collect();
        for global in &linked.member.globals {
            let value = if global.ty.mutable { None } else { self.constant(number, &global.init_expr) };
            self.members[number].constants.push(value);
        }
    }

    /// Returns the index of the origin of an import.
    pub(super) fn index_of(&self, group: &Group<'_>, source: Source) -> u32 {
        match source {
            Source::Member(member, kind, index) => {
                let imported = group.members[member].imported(kind).len() as u32;
                self.members[member].first[kind as usize] + index - imported
            }
            Source::Component(place) => self.components[&place],
        }
    }

    /// Translates an index of a member.
    pub(super) fn index(&self, member: usize, kind: Kind, index: u32) -> u32 {
        let numbers = &self.members[member];
        let imports = &numbers.imports[kind as usize];
        match imports.get(index as usize) {
            Some(index) => *index,
            None => numbers.first[kind as usize] + index - imports.len() as u32,
        }
    }

    pub(super) fn ty(&self, member: usize, index: u32) -> u32 {
        self.members[member].types[index as usize]
    }

    pub(super) fn element(&self, member: usize, index: u32) -> u32 {
        self.members[member].first_element + index
    }

    pub(super) fn data(&self, member: usize, index: u32) -> u32 {
        self.members[member].first_data + index
    }

    /// Computes a constant of 32 bits. A module may not refer to its own globals in constants, and the engine fills a
    /// table in advance only where its offset is a plain number.
    pub(super) fn constant(&self, member: usize, expression: &ConstExpr<'_>) -> Option<i32> {
        let mut stack = Vec::new();
        for operator in expression.get_operators_reader() {
            match operator.ok()? {
                Operator::I32Const { value } => stack.push(value),
                Operator::GlobalGet { global_index } => {
                    stack.push((*self.members[member].constants.get(global_index as usize)?)?);
                }
                Operator::I32Add => combine(&mut stack, i32::wrapping_add)?,
                Operator::I32Sub => combine(&mut stack, i32::wrapping_sub)?,
                Operator::I32Mul => combine(&mut stack, i32::wrapping_mul)?,
                Operator::End => {}
                _ => return None,
            }
        }
        stack.pop()
    }
}

fn combine(stack: &mut Vec<i32>, operation: fn(i32, i32) -> i32) -> Option<()> {
    let (right, left) = (stack.pop()?, stack.pop()?);
    stack.push(operation(left, right));
    Some(())
}
