//! The Markdown pages of one granted directory. The contract of every function is in `wit/world.wit`.

mod completion;
mod library;
mod resources;
mod search;
mod uri;

wit_bindgen::generate!({ world: "docs", path: "wit", generate_all });

use exports::samples::docs::tools::{Audience, Found, Guest};
use library::{Library, Page};
use toolcell::plugin::content::{Block, EmbeddedResource, Message, PromptMessages, Role, Text};

/// The guest path of the granted directory, as requested in `plugin.toml`.
const GRANTED: &str = "/docs";

struct Docs;

impl Guest for Docs {
    fn search_docs(text: String, max_hits: u32) -> Result<(Vec<Block>, Found), String> {
        let pages = Library::new(GRANTED).pages().map_err(|cause| cause.kind().to_string())?;
        let found = search::search(&pages, &text, max_hits as usize);
        let mut content = vec![text_block(search::summary(&found))];
        let linked = pages.iter().filter(|page| found.hits.iter().any(|hit| hit.uri == uri::of(&page.path)));
        content.extend(linked.map(|page| Block::ResourceLink(resources::link(page))));
        Ok((content, found))
    }

    fn explain(page: String, audience: Option<Audience>) -> Result<PromptMessages, String> {
        let page = Library::new(GRANTED).page(&page).ok_or_else(|| format!("there is no page {page}"))?;
        Ok(explanation(&page, audience.unwrap_or(Audience::Beginner)))
    }
}

/// The messages that have a model explain `page`, with the page itself.
fn explanation(page: &Page, audience: Audience) -> PromptMessages {
    let reader = match audience {
        Audience::Beginner => "somebody who knows nothing of the matter",
        Audience::Expert => "an expert, in a few lines",
    };
    let embedded = EmbeddedResource { contents: resources::contents(page), annotations: None };
    let messages = [Block::EmbeddedResource(embedded), text_block(format!("Explain this page to {reader}."))];
    PromptMessages {
        description: Some(format!("Explains {}", page.title())),
        messages: messages.map(|content| Message { role: Role::User, content }).to_vec(),
    }
}

fn text_block(text: String) -> Block {
    Block::Text(Text { text, annotations: None, meta: None })
}

export!(Docs);
