//! Errors as the program itself tells them.

use std::fmt::Write as _;
use std::os::unix::fs::PermissionsExt as _;
use std::process::{Command, Output, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use crate::story::Bench;

/// A story: its title, the command line after `toolcell`, and what is on the bench. Words `NAME=VALUE` before the
/// command are variables of its environment.
pub(crate) type Story = (&'static str, &'static str, fn(&Bench));

/// The directory of the only programs that a command can find.
const PROGRAMS: &str = "programs";

/// After this time a command is ended: it serves, where it should have failed.
const DEADLINE: Duration = Duration::from_secs(60);

/// Writes a program that a command can find.
pub(crate) fn script(bench: &Bench, name: &str, script: &str) {
    let file = format!("{PROGRAMS}/{name}");
    bench.write(&file, format!("#!/bin/sh\n{script}\n"));
    std::fs::set_permissions(bench.path(&file), std::fs::Permissions::from_mode(0o755)).unwrap();
}

/// Runs a command line in the directory of the bench.
pub(crate) fn run(bench: &Bench, line: &str) -> Output {
    let words: Vec<_> = line.split(' ').collect();
    let variables = words.iter().take_while(|word| is_variable(word)).count();
    let mut command = Command::new(env!("CARGO_BIN_EXE_toolcell"));
    command.env_clear().env("PATH", bench.path(PROGRAMS)).stdin(Stdio::null());
    command.envs(words[..variables].iter().filter_map(|word| word.split_once('=')));
    command.args(&words[variables..]).current_dir(bench.path(""));
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let deadline = Instant::now() + DEADLINE;
    while child.try_wait().unwrap().is_none() {
        if Instant::now() > deadline {
            child.kill().unwrap();
            break;
        }
        thread::sleep(Duration::from_millis(5));
    }
    child.wait_with_output().unwrap()
}

/// Tells whether a word is `NAME=VALUE`.
fn is_variable(word: &str) -> bool {
    let name = |name: &str| name.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'_');
    word.split_once('=').is_some_and(|(before, _)| name(before))
}

/// Runs every story, each of which has to end in an error with all its parts.
pub(crate) fn tell(stories: &[Story]) -> String {
    let mut told = String::new();
    for (title, line, prepare) in stories {
        let bench = Bench::new();
        prepare(&bench);
        let output = run(&bench, line);
        let text = String::from_utf8(output.stderr).unwrap();
        // Lines of the log stand before it.
        let text = &text[text.find("error: ").unwrap_or_default()..];
        assert!(matches!(output.status.code(), Some(3 | 4)), "{title}: {} {text}", output.status);
        let root = std::fs::canonicalize(bench.path("")).unwrap().display().to_string();
        let text = text.replace(&format!("{root}/"), "").replace(&root, ".");
        let (variables, words): (Vec<_>, Vec<_>) = line.split(' ').partition(|word| is_variable(word));
        let shown = [variables, vec!["toolcell"], words].concat().join(" ");
        let _ = writeln!(told, "# {title}\n$ {shown}\n{text}");
    }
    told
}
