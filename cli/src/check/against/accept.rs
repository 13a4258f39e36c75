//! Checks that one side accepts every value that the other side writes.
//!
//! Arguments are written by clients of the old contract and read by the new tool; results are written by the new tool
//! and read by clients of the old contract. So one walk over two types serves both.

use serde_json::{Number, Value};
use toolcell_host::codec::{Case, Constraint, Field, Label, Type};

use super::change::{ChangeKind, Impact, NOTHING};
use crate::component::signature::{bare, render_type};

/// Which way values go.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    /// From clients to the tool.
    Argument,
    /// From the tool to clients.
    Result,
}

/// A place where something that is written is not read.
pub(super) struct Difference {
    pub(super) kind: ChangeKind,
    pub(super) impact: Impact,
    pub(super) path: String,
    pub(super) before: String,
    pub(super) after: String,
}

/// A type with what narrows it.
#[derive(Clone, Copy)]
pub(super) struct Narrowed<'a> {
    pub(super) ty: &'a Type,
    pub(super) constraint: &'a Constraint,
}

/// Compares what a side was with what it is.
pub(super) fn compare(side: Side, path: &str, old: Narrowed<'_>, new: Narrowed<'_>) -> Vec<Difference> {
    let mut walk = Walk { side, found: Vec::new() };
    let (written, read) = match side {
        Side::Argument => (old, new),
        Side::Result => (new, old),
    };
    walk.narrowed(path, written, read);
    walk.found
}

/// A type that nothing narrows.
pub(super) fn plain(ty: &Type) -> Narrowed<'_> {
    const NONE: &Constraint = &Constraint {
        minimum: None,
        maximum: None,
        min_length: None,
        max_length: None,
        pattern: None,
        min_items: None,
        max_items: None,
    };
    Narrowed { ty, constraint: NONE }
}

struct Walk {
    side: Side,
    found: Vec<Difference>,
}

impl Walk {
    /// Notes a difference; the texts are of what is written and of what is read.
    fn note(&mut self, (kind, impact): (ChangeKind, Impact), path: &str, written: String, read: String) {
        let (before, after) = match self.side {
            Side::Argument => (written, read),
            Side::Result => (read, written),
        };
        self.found.push(Difference { kind, impact, path: path.to_string(), before, after });
    }

    /// Some values that are written are not read.
    fn less(&mut self, path: &str, written: String, read: String) {
        let verdict = match self.side {
            Side::Argument => (ChangeKind::Narrowed, Impact::Breaks),
            Side::Result => (ChangeKind::Widened, Impact::MayBreak),
        };
        self.note(verdict, path, written, read);
    }

    fn narrowed(&mut self, path: &str, written: Narrowed<'_>, read: Narrowed<'_>) {
        if bare(written.ty) == bare(read.ty) && written.constraint == read.constraint {
            return;
        }
        match (written.ty, read.ty) {
            (Type::Option(left), Type::Option(right)) if left.accepts_null() == right.accepts_null() => {
                self.narrowed(path, Narrowed { ty: left, ..written }, Narrowed { ty: right, ..read });
            }
            (Type::Option(left), right) if !left.accepts_null() && !right.accepts_null() => {
                let verdict = match self.side {
                    Side::Argument => (ChangeKind::Required, Impact::Breaks),
                    Side::Result => (ChangeKind::Nullable, Impact::MayBreak),
                };
                self.note(verdict, path, shown(written), shown(read));
                self.narrowed(path, Narrowed { ty: left, ..written }, read);
            }
            (left, Type::Option(right)) if !left.accepts_null() && !right.accepts_null() => {
                self.narrowed(path, written, Narrowed { ty: right, ..read });
            }
            (left, right) if is_number(left) && is_number(right) => self.numbers(path, written, read),
            (Type::List(left), Type::List(right)) => {
                self.bounds(path, written, read);
                self.narrowed(&format!("{path}[]"), plain(left), plain(right));
            }
            (Type::String, Type::String) => self.bounds(path, written, read),
            (left, right) => self.other(path, left, right),
        }
    }

