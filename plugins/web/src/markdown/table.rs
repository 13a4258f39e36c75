//! Tables of data.

use crate::tree::{Id, Tree};

/// The most columns of a table.
const MOST_COLUMNS: usize = 64;

/// Tells whether a table holds data: several rows and columns, and nothing that a cell in Markdown cannot hold.
pub(super) fn has_data(tree: &Tree, start: Id) -> bool {
    if matches!(tree.attribute(start, "role"), Some("presentation" | "none")) {
        return false;
    }
    let (mut rows, mut columns, mut most_columns) = (0, 0, 0);
    for id in tree.elements(start).skip(1) {
        match tree.name(id) {
            "table" | "pre" | "h1" | "h2" | "h3" | "h4" | "h5" | "h6" => return false,
            "tr" => (rows, columns) = (rows + 1, 0),
            "td" | "th" => {
                columns += 1;
                most_columns = columns.max(most_columns);
            }
            _ => {}
        }
    }
    rows > 1 && most_columns > 1
}

/// A table while its cells come.
#[derive(Debug, Default)]
pub(super) struct Table {
    rows: Vec<Row>,
    row: Row,
    bytes: usize,
}

#[derive(Debug, Default)]
struct Row {
    cells: Vec<String>,
    /// Whether every cell is a heading.
    is_head: bool,
}

impl Table {
    pub(super) fn bytes(&self) -> usize {
        self.bytes
    }

    /// Adds a cell that is this many columns wide.
    pub(super) fn add(&mut self, text: String, columns: usize, is_head: bool) {
        let cells = &mut self.row.cells;
        self.row.is_head = is_head && (self.row.is_head || cells.is_empty());
        let room = MOST_COLUMNS.saturating_sub(cells.len());
        let columns = columns.clamp(1, MOST_COLUMNS).min(room);
        self.bytes += text.len() + 3 * columns;
        cells.extend((0..columns).map(|column| if column == 0 { text.clone() } else { String::new() }));
    }

    pub(super) fn end_row(&mut self) {
        let row = std::mem::take(&mut self.row);
        if row.cells.iter().any(|cell| !cell.is_empty()) {
            self.rows.push(row);
        }
    }

    /// Writes the table; none if there is nothing in it. Without a row of headings, they are empty.
    pub(super) fn finish(self) -> Option<String> {
        let columns = self.rows.iter().map(|row| row.cells.len()).max()?;
        let mut rows = self.rows.into_iter().peekable();
        let head = rows.next_if(|row| row.is_head).unwrap_or_default();
        let rule = Row { cells: vec!["---".to_owned(); columns], is_head: false };
        let all = [head, rule].into_iter().chain(rows).map(|row| line(row, columns));
        Some(all.collect::<Vec<_>>().join("\n"))
    }
}

fn line(row: Row, columns: usize) -> String {
    let mut cells = row.cells;
    cells.resize(columns, String::new());
    format!("| {} |", cells.join(" | "))
}
