//! Keys of a TOML file that nobody asked for: all of them are told at once.

use std::cell::RefCell;

use crate::ui::closest::closest;
use crate::ui::problem::{Problem, Result};

/// A key that nobody asked for.
pub(crate) struct Stranger {
    /// Offset in the file.
    pub(crate) at: usize,
    /// Where it is, as errors show it.
    pub(crate) place: String,
    /// Its name.
    pub(crate) name: String,
    /// What its table may hold.
    pub(crate) known: Vec<&'static str>,
}

/// The strangers of one file.
#[derive(Default)]
pub(crate) struct Strangers(RefCell<Vec<Stranger>>);

impl Strangers {
    /// Takes in one more.
    pub(crate) fn add(&self, stranger: Stranger) {
        self.0.borrow_mut().push(stranger);
    }

    /// Refuses the file if there are any.
    pub(crate) fn refuse(&self, file: &str) -> Result<()> {
        let mut strangers = self.0.borrow_mut();
        strangers.sort_by_key(|one| one.at);
        match strangers.as_slice() {
            [] => Ok(()),
            [one] => Err(Problem::refused(&one.place, "is not a known key")
                .found(&one.name)
                .expected(format!("one of {}", one.known.join(", ")))
                .next(one.meant().map_or_else(
                    || "remove it; docs/configuration.md shows every key".into(),
                    |meant| format!("did you mean `{meant}`?"),
                ))),
            all => {
                let next = all.iter().map(|one| match one.meant() {
                    Some(meant) => format!("did you mean `{meant}` by `{}`?", one.name),
                    None => format!("remove `{}`", one.name),
                });
                let next: Vec<String> = next.collect();
                let places: Vec<&str> = all.iter().map(|one| one.place.as_str()).collect();
                Err(Problem::refused(file, format!("has {} keys that are not known", all.len()))
                    .found(places.join("\n"))
                    .expected("keys that docs/configuration.md shows")
                    .next(next.join("\n")))
            }
        }
    }
}

impl Stranger {
    fn meant(&self) -> Option<&'static str> {
        closest(&self.name, self.known.iter().copied())
    }
}
