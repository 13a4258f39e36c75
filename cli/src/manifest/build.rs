//! `[build]` of a `plugin.toml`: how the component is made from its source.

use crate::document::Table;
use crate::language::Language;
use crate::ui::problem::Result;

/// Describes how to build a component.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BuildConfig {
    /// By whom.
    pub method: BuildMethod,
    /// Source files; patterns such as `src/*.c`. Empty for what the language expects.
    pub sources: Vec<String>,
    /// The file or module that the program starts with, where a language wants one.
    pub entry: Option<String>,
    /// Extra compiler flags.
    pub flags: Vec<String>,
    /// The JavaScript engine inside the component.
    pub engine: ScriptEngine,
}

/// Names the builder of a component.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BuildMethod {
    /// The build of a language that this program knows.
    Language(Language),
    /// A command of the author's, run by `sh -c` in the plugin's directory; it leaves `component` there.
    Command(String),
}

/// Names the JavaScript engine inside a component.
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
pub(crate) fn read(table: &Table<'_>) -> Result<BuildConfig> {
    let method = read_method(table)?;
    let (sources, entry) = (table.texts("sources")?, table.text("entry")?);
    let (flags, engine) = (table.texts("flags")?, read_engine(table)?);
    let given = [
        ("sources", sources.is_some()),
        ("entry", entry.is_some()),
        ("flags", flags.is_some()),
        ("engine", engine.is_some()),
    ];
    for (key, _) in given.into_iter().filter(|(_, is_given)| *is_given) {
        method.refuse_needless(table, key)?;
    }
    let (sources, flags) = (sources.unwrap_or_default(), flags.unwrap_or_default());
    Ok(BuildConfig { method, sources, entry, flags, engine: engine.unwrap_or_default() })
}

impl BuildMethod {
    /// The languages that do something with a key.
    fn readers(key: &str) -> &'static [Language] {
        use Language::{C, Cpp, JavaScript, Python, TypeScript, Zig};
        match key {
            "sources" => &[C, Cpp, Zig],
            "entry" => &[Zig, JavaScript, TypeScript, Python],
            "engine" => &[JavaScript, TypeScript],
            _ => &Language::ALL,
        }
    }

    /// A key that nothing would come of is a misunderstanding.
    fn refuse_needless(&self, table: &Table<'_>, key: &'static str) -> Result<()> {
        let readers = Self::readers(key);
        let whose = match self {
            Self::Language(language) if readers.contains(language) => return Ok(()),
            Self::Language(language) => format!("a plugin in {}", language.title()),
            Self::Command(_) => "a build with `command`".to_owned(),
        };
        let readers: Vec<&str> = readers.iter().map(|language| language.name()).collect();
        Err(table
            .wrong(key, format!("has no effect on {whose}"))
            .found(key)
            .expected(format!("`{key}` only where `language` is one of {}", readers.join(", ")))
            .next(format!("remove `{key}`")))
    }
}

fn read_method(table: &Table<'_>) -> Result<BuildMethod> {
    match (table.text("language")?, table.text("command")?) {
        (Some(language), None) => read_language(table, &language).map(BuildMethod::Language),
        (None, Some(command)) => Ok(BuildMethod::Command(command)),
        (None, None) => Err(table
            .wrong("language", "is missing")
            .found("nothing")
            .expected("language = \"rust\", or a command")
            .next(format!("write one of {}", names()))),
        (Some(_), Some(command)) => Err(table
            .wrong("command", "conflicts with `language`")
            .found(command)
            .expected("either `command` or `language`")
            .next("remove `language` to build with the command")),
    }
}

fn read_language(table: &Table<'_>, name: &str) -> Result<Language> {
    Language::of(name).map_err(|meant| {
        table.wrong("language", "is not a language that toolcell builds").found(name).expected(names()).next(
            match meant {
                Some(meant) => format!("did you mean \"{meant}\"?"),
                None => {
                    "write `command = \"...\"` instead: any command that produces the component".to_owned()
                }
            },
        )
    })
}

fn read_engine(table: &Table<'_>) -> Result<Option<ScriptEngine>> {
    match table.text("engine")?.as_deref() {
        None => Ok(None),
        Some("quickjs") => Ok(Some(ScriptEngine::QuickJs)),
        Some("starlingmonkey") => Ok(Some(ScriptEngine::StarlingMonkey)),
        Some(other) => Err(table
            .wrong("engine", "is not an engine for JavaScript")
            .found(other)
            .expected("\"quickjs\" or \"starlingmonkey\"")
            .next("write one of them, or remove the key")),
    }
}

fn names() -> String {
    Language::ALL.map(|language| format!("\"{}\"", language.name())).join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document;

    fn refused(build: &str) -> Option<String> {
        let read = document::parse("plugin.toml", build.as_bytes(), |table| table.table("build", read));
        read.err().map(|problem| problem.to_string())
    }

    #[test]
    fn a_key_that_nothing_would_come_of_is_refused() {
        for taken in [
            "language = \"zig\"\nsources = [\"a.zig\"]\nentry = \"b.zig\"",
            "language = \"ts\"\nengine = \"quickjs\"",
        ] {
            assert_eq!(refused(&format!("[build]\n{taken}\n")), None);
        }
        for needless in [
            "language = \"rust\"\nentry = \"a\"",
            "language = \"c\"\nengine = \"quickjs\"",
            "command = \"make\"\nflags = []",
        ] {
            let problem = refused(&format!("[build]\n{needless}\n")).unwrap();
            assert!(problem.contains("has no effect on"), "{problem}");
        }
    }
}
