//! Secrets: which ones are taken, and how one replaces another.

use super::*;

#[test]
fn an_older_key_opens_and_does_not_seal() {
    let (old, both, new) = (keys(&[OLD]), keys(&[NEW, OLD]), keys(&[NEW]));
    let of_old = closed(&old, b"under way");
    assert_eq!(both.open(&of_old, &BINDING).as_deref(), Some(&b"under way"[..]));
    let of_both = closed(&both, b"under way");
    assert_eq!(new.open(&of_both, &BINDING).as_deref(), Some(&b"under way"[..]));
    assert_eq!(old.open(&of_both, &BINDING), None, "only the first key seals");
    assert_eq!(new.open(&of_old, &BINDING), None, "a key that was taken out opens nothing");
}

#[test]
fn the_id_of_another_key_does_not_help() {
    let both = keys(&[NEW, OLD]);
    let (of_new, of_old) = (closed(&both, b"yes"), closed(&keys(&[OLD]), b"yes"));
    let exchanged = format!("{}{}", &of_old[..12], &of_new[12..]);
    assert_ne!(exchanged, of_new);
    assert_eq!(both.open(&exchanged, &BINDING), None);
    let unknown = format!("v2.AAAAAAAA{}", &of_new[11..]);
    assert_eq!(both.open(&unknown, &BINDING), None);
}

#[test]
fn a_secret_has_at_least_32_characters() {
    let short: String = NEW.chars().take(31).collect();
    assert!(matches!(StateKeys::new([short.as_str()]), Err(StateKeyError::Short { place: 1 })));
    assert!(matches!(StateKeys::new([NEW, short.as_str()]), Err(StateKeyError::Short { place: 2 })));
    assert!(StateKeys::new([NEW]).is_ok());
    // Characters, not bytes.
    assert!(matches!(StateKeys::new(["ä".repeat(31).as_str()]), Err(StateKeyError::Short { .. })));
    assert!(StateKeys::new(["ä".repeat(32).as_str()]).is_ok());
}

#[test]
fn no_secret_and_a_secret_that_is_there_twice_are_refused() {
    assert!(matches!(StateKeys::new([]), Err(StateKeyError::NoSecret)));
    assert!(matches!(StateKeys::new([NEW, OLD, NEW]), Err(StateKeyError::Repeated { place: 3 })));
}

#[test]
fn neither_errors_nor_what_is_printed_of_a_seal_holds_a_secret() {
    let keys = keys(&[NEW, OLD]);
    let errors =
        [StateKeys::new([NEW, NEW]), StateKeys::new(["canary"]), StateKeys::new([])].map(Result::unwrap_err);
    let said = format!(
        "{keys:?} {keys:#?} {errors:?} {}",
        errors.each_ref().map(StateKeyError::to_string).join(" ")
    );
    assert!(!said.contains("canary"), "{said}");
    let shown = format!("{keys:?}");
    assert!(
        shown.starts_with("StateKeys([\"") && shown.len() == r#"StateKeys(["12345678", "12345678"])"#.len(),
        "{shown}"
    );
}
