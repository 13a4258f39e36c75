//! Documentation of WIT as every language can hold it in a comment.
//!
//! WIT in text form may have tabs and single carriage returns, WIT in binary form any character. Zig takes neither in a
//! comment, Rust no single carriage return, Go no byte order mark, and C continues a comment after a backslash at the
//! end of its line.

use wit_parser::{Docs, Resolve, TypeDefKind, WorldItem};

/// The width of a tab.
const TAB: &str = "    ";

/// Starts or turns the direction of text, which would show a comment in another order than a compiler reads it.
const DIRECTIONS: [char; 9] = [
    '\u{202a}', '\u{202b}', '\u{202c}', '\u{202d}', '\u{202e}', '\u{2066}', '\u{2067}', '\u{2068}',
    '\u{2069}',
];

/// Cleans the documentation of every item.
pub(super) fn clean(resolve: &mut Resolve) {
    for (_, package) in resolve.packages.iter_mut() {
        clean_one(&mut package.docs);
    }
    for (_, world) in resolve.worlds.iter_mut() {
        clean_one(&mut world.docs);
        for item in world.imports.values_mut().chain(world.exports.values_mut()) {
            match item {
                WorldItem::Function(function) => clean_one(&mut function.docs),
                WorldItem::Interface { docs, .. } => clean_one(docs),
                WorldItem::Type { .. } => {}
            }
        }
    }
    for (_, interface) in resolve.interfaces.iter_mut() {
        clean_one(&mut interface.docs);
        interface.functions.values_mut().for_each(|function| clean_one(&mut function.docs));
    }
    for (_, ty) in resolve.types.iter_mut() {
        clean_one(&mut ty.docs);
        clean_parts(&mut ty.kind);
    }
}

fn clean_parts(kind: &mut TypeDefKind) {
    match kind {
        TypeDefKind::Record(record) => record.fields.iter_mut().for_each(|field| clean_one(&mut field.docs)),
        TypeDefKind::Variant(variant) => variant.cases.iter_mut().for_each(|case| clean_one(&mut case.docs)),
        TypeDefKind::Enum(all) => all.cases.iter_mut().for_each(|case| clean_one(&mut case.docs)),
        TypeDefKind::Flags(flags) => flags.flags.iter_mut().for_each(|flag| clean_one(&mut flag.docs)),
        _ => {}
    }
}

fn clean_one(docs: &mut Docs) {
    if let Some(text) = &mut docs.contents {
        *text = cleaned(text);
    }
}

fn cleaned(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for letter in text.replace("\r\n", "\n").chars() {
        match letter {
            '\t' => shown.push_str(TAB),
            '\r' | '\u{b}' | '\u{c}' | '\u{85}' | '\u{2028}' | '\u{2029}' => shown.push('\n'),
            '\n' => shown.push(letter),
            '\u{feff}' => {}
            letter if letter.is_control() || DIRECTIONS.contains(&letter) => {}
            letter => shown.push(letter),
        }
    }
    let lines: Vec<String> = shown.lines().map(harmless).collect();
    lines.join("\n")
}

/// A line that means nothing to a compiler. C goes on with the next line after a backslash, which older C also writes as
/// `??/`, and gofmt turns `+build` into a condition of the whole file.
fn harmless(line: &str) -> String {
    let line = line.trim_end();
    if line.ends_with('\\') || line.ends_with("??/") {
        format!("{line}.")
    } else if line.trim_start().starts_with("+build") {
        format!("`{}`", line.trim_start())
    } else {
        line.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn characters_that_no_comment_can_hold_are_replaced() {
        for (text, expected) in [
            ("plain, ä and \u{1f600}", "plain, ä and \u{1f600}"),
            ("\ta\tb", "    a    b"),
            ("a\r\nb\rc\u{2028}d\u{2029}e\u{85}f\u{c}g", "a\nb\nc\nd\ne\nf\ng"),
            ("nul \0, escape \u{1b}, \u{feff}mark and \u{202e}turned", "nul , escape , mark and turned"),
            ("C:\\\nthen\\ \nor ??/\n\\ within", "C:\\.\nthen\\.\nor ??/.\n\\ within"),
            (" +build ignore\nnot +build", "`+build ignore`\nnot +build"),
        ] {
            assert_eq!(cleaned(text), expected);
        }
    }

    #[test]
    fn every_item_is_cleaned() {
        let wit = "
            /// a\tb
            package a:b;
            /// a\tb
            interface tools {
              /// a\tb
              record r {
                /// a\tb
                f: u8 }
              /// a\tb
              variant v {
                /// a\tb
                c }
              /// a\tb
              enum e {
                /// a\tb
                c }
              /// a\tb
              flags g {
                /// a\tb
                f }
              /// a\tb
              get: func();
            }
            /// a\tb
            world w {
              /// a\tb
              import ask: func();
              /// a\tb
              export inner: interface { }
              /// a\tb
              export tools;
              /// a\tb
              type t = u8;
            }
        ";
        let mut resolve = Resolve::default();
        resolve.push_str("world.wit", wit).unwrap();
        let count = |resolve: &Resolve| format!("{resolve:?}").matches("Some(\"a\\tb\")").count();
        assert!(count(&resolve) > 12, "{resolve:#?}");
        clean(&mut resolve);
        assert_eq!(count(&resolve), 0, "{resolve:#?}");
    }
}
