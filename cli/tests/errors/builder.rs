//! Builds that fail: compilers are scripts that say and leave what a story needs.

use crate::program::{Story, script};
use crate::story::{Bench, TEXT};

/// A plugin whose `plugin.toml` has these lines in `[build]`.
fn plugin(bench: &Bench, build: &str) {
    bench.plugin("bill", TEXT, &format!("name = \"bill\"\ncomponent = \"out.wasm\"\n[build]\n{build}"));
    bench.write("toolcell.toml", "[plugins.bill]\nsource = \"bill\"\n");
}

/// A plugin in a language, with the files that its build looks for first.
fn language(bench: &Bench, name: &str) {
    plugin(bench, &format!("language = \"{name}\"\n"));
    bench.write("bill/src/app.js", "");
    bench.write("bill/src/app.ts", "");
    bench.write("bill/app.py", "");
    bench
        .write("bill/go.mod", "module bill\nrequire wit v0.0.0\nreplace wit => ./target/toolcell/bindings\n");
}

/// A compiler of C or Zig that leaves `bill/module.wasm` wherever it is told to write.
const ZIG: &str = r#"[ "$1" = version ] && echo 0.17.1
for word; do
  case "$word" in -femit-bin=*) /bin/cp module.wasm "${word#-femit-bin=}";; esac
  [ "$before" = -o ] && /bin/cp module.wasm "$word"
  before="$word"
done
exit 0"#;

/// A compiler that only says its version and then fails.
fn failing(bench: &Bench, name: &str, version: &str, says: &str) {
    let arguments = r#"case "$1" in version|--version)"#;
    script(bench, name, &format!("{arguments} echo '{version}'; exit;; esac\necho '{says}' >&2\nexit 1"));
}

