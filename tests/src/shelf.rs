//! The fixture `shelf`, packed once for each of its places in a configuration.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};

use crate::client::Client;
use crate::fixture;

/// One shelf of a configuration.
#[derive(Clone, Copy, Debug)]
pub struct Shelf {
    /// Name of the plugin; its names begin with it and `_`, its URIs with it and `:///`.
    pub name: &'static str,
    /// What goes wrong with it; nothing when empty.
    pub fault: &'static str,
    /// More lines for its table.
    pub more: &'static str,
}

impl Shelf {
    /// A shelf with which nothing goes wrong.
    pub fn new(name: &'static str) -> Self {
        Self { name, fault: "", more: "" }
    }

    /// Its lines of a configuration; its `plugin.toml` is written to `directory`.
    ///
    /// # Panics
    /// It cannot be written.
    pub fn config(&self, directory: &Path) -> String {
        let Self { name, fault, more } = self;
        let source = directory.join(name);
        fs::create_dir(&source).expect("a directory for a plugin");
        let component = fixture::component("shelf");
        let wit = fixture::root().join("tests/fixtures/shelf/wit");
        fs::write(source.join("arguments.json"), SCHEMA).expect("a schema can be written");
        let manifest = format!(
            "name = \"shelf\"\nversion = \"0.1.0\"\ncomponent = {:?}\nwit = {:?}\n\
             [resources]\nuris = [\"{name}:///\"]\n\
             [tools.echo-arguments]\ninput-schema = \"arguments.json\"\n\
             meta = {{ ui = {{ resourceUri = \"ui://shelf/view\" }} }}\n",
            component.display().to_string(),
            wit.display().to_string()
        );
        fs::write(source.join("plugin.toml"), manifest).expect("a plugin.toml can be written");
        format!(
            "{}prefix = \"{name}_\"\n{more}\n[plugins.{name}.grants.environment]\nSHELF_URI = \"{name}:///\"\n\
             SHELF_FAULT = \"{fault}\"\n",
            fixture::plugin(name, &source)
        )
    }
}

/// The configuration of several shelves.
///
/// # Panics
/// It cannot be written.
pub fn shelves(directory: &Path, shelves: &[Shelf]) -> String {
    shelves.iter().map(|shelf| shelf.config(directory)).collect()
}

/// A schema spelled as no serializer would.
pub const SCHEMA: &str = r#"{"type":"object","properties":{"z":{"type":"number","maximum":1.50},"a":{"const":1e2}},"x-\u0061":"\/"}"#;

/// All pages of a list: each page's value of `key`.
///
/// # Panics
/// There are more than twenty pages.
pub fn pages(client: &Client, method: &str, member: &str, key: &str) -> Vec<Vec<String>> {
    let mut pages = Vec::new();
    let mut params = json!({});
    loop {
        let page = client.ask(method, params);
        let items = page[member].as_array().unwrap_or_else(|| panic!("{page}"));
        let text = |item: &Value| item[key].as_str().unwrap_or_else(|| panic!("{item}")).to_owned();
        pages.push(items.iter().map(text).collect());
        assert!(pages.len() <= 20, "{method} does not end: {pages:?}");
        match page.get("nextCursor") {
            Some(cursor) => params = json!({ "cursor": cursor }),
            None => return pages,
        }
    }
}

/// All items of a list, by their `key`.
///
/// # Panics
/// As [`pages`].
pub fn all(client: &Client, method: &str, member: &str, key: &str) -> Vec<String> {
    pages(client, method, member, key).concat()
}
