//! The way to a page: requests and redirects, until there is a text.

use http_client::{Failure, Request, Response};
use url::Url;

use crate::content::{self, Content};
use crate::error::WebError;
use crate::{address, charset};

/// The most redirects that are followed; browsers follow 20, but here each is a request of the call.
const MOST_REDIRECTS: usize = 5;

/// A page as its host returns it.
#[derive(Debug)]
pub(crate) struct Fetched {
    /// The address after redirects.
    pub(crate) url: Url,
    pub(crate) content: Content,
    pub(crate) text: String,
    /// Whether the page is larger than what was read.
    pub(crate) is_cut: bool,
}

/// Fetches a page with a function that sends one request.
///
/// # Errors
/// The reason why it cannot be read.
pub(crate) fn fetch(
    url: Url,
    send: impl Fn(&Request) -> Result<Response, Failure>,
) -> Result<Fetched, WebError> {
    let first = url.clone();
    let (mut from, mut url) = (None::<Url>, url);
    for _ in 0..=MOST_REDIRECTS {
        let response = send(&address::request(&url)).map_err(|failure| match from.take() {
            None => WebError::Failed { url: url.clone(), failure },
            Some(from) => WebError::Redirect { from, to: url.clone(), failure },
        })?;
        if !is_redirect(response.status) {
            return read(url, &response);
        }
        let next = target(&url, &response)?;
        from = Some(url);
        url = next;
    }
    Err(WebError::Loop { url: first, most: MOST_REDIRECTS })
}

fn is_redirect(status: u16) -> bool {
    matches!(status, 301 | 302 | 303 | 307 | 308)
}

/// Returns the target of a redirect; what was asked for with TLS is not fetched without.
fn target(url: &Url, response: &Response) -> Result<Url, WebError> {
    let location = response.header("location").unwrap_or_default();
    let target = address::join(url, location).filter(|_| !location.is_empty());
    let is_as_secure = |target: &Url| target.scheme() == "https" || url.scheme() == "http";
    let mut target = target
        .filter(is_as_secure)
        .ok_or_else(|| WebError::Lost { url: url.clone(), location: location.chars().take(200).collect() })?;
    target.set_fragment(None);
    Ok(target)
}

fn read(url: Url, response: &Response) -> Result<Fetched, WebError> {
    if !(200..300).contains(&response.status) {
        let retry_after = response.header("retry-after").and_then(after);
        return Err(WebError::Status { url, status: response.status, retry_after });
    }
    let coding = response.header("content-encoding").unwrap_or("identity");
    if !coding.eq_ignore_ascii_case("identity") {
        return Err(WebError::Compressed { url, coding: coding.chars().take(50).collect() });
    }
    match content::of(response.header("content-type"), &response.body) {
        Ok(content) => {
            let text = charset::decode(&response.body, &content);
            Ok(Fetched { url, content, text, is_cut: response.is_cut })
        }
        Err(media_type) => Err(WebError::Media { url, media_type }),
    }
}

/// Reads `retry-after`: seconds or a date.
fn after(value: &str) -> Option<String> {
    let value = value.trim();
    match value.parse::<u32>() {
        Ok(seconds) => Some(format!("{seconds} s")),
        Err(_) if value.is_ascii() && (1..40).contains(&value.len()) => Some(value.to_owned()),
        Err(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use http_client::{Failure, Response};

    use super::{Fetched, MOST_REDIRECTS, WebError, fetch};
    use crate::address::parse;

    fn response(status: u16, headers: &[(&str, &str)], body: &str) -> Response {
        let headers = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        Response { status, headers, body: body.as_bytes().to_vec(), is_cut: false }
    }

    fn answered(response: Response) -> Result<Fetched, WebError> {
        fetch(parse("https://a.example/").unwrap(), |_| Ok(response.clone()))
    }

    /// Fetches `https://a.example/` where each page leads to the next of these addresses; returns what was asked for.
    fn redirected(locations: &[&str]) -> (Result<Fetched, WebError>, Vec<String>) {
        let asked = RefCell::new(Vec::new());
        let fetched = fetch(parse("https://a.example/").unwrap(), |request| {
            let mut asked = asked.borrow_mut();
            asked.push(format!("{}{}", request.authority, request.path));
            Ok(match locations.get(asked.len() - 1) {
                Some(location) => response(302, &[("location", location)], ""),
                None => response(200, &[("content-type", "text/plain")], "there"),
            })
        });
        (fetched, asked.into_inner())
    }

    #[test]
    fn redirects_are_followed_with_requests_of_their_own() {
        let (fetched, asked) = redirected(&["/b", "https://c.example/d#e"]);
        let fetched = fetched.unwrap();
        assert_eq!((fetched.url.as_str(), fetched.text.as_str()), ("https://c.example/d", "there"));
        assert_eq!(asked, ["a.example/", "a.example/b", "c.example/d"]);
    }

    #[test]
    fn redirects_end() {
        let (fetched, asked) = redirected(&["/"; 50]);
        assert!(matches!(fetched, Err(WebError::Loop { .. })), "{fetched:?}");
        assert_eq!(asked.len(), MOST_REDIRECTS + 1);
        assert!(redirected(&["/"; MOST_REDIRECTS]).0.is_ok());
    }

    #[test]
    fn a_redirect_to_something_else_is_not_followed() {
        for location in
            ["http://a.example/", "javascript:x", "file:///etc/passwd", "", "https://u:p@a.example/"]
        {
            let (fetched, asked) = redirected(&[location]);
            assert!(matches!(fetched, Err(WebError::Lost { .. })), "{location}: {fetched:?}");
            assert_eq!(asked.len(), 1);
        }
    }

    #[test]
    fn a_redirect_that_is_refused_says_where_it_leads() {
        let fetched =
            fetch(parse("https://a.example/").unwrap(), |request| match request.authority.as_str() {
                "a.example" => Ok(response(301, &[("location", "https://b.example/c")], "")),
                _ => Err(Failure::Denied),
            });
        let error = fetched.unwrap_err().to_string();
        assert!(
            error.starts_with("https://a.example/ leads to https://b.example/c, which cannot be read"),
            "{error}"
        );
    }

    #[test]
    fn a_status_says_what_it_means() {
        let error = |status, headers: &[_]| answered(response(status, headers, "")).unwrap_err().to_string();
        assert!(error(404, &[]).ends_with("status 404, which means that there is no such page"));
        assert!(error(503, &[("retry-after", "120")]).ends_with("fails at present; try again after 120 s"));
        assert!(error(429, &[("retry-after", "x\u{7f}y\u{e4}")]).ends_with("asked too often"));
        assert!(error(403, &[]).contains("does not show this page to everybody"));
    }

    #[test]
    fn what_is_not_a_text_is_told() {
        let error = answered(response(200, &[("content-type", "application/pdf")], "%PDF")).unwrap_err();
        let expected = "https://a.example/ is application/pdf: only HTML and other texts can be read";
        assert_eq!(error.to_string(), expected);
        let error = answered(response(200, &[("content-encoding", "gzip")], "")).unwrap_err();
        assert!(error.to_string().contains("compressed (gzip)"), "{error}");
    }
}
