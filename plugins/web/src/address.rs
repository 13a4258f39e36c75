//! Addresses of pages: which of them can be read, and how they become requests.

use http_client::{Method, Request, Scheme};
use url::Url;

use crate::error::WebError;

/// The longest address of a link that is worth its place in a text.
const MAX_LINK_CHARS: usize = 1000;

/// Reads the address of a page, without the part behind `#`.
///
/// # Errors
/// [`WebError::Address`].
pub(crate) fn parse(text: &str) -> Result<Url, WebError> {
    let refused = |why| WebError::Address { text: text.to_owned(), why };
    let mut url = Url::parse(text.trim()).map_err(|_| refused("write a whole address with https://"))?;
    if !is_web(&url) {
        return Err(refused("only addresses with https:// and http:// can be read"));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(refused("leave out the user name and password"));
    }
    url.set_fragment(None);
    Ok(url)
}

/// Reads the target of a link or a redirect. Returns `None` if it is not a page of the web.
pub(crate) fn join(base: &Url, reference: &str) -> Option<Url> {
    let url = base.join(reference.trim()).ok()?;
    let is_plain = url.username().is_empty() && url.password().is_none();
    (is_web(&url) && is_plain && url.as_str().len() <= MAX_LINK_CHARS).then_some(url)
}

/// Makes the request for a page.
pub(crate) fn request(url: &Url) -> Request {
    let query = url.query().map(|query| format!("?{query}")).unwrap_or_default();
    let port = url.port().map(|port| format!(":{port}")).unwrap_or_default();
    Request {
        method: Method::Get,
        scheme: if url.scheme() == "http" { Scheme::Http } else { Scheme::Https },
        authority: format!("{}{port}", url.host_str().unwrap_or_default()),
        path: format!("{}{query}", url.path()),
        headers: vec![
            ("accept", "text/html, application/xhtml+xml, text/*;q=0.9, */*;q=0.1".to_owned()),
            ("accept-encoding", "identity".to_owned()),
            ("user-agent", concat!("toolcell-web/", env!("CARGO_PKG_VERSION")).to_owned()),
        ],
        body: None,
    }
}

fn is_web(url: &Url) -> bool {
    ["https", "http"].contains(&url.scheme()) && url.host_str().is_some()
}

#[cfg(test)]
mod tests {
    use super::{join, parse, request};

    #[test]
    fn an_address_becomes_a_request() {
        let request = request(&parse(" https://Example.com:8443/a b?c=d#e ").unwrap());
        assert_eq!((request.authority.as_str(), request.path.as_str()), ("example.com:8443", "/a%20b?c=d"));
        assert_eq!(super::request(&parse("https://example.com:443").unwrap()).authority, "example.com");
        assert_eq!(
            super::request(&parse("https://bücher.example/").unwrap()).authority,
            "xn--bcher-kva.example"
        );
    }

    #[test]
    fn what_is_no_page_is_refused_with_what_to_write() {
        for (text, expected) in [
            ("example.com", "write a whole address"),
            ("", "write a whole address"),
            ("https://", "write a whole address"),
            ("file:///etc/passwd", "only addresses with https://"),
            ("ftp://example.com/", "only addresses with https://"),
            ("https://me:secret@example.com/", "leave out the user name"),
        ] {
            let error = parse(text).unwrap_err().to_string();
            assert!(error.contains(expected), "{text}: {error}");
        }
    }

    #[test]
    fn links_are_relative_to_their_page() {
        let base = parse("https://example.com/a/b?c").unwrap();
        let joined = |reference| join(&base, reference).map(|url| url.to_string());
        assert_eq!(joined("d").as_deref(), Some("https://example.com/a/d"));
        assert_eq!(joined(" //other.example/ ").as_deref(), Some("https://other.example/"));
        assert_eq!(joined("?e").as_deref(), Some("https://example.com/a/b?e"));
        let long = "x".repeat(2000);
        for reference in
            ["javascript:alert(1)", "mailto:a@b.example", "data:,x", "https://a:b@c.example/", &long]
        {
            assert_eq!(joined(reference), None, "{reference}");
        }
    }
}
