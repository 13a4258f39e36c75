//! Encodes results: from the canonical ABI to one line of JSON, in one pass over guest memory.
//!
//! The guest chooses everything that is read here. Any memory gives a result or an error, in time and memory
//! proportional to the output limit: each element writes at least a byte, and nothing is validated or copied before
//! there is room for it.

use wasmtime::ValRaw;
use wasmtime::component::__internal::wasmtime_environ::component::StringEncoding;

use super::budget::Budgets;
use super::error::CallError;
use super::layout::{Layout, Member};
use super::memory::{Memory, Pair, malformed};
use super::plan::Plan;
use super::text;
use crate::codec::cases::Cases;
use crate::codec::encoded::{Encoded, ResultBody, ResultStatus, UNNAMED_ERROR};
use crate::codec::json::Writer;
use crate::codec::plan::{Field, Label, Type};

/// The most core values of a result that is returned flat; a larger one is returned in memory.
const MAX_FLAT_RESULTS: usize = 1;

/// The raw result of a function: a core value, and the memory that it may point into.
#[derive(Clone, Copy)]
pub(super) struct Returned<'m> {
    pub(super) value: ValRaw,
    pub(super) memory: Memory<'m>,
    pub(super) encoding: StringEncoding,
}

/// Writes a function's result, if all that will be sent of it is within the budget.
///
/// # Errors
/// As [`encode`].
pub(super) fn encode_within(
    plan: &Plan,
    returned: Returned<'_>,
    budgets: Budgets,
) -> Result<Encoded, CallError> {
    let limit_bytes = budgets.output_bytes;
    let encoded = encode(plan, returned, limit_bytes)?;
    if encoded.sent_bytes(budgets.answer) > limit_bytes {
        return Err(CallError::Output { limit_bytes });
    }
    Ok(encoded)
}

/// Writes a function's result as the body of a `CallToolResult`.
///
/// # Errors
/// More than `limit_bytes` of JSON or text, and results that break the canonical ABI.
pub(super) fn encode(plan: &Plan, returned: Returned<'_>, limit_bytes: usize) -> Result<Encoded, CallError> {
    let Some((ty, layout)) = plan.result() else {
        return Ok(Encoded { status: ResultStatus::Success, body: ResultBody::Empty });
    };
    let Returned { value, memory, encoding } = returned;
    let source = if layout.slots <= MAX_FLAT_RESULTS {
        Source::Flat(value)
    } else {
        Source::Memory(memory.block(value.get_u32(), 1, layout.size, layout.align)?)
    };
    let encoder = Encoder { memory, encoding, json: Writer::new(limit_bytes) };
    encoder.result(ty, layout, source)
}

/// The place from which a value is read.
#[derive(Clone, Copy)]
enum Source<'m> {
    /// The one core value of a flat result.
    Flat(ValRaw),
    /// Memory of exactly the value's size.
    Memory(&'m [u8]),
}

impl<'m> Source<'m> {
    /// Returns a member's source. All members of a flat value share its only slot.
    fn member(self, member: &Member) -> Self {
        match self {
            Self::Flat(value) => Self::Flat(value),
            Self::Memory(bytes) => Self::Memory(&bytes[member.offset..][..member.layout.size]),
        }
    }

    /// Returns a number of `size` bytes from `offset` on; a flat one is as wide as its core type.
    fn bits(self, offset: usize, size: usize) -> u64 {
        match self {
            Self::Flat(value) if size == 8 => value.get_u64(),
            Self::Flat(value) => value.get_u32().into(),
            Self::Memory(bytes) => {
                let mut bits = [0; 8];
                bits[..size].copy_from_slice(&bytes[offset..][..size]);
                u64::from_le_bytes(bits)
            }
        }
    }

    fn pair(self) -> Pair {
        Pair { address: self.bits(0, 4) as u32, len: self.bits(4, 4) as u32 }
    }
}

