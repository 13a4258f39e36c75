//! Turns a WIT function into the plan that a call is decoded and encoded by.

use std::cell::Cell;

use toolcell_host::codec::{Case, Constraint, Field, Function, Label, Param, Type};
use wit_parser::{self as wit, Docs, Resolve, TypeDefKind};

use super::feature::ASYNC_REMEDY;

/// Names the reason why a function cannot be a tool.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Obstacle {
    /// A resource, or a constructor, method or static function of one: a handle cannot outlive a call.
    Resource,
    /// A stream, a future or an `error-context`, or the function is `async`.
    Async,
    /// `map<K, V>`.
    Map,
    /// `list<T, N>`.
    FixedLengthList,
    /// A type nested deeper than [`MAX_DEPTH`], by name.
    Depth(String),
    /// A type that is larger than [`MAX_SIZE`] when it is spelled out, by name.
    Size(String),
    /// A type that WIT does not know yet.
    Unknown,
}

/// Maximum depth of nested types: each level is up to four of JSON in a schema, and many readers of JSON, clients among
/// them, stop at 128.
pub const MAX_DEPTH: usize = 24;

/// Maximum size of the types of a function, spelled out, in bytes of a schema, roughly. A few lines of WIT can hold a
/// type that is millions of times as large.
pub const MAX_SIZE: usize = 1 << 20;

/// Maximum size of the types of all functions of a world.
pub const MAX_WORLD_SIZE: usize = 8 << 20;

/// The size of a type in a schema without its names, in bytes.
const TYPE_SIZE: usize = 64;

/// The size of a case or flag in a schema without its name, in bytes.
const LABEL_SIZE: usize = 16;

impl Obstacle {
    /// Says in a clause what the function has that a tool cannot have.
    pub fn text(&self) -> String {
        match self {
            Obstacle::Resource => "uses a resource, and a handle cannot outlive a call".into(),
            Obstacle::Async => "is async, or uses a stream, future or error-context".into(),
            Obstacle::Map => "uses map<K, V>".into(),
            Obstacle::FixedLengthList => "uses a list of fixed length, list<T, N>".into(),
            Obstacle::Depth(ty) => format!("uses a type that nests deeper than {MAX_DEPTH} levels: {ty}"),
            Obstacle::Size(ty) => format!(
                "uses types whose schema would take more than {} MiB for the function or {} MiB for all: {ty}",
                MAX_SIZE >> 20,
                MAX_WORLD_SIZE >> 20
            ),
            Obstacle::Unknown => "uses a type that this version of toolcell does not know".into(),
        }
    }

    /// Says what the author can do about it.
    pub fn remedy(&self) -> &'static str {
        match self {
            Obstacle::Resource => "take and return plain values instead",
            Obstacle::Async => ASYNC_REMEDY,
            Obstacle::Map => "use list<tuple<K, V>> instead",
            Obstacle::FixedLengthList => "use list<T> or a tuple instead",
            Obstacle::Depth(_) => "flatten the type",
            Obstacle::Size(_) => {
                "use a list where one record holds another many times, or give each part a function of its own"
            }
            Obstacle::Unknown => "use another type, or install a newer toolcell",
        }
    }

    /// Tells whether the whole component is refused for it, because the host cannot load such a component.
    pub fn is_fatal(&self) -> bool {
        !matches!(self, Obstacle::Resource)
    }
}

/// The JSON name of a WIT name.
pub fn json_name(wit: &str) -> String {
    wit.replace('-', "_")
}

/// Works out the plan of `function`; the documentation of fields and cases comes with it.
///
/// # Errors
/// The first thing in its signature that a tool cannot have.
pub fn plan(resolve: &Resolve, function: &wit::Function) -> Result<Function, Obstacle> {
    plan_within(resolve, function, &mut { MAX_WORLD_SIZE })
}

/// Works out the plan of `function`, and takes its size from what is left for the functions of a world.
///
/// # Errors
/// As [`plan`].
pub fn plan_within(
    resolve: &Resolve,
    function: &wit::Function,
    left: &mut usize,
) -> Result<Function, Obstacle> {
    let room = MAX_SIZE.min(*left);
    let types = Types { resolve, left: Cell::new(room) };
    let planned = types.function(function);
    *left -= room - types.left.get();
    planned
}

/// Works out the plan of one type.
///
/// # Errors
/// As [`plan`].
pub fn type_plan(resolve: &Resolve, ty: &wit::Type) -> Result<Type, Obstacle> {
    Types { resolve, left: Cell::new(MAX_SIZE) }.whole(ty, "the type")
}

struct Types<'a> {
    resolve: &'a Resolve,
    /// The rest of the budget [`MAX_SIZE`].
    left: Cell<usize>,
}

