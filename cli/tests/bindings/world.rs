//! Worlds whose names and documentation are awkward for some language.

/// Words of languages, and types and values that are known everywhere in them.
const WORDS: &str = "\
    align and any anyopaque anytype append as asm async auto await bool box break byte c-int c-void case cap catch \
    chan char class close comparable complex comptime const constexpr copy crate default defer delete do double \
    dyn else enum error errdefer export extern f32 f64 fallthrough false float32 fn for friend func go goto i32 if \
    impl import in inline int interface iota len let linux long loop make map match mod mut namespace new nil \
    noreturn not null nullptr operator or package print private pub range real ref register return rune self \
    select short signed sizeof static string struct super suspend switch template test this trait true try type \
    typedef typename u32 u8 uint32 uintptr undefined union unix unreachable use usize var virtual void while xor \
    yield";

/// Words that bindings, packages and programs use themselves.
const PARTS: &str = "\
    abi allocator arg0 arguments base cabi-realloc component documentation element exports flat guest handle host \
    init internal main memory option ok panic payload pinner plugin ptr result return-area root runtime size start \
    std tag testdata unsafe value vector vendor wit wit-types world";

/// Functions of C's library and of compilers' support libraries.
const SYMBOLS: &str = "\
    abort atexit calloc ceil clock cos environ errno exit exp fabs floor fmod free getenv index log malloc memcpy \
    memmove memset pow printf puts qsort rand read realloc round sin sqrt strlen time trunc write y0";

/// Interfaces and functions of unusual shape, and names that are told apart only by what they are.
const SHAPES: &str = "package awkward:shapes@1.2.3;

interface only-functions { none: func(); taken: func(number: u32); given: func() -> u32; }
interface only-primitives { shout: func(text: string) -> u32; half: func(number: f64) -> u32; }
interface only-results { name: func() -> string; half: func() -> f64; }
interface only-bytes { sum: func(bytes: list<u8>) -> u32; }
interface only-types { record pair { left: u32, right: u32 } enum side { left, right } }
interface only-alias { type id = u32; }
interface nothing {}
interface alias-of-list { type ids = list<u32>; sum: func(ids: ids) -> u32; }
interface alias-of-alias { use only-alias.{id}; type key = id; get: func(key: key) -> u32; }
interface failing { run: func() -> result; }
interface failing-with-nothing { run: func(number: u32) -> result<u32>; }
interface failing-with-text { run: func() -> result<u32, string>; stop: func() -> result<_, string>; }
interface twin { record twin { twin: u32 } twin-of: func(twin: twin) -> u32; }

world awkward {
  import only-functions;
  import only-primitives;
  import only-results;
  import only-bytes;
  import only-types;
  import only-alias;
  import nothing;
  import alias-of-list;
  import alias-of-alias;
  import failing;
  import failing-with-nothing;
  import failing-with-text;
  import twin;
  import other:shapes/twin@1.0.0;
  import other:shapes/twin@2.0.0;
  import inner: interface { get: func() -> u32; }
  import get: func() -> u32;
  import twin: func(twin: u32) -> u32;
  export only-functions;
  export only-primitives;
  export only-bytes;
  export only-types;
  export only-alias;
  export nothing;
  export failing;
  export failing-with-nothing;
  export failing-with-text;
  export alias-of-list;
  export alias-of-alias;
  export twin;
  export other:shapes/twin@1.0.0;
  export other:shapes/twin@2.0.0;
  export outer: interface {
    variant problem { bad, worse(u32) }
    get: func() -> result<u32, problem>;
    put: func(problem: problem) -> u32;
  }
  export put: func() -> u32;
}

package other:shapes@1.0.0 {
  interface twin { record twin { other: u32 } twin-of: func(twin: twin) -> u32; }
}

package other:shapes@2.0.0 {
  interface twin { record twin { another: u32 } twin-of: func(twin: twin) -> u32; }
}
";

/// A function that the world itself imports: `NAME_create` in C, in a namespace `NAME` in C++.
pub(crate) const ROOT_IMPORT: &str = "package awkward:names;\nworld %NAME { import create: func(kind: u32) -> u32; export answer: func() -> u32; }\n";

