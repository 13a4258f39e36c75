//! Names: keywords, acronyms, digits, long ones, and ones that clash; and documentation of every kind.

use crate::shape::Shape;

/// Names that mean something in WIT, in JSON Schema or in a language of plugins.
const WORDS: [&str; 32] = [
    "%use",
    "%type",
    "%func",
    "%resource",
    "%record",
    "%interface",
    "%world",
    "%package",
    "%export",
    "%import",
    "%list",
    "%option",
    "%string",
    "%static",
    "%constructor",
    "%async",
    "%result",
    "%from",
    "%include",
    "%flags",
    "self",
    "class",
    "null",
    "nil",
    "this",
    "default",
    "switch",
    "ref",
    "defs",
    "proto",
    "x",
    "main",
];

pub(super) fn shapes() -> Vec<Shape> {
    let mut shapes: Vec<Shape> = WORDS.into_iter().map(word).collect();
    shapes.extend(lengths());
    shapes.extend(clashes());
    shapes.extend(docs());
    shapes
}

/// A name as function, parameter, field, case and flag.
fn word(name: &str) -> Shape {
    let items = format!(
        "record fields {{ {name}: u8 }}\nenum cases {{ {name}, other }}\nflags bits {{ {name}, other }}\n\
         variant either {{ {name}(string), other }}\n\
         {name}: func({name}: fields, cases: cases, bits: bits) -> either;"
    );
    Shape::tools(format!("name {}", name.trim_start_matches('%')), &items)
}

fn lengths() -> Vec<Shape> {
    let function = |letters: usize| format!("{}: func() -> u8;", "n".repeat(letters));
    let field = |letters: usize| {
        format!("record named {{ {}: u8 }} run: func(value: named) -> named;", "n".repeat(letters))
    };
    let words = |count: usize| vec!["word"; count].join("-");
    vec![
        Shape::tools("name of 64 letters", &function(64)),
        Shape::tools("name of 65 letters", &function(65)),
        Shape::tools("name of 65 letters beside another", &format!("{} short: func();", function(65))),
        Shape::tools("name of 1000 letters in a field", &field(1000)),
        Shape::tools("name of 12 words", &format!("{}: func({}: u8) -> u8;", words(12), words(40))),
        Shape::tools(
            "name with digits",
            "run-2: func(p-1: u8, x2y3: u8) -> u8; v2: func(); a1-b2-c3: func();",
        ),
        Shape::tools(
            "name of an acronym",
            "parse-HTML: func(HTML: string) -> string; URL: func(); a-B-c: func();",
        ),
        Shape::tools("name of one letter each", "a: func(b: u8) -> u8; c: func(d: u8) -> u8;"),
        Shape::new(
            "name of a long interface",
            format!(
                "package t:shape;\ninterface {0} {{ run: func(); }}\ninterface {1} {{ run: func(); }}\n\
                 world plugin {{ export {0}; export {1}; }}\n",
                words(12),
                words(13)
            ),
        ),
        Shape::new(
            "name of a long package",
            "package averylongnamespace-of-many-words:an-even-longer-package-name-with-words@1.22.333-beta.4+build.5;\n\
             interface tools { run: func() -> u8; }\nworld plugin { export tools; }\n",
        ),
    ]
}

fn clashes() -> Vec<Shape> {
    let two = |one: &str, other: &str| {
        format!(
            "package t:shape;\ninterface one {{ {one} }}\ninterface two {{ {other} }}\n\
             world plugin {{ export one; export two; }}\n"
        )
    };
    vec![
        Shape::new("clash of two interfaces", two("run: func();", "run: func();")),
        Shape::new(
            "clash of an interface and a function",
            two("run: func();", "run: func(); one-run: func();"),
        ),
        Shape::new(
            "clash of types in two interfaces",
            two("record r { a: u8 } run: func(r: r);", "record r { b: u8 } go: func(r: r);"),
        ),
        Shape::tools(
            "clash of a field and its type",
            "record value { value: u8 } run: func(value: value) -> value;",
        ),
    ]
}

fn docs() -> Vec<Shape> {
    let documented = |docs: &str| format!("{docs}\nrun: func(value: u8) -> u8;");
    vec![
        Shape::tools("docs of one line", &documented("/// Runs.")),
        Shape::tools("docs of a block", &documented("/** Runs\n    and\n\n    stops. */")),
        Shape::tools("docs of a parameter", &documented("/// Runs.\n/// @param value What to run.")),
        Shape::tools(
            "docs of a parameter that is none",
            &documented("/// Runs.\n/// @param other What to run."),
        ),
        Shape::tools(
            "docs of a parameter with a type",
            &documented("/// Runs.\n/// @param {string} value What to run."),
        ),
        Shape::tools(
            "docs of quotes",
            &documented("/// Runs \"quoted\" \\ `code` <b>bold</b> & ${x} {{y}}."),
        ),
        Shape::tools("docs of emoji", &documented("/// Läuft 🦀 עברית 日本語.")),
        Shape::tools("docs of a joiner", &documented("/// Runs 👩\u{200d}🔬 and می\u{200c}خواهم.")),
        Shape::tools("docs of a tab", &documented("/// Runs\twith a tab.")),
        Shape::tools("docs of an invisible character", &documented("/// Runs\u{200b}.")),
        Shape::tools("docs of a soft hyphen", &documented("/// Run\u{ad}s.")),
        Shape::tools("docs of 5000 letters", &documented(&format!("/// {}", "word ".repeat(1000)))),
        Shape::tools(
            "docs of fields",
            "record r {\n/// The value.\nvalue: u8,\n/// Others.\nothers: list<u8>\n}\n/// Runs.\nrun: func(r: r) -> r;",
        ),
        Shape::tools(
            "docs of cases",
            "enum e {\n/// First.\none,\n/// Second.\ntwo }\nflags f {\n/// Third.\nthree }\nrun: func(e: e, f: f) -> e;",
        ),
        Shape::tools("docs of an empty line", &documented("///\n///")),
        Shape::tools("comments", &documented("// An ordinary comment.")),
        Shape::tools("comments in a block", &documented("/* An ordinary comment. */")),
    ]
}
