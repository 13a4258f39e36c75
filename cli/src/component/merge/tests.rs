//! Runs small components before and after the merge.

use wasmparser::{Parser, Payload};
use wasmtime::component::{Component, Linker, Val};
use wasmtime::{Engine, Store};

use super::merge;

/// Puts `more` into a component whose first three modules are linked dynamically: `env` has what they share, `first`
/// puts a function at `base` of the table, `second` calls it there. The lifted function `run` returns 142 = 42 + 100.
fn linked(second: &str, more: &str) -> Vec<u8> {
    let text = format!(
        r#"(component
            (import "hundred" (func $hundred (result u32)))
            (core func $hundred (canon lower (func $hundred)))
            (core module $env
                (memory (export "memory") 1)
                (table (export "table") 8 funcref)
                (global (export "base") i32 (i32.const 2))
                (global (export "heap") (mut i32) (i32.const 40)))
            (core module $first
                (import "env" "memory" (memory 1))
                (import "env" "table" (table 8 funcref))
                (import "env" "base" (global $base i32))
                (import "env" "heap" (global $heap (mut i32)))
                (import "root" "hundred" (func $hundred (result i32)))
                (func $read (export "read") (param i32) (result i32) (i32.load8_u (local.get 0)))
                (func $add (param i32) (result i32)
                    (global.set $heap (i32.add (global.get $heap) (local.get 0)))
                    (i32.add (global.get $heap) (call $hundred)))
                (elem (offset (i32.add (global.get $base) (i32.const 1))) func $add $read)
                (data (i32.const 16) "\02"))
            (core module $second
                (import "first" "read" (func $read (param i32) (result i32)))
                (import "env" "memory" (memory 1))
                (import "env" "table" (table 8 funcref))
                (import "env" "base" (global $base i32))
                (type $unary (func (param i32) (result i32)))
                (func (export "run") (result i32)
                    (call_indirect (type $unary)
                        (call $read (i32.const 16))
                        (i32.add (global.get $base) (i32.const 1))))
                {second})
            (core instance $env (instantiate $env))
            (core instance $root (export "hundred" (func $hundred)))
            (core instance $first (instantiate $first (with "env" (instance $env)) (with "root" (instance $root))))
            (core instance $second (instantiate $second (with "env" (instance $env)) (with "first" (instance $first))))
            {more}
            (func (export "run") (result u32) (canon lift (core func $second "run"))))"#
    );
    wat::parse_str(text).unwrap()
}

/// Counts core modules, those of nested components too.
fn modules(component: &[u8]) -> usize {
    let payloads = Parser::new(0).parse_all(component).map(Result::unwrap);
    payloads.filter(|payload| matches!(payload, Payload::ModuleSection { .. })).count()
}

/// Calls `run` of a component twice in one instance.
fn run(component: &[u8]) -> [Result<u32, String>; 2] {
    let engine = Engine::default();
    let component = Component::new(&engine, component).unwrap();
    let mut linker = Linker::<()>::new(&engine);
    linker.root().func_wrap("hundred", |_, (): ()| Ok((100_u32,))).unwrap();
    linker.root().func_wrap("text", |_, (_,): (String,)| Ok(())).unwrap();
    let mut store = Store::new(&engine, ());
    let instance = linker.instantiate(&mut store, &component).unwrap();
    let function = instance.get_func(&mut store, "run").unwrap();
    [(); 2].map(|()| {
        let mut results = [Val::U32(0)];
        let called = function.call(&mut store, &[], &mut results);
        called.map_err(|error| format!("{error:?}"))?;
        match results {
            [Val::U32(result)] => Ok(result),
            other => Err(format!("{other:?}")),
        }
    })
}

#[test]
fn modules_that_share_a_table_become_one_that_behaves_the_same() {
    let component = linked("", "");
    let merged = merge(&component).unwrap();
    assert_eq!((modules(&component), modules(&merged)), (3, 1));
    assert_eq!(run(&component), [Ok(142), Ok(144)]);
    assert_eq!(run(&merged), run(&component));
    assert_eq!(merge(&component).unwrap(), merged, "the same bytes give the same bytes");
    assert_eq!(merge(&merged), None, "one module is not merged again");
}

/// Two parts of a component that fills entry 3 of the table with a function that returns 4. The filling module imports a
/// function that needs the memory.
const FILLING: (&str, &str) = (
    r#"(func $four (param i32) (result i32) (i32.const 4))
       (export "four" (func $four))"#,
    r#"(import "text" (func $text (param "text" string)))
       (core func $text (canon lower (func $text) (memory (core memory $env "memory"))))
       (core instance $texts (export "text" (func $text)))
       (core module $filling
            (import "root" "text" (func (param i32 i32)))
            (import "env" "table" (table 8 funcref))
            (import "second" "four" (func $four (param i32) (result i32)))
            (elem (i32.const 3) func $four))
       (core instance (instantiate $filling
            (with "root" (instance $texts)) (with "env" (instance $env)) (with "second" (instance $second))))"#,
);

