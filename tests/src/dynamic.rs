//! Configures the fixture `dynamic`, once or several times, and reads its lists.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};

use crate::client::Client;
use crate::fixture;

/// One use of the fixture in a configuration.
#[derive(Clone, Copy, Debug)]
pub struct DynamicPlugin {
    /// The plugin's name; the names of its tools start with it and `_`, its URIs with it and `:///`.
    pub name: &'static str,
    /// The fault that the plugin shows; none if empty.
    pub fault: &'static str,
    /// More lines for its table.
    pub more: &'static str,
}

impl DynamicPlugin {
    /// Makes a plugin without a fault.
    pub fn new(name: &'static str) -> Self {
        Self { name, fault: "", more: "" }
    }

    /// Writes its `plugin.toml` to `directory`, and returns its lines of the configuration.
    ///
    /// # Panics
    /// Panics if a file cannot be written.
    pub fn config(&self, directory: &Path) -> String {
        let Self { name, fault, more } = self;
        let source = directory.join(name);
        fs::create_dir(&source).expect("a directory for a plugin");
        let component = fixture::component("dynamic");
        let wit = fixture::root().join("tests/fixtures/dynamic/wit");
        fs::write(source.join("arguments.json"), SCHEMA).expect("a schema can be written");
        let manifest = format!(
            "name = \"dynamic\"\nversion = \"0.1.0\"\ncomponent = {:?}\nwit = {:?}\n\
             [resources]\nuris = [\"{name}:///\"]\n\
             [tools.echo-arguments]\ninput-schema = \"arguments.json\"\n\
             meta = {{ ui = {{ resourceUri = \"ui://dynamic/view\" }} }}\n",
            component.display().to_string(),
            wit.display().to_string()
        );
        fs::write(source.join("plugin.toml"), manifest).expect("a plugin.toml can be written");
        format!(
            "{}prefix = \"{name}_\"\n{more}\n[plugins.{name}.grants.environment]\nDYNAMIC_URI = \"{name}:///\"\n\
             DYNAMIC_FAULT = \"{fault}\"\n",
            fixture::plugin(name, &source)
        )
    }
}

/// Makes a configuration of several such plugins.
///
/// # Panics
/// Panics if a file cannot be written.
pub fn dynamic_plugins(directory: &Path, plugins: &[DynamicPlugin]) -> String {
    plugins.iter().map(|plugin| plugin.config(directory)).collect()
}

/// A schema with a spelling that no serializer produces.
pub const SCHEMA: &str = r#"{"type":"object","properties":{"z":{"type":"number","maximum":1.50},"a":{"const":1e2}},"x-\u0061":"\/"}"#;

/// Reads all pages of a list, and returns each item's value of `key`, page by page.
///
/// # Panics
/// Panics if the list has more than 20 pages.
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

/// Reads all items of a list, and returns each item's value of `key`.
///
/// # Panics
/// Panics as [`pages`] does.
pub fn all(client: &Client, method: &str, member: &str, key: &str) -> Vec<String> {
    pages(client, method, member, key).concat()
}
