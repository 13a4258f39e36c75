//! Features of WebAssembly and of the component model, on and off; bytes that are no component; strange components.

use crate::shape::{PLAIN, Shape, Source};

/// Features that the engine has.
const ON: [(&str, &str); 8] = [
    ("bulk memory", "(memory 1) (func (memory.fill (i32.const 0) (i32.const 0) (i32.const 1)))"),
    ("multi-value", "(func (result i32 i32) i32.const 0 i32.const 1)"),
    ("reference types", "(table 1 externref) (func (param externref))"),
    ("SIMD", "(func (result v128) v128.const i64x2 0 0)"),
    ("extended constants", "(global i32 (i32.add (i32.const 1) (i32.const 2)))"),
    ("multi-memory", "(memory 1) (memory 1)"),
    ("sign extension", "(func (param i32) (result i32) local.get 0 i32.extend8_s)"),
    ("saturating conversion", "(func (param f32) (result i32) local.get 0 i32.trunc_sat_f32_s)"),
];

/// Features that the engine lacks.
const OFF: [(&str, &str); 16] = [
    ("tail calls", "(func $f return_call $f)"),
    ("relaxed SIMD", "(func (param v128 v128) (result v128) local.get 0 local.get 1 i8x16.relaxed_swizzle)"),
    ("64-bit memory", "(memory i64 1)"),
    ("exceptions", "(tag $e) (func (throw $e))"),
    ("legacy exceptions", "(tag $e) (func try nop catch_all end)"),
    ("GC", "(type (struct (field i32)))"),
    ("function references", "(type $f (func)) (func (param (ref $f)) local.get 0 call_ref $f)"),
    ("threads", "(memory 1) (func (result i32) (i32.atomic.load (i32.const 0)))"),
    ("shared memory", "(memory 1 1 shared)"),
    ("wide arithmetic", "(func (param i64 i64) (result i64 i64) local.get 0 local.get 1 i64.mul_wide_s)"),
    ("page sizes", "(memory 1 (pagesize 1))"),
    (
        "stack switching",
        "(type $f (func)) (type $c (cont $f)) (func $g) (elem declare func $g) (func (result (ref $c)) (cont.new $c (ref.func $g)))",
    ),
    ("several features", "(memory i64 1) (tag $e) (func $f (throw $e)) (func $g return_call $g)"),
    ("memory control", "(memory 1) (func (memory.discard (i32.const 0) (i32.const 0)))"),
    ("64-bit tables", "(table i64 1 funcref)"),
    ("shared functions", "(type (shared (func)))"),
];

/// Components in text that stand before an ordinary export.
const STRANGE: [(&str, &str); 14] = [
    ("nothing", ""),
    ("an imported function", "(import \"f\" (func))"),
    ("an imported function under a full name", "(import \"a:b/c\" (func))"),
    ("an imported component", "(import \"c\" (component))"),
    ("an imported module", "(import \"m\" (core module))"),
    ("an imported instance of a component", "(import \"a:b/c\" (instance (export \"c\" (component))))"),
    ("an imported instance of an instance", "(import \"a:b/c\" (instance (export \"i\" (instance))))"),
    (
        "an imported instance of a function type",
        "(import \"a:b/c\" (instance (type (func)) (export \"f\" (type (eq 0)))))",
    ),
    (
        "an imported instance of an instance type",
        "(import \"a:b/c\" (instance (type (instance)) (export \"f\" (type (eq 0)))))",
    ),
    (
        "an imported instance of a component type",
        "(import \"a:b/c\" (instance (type (component)) (export \"f\" (type (eq 0)))))",
    ),
    ("an imported type", "(import \"t\" (type (sub resource)))"),
    ("an imported type of a function", "(type $f (func)) (import \"t\" (type (eq $f)))"),
    ("an imported type of a number", "(type $n u32) (import \"t\" (type (eq $n)))"),
    ("an imported instance of nothing", "(import \"a:b/c\" (instance))"),
];

/// Whole components in text.
const WHOLE: [(&str, &str); 10] = [
    ("nothing at all", "(component)"),
    ("an exported component", "(component (component $c) (export \"c\" (component $c)))"),
    ("an exported module", "(component (core module $m) (export \"m\" (core module $m)))"),
    ("an exported type", "(component (type $t (record (field \"a\" u8))) (export \"t\" (type $t)))"),
    ("an exported type of a function", "(component (type $t (func)) (export \"t\" (type $t)))"),
    ("an exported empty instance", "(component (instance $i) (export \"a:b/tools\" (instance $i)))"),
    (
        "an exported instance of instances",
        "(component (instance $i) (instance $j (export \"i\" (instance $i))) (export \"a:b/tools\" (instance $j)))",
    ),
    (
        "an exported instance of a component",
        "(component (component $c) (instance $j (export \"c\" (component $c))) (export \"a:b/tools\" (instance $j)))",
    ),
    (
        "an exported instance of a function type",
        "(component (type $f (func)) (instance $j (export \"t\" (type $f))) (export \"a:b/tools\" (instance $j)))",
    ),
    (
        "a function that is exported as it was imported",
        "(component (import \"f\" (func $f)) (export \"g\" (func $f)))",
    ),
];

pub(super) fn shapes() -> Vec<Shape> {
    let mut shapes = Vec::new();
    shapes.extend(ON.map(|(name, fields)| Shape::core(&format!("engine with {name}"), fields)));
    shapes.extend(OFF.map(|(name, fields)| Shape::core(&format!("engine without {name}"), fields)));
    shapes.extend(STRANGE.map(|(name, fields)| Shape::text(&format!("strange: {name}"), fields)));
    shapes.extend(WHOLE.map(|(name, text)| {
        let source = Source::Text(text.into());
        Shape { source, ..Shape::new(format!("strange: {name}"), PLAIN) }
    }));
    shapes.extend(resources());
    shapes.extend(bytes());
    shapes
}

/// What an instance takes before its code runs.
fn resources() -> Vec<Shape> {
    vec![
        Shape::core("engine with a memory of 200 MiB", "(memory 3200)"),
        Shape::core("engine with a memory of 1 GiB", "(memory 16384)"),
        Shape::core("engine with a memory of 4 GiB", "(memory 65536)"),
        Shape::core("engine with a table of 100,000", "(table 100000 funcref)"),
        Shape::core("engine with a table of 100,000,000", "(table 100000000 funcref)"),
    ]
}

fn bytes() -> Vec<Shape> {
    let bytes = |name: &str, bytes: &[u8]| {
        let source = Source::Bytes(bytes.to_vec());
        Shape { source, ..Shape::new(format!("bytes of {name}"), PLAIN) }
    };
    let whole = Shape::new("", PLAIN).component().expect("the plainest component can be made");
    vec![
        bytes("nothing", b""),
        bytes("text", b"hello"),
        bytes("a script", b"#!/bin/sh\necho hello\n"),
        bytes("a core module", b"\0asm\x01\0\0\0"),
        bytes("an older component", b"\0asm\x0c\0\x01\0"),
        bytes("the oldest component", b"\0asm\x0a\0\x01\0"),
        bytes("a later component", b"\0asm\x0e\0\x01\0"),
        bytes("a later module", b"\0asm\x02\0\0\0"),
        bytes("half a component", &whole[..whole.len() / 2]),
        bytes("a header", b"\0asm"),
        bytes("a component with trailing bytes", &[&whole[..], b"trailing"].concat()),
        bytes("a program", b"\x7fELF\x02\x01\x01\0"),
        bytes("an archive", b"\x1f\x8b\x08\0\0\0\0\0"),
        bytes("WIT", PLAIN.as_bytes()),
    ]
}
