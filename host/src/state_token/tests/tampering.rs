//! No other text opens.

use super::*;

/// Random texts to try: enough to find a part of the text that the code does not check.
const EDITS: usize = 1_000_000;

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// SplitMix64: the same numbers in every run.
struct Numbers(u64);

impl Numbers {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.next() % end as u64).unwrap()
    }

    fn byte(&mut self) -> u8 {
        u8::try_from(self.below(256)).unwrap()
    }
}

/// Changes `text` in one place; `other` is another text that opens.
fn edit(text: &mut Vec<u8>, other: &[u8], numbers: &mut Numbers) {
    let place = numbers.below(text.len().max(1));
    match numbers.below(7) {
        _ if text.is_empty() => text.push(numbers.byte()),
        0 => text[place] ^= 1 << numbers.below(7),
        1 => text[place] = ALPHABET[numbers.below(64)],
        2 => {
            let with = numbers.below(text.len());
            text.swap(place, with);
        }
        3 => drop(text.drain(place..(place + 1 + numbers.below(4)).min(text.len()))),
        4 => text.insert(place, ALPHABET[numbers.below(64)]),
        5 => text.insert(place, numbers.byte()),
        _ => {
            text.truncate(place);
            text.extend_from_slice(&other[place.min(other.len())..]);
        }
    }
}

#[test]
fn none_of_a_million_edited_texts_opens() {
    let keys = keys(&[NEW, OLD]);
    let [one, two] = [b"{\"round\":1}", b"{\"round\":2}"].map(|plaintext| closed(&keys, plaintext));
    assert!(keys.open(&one, &BINDING).is_some() && keys.open(&two, &BINDING).is_some());
    let mut numbers = Numbers(0x7001_ce11);
    let mut tried = 0;
    while tried < EDITS {
        let mut text = one.clone().into_bytes();
        for _ in 0..=numbers.below(3) {
            edit(&mut text, two.as_bytes(), &mut numbers);
        }
        // A client's text is UTF-8 before it gets here, and some edits undo each other.
        let Ok(text) = std::str::from_utf8(&text) else { continue };
        if text == one || text == two {
            continue;
        }
        tried += 1;
        assert_eq!(keys.open(text, &BINDING), None, "{one} was edited to {text}");
    }
}

#[test]
fn a_text_opens_neither_shortened_nor_lengthened() {
    let keys = keys(&[NEW]);
    let text = closed(&keys, b"yes");
    for end in 0..text.len() {
        assert_eq!(keys.open(&text[..end], &BINDING), None, "{end} characters");
    }
    for more in ["-TAMPERED", "A", "AAAA", "=", "==", ".", ".AAAA", " ", "\n", "\0"] {
        assert_eq!(keys.open(&format!("{text}{more}"), &BINDING), None, "{more:?} appended");
        assert_eq!(keys.open(&format!("{more}{text}"), &BINDING), None, "{more:?} put before");
    }
}

#[test]
fn a_text_that_is_longer_than_any_is_not_decoded() {
    let keys = keys(&[NEW]);
    let text = closed(&keys, &[0; MAX_PLAINTEXT_BYTES]);
    assert!(keys.open(&text, &BINDING).is_some());
    assert_eq!(keys.open(&format!("{text}A"), &BINDING), None);
}

#[test]
fn there_is_no_second_spelling() {
    let keys = keys(&[NEW]);
    // Of 24 + 16 bytes the last character has four bits to spare, with one more byte two.
    for plaintext in [&b""[..], b"a"] {
        let text = closed(&keys, plaintext);
        let (start, last) = text.split_at(text.len() - 1);
        let opening: Vec<_> = ALPHABET
            .iter()
            .map(|other| char::from(*other).to_string())
            .filter(|other| keys.open(&format!("{start}{other}"), &BINDING).is_some())
            .collect();
        assert_eq!(opening, [last], "the last character of {text}");
        for padding in ["=", "=="] {
            assert_eq!(keys.open(&format!("{text}{padding}"), &BINDING), None);
        }
    }
    let mut texts = (0..100).map(|_| closed(&keys, b"yes"));
    let text = texts.find(|text| text[12..].contains(['-', '_'])).unwrap();
    let (head, body) = text.split_at(12);
    let spelled = format!("{head}{}", body.replace('-', "+").replace('_', "/"));
    assert_eq!(keys.open(&spelled, &BINDING), None, "the other alphabet");
}

#[test]
fn a_text_that_is_none_does_not_open() {
    for text in ["", ".", "..", "v2", "v2.", "v2..", "v2.AAAAAAAA.", "v1.AAAAAAAA.AAAA", "null", "ä.ä.ä"] {
        assert_eq!(keys(&[NEW]).open(text, &BINDING), None, "{text:?}");
    }
    let text = closed(&keys(&[NEW]), b"yes");
    for other in [text.replace("v2.", "v1."), text.replace("v2.", "V1."), text.replace("v2.", "")] {
        assert_eq!(keys(&[NEW]).open(&other, &BINDING), None, "{other}");
    }
}
