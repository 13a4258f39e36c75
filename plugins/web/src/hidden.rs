//! Parts of a page that people do not see, and parts that are not its content.

use crate::tree::{Id, Tree};

/// Elements that show nothing, or nothing that is text.
const NO_TEXT: [&str; 24] = [
    "script", "style", "noscript", "template", "head", "title", "iframe", "frame", "noframes", "object",
    "embed", "applet", "canvas", "svg", "audio", "video", "map", "select", "datalist", "textarea", "input",
    "button", "progress", "meter",
];

/// Elements that lead through a site.
const CHROME: [&str; 3] = ["nav", "menu", "search"];

/// Roles of such elements.
const CHROME_ROLES: [&str; 7] =
    ["navigation", "banner", "contentinfo", "search", "menu", "menubar", "toolbar"];

/// Elements that are part of a site where they are not part of an article.
const SITE: [&str; 3] = ["header", "footer", "aside"];

/// Declarations in `style` that hide an element.
const HIDING: [&str; 7] = [
    "display:none",
    "visibility:hidden",
    "visibility:collapse",
    "opacity:0;",
    "font-size:0;",
    "font-size:0px",
    "content-visibility:hidden",
];

/// Tells whether people do not see an element and what is in it.
pub(crate) fn is_hidden(tree: &Tree, id: Id) -> bool {
    let name = tree.name(id);
    if name.is_empty() {
        return false;
    }
    let is_closed = name == "dialog" && tree.attribute(id, "open").is_none();
    NO_TEXT.contains(&name)
        || is_closed
        || tree.attribute(id, "hidden").is_some()
        || tree.attribute(id, "aria-hidden").is_some_and(|value| value.trim().eq_ignore_ascii_case("true"))
        || tree.attribute(id, "style").is_some_and(hides)
}

/// Tells whether an element leads through the site.
pub(crate) fn is_chrome(tree: &Tree, id: Id) -> bool {
    CHROME.contains(&tree.name(id))
        || tree.attribute(id, "role").is_some_and(|role| CHROME_ROLES.contains(&role))
}

/// Tells whether an element is part of the site if it is not part of an article.
pub(crate) fn is_site(tree: &Tree, id: Id) -> bool {
    let is_beside = || tree.attribute(id, "role") == Some("complementary");
    SITE.contains(&tree.name(id)) || is_beside()
}

/// Tells whether a `style` hides its element.
fn hides(style: &str) -> bool {
    let mut plain: String = style.chars().filter(|letter| !letter.is_whitespace()).collect();
    plain.make_ascii_lowercase();
    plain = plain.replace("!important", "");
    plain.push(';');
    HIDING.iter().any(|declaration| plain.contains(declaration))
}

#[cfg(test)]
mod tests {
    use super::{hides, is_chrome, is_hidden};
    use crate::tree::Tree;

    #[test]
    fn styles_that_hide_are_known() {
        for style in [
            "display:none",
            "color: red; DISPLAY : None !important",
            "opacity: 0",
            "font-size:0",
            "visibility: hidden;",
        ] {
            assert!(hides(style), "{style}");
        }
        for style in ["", "display:block", "opacity:0.5", "font-size:0.9em", "opacity: 01"] {
            assert!(!hides(style), "{style}");
        }
    }

    #[test]
    fn elements_are_hidden_by_name_attribute_or_style() {
        for element in [
            "<p hidden>",
            "<p hidden=until-found>",
            "<p aria-hidden=TRUE>",
            "<p style='display:none'>",
            "<script>",
            "<noscript>",
            "<dialog>",
            "<svg>",
            "<textarea>",
        ] {
            let tree = Tree::parse(element);
            let body = tree.find("body");
            let id = tree.elements(Tree::ROOT).filter(|&id| tree.name(id) != "head" && Some(id) != body);
            assert!(id.into_iter().any(|id| is_hidden(&tree, id)), "{element}");
        }
        let tree = Tree::parse("<dialog open><p aria-hidden=false>");
        assert!(["dialog", "p"].iter().all(|name| !is_hidden(&tree, tree.find(name).unwrap())));
    }

    #[test]
    fn what_leads_through_a_site_is_known() {
        for element in ["<nav>", "<div role=navigation>", "<div role=banner>", "<menu>"] {
            let tree = Tree::parse(element);
            assert!(tree.elements(Tree::ROOT).any(|id| is_chrome(&tree, id)), "{element}");
        }
        let tree = Tree::parse("<div role=main><article>");
        assert!(!tree.elements(Tree::ROOT).any(|id| is_chrome(&tree, id)));
    }
}