    fn other(&mut self, path: &str, written: &Type, read: &Type) {
        match (written, read) {
            (Type::Tuple(left), Type::Tuple(right)) if left.len() == right.len() => {
                for (at, (left, right)) in left.iter().zip(right).enumerate() {
                    self.narrowed(&format!("{path}[{at}]"), plain(left), plain(right));
                }
            }
            (Type::Record(left), Type::Record(right)) => self.records(path, left, right),
            (Type::Flags(left), Type::Flags(right)) => {
                let flags =
                    |labels: &[Label]| labels.iter().map(|label| (label.name.clone(), None)).collect();
                self.choices(path, flags(left), flags(right));
            }
            (Type::Char | Type::Enum(_), Type::String) => {}
            (Type::String, Type::Char | Type::Enum(_)) => {
                self.less(path, render_type(written), render_type(read))
            }
            _ => match (choices(written), choices(read)) {
                (Some(left), Some(right)) => self.choices(path, left, right),
                _ => self.note(
                    (ChangeKind::Retyped, Impact::Breaks),
                    path,
                    render_type(written),
                    render_type(read),
                ),
            },
        }
    }

    fn records(&mut self, path: &str, written: &[Field], read: &[Field]) {
        for field in written {
            let path = format!("{path}.{}", field.name);
            match read.iter().find(|other| other.name == field.name) {
                Some(other) => self.narrowed(&path, plain(&field.ty), plain(&other.ty)),
                // Clients read over what they do not know; the host refuses it.
                None if self.side == Side::Result => {}
                None => self.removed(&path, field, written, read),
            }
        }
        for field in read.iter().filter(|field| !written.iter().any(|other| other.name == field.name)) {
            let path = format!("{path}.{}", field.name);
            match self.side {
                Side::Result => self.removed(&path, field, read, written),
                Side::Argument if matches!(field.ty, Type::Option(_)) => {}
                Side::Argument => {
                    self.note(
                        (ChangeKind::Required, Impact::Breaks),
                        &path,
                        NOTHING.into(),
                        render_type(&field.ty),
                    );
                }
            }
        }
    }

    /// A field of `old` is not in `new`.
    fn removed(&mut self, path: &str, field: &Field, old: &[Field], new: &[Field]) {
        let is_added = |other: &&Field| !old.iter().any(|one| one.name == other.name);
        let mut added = new.iter().filter(is_added);
        let heir = added.find(|other| bare(&other.ty) == bare(&field.ty)).map(|other| other.name.as_str());
        let (before, after) = (render_type(&field.ty), gone(heir));
        self.found.push(Difference {
            kind: ChangeKind::Removed,
            impact: Impact::Breaks,
            path: path.into(),
            before,
            after,
        });
    }

    fn choices(&mut self, path: &str, written: Vec<Choice<'_>>, read: Vec<Choice<'_>>) {
        for (name, payload) in written {
            match read.iter().find(|(other, _)| *other == name) {
                None => self.less(path, format!("`{name}`"), format!("no `{name}`")),
                Some((_, other)) => match (payload, other) {
                    (None, None) => {}
                    (Some(left), Some(right)) => {
                        self.narrowed(&format!("{path}.{name}"), plain(left), plain(right));
                    }
                    (left, right) => {
                        let text = |side: Option<&Type>| side.map_or("no payload".into(), render_type);
                        let path = format!("{path}.{name}");
                        self.note((ChangeKind::Retyped, Impact::Breaks), &path, text(left), text(*right));
                    }
                },
            }
        }
    }

    fn numbers(&mut self, path: &str, written: Narrowed<'_>, read: Narrowed<'_>) {
        let is_float = |ty: &Type| matches!(ty, Type::F32 | Type::F64);
        if is_float(written.ty) && !is_float(read.ty) {
            let verdict = match self.side {
                Side::Argument => (ChangeKind::Narrowed, Impact::Breaks),
                Side::Result => (ChangeKind::Retyped, Impact::Breaks),
            };
            return self.note(verdict, path, shown(written), shown(read));
        }
        let (left, right) = (range(written), range(read));
        if left.0 < right.0 || left.1 > right.1 {
            self.less(path, shown(written), shown(read));
        }
    }

