//! URIs of pages: `docs:///` and the path, with percent-encoding.

/// The prefix of every page's URI.
const PREFIX: &str = "docs:///";

/// The URI of the page at `path`.
pub(crate) fn of(path: &str) -> String {
    let mut uri = PREFIX.to_owned();
    for byte in path.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => {
                uri.push(byte.into())
            }
            _ => uri.push_str(&format!("%{byte:02X}")),
        }
    }
    uri
}

/// The path that a URI names; nothing where it is no URI of a page.
pub(crate) fn path(uri: &str) -> Option<String> {
    let mut bytes = uri.strip_prefix(PREFIX)?.bytes();
    let mut path = Vec::new();
    while let Some(byte) = bytes.next() {
        path.push(if byte == b'%' { 16 * digit(bytes.next()?)? + digit(bytes.next()?)? } else { byte });
    }
    String::from_utf8(path).ok()
}

/// The value of a hexadecimal digit.
fn digit(byte: u8) -> Option<u8> {
    char::from(byte).to_digit(16).map(|value| value as u8)
}

#[cfg(test)]
mod tests {
    use super::{of, path};

    #[test]
    fn a_path_comes_back_from_its_uri() {
        for name in ["index.md", "guides/backup.md", "a b/50% ü.md"] {
            assert_eq!(path(&of(name)).as_deref(), Some(name));
        }
        assert_eq!(of("a b.md"), "docs:///a%20b.md");
    }

    #[test]
    fn a_uri_that_is_malformed_or_another_ones_names_nothing() {
        for uri in ["docs:///%4", "docs:///%zz.md", "docs:///%ff.md", "file:///index.md", "docs:index.md"] {
            assert_eq!(path(uri), None, "{uri}");
        }
    }
}
