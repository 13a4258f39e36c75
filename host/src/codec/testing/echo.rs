//! A real component, made for any type, whose one function returns its argument.
//!
//! Its signature is `echo: func(x: tuple<T, u64 x 17>) -> tuple<T, u64 x 17>`. That is more than sixteen
//! core values, so argument and result both travel by pointer to the same layout, and the core function is
//! the identity on that pointer. Whatever the engine lowers for `T` is what it lifts again.

use std::fmt::Write as _;

use wasmtime::component::{Component, Func, Linker, Val};
use wasmtime::{Engine, Store};

use crate::codec::{Label, Type};

/// Core values that push the tuple out of registers.
const PADDING: usize = 17;

/// The component, instantiated.
pub(crate) struct Echo {
    pub(crate) store: Store<()>,
    pub(crate) func: Func,
}

impl Echo {
    /// Compiles and instantiates the component for `ty`.
    pub(crate) fn new(engine: &Engine, ty: &Type) -> Self {
        let text = wat(ty);
        let binary = wat::parse_str(&text).expect("the text is well-formed");
        let component = Component::new(engine, binary).unwrap_or_else(|error| panic!("{error:?}\n{text}"));
        let mut store = Store::new(engine, ());
        let instance = Linker::new(engine).instantiate(&mut store, &component).expect("it imports nothing");
        let func = instance.get_func(&mut store, "echo").expect("it exports echo");
        Self { store, func }
    }

    /// Sends a value through the component.
    pub(crate) fn call(&mut self, value: Val) -> Val {
        let mut results = [Val::Bool(false)];
        self.func.call(&mut self.store, &[padded(value)], &mut results).expect("echo does not trap");
        let [Val::Tuple(mut values)] = results else { panic!("echo returns a tuple") };
        values.swap_remove(0)
    }
}

/// The type that echo takes and returns for `ty`.
pub(crate) fn padded_type(ty: &Type) -> Type {
    Type::Tuple(std::iter::once(ty.clone()).chain(std::iter::repeat_n(Type::U64, PADDING)).collect())
}

/// The value that echo takes for `value`.
pub(crate) fn padded(value: Val) -> Val {
    Val::Tuple(std::iter::once(value).chain((1..=PADDING as u64).map(Val::U64)).collect())
}

/// The component's text.
pub(crate) fn wat(ty: &Type) -> String {
    let mut types = Types::default();
    let tuple = types.name(&padded_type(ty));
    format!(
        r#"(component
  (core module $m
    (memory (export "memory") 1)
    (global $next (mut i32) (i32.const 64))
    (func (export "realloc") (param $old i32) (param $old-size i32) (param $align i32) (param $size i32) (result i32)
      (local $at i32)
      (local.set $at (i32.and
        (i32.add (global.get $next) (i32.sub (local.get $align) (i32.const 1)))
        (i32.sub (i32.const 0) (local.get $align))))
      (global.set $next (i32.add (local.get $at) (local.get $size)))
      (block $fits
        (br_if $fits (i32.le_u (global.get $next) (i32.mul (memory.size) (i32.const 65536))))
        (br_if $fits (i32.ne (i32.const -1) (memory.grow (i32.add (i32.const 1)
          (i32.shr_u (i32.sub (global.get $next) (i32.mul (memory.size) (i32.const 65536))) (i32.const 16))))))
        unreachable)
      (memory.copy (local.get $at) (local.get $old) (local.get $old-size))
      (local.get $at))
    (func (export "echo") (param i32) (result i32) (local.get 0)))
  (core instance $i (instantiate $m))
{defined}  (func (export "echo") (param "x" {tuple}) (result {tuple})
    (canon lift (core func $i "echo") (memory (core memory $i "memory")) (realloc (core func $i "realloc")))))
"#,
        defined = types.text
    )
}

/// Type definitions so far. Records, variants, enums and flags have to be exported to be used.
#[derive(Default)]
struct Types {
    text: String,
    count: usize,
}

impl Types {
    /// The text that stands for `ty` inside another type.
    fn name(&mut self, ty: &Type) -> String {
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
            Type::Bytes => "(list u8)".into(),
            Type::List(item) => format!("(list {})", self.name(item)),
            Type::Tuple(types) => {
                types.iter().fold("(tuple".to_owned(), |s, ty| s + " " + &self.name(ty)) + ")"
            }
            Type::Option(inner) => format!("(option {})", self.name(inner)),
            Type::Result { ok, err } => {
                let ok = ok.as_ref().map(|ty| format!(" {}", self.name(ty))).unwrap_or_default();
                let err = err.as_ref().map(|ty| format!(" (error {})", self.name(ty))).unwrap_or_default();
                format!("(result{ok}{err})")
            }
            Type::Record(fields) => {
                let fields = fields.iter().fold(String::new(), |text, field| {
                    format!("{text} (field \"{}\" {})", wit(&field.name), self.name(&field.ty))
                });
                self.define(&format!("(record{fields})"))
            }
            Type::Variant(cases) => {
                let cases = cases.iter().fold(String::new(), |text, case| {
                    let payload = case.payload.as_ref().map(|ty| format!(" {}", self.name(ty)));
                    format!("{text} (case \"{}\"{})", wit(&case.name), payload.unwrap_or_default())
                });
                self.define(&format!("(variant{cases})"))
            }
            Type::Enum(labels) => self.define(&format!("(enum{})", quoted(labels))),
            Type::Flags(labels) => self.define(&format!("(flags{})", quoted(labels))),
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

fn quoted(labels: &[Label]) -> String {
    labels.iter().map(|label| format!(" \"{}\"", wit(&label.name))).collect()
}

fn wit(name: &str) -> String {
    name.replace('_', "-")
}
