//! WIT types as expressions of TypeScript.

use wit_parser::{Handle, Resolve, Result_, Type, TypeDefKind};

use crate::builder::script::name::{camel, type_name};
use crate::manifest::build::ScriptEngine;

/// Writes types as one engine has them.
pub(super) struct Expressions<'a> {
    pub(super) resolve: &'a Resolve,
    pub(super) engine: ScriptEngine,
}

impl Expressions<'_> {
    /// A type where it is used: by its name, if it has one.
    pub(super) fn of(&self, ty: &Type) -> String {
        let word = match ty {
            Type::Bool => "boolean",
            Type::U8 | Type::U16 | Type::U32 | Type::S8 | Type::S16 | Type::S32 | Type::F32 | Type::F64 => {
                "number"
            }
            Type::U64 | Type::S64 => match self.engine {
                ScriptEngine::QuickJs => "number",
                ScriptEngine::StarlingMonkey => "bigint",
            },
            Type::Char | Type::String => "string",
            Type::ErrorContext => "unknown",
            Type::Id(id) => {
                let ty = &self.resolve.types[*id];
                return match &ty.name {
                    Some(name) => type_name(name),
                    None => self.kind(&ty.kind),
                };
            }
        };
        word.to_owned()
    }

    /// A type that is spelled out.
    pub(super) fn kind(&self, kind: &TypeDefKind) -> String {
        match kind {
            TypeDefKind::Type(ty) => self.of(ty),
            TypeDefKind::Tuple(tuple) => {
                format!("[{}]", tuple.types.iter().map(|ty| self.of(ty)).collect::<Vec<_>>().join(", "))
            }
            TypeDefKind::Option(some) if matches!(self.bare(some), Some(TypeDefKind::Option(_))) => {
                format!("{{ tag: 'some'; val: {} }} | {{ tag: 'none' }}", self.of(some))
            }
            TypeDefKind::Option(some) => format!("{} | null | undefined", self.of(some)),
            TypeDefKind::Result(result) => {
                format!("{} | {}", self.case("ok", result.ok.as_ref()), self.case("err", result.err.as_ref()))
            }
            TypeDefKind::List(item) | TypeDefKind::FixedLengthList(item, _) => self.list(item),
            TypeDefKind::Map(key, value) => format!("Map<{}, {}>", self.of(key), self.of(value)),
            TypeDefKind::Handle(Handle::Own(id) | Handle::Borrow(id)) => self.of(&Type::Id(*id)),
            _ => "unknown".to_owned(),
        }
    }

    /// A case of a variant.
    pub(super) fn case(&self, tag: &str, payload: Option<&Type>) -> String {
        match payload {
            Some(ty) if self.is_option(ty) => format!("{{ tag: '{tag}'; val{} }}", self.optional(ty)),
            Some(ty) => format!("{{ tag: '{tag}'; val: {} }}", self.of(ty)),
            None => format!("{{ tag: '{tag}' }}"),
        }
    }

    /// A field of a record. One that is an option may be left out.
    pub(super) fn field(&self, name: &str, ty: &Type) -> String {
        if self.is_option(ty) {
            return format!("{}{};", camel(name), self.optional(ty));
        }
        format!("{}: {};", camel(name), self.of(ty))
    }

    /// The suffix of an optional name.
    pub(super) fn optional(&self, ty: &Type) -> String {
        format!("?: {}", self.of(ty).trim_end_matches(" | undefined"))
    }

    /// Returns the result type of a function and the type that it throws.
    pub(super) fn answer(&self, result: Option<&Type>) -> (String, Option<String>) {
        let Some(ty) = result else { return ("void".to_owned(), None) };
        match self.result(ty) {
            Some(result) => (
                result.ok.map_or("void".to_owned(), |ok| self.of(&ok)),
                Some(result.err.map_or("undefined".to_owned(), |error| self.of(&error))),
            ),
            None => (self.of(ty), None),
        }
    }

    /// Tells whether a value may be left out: an option is, but for one of an option, which has tags.
    pub(super) fn is_option(&self, ty: &Type) -> bool {
        match self.bare(ty) {
            Some(TypeDefKind::Option(some)) => !matches!(self.bare(some), Some(TypeDefKind::Option(_))),
            _ => false,
        }
    }

    fn result(&self, ty: &Type) -> Option<&Result_> {
        match self.bare(ty) {
            Some(TypeDefKind::Result(result)) => Some(result),
            _ => None,
        }
    }

    /// Resolves the aliases of a type; `None` for a primitive type.
    fn bare(&self, ty: &Type) -> Option<&TypeDefKind> {
        let Type::Id(id) = ty else { return None };
        match &self.resolve.types[*id].kind {
            TypeDefKind::Type(ty) => self.bare(ty),
            kind => Some(kind),
        }
    }

    fn list(&self, item: &Type) -> String {
        let array = match (self.primitive(item), self.engine) {
            (Some(Type::U8), _) => Some("Uint8Array"),
            (Some(ty), ScriptEngine::StarlingMonkey) => typed_array(ty),
            _ => None,
        };
        match (array, self.of(item)) {
            (Some(array), _) => array.to_owned(),
            (None, item) if item.contains('|') => format!("({item})[]"),
            (None, item) => format!("{item}[]"),
        }
    }

    fn primitive(&self, ty: &Type) -> Option<Type> {
        match ty {
            Type::Id(id) => match &self.resolve.types[*id].kind {
                TypeDefKind::Type(ty) => self.primitive(ty),
                _ => None,
            },
            ty => Some(*ty),
        }
    }
}

fn typed_array(ty: Type) -> Option<&'static str> {
    match ty {
        Type::S8 => Some("Int8Array"),
        Type::U16 => Some("Uint16Array"),
        Type::S16 => Some("Int16Array"),
        Type::U32 => Some("Uint32Array"),
        Type::S32 => Some("Int32Array"),
        Type::U64 => Some("BigUint64Array"),
        Type::S64 => Some("BigInt64Array"),
        Type::F32 => Some("Float32Array"),
        Type::F64 => Some("Float64Array"),
        _ => None,
    }
}
