//! Reads the files of a WIT package, without the comments that document nothing.
//!
//! `wit-parser` takes every comment for documentation, a note such as `// TODO` too, and documentation steers models.
//! So plain comments are blanked out before it reads the files. Lines and columns stay the same.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use wit_parser::{PackageId, Resolve, SourceMap, UnresolvedPackageGroup};

/// Adds the package in a directory, with those in its `deps`, or in one file, as [`Resolve::push_path`] does.
pub(super) fn push(resolve: &mut Resolve, path: &Path) -> Result<PackageId> {
    if !path.is_dir() {
        return match is_encoded(path) {
            true => resolve.push_file(path),
            false => {
                let package = parse(resolve, &[path.to_path_buf()])?;
                Ok(resolve.push_group(package)?)
            }
        };
    }
    let main = parse(resolve, &wit_files(path)?)?;
    let deps = path.join("deps");
    let packages = if deps.exists() { dependencies(resolve, &deps)? } else { Vec::new() };
    Ok(resolve.push_groups(main, packages)?)
}

fn dependencies(resolve: &mut Resolve, deps: &Path) -> Result<Vec<UnresolvedPackageGroup>> {
    let mut packages = Vec::new();
    for path in entries(deps)? {
        if path.is_dir() {
            packages.push(parse(resolve, &wit_files(&path)?)?);
        } else if is_encoded(&path) {
            resolve.push_file(&path)?;
        } else if has_extension(&path, "wit") {
            packages.push(parse(resolve, &[path])?);
        }
    }
    Ok(packages)
}

/// Parses the files of one package.
fn parse(resolve: &mut Resolve, files: &[PathBuf]) -> Result<UnresolvedPackageGroup> {
    let mut sources = SourceMap::default();
    for file in files {
        let text =
            fs::read_to_string(file).with_context(|| format!("failed to read file {}", file.display()))?;
        sources.push(file, without_remarks(&text));
    }
    sources.parse().map_err(|(sources, error)| {
        // Places in the error count from the start of these sources: nothing else is in the map before the first
        // package is complete.
        resolve.push_source_map(sources);
        error.into()
    })
}

fn wit_files(directory: &Path) -> Result<Vec<PathBuf>> {
    let files = entries(directory)?.into_iter();
    Ok(files.filter(|path| has_extension(path, "wit") && !path.is_dir()).collect())
}

/// Lists a directory, sorted by name.
fn entries(directory: &Path) -> Result<Vec<PathBuf>> {
    let unreadable = || format!("failed to read directory {}", directory.display());
    let entries = fs::read_dir(directory).with_context(unreadable)?;
    let mut paths =
        entries.map(|entry| Ok(entry?.path())).collect::<Result<Vec<_>>>().with_context(unreadable)?;
    paths.sort();
    Ok(paths)
}

fn has_extension(path: &Path, extension: &str) -> bool {
    path.extension().is_some_and(|ending| ending == extension)
}

/// Tells whether a file is a package in binary form, which holds documentation alone.
fn is_encoded(path: &Path) -> bool {
    has_extension(path, "wasm") || has_extension(path, "wat")
}

/// Blanks out the comments other than `/// ...` and `/** ... */`.
fn without_remarks(text: &str) -> String {
    let mut kept = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find(['/', '"']) {
        kept.push_str(&rest[..start]);
        rest = &rest[start..];
        let length = piece(rest);
        let (piece, after) = rest.split_at(length);
        match is_remark(piece) {
            true => kept.extend(piece.chars().flat_map(blank)),
            false => kept.push_str(piece),
        }
        rest = after;
    }
    kept.push_str(rest);
    kept
}

/// Returns the size of the comment, string or character at the start of `text`, in bytes.
fn piece(text: &str) -> usize {
    if text.starts_with("//") {
        text.find('\n').unwrap_or(text.len())
    } else if text.starts_with("/*") {
        block(text)
    } else if text.starts_with('"') {
        string(text)
    } else {
        1
    }
}

/// Returns the size of the block comment at the start of `text`: blocks nest.
fn block(text: &str) -> usize {
    let (mut depth, mut place) = (0_usize, 0);
    while let Some(mark) = text.as_bytes().get(place..place + 2) {
        match mark {
            b"/*" => depth += 1,
            b"*/" => depth -= 1,
            _ => {
                place += 1;
                continue;
            }
        }
        place += 2;
        if depth == 0 {
            return place;
        }
    }
    text.len()
}

fn string(text: &str) -> usize {
    let mut escaped = true; // the opening quote
    for (place, letter) in text.char_indices() {
        match letter {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return place + 1,
            _ => {}
        }
    }
    text.len()
}

/// Tells whether a piece is a comment that documents nothing. As in Rust, a line of more than three slashes and an empty
/// block document nothing either.
fn is_remark(piece: &str) -> bool {
    let documents = piece.starts_with("///") && !piece.starts_with("////")
        || piece.starts_with("/**") && !piece.starts_with("/***") && piece.len() > "/**/".len();
    (piece.starts_with("//") || piece.starts_with("/*")) && !documents
}

/// As many spaces as a character has bytes; ends of lines stay.
fn blank(character: char) -> impl Iterator<Item = char> {
    let (blank, count) = match character {
        '\n' | '\r' => (character, 1),
        other => (' ', other.len_utf8()),
    };
    std::iter::repeat_n(blank, count)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn documentation_stays_and_remarks_become_blanks_of_the_same_size() {
        for (text, expected) in [
            ("/// Docs.\nf: func();", "/// Docs.\nf: func();"),
            ("/** Docs. */ f: func();", "/** Docs. */ f: func();"),
            ("// TODO: ä\nf: func(); // key", "           \nf: func();       "),
            ("//// rule\n/// Docs.", "         \n/// Docs."),
            ("/* a\r\n/* b */ c */f", "    \r\n            f"),
            ("/**/f /***/g /*** x */h", "    f      g          h"),
            (
                "@external-id(\"https://a.example // \\\" /* \") // b",
                "@external-id(\"https://a.example // \\\" /* \")     ",
            ),
            ("a/b // c", "a/b     "),
            ("/* open", "       "),
            ("\"open // ", "\"open // "),
        ] {
            assert_eq!(without_remarks(text), expected, "{text}");
            assert_eq!(without_remarks(text).len(), text.len());
        }
    }
}
