//! `[needs.http."HOST"]`: the requests that a plugin needs to send.

use std::fmt;

use serde::{Deserialize, Serialize};
use toolcell_host::catalog::{HostPattern, HttpGrant, HttpMethod, PathPrefix};

use crate::document::{Table, item};
use crate::ui::problem::Result;

/// Requests to a host that a plugin needs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct NeededHttp {
    /// The reason.
    pub why: String,
    /// The methods.
    pub methods: Vec<HttpMethod>,
    /// The beginnings of paths.
    pub paths: Vec<PathPrefix>,
}

impl NeededHttp {
    /// Tells whether rules allow all of it, each part by any rule for the host, whatever its scheme and port.
    pub fn is_allowed(&self, host: &HostPattern, rules: &[HttpGrant]) -> bool {
        let rules: Vec<_> = rules.iter().filter(|rule| rule.host.covers(host)).collect();
        let allows = |method: &HttpMethod, path: &PathPrefix| {
            let mut rules = rules.iter().filter(|rule| rule.methods.contains(method));
            rules.any(|rule| rule.paths.iter().any(|most| most.covers_prefix(path)))
        };
        self.methods.iter().all(|method| self.paths.iter().all(|path| allows(method, path)))
    }
}

impl fmt::Display for NeededHttp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let methods: Vec<_> = self.methods.iter().map(HttpMethod::as_str).collect();
        let paths: Vec<_> = self.paths.iter().map(PathPrefix::as_str).collect();
        write!(f, "{} {}", methods.join(", "), paths.join(", "))
    }
}

/// Reads the needs of one host.
pub(super) fn read(host: &str, table: &Table<'_>) -> Result<(HostPattern, NeededHttp)> {
    let why = table.required("why", "\"to read the issues of a repository\"")?;
    let pattern: HostPattern = item::one(
        table,
        "why",
        host,
        "a host name in lower case, or `*.` and a name, in [needs.http.\"HOST\"]",
        "\"to read issues\", below [needs.http.\"api.example.com\"]",
    )?;
    let default = HttpGrant::new(pattern.clone());
    let needed = NeededHttp {
        why,
        methods: item::list(table, "methods", "[\"GET\", \"POST\"]")?.unwrap_or(default.methods),
        paths: item::list(table, "paths", "[\"/repos/\"]")?.unwrap_or(default.paths),
    };
    Ok((pattern, needed))
}
