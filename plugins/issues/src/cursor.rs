//! Pages of lists: where the tracker says the next one is, and how a client asks for it.
//!
//! The tracker names the next page by its whole address. A client gets only the parameter that makes the difference, and
//! its text is checked when it comes back, so that it cannot lead a request elsewhere.

use crate::error::IssueError;

/// The parameters that name a page.
const NAMES: [&str; 2] = ["page", "after"];

/// The longest value of such a parameter.
const MAX_BYTES: usize = 256;

/// Returns the cursor of the page that a `link` header names as the next one.
pub(crate) fn next(link: &str) -> Option<String> {
    let next = link.split(',').find_map(|link| {
        let (address, relations) = link.trim().strip_prefix('<')?.split_once('>')?;
        let is_next =
            relations.split(';').any(|relation| matches!(relation.trim(), "rel=\"next\"" | "rel=next"));
        is_next.then_some(address)
    })?;
    let (_, query) = next.split_once('?')?;
    let mut parameters = query.split('&');
    parameters.find(|parameter| is_cursor(parameter)).map(str::to_owned)
}

/// Returns the parameter of a page for the end of a query, or nothing for the first page.
///
/// # Errors
/// [`IssueError::Cursor`].
pub(crate) fn parameter(after: Option<&str>) -> Result<String, IssueError> {
    match after {
        None => Ok(String::new()),
        Some(cursor) if is_cursor(cursor) => Ok(format!("&{cursor}")),
        Some(_) => Err(IssueError::Cursor),
    }
}

/// Tells whether a text is a parameter that names a page.
fn is_cursor(text: &str) -> bool {
    let Some((name, value)) = text.split_once('=') else { return false };
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.~%=+/:".contains(&byte);
    NAMES.contains(&name) && (1..=MAX_BYTES).contains(&value.len()) && value.bytes().all(is_plain)
}

#[cfg(test)]
mod tests {
    use super::{IssueError, next, parameter};

    #[test]
    fn the_next_page_is_found_among_the_links() {
        let link = "<https://api.example/x?per_page=2&page=1>; rel=\"prev\", \
            <https://api.example/x?per_page=2&page=3>; rel=\"next\", <https://api.example/x?page=9>; rel=\"last\"";
        assert_eq!(next(link).as_deref(), Some("page=3"));
        assert_eq!(
            next("<https://a/?after=Y3Vy%3D%3D&b=c>; x=y; rel=next").as_deref(),
            Some("after=Y3Vy%3D%3D")
        );
        for link in [
            "",
            "<https://a/?page=2>; rel=\"last\"",
            "<https://a/>; rel=next",
            "nonsense",
            "<?page=>;rel=next",
        ] {
            assert_eq!(next(link), None, "{link}");
        }
    }

    #[test]
    fn a_cursor_is_a_page_and_nothing_else() {
        assert_eq!(parameter(None), Ok(String::new()));
        assert_eq!(parameter(Some("page=3")), Ok("&page=3".to_owned()));
        for cursor in ["", "3", "page=", "page=1&state=all", "q=x", "page=1#", "page=a b", "page=\u{e4}"] {
            assert_eq!(parameter(Some(cursor)), Err(IssueError::Cursor), "{cursor}");
        }
        assert!(parameter(Some(&format!("page={}", "1".repeat(257)))).is_err());
    }
}
