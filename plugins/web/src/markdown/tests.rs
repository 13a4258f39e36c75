//! Pages and the Markdown that they become.

use super::{MOST_BYTES, Written, write};
use crate::address::parse;
use crate::main_part;
use crate::tree::Tree;

fn written(page: &str) -> Written {
    let tree = Tree::parse(page);
    write(&tree, main_part::of(&tree), &parse("https://example.com/a/").unwrap())
}

#[track_caller]
fn expect(page: &str, expected: &str) {
    let written = written(page);
    assert_eq!((written.text.as_str(), written.is_cut), (expected, false), "{page}");
}

#[test]
fn headings_paragraphs_and_rules() {
    expect(
        "<h1>One</h1><p>a\n b<br>c</p>d<hr><h3>T <b>w</b>o</h3>",
        "# One\n\na b\nc\n\nd\n\n---\n\n### T wo\n",
    );
    expect("<div><div>a</div>b</div><section></section><p> </p>", "a\n\nb\n");
    expect("<h2>C#</h2><p># no heading", "## C\\#\n\n\\# no heading\n");
    expect("<h2><p>a</p><ul><li>b</ul><br></h2>c", "## a b\n\nc\n");
}

#[test]
fn emphasis_has_no_space_inside() {
    expect("a<b> b </b>c", "a **b** c\n");
    expect("<b>a</b><strong>b</strong> <i>c</i><del>d</del><b></b><i> </i>e", "**ab** *c*~~d~~ e\n");
    expect("<b>a<b>b</b></b> <em>c<strong>d</strong></em>", "**ab** *c**d***\n");
    expect("<b><p>a</p><p>b</p></b>c", "**a**\n\n**b**\n\nc\n");
    expect("<b>a<br></b>b", "**a**\nb\n");
    expect("a * b_c **d**", "a \\* b_c \\*\\*d\\*\\*\n");
}

#[test]
fn links_are_absolute() {
    expect("<a href=b?c#d>x [y]</a>", "[x \\[y\\]](https://example.com/a/b?c#d)\n");
    expect("<a href='/w_(x)'>y</a>", "[y](https://example.com/w_%28x%29)\n");
    expect("<a href=#x>a</a> <a href='javascript:x'>b</a> <a>c</a> <a href=d></a>e", "a b c e\n");
    expect("Hi!<a href=b>c</a>", "Hi\\![c](https://example.com/a/b)\n");
    let card = "[a](https://example.com/b)";
    expect("<a href=/b><h2>a</h2><p>a</p></a>", &format!("## {card}\n\n{card}\n"));
}

#[test]
fn images_are_described() {
    expect("<img alt='a  [b]' src=c.png>", "![a \\[b\\]](https://example.com/a/c.png)\n");
    expect("<img alt=a src='data:image/png;base64,AA'><img src=b.png><img alt='' src=c.png>", "a\n");
    expect("<a href=/b><img alt=c src=/d></a>", "[![c](https://example.com/d)](https://example.com/b)\n");
}

#[test]
fn code_is_left_as_it_is() {
    expect("a <code> b*  c </code>.", "a `b* c`.\n");
    expect("<code>`</code> <code>a``b</code> <code></code>", "`` ` `` ```a``b```\n");
    expect("<pre>\n  a\n\n  *b*</pre>", "```\n  a\n\n  *b*\n```\n");
    expect(
        "<pre class='x language-rust'><code>fn <b>f</b>()<br>{}\n</code></pre>",
        "```rust\nfn f()\n{}\n```\n",
    );
    expect("<pre><code class=lang-c++>```\nx</code></pre>", "````c++\n```\nx\n````\n");
    expect("<pre> </pre>a", "a\n");
}

#[test]
fn lists_are_nested() {
    expect("a<ul><li>b<li><p>c</p><ul><li>d</ul><li></li></ul>e", "a\n\n- b\n- c\n  - d\n\ne\n");
    expect("<ol start=9><li>a<li>b<p>c</p></ol>", "9. a\n10. b\n\n    c\n");
    expect("<ul><li><pre>a\nb</pre></ul>", "- ```\n  a\n  b\n  ```\n");
    expect("<ul>a<li>b</ul><li>c", "a\n\n- b\n\n- c\n");
    expect("<p>- a<p>1. b", "\\- a\n\n1\\. b\n");
}

