//! The drawing of the layers in the documentation, compared with the table.

use crate::table::{Layer, Rules};

/// The longest line of a drawing.
const WIDTH: usize = 118;

/// The gap between a layer and the layers that it may import.
const GAP: &str = "  ";

/// Compares a page with the table: in the block that starts with `PACKAGE/src`, every layer has a line that says what it
/// may import, from the top down.
///
/// # Errors
/// The block that the page should have.
pub(crate) fn compare(page: &str, rules: &Rules<'_>) -> Result<(), String> {
    let expected = drawing(rules);
    let title = title(rules);
    let drawn = page.lines().skip_while(|line| !line.starts_with(&title)).take_while(|line| *line != "```");
    if drawn.eq(expected.lines()) {
        return Ok(());
    }
    Err(format!("the block that starts with {title:?} is not what the table says, which is\n{expected}"))
}

/// Compares the map in a crate's documentation with the table. Its blocks name every layer; of two layers that have lines
/// of their own, the one that imports the other stands above it, unless the map says that it does not.
///
/// # Errors
/// Names the layer that the map lacks or draws in the wrong place.
pub(crate) fn check_map(code: &str, rules: &Rules<'_>, raised: &[(&str, &str)]) -> Result<(), String> {
    let page = code.lines().map_while(|line| line.strip_prefix("//!")).map(str::trim);
    let mut is_block = false;
    let (mut lines, mut words): (Vec<&str>, Vec<&str>) = Default::default();
    for line in page {
        is_block ^= line.starts_with("```");
        if is_block {
            let names = line.split(|letter: char| !letter.is_alphanumeric() && letter != '_');
            words.extend(names.filter(|name| !name.is_empty()));
            lines.extend(line.trim_start_matches(['|', '-', '>', ' ']).split([' ', ',']).next());
        }
    }
    for layer in rules.layers.iter().filter(|layer| layer.name != "bin") {
        if !words.contains(&layer.name) {
            return Err(format!("the map does not name {}", layer.name));
        }
        let Some(at) = lines.iter().position(|name| *name == layer.name) else { continue };
        for above in layer.may_import.iter().filter(|name| lines[..at].contains(name)) {
            if !raised.contains(&(above, layer.name)) {
                return Err(format!("the map draws {above} above {}, which may import it", layer.name));
            }
        }
    }
    Ok(())
}

fn title(rules: &Rules<'_>) -> String {
    format!("{}/src ", rules.package)
}

/// Draws the table; long lines go on below.
fn drawing(rules: &Rules<'_>) -> String {
    let title = title(rules);
    let names = rules.layers.iter().map(|layer| layer.name);
    let longest = names.chain([title.trim_end()]).map(str::len).max().unwrap_or_default();
    let line = |layer: &Layer<'_>| {
        let may_import = match layer.may_import {
            [] => "nothing".to_owned(),
            [first, others @ ..] => wrapped(first, others, longest + GAP.len()),
        };
        format!("{:longest$}{GAP}{may_import}\n", layer.name)
    };
    let head = format!("{:longest$}{GAP}may import\n", title.trim_end());
    [head].into_iter().chain(rules.layers.iter().map(line)).collect()
}

/// Writes words with commas between them, in lines that start in one column.
fn wrapped(first: &str, others: &[&str], column: usize) -> String {
    let mut text = first.to_owned();
    let mut length = column + first.len();
    for word in others {
        length += ", ".len() + word.len();
        if length < WIDTH {
            text.push_str(", ");
        } else {
            text.push_str(",\n");
            text.push_str(&" ".repeat(column));
            length = column + word.len();
        }
        text.push_str(word);
    }
    text
}
