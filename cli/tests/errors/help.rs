//! The commands that the program has, and those that the documentation names.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use clap::Command;

/// The width of a help text.
const WIDTH: usize = 100;

/// Returns every command by its name as people type it, with those that have commands of their own; in the order of the
/// help.
pub(crate) fn all_commands() -> Vec<(String, Command)> {
    let mut all = Vec::new();
    add(String::new(), toolcell_cli::command::parser(), &mut all);
    all
}

fn add(parent: String, command: Command, all: &mut Vec<(String, Command)>) {
    let name = format!("{parent} {}", command.get_name()).trim_start().to_owned();
    let below: Vec<_> = command.get_subcommands().cloned().collect();
    // Commands are named without the program.
    let parent = if all.is_empty() { String::new() } else { name.clone() };
    all.push((name, command.term_width(WIDTH)));
    below.into_iter().for_each(|command| add(parent.clone(), command, all));
}

/// Lists the pages that users read.
pub(crate) fn pages() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let entries = fs::read_dir(root.join("docs")).unwrap().map(|entry| entry.unwrap().path());
    let pages = entries.filter(|path| path.extension().is_some_and(|ending| ending == "md"));
    // The page for contributors shows how to add a command that does not exist.
    pages.filter(|path| !path.ends_with("contributing.md")).chain([root.join("README.md")]).collect()
}

/// Returns the command lines of a page: in blocks of a shell, and in spans of code.
pub(crate) fn lines(page: &str) -> Vec<String> {
    let (mut lines, mut prose, mut is_block) = (Vec::new(), String::new(), false);
    for line in page.replace("\\\n", " ").lines() {
        if line.trim_start().starts_with("```") {
            is_block = !is_block;
        } else if is_block {
            lines.push(line.trim().trim_start_matches("$ ").to_owned());
        } else {
            prose += &format!("{line} ");
        }
    }
    lines.extend(prose.split('`').skip(1).step_by(2).map(str::to_owned));
    lines.retain(|line| line.starts_with("toolcell "));
    lines
}

/// Tells what is wrong with a command line: a command or an option that does not exist.
pub(crate) fn fault(line: &str, commands: &[(String, Command)]) -> Option<String> {
    let commands: BTreeMap<_, _> = commands.iter().map(|(name, command)| (name.as_str(), command)).collect();
    // What follows a comment or a command of the shell is for others.
    let end = line.find(" #").into_iter().chain(line.find(['|', '&', ';', '>'])).min().unwrap_or(line.len());
    let mut words = line[..end].split_whitespace().skip(1).peekable();
    let mut name = String::new();
    while let Some(word) = words.peek() {
        let longer = format!("{name} {word}").trim_start().to_owned();
        if !commands.contains_key(longer.as_str()) {
            break;
        }
        words.next();
        name = longer;
    }
    let command = commands.get(if name.is_empty() { "toolcell" } else { &name })?;
    if command.has_subcommands() && words.peek().is_some_and(|word| !word.starts_with('-')) {
        return Some(format!("`{}` is no command", words.next().unwrap_or_default()));
    }
    let has = |option: &str| {
        ["help", "version"].contains(&option)
            || command.get_arguments().any(|one| one.get_long() == Some(option))
    };
    let mut options =
        words.filter_map(|word| word.strip_prefix("--")).map(|word| word.split('=').next().unwrap_or(word));
    options
        .find(|option| !option.is_empty() && !has(option))
        .map(|option| format!("it has no option `--{option}`"))
}
