//! Components in which a value goes in and comes out, made for one type from text.

use std::fmt::Write as _;
use std::sync::{Arc, OnceLock};

use wasmtime::component::{Component, Func, Linker};
use wasmtime::{Config, Engine, Store};

use crate::codec::guest::{Budgets, CallError, Plan, TimedResult, call};
use crate::codec::{AnswerForm, Function, Param, Type};

/// The data that a guest may pass on the way through `Val`, in bytes.
const HOSTCALL_FUEL: usize = 16 << 20;

/// The number of `u64` next to a value, so that neither parameters nor result are passed flat.
pub(super) const BALLAST: usize = 17;

/// A bump allocator, and memory in which what is not written is never zero by chance.
const MODULE: &str = r#"
  (core module $m
    (memory (export "memory") 1)
    (global $next (mut i32) (i32.const 8))
    (func (export "realloc") (param $old i32) (param $size i32) (param $align i32) (param $new i32) (result i32)
      (local $at i32)
      (local.set $at (i32.and
        (i32.add (global.get $next) (i32.sub (local.get $align) (i32.const 1)))
        (i32.sub (i32.const 0) (local.get $align))))
      (global.set $next (i32.add (local.get $at) (local.get $new)))
      (loop $grow
        (if (i32.lt_u (i32.mul (memory.size) (i32.const 65536)) (global.get $next)) (then
          (if (i32.eq (memory.grow (i32.const 16)) (i32.const -1)) (then unreachable))
          (br $grow))))
      (memory.fill (local.get $at) (i32.const 0xde) (local.get $new))
      (memory.copy (local.get $at) (local.get $old)
        (select (local.get $new) (local.get $size) (i32.lt_u (local.get $new) (local.get $size))))
      (local.get $at))
    BODY)
  (core instance $i (instantiate $m))
  (alias core export $i "memory" (core memory $memory))
  (alias core export $i "realloc" (core func $realloc))
  (alias core export $i "run" (core func $run))
"#;

pub(super) fn engine() -> &'static Engine {
    static ENGINE: OnceLock<Engine> = OnceLock::new();
    ENGINE.get_or_init(|| Engine::new(&Config::new()).unwrap())
}

/// The string encodings of components.
pub(super) const ENCODINGS: [&str; 3] = ["utf8", "utf16", "latin1+utf16"];

/// Writes types as component text, naming those that need a name.
#[derive(Default)]
pub(super) struct Types {
    text: String,
    count: usize,
}

impl Types {
    /// A reference to `ty`.
    pub(super) fn of(&mut self, ty: &Type) -> String {
        let definition = match ty {
            Type::Bool => return "bool".into(),
            Type::S8 => return "s8".into(),
            Type::U8 => return "u8".into(),
            Type::S16 => return "s16".into(),
            Type::U16 => return "u16".into(),
            Type::S32 => return "s32".into(),
            Type::U32 => return "u32".into(),
            Type::S64 => return "s64".into(),
            Type::U64 => return "u64".into(),
            Type::F32 => return "f32".into(),
            Type::F64 => return "f64".into(),
            Type::Char => return "char".into(),
            Type::String => return "string".into(),
            Type::Bytes => "(list u8)".into(),
            Type::List(element) => format!("(list {})", self.of(element)),
            Type::Tuple(types) => format!("(tuple{})", self.each(types.iter(), |this, ty| this.of(ty))),
            Type::Record(fields) => {
                let fields = self.each(fields.iter(), |this, f| {
                    format!("(field \"{}\" {})", wit(&f.name), this.of(&f.ty))
                });
                format!("(record{fields})")
            }
            Type::Variant(cases) => {
                let cases = self.each(cases.iter(), |this, case| {
                    let payload = case.payload.as_ref().map(|ty| this.of(ty));
                    format!("(case \"{}\" {})", wit(&case.name), payload.unwrap_or_default())
                });
                format!("(variant{cases})")
            }
            Type::Enum(labels) => {
                format!("(enum{})", self.each(labels.iter(), |_, l| format!("\"{}\"", wit(&l.name))))
            }
            Type::Flags(labels) => {
                format!("(flags{})", self.each(labels.iter(), |_, l| format!("\"{}\"", wit(&l.name))))
            }
            Type::Option(some) => format!("(option {})", self.of(some)),
            Type::Result { ok, err } => {
                let ok = ok.as_ref().map(|ty| self.of(ty)).unwrap_or_default();
                let err = err.as_ref().map(|ty| format!("(error {})", self.of(ty))).unwrap_or_default();
                format!("(result {ok} {err})")
            }
        };
        let id = self.count;
        self.count += 1;
        let _ = writeln!(self.text, "(type $d{id} {definition})\n(export $t{id} \"t{id}\" (type $d{id}))");
        format!("$t{id}")
    }

