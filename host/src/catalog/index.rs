//! Looks up names in the catalog and serves its lists as ready-made bytes.

use std::collections::HashMap;
use std::io::Read;
use std::sync::OnceLock;

use bytes::Bytes;
use cap_std::fs::{Dir, OpenOptions, OpenOptionsExt as _};
use rustix::fs::OFlags;

use super::format::{Catalog, FunctionEntry, Plugin, Prompt, Provider, ProviderRole, Tool};
use super::page::{self, Detail, ListPage};
use super::salvage::{self, LeftOut};
use super::scope::ScopeSet;
use crate::digest::Digest;

/// The largest `catalog.json`, in bytes: room for some ten thousand tools.
const MAX_CATALOG_BYTES: u64 = 64 << 20;

/// The reason why a bundle's catalog cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum CatalogError {
    /// The bundle has no catalog, or it cannot be read.
    #[error("cannot read {file} in the bundle: {0}. Run `toolcell build` to make one", file = Catalog::FILE)]
    Unreadable(#[source] std::io::Error),
    /// The name is a directory, a pipe or a device.
    #[error("{file} is not a regular file. Run `toolcell build` to make one", file = Catalog::FILE)]
    NotAFile,
    /// The file is larger than any catalog can be.
    #[error(
        "{file} is larger than {MAX_CATALOG_BYTES} bytes. Run `toolcell build` with fewer tools",
        file = Catalog::FILE
    )]
    TooLarge,
    /// The file is not a catalog of this format.
    #[error("{file} is not a catalog that this host reads: {0}. Run `toolcell build` again", file = Catalog::FILE)]
    Malformed(#[source] serde_json::Error),
    /// The file was written for another version of the host.
    #[error(
        "{} has format {found}, this host reads format {}. Run `toolcell build` of the same version",
        Catalog::FILE,
        Catalog::FORMAT
    )]
    OtherFormat {
        /// The format that the file names.
        found: u32,
    },
    /// A tool, prompt or provider names a plugin that is not in the catalog.
    #[error(
        "{}: {tool:?} names plugin {plugin}, which is not there. Run `toolcell build` again",
        Catalog::FILE
    )]
    NoSuchPlugin {
        /// The name of the tool, prompt or provider.
        tool: String,
        /// The index it names.
        plugin: usize,
    },
    /// Two tools, or two prompts, have the same name.
    #[error("{}: two tools or prompts are called {tool:?}. Run `toolcell build` again", Catalog::FILE)]
    SameName {
        /// The name.
        tool: String,
    },
}

/// Names a function by its place in the catalog.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FunctionRef {
    /// In [`Catalog::tools`].
    Tool(usize),
    /// In [`Catalog::prompts`].
    Prompt(usize),
    /// In [`Catalog::providers`].
    Provider(usize),
}

/// A catalog that is ready to answer.
#[derive(Debug)]
pub struct Index {
    catalog: Catalog,
    digest: Digest,
    left_out: Vec<LeftOut>,
    by_name: HashMap<String, usize>,
    prompts: HashMap<String, usize>,
    full: OnceLock<Vec<Bytes>>,
    plain: OnceLock<Vec<Bytes>>,
}

/// The part of a catalog that every version has: the number of the version.
#[derive(serde::Deserialize)]
struct Version {
    format: u32,
}

impl Index {
    /// Reads the catalog of the bundle in `dir`.
    ///
    /// # Errors
    ///
    /// Fails with the fault and the command that corrects it.
    pub fn open(dir: &Dir) -> Result<Self, CatalogError> {
        let mut options = OpenOptions::new();
        // Without NONBLOCK, opening a pipe waits for its writer.
        options.read(true).custom_flags(OFlags::NONBLOCK.bits().cast_signed());
        let file = dir.open_with(Catalog::FILE, &options).map_err(CatalogError::Unreadable)?;
        let metadata = file.metadata().map_err(CatalogError::Unreadable)?;
        if !metadata.is_file() {
            return Err(CatalogError::NotAFile);
        }
        if metadata.len() > MAX_CATALOG_BYTES {
            return Err(CatalogError::TooLarge);
        }
        // Reads everything at once: the default buffer grows from 32 bytes.
        let mut bytes = Vec::with_capacity(metadata.len() as usize + 1);
        file.take(MAX_CATALOG_BYTES + 1).read_to_end(&mut bytes).map_err(CatalogError::Unreadable)?;
        Self::read(&bytes)
    }

