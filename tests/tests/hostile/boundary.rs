//! Attacks with values that a guest hands to the host: pointers, lengths, texts, discriminants.

use serde_json::json;

use crate::attack::{self, Attack, attack, harmless};
use crate::component::lifted;

const RULE: &str = "the tool crashed: it broke a rule of WebAssembly";

/// The encodings in which a guest may pass strings.
const ENCODINGS: [&str; 3] = ["utf8", "utf16", "latin1+utf16"];

/// Makes a component that returns what these words and bytes at address 64 say, as `ty`.
fn returns(name: &str, ty: &str, encoding: &str, words: &[u32], bytes: &str) -> String {
    let words: String =
        words.iter().flat_map(|word| word.to_le_bytes()).map(|byte| format!("\\{byte:02x}")).collect();
    let core = format!(
        r#"(memory (export "memory") 1) (data (i32.const 64) "{words}{bytes}")
        (func (export "run") (result i32) (i32.const 64))"#
    );
    let lift = format!(
        r#"(result {ty}) (canon lift (core func $i "run") (memory (core memory $i "memory"))
            string-encoding={encoding})"#
    );
    lifted(name, &core, &lift)
}

/// Pointers and lengths that leave the memory of one page, in words of which each is valid in no encoding.
const RANGES: [(&str, u32, u32); 6] = [
    ("starts-past-the-end", 65_536, 2),
    ("ends-past-the-end", 65_534, 4),
    ("wraps-around", 0xffff_fff0, 32),
    ("is-as-long-as-can-be", 0, 0x7fff_ffff),
    ("has-every-bit-of-length", 2, 0xffff_ffff),
    ("is-far-away", 0x8000_0000, 2),
];

fn texts() -> Vec<Attack> {
    let mut attacks = Vec::new();
    for encoding in ENCODINGS {
        let short = encoding.replace("latin1+utf16", "either");
        for (what, pointer, length) in RANGES {
            let name = format!("text-in-{short}-{what}");
            attacks.push(attack(
                &name,
                |name| returns(name, "string", encoding, &[pointer, length], ""),
                RULE,
            ));
        }
    }
    for (name, encoding, length, bytes) in [
        ("text-that-is-no-utf-a", "utf8", 2, "\\ff\\fe"),
        ("text-with-a-surrogate-in-utf-a", "utf8", 3, "\\ed\\a0\\80"),
        ("text-cut-within-a-character", "utf8", 2, "\\e2\\82"),
        ("text-with-a-lone-surrogate", "utf16", 1, "\\00\\d8"),
        ("text-with-surrogates-in-disorder", "utf16", 2, "\\00\\dc\\00\\d8"),
        ("text-with-a-tag-and-a-lone-surrogate", "latin1+utf16", 1 | 1 << 31, "\\00\\d8"),
    ] {
        attacks.push(attack(name, |name| returns(name, "string", encoding, &[72, length], bytes), RULE));
    }
    attacks.push(attack(
        "text-at-an-odd-address",
        |name| returns(name, "string", "utf16", &[73, 2], ""),
        RULE,
    ));
    attacks
}

/// Values of other types that break the rules of their type.
fn values() -> Vec<Attack> {
    let value =
        |name: &str, ty: &str, words: &[u32]| attack(name, |name| returns(name, ty, "utf8", words, ""), RULE);
    vec![
        value("list-past-the-end", "(list u32)", &[65_536, 1]),
        value("list-whose-size-overflows", "(list u64)", &[64, 0x2000_0001]),
        value("list-at-an-odd-address", "(list u32)", &[65, 1]),
        value("list-of-texts-past-the-end", "(list string)", &[72, 1, 65_535, 9]),
        value("bytes-past-the-end", "(list u8)", &[1, 65_536]),
        value("option-without-a-case", "(option u32)", &[2, 0]),
        value("result-without-a-case", "(result u32 (error u32))", &[7, 0]),
        value("character-that-is-a-surrogate", "(tuple char char)", &[0x61, 0xd800]),
        value("character-beyond-unicode", "(tuple char char)", &[0x61, 0x11_0000]),
        value("character-with-every-bit", "(tuple char char)", &[0xffff_ffff, 0x61]),
    ]
}

/// Results whose own address is wrong.
fn addresses() -> Vec<Attack> {
    let at = |name: &str, address: u32| {
        let core = format!(
            r#"(memory (export "memory") 1) (func (export "run") (result i32) (i32.const {address}))"#
        );
        let lift = r#"(result string) (canon lift (core func $i "run") (memory (core memory $i "memory")))"#;
        attack(name, |name| lifted(name, &core, lift), RULE)
    };
    vec![
        at("result-past-the-end", 65_536),
        at("result-across-the-end", 65_532),
        at("result-at-an-odd-address", 65),
        at("result-far-away", 0xffff_fffc),
    ]
}

/// A list of which each item is the list itself, twelve deep: nothing is large but what the host would write.
fn amplified() -> Attack {
    let ty = (0..12).fold("u8".to_owned(), |ty, _| format!("(list {ty})"));
    let words = [64_u32, 8].repeat(8);
    attack(
        "list-that-contains-itself",
        |name| returns(name, &ty, "utf8", &words, ""),
        "the result is larger than 6291456 bytes",
    )
}

/// Allocators that give the host no place, or the wrong one.
fn allocators() -> Vec<Attack> {
    let core = |body: &str| {
        format!(
            r#"(memory (export "memory") 1)
            (func (export "realloc") (param i32 i32 i32 i32) (result i32) {body})
            (func (export "run") (param i32 i32) (result i32) (local.get 1))"#
        )
    };
    let lift = |encoding: &str| {
        format!(
            r#"(param "text" string) (result u32) (canon lift (core func $i "run")
                (memory (core memory $i "memory")) (realloc (core func $i "realloc")) string-encoding={encoding})"#
        )
    };
    let text = json!({"text": "a text of some length"});
    let wrong = |name: &str, body: &str, encoding: &str| {
        attack(name, |name| lifted(name, &core(body), &lift(encoding)), RULE).with(text.clone())
    };
    vec![
        wrong("allocation-past-the-end", "(i32.const 65536)", "utf8"),
        wrong("allocation-across-the-end", "(i32.const 65530)", "utf8"),
        wrong("allocation-far-away", "(i32.const -8)", "utf8"),
        wrong("allocation-at-an-odd-address", "(i32.const 65)", "utf16"),
        harmless(
            "allocation-over-other-data",
            |name| lifted(name, &core("(i32.const 0)"), &lift("utf8")),
            21,
        )
        .with(text.clone()),
    ]
}

#[test]
fn a_text_is_read_only_where_and_as_it_may_be() {
    attack::run("texts of guests", &texts());
}

#[test]
fn a_value_that_breaks_its_type_is_refused() {
    attack::run("values of guests", &[values(), addresses(), vec![amplified()]].concat());
}

#[test]
fn the_host_writes_only_where_an_allocation_may_be() {
    attack::run("allocations of guests", &allocators());
}
