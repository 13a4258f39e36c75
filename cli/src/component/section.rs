//! The custom section that `toolcell pack` adds, so that one `.wasm` file carries everything.

use std::ops::Range;

use wasm_encoder::{CustomSection, Encode as _, Section as _};
use wasmparser::BinaryReader;

/// Name of the section; nothing else reads it, and components stay readable for every other tool.
pub const NAME: &str = "toolcell:plugin";

/// The id of custom sections.
const CUSTOM: u8 = 0;

/// The length of magic number and version.
const HEADER: usize = 8;

/// Finds the section's content in a component; nested ones do not count.
pub fn find(component: &[u8]) -> Option<&[u8]> {
    ranges(component).into_iter().next().map(|section| &component[section.content])
}

/// Returns the component with `content` as its only section of that name, at the end.
pub fn replace(component: &[u8], content: &[u8]) -> Vec<u8> {
    let mut packed = Vec::with_capacity(component.len() + content.len() + 32);
    let mut kept = 0;
    for section in ranges(component) {
        packed.extend_from_slice(&component[kept..section.whole.start]);
        kept = section.whole.end;
    }
    packed.extend_from_slice(&component[kept..]);
    let section = CustomSection { name: NAME.into(), data: content.into() };
    packed.push(section.id());
    section.encode(&mut packed);
    packed
}

/// Returns the end of the last section with this id; nested ones do not count.
pub(super) fn last_end(component: &[u8], wanted: u8) -> Option<usize> {
    let mut start = HEADER;
    let mut last = None;
    while let Some((id, body)) = section_at(component, start) {
        if id == wanted {
            last = Some(body.end);
        }
        start = body.end;
    }
    last
}

struct Found {
    /// The section with its id and size.
    whole: Range<usize>,
    content: Range<usize>,
}

/// Lists the outermost sections of a component, each by its id and the place of its content.
pub(super) fn all(component: &[u8]) -> impl Iterator<Item = (u8, Range<usize>)> {
    let mut start = HEADER;
    std::iter::from_fn(move || {
        let (id, body) = section_at(component, start)?;
        start = body.end;
        Some((id, body))
    })
}

/// Walks the outermost sections only; the file was validated before, so a damaged one ends the walk.
fn ranges(component: &[u8]) -> Vec<Found> {
    let mut found = Vec::new();
    let mut start = HEADER;
    while let Some((id, body)) = section_at(component, start) {
        if id == CUSTOM {
            found.extend(
                content_of(component, &body).map(|content| Found { whole: start..body.end, content }),
            );
        }
        start = body.end;
    }
    found
}

fn section_at(component: &[u8], start: usize) -> Option<(u8, Range<usize>)> {
    let mut reader = BinaryReader::new(component.get(start..)?, 0);
    let id = reader.read_u8().ok()?;
    let size = usize::try_from(reader.read_var_u32().ok()?).ok()?;
    let body = start + usize::try_from(reader.original_position()).ok()?;
    (size <= component.len() - body).then(|| (id, body..body + size))
}

fn content_of(component: &[u8], body: &Range<usize>) -> Option<Range<usize>> {
    let mut reader = BinaryReader::new(&component[body.clone()], 0);
    let ours = reader.read_string().ok()? == NAME;
    let name_end = body.start + usize::try_from(reader.original_position()).ok()?;
    ours.then_some(name_end..body.end)
}

#[cfg(test)]
mod tests {
    use super::*;

    const EMPTY: &[u8] = b"\0asm\x0d\0\x01\0";

    #[test]
    fn packing_twice_keeps_one_section() {
        let once = replace(EMPTY, b"first");
        assert_eq!(find(&once), Some(b"first".as_slice()));
        let twice = replace(&once, b"second");
        assert_eq!(find(&twice), Some(b"second".as_slice()));
        assert_eq!(replace(&twice, b"first"), once);
    }

    #[test]
    fn other_sections_and_damaged_ends_stay_as_they_are() {
        let mut other = EMPTY.to_vec();
        other.extend_from_slice(b"\0\x05\x04name\0\x7f");
        assert_eq!(find(&other), None);
        assert!(replace(&other, b"x").starts_with(&other));
    }
}