impl Types<'_> {
    fn function(&self, function: &wit::Function) -> Result<Function, Obstacle> {
        match function.kind {
            wit::FunctionKind::Freestanding => {}
            wit::FunctionKind::AsyncFreestanding => return Err(Obstacle::Async),
            _ => return Err(Obstacle::Resource),
        }
        let params = function.params.iter().map(|param| {
            Ok(Param {
                name: json_name(&param.name),
                ty: self.whole(&param.ty, &format!("parameter {}", param.name))?,
                docs: None,
                default: None,
                constraint: Constraint::default(),
                examples: Vec::new(),
                header: None,
            })
        });
        Ok(Function {
            params: params.collect::<Result<_, _>>()?,
            result: function.result.as_ref().map(|ty| self.whole(ty, "the result")).transpose()?,
        })
    }

    /// A type as a function has it; `role` names it where it has no name of its own.
    fn whole(&self, ty: &wit::Type, role: &str) -> Result<Type, Obstacle> {
        let name = || match ty {
            wit::Type::Id(id) => match &self.resolve.types[*id].name {
                Some(name) => format!("{role} ({name})"),
                None => role.to_owned(),
            },
            _ => role.to_owned(),
        };
        self.value(ty, 0).map_err(|obstacle| match obstacle {
            Obstacle::Depth(_) => Obstacle::Depth(name()),
            Obstacle::Size(_) => Obstacle::Size(name()),
            other => other,
        })
    }

    /// Takes from the size that is left, before anything of that size is made.
    fn spend(&self, size: usize) -> Result<(), Obstacle> {
        let left = self.left.get().checked_sub(size).ok_or(Obstacle::Size(String::new()))?;
        self.left.set(left);
        Ok(())
    }

    fn value(&self, ty: &wit::Type, depth: usize) -> Result<Type, Obstacle> {
        self.spend(TYPE_SIZE)?;
        Ok(match ty {
            wit::Type::Bool => Type::Bool,
            wit::Type::S8 => Type::S8,
            wit::Type::U8 => Type::U8,
            wit::Type::S16 => Type::S16,
            wit::Type::U16 => Type::U16,
            wit::Type::S32 => Type::S32,
            wit::Type::U32 => Type::U32,
            wit::Type::S64 => Type::S64,
            wit::Type::U64 => Type::U64,
            wit::Type::F32 => Type::F32,
            wit::Type::F64 => Type::F64,
            wit::Type::Char => Type::Char,
            wit::Type::String => Type::String,
            wit::Type::ErrorContext => return Err(Obstacle::Async),
            wit::Type::Id(_) if depth >= MAX_DEPTH => return Err(Obstacle::Depth(String::new())),
            wit::Type::Id(id) => self.defined(&self.resolve.types[*id].kind, depth + 1)?,
        })
    }

    fn defined(&self, kind: &TypeDefKind, depth: usize) -> Result<Type, Obstacle> {
        Ok(match kind {
            TypeDefKind::Type(alias) => self.value(alias, depth)?,
            TypeDefKind::List(item) => match self.value(item, depth)? {
                Type::U8 => Type::Bytes,
                item => Type::List(Box::new(item)),
            },
            TypeDefKind::Option(inner) => Type::Option(self.boxed(inner, depth)?),
            TypeDefKind::Result(result) => Type::Result {
                ok: result.ok.as_ref().map(|ty| self.boxed(ty, depth)).transpose()?,
                err: result.err.as_ref().map(|ty| self.boxed(ty, depth)).transpose()?,
            },
            TypeDefKind::Tuple(tuple) => {
                Type::Tuple(tuple.types.iter().map(|ty| self.value(ty, depth)).collect::<Result<_, _>>()?)
            }
            TypeDefKind::Record(record) => Type::Record(
                record.fields.iter().map(|field| self.field(field, depth)).collect::<Result<_, _>>()?,
            ),
            TypeDefKind::Variant(variant) => Type::Variant(
                variant.cases.iter().map(|case| self.case(case, depth)).collect::<Result<_, _>>()?,
            ),
            TypeDefKind::Enum(cases) => {
                let labels = cases.cases.iter().map(|case| self.label(&case.name, &case.docs));
                Type::Enum(labels.collect::<Result<_, _>>()?)
            }
            TypeDefKind::Flags(flags) => {
                let labels = flags.flags.iter().map(|flag| self.label(&flag.name, &flag.docs));
                Type::Flags(labels.collect::<Result<_, _>>()?)
            }
            TypeDefKind::Resource | TypeDefKind::Handle(_) => return Err(Obstacle::Resource),
            TypeDefKind::Future(_) | TypeDefKind::Stream(_) => return Err(Obstacle::Async),
            TypeDefKind::Map(..) => return Err(Obstacle::Map),
            TypeDefKind::FixedLengthList(..) => return Err(Obstacle::FixedLengthList),
            TypeDefKind::Unknown => return Err(Obstacle::Unknown),
        })
    }

    fn boxed(&self, ty: &wit::Type, depth: usize) -> Result<Box<Type>, Obstacle> {
        self.value(ty, depth).map(Box::new)
    }

    fn field(&self, field: &wit::Field, depth: usize) -> Result<Field, Obstacle> {
        self.spend(written(&field.name, &field.docs))?;
        Ok(Field { name: json_name(&field.name), ty: self.value(&field.ty, depth)?, docs: text(&field.docs) })
    }

    fn case(&self, case: &wit::Case, depth: usize) -> Result<Case, Obstacle> {
        self.spend(LABEL_SIZE + written(&case.name, &case.docs))?;
        Ok(Case {
            name: json_name(&case.name),
            payload: case.ty.as_ref().map(|ty| self.value(ty, depth)).transpose()?,
            docs: text(&case.docs),
        })
    }

    fn label(&self, name: &str, docs: &Docs) -> Result<Label, Obstacle> {
        self.spend(LABEL_SIZE + written(name, docs))?;
        Ok(Label { name: json_name(name), docs: text(docs) })
    }
}

