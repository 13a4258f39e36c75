//! Compares the catalog of a release with what the package allows.

use crate::catalog::{
    Catalog, CatalogError, Ceiling, Directory, FunctionRef, Grants, Http, Index, Limits, Plugin, Root,
};

/// The reason why the catalog of a release is not served, although it is the work of a trusted key. The text is for
/// operators, never for a client.
#[derive(Debug, thiserror::Error)]
pub enum CeilingError {
    /// It decides what only the package may decide.
    #[error(
        "the release sets [{table}], which only the package may do: publish with the `toolcell` that belongs to this host"
    )]
    Table {
        /// The table of `toolcell.toml`.
        table: &'static str,
    },
    /// A plugin has a grant that the package does not allow.
    #[error(
        "plugin `{plugin}` has {grant}, which [releases.ceiling.grants] of the package does not allow: remove the grant \
         and publish again, or allow it and deploy again"
    )]
    Grant {
        /// The plugin.
        plugin: String,
        /// The grant.
        grant: String,
    },
    /// A function has a higher limit than the package allows.
    #[error(
        "`{function}` of plugin `{plugin}` has the limit {limit} = {found}, [releases.ceiling.limits] of the package allows \
         {allowed}: lower the limit and publish again, or raise the ceiling and deploy again"
    )]
    Limit {
        /// The plugin.
        plugin: String,
        /// The tool, or what else the function is to clients.
        function: String,
        /// The field of [`Limits`].
        limit: &'static str,
        /// The limit.
        found: u64,
        /// The ceiling.
        allowed: u64,
    },
    /// A part of the catalog cannot be read.
    #[error(transparent)]
    Catalog(#[from] CatalogError),
}

impl Ceiling {
    /// Checks that a catalog asks for no more than the package allows.
    ///
    /// Reads the root and the records of plugins; those of functions only to name the one that is refused.
    ///
    /// # Errors
    ///
    /// The first thing that is too much, or a part of the catalog that cannot be read.
    pub fn check(&self, index: &Index) -> Result<(), CeilingError> {
        refuse_tables(index.root())?;
        for plugin in index.plugins() {
            self.check_grants(&plugin?)?;
        }
        if above(&index.root().limits, &self.limits).is_none() {
            return Ok(());
        }
        index.functions().try_for_each(|function| self.check_function(&function?))
    }

    fn check_function(&self, function: &FunctionRef) -> Result<(), CeilingError> {
        let entry = function.entry();
        match above(entry.limits, &self.limits) {
            None => Ok(()),
            Some((limit, found, allowed)) => Err(CeilingError::Limit {
                plugin: function.plugin().name.clone(),
                function: entry.name.to_owned(),
                limit,
                found,
                allowed,
            }),
        }
    }

    fn check_grants(&self, plugin: &Plugin) -> Result<(), CeilingError> {
        let Grants { environment, config, secrets, directories, http, keyvalue, state_of } = &plugin.grants;
        let variable = environment.keys().find(|name| !self.environment.contains(*name));
        let key = config.keys().find(|key| !self.config.contains(*key));
        let secret = secrets.values().find(|name| !self.secrets.contains(*name));
        let directory = directories.iter().find(|directory| !self.allows(directory));
        let rule = http.iter().find(|rule| !self.http.iter().any(|most| rule.is_within(most)));
        let keeps_state = !keyvalue.is_empty() && !self.keyvalue.contains(state_of);
        let bucket = keyvalue.iter().find(|(_, bucket)| !bucket.is_in_range());
        let grant = variable
            .map(|name| format!("the environment variable `{name}`"))
            .or_else(|| key.map(|key| format!("the config key `{key}`")))
            .or_else(|| secret.map(|name| format!("the secret `{name}`")))
            .or_else(|| directory.map(shown))
            .or_else(|| rule.map(|rule| format!("the http rule for {}", rule.origin())))
            .or_else(|| keeps_state.then(|| format!("buckets with the state of `{state_of}`")))
            .or_else(|| {
                bucket.map(|(name, _)| format!("the bucket `{name}` with more than a bucket can have"))
            });
        match grant {
            None => Ok(()),
            Some(grant) => Err(CeilingError::Grant { plugin: plugin.name.clone(), grant }),
        }
    }

