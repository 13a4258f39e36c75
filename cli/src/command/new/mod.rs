//! `toolcell new`: a plugin that builds, is called and is tested at once, in the language of the author's choice.
//!
//! The files are under `cli/templates`: those of every plugin in `common`, a language's own beside it, and those of
//! plugins that send requests in `http`. Every language gets the same WIT and the same golden cases, so one can be read
//! beside another.

mod template;

use std::path::{Path, PathBuf};

use crate::language::Language;
use crate::ui::exit::Exit;
use crate::ui::problem::{Problem, Result, one_of};
use crate::ui::terminal::{Style, Terminal};
use crate::ui::write::write_atomically;

/// Characters of a name: part of a WIT package, of file names and of identifiers in eight languages.
const NAME_CHARS: usize = 40;

/// Words that the name of a WIT package cannot be without a `%`, or that some language keeps for itself.
const RESERVED: [&str; 12] = [
    "plugin",
    "test",
    "std",
    "core",
    "import",
    "export",
    "package",
    "interface",
    "world",
    "use",
    "func",
    "main",
];

/// Words of C++: a namespace of its bindings would not be called after the name.
const KEYWORDS: &str = "alignas alignof and asm auto bool break case catch char class compl concept const consteval \
    constexpr constinit continue decltype default delete do double else enum explicit extern false float for friend \
    goto if inline int long mutable namespace new noexcept not nullptr operator or private protected public register \
    requires return short signed sizeof static struct switch template this throw true try typedef typeid typename \
    union unsigned using virtual void volatile while xor";

/// What a new plugin shows besides a tool.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum With {
    /// Requests to another host.
    Http,
}

/// Writes a new plugin into `parent/name`, and prints how to go on.
///
/// # Errors
/// As [`create`].
pub fn run(
    parent: &Path,
    name: &str,
    language: Language,
    with: Option<With>,
    terminal: &Terminal,
) -> Result<Exit> {
    let directory = create(parent, name, language, with)?;
    let shown = directory.display();
    terminal.print(format!(
        "{}: a plugin in {}",
        terminal.style(Style::Good, shown.to_string()),
        language.title()
    ));
    terminal.print(format!("next: cd {shown} && toolcell build; README.md goes on from there"));
    Ok(Exit::Done)
}

/// Writes a new plugin into `parent/name`, and returns the directory.
///
/// # Errors
/// The name is none that all tools accept, there is no such plugin in the language, or the directory is there already.
pub fn create(parent: &Path, name: &str, language: Language, with: Option<With>) -> Result<PathBuf> {
    check(name)?;
    let files = template::files(language, with).ok_or_else(|| no_http(language))?;
    let directory = parent.join(name);
    if directory.exists() {
        return Err(Problem::refused(directory.display().to_string(), "already exists")
            .found("a file or directory with that name")
            .expected("an unused name")
            .next("choose another name, or delete it"));
    }
    for (file, text) in files {
        write_atomically(&directory.join(file), fill(text, name).as_bytes())?;
    }
    Ok(directory)
}

/// Says in which languages there is a plugin that sends requests.
fn no_http(language: Language) -> Problem {
    let can = |language: &Language| template::files(*language, Some(With::Http)).is_some();
    let names: Vec<_> = Language::ALL.into_iter().filter(can).map(Language::name).collect();
    Problem::refused("--with http", format!("is not there for plugins in {}", language.title()))
        .found(format!("--lang {}", language.name()))
        .expected(one_of(&names))
        .next("take one of these languages; docs/languages.md#requests tells what the others can do")
}

/// Puts the name into a template: `{{name}}` as it is, `{{snake}}` and `{{SNAKE}}` with underscores, `{{Pascal}}`
/// without any.
fn fill(text: &str, name: &str) -> String {
    let pascal: String = name.split('-').map(capital).collect();
    let snake = name.replace('-', "_");
    text.replace("{{name}}", name)
        .replace("{{snake}}", &snake)
        .replace("{{SNAKE}}", &snake.to_ascii_uppercase())
        .replace("{{Pascal}}", &pascal)
}

fn capital(word: &str) -> String {
    let (first, rest) = word.split_at(1.min(word.len()));
    first.to_ascii_uppercase() + rest
}

fn check(name: &str) -> Result<()> {
    let word = |word: &str| {
        word.starts_with(|first: char| first.is_ascii_lowercase())
            && word.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
    };
    let wrong = match () {
        () if name.len() > NAME_CHARS => "is too long",
        () if !name.split('-').all(word) => "is not a name that every tool accepts",
        () if RESERVED.contains(&name) || KEYWORDS.split(' ').any(|word| word == name) => {
            "is a reserved word of WIT or of a language"
        }
        () => return Ok(()),
    };
    Err(Problem::refused(format!("name `{name}`"), wrong)
        .found(format!("`{name}` ({} characters)", name.chars().count()))
        .expected(format!("at most {NAME_CHARS} characters: words of a-z and 0-9, separated by hyphens"))
        .next("choose another name, for example split-bill"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_that_every_tool_accepts_are_taken() {
        for taken in ["bill", "split-bill", "sha256-sum"] {
            assert!(check(taken).is_ok(), "{taken}");
        }
        for refused in
            ["", "Bill", "2bill", "a--b", "-a", "a-", "a_b", "a b", "../x", "plugin", "double", "ü"]
        {
            assert!(check(refused).is_err(), "{refused}");
        }
        assert!(check(&"a".repeat(NAME_CHARS + 1)).is_err());
    }

    #[test]
    fn a_template_takes_the_name_in_four_spellings() {
        let filled = fill("{{name}} {{snake}} {{SNAKE}} {{Pascal}}", "split-bill");
        assert_eq!(filled, "split-bill split_bill SPLIT_BILL SplitBill");
    }
}
