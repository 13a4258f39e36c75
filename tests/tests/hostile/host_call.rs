//! Attacks with arguments of calls to the host, and with handles.

use serde_json::json;

use crate::attack::{self, Attack, attack, harmless};
use crate::component::{Parts, TAKES_TEXT, lifted, wired};
use crate::import::{FIELDS, INSECURE_RANDOM, Import, LOG, POLL, RANDOM, STDOUT};

const RULE: &str = "the tool crashed: it broke a rule of WebAssembly";
const HANDLES: &str = "the tool needed more open handles than it is allowed";
const MUCH_DATA: &str = "the tool needed more data in one call to the host than it is allowed";
const MUCH_RANDOM: &str = "the tool needed more random bytes at a time than it is allowed";

/// Makes the component whose core code defines `before` and runs `step` once.
fn once<'a>(import: Import, before: &'a str, step: &'a str) -> impl Fn(&str) -> String + 'a {
    move |name| {
        let core = format!(r#"{before} (func (export "run") (result i32) {step} (i32.const 0))"#);
        wired(name, Parts { core: &core, ..import.parts("") })
    }
}

const WRITE: &str = r#"(import "host" "write" (func $write (param i32 i32 i32 i32 i32)))"#;

/// Pointers, lengths and levels of `toolcell:plugin/log`.
fn arguments() -> Vec<Attack> {
    let write = |name: &str, words: [i64; 5], text| {
        let words = words.map(|word| format!("(i32.const {word})")).join(" ");
        attack(name, once(LOG, WRITE, &format!("(call $write {words})")), text)
    };
    vec![
        write("message-past-the-end", [0, 0x7fff_ffff, 8, 0, 0], RULE),
        write("message-that-wraps-around", [0, -8, 64, 0, 0], RULE),
        write("message-of-four-gigabytes", [0, 0, -1, 0, 0], RULE),
        write("fields-of-four-gigabytes", [0, 0, 0, 0, 0x1000_0000], RULE),
        write("fields-at-an-odd-address", [0, 0, 0, 1, 1], RULE),
        write("fields-without-number", [0, 0, 0, 0, 160_000], MUCH_DATA).within("hostcall = \"1 MiB\""),
        write("level-that-does-not-exist", [99, 0, 0, 0, 0], RULE),
    ]
}

const POLLABLES: &str = r#"(import "host" "block" (func $block (param i32)))
    (import "host" "drop" (func $drop (param i32)))
    (import "host" "subscribe" (func $subscribe (param i64) (result i32)))"#;

/// Handles that the guest does not have, or no longer has.
fn handles() -> Vec<Attack> {
    let used = |name: &str, step: &str| attack(name, once(POLL, POLLABLES, step), RULE);
    vec![
        used("handle-zero", "(call $block (i32.const 0))"),
        used("handle-never-given", "(call $block (i32.const 77))"),
        used("handle-with-every-bit", "(call $block (i32.const -1))"),
        used("handle-dropped-never-given", "(call $drop (i32.const 77))"),
        used(
            "handle-dropped-twice",
            "(call $drop (call $subscribe (i64.const 1))) (call $drop (i32.const 1))",
        ),
        used(
            "handle-used-after-its-drop",
            "(call $drop (call $subscribe (i64.const 1))) (call $block (i32.const 1))",
        ),
    ]
}

/// Does `step` so many times.
fn repeated(step: &str, times: u32) -> String {
    format!(
        "(local $left i32) (local.set $left (i32.const {times}))
        (loop $again {step}
            (br_if $again (local.tee $left (i32.sub (local.get $left) (i32.const 1)))))"
    )
}

/// Handles and host data without end.
fn hoards() -> Vec<Attack> {
    let fields = r#"(import "host" "fields" (func $fields (result i32)))
        (import "host" "append" (func $append (param i32 i32 i32 i32 i32 i32)))
        (data (i32.const 16) "name")"#;
    let append = "(call $append (local.get $f) (i32.const 16) (i32.const 4) (i32.const 1024) (i32.const 1024) (i32.const 8))";
    let past =
        append.replace("(local.get $f)", "(call $fields)").replacen("(i32.const 1024)", "(i32.const -9)", 1);
    let headers = |times| {
        let fill =
            "(memory.fill (i32.const 1024) (i32.const 120) (i32.const 1024)) (local.set $f (call $fields))";
        let appended = repeated(append, times).replacen("(local $left i32)", fill, 1);
        format!("(local $f i32) (local $left i32) {appended}")
    };
    vec![
        attack(
            "pollables-without-number",
            once(POLL, POLLABLES, &repeated("(drop (call $subscribe (i64.const 1)))", 1_000_000)),
            HANDLES,
        ),
        attack(
            "headers-without-number",
            once(FIELDS, fields, &repeated("(drop (call $fields))", 1_000_000)),
            HANDLES,
        ),
        harmless("header-values-up-to-the-limit", once(FIELDS, fields, &headers(25)), 0),
        attack("header-values-without-number", once(FIELDS, fields, &headers(100_000)), RULE),
        attack("header-value-past-the-end", once(FIELDS, fields, &past), RULE),
    ]
}

/// More than the host hands out, or takes, at a time.
fn excess() -> Vec<Attack> {
    let import = r#"(import "host" "random" (func $random (param i64 i32)))"#;
    let random = |name: &str, source, length: &str| {
        attack(
            name,
            once(source, import, &format!("(call $random (i64.const {length}) (i32.const 0))")),
            MUCH_RANDOM,
        )
    };
    let stream = r#"(import "host" "get" (func $get (result i32)))
        (import "host" "write" (func $write (param i32 i32 i32 i32)))
        (import "host" "write-now" (func $write-now (param i32 i32 i32 i32)))"#;
    vec![
        random("random-bytes-one-too-many", RANDOM, "65537"),
        random("random-bytes-of-every-bit", RANDOM, "-1"),
        random("insecure-random-bytes-of-every-bit", INSECURE_RANDOM, "-1"),
        harmless(
            "write-without-asking-for-room",
            once(
                STDOUT,
                stream,
                "(call $write-now (call $get) (i32.const 0) (i32.const 2000000) (i32.const 0))",
            ),
            0,
        ),
        attack(
            "write-beyond-what-one-call-may",
            once(STDOUT, stream, "(call $write (call $get) (i32.const 0) (i32.const 2000000) (i32.const 0))"),
            RULE,
        ),
    ]
}

/// All of these attacks.
pub(crate) fn all() -> Vec<Attack> {
    [arguments(), handles(), hoards(), excess()].concat()
}

#[test]
fn the_host_reads_only_what_lies_in_the_guests_memory() {
    attack::run("arguments of host calls", &arguments());
}

#[test]
fn a_handle_that_is_none_opens_nothing() {
    attack::run("handles", &handles());
}

#[test]
fn what_the_host_keeps_for_a_guest_has_a_limit() {
    attack::run("hoards and excess", &[hoards(), excess()].concat());
}

#[test]
fn an_argument_that_is_missing_never_reaches_the_guest() {
    let takes = |name: &str| {
        lifted(
            name,
            r#"(memory (export "memory") 1)
            (func (export "realloc") (param i32 i32 i32 i32) (result i32) unreachable)
            (func (export "run") (param i32 i32) (result i32) unreachable)"#,
            TAKES_TEXT,
        )
    };
    let refused = attack(
        "argument-that-is-missing",
        takes,
        "arguments.text: expected a string, found nothing (the key is missing)",
    );
    attack::run("missing arguments", &[refused.with(json!({}))]);
}
