//! The shapes: what people bring, and what they might.

mod engine;
mod import;
mod interface;
mod name;
mod size;
mod value;

use std::fs;

use toolcell_tests::fixture::root;

use super::shape::{Encoding, Shape};

/// Every shape, in the order of the golden file.
pub(crate) fn all() -> Vec<Shape> {
    let parts = [
        value::shapes(),
        name::shapes(),
        size::shapes(),
        interface::shapes(),
        import::shapes(),
        engine::shapes(),
    ];
    let mut shapes: Vec<Shape> = parts.into_iter().flatten().chain(files()).collect();
    shapes.sort_by(|left, right| left.name.cmp(&right.name));
    shapes
}

/// The shapes of `tests/foreign/*.wit`, one a file; `// encoding: NAME` in the first line tells how it is encoded.
fn files() -> Vec<Shape> {
    let entries = fs::read_dir(root().join("tests/foreign")).expect("the corpus is there");
    let files = entries.map(|entry| entry.expect("the corpus can be listed").path());
    let wit = files.filter(|file| file.extension().is_some_and(|ending| ending == "wit"));
    let shape = |file: std::path::PathBuf| {
        let text = fs::read_to_string(&file).expect("WIT is text");
        let name = format!("file {}", file.file_stem().expect("a file has a name").to_string_lossy());
        let encoding = match text.lines().next().and_then(|line| line.strip_prefix("// encoding: ")) {
            None => Encoding::Plain,
            Some("canonical") => Encoding::Canonical,
            Some("unmerged") => Encoding::Unmerged,
            Some("async") => Encoding::Async,
            Some("unstable") => Encoding::Unstable,
            Some(other) => panic!("{}: encoding {other:?}", file.display()),
        };
        Shape::new(name, text).encoded(encoding)
    };
    wit.map(shape).collect()
}
