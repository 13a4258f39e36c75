//! Worlds: several interfaces, packages and versions, functions of the world itself, resources, features.

use crate::shape::{Encoding, Shape};

/// A world of other packages: `packages` come after the first line.
fn world(name: &str, packages: &str, items: &str) -> Shape {
    Shape::new(name, format!("package t:shape;\n{packages}\nworld plugin {{ {items} }}\n"))
}

pub(super) fn shapes() -> Vec<Shape> {
    let mut shapes = interfaces();
    shapes.extend(roots());
    shapes.extend(resources());
    shapes.extend(features());
    shapes.extend(contract());
    shapes
}

fn interfaces() -> Vec<Shape> {
    let tools = "interface tools { run: func() -> u8; }";
    vec![
        world("world without anything", "", ""),
        world("world of an empty interface", "interface tools {}", "export tools;"),
        world("world of an interface of types", "interface tools { record r { a: u8 } type t = r; }", "export tools;"),
        world("world of three interfaces", "interface a { one: func(); } interface b { two: func(); } interface c { three: func(); }", "export a; export b; export c;"),
        world("world of an inline interface", "", "export tools: interface { run: func(a: u8) -> u8; }"),
        world("world of an inline interface of WASI's name", "", "export init: interface { run: func(); }"),
        world("world of a package with a version", "package a:b@1.2.3 { interface tools { run: func() -> u8; } }", "export a:b/tools@1.2.3;"),
        world("world of a package with a prerelease", "package a:b@1.2.3-rc.1 { interface tools { run: func() -> u8; } }", "export a:b/tools@1.2.3-rc.1;"),
        world("world of two versions", "package a:b@0.1.0 { interface tools { run: func(); } }\npackage a:b@0.2.0 { interface tools { run: func(); } }", "export a:b/tools@0.1.0; export a:b/tools@0.2.0;"),
        world("world of two patch versions", "package a:b@1.0.0 { interface tools { run: func(); } }\npackage a:b@1.0.1 { interface tools { run: func(); } }", "export a:b/tools@1.0.0; export a:b/tools@1.0.1;").encoded(Encoding::Unmerged),
        world("world of two packages", "package a:b { interface tools { run: func(); } }\npackage c:d { interface tools { run: func(); other: func(); } }", "export a:b/tools; export c:d/tools;"),
        world("world of types of another package", "package a:b { interface types { record r { x: u8 } enum e { p, q } } }\ninterface tools { use a:b/types.{r, e as kind}; run: func(r: r, k: kind) -> r; }", "export tools;"),
        world("world of types of its own", &format!("{tools} interface shared {{ record r {{ x: u8 }} }} interface more {{ use shared.{{r}}; go: func(r: r) -> r; }}"), "export tools; export more;"),
        world("world of exported types", "interface shared { record r { x: u8 } } interface more { use shared.{r}; go: func(r: r) -> r; }", "export shared; export more;"),
        world("world that includes another", &format!("package a:b {{ {tools} world base {{ export tools; }} }}"), "include a:b/base;"),
        Shape::new("world of several", format!("package t:shape;\n{tools}\nworld base {{ export tools; }}\nworld plugin {{ include base; }}\n")),
        world("world of an interface twice", tools, "export one: tools; export two: tools;"),
        world("world of an interface under another name", tools, "export one: tools;"),
        world("world of a WASI interface", "package wasi:cli@0.2.0 { interface run { run: func() -> result; } }\ninterface tools { go: func(); }", "export wasi:cli/run@0.2.0; export tools;"),
        world("world of a WASI interface alone", "package wasi:cli@0.2.0 { interface run { run: func() -> result; } }", "export wasi:cli/run@0.2.0;"),
        world("world of a handler of HTTP", "package wasi:http@0.2.0 { interface types { resource incoming-request; resource response-outparam; } interface incoming-handler { use types.{incoming-request, response-outparam}; handle: func(request: incoming-request, out: response-outparam); } }\ninterface tools { go: func(); }", "export wasi:http/incoming-handler@0.2.0; export tools;"),
    ]
}

