//! Names of WIT in Zig's spelling: `TitleCase` types, `camelCase` functions, `snake_case` for everything else.

use wit_parser::{Function, FunctionKind};

/// Words of the language.
const KEYWORDS: [&str; 46] = [
    "addrspace",
    "align",
    "allowzero",
    "and",
    "anyframe",
    "anytype",
    "asm",
    "break",
    "callconv",
    "catch",
    "comptime",
    "const",
    "continue",
    "defer",
    "else",
    "enum",
    "errdefer",
    "error",
    "export",
    "extern",
    "fn",
    "for",
    "if",
    "inline",
    "noalias",
    "noinline",
    "nosuspend",
    "opaque",
    "or",
    "orelse",
    "packed",
    "pub",
    "resume",
    "return",
    "linksection",
    "struct",
    "suspend",
    "switch",
    "test",
    "threadlocal",
    "try",
    "union",
    "unreachable",
    "var",
    "volatile",
    "while",
];

/// Names that stand for a type or a value everywhere, beside those of numbers.
const PRIMITIVES: [&str; 24] = [
    "anyerror",
    "anyopaque",
    "bool",
    "c_char",
    "c_int",
    "c_long",
    "c_longdouble",
    "c_longlong",
    "c_short",
    "c_uint",
    "c_ulong",
    "c_ulonglong",
    "c_ushort",
    "comptime_float",
    "comptime_int",
    "false",
    "isize",
    "noreturn",
    "null",
    "true",
    "type",
    "undefined",
    "usize",
    "void",
];

/// A type.
pub(super) fn title(name: &str) -> String {
    escape(name.split('-').map(capital).collect())
}

/// A function.
pub(super) fn camel(name: &str) -> String {
    let mut words = name.split('-');
    let first = words.next().unwrap_or_default().to_ascii_lowercase();
    escape(first + &words.map(capital).collect::<String>())
}

/// Returns the name of a function. A constructor has none in WIT; other functions of a resource leave `init` to it, and
/// `drop` to the function that gives the handle back.
pub(super) fn function(function: &Function) -> String {
    let name = camel(function.item_name());
    match function.kind {
        FunctionKind::Constructor(_) => "init".to_owned(),
        FunctionKind::Method(_) | FunctionKind::Static(_) if ["init", "drop"].contains(&name.as_str()) => {
            name + "_"
        }
        _ => name,
    }
}

/// A field, case, parameter or namespace.
pub(super) fn snake(name: &str) -> String {
    escape(name.replace('-', "_").to_ascii_lowercase())
}

/// A name that Zig takes as one whatever is in it.
pub(super) fn quoted(name: &str) -> String {
    format!("@\"{name}\"")
}

fn capital(word: &str) -> String {
    let word = word.to_ascii_lowercase();
    let (first, rest) = word.split_at(1.min(word.len()));
    first.to_ascii_uppercase() + rest
}

fn escape(name: String) -> String {
    let is_taken =
        KEYWORDS.contains(&name.as_str()) || PRIMITIVES.contains(&name.as_str()) || is_number_type(&name);
    if is_taken { quoted(&name) } else { name }
}

/// `u8`, `i65535`, `f64`: Zig keeps all of these.
fn is_number_type(name: &str) -> bool {
    let digits = name.trim_start_matches(|c: char| c.is_ascii_alphabetic());
    name.len() == digits.len() + 1 && name.starts_with(['u', 'i', 'f']) && digits.parse::<u32>().is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_name_has_the_spelling_that_zig_readers_expect() {
        assert_eq!(title("split-error"), "SplitError");
        assert_eq!(camel("split-bill"), "splitBill");
        assert_eq!(snake("max-length"), "max_length");
        assert_eq!(camel("URL-of"), "urlOf");
    }

    #[test]
    fn words_of_the_language_are_quoted() {
        for word in ["error", "while", "type", "u8", "i65535", "f64"] {
            assert_eq!(snake(word), format!("@\"{word}\""));
        }
        assert_eq!(snake("c-int"), "@\"c_int\"");
        for word in ["self", "default", "u", "b0", "u8x"] {
            assert_eq!(snake(word), word);
        }
    }
}