/// Cases whose constants in C join the names of their types with their own.
pub(crate) const ENUMS: &str = "package awkward:names;
interface tools { enum a { x, b-c } enum NAME { c } get: func(a: a, b: NAME) -> u32; }
world awkward { import tools; export answer: func() -> u32; }
";

/// A record that C's bindings free with a function.
pub(crate) const RECORD: &str = "package awkward:names;
interface tools { record item { name: string } NAME: func(item: item) -> u32; }
world awkward { import tools; export answer: func() -> u32; }
";

/// Interfaces and functions whose names can be joined to the same.
pub(crate) const INTERFACES: &str = "package awkward:names;
interface user { NAME: func() -> u32; }
interface user-name { get: func() -> u32; }
world awkward { export user; export user-name; }
";

/// A package of a namespace.
pub(crate) const PACKAGE: &str = "package awkward:names;
world awkward { import NAME:zones/all; export answer: func() -> u32; }
package NAME:zones { interface all { count: func() -> u32; } }
";

/// A variant that Go's bindings make with functions.
pub(crate) const VARIANT: &str = "package awkward:names;
interface tools { variant a { b, c } NAME: func(a: a) -> u32; }
world awkward { import tools; export answer: func() -> u32; }
";

/// A world, and what it is about.
pub(crate) struct World {
    pub(crate) name: String,
    /// The text of `world.wit`, and of the packages that it uses.
    pub(crate) wit: String,
}

/// One world by its name.
pub(crate) fn named(name: &str) -> World {
    let wit = match name {
        "documentation" => documentation(),
        "interfaces" => interfaces(),
        "roots" => roots(),
        "types" => types(),
        "shapes" => SHAPES.to_owned(),
        "resources" => resources(),
        _ => panic!("no world {name}"),
    };
    World { name: name.to_owned(), wit }
}

/// A world of a name, with functions of its own.
pub(crate) fn called(name: &str) -> World {
    let wit = format!(
        "package awkward:names;
interface tools {{ record item {{ name: string }} get: func(item: item) -> u32; }}
world %{name} {{
  import tools;
  export tools;
  import ask: func(texts: list<string>) -> string;
  export answer: func(text: string) -> u32;
}}
"
    );
    World { name: name.to_owned(), wit }
}

/// A world that imports and exports an interface of these items.
pub(crate) fn with(items: &str) -> World {
    let wit = format!(
        "package awkward:names;\ninterface tools {{ {items} }}\nworld awkward {{ import tools; export tools; }}\n"
    );
    World { name: "awkward".to_owned(), wit }
}

/// Names that WIT allows and that mean something else in some language.
fn names() -> Vec<&'static str> {
    WORDS.split(' ').chain(PARTS.split(' ')).collect()
}

/// The same, and those of functions.
fn names_and_symbols() -> Vec<&'static str> {
    names().into_iter().chain(SYMBOLS.split(' ')).collect()
}

/// An interface of each name, with a function of that name whose parameter has it too; each is imported and exported.
fn interfaces() -> String {
    let names = names_and_symbols();
    let declared: String = names
        .iter()
        .map(|name| {
            format!("interface %{name} {{ %{name}: func(%{name}: u32, other: list<u32>) -> u32; }}\n")
        })
        .collect();
    let used: String = names.iter().map(|name| format!("  import %{name};\n  export %{name};\n")).collect();
    format!("package awkward:names;\n{declared}world awkward {{\n{used}}}\n")
}

/// A function of each name that the world itself exports, and another that it imports.
fn roots() -> String {
    let names = names_and_symbols();
    let used: String = names
        .iter()
        .map(|name| {
            format!(
                "  import %{name}: func(%{name}: u32) -> u32;\n  export %{name}: func(%{name}: u32) -> u32;\n"
            )
        })
        .collect();
    format!("package awkward:names;\nworld awkward {{\n{used}}}\n")
}

