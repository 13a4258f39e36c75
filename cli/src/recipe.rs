//! `[build]` of a `plugin.toml`: how the component is made from its source.

use crate::document::Table;
use crate::language::Language;
use crate::problem::Result;

/// How a component is made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recipe {
    /// By whom.
    pub how: How,
    /// Source files; patterns such as `src/*.c`. Empty for what the language expects.
    pub sources: Vec<String>,
    /// The file or module that the program starts with, where a language wants one.
    pub entry: Option<String>,
    /// What the compiler is told beside what it is told anyway.
    pub flags: Vec<String>,
    /// What runs JavaScript inside the component.
    pub engine: ScriptEngine,
}

/// Who makes a component.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum How {
    /// The build of a language that this program knows.
    Language(Language),
    /// A command of the author's, run by `sh -c` in the plugin's directory; it leaves `component` there.
    Command(String),
}

/// What runs JavaScript inside a component.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ScriptEngine {
    /// Small and quick to start; rounds 64-bit integers beyond 2^53.
    #[default]
    QuickJs,
    /// Firefox's engine: every WIT type, more of the web's interfaces, eight times the size.
    StarlingMonkey,
}

/// Reads the table.
///
/// # Errors
/// A key that is unknown, missing or of the wrong form.
pub(crate) fn read(table: &Table<'_>) -> Result<Recipe> {
    Ok(Recipe {
        how: read_how(table)?,
        sources: table.texts("sources")?.unwrap_or_default(),
        entry: table.text("entry")?,
        flags: table.texts("flags")?.unwrap_or_default(),
        engine: read_engine(table)?,
    })
}

fn read_how(table: &Table<'_>) -> Result<How> {
    match (table.text("language")?, table.text("command")?) {
        (Some(language), None) => read_language(table, &language).map(How::Language),
        (None, Some(command)) => Ok(How::Command(command)),
        (None, None) => Err(table
            .wrong("language", "is missing")
            .found("nothing")
            .expected("language = \"rust\", or a command")
            .next(format!("write one of {}", names()))),
        (Some(_), Some(command)) => Err(table
            .wrong("command", "stands beside `language`")
            .found(command)
            .expected("one of both")
            .next("remove `language` to build with the command alone")),
    }
}

fn read_language(table: &Table<'_>, name: &str) -> Result<Language> {
    Language::of(name).map_err(|meant| {
        table
            .wrong("language", "is not a language with a build of its own")
            .found(name)
            .expected(names())
            .next(match meant {
                Some(meant) => format!("did you mean \"{meant}\"?"),
                None => "write `command = \"...\"` instead: any command that makes the component".to_owned(),
            })
    })
}

fn read_engine(table: &Table<'_>) -> Result<ScriptEngine> {
    match table.text("engine")?.as_deref() {
        None | Some("quickjs") => Ok(ScriptEngine::QuickJs),
        Some("starlingmonkey") => Ok(ScriptEngine::StarlingMonkey),
        Some(other) => Err(table
            .wrong("engine", "is not an engine for JavaScript")
            .found(other)
            .expected("\"quickjs\" or \"starlingmonkey\"")
            .next("write one of them, or leave the key out")),
    }
}

fn names() -> String {
    Language::ALL.map(|language| format!("\"{}\"", language.name())).join(", ")
}