fn roots() -> Vec<Shape> {
    vec![
        world("root function", "", "export run: func(a: u8) -> string;"),
        world(
            "root function beside an interface",
            "interface tools { go: func(); }",
            "export run: func(); export tools;",
        ),
        world("root function of the world's types", "", "record r { a: u8 } export run: func(r: r) -> r;"),
        world(
            "root function of used types",
            "interface types { record r { a: u8 } } ",
            "use types.{r}; export run: func(r: r) -> r;",
        ),
        world("root function called init", "", "export init: func();"),
        world(
            "root function of the name of another",
            "interface tools { run: func(); }",
            "export run: func(); export tools;",
        ),
        world(
            "root functions, five of them",
            "",
            "export a: func(); export b: func() -> u8; export c: func(x: string) -> result<string, string>; export d: func(); export e: func(y: list<u8>);",
        ),
        world(
            "root function of a resource",
            "",
            "resource thing { constructor(); } export run: func(t: thing);",
        ),
    ]
}

fn resources() -> Vec<Shape> {
    let thing =
        "resource thing { constructor(size: u32); size: func() -> u32; make: static func() -> thing; }";
    vec![
        Shape::tools("resource alone", thing),
        Shape::tools("resource beside a function", &format!("{thing} run: func() -> u8;")),
        Shape::tools(
            "resource that is owned",
            &format!("{thing} run: func(t: thing) -> u8; plain: func() -> u8;"),
        ),
        Shape::tools(
            "resource that is borrowed",
            &format!("{thing} run: func(t: borrow<thing>) -> u8; plain: func() -> u8;"),
        ),
        Shape::tools(
            "resource that is returned",
            &format!("{thing} run: func() -> thing; plain: func() -> u8;"),
        ),
        Shape::tools(
            "resource in a list",
            &format!("{thing} run: func(ts: list<thing>); plain: func() -> u8;"),
        ),
        Shape::tools(
            "resource in a record",
            &format!("{thing} record r {{ t: thing }} run: func() -> option<r>; plain: func() -> u8;"),
        ),
        Shape::tools("resource without anything", "resource thing; plain: func() -> u8;"),
        Shape::tools(
            "resources, two of them",
            "resource one { other: func() -> two; } resource two { other: func() -> one; } plain: func() -> u8;",
        ),
        world(
            "resource of another interface",
            "interface things { resource thing { size: func() -> u32; } } interface tools { use things.{thing}; run: func(t: borrow<thing>) -> u32; plain: func() -> u8; }",
            "export things; export tools;",
        ),
        world(
            "resource that nobody provides",
            "interface things { resource thing { size: func() -> u32; } } interface tools { use things.{thing}; run: func(t: borrow<thing>) -> u32; plain: func() -> u8; }",
            "import things; export tools;",
        ),
    ]
}

fn features() -> Vec<Shape> {
    let gated = |gate: &str| {
        format!(
            "package t:shape@0.3.0;\ninterface tools {{ run: func() -> u8;\n{gate}\nnewer: func() -> u8; }}\nworld plugin {{ export tools; }}\n"
        )
    };
    vec![
        Shape::new("feature since", gated("@since(version = 0.2.0)")),
        Shape::new("feature deprecated", gated("@since(version = 0.1.0)\n@deprecated(version = 0.2.0)")),
        Shape::new("feature unstable", gated("@unstable(feature = newer)")),
        Shape::new("feature unstable and built in", gated("@unstable(feature = newer)"))
            .encoded(Encoding::Unstable),
    ]
}

fn contract() -> Vec<Shape> {
    let content = "interface tools { use toolcell:plugin/content@0.1.0.{block, prompt-messages}; show: func() -> block; all: func() -> list<block>; greet: func(name: string) -> prompt-messages; }";
    vec![
        world("contract of content", content, "export tools;"),
        world("contract of resources", "", "export toolcell:plugin/resources@0.1.0;"),
        world("contract of prompts", "", "export toolcell:plugin/prompts@0.1.0;"),
        world("contract of tools", "", "export toolcell:plugin/dynamic-tools@0.1.0;"),
        world(
            "contract of everything",
            "interface tools { run: func(); }",
            "import toolcell:plugin/progress@0.1.0; import toolcell:plugin/log@0.1.0; import toolcell:plugin/call@0.1.0; import toolcell:plugin/ask@0.1.0; import toolcell:plugin/memo@0.1.0; export tools; export toolcell:plugin/resources@0.1.0; export toolcell:plugin/prompts@0.1.0; export toolcell:plugin/completion@0.1.0; export toolcell:plugin/dynamic-tools@0.1.0;",
        ),
        world(
            "contract that is imported instead",
            "interface tools { run: func(); }",
            "import toolcell:plugin/resources@0.1.0; export tools;",
        ),
    ]
}
