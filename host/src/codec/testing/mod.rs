//! Tools for the tests of both decoders: random types and values, and components that echo.

pub(crate) mod arbitrary;
pub(crate) mod echo;
pub(crate) mod fitting;
pub(crate) mod mutation;
pub(crate) mod respelled;

use super::{Case, Field, Function, Label, Param, Type};

/// A field without docs.
pub(crate) fn field(name: &str, ty: Type) -> Field {
    Field { name: name.to_owned(), ty, docs: None }
}

/// A case without docs.
pub(crate) fn case(name: &str, payload: Option<Type>) -> Case {
    Case { name: name.to_owned(), payload, docs: None }
}

/// Labels without docs.
pub(crate) fn labels(names: &[&str]) -> Vec<Label> {
    names.iter().map(|name| Label { name: (*name).to_owned(), docs: None }).collect()
}

/// `option<ty>`
pub(crate) fn option(ty: Type) -> Type {
    Type::Option(Box::new(ty))
}

/// `list<ty>`
pub(crate) fn list(ty: Type) -> Type {
    Type::List(Box::new(ty))
}

/// A parameter that nothing narrows.
pub(crate) fn param(name: &str, ty: Type) -> Param {
    Param {
        name: name.to_owned(),
        ty,
        docs: None,
        default: None,
        constraint: super::Constraint::default(),
        examples: Vec::new(),
        header: None,
    }
}

/// A function that returns what it is given: `func(x: ty) -> ty`.
pub(crate) fn identity(ty: &Type) -> Function {
    Function { params: vec![param("x", ty.clone())], result: Some(ty.clone()) }
}
