//! Attacks that end their own instance: traps of every kind, wherever they happen, and exits.

use serde_json::json;

use crate::attack::{self, Attack, attack};
use crate::component::{NUMBER, TAKES_TEXT, lifted, plain, whole, wired};
use crate::import::{EXIT, RANDOM};

const UNEXPECTED: &str = "the tool crashed: an unexpected error ended it";
const OUT_OF_BOUNDS: &str = "the tool crashed: it accessed memory out of bounds";
const ARITHMETIC: &str = "the tool crashed: an arithmetic operation failed";
const BAD_CALL: &str = "the tool crashed: it called a function that does not exist";
const RULE: &str = "the tool crashed: it broke a rule of WebAssembly";

/// Instructions that trap, in a module with a memory, a table, and a segment of each.
const INSTRUCTIONS: [(&str, &str, &str); 16] = [
    ("unreachable", "unreachable", UNEXPECTED),
    ("load-past-the-end", "(drop (i32.load (i32.const 65536)))", OUT_OF_BOUNDS),
    ("load-across-the-end", "(drop (i64.load (i32.const 65532)))", OUT_OF_BOUNDS),
    ("load-far-away", "(drop (i32.load offset=4294967295 (i32.const -1)))", OUT_OF_BOUNDS),
    ("store-past-the-end", "(i32.store8 (i32.const 65536) (i32.const 1))", OUT_OF_BOUNDS),
    (
        "vector-load-past-the-end",
        "(drop (i32x4.extract_lane 0 (v128.load (i32.const 65530))))",
        OUT_OF_BOUNDS,
    ),
    ("fill-past-the-end", "(memory.fill (i32.const 1) (i32.const 0) (i32.const 65536))", OUT_OF_BOUNDS),
    ("copy-past-the-end", "(memory.copy (i32.const 0) (i32.const 1) (i32.const -1))", OUT_OF_BOUNDS),
    ("segment-past-its-end", "(memory.init $data (i32.const 0) (i32.const 2) (i32.const 9))", OUT_OF_BOUNDS),
    ("table-past-the-end", "(drop (table.get (i32.const 3)))", OUT_OF_BOUNDS),
    ("division-by-zero", "(drop (i32.div_u (i32.const 1) (i32.const 0)))", ARITHMETIC),
    ("division-that-overflows", "(drop (i32.div_s (i32.const 0x80000000) (i32.const -1)))", ARITHMETIC),
    ("nan-as-integer", "(drop (i32.trunc_f64_s (f64.const nan)))", ARITHMETIC),
    ("infinity-as-integer", "(drop (i64.trunc_f32_u (f32.const inf)))", ARITHMETIC),
    ("call-of-null", "(call_indirect (i32.const 0))", BAD_CALL),
    ("call-with-another-type", "(call_indirect (i32.const 1))", BAD_CALL),
];

fn instructions() -> Vec<Attack> {
    let attacks = INSTRUCTIONS.map(|(name, code, text)| {
        let core = format!(
            r#"(memory 1) (table 3 funcref) (elem (i32.const 1) $secret_name) (data $data "data")
            (func $secret_name (result i32) (i32.const 0))
            (func (export "run") (result i32) {code} (i32.const 0))"#
        );
        attack(name, |name| plain(name, &core), text)
    });
    attacks.into()
}

