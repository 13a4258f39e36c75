//! Writes arguments in a form that is the same for every spelling of the same values.
//!
//! It decides whether two requests ask for the same call. It is what the guest gets: the decoder that serves calls reads
//! the arguments into a block of memory of our own, and the values of that block follow one another without its
//! addresses and padding. So `10`, `10.0` and `"10"` are one integer, the order of keys does not count, and a default is
//! the same as its absence.

use super::decode::decode_block;
use super::error::CallError;
use super::layout::Layout;
use super::memory::{GuestBlock, Heap, Memory, malformed};
use super::plan::Plan;
use crate::codec::cases::Cases;
use crate::codec::checked::{CheckedFunction, CheckedParam};
use crate::codec::plan::{Field, Function, Type};
use crate::codec::rule::Rule;

/// Passes the canonical form of arguments to `write`, piece by piece; together the pieces take at most `budget_bytes`.
///
/// It ignores constraints, which do not change a value.
///
/// # Errors
/// What the decoder refuses. Some of the form may have been written then.
pub fn canonical(
    function: &Function,
    arguments: &[u8],
    budget_bytes: usize,
    write: &mut dyn FnMut(&[u8]),
) -> Result<(), CallError> {
    let free = |param: &_| CheckedParam { param: Clone::clone(param), rule: Rule::default() };
    let params = function.params.iter().map(free).collect();
    let plan = Plan::new(CheckedFunction { params, result: None });
    let mut heap = HostHeap::default();
    let block = decode_block(&plan, arguments, budget_bytes, &mut heap)?;
    let mut writer = ValueWriter { memory: Memory(&heap.0), write };
    let params = function.params.iter().zip(&plan.params.members);
    params.map(|(param, member)| (&param.ty, member)).try_for_each(|(ty, member)| {
        writer.value(ty, &member.layout, &block[member.offset..][..member.layout.size])
    })
}

/// Replaces a guest's memory; nothing is ever freed.
#[derive(Default)]
struct HostHeap(Vec<u8>);

impl Heap for HostHeap {
    fn allocate(&mut self, align: usize, size: usize) -> wasmtime::Result<GuestBlock<'_>> {
        let start = self.0.len().next_multiple_of(align);
        self.0.resize(start + size, 0);
        Ok(GuestBlock { address: u32::try_from(start)?, bytes: &mut self.0[start..] })
    }
}

/// Writes values: scalars as they are in memory, and what varies in length behind its length.
struct ValueWriter<'m, 'w> {
    memory: Memory<'m>,
    write: &'w mut dyn FnMut(&[u8]),
}

impl<'m> ValueWriter<'m, '_> {
    fn value(&mut self, ty: &Type, layout: &Layout, bytes: &[u8]) -> Result<(), CallError> {
        match ty {
            Type::String | Type::Bytes => self.block(bytes, 1, 1).map(|block| (self.write)(block)),
            Type::List(element) => self.list(element, layout.element(), bytes),
            Type::Tuple(types) => self.members(types.iter(), layout, bytes),
            Type::Record(fields) => self.members(fields.iter().map(|Field { ty, .. }| ty), layout, bytes),
            Type::Option(some) => self.case(layout, bytes, |index| (index == 1).then_some(&**some)),
            Type::Variant(_) | Type::Result { .. } => {
                self.case(layout, bytes, |index| Cases::of(ty).and_then(|cases| cases.get(index).1))
            }
            _ => {
                (self.write)(bytes);
                Ok(())
            }
        }
    }

    /// Writes a length, and returns the block that it belongs to.
    fn block(&mut self, pair: &[u8], size: usize, align: usize) -> Result<&'m [u8], CallError> {
        let (words, _) = pair.as_chunks::<4>();
        let &[address, len] = words else { return Err(malformed("a pointer has no length")) };
        (self.write)(&len);
        self.memory.block(u32::from_le_bytes(address), u32::from_le_bytes(len), size, align)
    }

    fn list(&mut self, element: &Type, layout: &Layout, bytes: &[u8]) -> Result<(), CallError> {
        let block = self.block(bytes, layout.size, layout.align)?;
        block.chunks_exact(layout.size).try_for_each(|bytes| self.value(element, layout, bytes))
    }

    fn members<'t>(
        &mut self,
        mut types: impl Iterator<Item = &'t Type>,
        layout: &Layout,
        bytes: &[u8],
    ) -> Result<(), CallError> {
        layout.members.iter().zip(types.by_ref()).try_for_each(|(member, ty)| {
            self.value(ty, &member.layout, &bytes[member.offset..][..member.layout.size])
        })
    }

    /// Writes which case it is, and its payload.
    fn case<'t>(
        &mut self,
        layout: &Layout,
        bytes: &[u8],
        payload: impl Fn(usize) -> Option<&'t Type>,
    ) -> Result<(), CallError> {
        let tag = &bytes[..layout.tag];
        (self.write)(tag);
        let index = tag.iter().rev().fold(0, |index, byte| index << 8 | usize::from(*byte));
        let member = layout.members.get(index).ok_or_else(|| malformed("a discriminant is out of range"))?;
        match payload(index) {
            Some(ty) => self.value(ty, &member.layout, &bytes[member.offset..][..member.layout.size]),
            None => Ok(()),
        }
    }
}
