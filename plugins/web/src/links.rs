//! The links of a page.

use std::collections::HashMap;

use url::Url;

use crate::address;
use crate::exports::samples::web::tools::Link;
use crate::hidden;
use crate::tree::{Step, Tree};
use visible_text::visible;

/// The longest text of a link.
const TEXT_CHARS: usize = 200;

/// Returns the links that people see, each address once, with the first text that is not empty.
pub(crate) fn of(tree: &Tree, base: &Url) -> Vec<Link> {
    let mut links: Vec<Link> = Vec::new();
    let mut places: HashMap<String, usize> = HashMap::new();
    // The link that is open: the parser lets none begin within another.
    let mut open: Option<usize> = None;
    let mut walk = tree.walk(Tree::ROOT);
    while let Some(step) = walk.next() {
        match step {
            Step::Enter(id) if hidden::is_hidden(tree, id) => walk.leave_out(),
            Step::Enter(id) if tree.name(id) == "a" => {
                let url = tree.attribute(id, "href").and_then(|href| target(base, href));
                let place = url.map(|url| place(&mut links, &mut places, url));
                open = place.filter(|&place| links[place].text.is_empty());
            }
            Step::Leave(id) if tree.name(id) == "a" => open = None,
            Step::Enter(id) => {
                let text = tree.text(id).or_else(|| tree.attribute(id, "alt"));
                if let (Some(link), Some(text)) = (open, text) {
                    add(&mut links[link].text, &visible(text).text);
                }
            }
            Step::Leave(_) => {}
        }
    }
    links
}

/// Returns the place of a link in the list, to which it is added if it is new.
fn place(links: &mut Vec<Link>, places: &mut HashMap<String, usize>, url: String) -> usize {
    *places.entry(url.clone()).or_insert_with(|| {
        links.push(Link { url, text: String::new() });
        links.len() - 1
    })
}

/// Returns the address of another page.
fn target(base: &Url, href: &str) -> Option<String> {
    let is_in_page = href.trim().is_empty() || href.trim_start().starts_with('#');
    let mut url = address::join(base, href).filter(|_| !is_in_page)?;
    url.set_fragment(None);
    Some(url.into())
}

/// Adds words to the text of a link.
fn add(link: &mut String, text: &str) {
    for word in text.split_whitespace() {
        if link.chars().count() >= TEXT_CHARS {
            return;
        }
        if !link.is_empty() {
            link.push(' ');
        }
        link.extend(word.chars().take(TEXT_CHARS));
    }
}

#[cfg(test)]
mod tests {
    use super::of;
    use crate::address::parse;
    use crate::tree::Tree;

    fn links(page: &str) -> Vec<(String, String)> {
        let links = of(&Tree::parse(page), &parse("https://example.com/a/").unwrap());
        links.into_iter().map(|link| (link.url, link.text)).collect()
    }

    fn link(url: &str, text: &str) -> (String, String) {
        (url.to_owned(), text.to_owned())
    }

    #[test]
    fn links_are_absolute_and_there_once() {
        let page = "<nav><a href=../>Home</a></nav><a href='b#c'><b>B</b> page</a><a href=b>again</a>\
            <a href=/d><img alt='a picture'></a><a href='https://o.example'>o</a>";
        let expected = [
            link("https://example.com/", "Home"),
            link("https://example.com/a/b", "B page"),
            link("https://example.com/d", "a picture"),
            link("https://o.example/", "o"),
        ];
        assert_eq!(links(page), expected);
    }

    #[test]
    fn what_leads_to_no_page_or_is_hidden_is_left_out() {
        let page = "<a href='#x'>in</a><a href=''>here</a><a href='javascript:x'>js</a><a href='mailto:a@b'>m</a>\
            <a>none</a><a href=b hidden>b</a><div style='display:none'><a href=c>c</a></div>\
            <a href=d>d<span aria-hidden=true>secret</span></a>";
        assert_eq!(links(page), [link("https://example.com/a/d", "d")]);
    }

    #[test]
    fn texts_are_visible_and_not_endless() {
        let page = format!("<a href=b>a\u{202e}b \u{200b} {}</a>", "word ".repeat(1000));
        let found = links(&page);
        assert!(found[0].1.starts_with("ab word") && found[0].1.chars().count() < 450, "{found:?}");
    }
}
