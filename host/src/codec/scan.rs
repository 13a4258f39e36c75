//! Measures pieces of JSON text: what a string needs no escape for, and numbers.

const ONES: u64 = u64::MAX / 0xFF;
const HIGHS: u64 = ONES << 7;

/// Returns the number of leading bytes of `text` that need no escape: no quote, no backslash, no control character.
pub(super) fn plain(text: &[u8]) -> usize {
    let (words, tail) = text.as_chunks::<8>();
    for (index, word) in words.iter().enumerate() {
        let marks = special(u64::from_le_bytes(*word));
        if marks != 0 {
            return index * 8 + marks.trailing_zeros() as usize / 8;
        }
    }
    let special = |&byte: &u8| byte < 0x20 || byte == b'"' || byte == b'\\';
    text.len() - tail.len() + tail.iter().position(special).unwrap_or(tail.len())
}

/// Sets the high bit of every byte of `word` that is special, up to and including the first such byte.
///
/// Subtraction borrows only upwards, so the marks are exact up to the lowest one, which is all that is needed.
fn special(word: u64) -> u64 {
    let zero = |bytes: u64| bytes.wrapping_sub(ONES) & !bytes;
    let control = word.wrapping_sub(ONES * 0x20) & !word;
    (control | zero(word ^ (ONES * u64::from(b'"'))) | zero(word ^ (ONES * u64::from(b'\\')))) & HIGHS
}

/// Returns the length of the number that `text` begins with.
pub(super) fn number(text: &[u8]) -> Option<usize> {
    let digits = |at: usize| text[at..].iter().take_while(|byte| byte.is_ascii_digit()).count();
    let mut at = usize::from(text[0] == b'-');
    at += match digits(at) {
        0 => return None,
        _ if text[at] == b'0' => 1,
        count => count,
    };
    if text.get(at) == Some(&b'.') {
        at += 1 + Some(digits(at + 1)).filter(|&count| count > 0)?;
    }
    if matches!(text.get(at), Some(b'e' | b'E')) {
        at += 1 + usize::from(matches!(text.get(at + 1), Some(b'+' | b'-')));
        at += Some(digits(at)).filter(|&count| count > 0)?;
    }
    Some(at)
}

#[cfg(test)]
mod tests {
    use super::plain;

    #[test]
    fn every_byte_at_every_place_is_judged_as_one_by_one() {
        for byte in 0..=u8::MAX {
            for place in 0..24 {
                let mut text = [b'a'; 24];
                text[place] = byte;
                let special = byte < 0x20 || byte == b'"' || byte == b'\\';
                assert_eq!(plain(&text), if special { place } else { 24 }, "byte {byte:#x} at {place}");
            }
        }
    }

    #[test]
    fn the_first_of_two_special_bytes_is_found() {
        for first in 0..16 {
            for second in first..16 {
                for neighbours in [[0x1f, 0x20], [b'"', b'!'], [0, 1], [b'\\', 0xff], [0x80, b'"']] {
                    let mut text = [0xe9; 16];
                    text[second] = neighbours[1];
                    text[first] = neighbours[0];
                    let special = |&byte: &u8| byte < 0x20 || byte == b'"' || byte == b'\\';
                    let expected = text.iter().position(special).unwrap_or(16);
                    assert_eq!(plain(&text), expected, "{text:?}");
                }
            }
        }
    }
}
