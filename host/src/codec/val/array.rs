//! Arrays: lists, tuples and flags.

use serde::de::{IgnoredAny, SeqAccess};
use serde_json::value::RawValue;
use wasmtime::component::Val;

use super::reader::{Reader, label};
use crate::codec::error::excerpt;
use crate::codec::plan::{Label, Type};
use crate::codec::rule::{ANY, Rule};
use crate::codec::{describe, phrase};

impl<'p> Reader<'p> {
    pub(super) fn list<'de, A: SeqAccess<'de>>(
        &mut self,
        item: &'p Type,
        rule: &'p Rule,
        mut items: A,
    ) -> Result<Val, A::Error> {
        let mut list = Vec::new();
        loop {
            self.path.enter_index(list.len());
            let Some(value) = items.next_element_seed(self.seed(item, &ANY))? else { break };
            self.push(&mut list, value)?;
            self.path.leave();
        }
        self.path.leave();
        if !rule.allows_items(list.len()) {
            return Err(self.refuse(rule.items_expected().0, phrase::counted(list.len(), "item")));
        }
        Ok(Val::List(list))
    }

    pub(super) fn tuple<'de, A: SeqAccess<'de>>(
        &mut self,
        types: &'p [Type],
        mut items: A,
    ) -> Result<Val, A::Error> {
        self.take(types.len(), size_of::<Val>())?;
        let mut values = Vec::with_capacity(types.len());
        for ty in types {
            self.path.enter_index(values.len());
            let value = items.next_element_seed(self.seed(ty, &ANY))?;
            self.path.leave();
            let Some(value) = value else { break };
            values.push(value);
        }
        let missing = values.len() < types.len();
        if missing || items.next_element::<IgnoredAny>()?.is_some() {
            let found = if missing { phrase::counted(values.len(), "item") } else { "more".into() };
            let expected = format!("an array of {}", phrase::counted(types.len(), "item"));
            return Err(self.refuse(expected, found));
        }
        Ok(Val::Tuple(values))
    }

    pub(super) fn flags<'de, A: SeqAccess<'de>>(
        &mut self,
        labels: &'p [Label],
        mut items: A,
    ) -> Result<Val, A::Error> {
        self.take(labels.len(), 1 + size_of::<String>())?;
        let mut set = vec![false; labels.len()];
        let mut count = 0;
        while let Some(raw) = items.next_element::<&RawValue>()? {
            self.path.enter_index(count);
            match label(labels, raw.get()) {
                Some(index) => set[index] = true,
                None => {
                    let names = describe::labels(labels);
                    return Err(self.refuse(names, excerpt(raw.get())));
                }
            }
            self.path.leave();
            count += 1;
        }
        let mut names = Vec::with_capacity(labels.len());
        for (label, _) in labels.iter().zip(&set).filter(|(_, set)| **set) {
            names.push(self.name(&label.name)?);
        }
        Ok(Val::Flags(names))
    }
}