    fn allows(&self, asked: &Directory) -> bool {
        self.directories.iter().any(|allowed| {
            allowed.host == asked.host && allowed.guest == asked.guest && (allowed.write || !asked.write)
        })
    }
}

fn shown(Directory { host, guest, write }: &Directory) -> String {
    let access = if *write { "writable" } else { "readable" };
    format!("the {access} directory `{host}` as `{guest}`")
}

/// Refuses what a catalog of the package alone may say.
fn refuse_tables(root: &Root) -> Result<(), CeilingError> {
    let tables = [
        ("auth", !root.auth.is_empty()),
        ("http", root.http != Http::default()),
        ("releases", root.releases.is_some()),
        ("network", root.network.is_some()),
        ("state", root.state_table.is_some()),
        ("secrets", !root.secrets.is_empty()),
    ];
    match tables.into_iter().find(|(_, is_set)| *is_set) {
        None => Ok(()),
        Some((table, _)) => Err(CeilingError::Table { table }),
    }
}

/// Finds a limit that is above the ceiling: its name, its value and the ceiling.
fn above(limits: &Limits, ceiling: &Limits) -> Option<(&'static str, u64, u64)> {
    let pairs = limits.named().into_iter().zip(ceiling.named());
    pairs.map(|((name, value), (_, most))| (name, value, most)).find(|(_, value, most)| value > most)
}

