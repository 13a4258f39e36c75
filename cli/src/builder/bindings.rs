//! Bindings of C, C++ and Go, by the generators of the wit-bindgen project.

use std::path::PathBuf;

use wit_bindgen_core::{Files, WorldGenerator};

use super::job::Job;
use super::rename::{self, Taken};
use super::unsupported;
use crate::language::Language;
use crate::ui::problem::{Problem, Result};
use crate::ui::write::write_atomically;

/// Generates the bindings of a plugin's world, with other names for parameters and cases whose names are taken.
///
/// # Errors
/// The WIT is refused, or has something that the generator does not know.
pub(super) fn files(
    job: &Job<'_>,
    language: Language,
    mut generator: Box<dyn WorldGenerator>,
    taken: &Taken,
) -> Result<Files> {
    let (mut resolve, world) = job.world()?;
    if let Some(found) = unsupported::first(&resolve, world, language) {
        return Err(unsupported(job, found));
    }
    rename::rename(&mut resolve, taken);
    let mut files = Files::default();
    let generated = generator.generate(&mut resolve, world, &mut files);
    generated.map_err(|error| unsupported(job, format!("{error:#}"))).map(|()| files)
}

/// Refuses a WIT with a type that a language's bindings do not support.
pub(super) fn unsupported(job: &Job<'_>, found: String) -> Problem {
    Problem::refused(job.manifest.wit.display().to_string(), "uses a type that the bindings do not support")
        .found(found)
        .expected("types that the language's bindings support; see docs/languages.md")
        .next("change the type")
}

/// Refuses a WIT with two names that become one in a language; the caller says what to do.
pub(super) fn same_names(job: &Job<'_>, language: Language, found: String) -> Problem {
    let title = language.title();
    Problem::refused(
        job.manifest.wit.display().to_string(),
        format!("has names that become the same in {title}"),
    )
    .found(found)
    .expected(format!("names that stay different in {title}"))
}

/// Writes files into the directory of the bindings, and returns it.
///
/// # Errors
/// They cannot be written.
pub(super) fn write<'a>(
    job: &Job<'_>,
    files: impl IntoIterator<Item = (&'a str, &'a [u8])>,
) -> Result<PathBuf> {
    let directory = job.scratch.join("bindings");
    for (name, content) in files {
        let file = directory.join(name);
        // A file that stays the same keeps its age, and a compiler its cache.
        if std::fs::read(&file).is_ok_and(|present| present == content) {
            continue;
        }
        write_atomically(&file, content)?;
    }
    Ok(directory)
}