/// The bytes of a name and of its documentation.
fn written(name: &str, docs: &Docs) -> usize {
    name.len() + docs.contents.as_ref().map_or(0, String::len)
}

fn text(docs: &Docs) -> Option<String> {
    docs.contents.as_deref().map(str::trim).filter(|text| !text.is_empty()).map(str::to_string)
}

/// Removes every piece of documentation from a type, so that two can be compared by structure.
pub fn bare(ty: &Type) -> Type {
    let labels =
        |labels: &[Label]| labels.iter().map(|label| Label { docs: None, ..label.clone() }).collect();
    match ty {
        Type::List(item) => Type::List(Box::new(bare(item))),
        Type::Option(inner) => Type::Option(Box::new(bare(inner))),
        Type::Tuple(types) => Type::Tuple(types.iter().map(bare).collect()),
        Type::Result { ok, err } => {
            let side = |side: &Option<Box<Type>>| side.as_deref().map(|ty| Box::new(bare(ty)));
            Type::Result { ok: side(ok), err: side(err) }
        }
        Type::Record(fields) => Type::Record(
            fields
                .iter()
                .map(|field| Field { name: field.name.clone(), ty: bare(&field.ty), docs: None })
                .collect(),
        ),
        Type::Variant(cases) => Type::Variant(
            cases
                .iter()
                .map(|case| Case {
                    name: case.name.clone(),
                    payload: case.payload.as_ref().map(bare),
                    docs: None,
                })
                .collect(),
        ),
        Type::Enum(cases) => Type::Enum(labels(cases)),
        Type::Flags(flags) => Type::Flags(labels(flags)),
        plain => plain.clone(),
    }
}

/// Tells whether two plans agree in names and types, whatever they document.
pub fn same_types(left: &Function, right: &Function) -> bool {
    let params = |function: &Function| -> Vec<_> {
        function.params.iter().map(|param| (param.name.clone(), bare(&param.ty))).collect()
    };
    let result = |function: &Function| function.result.as_ref().map(bare);
    params(left) == params(right) && result(left) == result(right)
}

/// Tells whether a type, or one that it is made of, is what `wanted` looks for.
pub fn contains(ty: &Type, wanted: &dyn Fn(&Type) -> bool) -> bool {
    let within = |ty: &Type| contains(ty, wanted);
    wanted(ty)
        || match ty {
            Type::List(inner) | Type::Option(inner) => within(inner),
            Type::Tuple(types) => types.iter().any(within),
            Type::Record(fields) => fields.iter().any(|field| within(&field.ty)),
            Type::Variant(cases) => cases.iter().filter_map(|case| case.payload.as_ref()).any(within),
            Type::Result { ok, err } => ok.iter().chain(err).any(|side| within(side)),
            _ => false,
        }
}

/// The first place where two types differ, as each of them writes it.
pub fn difference(left: &Type, right: &Type) -> (String, String) {
    match pairs(left, right).into_iter().flatten().find(|(_, left, right)| bare(left) != bare(right)) {
        None => (render_type(left), render_type(right)),
        Some((name, left, right)) => {
            let (left, right) = difference(left, right);
            match wit_name(name) {
                none if none.is_empty() => (left, right),
                name => (format!("{name}: {left}"), format!("{name}: {right}")),
            }
        }
    }
}