/// A cargo that builds nothing, and a rustc whose libc has a function `write`.
fn libc(bench: &Bench) {
    script(bench, "cargo", "echo cargo 1.95.0");
    script(bench, "rustc", r#"[ "$1" = --version ] && echo rustc 1.95.0 && exit; echo "$PWD/../sysroot""#);
    let header = format!("{:<48}{:<10}`\n", "/", 14);
    let table = b"\0\0\0\x01\0\0\0\x52write\0";
    bench.write("sysroot/self-contained/libc.a", [b"!<arch>\n", header.as_bytes(), table].concat());
}

/// An npm that installs nothing, and a node that does nothing.
fn node(bench: &Bench) {
    script(bench, "node", "echo v22.23.3");
    script(bench, "npm", "echo 10.9.8");
}

const MISSING: &[Story] = &[
    ("cargo is missing", "build", |b| language(b, "rust")),
    ("zig is missing for C", "build", |b| language(b, "c")),
    ("zig is missing for C++", "build", |b| language(b, "cpp")),
    ("zig is missing", "build", |b| language(b, "zig")),
    ("go is missing", "build", |b| language(b, "go")),
    ("node is missing for JavaScript", "build", |b| language(b, "js")),
    ("node is missing for TypeScript", "build", |b| language(b, "ts")),
    ("npm is missing", "build", |b| {
        language(b, "js");
        b.write("bill/package-lock.json", "{}");
    }),
    ("componentize-py is missing", "build", |b| language(b, "python")),
    ("python3 is missing", "build", |b| {
        language(b, "python");
        b.write("bill/requirements.txt", "");
    }),
    ("a compiler that does not run", "build", |b| {
        language(b, "rust");
        script(b, "cargo", "exit 1");
    }),
    ("a package that is not installed", "build", |b| {
        language(b, "js");
        node(b);
    }),
    ("a type checker that is not installed", "build", |b| {
        language(b, "ts");
        node(b);
        b.write("bill/package.json", "{ \"devDependencies\": { \"typescript\": \"7.0.2\" } }");
    }),
    ("sh is missing", "build", |b| plugin(b, "command = \"make\"\n")),
];

const FAILING: &[Story] = &[
    ("source with an error", "build", |b| {
        language(b, "rust");
        failing(b, "cargo", "cargo 1.95.0", "error[E0308]: mismatched types");
    }),
    ("source with many errors", "build", |b| {
        language(b, "rust");
        script(
            b,
            "cargo",
            "[ \"$1\" = --version ] && echo cargo 1.95.0 && exit\nfor line in 1 2 3 4 5 6 7 8; do printf 'a\\nb\\nc\\nd\\ne\\nf\\ng\\nh\\n' >&2; done\nexit 1",
        );
    }),
    ("source with an error, and a zig that was not tested", "build", |b| {
        language(b, "zig");
        failing(b, "zig", "0.15.2", "error: expected type");
    }),
    ("a crate that is no library", "build", |b| {
        language(b, "rust");
        script(b, "cargo", "echo cargo 1.95.0");
    }),
    ("cargo names a file that is not there", "build", |b| {
        language(b, "rust");
        let message =
            r#"echo "{\"manifest_path\":\"$PWD/Cargo.toml\",\"filenames\":[\"$PWD/target/bill.wasm\"]}""#;
        script(b, "cargo", &format!("[ \"$1\" = --version ] && echo cargo 1.95.0 && exit\n{message}"));
    }),
    ("a command that fails", "build", |b| {
        plugin(b, "command = \"make\"\n");
        script(b, "sh", "echo 'make: no rule to make target' >&2\nexit 2");
    }),
    ("a command that makes no component", "build", |b| {
        plugin(b, "command = \"true\"\n");
        script(b, "sh", "exit 0");
    }),
    ("a module that does not export its world", "build", |b| {
        language(b, "zig");
        script(b, "zig", ZIG);
        b.write("bill/module.wasm", b"\0asm\x01\0\0\0");
    }),
    ("a type without bindings in Go", "build", |b| {
        language(b, "go");
        script(b, "go", "echo go version go1.27.3 linux/amd64");
        b.write("bill/wit/world.wit", TEXT.replace("-> u32", "-> map<string, u32>"));
    }),
    ("a type without bindings in Zig", "build", |b| {
        language(b, "zig");
        script(b, "zig", ZIG);
        b.write("bill/wit/world.wit", TEXT.replace("-> u32", "-> stream<u8>"));
    }),
    ("a function of the world called like one of libc", "build", |b| {
        language(b, "rust");
        libc(b);
        b.write("bill/wit/world.wit", "package a:b;\nworld w { export write: func(text: string); }\n");
    }),
    ("a function of the world called like the memory", "build", |b| {
        language(b, "rust");
        libc(b);
        b.write("bill/wit/world.wit", "package a:b;\nworld w { export memory: func() -> u32; }\n");
    }),
    ("two functions of one name in C", "build", |b| {
        language(b, "c");
        script(b, "zig", ZIG);
        let user = "interface user { name-get: func(); }\ninterface user-name { get: func(); }";
        let world = "world w { export user; export user-name; }";
        b.write("bill/wit/world.wit", format!("package a:b;\n{user}\n{world}\n"));
    }),
    ("two constants of one name in C", "build", |b| {
        language(b, "c");
        b.write("bill/src/bill.c", "");
        failing(b, "zig", "0.17.1", "bindings/w.h:9:9: error: '\\''A_B_C'\\'' macro redefined [-Werror]");
    }),
    ("a package of C++ called like a function of C", "build", |b| {
        language(b, "cpp");
        let message =
            "bindings/w_cpp.h:9:9: error: redefinition of '\\''time'\\'' as different kind of symbol";
        let compile = r#"[ "$1" = version ] && echo 0.17.1 && exit; case " $* " in *" -c "*) exit 0;; esac"#;
        script(b, "zig", &format!("{compile}\necho '{message}' >&2\nexit 1"));
        b.write("bill/src/bill.cpp", "");
        b.write(
            "bill/wit/world.wit",
            "package time:zones;\ninterface all { get: func(); }\nworld w { export all; }\n",
        );
    }),
    ("two functions of one name in Go", "build", |b| {
        language(b, "go");
        script(b, "go", "echo go version go1.27.3 linux/amd64");
        let tools = "interface tools { variant a { b } make-a-b: func(a: a); }";
        b.write("bill/wit/world.wit", format!("package a:b;\n{tools}\nworld w {{ import tools; }}\n"));
    }),
    ("a type without bindings in C", "build", |b| {
        language(b, "c");
        script(b, "zig", ZIG);
        b.write("bill/wit/world.wit", TEXT.replace("-> u32", "-> list<u32, 4>"));
    }),
    ("packages that cannot be installed", "build", |b| {
        language(b, "js");
        failing(b, "npm", "10.9.8", "npm error code ECONNREFUSED");
        b.write("bill/package-lock.json", "{}");
    }),
    ("packages of Python that cannot be installed", "build", |b| {
        language(b, "python");
        let venv =
            "/bin/mkdir -p .venv/bin && printf '#!/bin/sh\\necho no index >&2\\nexit 1\\n' >.venv/bin/python";
        script(
            b,
            "python3",
            &format!(
                "[ \"$1\" = --version ] && echo Python 3.11.2 && exit\n{venv}\n/bin/chmod +x .venv/bin/python"
            ),
        );
        b.write("bill/requirements.txt", "");
    }),
    ("an installation that leaves nothing", "build", |b| {
        language(b, "js");
        node(b);
        b.write("bill/package-lock.json", "{}");
    }),
];

const SOURCE: &[Story] = &[
    ("neither a language nor a command", "build", |b| plugin(b, "")),
    ("a table that names no tool, told before the build", "build", |b| {
        plugin(b, "command = \"make\"\n[tools.count-wrods]\ntitle = \"Count\"\n");
        script(b, "make", "touch built");
    }),
    ("a language and a command", "build", |b| plugin(b, "language = \"rust\"\ncommand = \"make\"\n")),
    ("a slip in the language", "build", |b| plugin(b, "language = \"rsut\"\n")),
    ("a language that is not known", "build", |b| plugin(b, "language = \"cobol\"\n")),
    ("an engine that is not known", "build", |b| plugin(b, "language = \"js\"\nengine = \"v8\"\n")),
    ("a key that a language does not read", "build", |b| plugin(b, "language = \"rust\"\nentry = \"a\"\n")),
    ("a key that a command does not read", "build", |b| plugin(b, "command = \"make\"\nflags = []\n")),
    ("sources that are not there", "build", |b| {
        plugin(b, "language = \"c\"\nsources = [\"src/*.c\"]\n");
        script(b, "zig", ZIG);
        b.write("bill/module.wasm", b"\0asm\x01\0\0\0");
    }),
    ("no module of JavaScript", "build", |b| plugin(b, "language = \"js\"\n")),
    ("no module of TypeScript", "build", |b| plugin(b, "language = \"ts\"\n")),
    ("no module of Python", "build", |b| plugin(b, "language = \"python\"\n")),
    ("a package.json that is not JSON", "build", |b| {
        language(b, "js");
        node(b);
        b.write("bill/package.json", "{ name: bill }");
    }),
    ("a package without a package.json", "build", |b| {
        language(b, "js");
        node(b);
        b.write("bill/node_modules/componentize-qjs/readme", "");
    }),
    ("no go.mod", "build", |b| {
        plugin(b, "language = \"go\"\n");
        script(b, "go", "echo go version go1.27.3 linux/amd64");
    }),
    ("a go.mod without a module", "build", |b| {
        plugin(b, "language = \"go\"\n");
        script(b, "go", "echo go version go1.27.3 linux/amd64");
        b.write("bill/go.mod", "go 1.24");
    }),
    ("a go.mod without the bindings", "build", |b| {
        plugin(b, "language = \"go\"\n");
        script(b, "go", "echo go version go1.27.3 linux/amd64");
        b.write("bill/go.mod", "module bill\n");
    }),
    ("a directory that cannot be built in", "build", |b| {
        language(b, "rust");
        b.write("bill/target", "");
    }),
    ("a component that was not made", "build --prebuilt", |b| language(b, "rust")),
];

/// Returns every story.
pub(crate) fn stories() -> Vec<Story> {
    [MISSING, FAILING, SOURCE].concat()
}
