//! Judges which features of WebAssembly and of the component model a component uses, by what the engine has.

use wasmparser::{Validator, WasmFeatures};

use crate::ui::problem::{Problem, Result};

/// Exactly the features of the engine: `proposals` and `component_model` of its configuration switch all others off.
const ENGINE: WasmFeatures = WasmFeatures::WASM2
    .union(WasmFeatures::EXTENDED_CONST)
    .union(WasmFeatures::MULTI_MEMORY)
    .union(WasmFeatures::COMPONENT_MODEL);

/// Something that the engine does not have.
struct Missing {
    flags: WasmFeatures,
    name: &'static str,
    remedy: &'static str,
}

/// The advice for an async function.
pub(super) const ASYNC_REMEDY: &str = "make the function plain in WIT and build without async: wit-bindgen `async: false`, \
     componentize-qjs `--sync`, jco componentize `--backend-qjs-disable-async`; componentize-py goes by the WIT";

const MISSING: [Missing; 14] = [
    Missing {
        flags: WasmFeatures::CM_ASYNC
            .union(WasmFeatures::CM_ASYNC_STACKFUL)
            .union(WasmFeatures::CM_MORE_ASYNC_BUILTINS)
            .union(WasmFeatures::CM_THREADING)
            .union(WasmFeatures::CM_ERROR_CONTEXT),
        name: "the component model's async feature",
        remedy: ASYNC_REMEDY,
    },
    Missing {
        flags: WasmFeatures::CM_IMPLEMENTS,
        name: "an interface under another name (`implements`)",
        remedy: "write `export tools;` instead of `export name: tools;` in the WIT world; an interface that is there twice \
                 needs a copy under a name of its own",
    },
    Missing {
        flags: WasmFeatures::CM_CANON_NAMES,
        name: "canonical versions of interfaces (`versionsuffix`)",
        remedy: "encode the component with full versions, which is what toolchains do unless they are told to write \
                 canonical names",
    },
    Missing { flags: WasmFeatures::CM_MAP, name: "map<K, V>", remedy: "use list<tuple<K, V>> instead" },
    Missing {
        flags: WasmFeatures::CM_FIXED_LENGTH_LISTS,
        name: "a list of fixed length, list<T, N>",
        remedy: "use list<T> or a tuple instead",
    },
    Missing {
        flags: WasmFeatures::EXCEPTIONS.union(WasmFeatures::LEGACY_EXCEPTIONS),
        name: "exceptions",
        remedy: "build without them: clang and clang++ without -fwasm-exceptions, Rust with its own wasm32-wasip2 target; \
                 languages whose exceptions are WebAssembly's cannot be served",
    },
    Missing {
        flags: WasmFeatures::GC.union(WasmFeatures::FUNCTION_REFERENCES),
        name: "garbage collection (GC, typed function references)",
        remedy: "use a compiler that brings its own memory management: Rust, C, C++, Zig, Go, or JavaScript and Python in \
                 an interpreter; Kotlin, Dart and OCaml for WebAssembly cannot be served",
    },
    Missing {
        flags: WasmFeatures::TAIL_CALL,
        name: "tail calls",
        remedy: "build without them: clang -mno-tail-call, Rust without `-C target-feature=+tail-call`",
    },
    Missing {
        flags: WasmFeatures::MEMORY64.union(WasmFeatures::CM64),
        name: "64-bit memory (memory64)",
        remedy: "build for wasm32, not for wasm64",
    },
    Missing {
        flags: WasmFeatures::THREADS.union(WasmFeatures::SHARED_EVERYTHING_THREADS),
        name: "threads (atomics, shared memory)",
        remedy: "build for one thread: clang without -pthread and -matomics, Rust for wasm32-wasip2",
    },
    Missing {
        flags: WasmFeatures::RELAXED_SIMD,
        name: "relaxed SIMD",
        remedy: "build with plain SIMD: clang -mno-relaxed-simd, Rust without `-C target-feature=+relaxed-simd`",
    },
    Missing {
        flags: WasmFeatures::WIDE_ARITHMETIC,
        name: "wide arithmetic",
        remedy: "build without it: clang -mno-wide-arithmetic, Rust without `-C target-feature=+wide-arithmetic`",
    },
    Missing {
        flags: WasmFeatures::CUSTOM_PAGE_SIZES,
        name: "memory pages of another size",
        remedy: "link without a page size: wasm-ld without --page-size",
    },
    Missing {
        flags: WasmFeatures::STACK_SWITCHING,
        name: "stack switching",
        remedy: "build without it; no toolchain needs it",
    },
];

/// Features that a component uses and that the engine does not have; the rest of it may be read.
#[derive(Debug)]
pub(super) struct Unavailable {
    names: Vec<&'static str>,
    remedies: Vec<&'static str>,
    /// The text of the validator.
    found: String,
}

/// Validates bytes with the features of the engine, and only where that fails with all of them.
///
/// # Errors
/// The bytes are damaged.
pub(super) fn check(file: &str, bytes: &[u8]) -> Result<Option<Unavailable>> {
    let Err(refused) = validate(bytes, ENGINE) else { return Ok(None) };
    if let Err(error) = validate(bytes, WasmFeatures::all()) {
        return Err(invalid(file, &error));
    }
    let without = |missing: &Missing| validate(bytes, WasmFeatures::all().difference(missing.flags)).err();
    let used: Vec<(&Missing, wasmparser::Error)> =
        MISSING.iter().filter_map(|missing| Some((missing, without(missing)?))).collect();
    Ok(Some(Unavailable {
        names: used.iter().map(|(missing, _)| missing.name).collect(),
        remedies: used.iter().map(|(missing, _)| missing.remedy).collect(),
        found: used.first().map_or(&refused, |(_, error)| error).message().to_owned(),
    }))
}

fn invalid(file: &str, error: &wasmparser::Error) -> Problem {
    // The validator bounds types that a few bytes can make as large as anybody likes.
    if error.message().contains("exceeds the limit") {
        return Problem::refused(file, "is larger than components may be")
            .found(error.to_string())
            .expected("a component within the limits of the validator")
            .next("make what is named smaller: a type that others hold many times counts each time");
    }
    Problem::refused(file, "is damaged")
        .found(error.to_string())
        .expected("a valid component")
        .next("rebuild the file or copy it again")
}

fn validate(bytes: &[u8], features: WasmFeatures) -> std::result::Result<(), wasmparser::Error> {
    Validator::new_with_features(features).validate_all(bytes).map(drop)
}

impl Unavailable {
    /// The problem of a component that uses them.
    pub(super) fn refuse(self, file: &str) -> Problem {
        let (names, next) = match self.names.as_slice() {
            [] => (
                "a feature of WebAssembly that is no standard".to_owned(),
                "build with the default options of a released compiler".to_owned(),
            ),
            names => (names.join(", "), self.remedies.join("; ")),
        };
        Problem::refused(file, format!("uses {names}"))
            .found(self.found)
            .expected(
                "WebAssembly 2.0 with extended constants and several memories, and the component model as of WASI 0.2",
            )
            .next(next)
    }
}
