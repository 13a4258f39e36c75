//! `toolcell pack`: one `.wasm` file that carries component, manifest and documentation.

use std::path::{Path, PathBuf};

use toolcell_host::digest::Digest;

use super::summary;
use crate::check;
use crate::check::finding::Finding;
use crate::component::{provider, section};
use crate::document::name;
use crate::document::origin::Origin;
use crate::manifest::{self, Manifest, Needs};
use crate::plugin::load::{self, Loaded};
use crate::ui::exit::Exit;
use crate::ui::format::Format;
use crate::ui::problem::{Problem, Result};
use crate::ui::terminal::{Style, Terminal, size};
use crate::ui::write::write_atomically;

/// The directory or component to pack.
#[derive(Debug)]
pub enum Input<'a> {
    /// An author's directory, with a `plugin.toml`.
    Directory(&'a Path),
    /// A component and its WIT, without a `plugin.toml`.
    Component {
        /// The `.wasm`.
        file: &'a Path,
        /// The directory with the WIT.
        wit: &'a Path,
        /// The world, where the WIT has several.
        world: Option<&'a str>,
    },
}

/// Summarizes a packed component.
#[derive(Debug, serde::Serialize)]
pub struct Packed {
    /// The file written.
    pub file: PathBuf,
    /// Its digest, for `digest` in `toolcell.toml`.
    pub digest: Digest,
    /// Its size.
    pub bytes: usize,
    /// Names of the tools.
    pub tools: Vec<String>,
    /// Names of the prompts.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub prompts: Vec<String>,
    /// Interfaces through which it offers what is known only at run time.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub offers: Vec<&'static str>,
    /// Findings about the toolchain.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<Finding>,
}

/// Packs a plugin, and prints what the file holds.
///
/// # Errors
/// As [`pack`].
pub fn run(input: &Input<'_>, out: Option<&Path>, format: Format, terminal: &Terminal) -> Result<Exit> {
    let packed = pack(input, out)?;
    packed.warnings.iter().for_each(|warning| terminal.warning(warning));
    match format {
        Format::Json => terminal.print(serde_json::to_string(&packed).expect("a summary is JSON")),
        Format::Text => {
            let file = terminal.style(Style::Good, packed.file.display().to_string());
            let items = summary::items(&packed.tools, &packed.prompts, &packed.offers);
            terminal.print(format!("{file} ({}): {items}", size(packed.bytes)));
            terminal.print(terminal.style(Style::Faint, format!("sha256:{}", packed.digest)));
        }
    }
    Ok(Exit::Done)
}

/// Packs a plugin into `out`, or into `NAME.wasm` in the current directory.
///
/// # Errors
/// Whatever is wrong with the plugin; nothing is written then.
pub fn pack(input: &Input<'_>, out: Option<&Path>) -> Result<Packed> {
    let loaded = load(input)?;
    let default = PathBuf::from(format!("{}.wasm", loaded.plugin.name));
    let file = out.map_or(default, Path::to_path_buf);
    write_atomically(&file, &loaded.bytes)?;
    Ok(Packed {
        file,
        digest: loaded.component.digest,
        bytes: loaded.bytes.len(),
        warnings: check::faults(&loaded),
        offers: provider::interfaces(loaded.component.providers.iter().map(|provider| provider.role)),
        tools: loaded.plugin.tools.into_iter().map(|tool| tool.name).collect(),
        prompts: loaded.plugin.prompts.into_iter().map(|prompt| prompt.name).collect(),
    })
}

fn load(input: &Input<'_>) -> Result<Loaded> {
    match input {
        Input::Directory(directory) => load::load_directory(&manifest::read(directory)?),
        Input::Component { file, wit, world } => load::load_directory(&without_manifest(file, wit, *world)?),
    }
}

fn without_manifest(file: &Path, wit: &Path, world: Option<&str>) -> Result<Manifest> {
    let origin = Origin::of(file.display().to_string());
    let name = file.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    name::check("file name", &name, &origin)?;
    Ok(Manifest {
        name,
        version: None,
        description: None,
        directory: file.parent().unwrap_or(Path::new("")).to_path_buf(),
        component: file.to_path_buf(),
        build: None,
        wit: wit.to_path_buf(),
        world: world.map(str::to_string),
        needs: Needs::default(),
        limits: crate::document::limit::Overrides::default(),
        tools: std::collections::BTreeMap::new(),
        prompts: std::collections::BTreeMap::new(),
        uris: Vec::new(),
        allowed: Vec::new(),
        origin,
    })
}

/// The problem of a component that is to be packed without saying where its WIT is.
pub fn no_wit(file: &Path) -> Problem {
    if std::fs::read(file).is_ok_and(|bytes| section::find(&bytes).is_some()) {
        let file = file.display();
        return Problem::refused(file.to_string(), "is already packed")
            .found("a component with an embedded manifest and documentation")
            .expected("a plugin directory, or a component with --wit DIR")
            .next(format!("use it unchanged; `toolcell inspect {file}` shows its contents"));
    }
    Problem::refused(file.display().to_string(), "cannot be packed without its WIT")
        .found("a component, and no --wit")
        .expected("a plugin directory, or a component with --wit DIR")
        .next(format!("run `toolcell pack {} --wit wit`", file.display()))
}
