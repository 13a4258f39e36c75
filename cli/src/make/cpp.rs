//! C++: zig compiles it, without exceptions, which its bindings do not throw and WebAssembly does not yet catch.

use super::clang::{self, Dialect};
use super::job::Job;
use super::mend;
use crate::ui::problem::Result;

/// The language.
const DIALECT: Dialect = Dialect {
    driver: "c++",
    ending: "cpp",
    mend: |source| mend::source(&source),
    sources: &["src/*.cpp"],
    flags: &["-std=c++23", "-fno-exceptions"],
};

/// Makes the component from `src/*.cpp`, or from the recipe's sources, some of which may be C.
///
/// # Errors
/// As [`clang::make`].
pub(super) fn make(job: &Job<'_>) -> Result<()> {
    clang::make(job, &DIALECT, wit_bindgen_cpp::Opts::default().build(None))
}
