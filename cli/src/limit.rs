//! The limits of a call as the two configuration files write them, and who may set which.
//!
//! What holds for a tool is the first of these that says anything:
//! 1. `[plugins.NAME.tools.TOOL.limits]` in `toolcell.toml`
//! 2. `[plugins.NAME.limits]` in `toolcell.toml`
//! 3. `[tools.TOOL.limits]` in `plugin.toml`, then `[limits]` in `plugin.toml`: what the author asks
//!    for; more than number 4 allows is refused at build, with the line that would grant it
//! 4. `[limits]` in `toolcell.toml`, then the defaults ([`Limits::default`], raised to what the
//!    component declares)
//!
//! Nothing exceeds [`Limits::MAXIMUM`].

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use toolcell_host::catalog::Limits;

use crate::callable::Subject;
use crate::document::Table;
use crate::problem::{Problem, Result};
use crate::requirement::Requirement;

/// One of the limits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Limit {
    /// Sum of all linear memories.
    Memory,
    /// Sum of all tables.
    TableElements,
    /// Core instances, memories and tables, each.
    Instances,
    /// Native stack.
    Stack,
    /// Data that one host call may copy out of the guest.
    Hostcall,
    /// Handles alive at once.
    Handles,
    /// Encoded result.
    Output,
    /// Decoded arguments.
    Input,
    /// stdout and stderr together.
    Log,
    /// Progress and log notifications.
    Notifications,
    /// Wall time of a call.
    Deadline,
}

/// How a limit is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Unit {
    Count,
    Bytes,
    Milliseconds,
}

/// Smallest stack that starts every language runtime tried, in bytes.
const STACK_MINIMUM: u64 = 64 << 10;

/// Memory left for work where a component's initial memory alone passes the default, in bytes.
const WORKING_MEMORY: u64 = 64 << 20;

impl Limit {
    /// All of them, in the order in which they are shown.
    pub const ALL: [Limit; 11] = [
        Limit::Memory,
        Limit::TableElements,
        Limit::Instances,
        Limit::Stack,
        Limit::Hostcall,
        Limit::Handles,
        Limit::Output,
        Limit::Input,
        Limit::Log,
        Limit::Notifications,
        Limit::Deadline,
    ];

    /// The key in both files.
    pub fn key(self) -> &'static str {
        match self {
            Limit::Memory => "memory",
            Limit::TableElements => "table-elements",
            Limit::Instances => "instances",
            Limit::Stack => "stack",
            Limit::Hostcall => "hostcall",
            Limit::Handles => "handles",
            Limit::Output => "output",
            Limit::Input => "input",
            Limit::Log => "log",
            Limit::Notifications => "notifications",
            Limit::Deadline => "deadline",
        }
    }

    fn unit(self) -> Unit {
        match self {
            Limit::TableElements | Limit::Instances | Limit::Handles | Limit::Notifications => Unit::Count,
            Limit::Deadline => Unit::Milliseconds,
            _ => Unit::Bytes,
        }
    }

    /// Its value in `limits`, in elements, bytes or milliseconds.
    pub fn of(self, limits: &Limits) -> u64 {
        let size = match self {
            Limit::Memory => limits.memory_bytes,
            Limit::TableElements => limits.table_elements,
            Limit::Instances => limits.instances,
            Limit::Stack => limits.stack_bytes,
            Limit::Hostcall => limits.hostcall_bytes,
            Limit::Handles => limits.handles,
            Limit::Output => limits.output_bytes,
            Limit::Input => limits.input_bytes,
            Limit::Log => limits.log_bytes,
            Limit::Notifications => limits.notifications,
            Limit::Deadline => return limits.deadline_ms,
        };
        size as u64
    }

    fn set(self, limits: &mut Limits, value: u64) {
        let size = usize::try_from(value).unwrap_or(usize::MAX);
        match self {
            Limit::Memory => limits.memory_bytes = size,
            Limit::TableElements => limits.table_elements = size,
            Limit::Instances => limits.instances = size,
            Limit::Stack => limits.stack_bytes = size,
            Limit::Hostcall => limits.hostcall_bytes = size,
            Limit::Handles => limits.handles = size,
            Limit::Output => limits.output_bytes = size,
            Limit::Input => limits.input_bytes = size,
            Limit::Log => limits.log_bytes = size,
            Limit::Notifications => limits.notifications = size,
            Limit::Deadline => limits.deadline_ms = value,
        }
    }

    /// What it cannot be set above.
    pub fn maximum(self) -> u64 {
        self.of(&Limits::MAXIMUM)
    }

    /// What it cannot be set below.
    pub fn minimum(self) -> u64 {
        match self {
            Limit::Stack => STACK_MINIMUM,
            Limit::Log | Limit::Notifications => 0,
            _ => 1,
        }
    }

    /// Writes a value the way the files do: `"64 MiB"`, `"30 s"`, `1000`.
    pub fn show(self, value: u64) -> String {
        match self.unit() {
            Unit::Count => value.to_string(),
            Unit::Bytes => format!("\"{}\"", in_units(value, &BYTE_UNITS)),
            Unit::Milliseconds => format!("\"{}\"", in_units(value, &TIME_UNITS)),
        }
    }
}