/// Types, fields, cases and flags of each name.
fn types() -> String {
    let names = names();
    let each = |text: &dyn Fn(&str) -> String| -> String { names.iter().map(|name| text(name)).collect() };
    let records = each(&|name| format!("  record %{name} {{ %{name}: u32 }}\n"));
    let takers = each(&|name| format!("  take-{name}: func(%{name}: %{name}) -> u32;\n"));
    let givers = each(&|name| format!("  give-{name}: func() -> %{name};\n"));
    let fields = each(&|name| format!("    %{name}: u32,\n"));
    let cases = each(&|name| format!("    %{name},\n"));
    let some: String = names
        .chunks(30)
        .enumerate()
        .map(|(at, names)| {
            let flags: String = names.iter().map(|name| format!("    %{name},\n")).collect();
            let payloads: String = names.iter().map(|name| format!("    %{name}(u32),\n")).collect();
            format!(
                "  flags flags{at} {{\n{flags}  }}\n  take-flags{at}: func(all: flags{at}) -> u32;\n  \
                 variant payloads{at} {{\n{payloads}  }}\n  take-payloads{at}: func(one: payloads{at}) -> u32;\n"
            )
        })
        .collect();
    format!(
        "package awkward:names;
interface records {{
{records}{takers}}}
interface imported {{
  use records.{{{}}};
{givers}}}
interface parts {{
  record fields {{
{fields}  }}
  enum cases {{
{cases}  }}
{some}
  take-fields: func(all: fields) -> u32;
  take-cases: func(one: cases) -> u32;
}}
world awkward {{
  import imported;
  export records;
  import parts;
  export parts;
}}
",
        each(&|name| format!("%{name}, ")).trim_end_matches(", ")
    )
}

/// Resources of the host with functions that bindings have too.
fn resources() -> String {
    let functions: String =
        ["deinit", "drop", "handle", "init", "new", "result", "self-of", "take-handle", "type"]
            .iter()
            .map(|name| format!("    %{name}: func(%{name}: u32, other-{name}: u32) -> u32;\n"))
            .collect();
    format!(
        "package awkward:resources;
interface store {{
  resource bucket {{
    constructor(init: u32, drop: u32);
{functions}    make: static func(self: u32) -> bucket;
  }}
  resource %type {{ constructor(%type: u32); }}
  open: func(bucket: borrow<bucket>) -> bucket;
}}
world awkward {{
  import store;
  resource at-root {{ constructor(); get: func() -> u32; }}
  export answer: func() -> u32;
}}
"
    )
}

/// Every item with documentation that a comment of some language cannot hold as it is.
fn documentation() -> String {
    let long = "a very long line ".repeat(2000);
    let docs: String = [
        "\ttab first, and\ttabs\tbetween",
        "a carriage\rreturn, and one at the end\r",
        "ends a comment */ and begins one /* or // another",
        "! inner documentation, as some languages have it",
        "/ a slash, # a hash, \"\"\" quotes ''' and `ticks`",
        "-- dashes --> <!-- and markup -->",
        "go:build ignore",
        "+build ignore",
        "line 1 \u{2028} separator \u{2029} paragraph \u{feff} mark \u{ad} hyphen",
        "%s %d {} {{}} ${x} $(x) \\u{41} \\x41 \\n \\N{DASH} ??/",
        &long,
        "",
        "ends in a backslash \\",
    ]
    .iter()
    .map(|line| format!("/// {line}\n"))
    .collect();
    let text = "
package awkward:docs;
DOCS
interface tools {
  DOCS
  record item {
    DOCS
    name: u32,
    DOCS
    size: u32,
  }
  DOCS
  variant choice {
    DOCS
    one(u32),
    DOCS
    other,
  }
  DOCS
  enum color {
    DOCS
    red,
    DOCS
    green,
  }
  DOCS
  flags marks {
    DOCS
    new,
    DOCS
    used,
  }
  DOCS
  type items = list<item>;
  DOCS
  type pair = tuple<u32, u32>;
  DOCS
  type maybe = option<item>;
  DOCS
  type outcome = result<u32, item>;
  DOCS
  take: func(item: item, choice: choice, color: color, marks: marks, items: items, maybe: maybe) -> u32;
}
DOCS
world awkward {
  DOCS
  import tools;
  DOCS
  export tools;
  DOCS
  import ask: func() -> u32;
  DOCS
  export answer: func() -> u32;
}
";
    text.replace("DOCS", &docs)
}
