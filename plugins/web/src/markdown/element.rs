//! Elements and what they become: the beginnings that [`Writer::begin`] chooses from, and elements without any text
//! below them.

use super::block::Frame;
use super::inline::{Gap, Mark};
use super::table::{self, Table};
use super::{End, List, MOST_FRAMES, Writer, code, escape};
use crate::address;
use crate::tree::Id;

impl Writer<'_> {
    pub(super) fn heading(&mut self, id: Id) -> Option<End> {
        self.end_block();
        self.in_heading = true;
        let level = self.tree.name(id).as_bytes()[1] - b'0';
        Some(End::Heading(usize::from(level)))
    }

    pub(super) fn end_heading(&mut self, level: usize) {
        let text = self.inline.take();
        self.in_heading = false;
        if !text.is_empty() {
            self.blocks.add(&format!("{} {}", "#".repeat(level), escape::heading(&text)));
        }
    }

    pub(super) fn mark(&mut self, mark: Mark) -> Option<End> {
        self.inline.open(mark).then_some(End::Mark)
    }

    /// Begins a link to another page; one within the page is text.
    pub(super) fn link(&mut self, id: Id) -> Option<End> {
        let href = self.tree.attribute(id, "href")?.trim();
        if href.is_empty() || href.starts_with('#') {
            return None;
        }
        let url = address::join(self.base, href)?;
        self.mark(Mark::link(&url))
    }

    pub(super) fn image(&mut self, id: Id) {
        let alt = self.tree.attribute(id, "alt").unwrap_or_default();
        let alt = self.visible(alt);
        if alt.trim().is_empty() {
            return;
        }
        let source = self.tree.attribute(id, "src").and_then(|source| address::join(self.base, source));
        match source {
            Some(url) => self.inline.image(&alt, &url),
            None => self.inline.text(&alt),
        }
    }

    pub(super) fn quotation(&mut self) -> Option<End> {
        self.inline.text("\"");
        Some(End::Quotation)
    }

    /// Writes `10^6`, but not before the number of a note, which has brackets of its own.
    pub(super) fn superscript(&mut self, id: Id) -> Option<End> {
        let first = self.tree.elements(id).find_map(|id| self.tree.text(id)).unwrap_or_default();
        if first.starts_with(|letter: char| letter.is_alphanumeric() || "+-−".contains(letter)) {
            self.inline.text("^");
        }
        None
    }

    pub(super) fn list(&mut self, id: Id) -> Option<End> {
        self.end_block();
        let is_numbered = self.tree.name(id) == "ol";
        let start = self.tree.attribute(id, "start").and_then(|start| start.trim().parse().ok()).unwrap_or(1);
        self.lists.push(List { number: is_numbered.then_some(start), has_items: false });
        Some(End::List)
    }

    pub(super) fn item(&mut self) -> Option<End> {
        self.end_block();
        let is_inner = self.lists.len() > 1;
        let (mut marker, mut is_tight) = ("- ".to_owned(), false);
        if let Some(list) = self.lists.last_mut() {
            is_tight = list.has_items || is_inner;
            list.has_items = true;
            if let Some(number) = &mut list.number {
                marker = format!("{number}. ");
                *number = number.saturating_add(1);
            }
        }
        self.frame(Frame::Item { marker, is_tight })
    }

    pub(super) fn quote(&mut self) -> Option<End> {
        self.end_block();
        self.frame(Frame::Quote)
    }

    pub(super) fn frame(&mut self, frame: Frame) -> Option<End> {
        let is_possible = !self.is_flat() && self.blocks.depth() < MOST_FRAMES;
        if is_possible {
            self.blocks.open(frame);
        }
        Some(if is_possible { End::Frame } else { End::Block })
    }

    pub(super) fn term(&mut self) -> Option<End> {
        self.end_block();
        Some(if self.inline.open(Mark::strong()) { End::Term } else { End::Block })
    }

    pub(super) fn rule(&mut self) {
        self.end_block();
        if !self.is_flat() {
            self.blocks.add("---");
        }
    }

    /// Writes code as it is: a block for `pre`, otherwise a span.
    pub(super) fn code(&mut self, id: Id) {
        let text = code::text(self.tree, id);
        let text = self.visible(&text);
        if self.tree.name(id) != "pre" || self.is_flat() {
            self.inline.code(&text);
            return;
        }
        self.end_block();
        if !text.trim().is_empty() {
            self.blocks.add(&code::fenced(&text, code::language(self.tree, id)));
        }
    }

    /// Begins a table of data; one that is there for the layout is a block with blocks in it.
    pub(super) fn table(&mut self, id: Id) -> Option<End> {
        self.end_block();
        if self.is_flat() || !table::has_data(self.tree, id) {
            return Some(End::Block);
        }
        self.table = Some(Table::default());
        self.inline.in_table(true);
        Some(End::Table)
    }

    pub(super) fn cell(&mut self) -> Option<End> {
        self.inline.gap(Gap::Space);
        Some(End::Cell)
    }

    pub(super) fn end_cell(&mut self, id: Id) {
        let text = self.inline.take();
        let columns = self.tree.attribute(id, "colspan").and_then(|columns| columns.trim().parse().ok());
        let is_head = self.tree.name(id) == "th";
        self.table.iter_mut().for_each(|table| table.add(text.clone(), columns.unwrap_or(1), is_head));
    }

    pub(super) fn caption(&mut self) -> Option<End> {
        Some(End::Caption)
    }
}
