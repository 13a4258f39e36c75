//! Sizes: depths, counts, and types that grow when they are spelled out.

use std::fmt::Write as _;

use crate::shape::{PLAIN, Shape};

pub(super) fn shapes() -> Vec<Shape> {
    let mut shapes = Vec::new();
    for depth in [16, 23, 24, 25, 41, 63, 70] {
        shapes.push(Shape::tools(format!("depth {depth} of records"), &records(depth)));
        for (name, around) in [
            ("tuples", "tuple<T>"),
            ("lists", "list<T>"),
            ("options", "option<T>"),
            ("results", "result<T, u8>"),
        ] {
            shapes.push(Shape::tools(format!("depth {depth} of {name}"), &nested(depth, around)));
        }
    }
    shapes.push(Shape::tools("depth 24 of variants", &variants(24)));
    shapes.push(Shape::tools("depth 62 of tuples", &nested(62, "tuple<T>")));
    shapes.push(Shape::tools(
        "depth 33 of a result alone",
        &format!("run: func() -> {};", deep(33, "list<T>")),
    ));
    shapes.extend(counts());
    for steps in [8, 12, 16, 24] {
        shapes.push(Shape::tools(format!("doubled {steps} times"), &doubled(steps)));
    }
    let mut many = doubled(11);
    (0..50).for_each(|at| many += &format!("again{at}: func(value: d11);\n"));
    shapes.push(Shape::tools("doubled 11 times in 50 functions", &many));
    // The component cannot have the type, which the validator bounds; its author's WIT can.
    for steps in [24, 60] {
        let wit = PLAIN.replace("run: func();", &format!("run: func(); {}", doubled(steps)));
        shapes.push(Shape { wit, ..Shape::text(&format!("doubled {steps} times in the WIT alone"), "") });
    }
    shapes
}

fn deep(depth: usize, around: &str) -> String {
    (0..depth).fold("string".to_owned(), |inner, _| around.replace('T', &inner))
}

fn nested(depth: usize, around: &str) -> String {
    let ty = deep(depth, around);
    format!("run: func(value: {ty}) -> {ty};")
}

fn records(depth: usize) -> String {
    let mut items = "record r0 { value: u32 }\n".to_owned();
    for at in 1..depth {
        let _ = writeln!(items, "record r{at} {{ inner: r{} }}", at - 1);
    }
    let _ = writeln!(items, "run: func(value: r{0}) -> r{0};", depth - 1);
    items
}

fn variants(depth: usize) -> String {
    let mut items = "variant v0 { none, value(u32) }\n".to_owned();
    for at in 1..depth {
        let _ = writeln!(items, "variant v{at} {{ none, inner(v{}) }}", at - 1);
    }
    let _ = writeln!(items, "run: func(value: v{0}) -> v{0};", depth - 1);
    items
}

/// A record of two records of two records: small in WIT, large when it is spelled out.
fn doubled(steps: usize) -> String {
    let mut items = "record d0 { left: u8, right: u8 }\n".to_owned();
    for at in 1..=steps {
        let _ = writeln!(items, "record d{at} {{ left: d{0}, right: d{0} }}", at - 1);
    }
    let _ = writeln!(items, "double: func(value: d{steps});");
    items
}

fn counts() -> Vec<Shape> {
    let names = |count: usize| (0..count).map(|at| format!("n{at}")).collect::<Vec<_>>();
    let fields =
        |count: usize| names(count).iter().map(|name| format!("{name}: u8")).collect::<Vec<_>>().join(", ");
    let cases =
        |count: usize| names(count).iter().map(|name| format!("{name}(u8)")).collect::<Vec<_>>().join(", ");
    let echo = |defined: String| format!("{defined}\nrun: func(value: named) -> named;");
    let functions =
        |count: usize| names(count).iter().map(|name| format!("{name}: func() -> u8;")).collect::<String>();
    let mut shapes = Vec::new();
    for count in [31, 32, 33, 64, 65, 200] {
        shapes.push(Shape::tools(
            format!("flags of {count}"),
            &echo(format!("flags named {{ {} }}", names(count).join(", "))),
        ));
    }
    for count in [255, 256, 257, 2000] {
        shapes.push(Shape::tools(
            format!("enum of {count}"),
            &echo(format!("enum named {{ {} }}", names(count).join(", "))),
        ));
    }
    for count in [255, 256, 257, 1000] {
        shapes.push(Shape::tools(
            format!("variant of {count}"),
            &echo(format!("variant named {{ {} }}", cases(count))),
        ));
    }
    for count in [16, 17, 100, 1000] {
        shapes.push(Shape::tools(
            format!("record of {count}"),
            &echo(format!("record named {{ {} }}", fields(count))),
        ));
        let types = vec!["u8"; count].join(", ");
        shapes
            .push(Shape::tools(format!("tuple of {count}"), &echo(format!("type named = tuple<{types}>;"))));
    }
    for count in [50, 51, 128] {
        shapes.push(Shape::tools(format!("functions, {count} of them"), &functions(count)));
    }
    shapes
}
