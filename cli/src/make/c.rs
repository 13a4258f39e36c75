//! C: zig compiles it.

use super::clang::{self, Dialect};
use super::job::Job;
use crate::ui::problem::Result;

/// The language.
pub(super) const DIALECT: Dialect = Dialect {
    driver: "cc",
    ending: "c",
    mend: |source| source,
    sources: &["src/*.c"],
    flags: &["-std=gnu23"],
};

/// Makes the component from `src/*.c`, or from the recipe's sources.
///
/// # Errors
/// As [`clang::make`].
pub(super) fn make(job: &Job<'_>) -> Result<()> {
    clang::make(job, &DIALECT, wit_bindgen_c::Opts::default().build())
}
