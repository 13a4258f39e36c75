//! C and C++: zig compiles both, with a libc and a libc++ of its own.
//!
//! C++ goes without exceptions, which its bindings do not throw and WebAssembly does not yet catch. Neither language
//! has a package registry; many of their libraries are in npm's, so that is where a plugin may get sources from. The
//! bindings are compiled apart from the plugin's sources, so that an author's `-Werror` is about her own code. Their
//! headers are named after the world, which may be called `string`: they are found in quotes before all others, and in
//! angle brackets after all others.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

use wit_bindgen_core::WorldGenerator;

use super::job::Job;
use super::rename::Taken;
use super::{bindings, c_clash, cpp_patch, encode, install, source_files};
use crate::language::Language;
use crate::language::build_tool::ZIG;
use crate::language::program::Program;
use crate::ui::problem::Result;
use crate::ui::write::write_atomically;

/// The target of every file, and the execution model: a callable module is a reactor.
const TARGET: [&str; 4] = ["-target", "wasm32-wasi", "-mexec-model=reactor", "-O2"];

/// The stack: as large as Rust's, where zig's 16 MiB would count in full against a call's memory. It lies below the
/// data, so a recursion without end is a trap.
const STACK: &str = "-Wl,-z,stack-size=1048576";

/// Messages about the bindings: no warnings but that two constants have one name, which is an error, also in a header;
/// and the first error, since it is the cause of the others.
const CHECKED: [&str; 4] =
    ["-Wno-everything", "-Wsystem-headers", "-Werror=macro-redefined", "-ferror-limit=1"];

/// Says in a header that warnings about it are not for the author, wherever it was found.
const SYSTEM_HEADER: &str = "#pragma GCC system_header\n";

/// Headers that come before the bindings of C, so that the compiler finds names which both have. Those are left out that
/// define macros of names that fields may have.
const HEADERS: [&str; 25] = [
    "assert",
    "ctype",
    "errno",
    "fcntl",
    "fenv",
    "inttypes",
    "limits",
    "locale",
    "math",
    "poll",
    "pthread",
    "sched",
    "semaphore",
    "stdatomic",
    "stdint",
    "stdio",
    "stdlib",
    "string",
    "strings",
    "threads",
    "time",
    "uchar",
    "unistd",
    "wchar",
    "wctype",
];

/// One of both languages.
struct Dialect {
    /// The language.
    language: Language,
    /// The mode of zig: a C or a C++ compiler.
    driver: &'static str,
    /// The extension of the generated source file.
    ending: &'static str,
    /// Patches a generated file of text.
    patch: fn(&str) -> String,
    /// Tells which names the bindings cannot have.
    taken: Taken,
    /// Headers that come before the bindings.
    headers: &'static [&'static str],
    /// Default patterns of source files.
    sources: &'static [&'static str],
    /// Default flags, before the author's flags.
    flags: &'static [&'static str],
}

/// C.
const C: Dialect = Dialect {
    language: Language::C,
    driver: "cc",
    ending: "c",
    patch: export_name,
    taken: Taken { parameter: |_| false, case: |_, _| false },
    headers: &HEADERS,
    sources: &["src/*.c"],
    flags: &["-std=gnu23"],
};

/// C++.
const CPP: Dialect = Dialect {
    language: Language::Cpp,
    driver: "c++",
    ending: "cpp",
    patch: |text| cpp_patch::source(&export_name(text)),
    // A parameter `self` stands for `*this`, and a case is a class within that of its variant.
    taken: Taken {
        parameter: |name| name == "self",
        case: |variant, case| variant.eq_ignore_ascii_case(case),
    },
    headers: &[],
    sources: &["src/*.cpp"],
    flags: &["-std=c++23", "-fno-exceptions"],
};

/// Makes the component from `src/*.c`, or from `[build]`'s sources.
///
/// # Errors
/// zig is missing or refuses the source, or the WIT has something that there are no bindings for, or names that meet.
pub(super) fn build_c(job: &Job<'_>) -> Result<()> {
    c_clash::refuse_functions(job)?;
    build(job, &C, wit_bindgen_c::Opts::default().build())
}

/// Makes the component from `src/*.cpp`, or from `[build]`'s sources, some of which may be C.
///
/// # Errors
/// As [`build_c`].
pub(super) fn build_cpp(job: &Job<'_>) -> Result<()> {
    build(job, &CPP, wit_bindgen_cpp::Opts::default().build(None))
}

