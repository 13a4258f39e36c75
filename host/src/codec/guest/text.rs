//! Copies strings to and from guests, in the three encodings that a component may use.

use std::borrow::Cow;

use wasmtime::component::__internal::wasmtime_environ::component::StringEncoding;

use super::budget::Budget;
use super::error::CallError;
use super::memory::{Heap, Memory, Pair, malformed};

/// The bit in the length of a `latin1+utf16` string that marks UTF-16.
const UTF16_TAG: u32 = 1 << 31;

/// The longest string in bytes that the canonical ABI can express.
const MAX_BYTES: usize = (1 << 31) - 1;

/// Copies `text` into the guest.
pub(super) fn store(
    text: &str,
    encoding: StringEncoding,
    heap: &mut dyn Heap,
    budget: &mut Budget,
) -> Result<Pair, CallError> {
    match encoding {
        StringEncoding::Utf8 => copy(text.as_bytes(), 1, heap, budget),
        StringEncoding::Utf16 => utf16(text, heap, budget),
        StringEncoding::CompactUtf16 => match latin1(text) {
            Some(bytes) => copy(&bytes, 2, heap, budget),
            None => {
                let Pair { address, len } = utf16(text, heap, budget)?;
                Ok(Pair { address, len: len | UTF16_TAG })
            }
        },
    }
}

fn copy(bytes: &[u8], align: usize, heap: &mut dyn Heap, budget: &mut Budget) -> Result<Pair, CallError> {
    let len = length(bytes.len())?;
    budget.take(bytes.len())?;
    let block = heap.allocate(align, bytes.len()).map_err(CallError::Guest)?;
    block.bytes.copy_from_slice(bytes);
    Ok(Pair { address: block.address, len })
}

fn utf16(text: &str, heap: &mut dyn Heap, budget: &mut Budget) -> Result<Pair, CallError> {
    let units = text.encode_utf16().count();
    let len = length(units)?;
    length(units.saturating_mul(2))?;
    budget.take(units * 2)?;
    let block = heap.allocate(2, units * 2).map_err(CallError::Guest)?;
    let (places, _) = block.bytes.as_chunks_mut::<2>();
    for (place, unit) in places.iter_mut().zip(text.encode_utf16()) {
        *place = unit.to_le_bytes();
    }
    Ok(Pair { address: block.address, len })
}

/// Returns the text in Latin-1, if all of it can be.
fn latin1(text: &str) -> Option<Cow<'_, [u8]>> {
    if text.is_ascii() {
        return Some(Cow::Borrowed(text.as_bytes()));
    }
    text.chars().map(|char| u8::try_from(u32::from(char)).ok()).collect::<Option<Vec<u8>>>().map(Cow::Owned)
}

fn length(bytes: usize) -> Result<u32, CallError> {
    let len = u32::try_from(bytes).ok().filter(|_| bytes <= MAX_BYTES);
    len.ok_or(CallError::Input { limit_bytes: MAX_BYTES })
}

/// Reads a string of the guest. It calls `fits` with a lower bound of the text's bytes before it copies or validates
/// anything.
pub(super) fn load<'m>(
    memory: Memory<'m>,
    encoding: StringEncoding,
    pair: Pair,
    fits: impl FnOnce(usize) -> Result<(), CallError>,
) -> Result<Cow<'m, str>, CallError> {
    let (units, wide) = match encoding {
        StringEncoding::Utf8 => {
            let bytes = memory.block(pair.address, pair.len, 1, 1)?;
            fits(bytes.len())?;
            let text = std::str::from_utf8(bytes).map_err(|_| malformed("a string is not UTF-8"))?;
            return Ok(Cow::Borrowed(text));
        }
        StringEncoding::Utf16 => (pair.len, true),
        StringEncoding::CompactUtf16 => (pair.len & !UTF16_TAG, pair.len & UTF16_TAG != 0),
    };
    let bytes = memory.block(pair.address, units, if wide { 2 } else { 1 }, 2)?;
    fits(units as usize)?;
    if wide {
        let units = bytes.as_chunks::<2>().0.iter().map(|unit| u16::from_le_bytes(*unit));
        let text: Result<String, _> = char::decode_utf16(units).collect();
        return text.map(Cow::Owned).map_err(|_| malformed("a string is not UTF-16"));
    }
    Ok(match std::str::from_utf8(bytes) {
        Ok(text) if text.is_ascii() => Cow::Borrowed(text),
        _ => Cow::Owned(bytes.iter().copied().map(char::from).collect()),
    })
}
