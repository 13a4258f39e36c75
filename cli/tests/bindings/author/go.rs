//! Go, from the calls in `component/main.go`.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use super::read;

/// A module that uses the bindings.
pub(super) const MODULE: &str = "module example/awkward

go 1.25

require wit v0.0.0

replace wit => ./target/toolcell/bindings
";

pub(super) fn author(bindings: &Path) -> Vec<(String, String)> {
    let main = read(&bindings.join("component/main.go"));
    let mut paths = BTreeMap::new();
    let mut packages = BTreeMap::<&str, String>::new();
    for line in main.lines().map(str::trim) {
        if let Some((name, path)) = line.split_once(" \"example/awkward") {
            paths.insert(name, path.trim_matches(['/', '"']));
        }
        let called =
            paths.iter().find_map(|(name, path)| Some((line.split_once(&format!("{name}."))?, *path)));
        let Some(((before, call), path)) = called else { continue };
        let (name, arguments) = call.split_once('(').unwrap();
        packages.entry(path).or_default().push_str(&function(name, arguments, returned(before)));
    }
    let mut imported = String::from("package used\n\nimport (\n");
    for entry in fs::read_dir(bindings).unwrap().map(Result::unwrap).filter(|entry| entry.path().is_dir()) {
        let name = entry.file_name().into_string().unwrap();
        if !["internal", "component"].contains(&name.as_str()) {
            imported += &format!("\t_ \"wit/{name}\"\n");
        }
    }
    let mut files = vec![("used/used.go".to_owned(), imported + ")\n")];
    for (path, functions) in packages {
        let package = path.rsplit('/').next().filter(|name| !name.is_empty()).unwrap_or("awkward");
        let folder = if path.is_empty() { String::new() } else { format!("{path}/") };
        files.push((
            format!("{folder}author.go"),
            format!("package {package}\n\nimport _ \"example/awkward/used\"\n\n{functions}"),
        ));
    }
    files
}

/// Returns the result and body of a Go function, chosen by the text in front of its call: Go returns a WIT result as a
/// value and an error.
fn returned(before: &str) -> &str {
    match (before.split_once("ResultOf["), before.contains("Outcome["), before.contains(":= ")) {
        (Some(_), _, _) => "(uint32, error) { return 7, nil }",
        (None, true, _) => "error { return nil }",
        (None, false, true) => "uint32 { return 7 }",
        (None, false, false) => "{}",
    }
}

/// A function that takes whatever it is called with.
fn function(name: &str, arguments: &str, returned: &str) -> String {
    let count = count(arguments);
    let each = |text: &dyn Fn(usize) -> String| (0..count).map(text).collect::<Vec<_>>().join(", ");
    let types = if count == 0 { String::new() } else { format!("[{} any]", each(&|at| format!("T{at}"))) };
    let params = each(&|at| format!("_ T{at}"));
    format!("func {name}{types}({params}) {returned}\n\n")
}

/// The number of arguments up to the parenthesis that ends them.
fn count(arguments: &str) -> usize {
    let (mut depth, mut commas) = (0, 0);
    for letter in arguments.chars() {
        match letter {
            '(' | '[' | '{' => depth += 1,
            ')' | ']' | '}' if depth == 0 => break,
            ')' | ']' | '}' => depth -= 1,
            ',' if depth == 0 => commas += 1,
            _ => {}
        }
    }
    if arguments.starts_with(')') { 0 } else { commas + 1 }
}
