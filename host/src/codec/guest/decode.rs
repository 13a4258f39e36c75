//! Decodes arguments: from raw JSON to the canonical ABI, in one pass over the text.
//!
//! Scalars get their final form at once; strings and bytes go directly into the guest. The elements of a list, and
//! parameters that are too many to be passed flat, wait in one scratch buffer, used as a stack, until their length is
//! known, and are then copied into the guest as a block. Nothing is written at a guest address from before the last
//! allocation.

use wasmtime::component::__internal::wasmtime_environ::component::StringEncoding;

use super::budget::Budget;
use super::error::CallError;
use super::layout::{Layout, Member, Names};
use super::lexer::{Lexer, Malformed};
use super::memory::{Heap, Pair};
use super::plan::Plan;
use super::text;
use crate::codec::describe;
use crate::codec::error::{ArgumentError, Path, excerpt, found_in_place};
use crate::codec::plan::{Label, Type};
use crate::codec::rule::{ANY, Rule};
use crate::codec::scalar::{self, Expected, IntegerRange};

mod array;
mod object;

/// The most core values of parameters that are passed flat; more are passed in memory.
pub(super) const MAX_FLAT_PARAMS: usize = 16;

/// Parameters as core values, each in its low bits, the rest zero.
pub(super) type Flat = [u64; MAX_FLAT_PARAMS];

/// Reads the arguments of a call, one JSON object, into the guest.
///
/// # Errors
/// Values that are not of the parameters' types, malformed JSON, values that together take more than `budget_bytes` of
/// memory, and a guest that fails to allocate.
pub(super) fn decode(
    plan: &Plan,
    arguments: &[u8],
    budget_bytes: usize,
    encoding: StringEncoding,
    heap: &mut dyn Heap,
) -> Result<Flat, CallError> {
    let mut decoder = Decoder::new(arguments, budget_bytes, encoding, heap)?;
    decoder.parameters(plan)?;
    Ok(decoder.flat)
}

/// Reads arguments as [`decode`] does, and returns the block of the parameters, as it would be passed in memory.
///
/// # Errors
/// As [`decode`].
pub(super) fn decode_block(
    plan: &Plan,
    arguments: &[u8],
    budget_bytes: usize,
    heap: &mut dyn Heap,
) -> Result<Vec<u8>, CallError> {
    let mut decoder = Decoder::new(arguments, budget_bytes, StringEncoding::Utf8, heap)?;
    decoder.budget.extend(&mut decoder.scratch, plan.params.size)?;
    decoder.arguments(plan, Target::Scratch(0))?;
    Ok(decoder.scratch)
}

/// The place where a value is written.
#[derive(Clone, Copy)]
enum Target {
    /// The flat parameters, from this slot on.
    Flat(usize),
    /// The scratch buffer, from this byte on.
    Scratch(usize),
}

impl Target {
    fn member(self, member: &Member) -> Self {
        match self {
            Self::Flat(slot) => Self::Flat(slot + member.slot),
            Self::Scratch(at) => Self::Scratch(at + member.offset),
        }
    }

    /// Returns the target of the word that follows a four-byte one: the next word of flags, the length of a list.
    fn next_word(self) -> Self {
        match self {
            Self::Flat(slot) => Self::Flat(slot + 1),
            Self::Scratch(at) => Self::Scratch(at + 4),
        }
    }
}

struct Decoder<'h, 'p> {
    heap: &'h mut dyn Heap,
    encoding: StringEncoding,
    json: Lexer<'p>,
    path: Path<'p>,
    budget: Budget,
    /// The scratch buffer, zero where nothing was written, so that absent options, other cases and padding are zero.
    scratch: Vec<u8>,
    /// The members of the open objects that have been read; used as a stack.
    seen: Vec<bool>,
    flat: Flat,
}

