//! Names of WIT in JavaScript.

/// Words that no declaration may be called.
const RESERVED: &[&str] = &[
    "arguments",
    "await",
    "break",
    "case",
    "catch",
    "class",
    "const",
    "continue",
    "debugger",
    "default",
    "delete",
    "do",
    "else",
    "enum",
    "eval",
    "export",
    "extends",
    "false",
    "finally",
    "for",
    "function",
    "if",
    "implements",
    "import",
    "in",
    "instanceof",
    "interface",
    "let",
    "new",
    "null",
    "package",
    "private",
    "protected",
    "public",
    "return",
    "static",
    "super",
    "switch",
    "this",
    "throw",
    "true",
    "try",
    "typeof",
    "var",
    "void",
    "while",
    "with",
    "yield",
];

/// `max-length` as `maxLength`: functions, parameters, fields and flags.
pub(super) fn camel(name: &str) -> String {
    let mut words = name.split('-');
    let first = words.next().unwrap_or_default().to_lowercase();
    words.fold(first, |name, word| name + &capital(word))
}

/// `split-error` as `SplitError`: types. One that declarations have from JavaScript gets a `_` behind it.
pub(super) fn type_name(name: &str) -> String {
    let name: String = name.split('-').map(capital).collect();
    let is_global = name == "Map" || name == "Promise" || name.ends_with("Array");
    if is_global { name + "_" } else { name }
}

/// The same for something that is declared: a word that JavaScript keeps for itself gets a `_` behind it.
pub(super) fn declared(name: &str) -> String {
    let name = camel(name);
    if is_reserved(&name) { name + "_" } else { name }
}

/// Tells whether JavaScript keeps a word for itself.
pub(super) fn is_reserved(name: &str) -> bool {
    RESERVED.contains(&name)
}

fn capital(word: &str) -> String {
    let lower = word.to_lowercase();
    let mut letters = lower.chars();
    letters.next().map(|first| first.to_ascii_uppercase().to_string() + letters.as_str()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_spelled_as_both_engines_spell_them() {
        assert_eq!(camel("max-length"), "maxLength");
        assert_eq!(camel("HTTP-url"), "httpUrl");
        assert_eq!(type_name("split-error"), "SplitError");
        assert_eq!(type_name("promise"), "Promise_");
        assert_eq!(camel("b0"), "b0");
    }

    #[test]
    fn a_declaration_is_never_called_what_javascript_keeps_for_itself() {
        assert_eq!(declared("delete"), "delete_");
        assert_eq!(declared("delete-all"), "deleteAll");
    }
}
