//! A store in memory for unit tests, on which other calls can be faster.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;

use crate::error::NoteError;
use crate::notebook::{Shelf, Swap};
use crate::record::Record;

/// Keys on a page.
const PAGE_KEYS: usize = 4;

#[derive(Default)]
pub(crate) struct Memory {
    /// Values, each with the number of its writes.
    values: RefCell<BTreeMap<String, (u64, Vec<u8>)>>,
    /// The key that another call changes before each of the next swaps, and how many swaps.
    overtaken: RefCell<(String, usize)>,
    listed: Cell<usize>,
}

pub(crate) struct Seen {
    key: String,
    value: Option<(u64, Vec<u8>)>,
}

impl Memory {
    /// Lets another call add a line to a key before each of the next swaps.
    pub(crate) fn overtake(&self, key: &str, times: usize) {
        *self.overtaken.borrow_mut() = (key.to_owned(), times);
    }

    /// Returns the number of pages that were listed.
    pub(crate) fn listed(&self) -> usize {
        self.listed.get()
    }

    fn put(&self, key: &str, value: Vec<u8>) {
        let mut values = self.values.borrow_mut();
        let writes = values.get(key).map_or(0, |(writes, _)| *writes);
        values.insert(key.to_owned(), (writes + 1, value));
    }

    fn let_other_call_write(&self) {
        let mut overtaken = self.overtaken.borrow_mut();
        let (key, times) = &mut *overtaken;
        if *times == 0 {
            return;
        }
        *times -= 1;
        let old =
            self.values.borrow().get(key).map(|(_, value)| Record::of_value(key, value.clone()).unwrap());
        let mut record = old.unwrap_or(Record { revision: 0, modified: 0, text: String::new() });
        record.revision += 1;
        record.text += &format!("\nother {times}");
        self.put(key, record.to_value());
    }
}

impl Shelf for Memory {
    type Seen = Seen;

    fn get(&self, key: &str) -> Result<Option<Vec<u8>>, NoteError> {
        Ok(self.values.borrow().get(key).map(|(_, value)| value.clone()))
    }

    fn look(&self, key: &str) -> Result<Seen, NoteError> {
        Ok(Seen { key: key.to_owned(), value: self.values.borrow().get(key).cloned() })
    }

    fn current(&self, seen: &Seen) -> Result<Option<Vec<u8>>, NoteError> {
        Ok(seen.value.as_ref().map(|(_, value)| value.clone()))
    }

    fn swap(&self, seen: Seen, value: &[u8]) -> Result<Swap<Seen>, NoteError> {
        self.let_other_call_write();
        let now = self.look(&seen.key)?;
        if now.value != seen.value {
            return Ok(Swap::Outdated(now));
        }
        self.put(&seen.key, value.to_vec());
        Ok(Swap::Done)
    }

    fn delete(&self, key: &str) -> Result<bool, NoteError> {
        Ok(self.values.borrow_mut().remove(key).is_some())
    }

    fn keys(&self, cursor: Option<&str>) -> Result<(Vec<String>, Option<String>), NoteError> {
        self.listed.set(self.listed.get() + 1);
        let values = self.values.borrow();
        let mut keys: Vec<_> =
            values.keys().filter(|key| cursor.is_none_or(|last| key.as_str() > last)).collect();
        let has_more = keys.len() > PAGE_KEYS;
        keys.truncate(PAGE_KEYS);
        let next = keys.last().filter(|_| has_more).map(|key| (*key).clone());
        Ok((keys.into_iter().cloned().collect(), next))
    }
}
