//! Reads the URI prefixes of a plugin's resources: `[resources] uris` in `plugin.toml`.

use toolcell_host::mcp::uri::is_scheme;

use crate::document::Table;
use crate::ui::problem::Result;

/// Reads the table `[resources]`.
///
/// # Errors
/// A text that is not the start of a URI.
pub(crate) fn read(table: &Table<'_>) -> Result<Vec<String>> {
    let uris = table.texts("uris")?.unwrap_or_default();
    let wrong = uris.iter().enumerate().find(|(_, uri)| !has_scheme(uri));
    let Some((at, uri)) = wrong else { return Ok(uris) };
    Err(table
        .wrong(&format!("uris[{at}]"), "is not the start of a URI")
        .found(format!("{uri:?}"))
        .expected("the common prefix of all URIs of the plugin: a scheme, a colon, and the rest")
        .next("write, for example, uris = [\"docs:///\"]"))
}

/// Tells whether a text starts with the scheme of a URI (RFC 3986) and holds only characters that a URI can.
pub(crate) fn has_scheme(uri: &str) -> bool {
    let scheme = uri.split_once(':').map(|(scheme, _)| scheme);
    scheme.is_some_and(is_scheme) && uri.bytes().all(|byte| byte.is_ascii_graphic())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_prefix_starts_with_a_scheme_and_holds_what_a_uri_can() {
        for uri in ["docs:///", "a:", "urn:isbn:", "git+ssh://h/"] {
            assert!(has_scheme(uri), "{uri}");
        }
        for text in ["", ":", "docs", "/docs:", "1a:", "a b:", "docs:///a b", "docs:///\u{e4}", "_:"] {
            assert!(!has_scheme(text), "{text}");
        }
    }
}
