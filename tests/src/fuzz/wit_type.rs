//! WIT types, and components that echo values of them, made of an input's bytes.

use std::fmt::Write as _;

use toolcell_host::codec::{Case, Constraint, Field, Function, Label, Param, Type};

use super::choices::Choices;

/// Levels of nesting, and types inside a type.
const MAX_DEPTH: usize = 5;
const MAX_TYPES: usize = 24;

/// Numbers next to a value, so that neither the argument nor the result fits into registers.
pub(super) const PADDING: usize = 17;

const SCALARS: [Type; 14] = [
    Type::Bool,
    Type::S8,
    Type::U8,
    Type::S16,
    Type::U16,
    Type::S32,
    Type::U32,
    Type::S64,
    Type::U64,
    Type::F32,
    Type::F64,
    Type::Char,
    Type::String,
    Type::Bytes,
];

/// Makes a type.
pub(super) fn any_type(choices: &mut Choices<'_>) -> Type {
    nested(choices, MAX_DEPTH, &mut { MAX_TYPES })
}

fn nested(choices: &mut Choices<'_>, depth: usize, left: &mut usize) -> Type {
    *left = left.saturating_sub(1);
    let kinds = if depth == 0 || *left == 0 { SCALARS.len() + 2 } else { SCALARS.len() + 10 };
    let kind = choices.below(kinds);
    let mut inner = |choices: &mut Choices<'_>| nested(choices, depth - 1, left);
    let maybe = |choices: &mut Choices<'_>, inner: &mut dyn FnMut(&mut Choices<'_>) -> Type| {
        (choices.below(3) > 0).then(|| inner(choices))
    };
    match kind.checked_sub(SCALARS.len()) {
        None => SCALARS[kind].clone(),
        Some(0) => Type::Enum(labels(1 + choices.below(300))),
        Some(1) => Type::Flags(labels(1 + choices.below(32))),
        Some(2 | 3) => match inner(choices) {
            // `list<u8>` has a type of its own.
            Type::U8 => Type::Bytes,
            item => Type::List(Box::new(item)),
        },
        Some(4) => Type::Tuple((0..=choices.below(3)).map(|_| inner(choices)).collect()),
        Some(5 | 6) => {
            let count = choices.below(4);
            let field = |place| Field { name: name(place), ty: inner(choices), docs: None };
            Type::Record((0..=count).map(field).collect())
        }
        Some(7) => {
            let count = choices.below(4);
            let case = |place| Case { name: name(place), payload: maybe(choices, &mut inner), docs: None };
            Type::Variant((0..=count).map(case).collect())
        }
        Some(8) => Type::Option(Box::new(inner(choices))),
        Some(_) => Type::Result {
            ok: maybe(choices, &mut inner).map(Box::new),
            err: maybe(choices, &mut inner).map(Box::new),
        },
    }
}

/// Names with one word and with two.
fn name(place: usize) -> String {
    if place.is_multiple_of(2) { format!("n{place}") } else { format!("n{place}_x") }
}

fn labels(count: usize) -> Vec<Label> {
    (0..count).map(|place| Label { name: name(place), docs: None }).collect()
}

/// A function `func(x: PARAM) -> RESULT`.
pub(super) fn function(param: &Type, result: Type) -> Function {
    let x = Param {
        name: "x".into(),
        ty: param.clone(),
        docs: None,
        default: None,
        constraint: Constraint::default(),
        examples: Vec::new(),
        header: None,
    };
    Function { params: vec![x], result: Some(result) }
}

/// A value with numbers behind it.
pub(super) fn padded_type(ty: &Type) -> Type {
    Type::Tuple(std::iter::once(ty.clone()).chain(std::iter::repeat_n(Type::U64, PADDING)).collect())
}

