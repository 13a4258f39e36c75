//! `toolcell new`: a plugin that builds, is called and is tested at once, in the language of the author's choice.
//!
//! The files are under `cli/templates`: those of every plugin in `common`, a language's own beside it. Every
//! language gets the same WIT and the same golden cases, so one can be read beside another.

mod template;

use std::path::{Path, PathBuf};

use crate::language::Language;
use crate::ui::exit::Exit;
use crate::ui::problem::{Problem, Result};
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

/// Writes a new plugin into `parent/name`, and prints how to go on.
///
/// # Errors
/// As [`create`].
pub fn run(parent: &Path, name: &str, language: Language, terminal: &Terminal) -> Result<Exit> {
    let directory = create(parent, name, language)?;
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
/// The name is none that all tools accept, or the directory is there already.
pub fn create(parent: &Path, name: &str, language: Language) -> Result<PathBuf> {
    check(name)?;
    let directory = parent.join(name);
    if directory.exists() {
        return Err(Problem::refused(directory.display().to_string(), "already exists")
            .found("a file or directory with that name")
            .expected("an unused name")
            .next("choose another name, or delete it"));
    }
    for (file, text) in template::files(language) {
        write_atomically(&directory.join(file), fill(text, name).as_bytes())?;
    }
    Ok(directory)
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
