//! Attacks that use the processor or the stack without end.

use crate::attack::{self, Attack, endless};
use crate::component::{NUMBER, Parts, TAKES_TEXT, for_ever, lifted, plain, whole, wired};
use crate::import::{ENVIRONMENT, POLL, PROGRESS, RANDOM, STDOUT};

const NEEDS_STACK: &str = "the tool needed more stack than it is allowed";

/// Loops of WebAssembly alone, wherever a host runs guest code.
fn loops() -> Vec<Attack> {
    let returns = r#"(func (export "run") (result i32) (i32.const 0))"#;
    let body = |core: String| move |name: &str| plain(name, &core);
    vec![
        endless("loop-in-export", body(for_ever("", ""))),
        endless("loop-in-start", body(format!("(func $f (loop (br 0))) (start $f) {returns}"))),
        endless("loop-of-calls", body(for_ever("(func $f)", "(call $f)"))),
        endless(
            "loop-of-indirect-calls",
            body(for_ever(
                "(table 1 funcref) (elem (i32.const 0) $f) (func $f)",
                "(call_indirect (i32.const 0))",
            )),
        ),
        endless(
            "loop-of-fills",
            body(for_ever("(memory 512)", "(memory.fill (i32.const 0) (i32.const 1) (i32.const 33554432))")),
        ),
        endless(
            "loop-of-copies",
            body(for_ever("(memory 512)", "(memory.copy (i32.const 0) (i32.const 1) (i32.const 33554431))")),
        ),
        endless(
            "loop-of-table-fills",
            body(for_ever(
                "(table 20000 funcref)",
                "(table.fill (i32.const 0) (ref.null func) (i32.const 20000))",
            )),
        ),
        endless(
            "loop-of-refused-growth",
            body(for_ever("(memory 1)", "(drop (memory.grow (i32.const 65000)))")),
        ),
    ]
}

/// Loops in code that the host calls on its own account.
fn loops_for_the_host() -> Vec<Attack> {
    let post_return = r#"(result u32)
        (canon lift (core func $i "run") (post-return (core func $i "post")))"#;
    let memory =
        r#"(memory (export "memory") 1) (func (export "run") (param i32 i32) (result i32) (i32.const 0))"#;
    let realloc = format!(
        r#"{memory} (func (export "realloc") (param i32 i32 i32 i32) (result i32) (loop (br 0)) (i32.const 0))"#
    );
    vec![
        endless("loop-in-post-return", |name| {
            lifted(
                name,
                r#"(func (export "run") (result i32) (i32.const 0))
                (func (export "post") (param i32) (loop (br 0)))"#,
                post_return,
            )
        }),
        endless("loop-in-realloc", |name| lifted(name, &realloc, TAKES_TEXT))
            .with(serde_json::json!({"text": "x"})),
        endless("loop-in-realloc-for-a-host-call", realloc_for_a_host_call),
        endless("loop-in-destructor", destructor),
        endless("loop-in-inner-component", inner),
    ]
}

/// The host asks the guest for room for random bytes.
fn realloc_for_a_host_call(name: &str) -> String {
    let definitions = format!(
        r#"{}
        (core module $libc (memory (export "memory") 1)
            (func (export "realloc") (param i32 i32 i32 i32) (result i32) (loop (br 0)) (i32.const 0)))
        (core instance $libc (instantiate $libc))
        {}
        (core module $m (import "host" "random" (func $random (param i64 i32)))
            (func (export "run") (result i32) (call $random (i64.const 8) (i32.const 0)) (i32.const 0)))
        (core instance $i (instantiate $m (with "host" (instance {}))))"#,
        RANDOM.imports, RANDOM.lowers, RANDOM.exports
    );
    whole(name, &definitions, NUMBER)
}

