//! Holds the results of `toolcell doctor`.

use serde::Serialize;

use super::probe::Probe;
use crate::builder::InstallState;

/// Everything that was found out.
#[derive(Debug, Serialize)]
pub(super) struct DoctorReport {
    pub(super) languages: Vec<Diagnosis>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) project: Option<Project>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) issuers: Vec<IssuerDiagnosis>,
}

/// An authorization server of the configuration in the current directory.
#[derive(Debug, Serialize)]
pub(super) struct IssuerDiagnosis {
    pub(super) name: String,
    pub(super) issuer: String,
    pub(super) ready: bool,
    /// The number of its keys that can be used.
    pub(super) keys: usize,
    /// Why it has none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) problem: Option<String>,
}

/// Lists the needs of a language and whether each is installed.
#[derive(Debug, Serialize)]
pub(super) struct Diagnosis {
    pub(super) language: &'static str,
    #[serde(skip)]
    pub(super) title: &'static str,
    pub(super) ready: bool,
    pub(super) needs: Vec<Probe>,
}

/// The plugin in the current directory.
#[derive(Debug, Serialize)]
pub(super) struct Project {
    pub(super) name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) language: Option<&'static str>,
    pub(super) packages: Vec<Locked>,
}

/// Packages that it pins.
#[derive(Debug, Serialize)]
pub(super) struct Locked {
    pub(super) file: &'static str,
    pub(super) state: InstallState,
}
