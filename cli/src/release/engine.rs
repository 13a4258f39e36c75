//! Finds out for which engine machine code must be compiled so that a `bootstrap` can load it.

use std::path::Path;

use toolcell_host::catalog::EngineInfo;
use toolcell_host::sandbox::engine::MARK;

use crate::bundle::compile::{Compiler, Target};
use crate::ui::problem::{Problem, Result};
use crate::ui::read::read_regular;

/// The largest program that is read.
const MAX_PROGRAM_BYTES: u64 = 512 << 20;

/// The targets that this program compiles for.
const TARGETS: [Target; 2] = [Target::X86_64, Target::Aarch64];

/// Returns the target of a `bootstrap` and describes its engine, without running it.
///
/// # Errors
/// The file is no `bootstrap`, or belongs to another version of this program.
pub fn engine_of(bootstrap: &Path) -> Result<(Target, EngineInfo)> {
    let shown = bootstrap.display().to_string();
    let bytes = read_regular(bootstrap, MAX_PROGRAM_BYTES).map_err(|error| {
        Problem::refused(&shown, "cannot be read")
            .found(error.to_string())
            .expected("a `bootstrap` of toolcell")
            .next("name the program that you are going to deploy")
    })?;
    let marks: Vec<_> = TARGETS.into_iter().map(|target| (target, mark(target))).collect();
    let holds = |text: &str| bytes.windows(text.len()).any(|window| window == text.as_bytes());
    if let Some((target, _)) = marks.iter().find(|(_, mark)| holds(mark)) {
        return Ok((*target, Compiler::new(*target)?.describe()));
    }
    Err(Problem::refused(&shown, "is not a `bootstrap` that this toolcell can compile for")
        .found(found(&bytes).unwrap_or_else(|| "a file that names no engine".to_owned()))
        .expected(marks.iter().map(|(_, mark)| mark.trim_end()).collect::<Vec<_>>().join(" or "))
        .next("run the `toolcell` that was released with this `bootstrap`"))
}

/// The line that a `bootstrap` for a target holds.
fn mark(target: Target) -> String {
    let (head, _) = MARK.split_once("target=").unwrap_or((MARK, ""));
    format!("{head}target={}\n", target.triple())
}

/// The engine that another version names.
fn found(bytes: &[u8]) -> Option<String> {
    let head = &MARK.as_bytes()[..MARK.find('=')? + 1];
    let at = bytes.windows(head.len()).position(|window| window == head)?;
    let line = bytes[at..].iter().take(200).take_while(|byte| byte.is_ascii_graphic() || **byte == b' ');
    Some(line.map(|byte| char::from(*byte)).collect())
}

/// Writes an engine as people read it.
pub fn engine_text(EngineInfo { wasmtime, configuration, target, cpu }: &EngineInfo) -> String {
    format!("{target} ({cpu}), wasmtime {wasmtime}, configuration {configuration}")
}
