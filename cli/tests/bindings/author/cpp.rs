//! C++, from the declarations of the header: functions below the namespace `exports` are the author's.

use std::path::Path;

use super::{called, header};

/// Headers of the standard library: the world and its packages may be called like what they declare.
const LIBRARY: &str = "\
#include <cerrno>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>
";

pub(super) fn author(bindings: &Path) -> Vec<(String, String)> {
    let (file, header) = header(bindings, "_cpp.h");
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
    vec![("src/plugin.cpp".to_owned(), format!("#include \"{file}\"\n{LIBRARY}\n{bodies}"))]
}
