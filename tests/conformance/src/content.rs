//! Makes blocks with few arguments.

use crate::toolcell::plugin::content::{
    Block, Body, Contents, EmbeddedResource, Media, Message, PromptMessages, Role, Text,
};

/// A picture of one pixel.
pub(crate) const PIXEL_PNG: &[u8] = include_bytes!("../assets/pixel.png");

/// A millisecond of silence.
const SILENCE_WAV: &[u8] = include_bytes!("../assets/silence.wav");

pub(crate) fn text(text: impl Into<String>) -> Block {
    Block::Text(Text { text: text.into(), annotations: None, meta: None })
}

pub(crate) fn image() -> Block {
    Block::Image(media(PIXEL_PNG, "image/png"))
}

pub(crate) fn audio() -> Block {
    Block::Audio(media(SILENCE_WAV, "audio/wav"))
}

pub(crate) fn embedded(uri: &str, mime_type: &str, text: &str) -> Block {
    let contents = contents(uri, mime_type, Body::Text(text.to_owned()));
    Block::EmbeddedResource(EmbeddedResource { contents, annotations: None })
}

pub(crate) fn contents(uri: &str, mime_type: &str, body: Body) -> Contents {
    Contents { uri: uri.to_owned(), mime_type: Some(mime_type.to_owned()), body, meta: None }
}

/// Makes a prompt whose messages are all the user's.
pub(crate) fn from_user(blocks: impl IntoIterator<Item = Block>) -> PromptMessages {
    let messages = blocks.into_iter().map(user_message).collect();
    PromptMessages { description: None, messages }
}

pub(crate) fn user_message(content: Block) -> Message {
    Message { role: Role::User, content }
}

fn media(data: &[u8], mime_type: &str) -> Media {
    Media { data: data.to_owned(), mime_type: mime_type.to_owned(), annotations: None, meta: None }
}
