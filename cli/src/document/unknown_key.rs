//! Refuses keys of a TOML file that the program does not know, all of them at once.

use std::cell::RefCell;

use crate::ui::closest::closest;
use crate::ui::problem::{Problem, Result, one_of};

/// A key that the program does not know.
pub(crate) struct UnknownKey {
    /// Offset in the file.
    pub(crate) at: usize,
    /// Its position, as errors show it.
    pub(crate) place: String,
    /// Its name.
    pub(crate) name: String,
    /// The keys that its table allows.
    pub(crate) known: Vec<&'static str>,
}

/// The unknown keys of one file.
#[derive(Default)]
pub(crate) struct UnknownKeys(RefCell<Vec<UnknownKey>>);

impl UnknownKeys {
    /// Adds one.
    pub(crate) fn add(&self, key: UnknownKey) {
        self.0.borrow_mut().push(key);
    }

    /// Refuses the file if there are any.
    pub(crate) fn refuse(&self, file: &str) -> Result<()> {
        let mut keys = self.0.borrow_mut();
        keys.sort_by_key(|one| one.at);
        match keys.as_slice() {
            [] => Ok(()),
            [one] => Err(Problem::refused(&one.place, "is an unknown key")
                .found(&one.name)
                .expected(one_of(&one.known))
                .next(one.meant().map_or_else(
                    || "remove it; docs/configuration.md lists every key".into(),
                    |meant| format!("did you mean `{meant}`?"),
                ))),
            all => {
                let next = all.iter().map(|one| match one.meant() {
                    Some(meant) => format!("did you mean `{meant}` by `{}`?", one.name),
                    None => format!("remove `{}`", one.name),
                });
                let next: Vec<String> = next.collect();
                let places: Vec<&str> = all.iter().map(|one| one.place.as_str()).collect();
                Err(Problem::refused(file, format!("has {} unknown keys", all.len()))
                    .found(places.join("\n"))
                    .expected("keys listed in docs/configuration.md")
                    .next(next.join("\n")))
            }
        }
    }
}

impl UnknownKey {
    fn meant(&self) -> Option<&'static str> {
        closest(&self.name, self.known.iter().copied())
    }
}