impl Catalog {
    /// Leaves out what only the package may decide, as a release does.
    #[must_use]
    pub fn for_release(self) -> Self {
        let (auth, http, secrets, releases, network, state_table) = Default::default();
        Self { auth, http, secrets, releases, network, state_table, ..self }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::catalog::HttpGrant;

    /// A change of a JSON document.
    type Change = fn(&mut Value);

    /// The catalog of a plugin with one tool, after a change of its JSON.
    fn index(change: Change) -> Index {
        let digest = "0".repeat(64);
        let mut limits = serde_json::to_value(Limits::default()).unwrap();
        limits["deadline_ms"] = json!(1_000);
        let mut catalog = json!({
            "format": Catalog::FORMAT,
            "engine": {"wasmtime": "48.0.8", "configuration": 1, "target": "t", "cpu": "c"},
            "server": {"name": "s", "version": "1"}, "http": Http::default(), "list_ttl_ms": 1, "page_size": 10,
            "plugins": [{
                "name": "p", "component": digest, "code": digest, "code_bytes": 1,
                "grants": {
                    "config": {"key": "value"}, "secrets": {"token": "github"}, "environment": {"NAME": "value"},
                    "keyvalue": {"notes": {"scope": "caller"}}, "state_of": "acme-notes",
                    "directories": [{"host": "data", "guest": "/data"}, {"host": "out", "guest": "/out", "write": true}],
                },
            }],
            "tools": [{
                "item": {"name": "t", "plugin": 0, "export": {"function": "f"}, "function": {"params": []}, "limits": limits},
                "entry": {"name": "t"}, "plain_entry": {"name": "t"},
            }],
        });
        change(&mut catalog);
        Index::of(&serde_json::from_value(catalog).unwrap()).unwrap()
    }

    fn ceiling() -> Ceiling {
        let directory =
            |host: &str, guest: &str, write| Directory { host: host.into(), guest: guest.into(), write };
        Ceiling {
            limits: Limits { deadline_ms: 1_000, ..Limits::default() },
            config: ["key".to_owned()].into(),
            secrets: ["github".to_owned()].into(),
            environment: ["NAME".to_owned()].into(),
            directories: vec![directory("data", "/data", true), directory("out", "/out", true)],
            http: vec![rule("*.example.com")],
            keyvalue: ["acme-notes".to_owned()].into(),
        }
    }

    fn rule(host: &str) -> HttpGrant {
        HttpGrant::new(host.parse().unwrap())
    }

    #[test]
    fn a_release_may_have_as_much_as_the_package_allows() {
        ceiling().check(&index(|_| {})).unwrap();
        ceiling().check(&index(|catalog| catalog["plugins"][0]["grants"] = json!({}))).unwrap();
        let rules = index(|catalog| {
            catalog["plugins"][0]["grants"]["http"] = json!([rule("api.example.com"), rule("*.example.com")]);
        });
        ceiling().check(&rules).unwrap();
        let bare = index(|catalog| catalog["plugins"][0]["grants"] = json!({}));
        Ceiling::default().check(&bare).unwrap();
    }

    #[test]
    fn a_release_that_asks_for_more_is_refused_by_name() {
        let table: [(&str, Change); 17] = [
            ("[auth]", |catalog| catalog["auth"] = json!({"bearer": {"environment": "TOKENS"}})),
            ("[http]", |catalog| catalog["http"]["allowed_origins"] = json!(["https://evil.example"])),
            ("[http]", |catalog| catalog["http"]["max_body_bytes"] = json!(1 << 30)),
            ("[releases]", |catalog| catalog["releases"] = json!(crate::catalog::Releases::default())),
            ("[network]", |catalog| catalog["network"] = json!({"resolver": "10.0.0.2:53"})),
            ("[state]", |catalog| catalog["state_table"] = json!("another-table")),
            ("http rule for https://api.example.org", |catalog| {
                catalog["plugins"][0]["grants"]["http"] = json!([rule("api.example.org")]);
            }),
            ("config key `other`", |catalog| catalog["plugins"][0]["grants"]["config"]["other"] = json!("")),
            ("[secrets]", |catalog| catalog["secrets"] = json!({"a": {"place": {"environment": "TOKEN"}}})),
            ("secret `aws`", |catalog| catalog["plugins"][0]["grants"]["secrets"]["token"] = json!("aws")),
            ("variable `PATH`", |catalog| catalog["plugins"][0]["grants"]["environment"]["PATH"] = json!("")),
            ("readable directory `/etc` as `/data`", |catalog| {
                catalog["plugins"][0]["grants"]["directories"][0]["host"] = json!("/etc");
            }),
            ("writable directory `out` as `/elsewhere`", |catalog| {
                catalog["plugins"][0]["grants"]["directories"][1]["guest"] = json!("/elsewhere");
            }),
            ("buckets with the state of `other-notes`", |catalog| {
                catalog["plugins"][0]["grants"]["state_of"] = json!("other-notes");
            }),
            ("the bucket `notes` with more than a bucket can have", |catalog| {
                catalog["plugins"][0]["grants"]["keyvalue"]["notes"]["size_bytes"] = json!(1_u64 << 31);
            }),
            ("the bucket `notes` with more than a bucket can have", |catalog| {
                catalog["plugins"][0]["grants"]["keyvalue"]["notes"]["ttl_ms"] = json!(1);
            }),
            ("`t` of plugin `p` has the limit deadline_ms = 1001", |catalog| {
                catalog["tools"][0]["item"]["limits"]["deadline_ms"] = json!(1_001);
            }),
        ];
        for (expected, change) in table {
            let refused = ceiling().check(&index(change)).unwrap_err().to_string();
            assert!(refused.contains(expected), "{expected}: {refused}");
        }
    }

    #[test]
    fn a_directory_that_may_be_read_may_not_be_written() {
        let mut ceiling = ceiling();
        ceiling.directories[1].write = false;
        let refused = ceiling.check(&index(|_| {})).unwrap_err().to_string();
        assert!(refused.contains("writable directory `out` as `/out`"), "{refused}");
    }

    #[test]
    fn each_limit_has_a_ceiling() {
        for (name, value) in Limits::default().named() {
            let mut lower = serde_json::to_value(Limits::default()).unwrap();
            lower[name] = json!(value - 1);
            let lower: Limits = serde_json::from_value(lower).unwrap();
            assert_eq!(above(&Limits::default(), &lower), Some((name, value, value - 1)));
            assert_eq!(above(&lower, &Limits::default()), None);
            assert_eq!(lower.max(&Limits::default()), Limits::default());
        }
    }

    #[test]
    fn what_is_left_out_of_a_release_is_what_it_may_not_say() {
        let index = index(|catalog| {
            catalog["auth"] = json!({"bearer": {"environment": "TOKENS"}});
            catalog["http"]["allowed_origins"] = json!(["https://app.example"]);
            catalog["secrets"] = json!({"a": {"place": {"environment": "TOKEN"}}});
            catalog["releases"] = json!(crate::catalog::Releases::default());
            catalog["network"] = json!({});
            catalog["state_table"] = json!("another-table");
        });
        assert!(ceiling().check(&index).is_err());
        let released = Index::of(&index.contents().unwrap().catalog.for_release()).unwrap();
        ceiling().check(&released).unwrap();
    }
}
