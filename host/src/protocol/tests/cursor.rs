//! Cursors: what they lead back to, and which ones are refused.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::*;

fn position(offset: usize, inner: Option<&str>) -> Position {
    let pages = u16::try_from(offset % 1000).unwrap();
    Position { offset, inner: inner.map(|text| InnerCursor { text: text.to_owned(), pages }) }
}

#[test]
fn a_cursor_leads_back_to_its_place() {
    let cursors = Cursors::new(b"digest");
    let longest = "é".repeat(MAX_INNER_CURSOR_BYTES / 2);
    for offset in [0, 1, 50, 12_345, usize::MAX] {
        for inner in [None, Some(""), Some("\u{1}"), Some("page 2 \u{1f600}"), Some(&longest)] {
            let position = position(offset, inner);
            let cursor = cursors.write("prompts", &position);
            assert_eq!(cursors.read("prompts", &cursor).unwrap(), position);
            let other = Cursors::new(b"digest").write("prompts", &position);
            assert_eq!(cursor, other, "another instance makes the same");
        }
    }
}

#[track_caller]
fn is_refused(cursors: &Cursors, list: &str, cursor: &str) {
    let fault = cursors.read(list, cursor).unwrap_err();
    assert_eq!((fault.code(Era::Modern), fault.status(Era::Modern).as_u16()), (-32602, 200), "{cursor}");
    assert!(fault.to_string().contains("params.cursor"), "{fault}");
}

#[test]
fn a_cursor_of_anything_else_is_refused() {
    let cursors = Cursors::new(b"digest");
    for position in [position(50, None), position(50, Some("inner"))] {
        let good = cursors.write("tools", &position);
        assert_eq!(cursors.read("tools", &good).unwrap(), position);
        let edited = |from: usize| {
            let mut bytes = good.clone().into_bytes();
            bytes[from] = if bytes[from] == b'A' { b'B' } else { b'A' };
            String::from_utf8(bytes).unwrap()
        };
        is_refused(&cursors, "tools", &Cursors::new(b"other").write("tools", &position));
        is_refused(&cursors, "tools", &format!("{good}="));
        is_refused(&cursors, "tools", &format!("{good}AAAA"));
        is_refused(&cursors, "tools", &good[1..]);
        (0..good.len()).for_each(|place| is_refused(&cursors, "tools", &edited(place)));
    }
    for cursor in ["", "50", "MTA=", "%%%", "\u{1}"] {
        is_refused(&cursors, "tools", cursor);
    }
}

#[test]
fn a_cursor_of_one_list_is_refused_by_all_others() {
    let cursors = Cursors::new(b"digest");
    let lists = ["tools", "resources", "resourceTemplates", "prompts", ""];
    for list in lists {
        let cursor = cursors.write(list, &position(7, Some("x")));
        for other in lists.into_iter().filter(|other| *other != list) {
            is_refused(&cursors, other, &cursor);
        }
    }
    // Where one part ends and the next begins is part of the tag.
    is_refused(&Cursors::new(b"digestt"), "ools", &cursors.write("tools", &position(7, None)));
}

#[test]
fn an_inner_cursor_that_is_too_long_or_no_text_does_not_come_back() {
    let cursors = Cursors::new(b"digest");
    let long = "x".repeat(MAX_INNER_CURSOR_BYTES + 1);
    is_refused(&cursors, "tools", &cursors.write("tools", &position(1, Some(&long))));
    for tail in [&b"\x02\0\0\xff"[..], b"\x01\0\0x", b"\x02", b"\x02\0", b"\0"] {
        let place = [&[0; 8][..], tail].concat();
        let forged = [&cursors.tag("tools", &place)[..], &place].concat();
        is_refused(&cursors, "tools", &URL_SAFE_NO_PAD.encode(forged));
    }
}
