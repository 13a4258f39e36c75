//! `toolcell doctor`: what each language needs, what of it is there, and how to get the rest.

mod probe;
mod report;
mod table;

use std::collections::BTreeSet;
use std::path::Path;

use super::issuer_keys::{self, Asked};
use crate::builder;
use crate::config;
use crate::language::Language;
use crate::language::need::needs;
use crate::manifest::build::BuildMethod;
use crate::manifest::{self, Manifest};
use crate::ui::exit::Exit;
use crate::ui::format::Format;
use crate::ui::problem::Result;
use crate::ui::terminal::Terminal;

use probe::Probe;
use report::{Diagnosis, DoctorReport, IssuerDiagnosis, Locked, Project};

/// Looks for what these languages need, for all of them if there are none. Programs that the project in `directory`
/// has of its own come first, as in a build.
///
/// Without `asked`, it also asks the authorization servers of a `toolcell.toml` in `directory` for their keys.
///
/// Ends with [`Exit::Found`] if something is missing that is asked for: of the languages that were named, or of the
/// project's. Nobody needs all eight. So it does if an authorization server has no keys.
///
/// # Errors
/// There is a `plugin.toml` or `toolcell.toml` in `directory` that cannot be read.
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
    let issuers = if asked.is_empty() { issuers(directory)? } else { Vec::new() };
    let ill = issuers.iter().any(|issuer| !issuer.ready)
        || listed.iter().zip(&languages).any(|(language, found)| !found.ready && needed.contains(language));
    let report = DoctorReport { languages, project: project.map(|manifest| describe(&manifest)), issuers };
    match format {
        Format::Json => terminal.print(serde_json::to_string_pretty(&report).expect("a report is JSON")),
        Format::Text => terminal.print(table::render(&report, terminal)),
    }
    Ok(if ill { Exit::Found } else { Exit::Done })
}

/// Asks the authorization servers of the `toolcell.toml` in a directory, if there is one.
fn issuers(directory: &Path) -> Result<Vec<IssuerDiagnosis>> {
    let file = directory.join(config::FILE);
    if !file.is_file() {
        return Ok(Vec::new());
    }
    let asked = issuer_keys::ask(&config::read(&file)?, &[])?;
    let diagnose = |Asked { name, issuer, keys }: Asked| match keys {
        Ok(seed) => {
            let keys = seed.keys["keys"].as_array().map_or(0, Vec::len);
            IssuerDiagnosis { name, issuer, ready: true, keys, problem: None }
        }
        Err(error) => {
            let problem = Some(error.source.to_string());
            IssuerDiagnosis { name, issuer, ready: false, keys: 0, problem }
        }
    };
    Ok(asked.into_iter().map(diagnose).collect())
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