    /// Reads a catalog from its bytes. A plugin of which a part cannot be read is left out, and logged.
    ///
    /// # Errors
    ///
    /// As [`Index::open`].
    pub fn read(bytes: &[u8]) -> Result<Self, CatalogError> {
        if bytes.len() as u64 > MAX_CATALOG_BYTES {
            return Err(CatalogError::TooLarge);
        }
        let (catalog, left_out) = match serde_json::from_slice(bytes) {
            Ok(catalog) => (catalog, Vec::new()),
            Err(error) => salvage::read(bytes).ok_or_else(|| refuse(bytes, error))?,
        };
        for LeftOut { plugin, reason } in &left_out {
            tracing::error!(
                plugin,
                reason,
                "the plugin is not served: its part of catalog.json cannot be read. Run `toolcell build` again"
            );
        }
        Self::new(catalog, left_out, Digest::of(bytes))
    }

    fn new(catalog: Catalog, left_out: Vec<LeftOut>, digest: Digest) -> Result<Self, CatalogError> {
        if catalog.format != Catalog::FORMAT {
            return Err(CatalogError::OtherFormat { found: catalog.format });
        }
        let by_name = names(&catalog, &catalog.tools)?;
        let prompts = names(&catalog, &catalog.prompts)?;
        for provider in &catalog.providers {
            check_plugin(&catalog, provider.into())?;
        }
        let (full, plain) = (OnceLock::new(), OnceLock::new());
        Ok(Self { catalog, digest, left_out, by_name, prompts, full, plain })
    }

    /// Returns the catalog itself.
    pub fn catalog(&self) -> &Catalog {
        &self.catalog
    }

    /// Returns the digest of the catalog's bytes: a cursor or a cached list belongs to one digest.
    pub fn digest(&self) -> &Digest {
        &self.digest
    }

    /// Returns the plugins that are not served, because their part of the catalog cannot be read.
    pub fn left_out(&self) -> &[LeftOut] {
        &self.left_out
    }

    /// Returns the tool `name`, and its place in [`Catalog::tools`].
    pub fn tool(&self, name: &str) -> Option<(usize, &Tool)> {
        let index = *self.by_name.get(name)?;
        Some((index, &self.catalog.tools[index]))
    }

    /// Returns the prompt `name` that is a function of its own, and its place in [`Catalog::prompts`].
    pub fn prompt(&self, name: &str) -> Option<(usize, &Prompt)> {
        let index = *self.prompts.get(name)?;
        Some((index, &self.catalog.prompts[index]))
    }

    /// Returns the providers with a role, and their places in [`Catalog::providers`].
    pub fn providers(&self, role: ProviderRole) -> impl Iterator<Item = (usize, &Provider)> {
        self.catalog.providers.iter().enumerate().filter(move |(_, provider)| provider.role == role)
    }