    /// Lengths and patterns of strings, lengths of lists.
    fn bounds(&mut self, path: &str, written: Narrowed<'_>, read: Narrowed<'_>) {
        let (left, right) = (written.constraint, read.constraint);
        let below = |left: Option<u32>, right: Option<u32>| left.unwrap_or(0) < right.unwrap_or(0);
        let above =
            |left: Option<u32>, right: Option<u32>| left.unwrap_or(u32::MAX) > right.unwrap_or(u32::MAX);
        let is_less = below(left.min_length, right.min_length)
            || below(left.min_items, right.min_items)
            || above(left.max_length, right.max_length)
            || above(left.max_items, right.max_items)
            || (left.pattern.is_none() && right.pattern.is_some());
        if is_less {
            self.less(path, shown(written), shown(read));
        } else if right.pattern.is_some() && left.pattern != right.pattern {
            // Whether a pattern takes what another takes, nobody can say.
            self.note((ChangeKind::Narrowed, Impact::MayBreak), path, shown(written), shown(read));
        }
    }
}

/// Describes a removed item; `heir` is its likely new name.
pub(super) fn gone(heir: Option<&str>) -> String {
    match heir {
        Some(heir) => format!("{NOTHING}; perhaps it is `{heir}` now"),
        None => NOTHING.into(),
    }
}

/// A case by name, with what it carries.
type Choice<'a> = (String, Option<&'a Type>);

/// The cases of a type of which a value is one; a bare case is the same string in an enum and in a variant.
fn choices(ty: &Type) -> Option<Vec<Choice<'_>>> {
    match ty {
        Type::Enum(labels) => Some(labels.iter().map(|label| (label.name.clone(), None)).collect()),
        Type::Variant(cases) => {
            Some(cases.iter().map(|Case { name, payload, .. }| (name.clone(), payload.as_ref())).collect())
        }
        Type::Result { ok, err } => Some(vec![("ok".into(), ok.as_deref()), ("err".into(), err.as_deref())]),
        _ => None,
    }
}

fn is_number(ty: &Type) -> bool {
    type_range(ty).is_some()
}

/// The numbers that a type has and its constraint leaves.
fn range(narrowed: Narrowed<'_>) -> (f64, f64) {
    let (min, max) = type_range(narrowed.ty).unwrap_or((f64::NEG_INFINITY, f64::INFINITY));
    let bound = |bound: &Option<Number>| bound.as_ref().and_then(Number::as_f64);
    let constraint = narrowed.constraint;
    let (low, high) = (bound(&constraint.minimum), bound(&constraint.maximum));
    (low.map_or(min, |low| low.max(min)), high.map_or(max, |high| high.min(max)))
}

/// Returns the bounds of a number type; the 64-bit bounds are rounded, in the same order.
fn type_range(ty: &Type) -> Option<(f64, f64)> {
    Some(match ty {
        Type::S8 => (i8::MIN.into(), i8::MAX.into()),
        Type::U8 => (0.0, u8::MAX.into()),
        Type::S16 => (i16::MIN.into(), i16::MAX.into()),
        Type::U16 => (0.0, u16::MAX.into()),
        Type::S32 => (i32::MIN.into(), i32::MAX.into()),
        Type::U32 => (0.0, u32::MAX.into()),
        Type::S64 => (-(2_f64.powi(63)), 2_f64.powi(63)),
        Type::U64 => (0.0, 2_f64.powi(64)),
        Type::F32 => (f32::MIN.into(), f32::MAX.into()),
        Type::F64 => (f64::NEG_INFINITY, f64::INFINITY),
        _ => return None,
    })
}

/// A type as WIT writes it, with what narrows it: `u32, maximum 80`.
fn shown(narrowed: Narrowed<'_>) -> String {
    let constraint = serde_json::to_value(narrowed.constraint).unwrap_or_default();
    let parts = constraint.as_object().into_iter().flatten().map(|(key, value)| match value {
        Value::String(text) => format!(", {key} {text}"),
        value => format!(", {key} {value}"),
    });
    [render_type(narrowed.ty)].into_iter().chain(parts).collect()
}
