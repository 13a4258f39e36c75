//! C++, from the declarations of the header: functions below the namespace `exports` are the author's.

use std::path::Path;

use super::{called, read};

pub(super) fn author(bindings: &Path) -> Vec<(String, String)> {
    let header = read(&bindings.join("awkward_cpp.h"));
    let (mut bodies, mut path) = (String::new(), Vec::<&str>::new());
    for line in header.lines().map(str::trim) {
        if let Some(opened) = line.strip_suffix('{') {
            path.push(opened.strip_prefix("namespace ").map_or("", str::trim));
        } else if line.starts_with('}') {
            path.pop();
        }
        let Some(declared) = line.strip_suffix(';').filter(|line| line.ends_with(')')) else { continue };
        if path.first() != Some(&"exports") || path.contains(&"") || called(declared).is_none() {
            continue;
        }
        let body = if declared.starts_with("uint32_t ") { "return 7;" } else { "__builtin_trap();" };
        let (open, close) = (path.join(" { namespace "), " }".repeat(path.len()));
        bodies += &format!("namespace {open} {{ {declared} {{ {body} }}{close}\n");
    }
    vec![("src/plugin.cpp".to_owned(), format!("#include \"awkward_cpp.h\"\n\n{bodies}"))]
}