impl<'h, 'p> Decoder<'h, 'p> {
    fn new(
        arguments: &'p [u8],
        budget_bytes: usize,
        encoding: StringEncoding,
        heap: &'h mut dyn Heap,
    ) -> Result<Self, CallError> {
        let text = str::from_utf8(arguments);
        let decoder = Self {
            heap,
            encoding,
            json: Lexer::new(text.unwrap_or_default()),
            path: Path::default(),
            budget: Budget::new(budget_bytes),
            scratch: Vec::new(),
            seen: Vec::new(),
            flat: Flat::default(),
        };
        if text.is_err() { Err(decoder.malformed(Malformed)) } else { Ok(decoder) }
    }

    /// Reads the arguments into the flat slots, or into a block that the first slot then points to.
    fn parameters(&mut self, plan: &'p Plan) -> Result<(), CallError> {
        let layout = &plan.params;
        if layout.slots <= MAX_FLAT_PARAMS {
            return self.arguments(plan, Target::Flat(0));
        }
        self.budget.extend(&mut self.scratch, layout.size)?;
        self.arguments(plan, Target::Scratch(0))?;
        self.flat[0] = self.move_to_guest(0, layout.align)?.into();
        Ok(())
    }

    fn value(
        &mut self,
        ty: &'p Type,
        layout: &'p Layout,
        rule: &'p Rule,
        target: Target,
    ) -> Result<(), CallError> {
        match ty {
            Type::Option(some) => self.option(some, layout, rule, target),
            Type::List(element) => self.list(element, layout, rule, target),
            Type::Tuple(types) => self.tuple(types, layout, target),
            Type::Record(fields) => self.record(fields, layout, target),
            Type::Flags(_) => self.flags(ty, layout, target),
            Type::Variant(_) | Type::Result { .. } => self.case(ty, layout, target),
            _ => self.scalar(ty, layout, rule, target),
        }
    }

    /// Reads an option; null leaves the zeros that are there.
    fn option(
        &mut self,
        some: &'p Type,
        layout: &'p Layout,
        rule: &'p Rule,
        target: Target,
    ) -> Result<(), CallError> {
        if self.json.peek() == Some(b'n') {
            return self.next_scalar().map(drop);
        }
        let payload = &layout.members[1];
        self.put(target, layout.tag, 1);
        if some.accepts_null() {
            return self.some(some, &payload.layout, rule, target.member(payload));
        }
        self.value(some, &payload.layout, rule, target.member(payload))
    }

    /// Reads a value that JSON writes without brackets.
    fn scalar(
        &mut self,
        ty: &'p Type,
        layout: &Layout,
        rule: &'p Rule,
        target: Target,
    ) -> Result<(), CallError> {
        let Some(raw) = self.next_scalar()? else { return Err(self.unexpected(ty, rule)) };
        let bits = match ty {
            Type::String => return self.string(rule, raw, target),
            Type::Bytes => return self.bytes(raw, target),
            Type::Bool => scalar::boolean(raw).map(u64::from),
            Type::Char => scalar::character(raw).map(u64::from),
            Type::F32 => rule.float.read_f32(raw).ok().map(|value| value.to_bits().into()),
            Type::F64 => rule.float.read_f64(raw).ok().map(f64::to_bits),
            Type::Enum(labels) => label(labels, &layout.names, raw).map(|index| index as u64),
            _ => integer(ty, rule, raw),
        };
        let bits = bits.ok_or_else(|| self.refuse(describe::value(ty, rule).0, excerpt(raw)))?;
        self.put(target, layout.size, bits);
        Ok(())
    }

    fn string(&mut self, rule: &'p Rule, raw: &str, target: Target) -> Result<(), CallError> {
        if raw.contains('\\') {
            self.budget.take(raw.len())?;
        }
        let Some(text) = scalar::unquoted(raw) else {
            return Err(self.not_text(rule.text_expected(), raw));
        };
        if !rule.allows_text(&text) {
            return Err(self.refuse(rule.text_expected().0, excerpt(raw)));
        }
        let pair = text::store(&text, self.encoding, self.heap, &mut self.budget)?;
        self.put_pair(target, pair);
        Ok(())
    }