#[test]
fn quotes_hold_blocks() {
    expect("<blockquote><p>a<p>b<ul><li>c</ul></blockquote>d", "> a\n>\n> b\n>\n> - c\n\nd\n");
    expect("<blockquote>a</blockquote><blockquote>b</blockquote>", "> a\n\n> b\n");
    expect("<q>a</q> 10<sup>-6</sup> note<sup>[1]</sup>", "\"a\" 10^-6 note\\[1\\]\n");
    expect("<dl><dt>a<dd>b</dl>", "**a**\n\nb\n");
}

#[test]
fn tables_of_data_are_tables() {
    let head = "<table><caption>T</caption><thead><tr><th>a<th>b|c</thead>";
    expect(
        &format!("{head}<tr><td>1<br>2<td><ul><li>x<li>y</ul><tr><td colspan=2>z</table>w"),
        "T\n\n| a | b\\|c |\n| --- | --- |\n| 1 2 | x y |\n| z |  |\n\nw\n",
    );
    expect(
        "<table><tr><th>a<td>`|`<tr><td><td><tr><td>c<td>d</table>",
        "|  |  |\n| --- | --- |\n| a | \\`\\|\\` |\n| c | d |\n",
    );
    expect(
        "<table><tr><td>a<td><code>b|c</code><tr><td>d</table>",
        "|  |  |\n| --- | --- |\n| a | `b\\|c` |\n| d |  |\n",
    );
}

#[test]
fn tables_for_the_layout_are_blocks() {
    expect("<table><tr><td>a<td>b</table>", "a\n\nb\n");
    expect("<table><tr><td><h2>a</h2><td>b<tr><td>c<td>d</table>", "## a\n\nb\n\nc\n\nd\n");
    expect("<table role=presentation><tr><td>a<td>b<tr><td>c<td>d</table>", "a\n\nb\n\nc\n\nd\n");
    let inner = "<table><tr><td>a<td>b<tr><td>c<td>d</table>";
    let expected = "|  |  |\n| --- | --- |\n| a | b |\n| c | d |\n\ne\n";
    expect(&format!("<table><tr><td>{inner}<td>e<tr><td><td></table>"), expected);
}

#[test]
fn what_is_not_content_is_left_out() {
    expect(
        "<nav>n</nav><header>h</header><script>s</script><style>t</style><p>a<!-- c --></p><footer>f",
        "a\n",
    );
    expect("<main><header>h</header><nav>n</nav><aside>a</aside></main><footer>f", "h\n\na\n");
    expect("<p>a<span hidden>b</span><span style='display: none'>c</span><noscript>d</noscript>e", "ae\n");
    expect("<body aria-hidden=true><p>a", "");
}

#[test]
fn hidden_characters_are_counted() {
    let page =
        "<p>a\u{202e}b&#8203;c<img alt='d\u{200b}' src=e><code>f\u{e0041}</code></p><pre>\u{feff}g</pre>";
    let written = written(page);
    assert_eq!(written.hidden, 5);
    assert!(written.text.starts_with("abc![d]"), "{}", written.text);
    // What is hidden does not hide the mark behind it.
    expect("<p>&#8203;# a", "\\# a\n");
}

#[test]
fn nesting_has_an_end() {
    let deep = format!("{}a", "<ul><li>".repeat(100));
    let written = written(&deep);
    assert_eq!(written.text.lines().last().unwrap().trim_start().trim_start_matches("- "), "a");
    let quotes = format!("{}a\n", "<blockquote>".repeat(200));
    assert!(self::written(&quotes).text.len() < 40);
}

#[test]
fn a_text_has_a_largest_size() {
    let links = format!("<base href=x><p>{}", format!("<a href='{}'>b</a>", "x".repeat(900)).repeat(5000));
    let long = written(&links);
    assert!(long.is_cut && long.text.len() < MOST_BYTES + 10_000, "{}", long.text.len());
    let lines = format!("{}<pre>{}</pre>", "<ul><li>".repeat(10), "a\n".repeat(300_000));
    let long = written(&lines);
    assert!(long.is_cut && long.text.len() < MOST_BYTES + 10_000, "{}", long.text.len());
}
