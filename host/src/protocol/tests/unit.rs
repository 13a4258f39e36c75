//! Small pieces that no single request shows whole.

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