    fn each<T>(&mut self, items: impl Iterator<Item = T>, text: impl Fn(&mut Self, T) -> String) -> String {
        items.map(|item| format!(" {}", text(self, item))).collect()
    }
}

fn wit(json_name: &str) -> String {
    json_name.replace('_', "-")
}

/// A component with one function, `run`, compiled.
pub(super) struct Guest {
    component: Component,
    pub(super) plan: Arc<Plan>,
}

impl Guest {
    /// `run: func(x: PARAM) -> RESULT`, whose core function has this signature and body.
    pub(super) fn new(param: &Type, result: &Type, encoding: &str, core: &str) -> Self {
        let mut types = Types::default();
        let (x, r) = (types.of(param), types.of(result));
        let module = MODULE.replace("BODY", &format!("(func (export \"run\") {core})"));
        let text = format!(
            "(component {module} {types}
               (func (export \"run\") (param \"x\" {x}) (result {r})
                 (canon lift (core func $run) (memory (core memory $memory)) (realloc (core func $realloc))
                   string-encoding={encoding})))",
            types = types.text,
        );
        let binary = wat::parse_str(&text).unwrap_or_else(|error| panic!("{error}\n{text}"));
        let component = Component::new(engine(), binary).unwrap_or_else(|error| panic!("{error:?}\n{text}"));
        Self { component, plan: Arc::new(plan(param, result)) }
    }

    /// A value of `ty` goes in and out through memory.
    pub(super) fn echo(ty: &Type, encoding: &str) -> Self {
        let mut types = vec![ty.clone()];
        types.extend(vec![Type::U64; BALLAST]);
        let tuple = Type::Tuple(types);
        Self::new(&tuple, &tuple, encoding, "(param i32) (result i32) (local.get 0)")
    }

    pub(super) async fn instance(&self) -> (Store<()>, Func) {
        let mut store = Store::new(engine(), ());
        store.set_hostcall_fuel(HOSTCALL_FUEL);
        let linker = Linker::new(engine());
        let instance = linker.instantiate_async(&mut store, &self.component).await.unwrap();
        let func = instance.get_func(&mut store, "run").unwrap();
        (store, func)
    }

    pub(super) async fn call_within(
        &self,
        arguments: &str,
        budgets: Budgets,
    ) -> Result<TimedResult, CallError> {
        let (mut store, func) = self.instance().await;
        call(&mut store, func, &self.plan, arguments.to_owned().into(), budgets).await
    }

    pub(super) async fn call(&self, arguments: &str) -> Result<TimedResult, CallError> {
        self.call_within(arguments, AMPLE).await
    }
}

pub(super) const AMPLE: Budgets =
    Budgets { input_bytes: 64 << 20, output_bytes: 64 << 20, answer: AnswerForm::Content };

/// The plan of a function `(x: PARAM) -> RESULT`.
pub(super) fn plan(param: &Type, result: &Type) -> Plan {
    let x = Param {
        name: "x".into(),
        ty: param.clone(),
        docs: None,
        default: None,
        constraint: Default::default(),
        examples: Vec::new(),
        header: None,
    };
    let function = Function { params: vec![x], result: Some(result.clone()) };
    Plan::new(function.check().unwrap())
}

/// `{"x": [VALUE, 1, 2, ...]}`: the arguments of [`Guest::echo`].
pub(super) fn with_ballast(value: &str) -> String {
    let ballast: String = (1..=BALLAST).map(|number| format!(",{number}")).collect();
    format!("{{\"x\":[{value}{ballast}]}}")
}
