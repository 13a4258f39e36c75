//! Describes a function's WIT signature as calls need it: its plan.

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::pattern::Pattern;

/// A WIT value type.
///
/// Names are the JSON names (snake_case); the WIT name is the same with `-` for `_`, because WIT
/// identifiers hold no underscore.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Type {
    /// `bool`
    Bool,
    /// `s8`
    S8,
    /// `u8`
    U8,
    /// `s16`
    S16,
    /// `u16`
    U16,
    /// `s32`
    S32,
    /// `u32`
    U32,
    /// `s64`
    S64,
    /// `u64`
    U64,
    /// `f32`
    F32,
    /// `f64`
    F64,
    /// `char`
    Char,
    /// `string`
    String,
    /// `list<u8>`: base64 text in JSON.
    Bytes,
    /// `list<T>` of anything but `u8`.
    List(Box<Type>),
    /// `tuple<...>`, at least one element.
    Tuple(Vec<Type>),
    /// `record`
    Record(Vec<Field>),
    /// `variant`
    Variant(Vec<Case>),
    /// `enum`
    Enum(Vec<Label>),
    /// `flags`
    Flags(Vec<Label>),
    /// `option<T>`: absent or null for none; `{"some": ...}` where `T` itself can be null.
    Option(Box<Type>),
    /// `result<T, E>` anywhere but at the top level of a function's result.
    Result {
        /// The `ok` payload.
        ok: Option<Box<Type>>,
        /// The `err` payload.
        err: Option<Box<Type>>,
    },
}

/// A field of a record.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Field {
    /// JSON name.
    pub name: String,
    /// The field's type.
    #[serde(rename = "type")]
    pub ty: Type,
    /// WIT documentation; left out of the catalog, where only the schema shows it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub docs: Option<String>,
}

/// A case of a variant.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Case {
    /// JSON name.
    pub name: String,
    /// The payload of the case.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub payload: Option<Type>,
    /// WIT documentation; left out of the catalog.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub docs: Option<String>,
}

/// A case of an enum, or one flag.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Label {
    /// JSON name.
    pub name: String,
    /// WIT documentation; left out of the catalog.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub docs: Option<String>,
}

/// A function: the plan by which calls are decoded and encoded.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Function {
    /// Parameters in WIT order.
    pub params: Vec<Param>,
    /// The result; a top-level [`Type::Result`] becomes success or `isError`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub result: Option<Type>,
}

/// A parameter of a function: a property of the tool's `inputSchema`.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Param {
    /// JSON name.
    pub name: String,
    /// The parameter's type.
    #[serde(rename = "type")]
    pub ty: Type,
    /// Documentation (`@param name text`); left out of the catalog.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub docs: Option<String>,
    /// The JSON for an absent argument; it makes the property optional.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default: Option<Box<RawValue>>,
    /// The constraint from `plugin.toml`, which the decoder enforces and the schema shows.
    #[serde(default, skip_serializing_if = "Constraint::is_empty")]
    pub constraint: Constraint,
    /// Example values for the schema; left out of the catalog.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub examples: Vec<serde_json::Value>,
    /// Name `N` of the request header `Mcp-Param-N` that mirrors this argument (`x-mcp-header`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub header: Option<String>,
}

/// Narrows a parameter beyond its WIT type, with the JSON Schema keywords of the same names.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Constraint {
    /// The smallest number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub minimum: Option<serde_json::Number>,
    /// The largest number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub maximum: Option<serde_json::Number>,
    /// The fewest characters (Unicode scalar values) of a string.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min_length: Option<u32>,
    /// The most characters of a string.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_length: Option<u32>,
    /// The regular expression that a part of a string must match.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pattern: Option<String>,
    /// The fewest items of a list.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min_items: Option<u32>,
    /// The most items of a list.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_items: Option<u32>,
}

impl Constraint {
    /// Returns the size of the compiled pattern, in bytes; `None` without a pattern that compiles.
    pub fn pattern_bytes(&self) -> Option<usize> {
        self.pattern.as_deref().and_then(|pattern| Pattern::new(pattern).ok()).map(|pattern| pattern.bytes())
    }

    /// Tells whether the constraint is empty.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

impl Type {
    /// Tells whether JSON `null` is a value of this type, so that an `option` around it needs a wrapper.
    pub fn accepts_null(&self) -> bool {
        matches!(self, Type::Option(_))
    }
}

impl Param {
    /// Returns the type that the constraint applies to: the parameter's own, without `option`.
    pub(crate) fn core_type(&self) -> &Type {
        let mut ty = &self.ty;
        while let Type::Option(inner) = ty {
            ty = inner;
        }
        ty
    }

    /// Returns the type by which an argument is read. If a header mirrors the parameter, null is no value of an option,
    /// because a client could not mirror it.
    pub(crate) fn presented(&self) -> &Type {
        match &self.ty {
            Type::Option(inner) if self.header.is_some() => inner,
            ty => ty,
        }
    }

    /// Tells whether the parameter is an integer, or an option of one.
    pub fn is_integer(&self) -> bool {
        use Type::{S8, S16, S32, S64, U8, U16, U32, U64};
        matches!(self.core_type(), S8 | U8 | S16 | U16 | S32 | U32 | S64 | U64)
    }

    /// Tells whether a null argument counts as absent: where the argument may be absent, and null is no value of it.
    pub(crate) fn is_absent_if_null(&self) -> bool {
        self.is_optional() && !self.presented().accepts_null()
    }

    /// Tells whether a call may leave the argument out.
    pub fn is_optional(&self) -> bool {
        self.default.is_some() || matches!(self.ty, Type::Option(_))
    }
}
