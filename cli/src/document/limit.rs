//! The limits of a call as the two configuration files write them.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use toolcell_host::catalog::Limits;

use super::Table;
use crate::ui::problem::Result;

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

/// The notation of a limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Unit {
    Count,
    Bytes,
    Milliseconds,
}

/// Smallest stack that starts every language runtime tried, in bytes.
const STACK_MINIMUM: u64 = 64 << 10;

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

    /// Sets its value in `limits`.
    pub(crate) fn set(self, limits: &mut Limits, value: u64) {
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

    /// Its maximum.
    pub fn maximum(self) -> u64 {
        self.of(&Limits::MAXIMUM)
    }

    /// Its minimum.
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
/// Units of times that are longer than any call.
const DURATION_UNITS: [(&str, u64); 5] =
    [("d", 86_400_000), ("h", 3_600_000), ("min", 60_000), ("s", 1_000), ("ms", 1)];

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
            .wrong(key, "is not a valid size")
            .found(format!("\"{text}\""))
            .expected(format!(
                "a number, a space and B, KiB, MiB or GiB, from \"1 B\" to \"{}\"",
                in_units(maximum, &BYTE_UNITS)
            ))
            .next(format!("write, for example, {key} = \"6 MiB\""))
    })
}

/// Reads a time in milliseconds, `"5 min"`, that is not on the list of limits.
pub(crate) fn milliseconds(table: &Table<'_>, key: &'static str) -> Result<Option<u64>> {
    let Some(text) = table.text(key)? else { return Ok(None) };
    parse_units(&text, &DURATION_UNITS).map(Some).ok_or_else(|| {
        table
            .wrong(key, "is not a duration")
            .found(format!("\"{text}\""))
            .expected("a number, a space and a unit: `ms`, `s`, `min`, `h` or `d`")
            .next(format!("write, for example, {key} = \"5 min\""))
    })
}

/// Writes a time in milliseconds the way the files do.
pub(crate) fn show_duration(value: u64) -> String {
    format!("\"{}\"", in_units(value, &DURATION_UNITS))
}

/// Limits that a file sets, in elements, bytes or milliseconds.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Overrides(BTreeMap<Limit, u64>);

impl Overrides {
    /// Tells whether nothing is set.
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

    /// Returns `limits` with those that are set.
    pub(crate) fn over(&self, mut limits: Limits) -> Limits {
        self.iter().for_each(|(limit, value)| limit.set(&mut limits, value));
        limits
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
            .wrong(key, "is not a valid limit")
            .found(found)
            .expected(expected(limit))
            .next(format!("write, for example, {key} = {}", limit.show(limit.of(&Limits::default()))))),
    }
}

fn expected(limit: Limit) -> String {
    let form = match limit.unit() {
        Unit::Count => "a whole number",
        Unit::Bytes => "a number, a space and B, KiB, MiB or GiB",
        Unit::Milliseconds => "a number, a space and a unit: `ms`, `s` or `min`",
    };
    format!("{form}, from {} to {}", limit.show(limit.minimum()), limit.show(limit.maximum()))
}

/// Nobody says anything.
pub(crate) static NONE: Overrides = Overrides(BTreeMap::new());