#[test]
fn a_module_that_needs_functions_with_a_memory_stays_apart_and_fills_the_table() {
    let component = linked(FILLING.0, FILLING.1);
    let merged = merge(&component).unwrap();
    assert_eq!((modules(&component), modules(&merged)), (4, 2));
    assert_eq!(run(&component), [Ok(4), Ok(4)]);
    assert_eq!(run(&merged), run(&component));
}

#[test]
fn what_fills_a_table_after_a_module_apart_does_so_after_the_merge() {
    let last = r#"(core module $last
            (import "env" "table" (table 8 funcref))
            (func $five (param i32) (result i32) (i32.const 5))
            (elem (i32.const 3) func $five))
       (core instance (instantiate $last (with "env" (instance $env))))"#;
    let component = linked(FILLING.0, &format!("{} {last}", FILLING.1));
    let merged = merge(&component).unwrap();
    assert_eq!((modules(&component), modules(&merged)), (5, 3));
    assert_eq!(run(&component), [Ok(5), Ok(5)]);
    assert_eq!(run(&merged), run(&component));
}

#[test]
fn what_a_later_module_writes_to_memory_comes_after_the_others() {
    let apart = |start: &str| {
        format!(
            r#"(core module $late
                    (import "env" "memory" (memory 1))
                    (func $start (i32.store8 (i32.const 16) (i32.const 9)))
                    {start})
               (core instance (instantiate $late (with "env" (instance $env))))"#
        )
    };
    for start in ["(start $start)", r#"(start $start) (data (i32.const 16) "\07")"#] {
        let component = linked("", &apart(start));
        let merged = merge(&component).unwrap();
        assert_eq!((modules(&component), modules(&merged)), (4, 2), "{start}");
        assert_eq!(run(&component), [Ok(149), Ok(158)], "{start}");
        assert_eq!(run(&merged), run(&component), "{start}");
    }
    let last = r#"(core module $last (import "env" "memory" (memory 1)) (data (i32.const 16) "\05"))
        (core instance (instantiate $last (with "env" (instance $env))))"#;
    let component = linked("", &format!("{} {last}", apart("(start $start)")));
    let merged = merge(&component).unwrap();
    assert_eq!((modules(&component), modules(&merged)), (5, 3));
    assert_eq!(run(&component), [Ok(145), Ok(150)]);
    assert_eq!(run(&merged), run(&component));
    let component = linked("", &apart(r#"(data (i32.const 16) "\07")"#));
    let merged = merge(&component).unwrap();
    assert_eq!(modules(&merged), 1);
    assert_eq!(run(&merged), run(&component));
    assert_eq!(run(&merged), [Ok(147), Ok(154)]);
}

#[test]
fn a_trap_names_the_functions_that_it_passed() {
    let component =
        linked(r#"(func $broken unreachable) (func $init (call $broken)) (export "init" (func $init))"#, "");
    let merged = merge(&component).unwrap();
    let names = Parser::new(0).parse_all(&merged).filter_map(|payload| match payload.unwrap() {
        Payload::CustomSection(section) => match section.as_known() {
            wasmparser::KnownCustom::Name(names) => Some(names),
            _ => None,
        },
        _ => None,
    });
    let functions: Vec<&str> = names
        .flatten()
        .filter_map(|names| match names.unwrap() {
            wasmparser::Name::Function(functions) => Some(functions),
            _ => None,
        })
        .flatten()
        .map(|naming| naming.unwrap().name)
        .collect();
    assert_eq!(functions, ["read", "add", "broken", "init"]);
}

#[test]
fn what_is_not_linked_dynamically_stays_as_it_is() {
    let alone = r#"(component
        (core module $m (func (export "run") (result i32) (i32.const 1)))
        (core instance $i (instantiate $m))
        (func (export "run") (result u32) (canon lift (core func $i "run"))))"#;
    assert_eq!(merge(&wat::parse_str(alone).unwrap()), None);
    assert_eq!(merge(b"\0asm\x0d\0\x01\0"), None);
}

#[test]
fn a_module_with_two_instances_stays_apart() {
    let component = linked(
        "",
        r#"(core instance (instantiate $first (with "env" (instance $env)) (with "root" (instance $root))))"#,
    );
    assert_eq!(merge(&component), None, "no table is shared by the rest");
}

#[test]
fn a_nested_component_is_merged_too() {
    let nested = linked("", "");
    let mut component = wasm_encoder::Component::new();
    component.section(&wasm_encoder::RawSection { id: 4, data: &nested });
    let component = component.finish();
    let merged = merge(&component).unwrap();
    assert_eq!((modules(&component), modules(&merged)), (3, 1));
    assert!(Component::new(&Engine::default(), &merged).is_ok());
}