/// Compiles bindings and sources, and makes the component around the module.
fn build(job: &Job<'_>, dialect: &Dialect, generator: Box<dyn WorldGenerator>) -> Result<()> {
    let zig = job.tool(&ZIG)?;
    install::node_packages(job)?;
    let generated = generate(job, dialect, generator)?;
    let (c, sources): (Vec<_>, Vec<_>) =
        source_files::files(job, dialect.sources)?.into_iter().partition(|file| is_foreign(file, dialect));
    let mut objects = vec![compile_bindings(job, dialect, &zig, &generated)?];
    for file in c {
        objects.push(compile_c(job, &zig, &file)?);
    }
    let module = job.scratch.join("module.wasm");
    let mut link = compiler(job, dialect, &zig);
    link.args(["-s", STACK]).args(found_in(&generated)).args(&job.config.flags);
    let linked = job.run(link.args(sources).args(objects).arg("-o").arg(&module));
    if let Err(problem) = linked {
        return Err(c_clash::in_source(job, problem)?);
    }
    job.finish(&encode::typed(job, job.read(&module)?)?)
}

/// Writes the bindings, and returns their directory.
fn generate(job: &Job<'_>, dialect: &Dialect, generator: Box<dyn WorldGenerator>) -> Result<PathBuf> {
    let files = bindings::files(job, dialect.language, generator, &dialect.taken)?;
    let texts = files.iter().filter(|(name, _)| !name.ends_with(".o"));
    let patched: Vec<(&str, String)> = texts
        .map(|(name, text)| {
            let text = (dialect.patch)(&String::from_utf8_lossy(text));
            (name, if name.ends_with(".h") { SYSTEM_HEADER.to_owned() + &text } else { text })
        })
        .collect();
    bindings::write(job, patched.iter().map(|(name, text)| (*name, text.as_bytes())))
}

/// Exports a function of the world called `memory` by its standard name: the linker exports the memory by this one.
fn export_name(text: &str) -> String {
    let exported = |name: &str| format!("__export_name__(\"{name}\")");
    text.replace(&exported("memory"), &exported("cm32p2||memory"))
        .replace(&exported("cabi_post_memory"), &exported("cm32p2||memory_post"))
}

/// Tells whether a file is C in a plugin of C++: a library, say.
fn is_foreign(file: &Path, dialect: &Dialect) -> bool {
    dialect.ending != C.ending && file.extension().is_some_and(|ending| ending == C.ending)
}

/// The object of a file in C beside C++. The author's flags are about C++, but for definitions and directories.
fn compile_c(job: &Job<'_>, zig: &Program, file: &Path) -> Result<PathBuf> {
    let name = file.with_extension("o").to_string_lossy().replace('/', "-");
    let object = job.scratch.join(name);
    let flags = job.config.flags.iter().filter(|flag| flag.starts_with("-D") || flag.starts_with("-I"));
    let mut compile = compiler(job, &C, zig);
    job.run(compile.args(flags).arg("-c").arg(file).arg("-o").arg(&object))?;
    Ok(object)
}

/// The object of the bindings. They call a function of an object that has the world's type, which is not used here.
///
/// The generators read and write every type through pointers to others, so aliasing tells the compiler nothing.
fn compile_bindings(job: &Job<'_>, dialect: &Dialect, zig: &Program, generated: &Path) -> Result<PathBuf> {
    let (resolve, world) = job.world()?;
    let name = resolve.worlds[world].name.replace('-', "_").to_ascii_lowercase();
    let text = job.read(&generated.join(format!("{name}.{}", dialect.ending)))?;
    let mut text = including(dialect.headers) + &String::from_utf8_lossy(&text);
    let start = if dialect.ending == C.ending { "" } else { "extern \"C\" " };
    text += &format!("\n{start}void __component_type_object_force_link_{name}(void) {{}}\n");
    let source = job.scratch.join(format!("bindings.{}", dialect.ending));
    write_atomically(&source, text.as_bytes())?;
    let object = job.scratch.join("bindings.o");
    let mut compile = compiler(job, dialect, zig);
    compile.args(CHECKED).arg("-fno-strict-aliasing").args(found_in(generated));
    let compiled = job.run(compile.arg("-c").arg(source).arg("-o").arg(&object));
    compiled.map_err(|problem| c_clash::in_bindings(job, dialect.language, problem))?;
    Ok(object)
}

/// Lines that include headers of the standard library.
fn including(headers: &[&str]) -> String {
    headers.iter().map(|name| format!("#include <{name}.h>\n")).collect()
}

/// Compiler arguments with which the bindings' headers are found.
fn found_in(generated: &Path) -> [OsString; 4] {
    let directory = || generated.as_os_str().to_owned();
    ["-iquote".into(), directory(), "-idirafter".into(), directory()]
}

fn compiler(job: &Job<'_>, dialect: &Dialect, zig: &Program) -> Command {
    let mut command = zig.command(&job.directory);
    command.arg(dialect.driver).args(TARGET).args(dialect.flags);
    command
}
