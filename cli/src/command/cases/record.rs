//! Records the exchanges of a case: its requests are sent, with the real secrets, and what comes back is written down.

use std::fmt::Write as _;
use std::path::Path;

use serde_json::value::RawValue;
use toolcell_host::sandbox::tape::{Recorded, TapedExchange, WantedBody, WantedRequest};

use super::exchange;
use super::json::{Object, written};
use super::secret::RealValues;
use crate::config;
use crate::ui::problem::{Problem, Result};

/// How requests are sent that have to be recorded.
#[derive(Clone, Copy, Debug)]
pub(super) struct Recorder<'a> {
    /// The directory of the plugin.
    pub(super) plugin: &'a Path,
    /// The ports of this machine that may be reached.
    pub(super) loopback: &'a [u16],
    /// Tells whether there is anything to record.
    pub(super) use_network: UseNetwork,
}

/// Tells whether requests are sent at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum UseNetwork {
    /// Some have to be recorded.
    Recorded,
    /// None.
    Never,
}

impl Recorder<'_> {
    /// Returns the lines of `[network]` in the `toolcell.toml` beside the plugin; its certificates go to `directory`.
    ///
    /// # Errors
    /// That file is malformed, or the certificates cannot be written.
    pub(super) fn network(&self, directory: &Path) -> Result<String> {
        let file = self.plugin.join(config::FILE);
        if self.use_network == UseNetwork::Never || !file.is_file() {
            return Ok(String::new());
        }
        let Some(network) = config::read(&file)?.network else { return Ok(String::new()) };
        let mut lines = "[network]\n".to_owned();
        if let Some(resolver) = network.settings.resolver {
            let _ = writeln!(lines, "resolver = \"{resolver}\"");
        }
        if let Some(certificates) = network.ca_bundle {
            std::fs::write(directory.join("ca.pem"), certificates).map_err(|error| {
                Problem::internal("toolcell test", "cannot write certificates").found(error.to_string())
            })?;
            lines.push_str("ca-bundle = \"ca.pem\"\n");
        }
        Ok(lines)
    }
}

/// The recording of a case.
pub(super) struct Recording {
    /// The value of the key `http`.
    pub(super) exchanges: Box<RawValue>,
    /// The real secrets, which must not be in the file.
    pub(super) secrets: RealValues,
}

/// The exchanges of a case while they are recorded.
pub(super) struct Draft {
    /// The exchanges as they were, with the real secrets: a later run of the case gets them again.
    pub(super) known: Vec<TapedExchange>,
    lines: Vec<Box<RawValue>>,
    secrets: RealValues,
}

impl Draft {
    /// Begins a recording.
    pub(super) fn new(secrets: RealValues) -> Self {
        Self { known: Vec::new(), lines: Vec::new(), secrets }
    }

    /// Returns the secrets to send.
    pub(super) fn secrets(&self) -> &RealValues {
        &self.secrets
    }

    /// Adds what a run has sent; returns the requests that cannot be recorded, each with the reason.
    pub(super) fn add(&mut self, all: Vec<Recorded>) -> Vec<String> {
        let mut failed = Vec::new();
        for recorded in all {
            match exchange::record(&recorded) {
                Err(reason) => failed.push(self.secrets.replaced(&reason)),
                Ok(_) if self.holds_secret(&recorded) => {
                    let Recorded { request, .. } = &recorded;
                    let url = self.secrets.replaced(&request.url);
                    failed.push(format!("{} {url}: a body that is no text holds a secret", request.method));
                }
                Ok(line) => {
                    self.lines.push(line);
                    self.known.extend(known(recorded));
                }
            }
        }
        failed
    }

    /// Tells whether a secret is in a body that is recorded as base64, where it cannot be replaced.
    fn holds_secret(&self, Recorded { request, response }: &Recorded) -> bool {
        let bodies = [Some(&request.body), response.as_ref().ok().map(|response| &response.body)];
        let is_binary = |body: &&Vec<u8>| exchange::is_binary(body);
        bodies.into_iter().flatten().filter(is_binary).any(|body| self.secrets.is_in(body))
    }

    /// Ends the recording: returns it, and its exchanges as they will be read.
    ///
    /// # Errors
    /// The recording cannot be read back.
    pub(super) fn finish(self) -> Result<(Recording, Vec<TapedExchange>)> {
        let text = self.secrets.replaced(written(&self.lines).get());
        let file = format!("{{\"{}\":{text}}}", exchange::KEY);
        let read = exchange::read(&Object::read("what was recorded", &file)?)?;
        let exchanges = RawValue::from_string(text).map_err(|error| {
            Problem::internal("toolcell test", "cannot write what it recorded").found(error.to_string())
        })?;
        Ok((Recording { exchanges, secrets: self.secrets }, read.unwrap_or_default()))
    }
}

fn known(recorded: Recorded) -> Option<TapedExchange> {
    let Recorded { request, response } = recorded;
    let body = WantedBody::Bytes(request.body);
    let headers = http::HeaderMap::new();
    let request = WantedRequest { method: request.method, url: request.url, headers, body };
    Some(TapedExchange { request, response: Some(response.ok()?), error: None })
}

#[cfg(test)]
mod tests {
    use http::{HeaderMap, Method, StatusCode};
    use toolcell_host::sandbox::tape::{SentRequest, TapedResponse};

    use super::super::secret::Values;
    use super::*;

    #[test]
    fn a_later_run_gets_what_an_earlier_one_has_recorded() {
        let request = SentRequest {
            method: Method::POST,
            url: "https://a.example/".to_owned(),
            headers: HeaderMap::new(),
            body: b"x".to_vec(),
        };
        let response =
            TapedResponse { status: StatusCode::OK, headers: HeaderMap::new(), body: b"y".to_vec() };
        let mut draft = Draft::new(RealValues::of(Values::new(), Vec::new()));
        let failed = draft.add(vec![Recorded { request: request.clone(), response: Ok(response.clone()) }]);
        assert!(failed.is_empty(), "{failed:?}");
        let [known] = &draft.known[..] else { panic!("{:?}", draft.known) };
        assert!(known.request.is_met_by(&request));
        assert_eq!(known.response, Some(response));
    }
}
