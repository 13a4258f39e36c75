//! Keeps values that are made one by one, when somebody first asks for them.

use std::convert::Infallible;
use std::sync::OnceLock;

/// The number of values for which room is made at a time.
const BLOCK: usize = 64;

/// A table of values by place. Making it costs almost nothing, however many places it has: a first value makes room for
/// its neighbours alone.
#[derive(Debug)]
pub(crate) struct LazyTable<T>(Box<[OnceLock<Block<T>>]>);

type Block<T> = Box<[OnceLock<T>]>;

impl<T> LazyTable<T> {
    /// Makes a table with places for `length` values.
    pub(crate) fn new(length: usize) -> Self {
        Self(std::iter::repeat_with(OnceLock::new).take(length.div_ceil(BLOCK)).collect())
    }

    /// Returns the value at a place, if it has been made.
    ///
    /// # Panics
    /// Panics if the table has no such place.
    pub(crate) fn get(&self, place: usize) -> Option<&T> {
        self.0[place / BLOCK].get()?[place % BLOCK].get()
    }

    /// Returns the value at a place, made by `make` if there is none yet.
    ///
    /// # Panics
    /// Panics if the table has no such place.
    pub(crate) fn get_or_init(&self, place: usize, make: impl FnOnce() -> T) -> &T {
        match self.get_or_try_init(place, || Ok::<_, Infallible>(make())) {
            Ok(value) => value,
        }
    }

    /// Returns the value at a place, made by `make` if there is none yet. Of two that are made at once, one stays.
    ///
    /// # Errors
    /// Fails if `make` does; the next caller tries again.
    ///
    /// # Panics
    /// Panics if the table has no such place.
    pub(crate) fn get_or_try_init<E>(
        &self,
        place: usize,
        make: impl FnOnce() -> Result<T, E>,
    ) -> Result<&T, E> {
        let room = || std::iter::repeat_with(OnceLock::new).take(BLOCK).collect();
        let cell = &self.0[place / BLOCK].get_or_init(room)[place % BLOCK];
        if let Some(value) = cell.get() {
            return Ok(value);
        }
        let value = make()?;
        Ok(cell.get_or_init(|| value))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_made_once_and_a_failure_is_tried_again() {
        let table = LazyTable::new(BLOCK + 1);
        assert_eq!((table.get(0), table.get(BLOCK)), (None, None));
        assert_eq!(table.get_or_try_init(BLOCK, || Err::<u8, _>("not yet")), Err("not yet"));
        assert_eq!(table.get_or_try_init(BLOCK, || Ok::<_, ()>(1)), Ok(&1));
        assert_eq!(table.get_or_try_init(BLOCK, || Ok::<_, ()>(2)), Ok(&1));
        assert_eq!((table.get(0), table.get(BLOCK)), (None, Some(&1)));
        assert_eq!(table.get_or_init(0, || 3), &3);
    }
}
