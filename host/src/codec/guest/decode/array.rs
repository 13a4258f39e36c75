//! Decodes JSON arrays: lists, tuples and flags.

use super::{CallError, Decoder, Layout, Pair, Rule, Target, Type, label};
use crate::codec::error::excerpt;
use crate::codec::rule::ANY;
use crate::codec::{describe, phrase};

impl<'p> Decoder<'_, 'p> {
    pub(super) fn list(
        &mut self,
        element: &'p Type,
        layout: &'p Layout,
        rule: &'p Rule,
        target: Target,
    ) -> Result<(), CallError> {
        self.open(|| rule.items_expected().0)?;
        let layout = layout.element();
        let start = self.scratch.len();
        let (mut first, mut count) = (true, 0);
        while self.next_item(b']', &mut first)? {
            self.path.enter_index(count);
            let at = Target::Scratch(self.scratch.len());
            self.budget.extend(&mut self.scratch, layout.size)?;
            self.value(element, layout, &ANY, at)?;
            self.path.leave();
            count += 1;
        }
        if !rule.allows_items(count) {
            return Err(self.refuse(rule.items_expected().0, phrase::counted(count, "item")));
        }
        let address = self.move_to_guest(start, layout.align)?;
        self.put_pair(target, Pair { address, len: count as u32 });
        Ok(())
    }

    pub(super) fn tuple(
        &mut self,
        types: &'p [Type],
        layout: &'p Layout,
        target: Target,
    ) -> Result<(), CallError> {
        let expected = || format!("an array of {}", phrase::counted(types.len(), "item"));
        self.open(expected)?;
        let (mut first, mut count) = (true, 0);
        while self.next_item(b']', &mut first)? {
            let Some((ty, member)) = types.get(count).zip(layout.members.get(count)) else {
                return Err(self.refuse(expected(), "more".into()));
            };
            self.path.enter_index(count);
            self.value(ty, &member.layout, &ANY, target.member(member))?;
            self.path.leave();
            count += 1;
        }
        if count < types.len() {
            return Err(self.refuse(expected(), phrase::counted(count, "item")));
        }
        Ok(())
    }

    /// Sets bit `n % 32` of word `n / 32` for each flag `n` that is named, once or more often.
    pub(super) fn flags(&mut self, ty: &Type, layout: &Layout, target: Target) -> Result<(), CallError> {
        self.open(|| describe::value(ty, &ANY).0)?;
        let Type::Flags(labels) = ty else { unreachable!("only flags come here") };
        let mut words = vec![0_u32; labels.len().div_ceil(32)];
        let (mut first, mut count) = (true, 0);
        while self.next_item(b']', &mut first)? {
            self.path.enter_index(count);
            let Some(raw) = self.next_scalar()? else {
                return Err(self.unexpected_for(describe::labels(labels)));
            };
            let Some(index) = label(labels, &layout.names, raw) else {
                return Err(self.refuse(describe::labels(labels), excerpt(raw)));
            };
            words[index / 32] |= 1 << (index % 32);
            self.path.leave();
            count += 1;
        }
        let mut target = target;
        for word in words {
            self.put(target, layout.size.min(4), word.into());
            target = target.next_word();
        }
        Ok(())
    }

    fn open(&mut self, expected: impl FnOnce() -> String) -> Result<(), CallError> {
        if self.json.eat(b'[') { Ok(()) } else { Err(self.unexpected_for(expected())) }
    }
}
