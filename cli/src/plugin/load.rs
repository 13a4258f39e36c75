//! Reads a plugin from wherever it is: a `.wasm` file, packed or not, or its author's directory.

use std::path::{Path, PathBuf};

use super::{Plugin, assemble};
use crate::component::wit::{self, World};
use crate::component::{self, Component, section};
use crate::document::origin::Origin;
use crate::manifest::{self, Manifest};
use crate::ui::problem::{Problem, Result};
use crate::ui::read::{MAX_COMPONENT_BYTES, read_at_most};

/// A plugin and the component that it is.
#[derive(Debug)]
pub struct Loaded {
    /// The component's bytes, with the section if the plugin was packed.
    pub bytes: Vec<u8>,
    /// The component, as read from its bytes.
    pub component: Component,
    /// The plugin.
    pub plugin: Plugin,
    /// The file that describes the plugin.
    pub origin: Origin,
    /// The component's file.
    pub file: PathBuf,
    /// The author's manifest; `None` for a `.wasm` file.
    pub author_files: Option<AuthorFiles>,
}

/// The manifest and WIT of an author's directory.
#[derive(Debug)]
pub struct AuthorFiles {
    /// Its `plugin.toml`.
    pub manifest: Manifest,
    /// Its WIT.
    pub world: World,
}

/// Reads a plugin; a directory is packed in memory.
///
/// # Errors
/// Whatever is wrong with the files.
pub fn load(path: &Path) -> Result<Loaded> {
    if path.is_dir() { load_directory(&manifest::read(path)?) } else { load_file(path) }
}

/// Packs what a `plugin.toml` describes, in memory.
///
/// # Errors
/// Whatever is wrong with the files.
pub fn load_directory(manifest: &Manifest) -> Result<Loaded> {
    let file = manifest.component.display().to_string();
    let next = match &manifest.build {
        Some(_) => "run `toolcell build` to make it".to_owned(),
        None => format!("build the plugin first, or correct `component` in {}", manifest.origin.file()),
    };
    let bytes = read_bytes(&manifest.component, &next)?;
    let component = component::read(&file, &bytes)?;
    let world = wit::read(&manifest.wit, manifest.world.as_deref())?;
    let plugin = assemble::assemble(manifest, &world, &file, &component)?;
    let json = serde_json::to_vec(&plugin).expect("a plugin is JSON");
    assemble::refuse_unreadable(&json, &manifest.origin)?;
    let bytes = section::replace(&bytes, &json);
    let component = component.with_section(&bytes, json);
    let (origin, file) = (manifest.origin.clone(), manifest.component.clone());
    let author_files = Some(AuthorFiles { manifest: manifest.clone(), world });
    Ok(Loaded { bytes, component, plugin, origin, file, author_files })
}

fn load_file(path: &Path) -> Result<Loaded> {
    let file = path.display().to_string();
    let bytes = read_bytes(path, "build the plugin first, or correct the path")?;
    let component = component::read(&file, &bytes)?;
    let plugin = match &component.packed {
        Some(section) => assemble::unpack(section, &file, &component)?,
        None => assemble::bare(&stem(path), &file, &component)?,
    };
    let origin = Origin::of(file);
    Ok(Loaded { bytes, component, plugin, origin, file: path.to_path_buf(), author_files: None })
}

fn read_bytes(path: &Path, next: &str) -> Result<Vec<u8>> {
    read_at_most(path, MAX_COMPONENT_BYTES).map_err(|error| {
        Problem::refused(path.display().to_string(), "cannot be read")
            .found(error.to_string())
            .expected("a component (.wasm)")
            .next(next)
    })
}

/// A plugin that nobody named is named after its file, as far as names go.
fn stem(path: &Path) -> String {
    let stem = path.file_stem().unwrap_or_default().to_string_lossy();
    let legal =
        |letter: char| if letter.is_ascii_alphanumeric() || "_.-".contains(letter) { letter } else { '-' };
    let name: String = stem.chars().map(legal).take(crate::document::name::MAX_CHARS).collect();
    if name.is_empty() { "plugin".into() } else { name }
}