/// A component whose one function, `echo`, returns its argument: a value with padding. Both travel by pointer, and the
/// core function returns the pointer that it is given.
pub(super) fn echo_component(ty: &Type) -> Vec<u8> {
    let mut types = Types::default();
    let tuple = types.name(&padded_type(ty));
    let text = format!(
        r#"(component
  (core module $m
    (memory (export "memory") 1)
    (global $next (mut i32) (i32.const 64))
    (func (export "realloc") (param $old i32) (param $size i32) (param $align i32) (param $new i32) (result i32)
      (local $at i32)
      (local.set $at (i32.and
        (i32.add (global.get $next) (i32.sub (local.get $align) (i32.const 1)))
        (i32.sub (i32.const 0) (local.get $align))))
      (global.set $next (i32.add (local.get $at) (local.get $new)))
      (if (i32.lt_u (i32.const 65536) (global.get $next)) (then unreachable))
      (memory.copy (local.get $at) (local.get $old) (local.get $size))
      (local.get $at))
    (func (export "echo") (param i32) (result i32) (local.get 0)))
  (core instance $i (instantiate $m))
{defined}  (func (export "echo") (param "x" {tuple}) (result {tuple})
    (canon lift (core func $i "echo") (memory (core memory $i "memory")) (realloc (core func $i "realloc")))))"#,
        defined = types.text
    );
    wat::parse_str(&text).unwrap_or_else(|error| panic!("{error}\n{text}"))
}

/// Type definitions so far: records, variants, enums and flags must be exported to be used.
#[derive(Default)]
struct Types {
    text: String,
    count: usize,
}

impl Types {
    /// Returns the text that stands for `ty` inside another type.
    fn name(&mut self, ty: &Type) -> String {
        if let Some(place) = SCALARS.iter().position(|scalar| scalar == ty) {
            return SCALAR_NAMES[place].to_owned();
        }
        match ty {
            Type::List(item) => format!("(list {})", self.name(item)),
            Type::Tuple(types) => {
                types.iter().fold("(tuple".to_owned(), |text, ty| text + " " + &self.name(ty)) + ")"
            }
            Type::Option(inner) => format!("(option {})", self.name(inner)),
            Type::Result { ok, err } => {
                let ok = ok.as_ref().map(|ty| self.name(ty)).unwrap_or_default();
                let err = err.as_ref().map(|ty| format!("(error {})", self.name(ty))).unwrap_or_default();
                format!("(result {ok} {err})")
            }
            Type::Record(fields) => {
                let fields = fields.iter().fold(String::new(), |text, field| {
                    format!("{text} (field \"{}\" {})", wit(&field.name), self.name(&field.ty))
                });
                self.define(&format!("(record{fields})"))
            }
            Type::Variant(cases) => {
                let cases = cases.iter().fold(String::new(), |text, case| {
                    let payload = case.payload.as_ref().map(|ty| self.name(ty)).unwrap_or_default();
                    format!("{text} (case \"{}\" {payload})", wit(&case.name))
                });
                self.define(&format!("(variant{cases})"))
            }
            Type::Enum(labels) => self.define(&format!("(enum{})", quoted(labels))),
            Type::Flags(labels) => self.define(&format!("(flags{})", quoted(labels))),
            scalar => unreachable!("{scalar:?} has a name of its own"),
        }
    }

    fn define(&mut self, definition: &str) -> String {
        let number = self.count;
        self.count += 1;
        let _ = writeln!(self.text, "  (type $d{number} {definition})");
        let _ = writeln!(self.text, "  (export $t{number} \"t{number}\" (type $d{number}))");
        format!("$t{number}")
    }
}

/// The names of [`SCALARS`] in the text of a component.
const SCALAR_NAMES: [&str; 14] = [
    "bool",
    "s8",
    "u8",
    "s16",
    "u16",
    "s32",
    "u32",
    "s64",
    "u64",
    "f32",
    "f64",
    "char",
    "string",
    "(list u8)",
];

fn quoted(labels: &[Label]) -> String {
    labels.iter().map(|label| format!(" \"{}\"", wit(&label.name))).collect()
}

fn wit(name: &str) -> String {
    name.replace('_', "-")
}