struct Encoder<'m> {
    memory: Memory<'m>,
    encoding: StringEncoding,
    json: Writer,
}

impl<'m> Encoder<'m> {
    fn result(self, ty: &Type, layout: &Layout, source: Source<'m>) -> Result<Encoded, CallError> {
        let Type::Result { ok, err } = ty else {
            return self.body(ty, layout, source, ResultStatus::Success);
        };
        let index = case_index(layout, source)?;
        let (status, payload) = match index {
            0 => (ResultStatus::Success, ok),
            _ => (ResultStatus::Error, err),
        };
        let member = &layout.members[index];
        match (payload, status) {
            (Some(ty), status) => self.body(ty, &member.layout, source.member(member), status),
            (None, ResultStatus::Success) => Ok(Encoded { status, body: ResultBody::Empty }),
            (None, ResultStatus::Error) => {
                Ok(Encoded { status, body: ResultBody::Text(UNNAMED_ERROR.into()) })
            }
        }
    }

    fn body(
        mut self,
        ty: &Type,
        layout: &Layout,
        source: Source<'m>,
        status: ResultStatus,
    ) -> Result<Encoded, CallError> {
        if let Type::String = ty {
            let text = self.text(source.pair())?.into_owned();
            self.json.reserve(text.len())?;
            return Ok(Encoded { status, body: ResultBody::Text(text) });
        }
        if status == ResultStatus::Error || matches!(ty, Type::Record(_)) {
            self.value(ty, layout, source)?;
        } else {
            self.json.raw("{\"result\":")?;
            self.value(ty, layout, source)?;
            self.json.raw("}")?;
        }
        Ok(Encoded { status, body: ResultBody::Json(self.json.into_bytes()) })
    }

    fn value(&mut self, ty: &Type, layout: &Layout, source: Source<'m>) -> Result<(), CallError> {
        match ty {
            Type::String => self.string(source.pair()),
            Type::Bytes => self.bytes(source.pair()),
            Type::List(element) => self.list(element, layout.element(), source.pair()),
            Type::Tuple(types) => self.tuple(types, layout, source),
            Type::Record(fields) => self.record(fields, layout, source),
            Type::Variant(_) | Type::Result { .. } => self.case(ty, layout, source),
            Type::Enum(labels) => Ok(self.json.string(&labels[case_index(layout, source)?].name)?),
            Type::Flags(labels) => self.flags(labels, layout, source),
            Type::Option(some) => self.option(some, layout, source),
            _ => self.scalar(ty, source.bits(0, layout.size)),
        }
    }

    /// Writes a scalar. Narrow numbers are in the low bits; the bits above them do not count.
    fn scalar(&mut self, ty: &Type, bits: u64) -> Result<(), CallError> {
        let written = match ty {
            Type::Bool => self.json.raw(if bits == 0 { "false" } else { "true" }),
            Type::S8 => self.json.integer((bits as i8).into()),
            Type::U8 => self.json.integer((bits as u8).into()),
            Type::S16 => self.json.integer((bits as i16).into()),
            Type::U16 => self.json.integer((bits as u16).into()),
            Type::S32 => self.json.integer((bits as i32).into()),
            Type::U32 => self.json.integer((bits as u32).into()),
            Type::S64 => self.json.integer((bits as i64).into()),
            Type::U64 => self.json.integer(bits.into()),
            Type::F32 => self.json.f32(f32::from_bits(bits as u32)),
            Type::F64 => self.json.f64(f64::from_bits(bits)),
            Type::Char => {
                let char = char::from_u32(bits as u32)
                    .ok_or_else(|| malformed("a char is no Unicode scalar value"))?;
                self.json.string(char.encode_utf8(&mut [0; 4]))
            }
            _ => unreachable!("every other type has parts"),
        };
        Ok(written?)
    }

