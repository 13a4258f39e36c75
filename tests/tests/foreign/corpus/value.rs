//! Every value type in every position, alone and nested.

use crate::shape::Shape;

const PRIMITIVES: [&str; 13] =
    ["bool", "s8", "u8", "s16", "u16", "s32", "u32", "s64", "u64", "f32", "f64", "char", "string"];

/// Types that are made of one other type, with `T` for it.
const AROUND: [(&str, &str); 11] = [
    ("list", "list<T>"),
    ("option", "option<T>"),
    ("tuple", "tuple<T>"),
    ("pair", "tuple<T, T>"),
    ("ok", "result<T>"),
    ("err", "result<_, T>"),
    ("result", "result<T, T>"),
    ("list of options", "list<option<T>>"),
    ("option of an option", "option<option<T>>"),
    ("result of an option", "result<option<T>, T>"),
    ("option of a result", "option<result<_, T>>"),
];

/// Named types that are made of one other type, with `T` for it.
const DEFINED: [(&str, &str); 6] = [
    ("record", "record named { one: T, two: option<T> }"),
    ("variant", "variant named { none, one(T), more(list<T>) }"),
    ("alias", "type named = T;"),
    ("alias of an alias", "type first = T; type named = first;"),
    ("record of a record", "record inner { value: T } record named { inner: inner, again: inner }"),
    ("variant of a record", "record inner { value: T } variant named { inner(inner), plain(T) }"),
];

/// Types that are written out.
const WHOLE: [(&str, &str); 22] = [
    ("enum", "enum named { one }"),
    ("enum of many", "enum named { red, green, blue, dark-red }"),
    ("flags", "flags named { one }"),
    ("flags of 8", "flags named { a0, a1, a2, a3, a4, a5, a6, a7 }"),
    ("flags of 9", "flags named { a0, a1, a2, a3, a4, a5, a6, a7, a8 }"),
    ("variant without payloads", "variant named { one, two }"),
    ("variant of one case", "variant named { one(u64) }"),
    ("variant of mixed widths", "variant named { a(u8), b(f32), c(u64), d(f64), e(string) }"),
    ("variant of a variant", "variant inner { a, b(u8) } variant named { c(inner), d(option<inner>) }"),
    ("result of nothing", "type named = result;"),
    ("list of results", "type named = list<result>;"),
    ("option of a result of nothing", "type named = option<result>;"),
    ("result of a result", "type named = result<result<u8, string>, result<string>>;"),
    (
        "tuple of everything",
        "type named = tuple<bool, s8, u8, s16, u16, s32, u32, s64, u64, f32, f64, char, string>;",
    ),
    ("list of lists", "type named = list<list<list<u8>>>;"),
    ("list of bytes in a record", "record named { bytes: list<u8>, more: list<list<u8>> }"),
    ("list of tuples", "type named = list<tuple<string, list<u8>>>;"),
    (
        "record of flags and enums",
        "enum e { a, b } flags f { c, d } record named { e: e, f: f, g: list<e>, h: option<f> }",
    ),
    ("map", "type named = map<string, u32>;"),
    ("map of numbers", "type named = map<u32, list<string>>;"),
    ("list of fixed length", "type named = list<u8, 4>;"),
    ("list of fixed length of strings", "type named = list<string, 2>;"),
];

pub(super) fn shapes() -> Vec<Shape> {
    let mut shapes = Vec::new();
    for ty in PRIMITIVES {
        shapes.push(both(format!("value {ty}"), "", ty));
        for (name, around) in AROUND {
            shapes.push(both(format!("value {ty} in {name}"), "", &around.replace('T', ty)));
        }
    }
    for ty in ["u8", "s64", "f32", "char", "string", "list<u8>", "option<string>"] {
        for (name, defined) in DEFINED {
            shapes.push(both(format!("value {ty} in {name}"), &defined.replace('T', ty), "named"));
        }
    }
    shapes.extend(WHOLE.map(|(name, defined)| both(format!("value {name}"), defined, "named")));
    shapes.extend(functions());
    shapes
}

/// A function that takes and returns a type, and one of each.
fn both(name: String, defined: &str, ty: &str) -> Shape {
    let items = format!(
        "{defined}\necho: func(value: {ty}) -> {ty};\ntake: func(first: {ty}, second: {ty});\n\
         give: func() -> {ty};\nmay-fail: func(value: option<{ty}>) -> result<{ty}, string>;"
    );
    Shape::tools(name, &items)
}

fn functions() -> Vec<Shape> {
    let params = |count: usize, ty: &str| {
        let params: Vec<String> = (0..count).map(|at| format!("p{at}: {ty}")).collect();
        format!("run: func({}) -> string;", params.join(", "))
    };
    vec![
        Shape::tools("function without anything", "run: func();"),
        Shape::tools("function of a result of nothing", "run: func() -> result;"),
        Shape::tools("function of an error alone", "run: func() -> result<_, string>;"),
        Shape::tools("function of 16 numbers", &params(16, "u32")),
        Shape::tools("function of 17 numbers", &params(17, "u32")),
        Shape::tools("function of 9 strings", &params(9, "string")),
        Shape::tools("function of 100 options", &params(100, "option<u64>")),
        Shape::tools("function of 1000 parameters", &params(1000, "u8")),
        Shape::tools(
            "functions of each other's names",
            "get: func() -> u8; get-get: func() -> u8; get-get-get: func() -> u8;",
        ),
        Shape::tools("function that is async", "run: async func();"),
        Shape::tools("function that is async beside a plain one", "run: async func(); plain: func() -> u8;"),
        Shape::tools("function of a stream", "run: func(bytes: stream<u8>);"),
        Shape::tools("function of a future", "run: func() -> future<string>;"),
        Shape::tools("function of an error-context", "run: func() -> error-context;"),
        Shape::tools("function of a stream of nothing", "run: func(ticks: stream);"),
    ]
}