    /// Returns the plugin that exports a function.
    pub fn plugin<'c>(&self, function: impl Into<FunctionEntry<'c>>) -> &Plugin {
        &self.catalog.plugins[function.into().plugin]
    }

    /// Returns every function that can be called: tools, prompts, providers.
    pub fn functions(&self) -> impl Iterator<Item = FunctionRef> + use<> {
        let Catalog { tools, prompts, providers, .. } = &self.catalog;
        let (tools, prompts, providers) = (0..tools.len(), 0..prompts.len(), 0..providers.len());
        tools
            .map(FunctionRef::Tool)
            .chain(prompts.map(FunctionRef::Prompt))
            .chain(providers.map(FunctionRef::Provider))
    }

    /// Returns the function that a reference names.
    pub fn function(&self, function: FunctionRef) -> FunctionEntry<'_> {
        match function {
            FunctionRef::Tool(at) => (&self.catalog.tools[at]).into(),
            FunctionRef::Prompt(at) => (&self.catalog.prompts[at]).into(),
            FunctionRef::Provider(at) => (&self.catalog.providers[at]).into(),
        }
    }

    /// Returns the position of a function among [`Index::functions`].
    pub fn position(&self, function: FunctionRef) -> usize {
        match function {
            FunctionRef::Tool(at) => at,
            FunctionRef::Prompt(at) => self.catalog.tools.len() + at,
            FunctionRef::Provider(at) => self.catalog.tools.len() + self.catalog.prompts.len() + at,
        }
    }

    /// Tells whether every caller sees the same tools.
    pub fn is_uniform(&self) -> bool {
        self.catalog.tools.iter().all(|tool| tool.required_scopes.is_empty())
    }

    /// Returns the page that starts at tool `start` of those that a caller with `scopes` may call; `None` if no page
    /// starts there. It is rendered for each request.
    pub fn page_for(&self, scopes: &ScopeSet, start: usize, detail: Detail) -> Option<ListPage> {
        page::of(&self.catalog.tools, scopes, (start, self.catalog.page_size), detail)
    }

    /// Returns the page that starts at prompt `start`, like [`Index::page_for`].
    pub fn prompts_for(&self, scopes: &ScopeSet, start: usize, detail: Detail) -> Option<ListPage> {
        page::of(&self.catalog.prompts, scopes, (start, self.catalog.page_size), detail)
    }

    /// Returns the one page of a list that is empty in the catalog.
    pub fn nothing(&self, start: usize) -> Option<ListPage> {
        (start == 0).then(|| ListPage { items: Bytes::from_static(b"[]"), next: None })
    }

    /// Returns the page of `tools/list` that starts at tool `start`; `None` if no page starts there.
    pub fn page(&self, start: usize, detail: Detail) -> Option<ListPage> {
        let size = self.catalog.page_size.max(1);
        if !start.is_multiple_of(size) {
            return None;
        }
        let pages = match detail {
            Detail::Full => self.full.get_or_init(|| self.render(size, detail)),
            Detail::Plain => self.plain.get_or_init(|| self.render(size, detail)),
        };
        let items = pages.get(start / size)?.clone();
        let next = (start + size < self.catalog.tools.len()).then_some(start + size);
        Some(ListPage { items, next })
    }

    fn render(&self, size: usize, detail: Detail) -> Vec<Bytes> {
        if self.catalog.tools.is_empty() {
            return vec![Bytes::from_static(b"[]")];
        }
        self.catalog.tools.chunks(size).map(|tools| page::array(tools, detail)).collect()
    }
}

/// Indexes the functions of a kind by name.
fn names<'c, T>(catalog: &Catalog, all: &'c [T]) -> Result<HashMap<String, usize>, CatalogError>
where
    &'c T: Into<FunctionEntry<'c>>,
{
    let mut names = HashMap::with_capacity(all.len());
    for (index, one) in all.iter().enumerate() {
        let entry: FunctionEntry<'c> = one.into();
        check_plugin(catalog, entry)?;
        if names.insert(entry.name.to_owned(), index).is_some() {
            return Err(CatalogError::SameName { tool: entry.name.to_owned() });
        }
    }
    Ok(names)
}

fn check_plugin(catalog: &Catalog, entry: FunctionEntry<'_>) -> Result<(), CatalogError> {
    if entry.plugin < catalog.plugins.len() {
        return Ok(());
    }
    Err(CatalogError::NoSuchPlugin { tool: entry.name.to_owned(), plugin: entry.plugin })
}