    fn text(&mut self, pair: Pair) -> Result<std::borrow::Cow<'m, str>, CallError> {
        text::load(self.memory, self.encoding, pair, |bytes| Ok(self.json.reserve(bytes)?))
    }

    fn string(&mut self, pair: Pair) -> Result<(), CallError> {
        let text = self.text(pair)?;
        Ok(self.json.string(&text)?)
    }

    fn bytes(&mut self, pair: Pair) -> Result<(), CallError> {
        let bytes = self.memory.block(pair.address, pair.len, 1, 1)?;
        Ok(self.json.bytes(bytes)?)
    }

    fn list(&mut self, element: &Type, layout: &Layout, pair: Pair) -> Result<(), CallError> {
        let bytes = self.memory.block(pair.address, pair.len, layout.size, layout.align)?;
        self.json.raw("[")?;
        for (index, bytes) in bytes.chunks_exact(layout.size).enumerate() {
            self.comma(index)?;
            self.value(element, layout, Source::Memory(bytes))?;
        }
        Ok(self.json.raw("]")?)
    }

    fn tuple(&mut self, types: &[Type], layout: &Layout, source: Source<'m>) -> Result<(), CallError> {
        self.json.raw("[")?;
        for (index, (ty, member)) in types.iter().zip(&layout.members).enumerate() {
            self.comma(index)?;
            self.value(ty, &member.layout, source.member(member))?;
        }
        Ok(self.json.raw("]")?)
    }

    fn record(&mut self, fields: &[Field], layout: &Layout, source: Source<'m>) -> Result<(), CallError> {
        self.json.raw("{")?;
        for (index, (field, member)) in fields.iter().zip(&layout.members).enumerate() {
            self.comma(index)?;
            self.json.key(&field.name)?;
            self.value(&field.ty, &member.layout, source.member(member))?;
        }
        Ok(self.json.raw("}")?)
    }

    fn case(&mut self, ty: &Type, layout: &Layout, source: Source<'m>) -> Result<(), CallError> {
        let index = case_index(layout, source)?;
        let Some((name, payload)) = Cases::of(ty).map(|cases| cases.get(index)) else {
            unreachable!("only types with cases come here");
        };
        let Some(payload) = payload else { return Ok(self.json.string(name)?) };
        let member = &layout.members[index];
        self.json.raw("{")?;
        self.json.key(name)?;
        self.value(payload, &member.layout, source.member(member))?;
        Ok(self.json.raw("}")?)
    }

    fn option(&mut self, some: &Type, layout: &Layout, source: Source<'m>) -> Result<(), CallError> {
        if case_index(layout, source)? == 0 {
            return Ok(self.json.raw("null")?);
        }
        let member = &layout.members[1];
        let source = source.member(member);
        if !some.accepts_null() {
            return self.value(some, &member.layout, source);
        }
        self.json.raw("{\"some\":")?;
        self.value(some, &member.layout, source)?;
        Ok(self.json.raw("}")?)
    }

    /// Writes flags; bits without a name do not count.
    fn flags(&mut self, labels: &[Label], layout: &Layout, source: Source<'m>) -> Result<(), CallError> {
        let word_size = layout.size.min(4);
        let is_set = |flag: usize| source.bits(flag / 32 * 4, word_size) >> (flag % 32) & 1 == 1;
        self.json.raw("[")?;
        for (index, flag) in (0..labels.len()).filter(|&flag| is_set(flag)).enumerate() {
            self.comma(index)?;
            self.json.string(&labels[flag].name)?;
        }
        Ok(self.json.raw("]")?)
    }

    fn comma(&mut self, index: usize) -> Result<(), CallError> {
        if index == 0 { Ok(()) } else { Ok(self.json.raw(",")?) }
    }
}

/// Reads the discriminant, which must be that of a case.
fn case_index(layout: &Layout, source: Source<'_>) -> Result<usize, CallError> {
    let index = source.bits(0, layout.tag) as usize;
    if index < layout.members.len() { Ok(index) } else { Err(malformed("a discriminant is out of range")) }
}
