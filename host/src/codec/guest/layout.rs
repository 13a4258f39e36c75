//! Computes where the canonical ABI puts the parts of a value: sizes, alignments, offsets and flat slots.
//!
//! This happens once for each [`Type`] of a plan, so that a call only looks things up. It holds for 32-bit memories,
//! the only ones that the pinned engine lifts from and lowers into.

use std::collections::HashMap;

use crate::codec::plan::{Case, Field, Label, Type};

/// The number of names from which on they are looked up and not compared one by one, so that the time for a text does
/// not grow with the size of its type.
const MIN_INDEXED_NAMES: usize = 32;

/// The form of a type in linear memory and as core values.
///
/// `members` is parallel to the parts of the type: elements of a tuple, fields of a record, payloads of cases (an
/// option is none and some, a result ok and err), the one element of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Layout {
    /// The bytes in memory, including the padding to the alignment.
    pub(super) size: usize,
    /// The alignment in memory: 1, 2, 4 or 8.
    pub(super) align: usize,
    /// The number of core values if passed flat.
    pub(super) slots: usize,
    /// The bytes of the discriminant, if there is one.
    pub(super) tag: usize,
    /// The parts.
    pub(super) members: Box<[Member]>,
    /// The places of the names, if there are many.
    pub(super) names: Names,
}

/// The place of each name of a record, a variant, an enum or flags; empty if a comparison finds it as soon.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Names(HashMap<Box<str>, usize>);

/// A part of a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Member {
    /// The bytes from the start of the whole to this part.
    pub(super) offset: usize,
    /// The slots from the first slot of the whole to the first of this part.
    pub(super) slot: usize,
    /// The part's own layout; empty for a case without payload.
    pub(super) layout: Layout,
}

impl Layout {
    /// Returns the layout of an absent payload.
    fn nothing() -> Self {
        Self { size: 0, align: 1, slots: 0, tag: 0, members: Box::default(), names: Names::default() }
    }

    /// Lays out a value of type `ty`.
    pub(super) fn of(ty: &Type) -> Self {
        let layout = Self::unnamed(ty);
        let names = match ty {
            Type::Record(fields) => Names::of(fields.iter().map(|Field { name, .. }| name)),
            Type::Variant(cases) => Names::of(cases.iter().map(|Case { name, .. }| name)),
            Type::Enum(labels) | Type::Flags(labels) => {
                Names::of(labels.iter().map(|Label { name, .. }| name))
            }
            _ => return layout,
        };
        Self { names, ..layout }
    }

    fn unnamed(ty: &Type) -> Self {
        match ty {
            Type::Bool | Type::S8 | Type::U8 => Self::scalar(1),
            Type::S16 | Type::U16 => Self::scalar(2),
            Type::S32 | Type::U32 | Type::F32 | Type::Char => Self::scalar(4),
            Type::S64 | Type::U64 | Type::F64 => Self::scalar(8),
            Type::String | Type::Bytes => Self::pointer_pair(None),
            Type::List(element) => Self::pointer_pair(Some(Self::of(element))),
            Type::Tuple(types) => Self::sequence(types.iter()),
            Type::Record(fields) => Self::sequence(fields.iter().map(|Field { ty, .. }| ty)),
            Type::Variant(cases) => Self::cases(cases.iter().map(|case| case.payload.as_ref())),
            Type::Enum(labels) => Self::cases(labels.iter().map(|_| None)),
            Type::Flags(labels) => Self::flags(labels.len()),
            Type::Option(some) => Self::cases([None, Some(&**some)].into_iter()),
            Type::Result { ok, err } => Self::cases([ok.as_deref(), err.as_deref()].into_iter()),
        }
    }

    /// Lays out values one after another, each at its alignment: a record, a tuple, a parameter list.
    pub(super) fn sequence<'t>(types: impl Iterator<Item = &'t Type>) -> Self {
        let mut whole = Self::nothing();
        let members: Box<[Member]> = types
            .map(|ty| {
                let layout = Self::of(ty);
                let offset = whole.size.next_multiple_of(layout.align);
                let slot = whole.slots;
                whole.size = offset + layout.size;
                whole.align = whole.align.max(layout.align);
                whole.slots += layout.slots;
                Member { offset, slot, layout }
            })
            .collect();
        Self { size: whole.size.next_multiple_of(whole.align), members, ..whole }
    }

    /// Lays out a discriminant and, after it, the payload of one of the cases.
    fn cases<'t>(payloads: impl ExactSizeIterator<Item = Option<&'t Type>>) -> Self {
        let tag = match payloads.len() {
            0..=0x100 => 1,
            0x101..=0x1_0000 => 2,
            _ => 4,
        };
        let layouts: Vec<Self> = payloads.map(|ty| ty.map_or_else(Self::nothing, Self::of)).collect();
        let largest = |part: fn(&Self) -> usize| layouts.iter().map(part).max().unwrap_or(0);
        let align = largest(|layout| layout.align).max(tag);
        let offset = tag.next_multiple_of(align);
        let size = (offset + largest(|layout| layout.size)).next_multiple_of(align);
        let slots = 1 + largest(|layout| layout.slots);
        let members = layouts.into_iter().map(|layout| Member { offset, slot: 1, layout }).collect();
        Self { size, align, slots, tag, members, names: Names::default() }
    }

    /// Lays out bits: in one byte, two bytes, or as many 32-bit words as needed.
    fn flags(count: usize) -> Self {
        match count {
            0 => Self::nothing(),
            1..=8 => Self::scalar(1),
            9..=16 => Self::scalar(2),
            _ => {
                let words = count.div_ceil(32);
                Self { size: 4 * words, align: 4, slots: words, ..Self::nothing() }
            }
        }
    }

    fn scalar(size: usize) -> Self {
        Self { size, align: size, slots: 1, ..Self::nothing() }
    }

    fn pointer_pair(element: Option<Self>) -> Self {
        let members = element.into_iter().map(|layout| Member { offset: 0, slot: 0, layout }).collect();
        Self { size: 8, align: 4, slots: 2, members, ..Self::nothing() }
    }

    /// Returns the layout of a list's element.
    pub(super) fn element(&self) -> &Self {
        &self.members[0].layout
    }
}

impl Names {
    /// Indexes names that are many.
    pub(super) fn of<'n>(names: impl ExactSizeIterator<Item = &'n String>) -> Self {
        if names.len() < MIN_INDEXED_NAMES {
            return Self::default();
        }
        Self(names.enumerate().map(|(place, name)| (name.as_str().into(), place)).collect())
    }

    /// Finds a name; `compare` does so where the names are few.
    pub(super) fn find(&self, name: &str, compare: impl FnOnce() -> Option<usize>) -> Option<usize> {
        if self.0.is_empty() { compare() } else { self.0.get(name).copied() }
    }
}
