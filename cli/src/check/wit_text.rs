//! Finds documentation in WIT files that WIT readers drop silently.

use std::fs;
use std::path::{Path, PathBuf};

use super::finding::Finding;
use crate::manifest::lint::Lint;

/// Gates may be followed by the item on the same line, by other gates, or by the documentation that is lost.
const GATES: [&str; 3] = ["@since", "@unstable", "@deprecated"];

/// Looks at the author's own files; those in `deps` are somebody else's.
pub(super) fn findings(wit: &Path) -> Vec<Finding> {
    let mut all = Vec::new();
    for file in files(wit) {
        let text = fs::read_to_string(&file).unwrap_or_default();
        let place = |line: usize| format!("{}:{line}", file.display());
        all.extend(scan(&text).into_iter().map(|(line, lost)| lost.finding(place(line))));
    }
    all
}

fn files(wit: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(wit) else { return vec![wit.to_path_buf()] };
    let paths = entries.flatten().map(|entry| entry.path());
    let mut files: Vec<_> =
        paths.filter(|path| path.extension().is_some_and(|ending| ending == "wit")).collect();
    files.sort();
    files
}

/// The lost text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Lost {
    /// Documentation between a gate and its item.
    BehindGate,
    /// Documentation within parentheses: of a parameter.
    InParentheses,
    /// An item behind `@unstable`.
    Unstable,
}

impl Lost {
    fn finding(self, place: String) -> Finding {
        match self {
            Lost::BehindGate => Finding::new(
                Lint::LostDocumentation,
                place,
                "documentation between a gate and its item is lost",
            )
            .next("write it above the gate"),
            Lost::InParentheses => {
                Finding::new(Lint::LostDocumentation, place, "documentation of a parameter is lost")
                    .next("write a line `@param NAME ...` in the function's comment")
            }
            Lost::Unstable => {
                Finding::new(Lint::UnstableItem, place, "an item behind `@unstable` is left out")
            }
        }
    }
}

/// The reader's position.
#[derive(Default)]
struct Reader {
    /// Parentheses that are open.
    open: usize,
    /// True if a gate waits for its item.
    gated: bool,
    /// True if the piece before was documentation, so that the next of it belongs to it.
    documents: bool,
    /// Tells whether a block comment goes on, and whether it documents.
    comment: Option<Comment>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Comment {
    Documentation,
    Remark,
}

/// Finds what is lost, by line from 1; documentation of several lines counts once.
fn scan(text: &str) -> Vec<(usize, Lost)> {
    let mut reader = Reader::default();
    let mut found = Vec::new();
    for (at, line) in text.lines().enumerate() {
        let mut rest = line.trim();
        while !rest.is_empty() {
            let (piece, after) = reader.piece(rest);
            found.extend(reader.read(&piece).map(|lost| (at + 1, lost)));
            rest = after;
        }
    }
    found
}

impl Reader {
    /// Reads a piece; says whether something is lost with it.
    fn read(&mut self, piece: &Piece<'_>) -> Option<Lost> {
        let goes_on = std::mem::replace(&mut self.documents, matches!(piece, Piece::Documentation));
        match piece {
            Piece::Documentation if goes_on => {}
            Piece::Documentation => return self.lost(),
            Piece::Gate("@unstable") => return Some(Lost::Unstable),
            Piece::Gate(_) => self.gated = true,
            Piece::Open => self.open += 1,
            Piece::Close => self.open = self.open.saturating_sub(1),
            Piece::Code if self.open == 0 => self.gated = false,
            Piece::Code | Piece::Remark => {}
        }
        None
    }

    /// Tells how documentation at this place is treated.
    fn lost(&self) -> Option<Lost> {
        match (self.open, self.gated) {
            (0, false) => None,
            (0, true) => Some(Lost::BehindGate),
            _ => Some(Lost::InParentheses),
        }
    }
}

/// The smallest part of a line that matters.
enum Piece<'a> {
    Documentation,
    Remark,
    Gate(&'a str),
    Open,
    Close,
    Code,
}

impl Reader {
    /// Takes the next piece of a line that is not empty, and what is left of the line.
    fn piece<'a>(&mut self, rest: &'a str) -> (Piece<'a>, &'a str) {
        if let Some(comment) = self.comment {
            return self.comment_body(comment, rest);
        }
        if rest.starts_with("///") {
            return (Piece::Documentation, "");
        }
        if rest.starts_with("//") {
            return (Piece::Remark, "");
        }
        if let Some(body) = rest.strip_prefix("/*") {
            let documents = body.starts_with('*') && !body.starts_with("*/");
            let comment = if documents { Comment::Documentation } else { Comment::Remark };
            return self.comment_body(comment, body);
        }
        if let Some(gate) = GATES.into_iter().find(|gate| rest.starts_with(gate)) {
            // What the gate says in parentheses is none of ours.
            let after = rest[gate.len()..].split_once(')').map_or("", |(_, after)| after.trim_start());
            return (Piece::Gate(gate), after);
        }
        let (first, after) = rest.split_at(rest.chars().next().map_or(0, char::len_utf8));
        match first {
            "(" => (Piece::Open, after.trim_start()),
            ")" => (Piece::Close, after.trim_start()),
            _ => (Piece::Code, after.trim_start()),
        }
    }

    fn comment_body<'a>(&mut self, comment: Comment, body: &'a str) -> (Piece<'a>, &'a str) {
        let end = body.split_once("*/");
        self.comment = if end.is_some() { None } else { Some(comment) };
        let piece = match comment {
            Comment::Documentation => Piece::Documentation,
            Comment::Remark => Piece::Remark,
        };
        (piece, end.map_or("", |(_, after)| after.trim_start()))
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use wit_parser::Resolve;

    use super::*;

    const WIT: &str = "package a:b@1.0.0;

/// Kept. (An opening parenthesis, @since and all.)
@since(version = 1.0.0)
interface tools {
  /// Kept.
  @since(version = 1.0.0)
  kept: func(a: u32, b: list<u32>);

  @since(version = 1.0.0)
  /// Lost: line 11.
  /// With more of it.
  @deprecated(version = 1.0.0)
  lost: func();

  @since(version = 1.0.0) inline: func();
  /** Kept, too. */ block: func();

  @since(version = 1.0.0)
  /* a remark */
  /** Lost:
   * line 21. */
  behind: func();

  params: func(
    // a remark
    /// Lost: line 27.
    a: u32, /// Lost: line 28, of b.
    b: u32
  );

  @unstable(feature = x)
  vanished: func();

  record r {
    /// Kept.
    a: u32,
  }
}
";

    #[test]
    fn documentation_is_found_where_it_is_lost_and_nowhere_else() {
        let expected = [
            (11, Lost::BehindGate),
            (21, Lost::BehindGate),
            (27, Lost::InParentheses),
            (28, Lost::InParentheses),
            (32, Lost::Unstable),
        ];
        assert_eq!(scan(WIT), expected);
    }

    /// Once the parser keeps any of it, the finding is wrong and this fails.
    #[test]
    fn the_parser_loses_what_is_reported() {
        let mut resolve = Resolve::default();
        let package = resolve.push_str(Path::new("a.wit"), WIT).unwrap();
        let interface = &resolve.interfaces[resolve.packages[package].interfaces["tools"]];
        assert!(!interface.functions.contains_key("vanished"));
        for (name, function) in &interface.functions {
            assert_eq!(
                function.docs.contents.is_some(),
                ["kept", "block"].contains(&name.as_str()),
                "{name}"
            );
        }
        assert!(interface.docs.contents.is_some());
    }
}
