//! Writes and reads names and values as forms and queries have them.

use toolcell_host::percent::{self, encoded};

/// Writes pairs in the form `a=1&b=2`.
pub(super) fn written(pairs: &[(&str, &str)]) -> String {
    let pair = |(name, value): &(&str, &str)| format!("{}={}", encoded(name), encoded(value));
    pairs.iter().map(pair).collect::<Vec<_>>().join("&")
}

/// Returns the value of a name in a query; the first one, if there are several.
pub(super) fn value(query: &str, name: &str) -> Option<String> {
    let pairs = query.split('&').filter_map(|pair| pair.split_once('='));
    pairs.into_iter().find(|(key, _)| *key == name).map(|(_, value)| decoded(value))
}

/// Reads a value as forms have it: a plus sign is a space, and what is malformed stays as it is.
fn decoded(text: &str) -> String {
    String::from_utf8_lossy(&percent::decoded(text.replace('+', " "))).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_query_is_read_as_it_was_written() {
        let text = "a b&c=d%Ü+/";
        let query = written(&[("x", "1"), ("state", text), ("state", "second")]);
        assert_eq!(value(&query, "state").as_deref(), Some(text));
        assert_eq!(value("code=a+b%2", "code").as_deref(), Some("a b%2"));
        assert_eq!(value(&query, "code"), None);
    }
}
