//! Globals of browsers and Node.js that QuickJS does not have, and what to do without them.

use std::fmt::Write as _;

const FETCH: &str =
    "QuickJS does not have it; use engine = \"starlingmonkey\" and import wasi:http/outgoing-handler";
const SOCKETS: &str = "a plugin has no sockets";
const NODE: &str = "this is not Node.js";
const BROWSER: &str = "this is no browser";
const LOG: &str = "import toolcell:plugin/log";
const RANDOM: &str = "import wasi:random/random, or use engine = \"starlingmonkey\"";
const ENGINE: &str = "QuickJS does not have it; use engine = \"starlingmonkey\"";
const NOWHERE: &str = "no engine has it; use a library";

/// Names, with what is said about each.
const ABSENT: [(&str, &str); 41] = [
    ("fetch", FETCH),
    ("XMLHttpRequest", SOCKETS),
    ("WebSocket", SOCKETS),
    ("EventSource", SOCKETS),
    ("Request", FETCH),
    ("Response", FETCH),
    ("Headers", FETCH),
    ("require", NODE),
    ("process", NODE),
    ("Buffer", NODE),
    ("module", NODE),
    ("exports", NODE),
    ("__dirname", NODE),
    ("__filename", NODE),
    ("global", NODE),
    ("setImmediate", NODE),
    ("window", BROWSER),
    ("document", BROWSER),
    ("navigator", BROWSER),
    ("location", BROWSER),
    ("localStorage", BROWSER),
    ("self", BROWSER),
    ("alert", BROWSER),
    ("console", LOG),
    ("crypto", RANDOM),
    ("setTimeout", ENGINE),
    ("clearTimeout", ENGINE),
    ("setInterval", ENGINE),
    ("clearInterval", ENGINE),
    ("TextEncoder", ENGINE),
    ("TextDecoder", ENGINE),
    ("URL", ENGINE),
    ("URLSearchParams", ENGINE),
    ("structuredClone", ENGINE),
    ("AbortController", ENGINE),
    ("Blob", ENGINE),
    ("ReadableStream", ENGINE),
    ("Event", ENGINE),
    ("EventTarget", ENGINE),
    ("Intl", NOWHERE),
    ("Worker", NOWHERE),
];

/// Explains the global that an engine's message calls not defined.
pub(super) fn explanation(message: &str) -> Option<String> {
    let (before, _) = message.split_once(" is not defined")?;
    let name = before
        .rsplit(|letter: char| !letter.is_ascii_alphanumeric() && letter != '_')
        .find(|it| !it.is_empty())?;
    let (_, text) = ABSENT.iter().find(|(absent, _)| *absent == name)?;
    Some(format!("do without {name}: {text}"))
}

/// The table as an object of JavaScript.
pub(super) fn object() -> String {
    let mut lines = String::new();
    for (name, text) in ABSENT {
        let _ = writeln!(lines, "  {name}: '{text}',");
    }
    format!("{{\n{lines}}}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_of_an_engine_is_explained() {
        let message =
            "Error: Failed to evaluate user JavaScript module: Error: 'fetch' is not defined\n    at f";
        let why = explanation(message);
        assert!(
            why.as_deref().is_some_and(|why| why.starts_with("do without fetch: QuickJS does not have it"))
        );
        assert_eq!(explanation("ReferenceError: total is not defined"), None);
        assert_eq!(explanation("Error: no such file"), None);
    }
}