/// Dropping a handle calls a destructor of the guest.
fn destructor(name: &str) -> String {
    let definitions = r#"
        (core module $d (func (export "destroy") (param i32) (loop (br 0))))
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

/// One component inside of the component calls another one, which loops.
fn inner(name: &str) -> String {
    format!(
        r#"(component
        (component $loops
            (core module $m (func (export "run") (loop (br 0))))
            (core instance $i (instantiate $m))
            (func (export "run") (canon lift (core func $i "run"))))
        (component $calls
            (import "run" (func $run))
            (core func $lowered (canon lower (func $run)))
            (core module $m (import "" "run" (func $run))
                (func (export "run") (result i32) (call $run) (i32.const 0)))
            (core instance $i (instantiate $m (with "" (instance (export "run" (func $lowered))))))
            (func (export "run") (result u32) (canon lift (core func $i "run"))))
        (instance $loops (instantiate $loops))
        (instance $calls (instantiate $calls (with "run" (func $loops "run"))))
        (instance $attacks (export "{name}" (func $calls "run")))
        (export "attack:text/attacks" (instance $attacks)))"#
    )
}

/// Calls to the host without end.
fn floods() -> Vec<Attack> {
    let flood = |import: crate::import::Import, core: &'static str, step: &'static str| {
        move |name: &str| wired(name, import.parts(&for_ever(core, step)))
    };
    vec![
        endless(
            "flood-of-clock-reads",
            flood(POLL, r#"(import "host" "now" (func $now (result i64)))"#, "(drop (call $now))"),
        ),
        endless(
            "flood-of-random-bytes",
            flood(
                RANDOM,
                r#"(import "host" "random" (func $random (param i64 i32)))"#,
                "(call $random (i64.const 65536) (i32.const 0))",
            ),
        ),
        endless(
            "flood-of-environment-reads",
            flood(
                ENVIRONMENT,
                r#"(import "host" "get" (func $get (param i32)))"#,
                "(call $get (i32.const 64))",
            ),
        ),
        endless(
            "flood-of-progress",
            flood(
                PROGRESS,
                r#"(import "host" "report" (func $report (param f64 i32 f64 i32 i32 i32)))
                (global $done (mut f64) (f64.const 0))"#,
                "(global.set $done (f64.add (global.get $done) (f64.const 1)))
                (call $report (global.get $done)
                    (i32.const 0) (f64.const 0) (i32.const 0) (i32.const 0) (i32.const 0))",
            ),
        ),
        endless(
            "flood-of-prints",
            flood(
                STDOUT,
                r#"(import "host" "get" (func $get (result i32)))
                (import "host" "write" (func $write (param i32 i32 i32 i32)))
                (global $out (mut i32) (i32.const 0))
                (func $start (global.set $out (call $get))) (start $start)"#,
                "(call $write (global.get $out) (i32.const 1024) (i32.const 4096) (i32.const 0))",
            ),
        ),
    ]
}

/// Waits without end, or again and again.
fn sleeps() -> Vec<Attack> {
    let functions = r#"(import "host" "block" (func $block (param i32)))
        (import "host" "drop" (func $drop (param i32)))
        (import "host" "subscribe" (func $subscribe (param i64) (result i32)))
        (func $sleep (param i64) (local $p i32)
            (local.set $p (call $subscribe (local.get 0)))
            (call $block (local.get $p)) (call $drop (local.get $p)))"#;
    let sleep = |core: String| move |name: &str| wired(name, POLL.parts(&core));
    vec![
        endless("sleep-of-an-hour", sleep(for_ever(functions, "(call $sleep (i64.const 3600000000000))"))),
        endless("sleep-of-centuries", sleep(for_ever(functions, "(call $sleep (i64.const -1))"))),
        endless("sleeps-of-no-time", sleep(for_ever(functions, "(call $sleep (i64.const 0))"))),
        endless("sleeps-of-a-microsecond", sleep(for_ever(functions, "(call $sleep (i64.const 1000))"))),
        endless(
            "sleep-in-start",
            sleep(format!(
                r#"{functions} (func $start (call $sleep (i64.const 3600000000000))) (start $start)
                (func (export "run") (result i32) (i32.const 0))"#
            )),
        ),
    ]
}

/// Recursion in every form.
fn recursion() -> Vec<Attack> {
    let deep = |name: &str, core: &str| attack::attack(name, |name| plain(name, core), NEEDS_STACK);
    let locals = "(local i64)".repeat(1000);
    let uses: String = (1..1000).map(|at| format!("(local.set {at} (i64.load (i32.const {at})))")).collect();
    let sums: String = (1..1000).map(|at| format!("(local.get {at}) (i64.add)")).collect();
    vec![
        deep(
            "recursion",
            r#"(func $f (result i32) (i32.add (call $f) (i32.const 1)))
            (func (export "run") (result i32) (call $f))"#,
        ),
        deep(
            "recursion-of-two",
            r#"(func $f (result i32) (i32.add (call $g) (i32.const 1)))
            (func $g (result i32) (i32.add (call $f) (i32.const 1)))
            (func (export "run") (result i32) (call $f))"#,
        ),
        deep(
            "recursion-through-a-table",
            r#"(type $t (func (result i32))) (table 1 funcref) (elem (i32.const 0) $f)
            (func $f (result i32) (i32.add (call_indirect (type $t) (i32.const 0)) (i32.const 1)))
            (func (export "run") (result i32) (call $f))"#,
        ),
        deep(
            "recursion-with-large-frames",
            &format!(
                r#"(memory 1) (func $f (param i32) (result i64) {locals} {uses}
                    (call $f (i32.const 1)) {sums})
                (func (export "run") (result i32) (i32.wrap_i64 (call $f (i32.const 1))))"#
            ),
        ),
        deep(
            "recursion-in-start",
            r#"(func $f (result i32) (i32.add (call $f) (i32.const 1)))
            (func $start (drop (call $f))) (start $start)
            (func (export "run") (result i32) (i32.const 0))"#,
        ),
        attack::attack("recursion-in-realloc", recursive_realloc, NEEDS_STACK)
            .with(serde_json::json!({"text": "x"})),
    ]
}

