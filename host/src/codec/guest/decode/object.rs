//! Decodes JSON objects: arguments, records, and the objects with a single key of cases and wrapped options.

use std::borrow::Cow;

use super::{CallError, Decoder, Layout, Lexer, Malformed, Names, Plan, Rule, Target, Type};
use crate::codec::cases::Cases;
use crate::codec::checked::CheckedParam;
use crate::codec::error::{found_in_place, quoted};
use crate::codec::plan::Field;
use crate::codec::rule::ANY;
use crate::codec::{describe, phrase, scalar};

/// The members of an object with fixed keys.
#[derive(Clone, Copy)]
enum Members<'p> {
    Params(&'p [CheckedParam]),
    Fields(&'p [Field]),
}

impl<'p> Members<'p> {
    fn len(self) -> usize {
        match self {
            Self::Params(params) => params.len(),
            Self::Fields(fields) => fields.len(),
        }
    }

    fn name(self, index: usize) -> &'p str {
        match self {
            Self::Params(params) => &params[index].param.name,
            Self::Fields(fields) => &fields[index].name,
        }
    }

    /// Finds a key. Looks first at the member after the last one read, because clients keep the order.
    fn position(self, name: &str, hint: usize, names: &Names) -> Option<usize> {
        let hinted = Some(hint).filter(|&index| index < self.len() && self.name(index) == name);
        let compare = || (0..self.len()).find(|&index| self.name(index) == name);
        hinted.or_else(|| names.find(name, compare))
    }

    fn expected(self) -> String {
        phrase::keys((0..self.len()).map(|index| self.name(index)))
    }
}

