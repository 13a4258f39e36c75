//! `path` in `[http]`: where a front end puts the server.

use crate::document::Table;
use crate::ui::problem::Result;

const KEY: &str = "path";

/// The longest path, in characters.
const MAX_CHARS: usize = 200;

/// The first parts of paths that the server has itself, wherever it is.
const OWN: [&str; 4] = ["mcp", "healthz", "dev", ".well-known"];

/// Reads the path; returns an empty one if none is set.
pub(super) fn read(table: &Table<'_>) -> Result<String> {
    let Some(path) = table.text(KEY)? else { return Ok(String::new()) };
    let wrong = |wrong: &str, expected: &str| {
        Err(table
            .wrong(KEY, wrong)
            .found(format!("{path:?}"))
            .expected(expected)
            .next("write, for example, path = \"/tools\", and connect clients to /tools/mcp"))
    };
    if !is_path(&path) {
        return wrong(
            "is not a path that a server can be put below",
            "`/` and a name, more of them if need be, without `/` at the end; names of A-Z a-z 0-9 _ - . ~",
        );
    }
    let first = path[1..].split('/').next().unwrap_or_default();
    if OWN.contains(&first) {
        return wrong(
            "is a path that the server has itself",
            "another name than mcp, healthz, dev and .well-known",
        );
    }
    Ok(path)
}

fn is_path(path: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"_-.~".contains(&byte);
    let is_name = |name: &str| !matches!(name, "" | "." | "..") && name.bytes().all(is_plain);
    path.len() <= MAX_CHARS && path.strip_prefix('/').is_some_and(|names| names.split('/').all(is_name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_of_whole_names() {
        for path in ["/tools", "/a/b-c_d.e~", "/v1.0", "/..."] {
            assert!(is_path(path), "{path}");
        }
        let long = format!("/{}", "a".repeat(MAX_CHARS));
        for path in [
            "", "/", "tools", "/tools/", "//a", "/a//b", "/a/..", "/./a", "/a b", "/a%20", "/ä", "/a?b",
            &long,
        ] {
            assert!(!is_path(path), "{path}");
        }
    }
}