fn recursive_realloc(name: &str) -> String {
    lifted(
        name,
        r#"(memory (export "memory") 1)
        (func $f (result i32) (i32.add (call $f) (i32.const 1)))
        (func (export "realloc") (param i32 i32 i32 i32) (result i32) (call $f))
        (func (export "run") (param i32 i32) (result i32) (i32.const 0))"#,
        TAKES_TEXT,
    )
}

/// Recursion that calls the host at every depth, down to the last frame that fits.
fn recursion_into_the_host() -> Vec<Attack> {
    let deep = |import: crate::import::Import, function: &'static str, step: &'static str| {
        move |name: &str| {
            let core = format!(
                r#"{function}
                (func $f (result i32) {step} (i32.add (call $f) (i32.const 1)))
                (func (export "run") (result i32) (call $f))"#
            );
            wired(name, Parts { core: &core, ..import.parts("") })
        }
    };
    let random = deep(
        RANDOM,
        r#"(import "host" "random" (func $random (param i64 i32)))"#,
        "(call $random (i64.const 64) (i32.const 0))",
    );
    let environment =
        deep(ENVIRONMENT, r#"(import "host" "get" (func $get (param i32)))"#, "(call $get (i32.const 64))");
    let clock = deep(POLL, r#"(import "host" "now" (func $now (result i64)))"#, "(drop (call $now))");
    let print = deep(
        STDOUT,
        r#"(import "host" "get" (func $get (result i32)))
        (import "host" "write" (func $write (param i32 i32 i32 i32)))
        (global $out (mut i32) (i32.const 0))
        (func $start (global.set $out (call $get))) (start $start)"#,
        "(call $write (global.get $out) (i32.const 1024) (i32.const 8) (i32.const 0))",
    );
    vec![
        attack::attack("recursion-into-the-clock", clock, NEEDS_STACK),
        attack::attack("recursion-into-random-bytes", random, NEEDS_STACK),
        attack::attack("recursion-into-the-environment", environment, NEEDS_STACK),
        attack::attack("recursion-into-stdout", print, NEEDS_STACK),
    ]
}

/// Attacks that end by themselves.
pub(crate) fn quick() -> Vec<Attack> {
    [recursion(), recursion_into_the_host()].concat()
}

#[test]
fn a_loop_ends_at_its_deadline_wherever_it_is() {
    attack::run("loops", &[loops(), loops_for_the_host()].concat());
}

#[test]
fn calls_to_the_host_do_not_outrun_the_deadline() {
    attack::run("floods of host calls", &floods());
}

#[test]
fn whoever_sleeps_is_woken_at_the_deadline() {
    attack::run("sleeps", &sleeps());
}

#[test]
fn recursion_ends_with_the_stack_whatever_it_calls() {
    attack::run("recursion", &quick());
}
