//! What holds for every page: no panic, and a text without anything hidden.

use proptest::prelude::*;

use crate::content::{Content, Kind};
use crate::fetch::Fetched;
use crate::{address, charset, links, page};
use visible_text::visible;

/// Parts of pages, from which hostile ones are put together.
const PARTS: [&str; 58] = [
    "<div>",
    "</div>",
    "<p>",
    "</p>",
    "<b>",
    "</b>",
    "<i>",
    "</i>",
    "<a href=x>",
    "<a href='//y/?a|b(c)'>",
    "</a>",
    "<table>",
    "</table>",
    "<tr>",
    "<td>",
    "<th colspan=99999999999>",
    "<td colspan=7>",
    "<caption>",
    "<ul>",
    "</ul>",
    "<ol start=4294967295>",
    "<li>",
    "</li>",
    "<blockquote>",
    "</blockquote>",
    "<pre>",
    "</pre>",
    "<code>",
    "</code>",
    "<h1>",
    "</h1>",
    "<h6>",
    "<dt>",
    "<dd>",
    "<template>",
    "</template>",
    "<svg>",
    "<math>",
    "<select>",
    "<option>",
    "<frameset>",
    "<body hidden>",
    "<main>",
    "</main>",
    "<article>",
    "<nav>",
    "<q>",
    "<sup>",
    "<br>",
    "<hr>",
    "<img alt='*' src=x>",
    "<base href='https://z.example/'>",
    "<!--",
    "-->",
    "<script>",
    "</script>",
    "<plaintext>",
    "\u{202e}\u{200b}\u{e0041}",
];

fn part() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => prop::sample::select(&PARTS[..]).prop_map(str::to_owned),
        2 => "[a-c *_`|#>&;\\[\\]()!~\\\\\n1.-]{1,6}",
        1 => ".{0,4}",
    ]
}

fn fetched(text: &str) -> Fetched {
    let content = Content { kind: Kind::Html, media_type: "text/html".to_owned(), charset: None };
    let url = address::parse("https://example.com/a/b").unwrap();
    Fetched { url, content, text: text.to_owned(), is_cut: false }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_page_makes_it_panic_or_shows_what_is_hidden(parts in prop::collection::vec(part(), 0..120)) {
        let fetched = fetched(&parts.concat());
        let page = page(&fetched, 0, 100_000);
        prop_assert_eq!(visible(&page.text).removed, 0);
        prop_assert!(!page.text.contains("\n\n\n") || page.text.contains("```"), "{:?}", page.text);
        for link in links(&fetched, "", 1000).links {
            prop_assert!(link.url.starts_with("https://") || link.url.starts_with("http://"), "{}", link.url);
            prop_assert_eq!(visible(&link.text).removed, 0);
        }
    }

    #[test]
    fn text_in_is_text_out(text in "[a-c *_`|#>&;<\\[\\]()!~\\\\1.=+-]{0,40}") {
        let escaped = text.replace('&', "&amp;").replace('<', "&lt;");
        let page = page(&fetched(&format!("<p>{escaped}</p>")), 0, 100_000);
        let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
        prop_assert_eq!(unescaped(page.text.trim_end()), words);
    }

    #[test]
    fn any_bytes_are_a_text(bytes in prop::collection::vec(any::<u8>(), 0..200), label in "[a-z0-9-]{0,12}") {
        for charset in [None, Some(label)] {
            charset::decode(&bytes, &Content { kind: Kind::Html, media_type: "text/html".to_owned(), charset });
        }
    }
}

/// Reads a paragraph of escaped text.
fn unescaped(markdown: &str) -> String {
    let (mut text, mut letters) = (String::new(), markdown.chars());
    while let Some(letter) = letters.next() {
        text.push(if letter == '\\' { letters.next().unwrap() } else { letter });
    }
    text
}
