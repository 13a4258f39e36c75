//! Small pieces that no single request shows whole.

use super::*;
use crate::protocol::number::equal;

#[test]
fn numbers_are_compared_by_value() {
    for (left, right) in [
        ("42", "42"),
        ("42", "42.0"),
        ("42", "4.2e1"),
        ("420", "42E+1"),
        ("0.5", "5e-1"),
        ("-0", "0"),
        ("0.0", "-0e5"),
        ("100", "1e2"),
        ("-7", "-7.000"),
        ("12345678901234567890123", "12345678901234567890123.0"),
        ("0.010", "1e-2"),
    ] {
        assert!(equal(left, right) && equal(right, left), "{left} {right}");
    }
    for (left, right) in [
        ("42", "43"),
        ("42", "-42"),
        ("42", "042"),
        ("42", "+42"),
        ("42", "42."),
        ("42", ""),
        ("42", " 42"),
        ("42", "0x2a"),
        ("42", "4_2"),
        ("42", "42e"),
        ("42", "NaN"),
        ("9007199254740993", "9007199254740992"),
        ("1", "1e99999999999"),
        ("0", ""),
        ("0", "-"),
        ("0", ".0"),
        ("1", "1e1"),
        ("42", "42,0"),
    ] {
        assert!(!equal(left, right) && !equal(right, left), "{left} {right}");
    }
}

#[test]
fn a_cursor_leads_back_to_its_place() {
    let cursors = Cursors::new(b"digest");
    for offset in [0, 1, 50, 12_345, usize::MAX] {
        let cursor = cursors.write(offset);
        assert_eq!(cursors.read(&cursor).unwrap(), offset);
        assert_eq!(cursor, Cursors::new(b"digest").write(offset), "another instance makes the same");
    }
}

#[test]
fn a_cursor_of_anything_else_is_refused() {
    let cursors = Cursors::new(b"digest");
    let good = cursors.write(50);
    let other = Cursors::new(b"other").write(50);
    let edited = |from: usize| {
        let mut bytes = good.clone().into_bytes();
        bytes[from] = if bytes[from] == b'A' { b'B' } else { b'A' };
        String::from_utf8(bytes).unwrap()
    };
    let padded = format!("{good}=");
    let longer = format!("{good}AAAA");
    for cursor in [
        "",
        "50",
        "MTA=",
        "%%%",
        "\u{1}",
        &other,
        &padded,
        &longer,
        &good[1..],
        &edited(0),
        &edited(12),
        &edited(20),
    ] {
        let fault = cursors.read(cursor).unwrap_err();
        assert_eq!((fault.code(), fault.status(Era::Modern).as_u16()), (-32602, 200), "{cursor}");
        assert!(fault.to_string().contains("params.cursor"), "{fault}");
    }
}