    fn bytes(&mut self, raw: &str, target: Target) -> Result<(), CallError> {
        let expected = describe::value(&Type::Bytes, &ANY);
        if raw.contains('\\') {
            self.budget.take(raw.len())?;
        }
        let Some(text) = scalar::unquoted(raw) else { return Err(self.not_text(expected, raw)) };
        let len = scalar::bytes_len(&text);
        self.budget.take(len)?;
        let block = self.heap.allocate(1, len).map_err(CallError::Guest)?;
        let written = scalar::bytes_into(&text, block.bytes);
        let pair = Pair { address: block.address, len: len as u32 };
        if written != Some(len) {
            return Err(self.refuse(expected.0, excerpt(raw)));
        }
        self.put_pair(target, pair);
        Ok(())
    }

    /// Writes the low `size` bytes of `bits`; a flat slot takes them all.
    fn put(&mut self, target: Target, size: usize, bits: u64) {
        match target {
            Target::Flat(slot) => self.flat[slot] = bits,
            Target::Scratch(at) => self.scratch[at..at + size].copy_from_slice(&bits.to_le_bytes()[..size]),
        }
    }

    fn put_pair(&mut self, target: Target, pair: Pair) {
        self.put(target, 4, pair.address.into());
        self.put(target.next_word(), 4, pair.len.into());
    }

    /// Moves the scratch buffer from `start` on into the guest, and returns the address there.
    fn move_to_guest(&mut self, start: usize, align: usize) -> Result<u32, CallError> {
        let bytes = &self.scratch[start..];
        self.budget.take(bytes.len())?;
        let block = self.heap.allocate(align, bytes.len()).map_err(CallError::Guest)?;
        block.bytes.copy_from_slice(bytes);
        self.scratch.truncate(start);
        Ok(block.address)
    }

    fn next_scalar(&mut self) -> Result<Option<&'p str>, CallError> {
        self.json.scalar().map_err(|error| self.malformed(error))
    }

    fn next_item(&mut self, close: u8, first: &mut bool) -> Result<bool, CallError> {
        self.json.next_item(close, first).map_err(|error| self.malformed(error))
    }

    #[cold]
    fn refuse(&self, expected: String, found: String) -> CallError {
        CallError::Argument(ArgumentError { path: self.path.to_string(), found, expected })
    }

    /// Refuses the next value.
    #[cold]
    fn unexpected(&mut self, ty: &Type, rule: &Rule) -> CallError {
        let expected = describe::value(ty, rule).0;
        self.unexpected_for(expected)
    }

    #[cold]
    fn unexpected_for(&mut self, expected: String) -> CallError {
        match self.json.value() {
            Ok(raw) => self.refuse(expected, found_in_place(raw)),
            Err(error) => self.malformed(error),
        }
    }

    #[cold]
    fn malformed(&self, _: Malformed) -> CallError {
        let rest = self.json.rest();
        let found = if rest.is_empty() { "an end in the middle".into() } else { excerpt(rest) };
        self.refuse("well-formed JSON in UTF-8".into(), found)
    }

    /// Refuses a value that is not text: a string with a lone surrogate, or another kind of value.
    #[cold]
    fn not_text(&self, expected: Expected, raw: &str) -> CallError {
        let surrogates = if raw.starts_with('"') { " with surrogate escapes in pairs only" } else { "" };
        self.refuse(format!("{}{surrogates}", expected.0), excerpt(raw))
    }
}

/// Finds the enum case or flag that raw JSON names.
fn label(labels: &[Label], names: &Names, raw: &str) -> Option<usize> {
    let name = scalar::unquoted(raw)?;
    names.find(&name, || labels.iter().position(|label| label.name == name))
}

/// Returns the bits of an integer in two's complement; narrower types take 32 bits, like core values.
fn integer(ty: &Type, rule: &Rule, raw: &str) -> Option<u64> {
    let value = rule.integer.or_else(|| IntegerRange::of(ty))?.read(raw).ok()?;
    Some(match ty {
        Type::S64 | Type::U64 => value as u64,
        _ => u64::from(value as u32),
    })
}
