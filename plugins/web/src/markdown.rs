//! The main part of a page as Markdown (CommonMark with tables).
//!
//! ```text
//! walk through the tree ─> inline: the text of a paragraph ─> block: paragraphs, with the marks of lists and quotes
//!                                                         └─> table: cells
//! ```
//!
//! What is text on the page is text in Markdown: characters that would mean something else are escaped.

mod block;
mod code;
mod element;
mod escape;
mod inline;
mod table;
#[cfg(test)]
mod tests;

use url::Url;

use crate::hidden;
use crate::main_part::MainPart;
use crate::tree::{Id, Step, Tree};
use block::Blocks;
use inline::{Gap, Inline, Mark};
use table::Table;
use visible_text::visible;

/// The most bytes of Markdown: more than a page has letters, but a page decides how long its links are.
const MOST_BYTES: usize = 2 << 20;

/// The deepest nesting of lists and quotes; what is deeper is written at this depth.
const MOST_FRAMES: usize = 10;

/// The main part of a page.
#[derive(Debug)]
pub(crate) struct Written {
    pub(crate) text: String,
    /// Whether the page has more than could be written.
    pub(crate) is_cut: bool,
    /// The number of hidden characters that were left out.
    pub(crate) hidden: u32,
}

/// What happens where an element ends.
#[derive(Clone, Copy, Debug)]
enum End {
    Block,
    Heading(usize),
    Mark,
    /// A block in bold.
    Term,
    Frame,
    List,
    Cell,
    Caption,
    Row,
    Table,
    Quotation,
}

/// Whether the walk goes into an element.
#[derive(PartialEq)]
enum Way {
    Into,
    Past,
}

/// A list that is open.
struct List {
    /// The number of the next item, if they have numbers.
    number: Option<u32>,
    has_items: bool,
}

struct Writer<'t> {
    tree: &'t Tree,
    base: &'t Url,
    /// Whether headers and footers belong to the content.
    is_marked: bool,
    inline: Inline,
    blocks: Blocks,
    lists: Vec<List>,
    open: Vec<(Id, End)>,
    table: Option<Table>,
    /// Whether a heading is open, which has one line.
    in_heading: bool,
    hidden: u32,
}

/// Writes the main part of a page, with links that are relative to `base`.
pub(crate) fn write(tree: &Tree, part: MainPart, base: &Url) -> Written {
    let mut writer = Writer {
        tree,
        base,
        is_marked: part.is_marked,
        inline: Inline::default(),
        blocks: Blocks::new(MOST_BYTES),
        lists: Vec::new(),
        open: Vec::new(),
        table: None,
        in_heading: false,
        hidden: 0,
    };
    let mut walk = tree.walk(part.start);
    while let Some(step) = walk.next() {
        match step {
            Step::Enter(id) if writer.enter(id) == Way::Past => walk.leave_out(),
            Step::Enter(_) => {}
            Step::Leave(id) => writer.leave(id),
        }
        if writer.bytes() > MOST_BYTES {
            writer.blocks.cut();
            break;
        }
    }
    writer.end_block();
    let (text, is_cut) = writer.blocks.finish();
    Written { text, is_cut, hidden: writer.hidden }
}

impl Writer<'_> {
    fn bytes(&self) -> usize {
        self.blocks.bytes() + self.inline.bytes() + self.table.as_ref().map_or(0, Table::bytes)
    }

    fn enter(&mut self, id: Id) -> Way {
        let tree = self.tree;
        if let Some(text) = tree.text(id) {
            let text = self.visible(text);
            self.inline.text(&text);
            return Way::Into;
        }
        let is_site = !self.is_marked && hidden::is_site(tree, id);
        if hidden::is_hidden(tree, id) || hidden::is_chrome(tree, id) || is_site {
            return Way::Past;
        }
        match tree.name(id) {
            "pre" | "code" | "kbd" | "samp" | "tt" => self.code(id),
            "img" => self.image(id),
            "br" if self.is_flat() => self.inline.gap(Gap::Space),
            "br" => self.inline.gap(Gap::Line),
            "hr" => self.rule(),
            _ => {
                self.begin(id);
                return Way::Into;
            }
        }
        Way::Past
    }

    /// Begins an element that holds others.
    fn begin(&mut self, id: Id) {
        let end = match self.tree.name(id) {
            "h1" | "h2" | "h3" | "h4" | "h5" | "h6" if !self.is_flat() => self.heading(id),
            "strong" | "b" if !self.in_heading => self.mark(Mark::strong()),
            "em" | "i" => self.mark(Mark::emphasis()),
            "del" | "s" | "strike" => self.mark(Mark::deleted()),
            "a" => self.link(id),
            "q" => self.quotation(),
            "sup" => self.superscript(id),
            "ul" | "ol" | "menu" | "dir" => self.list(id),
            "li" => self.item(),
            "blockquote" => self.quote(),
            "dt" => self.term(),
            "table" => self.table(id),
            "tr" if self.table.is_some() => Some(End::Row),
            "td" | "th" if self.table.is_some() => self.cell(),
            "caption" if self.table.is_some() => self.caption(),
            name if is_block(name) => {
                self.end_block();
                Some(End::Block)
            }
            _ => None,
        };
        self.open.extend(end.map(|end| (id, end)));
    }

    fn leave(&mut self, id: Id) {
        let Some((_, end)) = self.open.pop_if(|(open, _)| *open == id) else { return };
        match end {
            End::Block => self.end_block(),
            End::Heading(level) => self.end_heading(level),
            End::Mark => self.inline.close(),
            End::Term => {
                self.end_block();
                self.inline.close();
            }
            End::Frame => {
                self.end_block();
                self.blocks.close();
            }
            End::List => {
                self.end_block();
                self.lists.pop();
            }
            End::Quotation => self.inline.text("\""),
            End::Cell => self.end_cell(id),
            End::Row => self.table.iter_mut().for_each(Table::end_row),
            End::Caption => self.end_paragraph(),
            End::Table => {
                if let Some(text) = self.table.take().and_then(Table::finish) {
                    self.blocks.add(&text);
                }
            }
        }
    }

    /// Tells whether blocks are not possible here: in a cell or heading, they are words in a row.
    fn is_flat(&self) -> bool {
        self.in_heading || self.table.is_some()
    }

    /// Ends a paragraph.
    fn end_block(&mut self) {
        if self.is_flat() {
            self.inline.gap(Gap::Space);
            return;
        }
        self.end_paragraph();
    }

    /// Writes the text so far as a paragraph, if there is any.
    fn end_paragraph(&mut self) {
        let text = self.inline.take();
        if !text.is_empty() {
            self.blocks.add(&escape::lines(&text));
        }
    }

    fn visible(&mut self, text: &str) -> String {
        let seen = visible(text);
        self.hidden = self.hidden.saturating_add(seen.removed);
        seen.text
    }
}

/// Tells whether an element stands on lines of its own.
fn is_block(name: &str) -> bool {
    matches!(
        name,
        "p" | "div"
            | "section"
            | "article"
            | "main"
            | "header"
            | "footer"
            | "aside"
            | "address"
            | "hgroup"
            | "figure"
            | "figcaption"
            | "dl"
            | "dd"
            | "details"
            | "summary"
            | "fieldset"
            | "legend"
            | "form"
            | "center"
            | "body"
            | "html"
            | "dialog"
            | "h1"
            | "h2"
            | "h3"
            | "h4"
            | "h5"
            | "h6"
            | "caption"
            | "thead"
            | "tbody"
            | "tfoot"
            | "tr"
            | "td"
            | "th"
            | "option"
            | "optgroup"
    )
}
