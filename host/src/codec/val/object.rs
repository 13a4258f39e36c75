//! Objects: the arguments themselves, records, and the single-key ones of cases and wrapped options.

use std::borrow::Cow;

use serde::Deserialize;
use serde::de::{Error, MapAccess};
use wasmtime::component::Val;

use super::decode::{OrNull, Shape, decode_param};
use super::reader::Reader;
use crate::codec::cases::Cases;
use crate::codec::checked::CheckedParam;
use crate::codec::error::quoted;
use crate::codec::plan::{Field, Type};
use crate::codec::rule::{ANY, Rule};
use crate::codec::{describe, phrase};

/// An object's key as it came.
#[derive(Deserialize)]
struct Key<'a>(#[serde(borrow)] Cow<'a, str>);

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

    fn value(self, index: usize) -> (&'p Type, &'p Rule) {
        match self {
            Self::Params(params) => (params[index].param.presented(), &params[index].rule),
            Self::Fields(fields) => (&fields[index].ty, &ANY),
        }
    }

    fn is_absent_if_null(self, index: usize) -> bool {
        match self {
            Self::Params(params) => params[index].param.is_absent_if_null(),
            Self::Fields(_) => false,
        }
    }

    fn expected(self) -> String {
        phrase::keys((0..self.len()).map(|index| self.name(index)))
    }
}

impl<'p> Reader<'p> {
    pub(super) fn arguments<'de, A: MapAccess<'de>>(
        &mut self,
        params: &'p [CheckedParam],
        map: A,
    ) -> Result<Val, A::Error> {
        let given = self.members(Members::Params(params), map)?;
        let mut values = Vec::with_capacity(params.len());
        for (param, value) in params.iter().zip(given) {
            values.push(match value {
                Some(value) => param.given(value),
                None => self.absent_argument(param)?,
            });
        }
        Ok(Val::Tuple(values))
    }

    fn absent_argument<E: Error>(&mut self, param: &'p CheckedParam) -> Result<Val, E> {
        match (&param.param.default, &param.param.ty) {
            (Some(default), _) => decode_param(param, default.get())
                .map_err(|error| self.refuse(error.expected, format!("{} as its default", error.found))),
            (None, ty) => self.absent(&param.param.name, ty, &param.rule),
        }
    }

    pub(super) fn record<'de, A: MapAccess<'de>>(
        &mut self,
        fields: &'p [Field],
        map: A,
    ) -> Result<Val, A::Error> {
        let given = self.members(Members::Fields(fields), map)?;
        let mut values = Vec::with_capacity(fields.len());
        for (field, value) in fields.iter().zip(given) {
            let name = self.name(&field.name)?;
            values.push(match value {
                Some(value) => (name, value),
                None => (name, self.absent(&field.name, &field.ty, &ANY)?),
            });
        }
        Ok(Val::Record(values))
    }

    fn members<'de, A: MapAccess<'de>>(
        &mut self,
        members: Members<'p>,
        mut map: A,
    ) -> Result<Vec<Option<Val>>, A::Error> {
        self.take(members.len(), size_of::<Option<Val>>() + size_of::<(String, Val)>())?;
        let mut values: Vec<Option<Val>> = (0..members.len()).map(|_| None).collect();
        let mut seen = vec![false; members.len()];
        while let Some(Key(key)) = map.next_key()? {
            let Some(index) = (0..members.len()).find(|&index| members.name(index) == key) else {
                return Err(self.refuse(members.expected(), format!("the key {}", quoted(&key))));
            };
            self.path.enter_key(members.name(index));
            if std::mem::replace(&mut seen[index], true) {
                return Err(self.refuse("each key once".into(), "the key again".into()));
            }
            let (ty, rule) = members.value(index);
            values[index] = match members.is_absent_if_null(index) {
                true => map.next_value_seed(OrNull(self.seed(ty, rule)))?,
                false => Some(map.next_value_seed(self.seed(ty, rule))?),
            };
            self.path.leave();
        }
        Ok(values)
    }

    /// The value of a key that is not there.
    fn absent<E: Error>(&mut self, name: &'p str, ty: &Type, rule: &Rule) -> Result<Val, E> {
        if let Type::Option(_) = ty {
            return Ok(Val::Option(None));
        }
        self.path.enter_key(name);
        Err(self.refuse(describe::value(ty, rule).0, "nothing (the key is missing)".into()))
    }

    /// `{"some": ...}`.
    pub(super) fn some<'de, A: MapAccess<'de>>(
        &mut self,
        inner: &'p Type,
        rule: &'p Rule,
        mut map: A,
    ) -> Result<Val, A::Error> {
        let shape = Shape::Some(inner, rule);
        match map.next_key::<Key<'_>>()? {
            Some(Key(key)) if key == "some" => {}
            Some(Key(key)) => return Err(self.mismatch(shape, format!("the key {}", quoted(&key)))),
            None => return Err(self.mismatch(shape, "an object without keys".into())),
        }
        self.path.enter_key("some");
        let value = map.next_value_seed(self.seed(inner, rule))?;
        self.path.leave();
        self.no_more_keys(map)?;
        Ok(value)
    }

    /// `{"case": ...}`.
    pub(super) fn payload<'de, A: MapAccess<'de>>(
        &mut self,
        shape: Shape<'p>,
        cases: Cases<'p>,
        mut map: A,
    ) -> Result<Val, A::Error> {
        let Some(Key(key)) = map.next_key()? else {
            return Err(self.mismatch(shape, "an object without keys".into()));
        };
        let index = cases.position(&key);
        let Some((index, (name, Some(ty)))) = index.map(|index| (index, cases.get(index))) else {
            return Err(self.mismatch(shape, format!("an object with the key {}", quoted(&key))));
        };
        self.path.enter_key(name);
        let value = map.next_value_seed(self.seed(ty, &ANY))?;
        self.path.leave();
        self.no_more_keys(map)?;
        self.case(cases, index, Some(value))
    }

    fn no_more_keys<'de, A: MapAccess<'de>>(&mut self, mut map: A) -> Result<(), A::Error> {
        match map.next_key::<Key<'_>>()? {
            None => Ok(()),
            Some(Key(key)) => {
                let found = format!("another key, {}", quoted(&key));
                Err(self.refuse("an object with a single key".into(), found))
            }
        }
    }

    /// The value of a variant or of a nested result.
    pub(super) fn case<E: Error>(
        &mut self,
        cases: Cases<'p>,
        index: usize,
        payload: Option<Val>,
    ) -> Result<Val, E> {
        let payload = payload.map(|value| self.boxed(value)).transpose()?;
        Ok(match cases {
            Cases::Variant(cases) => Val::Variant(self.name(&cases[index].name)?, payload),
            Cases::Result { .. } if index == 0 => Val::Result(Ok(payload)),
            Cases::Result { .. } => Val::Result(Err(payload)),
        })
    }
}