impl<'p> Decoder<'_, 'p> {
    pub(super) fn arguments(&mut self, plan: &'p Plan, target: Target) -> Result<(), CallError> {
        self.members(Members::Params(&plan.checked.params), &plan.params, target)?;
        self.json.end().map_err(|error| self.malformed(error))
    }

    pub(super) fn record(
        &mut self,
        fields: &'p [Field],
        layout: &'p Layout,
        target: Target,
    ) -> Result<(), CallError> {
        self.members(Members::Fields(fields), layout, target)
    }

    fn members(&mut self, members: Members<'p>, layout: &'p Layout, target: Target) -> Result<(), CallError> {
        if !self.json.eat(b'{') {
            return Err(self.unexpected_for(members.expected()));
        }
        let base = self.seen.len();
        self.seen.resize(base + members.len(), false);
        let (mut first, mut hint) = (true, 0);
        while self.next_item(b'}', &mut first)? {
            let key = self.key()?;
            let Some(index) = members.position(&key, hint, &layout.names) else {
                return Err(self.refuse(members.expected(), format!("the key {}", quoted(&key))));
            };
            self.path.enter_key(members.name(index));
            if std::mem::replace(&mut self.seen[base + index], true) {
                return Err(self.refuse("each key once".into(), "the key again".into()));
            }
            let member = &layout.members[index];
            self.member(members, index, &member.layout, target.member(member))?;
            self.path.leave();
            hint = index + 1;
        }
        for index in 0..members.len() {
            if !self.seen[base + index] {
                let member = &layout.members[index];
                self.absent(members, index, &member.layout, target.member(member))?;
            }
        }
        self.seen.truncate(base);
        Ok(())
    }

    fn member(
        &mut self,
        members: Members<'p>,
        index: usize,
        layout: &'p Layout,
        target: Target,
    ) -> Result<(), CallError> {
        match members {
            Members::Fields(fields) => self.value(&fields[index].ty, layout, &ANY, target),
            Members::Params(params) => {
                let is_null = params[index].param.is_absent_if_null() && self.json.peek() == Some(b'n');
                match is_null && self.next_scalar()?.is_some() {
                    true => self.missing(members, index, layout, target),
                    false => self.argument(&params[index], layout, target),
                }
            }
        }
    }

    /// Reads an argument by its presented type, and adds the option that this leaves out.
    fn argument(
        &mut self,
        param: &'p CheckedParam,
        layout: &'p Layout,
        target: Target,
    ) -> Result<(), CallError> {
        let (ty, rule) = (param.param.presented(), &param.rule);
        if std::ptr::eq(ty, &param.param.ty) {
            return self.value(ty, layout, rule, target);
        }
        self.put(target, layout.tag, 1);
        let payload = &layout.members[1];
        self.value(ty, &payload.layout, rule, target.member(payload))
    }

    /// Handles an absent key.
    fn absent(
        &mut self,
        members: Members<'p>,
        index: usize,
        layout: &'p Layout,
        target: Target,
    ) -> Result<(), CallError> {
        self.path.enter_key(members.name(index));
        self.missing(members, index, layout, target)?;
        self.path.leave();
        Ok(())
    }

    /// Reads the default, or leaves the zeros that are there for an option.
    fn missing(
        &mut self,
        members: Members<'p>,
        index: usize,
        layout: &'p Layout,
        target: Target,
    ) -> Result<(), CallError> {
        let (ty, rule) = match members {
            Members::Fields(fields) => (&fields[index].ty, &ANY),
            Members::Params(params) => (&params[index].param.ty, &params[index].rule),
        };
        if let Members::Params(params) = members
            && let Some(default) = &params[index].param.default
        {
            let arguments = std::mem::replace(&mut self.json, Lexer::new(default.get()));
            self.argument(&params[index], layout, target)?;
            self.json = arguments;
        } else if !matches!(ty, Type::Option(_)) {
            return Err(self.refuse(describe::value(ty, rule).0, "nothing (the key is missing)".into()));
        }
        Ok(())
    }

    /// Reads `{"some": ...}`.
    pub(super) fn some(
        &mut self,
        inner: &'p Type,
        layout: &'p Layout,
        rule: &'p Rule,
        target: Target,
    ) -> Result<(), CallError> {
        const EXPECTED: &str = "null or {\"some\": ...}";
        let key = self.single(|| EXPECTED.into())?;
        if key != "some" {
            return Err(self.refuse(EXPECTED.into(), format!("the key {}", quoted(&key))));
        }
        self.path.enter_key("some");
        self.value(inner, layout, rule, target)?;
        self.path.leave();
        self.close()
    }

    /// Reads `"case"` without a payload, `{"case": ...}` with one.
    pub(super) fn case(&mut self, ty: &'p Type, layout: &'p Layout, target: Target) -> Result<(), CallError> {
        let Some(cases) = Cases::of(ty) else { return Err(self.unexpected(ty, &ANY)) };
        if self.json.peek() != Some(b'{') {
            let Some(raw) = self.next_scalar()? else { return Err(self.unexpected(ty, &ANY)) };
            let index =
                scalar::unquoted(raw).and_then(|name| layout.names.find(&name, || cases.position(&name)));
            let index = index.filter(|&index| cases.get(index).1.is_none());
            let index = index.ok_or_else(|| self.refuse(describe::value(ty, &ANY).0, found_in_place(raw)))?;
            self.put(target, layout.tag, index as u64);
            return Ok(());
        }
        let key = self.single(|| describe::value(ty, &ANY).0)?;
        let index = layout.names.find(&key, || cases.position(&key));
        let Some((index, (name, Some(ty)))) = index.map(|index| (index, cases.get(index))) else {
            let found = format!("an object with the key {}", quoted(&key));
            return Err(self.refuse(describe::value(ty, &ANY).0, found));
        };
        let payload = &layout.members[index];
        self.put(target, layout.tag, index as u64);
        self.path.enter_key(name);
        self.value(ty, &payload.layout, &ANY, target.member(payload))?;
        self.path.leave();
        self.close()
    }

    /// Steps into an object that should have one key, and reads the key.
    fn single(&mut self, expected: impl Fn() -> String) -> Result<Cow<'p, str>, CallError> {
        if !self.json.eat(b'{') {
            return Err(self.unexpected_for(expected()));
        }
        if !self.next_item(b'}', &mut true)? {
            return Err(self.refuse(expected(), "an object without keys".into()));
        }
        self.key()
    }

    /// Steps out of an object after its one key.
    fn close(&mut self) -> Result<(), CallError> {
        if !self.next_item(b'}', &mut false)? {
            return Ok(());
        }
        let found = format!("another key, {}", quoted(&self.key()?));
        Err(self.refuse("an object with a single key".into(), found))
    }

    fn key(&mut self) -> Result<Cow<'p, str>, CallError> {
        let text = self.json.key().map(scalar::unquoted);
        text.ok().flatten().ok_or_else(|| self.malformed(Malformed))
    }
}