/// Traps before, between and after the calls of exports.
fn elsewhere() -> Vec<Attack> {
    let returns = r#"(func (export "run") (result i32) (i32.const 0))"#;
    let start =
        |name: &str, core: &str, text| attack(name, |name| plain(name, &format!("{core} {returns}")), text);
    vec![
        start("trap-in-start", "(func $f unreachable) (start $f)", UNEXPECTED),
        start("data-past-the-end", r#"(memory 1) (data (i32.const 65533) "data")"#, OUT_OF_BOUNDS),
        start("elements-past-the-end", "(table 1 funcref) (func $f) (elem (i32.const 1) $f)", OUT_OF_BOUNDS),
        attack("trap-in-realloc", |name| realloc(name, "unreachable"), UNEXPECTED).with(json!({"text": "x"})),
        attack(
            "trap-in-post-return",
            |name| {
                let core = format!(r#"{returns} (func (export "post") (param i32) unreachable)"#);
                lifted(
                    name,
                    &core,
                    r#"(result u32)
                    (canon lift (core func $i "run") (post-return (core func $i "post")))"#,
                )
            },
            UNEXPECTED,
        ),
        attack("realloc-that-calls-the-host", |name| hook(name, "realloc"), RULE).with(json!({"text": "x"})),
        attack("post-return-that-calls-the-host", |name| hook(name, "post"), RULE).with(json!({"text": "x"})),
    ]
}

fn realloc(name: &str, body: &str) -> String {
    let core = format!(
        r#"(memory (export "memory") 1)
        (func (export "realloc") (param i32 i32 i32 i32) (result i32) {body} (i32.const 0))
        (func (export "run") (param i32 i32) (result i32) (i32.const 0))"#
    );
    lifted(name, &core, TAKES_TEXT)
}

/// Calls the host from a function in which the component model forbids it.
fn hook(name: &str, place: &str) -> String {
    let call = |at| if at == place { "(call $random (i64.const 8) (i32.const 0))" } else { "" };
    let definitions = format!(
        r#"{}
        (core module $libc (memory (export "memory") 1)
            (func (export "realloc") (param i32 i32 i32 i32) (result i32) (i32.const 1024)))
        (core instance $libc (instantiate $libc))
        {}
        (core module $m (import "host" "random" (func $random (param i64 i32)))
            (func (export "realloc") (param i32 i32 i32 i32) (result i32) {} (i32.const 1024))
            (func (export "post") (param i32) {})
            (func (export "run") (param i32 i32) (result i32) (i32.const 0)))
        (core instance $i (instantiate $m (with "host" (instance {}))))"#,
        RANDOM.imports,
        RANDOM.lowers,
        call("realloc"),
        call("post"),
        RANDOM.exports
    );
    whole(
        name,
        &definitions,
        r#"(param "text" string) (result u32) (canon lift (core func $i "run")
            (memory (core memory $libc "memory")) (realloc (core func $i "realloc"))
            (post-return (core func $i "post")))"#,
    )
}

/// Ends the instance as a program ends itself.
fn exits() -> Vec<Attack> {
    let import = r#"(import "host" "exit" (func $exit (param i32)))"#;
    let exit = |status| {
        let core = format!(
            r#"{import} (func (export "run") (result i32) (call $exit (i32.const {status})) (i32.const 7))"#
        );
        move |name: &str| wired(name, EXIT.parts(&core))
    };
    let start = format!(
        r#"{import} (func $f (call $exit (i32.const 1))) (start $f)
        (func (export "run") (result i32) (i32.const 7))"#
    );
    vec![
        attack("exit-with-success", exit(0), "the tool exited with status 0 instead of returning a result"),
        attack("exit-with-failure", exit(1), "the tool exited with status 1 instead of returning a result"),
        attack(
            "exit-in-start",
            |name| wired(name, EXIT.parts(&start)),
            "the tool exited with status 1 instead of returning a result",
        ),
        attack("trap-in-destructor", destructor, UNEXPECTED),
    ]
}

/// Dropping a handle calls a destructor that traps.
fn destructor(name: &str) -> String {
    let definitions = r#"
        (core module $d (func (export "destroy") (param i32) unreachable))
        (core instance $d (instantiate $d))
        (type $r (resource (rep i32) (dtor (core func $d "destroy"))))
        (core func $new (canon resource.new $r))
        (core func $drop (canon resource.drop $r))
        (core module $m
            (import "" "new" (func $new (param i32) (result i32)))
            (import "" "drop" (func $drop (param i32)))
            (func (export "run") (result i32) (call $drop (call $new (i32.const 1))) (i32.const 0)))
        (core instance $i (instantiate $m
            (with "" (instance (export "new" (func $new)) (export "drop" (func $drop))))))"#;
    whole(name, definitions, NUMBER)
}

/// All of these attacks.
pub(crate) fn all() -> Vec<Attack> {
    [instructions(), elsewhere(), exits()].concat()
}

#[test]
fn every_trap_has_its_words_wherever_it_happens() {
    attack::run("traps", &[instructions(), elsewhere()].concat());
}

#[test]
fn whoever_exits_ends_its_own_call() {
    attack::run("exits", &exits());
}
