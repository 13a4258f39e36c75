//! Each test hands in what `codec` writes for a plugin's value, and compares the whole text that comes out.

mod block;
mod line;
mod list;
mod property;
mod reading;
mod refused;
mod rules;
mod tool;
mod uri;

use super::*;

/// The blocks that a list of blocks becomes.
fn said(json: &str, features: RevisionFeatures) -> String {
    let json = format!(r#"{{"result":{json}}}"#);
    text(blocks(json.as_bytes(), Form::Blocks, features).unwrap().blocks)
}

/// Bytes as the text that they must be: valid JSON on one line.
fn text(bytes: Vec<u8>) -> String {
    let text = String::from_utf8(bytes).unwrap();
    assert!(!text.contains(['\n', '\r']), "more than one line: {text}");
    text
}

/// Says that nothing else has a name.
fn free(_: &str) -> bool {
    false
}

/// Returns the path of the first item that a page leaves out.
fn first_error(page: Result<Page, ContentError>) -> String {
    page.unwrap().first_error.unwrap().path
}

/// The items of a page as an array, so that they can be compared as JSON is.
fn items(page: Page) -> String {
    let array = format!("[{}]", text(page.items));
    let parsed: Vec<serde_json::Value> = serde_json::from_str(&array).unwrap();
    assert_eq!(parsed.len(), page.count, "{array}");
    array
}