/// The parts of two types that correspond, with their names; none where the types differ themselves.
fn pairs<'a>(left: &'a Type, right: &'a Type) -> Option<Vec<(&'a str, &'a Type, &'a Type)>> {
    match (left, right) {
        (Type::List(left), Type::List(right)) | (Type::Option(left), Type::Option(right)) => {
            Some(vec![("", left, right)])
        }
        (Type::Tuple(left), Type::Tuple(right)) if left.len() == right.len() => {
            Some(left.iter().zip(right).map(|(left, right)| ("", left, right)).collect())
        }
        (Type::Record(left), Type::Record(right)) => {
            let names = |fields: &[Field]| fields.iter().map(|field| field.name.clone()).collect::<Vec<_>>();
            let fields = left.iter().zip(right);
            (names(left) == names(right))
                .then(|| fields.map(|(left, right)| (left.name.as_str(), &left.ty, &right.ty)).collect())
        }
        (Type::Variant(left), Type::Variant(right)) => {
            let shape = |cases: &[Case]| -> Vec<_> {
                cases.iter().map(|case| (case.name.clone(), case.payload.is_some())).collect()
            };
            let cases = left.iter().zip(right).filter_map(|(left, right)| {
                Some((left.name.as_str(), left.payload.as_ref()?, right.payload.as_ref()?))
            });
            (shape(left) == shape(right)).then(|| cases.collect())
        }
        (Type::Result { ok: Some(left), err }, Type::Result { ok: Some(right), err: other }) => {
            let errors = err.as_deref().zip(other.as_deref()).map(|(left, right)| ("", left, right));
            let same = err.is_some() == other.is_some();
            same.then(|| [("", &**left, &**right)].into_iter().chain(errors).collect())
        }
        _ => None,
    }
}

/// Writes a function's signature the way WIT does: `func(text: string) -> u32`.
pub fn render(function: &Function) -> String {
    let params = function
        .params
        .iter()
        .map(|param| format!("{}: {}", wit_name(&param.name), render_type(&param.ty)))
        .collect::<Vec<_>>()
        .join(", ");
    match &function.result {
        Some(result) => format!("func({params}) -> {}", render_type(result)),
        None => format!("func({params})"),
    }
}

/// The WIT name of a JSON name.
pub fn wit_name(json: &str) -> String {
    json.replace('_', "-")
}

/// Writes a type the way WIT does, named types spelled out.
pub fn render_type(ty: &Type) -> String {
    let names =
        |labels: &[Label]| labels.iter().map(|label| wit_name(&label.name)).collect::<Vec<_>>().join(", ");
    match ty {
        Type::Bool => "bool".into(),
        Type::S8 => "s8".into(),
        Type::U8 => "u8".into(),
        Type::S16 => "s16".into(),
        Type::U16 => "u16".into(),
        Type::S32 => "s32".into(),
        Type::U32 => "u32".into(),
        Type::S64 => "s64".into(),
        Type::U64 => "u64".into(),
        Type::F32 => "f32".into(),
        Type::F64 => "f64".into(),
        Type::Char => "char".into(),
        Type::String => "string".into(),
        Type::Bytes => "list<u8>".into(),
        Type::List(item) => format!("list<{}>", render_type(item)),
        Type::Option(inner) => format!("option<{}>", render_type(inner)),
        Type::Tuple(types) => format!("tuple<{}>", list(types.iter().map(render_type))),
        Type::Enum(cases) => format!("enum {{ {} }}", names(cases)),
        Type::Flags(flags) => format!("flags {{ {} }}", names(flags)),
        Type::Record(fields) => {
            let field = |field: &Field| format!("{}: {}", wit_name(&field.name), render_type(&field.ty));
            format!("record {{ {} }}", list(fields.iter().map(field)))
        }
        Type::Variant(cases) => format!("variant {{ {} }}", list(cases.iter().map(render_case))),
        Type::Result { ok, err } => render_result(ok.as_deref(), err.as_deref()),
    }
}

fn render_case(case: &Case) -> String {
    match &case.payload {
        Some(payload) => format!("{}({})", wit_name(&case.name), render_type(payload)),
        None => wit_name(&case.name),
    }
}

fn render_result(ok: Option<&Type>, err: Option<&Type>) -> String {
    match (ok.map(render_type), err.map(render_type)) {
        (None, None) => "result".into(),
        (Some(ok), None) => format!("result<{ok}>"),
        (None, Some(err)) => format!("result<_, {err}>"),
        (Some(ok), Some(err)) => format!("result<{ok}, {err}>"),
    }
}

fn list(items: impl Iterator<Item = String>) -> String {
    items.collect::<Vec<_>>().join(", ")
}
