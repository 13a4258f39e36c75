//! `plugin.toml`: what an author says about a plugin beyond its WIT.
//!
//! Each table that has rules of its own has a file: [`mod@build`], [`tool`], [`prompt`], [`resources`], [`allow`] with
//! the [`lint`]s that it can allow.

pub mod allow;
pub mod build;
mod http;
pub mod icon;
pub mod lint;
mod meta;
pub mod prompt;
pub mod resources;
pub mod tool;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use toolcell_host::catalog::HostPattern;

use crate::document::limit::Overrides;
use crate::document::origin::Origin;
use crate::document::{self, Table};
use crate::ui::problem::Result;

use allow::Allowance;
use build::BuildConfig;
pub use http::NeededHttp;
use prompt::PromptManifest;
use tool::ToolManifest;

/// Name of the file in a plugin's directory.
pub const FILE: &str = "plugin.toml";

/// A `plugin.toml`, read.
#[derive(Clone, Debug)]
pub struct Manifest {
    /// The plugin's name.
    pub name: String,
    /// Its version.
    pub version: Option<String>,
    /// Its purpose, in one sentence.
    pub description: Option<String>,
    /// The directory that it describes.
    pub directory: PathBuf,
    /// The path of the component.
    pub component: PathBuf,
    /// The build of the component; `None` if toolcell does not build it.
    pub build: Option<BuildConfig>,
    /// The directory with its WIT.
    pub wit: PathBuf,
    /// The world, where the WIT has several.
    pub world: Option<String>,
    /// The grants that it needs.
    pub needs: Needs,
    /// Limits for everything that it offers.
    pub limits: Overrides,
    /// Tools by the name of their WIT function.
    pub tools: BTreeMap<String, ToolManifest>,
    /// Prompts by the name of their WIT function.
    pub prompts: BTreeMap<String, PromptManifest>,
    /// The URI prefixes of its resources.
    pub uris: Vec<String>,
    /// The findings that `toolcell check` may skip.
    pub allowed: Vec<Allowance>,
    /// The positions of the keys.
    pub origin: Origin,
}

/// Lists the grants that a plugin needs, each with its reason.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Needs {
    /// Keys of `wasi:config/store`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub config: BTreeMap<String, String>,
    /// Keys of `wasi:config/store` whose values are secrets.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub secrets: BTreeMap<String, String>,
    /// Environment variables.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub environment: BTreeMap<String, String>,
    /// Buckets of `wasi:keyvalue`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub keyvalue: BTreeMap<String, String>,
    /// Directories, by the path that the guest sees.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub directories: BTreeMap<String, NeededDirectory>,
    /// Requests, by host.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub http: BTreeMap<HostPattern, NeededHttp>,
}

/// A directory that a plugin needs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct NeededDirectory {
    /// The reason.
    pub why: String,
    /// True if it writes there.
    #[serde(default)]
    pub write: bool,
}

/// Reads the `plugin.toml` in `directory`; paths in it are relative to the directory.
///
/// # Errors
/// No such file, no TOML, a key that is unknown, missing or of the wrong form.
pub fn read(directory: &Path) -> Result<Manifest> {
    let path = directory.join(FILE);
    let next = "name a directory with a plugin.toml, or the .wasm file itself";
    let bytes = document::bytes_of(&path, next).map_err(|problem| match path.exists() {
        true => problem,
        false => problem.expected("a directory with a plugin.toml, or a .wasm file"),
    })?;
    parse(directory, &bytes)
}

/// Reads the bytes of the `plugin.toml` in `directory`.
///
/// # Errors
/// No TOML, a key that is unknown, missing or of the wrong form.
pub fn parse(directory: &Path, bytes: &[u8]) -> Result<Manifest> {
    let file = directory.join(FILE).display().to_string();
    let (mut manifest, origin) = document::parse(&file, bytes, |table| read_root(table, directory))?;
    manifest.origin = origin;
    Ok(manifest)
}

fn read_root(table: &Table<'_>, directory: &Path) -> Result<Manifest> {
    let name = table.required("name", "\"my-plugin\"")?;
    let build = table.table("build", build::read)?;
    Ok(Manifest {
        directory: directory.to_path_buf(),
        version: table.text("version")?,
        description: table.text("description")?,
        component: directory.join(match build {
            Some(_) => table.text("component")?.unwrap_or_else(|| format!("target/{name}.wasm")),
            None => table.required("component", "\"target/my-plugin.wasm\"")?,
        }),
        build,
        name,
        wit: directory.join(table.text("wit")?.unwrap_or_else(|| "wit".into())),
        world: table.text("world")?,
        needs: table.table("needs", read_needs)?.unwrap_or_default(),
        limits: table.table("limits", Overrides::read)?.unwrap_or_default(),
        tools: table.tables("tools", |_, table| tool::read(table, directory))?,
        prompts: table.tables("prompts", |_, table| prompt::read(table))?,
        uris: table.table("resources", resources::read)?.unwrap_or_default(),
        allowed: table.table("check", allow::read)?.unwrap_or_default(),
        origin: Origin::default(),
    })
}

fn read_needs(table: &Table<'_>) -> Result<Needs> {
    let directory = |_: &str, table: &Table<'_>| {
        Ok(NeededDirectory {
            why: table.required("why", "\"what the plugin does with it\"")?,
            write: table.boolean("write")?.unwrap_or_default(),
        })
    };
    let (config, secrets) = (table.text_map("config")?, table.text_map("secrets")?);
    if let Some(key) = secrets.keys().find(|key| config.contains_key(*key)) {
        return Err(table
            .wrong(&format!("secrets.{key}"), "is also a key of `config`")
            .found("both")
            .expected("a key of wasi:config/store in one of the two tables")
            .next("keep it in `secrets` if its value must stay secret, otherwise in `config`"));
    }
    Ok(Needs {
        config,
        secrets,
        environment: table.text_map("environment")?,
        keyvalue: table.text_map("keyvalue")?,
        directories: table.tables("directories", directory)?,
        http: table.tables("http", http::read)?.into_values().collect(),
    })
}