const BYTE_UNITS: [(&str, u64); 4] = [("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10), ("B", 1)];
const TIME_UNITS: [(&str, u64); 3] = [("min", 60_000), ("s", 1_000), ("ms", 1)];

/// Writes `value` with the largest unit that divides it.
fn in_units(value: u64, units: &[(&str, u64)]) -> String {
    let (name, size) = units
        .iter()
        .find(|(_, size)| value >= *size && value.is_multiple_of(*size))
        .unwrap_or(&units[units.len() - 1]);
    format!("{} {name}", value / size)
}

fn parse_units(text: &str, units: &[(&str, u64)]) -> Option<u64> {
    let (number, unit) = text.split_once(' ')?;
    let (_, size) = units.iter().find(|(name, _)| *name == unit)?;
    let plain = !number.is_empty() && number.bytes().all(|digit| digit.is_ascii_digit());
    plain.then_some(())?;
    number.parse::<u64>().ok()?.checked_mul(*size)
}

/// Reads a size in bytes, `"6 MiB"`, that is not on the list of limits.
pub(crate) fn bytes(table: &Table<'_>, key: &'static str, maximum: u64) -> Result<Option<u64>> {
    let Some(text) = table.text(key)? else { return Ok(None) };
    let value = parse_units(&text, &BYTE_UNITS).filter(|value| (1..=maximum).contains(value));
    value.map(Some).ok_or_else(|| {
        table
            .wrong(key, "is not a size that can be used")
            .found(format!("\"{text}\""))
            .expected(format!(
                "a number, a space and B, KiB, MiB or GiB, from \"1 B\" to \"{}\"",
                in_units(maximum, &BYTE_UNITS)
            ))
            .next(format!("write for example {key} = \"6 MiB\""))
    })
}

/// Reads a time in milliseconds, `"5 min"`, that is not on the list of limits.
pub(crate) fn milliseconds(table: &Table<'_>, key: &'static str) -> Result<Option<u64>> {
    let Some(text) = table.text(key)? else { return Ok(None) };
    parse_units(&text, &TIME_UNITS).map(Some).ok_or_else(|| {
        table
            .wrong(key, "is not a time")
            .found(format!("\"{text}\""))
            .expected("a number, a space and ms, s or min")
            .next(format!("write for example {key} = \"5 min\""))
    })
}

/// Limits that a file sets, in elements, bytes or milliseconds.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Overrides(BTreeMap<Limit, u64>);

impl Overrides {
    /// Whether nothing is set.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The value of one limit, if set.
    pub fn get(&self, limit: Limit) -> Option<u64> {
        self.0.get(&limit).copied()
    }

    /// Every limit that is set.
    pub fn iter(&self) -> impl Iterator<Item = (Limit, u64)> + '_ {
        self.0.iter().map(|(limit, value)| (*limit, *value))
    }

    /// Reads a table of limits.
    pub(crate) fn read(table: &Table<'_>) -> Result<Self> {
        let mut overrides = BTreeMap::new();
        for limit in Limit::ALL {
            if let Some(value) = read_one(table, limit)? {
                overrides.insert(limit, value);
            }
        }
        Ok(Self(overrides))
    }
}

fn read_one(table: &Table<'_>, limit: Limit) -> Result<Option<u64>> {
    let key = limit.key();
    let (value, found) = match limit.unit() {
        Unit::Count => match table.count(key)? {
            None => return Ok(None),
            Some(count) => (Some(count), count.to_string()),
        },
        unit => {
            let units: &[_] = if unit == Unit::Bytes { &BYTE_UNITS } else { &TIME_UNITS };
            match table.text(key)? {
                None => return Ok(None),
                Some(text) => (parse_units(&text, units), format!("\"{text}\"")),
            }
        }
    };
    match value.filter(|value| (limit.minimum()..=limit.maximum()).contains(value)) {
        Some(value) => Ok(Some(value)),
        None => Err(table
            .wrong(key, "is not a limit that can be set")
            .found(found)
            .expected(expected(limit))
            .next(format!("write for example {key} = {}", limit.show(limit.of(&Limits::default()))))),
    }
}

fn expected(limit: Limit) -> String {
    let form = match limit.unit() {
        Unit::Count => "a whole number",
        Unit::Bytes => "a number, a space and B, KiB, MiB or GiB",
        Unit::Milliseconds => "a number, a space and ms, s or min",
    };
    format!("{form}, from {} to {}", limit.show(limit.minimum()), limit.show(limit.maximum()))
}

/// Who says what about one tool's limits.
pub struct Layers<'a> {
    /// `[plugins.NAME.tools.TOOL.limits]` in `toolcell.toml`.
    pub deployer_tool: &'a Overrides,
    /// `[plugins.NAME.limits]` in `toolcell.toml`.
    pub deployer_plugin: &'a Overrides,
    /// `[limits]` in `toolcell.toml`.
    pub deployer: &'a Overrides,
    /// `[tools.TOOL.limits]` in `plugin.toml`.
    pub author_tool: &'a Overrides,
    /// `[limits]` in `plugin.toml`.
    pub author: &'a Overrides,
    /// What the component declares.
    pub requirement: Requirement,
}

