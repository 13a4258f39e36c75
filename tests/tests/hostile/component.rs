//! Components in text form that attack: each exports one function, in an interface of its own.

/// A component's text in parts; core code is in a module `$m` whose instance is `$i`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Parts<'a> {
    /// Imports of the component.
    pub(crate) imports: &'a str,
    /// Core functions that the imports are lowered to; `$libc` is the instance with `memory` and `realloc`.
    pub(crate) lowers: &'a str,
    /// The names under which core code imports them, from `host`.
    pub(crate) exports: &'a str,
    /// The body of the core module.
    pub(crate) core: &'a str,
    /// The type of the function and how it is lifted.
    pub(crate) lift: &'a str,
}

/// Lifts `run: func() -> u32`.
pub(crate) const NUMBER: &str = r#"(result u32) (canon lift (core func $i "run"))"#;

/// Lifts `run: func(text: string) -> u32`, with a memory and a `realloc` of the core module.
pub(crate) const TAKES_TEXT: &str = r#"(param "text" string) (result u32)
    (canon lift (core func $i "run") (memory (core memory $i "memory")) (realloc (core func $i "realloc")))"#;

/// A memory of 40 pages and an allocator that never frees.
const LIBC: &str = r#"(core module $libc
    (memory (export "memory") 40)
    (global $next (mut i32) (i32.const 65536))
    (func (export "realloc") (param i32 i32 i32 i32) (result i32)
        (local $at i32)
        (local.set $at (global.get $next))
        (global.set $next
            (i32.and (i32.add (i32.add (global.get $next) (local.get 3)) (i32.const 7)) (i32.const -8)))
        (if (i32.gt_u (global.get $next) (i32.const 2097152))
            (then (global.set $next (i32.const 65536)) (local.set $at (i32.const 65536))))
        (local.get $at)))
    (core instance $libc (instantiate $libc))"#;

/// Makes a component of one core module without imports.
pub(crate) fn plain(name: &str, core: &str) -> String {
    lifted(name, core, NUMBER)
}

/// Makes a component of one core module without imports, with a function of another type.
pub(crate) fn lifted(name: &str, core: &str, lift: &str) -> String {
    whole(name, &format!("(core module $m {core})\n(core instance $i (instantiate $m))"), lift)
}

/// Makes a component whose core module calls the host.
pub(crate) fn wired(name: &str, parts: Parts<'_>) -> String {
    let Parts { imports, lowers, exports, core, lift } = parts;
    let definitions = format!(
        r#"{imports} {LIBC} {lowers}
        (core module $m (import "libc" "memory" (memory 1)) {core})
        (core instance $i (instantiate $m
            (with "libc" (instance $libc))
            (with "host" (instance {exports}))))"#
    );
    whole(name, &definitions, lift)
}

/// Makes a component from its definitions, which end with a core instance `$i`.
pub(crate) fn whole(name: &str, definitions: &str, lift: &str) -> String {
    format!(
        r#"(component
            {definitions}
            (func $attack {lift})
            (instance $attacks (export "{name}" (func $attack)))
            (export "attack:text/attacks" (instance $attacks)))"#
    )
}

/// Writes core code that does `step` for ever; `before` is what the module defines.
pub(crate) fn for_ever(before: &str, step: &str) -> String {
    format!(r#"{before} (func (export "run") (result i32) (loop $again {step} (br $again)) (i32.const 0))"#)
}
