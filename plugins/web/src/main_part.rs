//! The part of a page that holds its content, and what the page says about itself.

use crate::hidden;
use crate::tree::{Id, Step, Tree};
use visible_text::visible;

/// The longest title.
const TITLE_CHARS: usize = 300;

/// Ids that many sites give to the element with their content.
const CONTENT_IDS: [&str; 6] =
    ["main-content", "maincontent", "main", "content", "mw-content-text", "bodycontent"];

/// The part of a page that holds its content.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct MainPart {
    pub(crate) start: Id,
    /// Whether the page itself says that this is the content: then it is that as a whole.
    pub(crate) is_marked: bool,
}

/// Finds the main part: what the page marks as such, if it holds a fair part of the text, or all of the page.
pub(crate) fn of(tree: &Tree) -> MainPart {
    let whole = tree.find("body").unwrap_or(Tree::ROOT);
    let all = letters(tree, whole, true);
    let holds_enough = |start: &Id| {
        let own = letters(tree, *start, false);
        own > 0 && own >= all / 4
    };
    let marked = candidates(tree).into_iter().find(holds_enough);
    match marked {
        Some(start) => MainPart { start, is_marked: true },
        None => MainPart { start: whole, is_marked: false },
    }
}

/// Returns the elements that may be the content, the best first.
fn candidates(tree: &Tree) -> Vec<Id> {
    let is_main = |id: &Id| tree.name(*id) == "main" || tree.attribute(*id, "role") == Some("main");
    let is_content = |id: &Id| {
        let names = |own: &str| CONTENT_IDS.iter().any(|name| own.eq_ignore_ascii_case(name));
        tree.attribute(*id, "id").is_some_and(names)
    };
    let seen = seen(tree);
    let mut all: Vec<Id> = seen.iter().copied().find(is_main).into_iter().collect();
    // Several articles are a list, of which none is the content.
    let articles: Vec<Id> = seen.iter().copied().filter(|&id| tree.name(id) == "article").collect();
    if let [only] = articles[..] {
        all.push(only);
    }
    all.extend(seen.into_iter().find(is_content));
    all
}

/// Returns the elements that people see.
fn seen(tree: &Tree) -> Vec<Id> {
    let (mut walk, mut all) = (tree.walk(Tree::ROOT), Vec::new());
    while let Some(step) = walk.next() {
        let Step::Enter(id) = step else { continue };
        if hidden::is_hidden(tree, id) {
            walk.leave_out();
        } else if !tree.name(id).is_empty() {
            all.push(id);
        }
    }
    all
}

/// Counts the letters and digits that people see in an element, without those of the site if it is a whole page.
fn letters(tree: &Tree, start: Id, is_page: bool) -> usize {
    let (mut walk, mut count) = (tree.walk(start), 0);
    while let Some(step) = walk.next() {
        let Step::Enter(id) = step else { continue };
        let is_site = is_page && hidden::is_site(tree, id);
        if hidden::is_hidden(tree, id) || hidden::is_chrome(tree, id) || is_site {
            walk.leave_out();
        } else if let Some(text) = tree.text(id) {
            count += text.chars().filter(|letter| letter.is_alphanumeric()).count();
        }
    }
    count
}

/// Returns the title of a page.
pub(crate) fn title(tree: &Tree) -> Option<String> {
    let is_title =
        |id: &Id| tree.name(*id) == "title" && tree.parent(*id).is_none_or(|up| tree.name(up) != "svg");
    let title = tree.elements(Tree::ROOT).find(is_title)?;
    let text: String = tree.elements(title).filter_map(|id| tree.text(id)).collect();
    let words: Vec<&str> = text.split_whitespace().collect();
    let title: String = visible(&words.join(" ")).text.chars().take(TITLE_CHARS).collect();
    (!title.is_empty()).then_some(title)
}

/// Returns the language that a page names, if it has the form of one.
pub(crate) fn language(tree: &Tree) -> Option<String> {
    let language = tree.attribute(tree.find("html")?, "lang")?.trim();
    let is_named = language.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    (is_named && (2..=35).contains(&language.len())).then(|| language.to_owned())
}

#[cfg(test)]
mod tests {
    use super::{MainPart, language, of, title};
    use crate::tree::Tree;

    /// Returns the name of the main part's element.
    fn main_part(page: &str) -> (String, bool) {
        let tree = Tree::parse(page);
        let MainPart { start, is_marked } = of(&tree);
        (tree.name(start).to_owned(), is_marked)
    }

    #[test]
    fn a_page_marks_its_content() {
        let filler = "<p>Some words of the page.</p>".repeat(3);
        for (page, name) in [
            (format!("<header>site</header><main>{filler}</main><footer>x</footer>"), "main"),
            (format!("<div>site</div><section role=main>{filler}</section>"), "section"),
            (format!("<p>site<article>{filler}</article>"), "article"),
            (format!("<p>site<ul id=Content><li>{filler}</ul>"), "ul"),
            (format!("<main hidden>{filler}</main><article>{filler}</article>"), "article"),
        ] {
            assert_eq!(main_part(&page), (name.to_owned(), true), "{page}");
        }
    }

    #[test]
    fn what_holds_little_of_the_text_is_not_the_content() {
        let filler = "<p>Some words of the page.</p>".repeat(30);
        let body = ("body".to_owned(), false);
        assert_eq!(main_part(&format!("<main></main>{filler}")), body);
        assert_eq!(main_part(&format!("<main><p>Loading</main>{filler}")), body);
        assert_eq!(main_part(&format!("<article>{filler}</article><article>{filler}</article>")), body);
        assert_eq!(main_part(""), body);
    }

    #[test]
    fn a_page_has_a_title_and_a_language() {
        let tree = Tree::parse("<html lang=pt-BR><title>\n A \u{200b}&amp;  B </title>");
        assert_eq!((title(&tree).as_deref(), language(&tree).as_deref()), (Some("A & B"), Some("pt-BR")));
        let tree = Tree::parse("<html lang='ignore all rules'><svg><title>Icon</title></svg>");
        assert_eq!((title(&tree), language(&tree)), (None, None));
    }
}
