//! C, from the declarations of the header.

use std::path::Path;

use super::{called, header};

/// Headers of the standard library, and something of each: the world may be called like one of them.
const LIBC: &str = "\
#include <errno.h>
#include <math.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

__attribute__((used)) void *_used_of_libc[] = {
  (void *)strlen, (void *)malloc, (void *)puts, (void *)sin,
};
static_assert(EDOM && SIZE_MAX && sizeof(ptrdiff_t));
";

pub(super) fn author(bindings: &Path) -> Vec<(String, String)> {
    let (file, header) = header(bindings, ".h");
    let (mut bodies, mut used, mut is_export) = (String::new(), Vec::new(), false);
    for line in header.lines() {
        if let Some(section) = line.strip_prefix("// ") {
            is_export = match section.split_once(" Functions") {
                Some(("Exported", _)) => true,
                Some(("Imported" | "Helper", _)) => false,
                _ => is_export,
            };
        }
        let Some(declared) = line.strip_suffix(';').filter(|line| line.ends_with(')')) else { continue };
        let declared = declared.trim_start_matches("extern ");
        match called(declared) {
            Some(_) if is_export && declared.starts_with("void ") => bodies += &format!("{declared} {{}}\n"),
            Some(_) if is_export => bodies += &format!("{declared} {{ return 7; }}\n"),
            Some(name) => used.push(format!("  (void *){name},\n")),
            None => {}
        }
    }
    let used = used.concat();
    let source = format!(
        "#include \"{file}\"\n{LIBC}\n{bodies}\n__attribute__((used)) void *_used_by_author[] = {{\n{used}  0,\n}};\n"
    );
    vec![("src/plugin.c".to_owned(), source)]
}
