//! A directory to work in, and components made of WIT alone: every function traps, every type is real.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use toolcell_host::catalog::{Catalog, Index};
use wit_component::{ComponentEncoder, StringEncoding};
use wit_parser::{LiftLowerAbi, ManglingAndAbi, Resolve, SourceMap, WorldId};

/// Two plain functions.
#[allow(dead_code, reason = "each test file uses its part")]
pub(crate) const TEXT: &str = "package example:text@0.1.0;

interface tools {
  /// Counts words.
  count-words: func(text: string) -> u32;
  /// Turns text into a slug.
  ///
  /// @param text What to turn
  ///   into one.
  /// @param max-length Cut after so many characters.
  make-slug: func(text: string, max-length: u32) -> result<string, string>;
}

world plugin { export tools; }
";

/// A `plugin.toml` for [`TEXT`] that uses most keys.
#[allow(dead_code, reason = "each test file uses its part")]
pub(crate) const TEXT_MANIFEST: &str = "name = \"text\"
version = \"1.2.3\"
component = \"text.wasm\"

[limits]
deadline = \"10 s\"

[tools.make-slug]
title = \"Make a slug\"
annotations = { read-only-hint = true }
limits = { deadline = \"5 s\" }
parameters.max-length = { default = 80, minimum = 1, maximum = 1000 }
";

/// Content, prompts, a schema written by hand, and everything that is known only at run time.
#[allow(dead_code, reason = "each test file uses its part")]
pub(crate) const GUIDE: &str = "package example:guide@0.1.0;

interface tools {
  use toolcell:plugin/content@0.1.0.{block, block as piece, text, prompt-messages};
  type pieces = list<piece>;
  record facts {
    /// How many.
    count: u32,
  }
  /// How to look at code.
  enum style { strict, very-kind }
  one: func() -> block;
  many: func() -> result<pieces, string>;
  both: func() -> result<tuple<list<block>, facts>>;
  maybe: func() -> option<block>;
  pair: func() -> tuple<list<block>, u32>;
  plain: func() -> text;
  /// Takes what its schema says.
  json-schema-2020-12-tool: func(arguments: string) -> string;
  /// Reviews code.
  ///
  /// @param style How strict to be.
  review: func(source-code: string, style: option<style>) -> prompt-messages;
}

world plugin {
  use toolcell:plugin/content@0.1.0.{prompt-messages};
  export tools;
  export greet: func(name: string) -> result<prompt-messages, string>;
  export toolcell:plugin/resources@0.1.0;
  export toolcell:plugin/prompts@0.1.0;
  export toolcell:plugin/completion@0.1.0;
  export toolcell:plugin/dynamic-tools@0.1.0;
}
";

/// A `plugin.toml` for [`GUIDE`].
#[allow(dead_code, reason = "each test file uses its part")]
pub(crate) const GUIDE_MANIFEST: &str = "name = \"guide\"
component = \"guide.wasm\"

[resources]
uris = [\"guide:///\", \"https://guide.example/\"]

[tools.json-schema-2020-12-tool]
input-schema = \"schema.json\"
meta = { \"example.com/key\" = { a = [1] } }

[prompts.review]
title = \"Review\"
required-scopes = [\"review\"]
limits = { deadline = \"5 s\" }
icons = [{ src = \"https://example.com/review.png\" }]
meta = { \"example.com/key\" = 1 }
arguments.source-code = { title = \"Code\", description = \"What to review.\" }
";

/// Every kind of type.
#[allow(dead_code, reason = "each test file uses its part")]
pub(crate) const RICH: &str = "package example:rich@0.1.0;

interface tools {
  record point { x: f64, y: f64 }
  enum colour { red, green }
  flags marks { bold, thin }
  variant shape { empty, circle(f64), polygon(list<point>) }
  all: func(s: shape, c: colour, m: marks, bytes: list<u8>, o: option<tuple<s64, char>>)
    -> result<list<result<_, string>>, u8>;
}

world plugin { export tools; }
";

/// A directory that goes away with it.
pub(crate) struct Bench {
    directory: tempfile::TempDir,
}

#[allow(dead_code, reason = "each test file uses its part")]
impl Bench {
    pub(crate) fn new() -> Self {
        Self { directory: tempfile::tempdir().unwrap() }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    pub(crate) fn write(&self, name: &str, content: impl AsRef<[u8]>) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }

    /// Writes a component that exports and imports what `wit`'s only world says.
    pub(crate) fn component(&self, name: &str, wit: &str) {
        self.write(name, component(wit));
    }

    /// Writes a plugin's directory: `wit/`, `plugin.toml` and `NAME.wasm`.
    pub(crate) fn plugin(&self, name: &str, wit: &str, manifest: &str) {
        if wit.contains("toolcell:plugin/") {
            for (file, text) in contract() {
                self.write(&format!("{name}/wit/deps/toolcell-plugin/{file}"), text);
            }
        }
        self.write(&format!("{name}/wit/world.wit"), wit);
        self.write(&format!("{name}/plugin.toml"), manifest);
        self.component(&format!("{name}/{name}.wasm"), wit);
    }

    /// Every file of a directory, by name.
    pub(crate) fn files(&self, name: &str) -> BTreeMap<PathBuf, Vec<u8>> {
        let entries = fs::read_dir(self.path(name)).unwrap().map(|entry| entry.unwrap().path());
        entries.map(|path| (PathBuf::from(path.file_name().unwrap()), fs::read(&path).unwrap())).collect()
    }
}

/// Compares with a golden file, or rewrites it.
#[allow(dead_code, reason = "each test file uses its part")]
pub(crate) fn golden(name: &str, found: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(name);
    if std::env::var_os("TOOLCELL_BLESS").is_some() {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, found).unwrap();
    }
    let expected = fs::read_to_string(&path).unwrap_or_default();
    let mut lines = expected.lines().zip(found.lines()).enumerate();
    let first = lines.find(|(_, (expected, found))| expected != found);
    assert!(
        expected == found,
        "{name} differs; TOOLCELL_BLESS=1 rewrites it. The first line that differs, or else the end: {first:?}"
    );
}

/// The files of `toolcell:plugin`.
pub(crate) fn contract() -> BTreeMap<String, String> {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("../wit");
    let files = fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path());
    let files = files.filter(|file| file.extension().is_some_and(|ending| ending == "wit"));
    let named = |file: PathBuf| (file.file_name().unwrap().to_string_lossy().into_owned(), file);
    files.map(named).map(|(name, file)| (name, fs::read_to_string(file).unwrap())).collect()
}

/// Makes a component of WIT, which may use `toolcell:plugin`.
pub(crate) fn component(wit: &str) -> Vec<u8> {
    component_with(wit, &contract())
}

/// Makes a WIT package in binary form.
#[allow(dead_code, reason = "each test file uses its part")]
pub(crate) fn package(wit: &str) -> Vec<u8> {
    let mut resolve = Resolve::default();
    let package = resolve.push_str(Path::new("test.wit"), wit).unwrap();
    wit_component::encode(&resolve, package, false).unwrap()
}

/// Makes a component whose exports are lifted as async, as toolchains do that were not told otherwise.
#[allow(dead_code, reason = "each test file uses its part")]
pub(crate) fn async_component(wit: &str) -> Vec<u8> {
    lifted(wit, &contract(), LiftLowerAbi::AsyncCallback)
}

/// Makes a component of WIT and another copy of `toolcell:plugin`.
pub(crate) fn component_with(wit: &str, contract: &BTreeMap<String, String>) -> Vec<u8> {
    lifted(wit, contract, LiftLowerAbi::Sync)
}

fn lifted(wit: &str, contract: &BTreeMap<String, String>, abi: LiftLowerAbi) -> Vec<u8> {
    component_of(wit, contract, |resolve, world| {
        wit_component::dummy_module(resolve, world, ManglingAndAbi::Legacy(abi))
    })
}

/// Makes a component of WIT around the core module that `module` makes.
pub(crate) fn component_of(
    wit: &str,
    contract: &BTreeMap<String, String>,
    module: impl FnOnce(&Resolve, WorldId) -> Vec<u8>,
) -> Vec<u8> {
    let mut sources = SourceMap::new();
    contract.iter().for_each(|(file, text)| sources.push_str(file, text));
    let mut resolve = Resolve::default();
    resolve.push_group(sources.parse().map_err(|(_, error)| error).unwrap()).unwrap();
    let package = resolve.push_str(Path::new("test.wit"), wit).unwrap();
    let world = resolve.select_world(&[package], None).unwrap();
    let mut module = module(&resolve, world);
    wit_component::embed_component_metadata(&mut module, &resolve, world, StringEncoding::UTF8, false)
        .unwrap();
    ComponentEncoder::default().module(&module).unwrap().validate(true).encode().unwrap()
}

/// Reads the catalog of a bundle.
#[allow(dead_code, reason = "each test file uses its part")]
pub(crate) fn catalog(bundle: &Path) -> Catalog {
    let bytes = fs::read(bundle.join(Catalog::FILE)).unwrap();
    let contents = Index::read(bytes.into()).unwrap().contents().unwrap();
    assert_eq!(contents.left_out, []);
    contents.catalog
}

/// Changes the catalog of a bundle.
#[allow(dead_code, reason = "each test file uses its part")]
pub(crate) fn edit_catalog(bundle: &Path, change: impl FnOnce(&mut Catalog)) {
    let mut catalog = catalog(bundle);
    change(&mut catalog);
    fs::write(bundle.join(Catalog::FILE), catalog.to_bytes().unwrap()).unwrap();
}
