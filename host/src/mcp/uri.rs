//! The one thing that every URI in MCP shares: a scheme.

/// Tells whether `text` is the scheme of a URI (RFC 3986, section 3.1).
pub fn is_scheme(text: &str) -> bool {
    text.starts_with(|first: char| first.is_ascii_alphabetic())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte))
}