impl Layers<'_> {
    /// Works out what holds; `plugin` and `subject` are named in errors, `config` is `toolcell.toml`.
    ///
    /// # Errors
    /// The author asks for more than the deployer allows, or the component needs more than it may have.
    pub(crate) fn resolve(&self, config: &str, plugin: &str, subject: Subject<'_>) -> Result<Limits> {
        let mut limits = Limits::default();
        for limit in Limit::ALL {
            let value = self.one(limit).map_err(|(asked, allowed)| {
                let line = format!("[plugins.{plugin}.limits]\n{} = {}", limit.key(), limit.show(asked));
                Problem::refused(config, format!("{subject} of plugin `{plugin}` needs a higher limit"))
                    .found(format!("{} = {}", limit.key(), limit.show(allowed)))
                    .expected(format!("{} = {} or more", limit.key(), limit.show(asked)))
                    .next(format!("add to {config}:\n{line}"))
            })?;
            limit.set(&mut limits, value);
        }
        Ok(limits)
    }

    /// The value of one limit, or what is asked for and what is allowed.
    fn one(&self, limit: Limit) -> std::result::Result<u64, (u64, u64)> {
        let declared = self.declared(limit);
        let allowed = self.deployer.get(limit).unwrap_or_else(|| self.default(limit));
        let explicit = self.deployer_tool.get(limit).or(self.deployer_plugin.get(limit));
        let asked = self.author_tool.get(limit).or(self.author.get(limit));
        let value = match (explicit, asked) {
            (Some(value), _) => value,
            (None, Some(asked)) if asked > allowed => return Err((asked, allowed)),
            (None, Some(asked)) => asked,
            (None, None) => allowed,
        };
        if value < declared { Err((declared, value)) } else { Ok(value) }
    }

    /// What holds if the deployer says nothing and allows what the author asks for.
    pub fn asked(&self, limit: Limit) -> u64 {
        self.author_tool.get(limit).or(self.author.get(limit)).unwrap_or_else(|| self.default(limit))
    }

    /// What the component takes before any of its code runs.
    fn declared(&self, limit: Limit) -> u64 {
        match limit {
            Limit::Memory => self.requirement.memory_bytes,
            Limit::TableElements => self.requirement.table_elements,
            Limit::Instances => self.requirement.instances,
            _ => 0,
        }
    }

    fn default(&self, limit: Limit) -> u64 {
        let default = limit.of(&Limits::default());
        let declared = self.declared(limit);
        let needed = match limit {
            _ if declared <= default => default,
            Limit::Memory => declared.saturating_add(WORKING_MEMORY),
            _ => declared,
        };
        needed.min(limit.maximum())
    }
}

/// Nobody says anything.
pub(crate) static NONE: Overrides = Overrides(BTreeMap::new());
