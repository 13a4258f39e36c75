//! Attacks on memory: too much of it, and what others left in it.

use crate::attack::{self, Attack, attack, harmless};
use crate::component::{NUMBER, plain, whole};

const MEMORY: &str = "the tool needed more memory than it is allowed";
const TABLES: &str = "the tool needed more table elements than it is allowed";
const HANDLES: &str = "the tool needed more open handles than it is allowed";

/// The number that `memory.grow` and `table.grow` return if they fail.
const REFUSED: u32 = u32::MAX;

fn growth() -> Vec<Attack> {
    let grow = |code: &str| {
        let core = format!(r#"(memory 1) (table 1 funcref) (func (export "run") (result i32) {code})"#);
        move |name: &str| plain(name, &core)
    };
    let until =
        |step: &str| format!("(loop $again (br_if $again (i32.ge_s {step} (i32.const 0)))) unreachable");
    let two = r#"(memory $a 1) (memory $b 1) (func (export "run") (result i32)
        (loop $again
            (drop (memory.grow $a (i32.const 16)))
            (br_if $again (i32.ge_s (memory.grow $b (i32.const 16)) (i32.const 0))))
        unreachable)"#;
    vec![
        harmless("growth-beyond-all-memory", grow("(memory.grow (i32.const 65535))"), REFUSED),
        harmless("growth-with-every-bit", grow("(memory.grow (i32.const -1))"), REFUSED),
        attack("growth-page-by-page", grow(&until("(memory.grow (i32.const 1))")), MEMORY),
        attack("growth-of-two-memories", |name| plain(name, two), MEMORY),
        harmless(
            "growth-of-a-table-beyond-all",
            grow("(table.grow (ref.null func) (i32.const -1))"),
            REFUSED,
        ),
        attack(
            "growth-of-a-table-bit-by-bit",
            grow(&until("(table.grow (ref.null func) (i32.const 100))")),
            TABLES,
        ),
    ]
}

/// What a component declares, within a limit that it is above when it runs.
fn declared() -> Vec<Attack> {
    vec![attack("handles-of-its-own-without-number", own_handles, HANDLES)]
}

/// Makes handles of a resource of its own, without end.
fn own_handles(name: &str) -> String {
    let definitions = r#"
        (type $r (resource (rep i32)))
        (core func $new (canon resource.new $r))
        (core module $m
            (import "" "new" (func $new (param i32) (result i32)))
            (func (export "run") (result i32)
                (loop $again (drop (call $new (i32.const 1))) (br $again)) (i32.const 0)))
        (core instance $i (instantiate $m (with "" (instance (export "new" (func $new))))))"#;
    whole(name, definitions, NUMBER)
}

/// One guest fills its memory, the next one looks for what is left of it.
fn leftovers() -> Vec<Attack> {
    let fill = r#"(memory 1) (global $calls (mut i32) (i32.const 0)) (func (export "run") (result i32)
        (drop (memory.grow (i32.const 511)))
        (memory.fill (i32.const 0) (i32.const 0xA5) (i32.const 33554432))
        (global.set $calls (i32.add (global.get $calls) (i32.const 1)))
        (global.get $calls))"#;
    let scan = r#"(memory 1) (func (export "run") (result i32) (local $at i32) (local $found i32)
        (drop (memory.grow (i32.const 511)))
        (loop $again
            (if (i64.ne (i64.load (local.get $at)) (i64.const 0))
                (then (local.set $found (i32.add (local.get $found) (i32.const 1)))))
            (local.set $at (i32.add (local.get $at) (i32.const 8)))
            (br_if $again (i32.lt_u (local.get $at) (i32.const 33554432))))
        (local.get $found))"#;
    let table = r#"(table 1 funcref) (elem declare func $f) (func $f)
        (func (export "run") (result i32) (local $at i32) (local $found i32)
            (drop (table.grow (ref.null func) (i32.const 9999)))
            (loop $again
                (if (i32.eqz (ref.is_null (table.get (local.get $at))))
                    (then (local.set $found (i32.add (local.get $found) (i32.const 1)))))
                (table.set (local.get $at) (ref.func $f))
                (local.set $at (i32.add (local.get $at) (i32.const 1)))
                (br_if $again (i32.lt_u (local.get $at) (i32.const 10000))))
            (local.get $found))"#;
    vec![
        harmless("memory-filled-for-the-next-one", |name| plain(name, fill), 1),
        harmless("memory-scanned-for-others", |name| plain(name, scan), 0),
        harmless("table-scanned-for-others", |name| plain(name, table), 0),
    ]
}

/// All of these attacks.
pub(crate) fn all() -> Vec<Attack> {
    [growth(), declared(), leftovers()].concat()
}

#[test]
fn growth_ends_at_the_limit() {
    attack::run("growth", &[growth(), declared()].concat());
}

#[test]
fn nothing_of_a_guest_is_left_for_the_next_one() {
    attack::run("leftovers", &leftovers());
}
