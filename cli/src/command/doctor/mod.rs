//! `toolcell doctor`: what each language needs, what of it is there, and how to get the rest.

mod probe;
mod report;
mod table;

use std::collections::BTreeSet;
use std::path::Path;

use crate::builder;
use crate::language::Language;
use crate::language::need::needs;
use crate::manifest::build::BuildMethod;
use crate::manifest::{self, Manifest};
use crate::ui::exit::Exit;
use crate::ui::format::Format;
use crate::ui::problem::Result;
use crate::ui::terminal::Terminal;

use probe::Probe;
use report::{Diagnosis, DoctorReport, Locked, Project};

/// Looks for what these languages need, for all of them if there are none. Programs that the project in `directory`
/// has of its own come first, as in a build.
///
/// Ends with [`Exit::Found`] if something is missing that is asked for: of the languages that were named, or of the
/// project's. Nobody needs all eight.
///
/// # Errors
/// There is a `plugin.toml` in `directory` that cannot be read.
pub fn run(asked: &[Language], directory: &Path, format: Format, terminal: &Terminal) -> Result<Exit> {
    let is_project = directory.join(manifest::FILE).is_file();
    let project = is_project.then(|| manifest::read(directory)).transpose()?;
    let own = project.as_ref().and_then(language);
    let needed: BTreeSet<Language> = match asked {
        [] => own.into_iter().collect(),
        asked => asked.iter().copied().collect(),
    };
    let listed: Vec<Language> = match asked {
        [] => Language::ALL.to_vec(),
        _ => needed.iter().copied().collect(),
    };
    let languages: Vec<_> = listed.iter().map(|language| diagnose(*language, directory)).collect();
    let ill =
        listed.iter().zip(&languages).any(|(language, found)| !found.ready && needed.contains(language));
    let report = DoctorReport { languages, project: project.map(|manifest| describe(&manifest)) };
    match format {
        Format::Json => terminal.print(serde_json::to_string_pretty(&report).expect("a report is JSON")),
        Format::Text => terminal.print(table::render(&report, terminal)),
    }
    Ok(if ill { Exit::Found } else { Exit::Done })
}

fn language(manifest: &Manifest) -> Option<Language> {
    match manifest.build.as_ref()?.method {
        BuildMethod::Language(language) => Some(language),
        BuildMethod::Command(_) => None,
    }
}

fn diagnose(language: Language, directory: &Path) -> Diagnosis {
    let found: Vec<Probe> = needs(language).iter().map(|need| probe::look(need, directory)).collect();
    let ready = found.iter().all(Probe::is_good);
    Diagnosis { language: language.name(), title: language.title(), ready, needs: found }
}

fn describe(manifest: &Manifest) -> Project {
    let packages = builder::packages(&manifest.directory).into_iter();
    Project {
        name: manifest.name.clone(),
        language: language(manifest).map(Language::name),
        packages: packages.map(|(file, state)| Locked { file, state }).collect(),
    }
}
