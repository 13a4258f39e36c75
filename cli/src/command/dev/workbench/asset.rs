//! The files of the page, as they are in the repository.

use bytes::Bytes;

const HTML: &str = "text/html; charset=utf-8";
const CSS: &str = "text/css; charset=utf-8";
const JAVASCRIPT: &str = "text/javascript; charset=utf-8";

/// The place of the token in the page.
const TOKEN: &str = "{token}";

const PAGE: &str = include_str!("page/index.html");

/// The other files, by path.
const FILES: [(&str, &str, &str); 9] = [
    ("/dev/style.css", CSS, include_str!("page/style.css")),
    ("/dev/app.js", JAVASCRIPT, include_str!("page/app.js")),
    ("/dev/dom.js", JAVASCRIPT, include_str!("page/dom.js")),
    ("/dev/form.js", JAVASCRIPT, include_str!("page/form.js")),
    ("/dev/json.js", JAVASCRIPT, include_str!("page/json.js")),
    ("/dev/mcp.js", JAVASCRIPT, include_str!("page/mcp.js")),
    ("/dev/question.js", JAVASCRIPT, include_str!("page/question.js")),
    ("/dev/result.js", JAVASCRIPT, include_str!("page/result.js")),
    ("/dev/server.js", JAVASCRIPT, include_str!("page/server.js")),
];

/// Returns type and bytes of a file; the page holds `token`.
pub(super) fn find(path: &str, token: &str) -> Option<(&'static str, Bytes)> {
    if path == super::PATH {
        return Some((HTML, Bytes::from(PAGE.replace(TOKEN, token))));
    }
    let (_, kind, text) = FILES.iter().find(|(name, ..)| *name == path)?;
    Some((kind, Bytes::from_static(text.as_bytes())))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The most bytes of the whole page, so that it stays small.
    const MOST_BYTES: usize = 80 << 10;

    #[test]
    fn the_page_is_small_and_has_its_token_once() {
        let bytes: usize = PAGE.len() + FILES.iter().map(|(_, _, text)| text.len()).sum::<usize>();
        assert!(bytes <= MOST_BYTES, "{bytes} bytes");
        let (kind, page) = find("/dev", "0123").unwrap();
        let page = std::str::from_utf8(&page).unwrap();
        assert_eq!((kind, page.matches("0123").count(), page.contains(TOKEN)), (HTML, 1, false));
        assert!(find("/dev/", "0123").is_none() && find("/dev/index.html", "0123").is_none());
    }

    #[test]
    fn nothing_on_the_page_is_inline_or_made_of_markup() {
        for text in ["<style", " style=", " onclick=", "javascript:"] {
            assert!(!PAGE.contains(text), "{text}");
        }
        assert!(PAGE.matches("<script").count() == PAGE.matches("<script type=\"module\" src=").count());
        for (path, _, text) in FILES {
            for maker in
                ["innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", ".style."]
            {
                assert!(!text.contains(maker), "{path}: {maker}");
            }
        }
    }
}
