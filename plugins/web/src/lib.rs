//! Reads web pages as Markdown. The contract of every function is in `wit/world.wit`.
//!
//! ```text
//! address ─> fetch ─> content, charset ─> tree ─> main_part ─> markdown ─> part
//!                                          └────> links
//! ```

mod address;
mod charset;
mod content;
mod error;
mod fetch;
mod hidden;
mod links;
mod main_part;
mod markdown;
mod part;
#[cfg(test)]
mod properties;
mod tree;

wit_bindgen::generate!({ world: "web", path: "wit", generate_all });

use content::Kind;
use error::WebError;
use exports::samples::web::tools::{Guest, Links, Page};
use fetch::Fetched;
use tree::Tree;
use url::Url;

/// The most bytes of a page that are read.
const PAGE_BYTES: usize = 2 << 20;

struct Web;

impl Guest for Web {
    fn read_page(url: String, start: u32, max_chars: u32) -> Result<Page, String> {
        let fetched = fetch(&url).map_err(|error| error.to_string())?;
        Ok(page(&fetched, start as usize, max_chars as usize))
    }

    fn list_links(url: String, containing: Option<String>, max_links: u32) -> Result<Links, String> {
        let fetched = fetch(&url).map_err(|error| error.to_string())?;
        Ok(links(&fetched, containing.as_deref().unwrap_or_default(), max_links as usize))
    }
}

fn fetch(url: &str) -> Result<Fetched, WebError> {
    fetch::fetch(address::parse(url)?, |request| http_client::send(request, PAGE_BYTES))
}

/// Returns the main text of a page, from one character on.
fn page(fetched: &Fetched, start: usize, max_chars: usize) -> Page {
    let mut page = Page {
        url: fetched.url.to_string(),
        title: None,
        language: None,
        media_type: fetched.content.media_type.clone(),
        text: String::new(),
        next: None,
        is_cut: fetched.is_cut,
        hidden_characters: 0,
    };
    let text = match fetched.content.kind {
        Kind::Text => {
            let text = visible_text::visible(&fetched.text);
            page.hidden_characters = text.removed;
            text.text
        }
        Kind::Html => {
            let tree = Tree::parse(&fetched.text);
            let written = markdown::write(&tree, main_part::of(&tree), &base(&tree, &fetched.url));
            page.title = main_part::title(&tree);
            page.language = main_part::language(&tree);
            page.is_cut |= tree.is_cut() || written.is_cut;
            page.hidden_characters = written.hidden;
            written.text
        }
    };
    let part = part::of(&text, start, max_chars);
    (page.text, page.next) = (part.text.to_owned(), part.next);
    page
}

/// Returns the links of a page that contain a text; a page that is not HTML has none.
fn links(fetched: &Fetched, containing: &str, most: usize) -> Links {
    let url = fetched.url.to_string();
    let mut links = match fetched.content.kind {
        Kind::Text => Vec::new(),
        Kind::Html => {
            let tree = Tree::parse(&fetched.text);
            links::of(&tree, &base(&tree, &fetched.url))
        }
    };
    let wanted = containing.to_lowercase();
    let contains = |text: &str| text.to_lowercase().contains(&wanted);
    links.retain(|link| contains(&link.url) || contains(&link.text));
    let more = links.len() > most;
    links.truncate(most);
    Links { url, links, more }
}

/// Returns the address that the links of a page are relative to.
fn base(tree: &Tree, url: &Url) -> Url {
    let base = tree.find("base").and_then(|element| tree.attribute(element, "href"));
    base.and_then(|href| address::join(url, href)).unwrap_or_else(|| url.clone())
}

export!(Web);
