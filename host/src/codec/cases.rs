//! Treats the cases of variants and of nested results alike.

use super::plan::{Case, Type};

/// The cases of a variant or of a nested result.
#[derive(Clone, Copy)]
pub(crate) enum Cases<'p> {
    Variant(&'p [Case]),
    Result { ok: Option<&'p Type>, err: Option<&'p Type> },
}

impl<'p> Cases<'p> {
    /// Returns the cases of `ty`, if it has any.
    pub(crate) fn of(ty: &'p Type) -> Option<Self> {
        match ty {
            Type::Variant(cases) => Some(Self::Variant(cases)),
            Type::Result { ok, err } => Some(Self::Result { ok: ok.as_deref(), err: err.as_deref() }),
            _ => None,
        }
    }

    pub(crate) fn len(self) -> usize {
        match self {
            Self::Variant(cases) => cases.len(),
            Self::Result { .. } => 2,
        }
    }

    /// Returns JSON name and payload of a case, in WIT order (`ok` before `err`).
    pub(crate) fn get(self, index: usize) -> (&'p str, Option<&'p Type>) {
        match self {
            Self::Variant(cases) => (&cases[index].name, cases[index].payload.as_ref()),
            Self::Result { ok, .. } if index == 0 => ("ok", ok),
            Self::Result { err, .. } => ("err", err),
        }
    }

    pub(crate) fn iter(self) -> impl ExactSizeIterator<Item = (&'p str, Option<&'p Type>)> {
        (0..self.len()).map(move |index| self.get(index))
    }

    /// Finds a case by its JSON name.
    pub(crate) fn position(self, name: &str) -> Option<usize> {
        self.iter().position(|(case, _)| case == name)
    }
}
