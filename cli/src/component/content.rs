//! Recognises the types of `toolcell:plugin/content` by identity: what merely looks like one of them is none.

use toolcell_host::catalog::Returns;
use toolcell_host::codec::{Function, Type as Plan};
use wit_parser::{self as wit, Resolve, Type, TypeDefKind, TypeId, TypeOwner};

use super::{package, signature};

/// Classifies a function by its result type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PublishedAs {
    /// A tool.
    Tool(Returns),
    /// A prompt: it returns `prompt-messages`.
    Prompt,
}

impl Default for PublishedAs {
    /// A tool whose result is a value.
    fn default() -> Self {
        PublishedAs::Tool(Returns::Value)
    }
}

/// Looks at the result of `function`, or at its `ok`.
pub fn published_as(resolve: &Resolve, function: &wit::Function) -> PublishedAs {
    let types = Types { resolve };
    let Some(result) = &function.result else { return PublishedAs::default() };
    let ok = match types.kind(result) {
        Some(TypeDefKind::Result(wit::Result_ { ok: Some(ok), .. })) => ok,
        _ => result,
    };
    match ok {
        ok if types.is(ok, "prompt-messages") => PublishedAs::Prompt,
        ok if types.is(ok, "block") => PublishedAs::Tool(Returns::Block),
        ok if types.is_blocks(ok) => PublishedAs::Tool(Returns::Blocks),
        ok if types.is_content_and_structured(ok) => PublishedAs::Tool(Returns::ContentAndStructured),
        _ => PublishedAs::default(),
    }
}

struct Types<'a> {
    resolve: &'a Resolve,
}

impl<'a> Types<'a> {
    /// Follows aliases to the type itself; none for the types that WIT has of its own.
    fn defined(&self, ty: &Type) -> Option<TypeId> {
        let mut ty = *ty;
        loop {
            let Type::Id(id) = ty else { return None };
            match self.resolve.types[id].kind {
                TypeDefKind::Type(next) => ty = next,
                _ => return Some(id),
            }
        }
    }

    fn kind(&self, ty: &Type) -> Option<&'a TypeDefKind> {
        self.defined(ty).map(|id| &self.resolve.types[id].kind)
    }

    /// Tells whether it is the type of this name in our interface.
    fn is(&self, ty: &Type, name: &str) -> bool {
        let Some(id) = self.defined(ty) else { return false };
        let ty = &self.resolve.types[id];
        let TypeOwner::Interface(owner) = ty.owner else { return false };
        let interface = self.resolve.id_of(owner).unwrap_or_default();
        ty.name.as_deref() == Some(name) && package::interface(&interface) == Some("content")
    }

    fn is_blocks(&self, ty: &Type) -> bool {
        matches!(self.kind(ty), Some(TypeDefKind::List(item)) if self.is(item, "block"))
    }

    fn is_content_and_structured(&self, ty: &Type) -> bool {
        let Some(TypeDefKind::Tuple(tuple)) = self.kind(ty) else { return false };
        let [blocks, structured] = tuple.types.as_slice() else { return false };
        self.is_blocks(blocks) && matches!(self.kind(structured), Some(TypeDefKind::Record(_)))
    }
}

/// The `ok` of a function's result, or the result where it has none.
pub fn ok(function: &Function) -> Option<&Plan> {
    match function.result.as_ref()? {
        Plan::Result { ok, .. } => ok.as_deref(),
        plain => Some(plain),
    }
}

/// The record that stands beside a tool's content ([`Returns::ContentAndStructured`]).
pub fn structured(function: &Function) -> Option<&Plan> {
    match ok(function)? {
        Plan::Tuple(types) => types.get(1),
        _ => None,
    }
}

/// The type of ours that a function's result holds, by name and as the function has it.
pub fn named(function: &Function, published_as: PublishedAs) -> Option<(&'static str, &Plan)> {
    match (published_as, ok(function)?) {
        (PublishedAs::Prompt, messages) => Some(("prompt-messages", messages)),
        (PublishedAs::Tool(Returns::Block), block) => Some(("block", block)),
        (PublishedAs::Tool(Returns::Blocks), Plan::List(block)) => Some(("block", block)),
        (PublishedAs::Tool(Returns::ContentAndStructured), Plan::Tuple(types)) => match types.first()? {
            Plan::List(block) => Some(("block", block)),
            _ => None,
        },
        _ => None,
    }
}

/// Says what kind of content a tool returns, if it does.
pub fn describe(returns: Returns) -> Option<&'static str> {
    match returns {
        Returns::Value => None,
        Returns::Block => Some("one content block"),
        Returns::Blocks => Some("content blocks"),
        Returns::ContentAndStructured => Some("content blocks beside structured content"),
    }
}

/// Writes a function's signature the way WIT does, with the names of our own types.
pub fn render(function: &Function, published_as: PublishedAs) -> String {
    let named = match published_as {
        PublishedAs::Tool(Returns::Value) => return signature::render(function),
        PublishedAs::Tool(Returns::Block) => "block".to_string(),
        PublishedAs::Tool(Returns::Blocks) => "list<block>".to_string(),
        PublishedAs::Tool(Returns::ContentAndStructured) => {
            let record = structured(function).map(signature::render_type).unwrap_or_default();
            format!("tuple<list<block>, {record}>")
        }
        PublishedAs::Prompt => "prompt-messages".to_string(),
    };
    let params = signature::render(&Function { result: None, ..function.clone() });
    match &function.result {
        Some(Plan::Result { err: Some(err), .. }) => {
            format!("{params} -> result<{named}, {}>", signature::render_type(err))
        }
        Some(Plan::Result { .. }) => format!("{params} -> result<{named}>"),
        _ => format!("{params} -> {named}"),
    }
}
