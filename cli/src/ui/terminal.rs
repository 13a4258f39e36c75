//! Writes output: results to stdout, everything else to stderr, colour only on terminals.

use std::fmt;
use std::io::{IsTerminal as _, Write as _};
use std::time::Duration;

use anstream::{AutoStream, ColorChoice};
use anstyle::{AnsiColor, Effects};
use indicatif::{ProgressBar, ProgressStyle};

use super::problem::Problem;
use super::progress::Progress;

/// The interval between updates of the progress line.
const TICK: Duration = Duration::from_millis(100);

/// A kind of text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    /// A heading or a name.
    Strong,
    /// Something beside the point.
    Faint,
    /// It worked.
    Good,
    /// It did not.
    Bad,
}

/// Tells whether to use colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Colour {
    On,
    Off,
}

/// The terminal, or the pipe, that a command writes to.
#[derive(Debug)]
pub struct Terminal {
    stdout: Colour,
    stderr: Colour,
}

impl Terminal {
    /// Looks at stdout, stderr, and the variables that terminals agree on, such as `NO_COLOR`.
    pub fn new() -> Self {
        let colour = |choice| if choice == ColorChoice::Never { Colour::Off } else { Colour::On };
        Self {
            stdout: colour(AutoStream::choice(&std::io::stdout())),
            stderr: colour(AutoStream::choice(&std::io::stderr())),
        }
    }

    /// Styles text for stdout.
    pub fn style(&self, style: Style, text: impl AsRef<str>) -> String {
        paint(self.stdout, style, text.as_ref())
    }

    /// Styles text for stderr.
    pub fn style_note(&self, style: Style, text: impl AsRef<str>) -> String {
        paint(self.stderr, style, text.as_ref())
    }

    /// Writes to stdout; a closed pipe (`| head`) is nobody's problem.
    pub fn print(&self, text: impl AsRef<str>) {
        let mut stdout = std::io::stdout().lock();
        let _ = writeln!(stdout, "{}", text.as_ref()).and_then(|()| stdout.flush());
    }

    /// Writes a note to stderr.
    pub fn note(&self, text: impl AsRef<str>) {
        let _ = writeln!(std::io::stderr(), "{}", text.as_ref());
    }

    /// Writes a problem to stderr.
    pub fn problem(&self, problem: &Problem) {
        self.note(format!("{} {problem}", paint(self.stderr, Style::Bad, "error:")));
    }

    /// Writes to stderr what is no problem, but will surprise.
    pub fn warning(&self, warning: impl fmt::Display) {
        self.note(format!("{} {warning}", paint(self.stderr, Style::Bad, "warning:")));
    }

    /// A progress line on stderr while something is compiled.
    pub fn progress(&self) -> Bar {
        let bar =
            if std::io::stderr().is_terminal() { ProgressBar::new_spinner() } else { ProgressBar::hidden() };
        if let Ok(style) = ProgressStyle::with_template("{spinner} {msg} {elapsed}") {
            bar.set_style(style);
        }
        Bar(bar)
    }
}

impl Default for Terminal {
    fn default() -> Self {
        Self::new()
    }
}

fn paint(colour: Colour, style: Style, text: &str) -> String {
    let style = match (colour, style) {
        (Colour::Off, _) => anstyle::Style::new(),
        (Colour::On, Style::Strong) => Effects::BOLD.into(),
        (Colour::On, Style::Faint) => Effects::DIMMED.into(),
        (Colour::On, Style::Good) => AnsiColor::Green.on_default(),
        (Colour::On, Style::Bad) => AnsiColor::Red.on_default(),
    };
    format!("{style}{text}{style:#}")
}

/// The progress line; nothing where stderr is not a terminal.
pub struct Bar(ProgressBar);

impl Progress for Bar {
    fn building(&self, plugin: &str) {
        self.0.enable_steady_tick(TICK);
        self.0.set_message(format!("building {plugin}"));
    }

    fn compiling(&self, plugin: &str, at: usize, of: usize, bytes: usize) {
        self.0.enable_steady_tick(TICK);
        self.0.set_message(format!("compiling {plugin} ({at} of {of}, {})", size(bytes)));
    }

    fn compiled(&self) {
        self.0.finish_and_clear();
    }
}

/// Writes a size for people: `1.2 MiB`.
pub fn size(bytes: usize) -> String {
    const STEP: usize = 1 << 10;
    let tenths = |unit: usize| bytes.saturating_mul(10) / unit;
    let (unit, name) = match bytes {
        0..STEP => return format!("{bytes} B"),
        _ if bytes < STEP * STEP => (STEP, "KiB"),
        _ => (STEP * STEP, "MiB"),
    };
    format!("{}.{} {name}", tenths(unit) / 10, tenths(unit) % 10)
}

/// Writes a number with its noun: `1 tool`, `6 tools`.
pub(crate) fn counted(number: usize, noun: &str) -> String {
    match number {
        1 => format!("1 {noun}"),
        number => format!("{number} {noun}s"),
    }
}
