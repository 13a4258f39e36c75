//! Trees of pages, good and bad.

use super::{DEEPEST, Id, MOST_NODES, Step, Tree};

/// Writes a tree as nested names and quoted texts.
fn shown(tree: &Tree) -> String {
    let mut text = String::new();
    for step in tree.walk(Tree::ROOT) {
        match step {
            Step::Enter(id) => match tree.text(id) {
                Some(own) => text += &format!("{own:?} "),
                None => text += &format!("{}( ", tree.name(id)),
            },
            Step::Leave(id) if tree.text(id).is_none() => text += ") ",
            Step::Leave(_) => {}
        }
    }
    text
}

fn depth(tree: &Tree, id: Id) -> usize {
    std::iter::successors(Some(id), |&id| tree.parent(id)).count()
}

#[test]
fn a_page_becomes_a_tree_as_in_a_browser() {
    let tree = Tree::parse("<!doctype html><title>T</title><p>one<p>two <b>three</p>four</b>");
    let expected = "( html( head( title( \"T\" ) ) body( p( \"one\" ) p( \"two \" b( \"three\" ) ) \
        b( \"four\" ) ) ) ) ";
    assert_eq!(shown(&tree), expected);
    let tree = Tree::parse("<table>a<tr><td>b</table><template><p>hidden</template>");
    let expected =
        "( html( head( ) body( \"a\" table( tbody( tr( td( \"b\" ) ) ) ) template( p( \"hidden\" ) ) ) ) ) ";
    assert_eq!(shown(&tree), expected);
}

#[test]
fn attributes_are_those_of_the_element() {
    let tree = Tree::parse("<html lang=en><body><html lang=de class=c><a href='x' HREF=y>z</a>");
    let html = tree.find("html").unwrap();
    assert_eq!((tree.attribute(html, "lang"), tree.attribute(html, "class")), (Some("en"), Some("c")));
    assert_eq!(tree.attribute(tree.find("a").unwrap(), "href"), Some("x"));
    assert_eq!(tree.attribute(Tree::ROOT, "href"), None);
}

#[test]
fn a_walk_can_leave_out_what_is_below() {
    let tree = Tree::parse("<p>one</p><nav>two<i>three</i></nav><p>four</p>");
    let (mut walk, mut texts) = (tree.walk(Tree::ROOT), Vec::new());
    while let Some(step) = walk.next() {
        if let Step::Enter(id) = step {
            texts.extend(tree.text(id));
            if tree.name(id) == "nav" {
                walk.leave_out();
            }
        }
    }
    assert_eq!(texts, ["one", "four"]);
}

#[test]
fn a_tree_is_at_most_so_deep() {
    for tag in ["<div>", "<b>", "<table><tr><td>", "<ul><li>", "<p><span>", "<svg>", "<a>", "<blockquote>"] {
        let tree = Tree::parse(&tag.repeat(4000));
        let deepest = tree.elements(Tree::ROOT).map(|id| depth(&tree, id)).max().unwrap();
        assert!(deepest <= usize::from(DEEPEST) + 10, "{tag}: {deepest}");
    }
    let tree = Tree::parse(&"<div>".repeat(4000));
    assert!(tree.is_cut());
    assert!(!Tree::parse(&format!("{}text", "<div>".repeat(400))).is_cut());
}

#[test]
fn a_tree_has_at_most_so_many_nodes() {
    let tree = Tree::parse(&"<br>".repeat(MOST_NODES + 10));
    assert!(tree.is_cut() && tree.nodes.len() <= MOST_NODES + 1, "{}", tree.nodes.len());
    // Elements that are opened again in each paragraph: 300 times 3,000 nodes from 20 KB.
    let bold: String = (0..300).map(|number| format!("<b id={number}>")).collect();
    let tree = Tree::parse(&format!("<p>{bold}</p>{}", "<p>x</p>".repeat(3000)));
    assert!(tree.is_cut() && tree.nodes.len() < MOST_NODES + 1000, "{}", tree.nodes.len());
}
