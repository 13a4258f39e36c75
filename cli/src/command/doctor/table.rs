//! The report as people read it.

use std::fmt::Write as _;

use super::probe::{NeedState, Probe};
use super::report::{Diagnosis, DoctorReport, Project};
use crate::builder::InstallState;
use crate::ui::terminal::{Style, Terminal, counted};

/// Writes the report: a language and its state, then a line for each thing that it needs.
pub(super) fn render(report: &DoctorReport, terminal: &Terminal) -> String {
    let mut text = String::new();
    for diagnosis in &report.languages {
        let (style, state) = state(diagnosis);
        let _ = writeln!(text, "{:<12}{}", diagnosis.title, terminal.style(style, state));
        for probe in &diagnosis.needs {
            let _ = writeln!(text, "  {}", line(probe));
        }
    }
    if let Some(project) = &report.project {
        text.push_str(&of_project(project));
    }
    if !report.issuers.is_empty() {
        text.push_str("\nauthorization servers of the toolcell.toml in this directory\n");
    }
    for issuer in &report.issuers {
        let (style, state) = match &issuer.problem {
            None => (Style::Good, counted(issuer.keys, "key")),
            Some(problem) => (Style::Bad, problem.clone()),
        };
        let _ = writeln!(text, "  {:<15}{}  {}", issuer.name, issuer.issuer, terminal.style(style, state));
    }
    text.truncate(text.trim_end().len());
    text
}

fn state(diagnosis: &Diagnosis) -> (Style, String) {
    let wanting: Vec<String> = diagnosis.needs.iter().filter_map(wanting).collect();
    match wanting.as_slice() {
        [] => (Style::Good, "ready".to_owned()),
        wanting => (Style::Bad, wanting.join(", ")),
    }
}

/// `zig is missing`, of what is.
fn wanting(probe: &Probe) -> Option<String> {
    match probe.state {
        NeedState::Found => None,
        NeedState::TooOld => Some(format!("{} is too old", probe.name)),
        NeedState::Missing => Some(format!("{} is missing", probe.name)),
    }
}

/// `zig            0.17.1     tested 0.17.1   /usr/bin/zig`
fn line(probe: &Probe) -> String {
    let version = match (probe.state, &probe.version) {
        (NeedState::Missing, _) => "missing",
        (_, Some(version)) => version,
        (_, None) => "found",
    };
    let tested = probe.tested.map(|tested| format!("tested {tested}")).unwrap_or_default();
    let path = probe.path.as_ref().map(|path| path.display().to_string()).unwrap_or_default();
    let last = match (probe.state, probe.at_least) {
        (NeedState::Found, _) => path,
        (NeedState::TooOld, Some(at_least)) => {
            format!("{path}: at least {at_least} is needed; {}", probe.get)
        }
        (NeedState::TooOld | NeedState::Missing, _) => probe.get.to_owned(),
    };
    format!("{:<15}{version:<11}{tested:<16}{last}", probe.name).trim_end().to_owned()
}

fn of_project(project: &Project) -> String {
    let how = match project.language {
        Some(language) => format!("language = \"{language}\""),
        None => "no language of its own in [build]".to_owned(),
    };
    let mut text = format!("\n{}, the plugin in this directory: {how}\n", project.name);
    for locked in &project.packages {
        let state = match locked.state {
            InstallState::Installed => "installed",
            InstallState::NotYet => "not installed yet: `toolcell build` does it",
        };
        let _ = writeln!(text, "  packages of {}: {state}", locked.file);
    }
    text
}
