//! The reading of a page, which ends where the tree would become too large or too deep.

use html5ever::TokenizerResult;
use html5ever::buffer_queue::BufferQueue;
use html5ever::tendril::StrTendril;
use html5ever::tokenizer::{Token, TokenSink, TokenSinkResult, Tokenizer, TokenizerOpts};
use html5ever::tree_builder::{TreeBuilder, TreeBuilderOpts};

use super::sink::Sink;
use super::{Id, Tree, attributes};

/// Passes tokens on to the tree builder until the tree is full. One token can make as many nodes as the tree is deep, so
/// the limits are exceeded by little.
struct Limit {
    builder: TreeBuilder<Id, Sink>,
}

impl TokenSink for Limit {
    type Handle = Id;

    fn process_token(&self, token: Token, line: u64) -> TokenSinkResult<Id> {
        match self.builder.sink.is_full() && token != Token::EOFToken {
            true => TokenSinkResult::Continue,
            false => self.builder.process_token(token, line),
        }
    }

    fn end(&self) {
        self.builder.end();
    }

    fn adjusted_current_node_present_but_not_in_html_namespace(&self) -> bool {
        self.builder.adjusted_current_node_present_but_not_in_html_namespace()
    }
}

/// Reads a page.
pub(super) fn parse(page: &str) -> Tree {
    let options = TreeBuilderOpts { scripting_enabled: false, ..TreeBuilderOpts::default() };
    let limit = Limit { builder: TreeBuilder::new(Sink::new(), options) };
    let tokenizer = Tokenizer::new(limit, TokenizerOpts::default());
    let input = BufferQueue::default();
    input.push_back(StrTendril::from(&*attributes::limited(page)));
    // The tokenizer stops at scripts, which are not run, and where a page names its encoding, which is known.
    while !matches!(tokenizer.feed(&input), TokenizerResult::Done) {}
    tokenizer.end();
    tokenizer.sink.builder.sink.into_tree()
}