fn refuse(bytes: &[u8], error: serde_json::Error) -> CatalogError {
    match serde_json::from_slice::<Version>(bytes) {
        Ok(version) if version.format != Catalog::FORMAT => {
            CatalogError::OtherFormat { found: version.format }
        }
        _ => CatalogError::Malformed(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn catalog(names: &[&str], page_size: usize) -> String {
        let tool = |name: &str| {
            format!(
                r#"{{"name":"{name}","plugin":0,"export":{{"function":"f"}},"function":{{"params":[]}},
                "limits":{{"memory_bytes":1,"table_elements":1,"instances":1,"stack_bytes":1,"hostcall_bytes":1,
                "handles":1,"output_bytes":1,"input_bytes":1,"log_bytes":1,"notifications":1,"deadline_ms":1}},
                "entry":{{"name":"{name}","title":"T"}},"plain_entry":{{"name":"{name}"}}}}"#
            )
        };
        let tools: Vec<_> = names.iter().map(|name| tool(name)).collect();
        let digest = "0".repeat(64);
        format!(
            r#"{{"format":1,"engine":{{"wasmtime":"48.0.8","configuration":1,"target":"t","cpu":"c"}},
            "server":{{"name":"s","version":"1"}},"http":{{"max_body_bytes":1}},"list_ttl_ms":1,
            "page_size":{page_size},"plugins":[{{"name":"p","component":"{digest}","code":"{digest}","grants":{{}}}}],
            "tools":[{}]}}"#,
            tools.join(",")
        )
    }

    /// Three tools; the second and third require a scope of their own name.
    fn guarded(page_size: usize) -> Index {
        let text = catalog(&["a", "b", "c"], page_size);
        let guard = |text: String, name: &str| {
            let found = format!(r#"{{"name":"{name}","plugin""#);
            text.replace(&found, &format!(r#"{{"required_scopes":["{name}"],"name":"{name}","plugin""#))
        };
        Index::read(guard(guard(text, "b"), "c").as_bytes()).unwrap()
    }

    fn names(page: &ListPage) -> Vec<String> {
        let tools: Vec<serde_json::Value> = serde_json::from_slice(&page.items).unwrap();
        tools.iter().map(|tool| tool["name"].as_str().unwrap().to_owned()).collect()
    }

    #[test]
    fn pages_follow_one_another_and_hold_every_tool_once() {
        let index = Index::read(catalog(&["a", "b", "c"], 2).as_bytes()).unwrap();
        let first = index.page(0, Detail::Full).unwrap();
        assert_eq!((names(&first), first.next), (vec!["a".into(), "b".into()], Some(2)));
        let last = index.page(2, Detail::Full).unwrap();
        assert_eq!((names(&last), last.next), (vec!["c".into()], None));
        assert!(index.page(1, Detail::Full).is_none() && index.page(4, Detail::Full).is_none());
    }

    #[test]
    fn a_caller_sees_the_tools_that_its_scopes_cover_page_by_page() {
        let table = [("", "a"), ("b", "a b"), ("c", "a c"), ("b c", "a b c"), ("x", "a")];
        for size in 1..=4 {
            let index = guarded(size);
            assert!(!index.is_uniform());
            for (scopes, expected) in table {
                let scopes = scopes.split_whitespace().map(|scope| scope.parse().unwrap()).collect();
                let (mut seen, mut start) = (Vec::new(), 0);
                loop {
                    let page = index.page_for(&scopes, start, Detail::Plain).unwrap();
                    let on_page = names(&page);
                    assert!((1..=size).contains(&on_page.len()), "{on_page:?}");
                    seen.extend(on_page);
                    let Some(next) = page.next else { break };
                    start = next;
                }
                assert_eq!(seen.join(" "), expected, "{scopes:?} {size}");
                assert!(index.page_for(&scopes, seen.len().next_multiple_of(size), Detail::Plain).is_none());
            }
        }
        assert!(guarded(2).page_for(&ScopeSet::NONE, 1, Detail::Plain).is_none());
        assert!(Index::read(catalog(&["a"], 2).as_bytes()).unwrap().is_uniform());
    }

    #[test]
    fn a_catalog_that_is_no_file_or_a_huge_one_is_refused_at_once() {
        use std::fs::{File, create_dir, remove_file};

        let root = tempfile::tempdir().unwrap();
        let dir = Dir::open_ambient_dir(root.path(), cap_std::ambient_authority()).unwrap();
        let path = root.path().join(Catalog::FILE);
        let refusal = || Index::open(&dir).unwrap_err().to_string();
        let mode = rustix::fs::Mode::from_raw_mode(0o600);
        rustix::fs::mknodat(rustix::fs::CWD, &path, rustix::fs::FileType::Fifo, mode, 0).unwrap();
        assert!(refusal().starts_with("catalog.json is not a regular file"), "{}", refusal());
        remove_file(&path).unwrap();
        File::create(&path).unwrap().set_len(1 << 40).unwrap();
        assert!(refusal().starts_with("catalog.json is larger than 67108864 bytes"), "{}", refusal());
        remove_file(&path).unwrap();
        create_dir(&path).unwrap();
        assert!(refusal().starts_with("catalog.json is not a regular file"), "{}", refusal());
    }

    #[test]
    fn a_plugin_of_which_a_part_cannot_be_read_is_left_out_and_the_others_stay() {
        let text = catalog(&["a", "b", "c"], 10).replace(
            r#""plugins":["#,
            &format!(
                r#""plugins":[{{"name":"bad","component":"{0}","code":"{0}","grants":{{}}}},"#,
                "0".repeat(64)
            ),
        );
        let text = text.replace(r#""name":"b","plugin":0"#, r#""name":"b","plugin":1"#);
        let deep = format!("{}\"u8\"{}", r#"{"list":"#.repeat(200), "}".repeat(200));
        let parts = [
            (
                r#""name":"a","plugin":0,"export":{"function":"f"},"function":{"params":[]}"#,
                format!(
                    r#""name":"a","plugin":0,"export":{{"function":"f"}},"function":{{"params":[],"result":{deep}}}"#
                ),
            ),
            (r#"{"name":"bad","#, r#"{"name":"bad","surprise":1,"#.to_owned()),
            (r#""name":"c","plugin":0"#, r#""name":"c","later":true,"plugin":0"#.to_owned()),
        ];
        for (part, bad) in parts {
            assert!(text.contains(part), "{part}");
            let index = Index::read(text.replace(part, &bad).as_bytes()).unwrap();
            let left_out: Vec<_> = index.left_out().iter().map(|one| one.plugin.as_str()).collect();
            assert_eq!(left_out, ["bad"], "{bad}");
            assert_eq!(names(&index.page(0, Detail::Full).unwrap()), ["b"], "{bad}");
            assert_eq!(index.plugin(index.tool("b").unwrap().1).name, "p");
        }
        assert!(Index::read(text.as_bytes()).unwrap().left_out().is_empty());
        assert!(Index::read(text.replace("list_ttl_ms", "list_ttl").as_bytes()).is_err());
    }

    #[test]
    fn an_empty_catalog_has_one_empty_page() {
        let index = Index::read(catalog(&[], 2).as_bytes()).unwrap();
        assert_eq!(index.page(0, Detail::Plain).unwrap().items, "[]");
    }

    #[test]
    fn a_plain_page_holds_plain_entries() {
        let index = Index::read(catalog(&["a"], 2).as_bytes()).unwrap();
        assert_eq!(index.page(0, Detail::Plain).unwrap().items, r#"[{"name":"a"}]"#);
    }

    #[test]
    fn a_broken_catalog_is_refused_with_what_to_run() {
        let two = catalog(&["a", "a"], 2);
        let other = catalog(&["a"], 2).replace(r#""plugin":0"#, r#""plugin":7"#);
        let later = r#"{"format":2,"novelty":true}"#;
        for (text, expected) in
            [("{", "not a catalog"), (&two, "two tools"), (&other, "plugin 7"), (later, "format 2")]
        {
            let error = Index::read(text.as_bytes()).unwrap_err().to_string();
            assert!(error.contains(expected) && error.contains("toolcell build"), "{error}");
        }
    }
}
