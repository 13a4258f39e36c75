//! A module around the author's that stands between it and QuickJS.
//!
//! It fails at once where a function of the world is missing, which the engine would find out when it is called. It
//! ends a call with the error that nothing caught, and says what an absent global lacks. And it patches unsigned
//! integers. componentize-qjs takes a `u32` for signed: from 2^31 on it hands a function a negative
//! number, and it cuts what a function returns to 2^31 - 1. Here every function of the world that has a `u32` somewhere
//! is called with the unsigned number, and its answer is turned into the signed one. A `u64` from 2^63 on comes as a
//! negative number too; what the engine rounds beyond 2^53 cannot be patched.

use std::fmt::Write as _;

use wit_parser::{Case, Function, FunctionKind, Resolve, Type, TypeDefKind};

use super::absent;
use super::export::{Export, Item};
use super::name::camel;

/// Patches a case of a variant, and what a call comes to.
///
/// An error that nothing caught must end the call, whatever the function's error type is. QuickJS makes the error's
/// message the tool's error if that is a text; it ends the call if it cannot read what was thrown.
const HELPERS: &str = "
const cased = (cases) => (v) => (Object.hasOwn(cases, v.tag) ? { tag: v.tag, val: cases[v.tag](v.val) } : v);

const explained = (error) => {
  const name = /^'?(\\w+)'? is not defined$/.exec(error.message)?.[1];
  const advice = name && Object.hasOwn(absent, name) ? `: ${absent[name]}` : '';
  error.message = `${error.name}: ${error.message}${advice}`; // of which the log has only the message
  return error;
};

const uncaught = (error) => Object.defineProperty({}, 'payload', { get() { throw error; } });

const patched = (call, ok, err, end) => {
  try {
    return ok(call());
  } catch (thrown) {
    if (!(thrown instanceof Error)) throw err(thrown);
    throw Object.hasOwn(thrown, 'payload') ? thrown : end(explained(thrown));
  }
};
";

/// Fails while the component is made.
const CHECK: &str = "
for (const [name, found] of Object.entries(functions)) {
  if (typeof found !== 'function') throw new TypeError(`${name} is no function, and the world exports it`);
}
";

/// The conversion that leaves a value unchanged.
const SAME: &str = "(v) => v";

/// Which way a value goes.
#[derive(Clone, Copy)]
enum Way {
    /// To the author's function.
    In,
    /// From it.
    Out,
}

/// Writes the module. `plugin` is what the author's is imported as.
pub(super) fn module(resolve: &Resolve, exports: &[Export<'_>], plugin: &str) -> String {
    let shim = Shim { resolve };
    let mut functions = String::new();
    let mut text = String::new();
    for (at, export) in exports.iter().enumerate() {
        let path = format!("plugin{}", member(&export.name));
        let value = match &export.item {
            Item::Interface(interface) => {
                for function in interface.functions.values().filter(|it| is_plain(it)) {
                    let function = camel(&function.name);
                    let _ = writeln!(functions, "  '{}.{function}': {path}?.{function},", export.name);
                }
                shim.object(&path, interface.functions.values())
            }
            Item::Function(function) => {
                let _ = writeln!(functions, "  '{}': {path},", export.name);
                shim.function(&path, function)
            }
        };
        let name = &export.engine_name;
        let _ = write!(text, "\nconst export{at} = {value};\nexport {{ export{at} as {name} }};\n");
    }
    let absent = absent::object();
    format!(
        "// Made by toolcell, with every build.\n\nimport * as plugin from '{plugin}';\n\n\
         const functions = {{\n{functions}}};\n{CHECK}\nconst absent = {absent};\n{HELPERS}{text}"
    )
}

/// How a member of an object is written: `.tools` or `['a:b/tools']`.
fn member(name: &str) -> String {
    let is_word = name.chars().all(|letter| letter.is_ascii_alphanumeric());
    if is_word { format!(".{name}") } else { format!("['{name}']") }
}

fn is_plain(function: &Function) -> bool {
    function.kind == FunctionKind::Freestanding
}

struct Shim<'a> {
    resolve: &'a Resolve,
}

impl Shim<'_> {
    /// The author's object with functions in front of the author's.
    fn object<'f>(&self, path: &str, functions: impl Iterator<Item = &'f Function>) -> String {
        let patched = functions.filter(|function| is_plain(function)).map(|function| {
            let name = camel(&function.name);
            format!("  {name}: {},\n", self.function(&format!("{path}.{name}"), function))
        });
        format!("Object.assign(Object.create({path}), {{\n{}}})", patched.collect::<String>())
    }

    /// A function around the author's.
    fn function(&self, path: &str, function: &Function) -> String {
        let params: Vec<_> = function.params.iter().map(|param| self.value(&param.ty, Way::In)).collect();
        let (ok, err) = match function.result.as_ref().map(|ty| (ty, self.bare(ty))) {
            Some((_, Some(TypeDefKind::Result(result)))) => (result.ok, result.err),
            Some((ty, _)) => (Some(*ty), None),
            None => (None, None),
        };
        let names: Vec<String> = (0..params.len()).map(|at| format!("a{at}")).collect();
        let given = names.iter().zip(&params).map(|(name, param)| match param {
            Some(patch) => format!("({patch})({name})"),
            None => name.clone(),
        });
        let end = if err.is_some_and(|ty| self.is_text(&ty)) { "uncaught" } else { SAME };
        format!(
            "({}) => patched(() => {path}({}), {}, {}, {end})",
            names.join(", "),
            given.collect::<Vec<_>>().join(", "),
            ok.and_then(|ty| self.value(&ty, Way::Out)).as_deref().unwrap_or(SAME),
            err.and_then(|ty| self.value(&ty, Way::Out)).as_deref().unwrap_or(SAME),
        )
    }

    fn is_text(&self, ty: &Type) -> bool {
        match ty {
            Type::Id(id) => {
                matches!(&self.resolve.types[*id].kind, TypeDefKind::Type(ty) if self.is_text(ty))
            }
            ty => *ty == Type::String,
        }
    }

    /// A function of JavaScript that patches a value of the type; none if nothing in it has to be.
    fn value(&self, ty: &Type, way: Way) -> Option<String> {
        match (ty, way) {
            (Type::U32, Way::In) => return Some("(v) => v >>> 0".to_owned()),
            (Type::U64, Way::In) => return Some("(v) => (v < 0 ? v + 2 ** 64 : v)".to_owned()),
            (Type::U32, Way::Out) => return Some("(v) => v | 0".to_owned()),
            _ => {}
        }
        match self.bare(ty)? {
            TypeDefKind::List(item) | TypeDefKind::FixedLengthList(item, _) => {
                Some(format!("(v) => Array.from(v, {})", self.value(item, way)?))
            }
            TypeDefKind::Option(some) => {
                let patch = self.value(some, way)?;
                match self.bare(some) {
                    Some(TypeDefKind::Option(_)) => Some(format!("cased({{ some: {patch} }})")),
                    _ => Some(format!("(v) => (v == null ? v : ({patch})(v))")),
                }
            }
            TypeDefKind::Record(record) => {
                let fields = record.fields.iter().map(|field| (camel(&field.name), &field.ty));
                self.members(fields.map(|(name, ty)| (format!("{name}: "), format!(".{name}"), ty)), way)
                    .map(|members| format!("(v) => ({{ {members} }})"))
            }
            TypeDefKind::Tuple(tuple) => {
                let items = tuple.types.iter().enumerate();
                self.members(items.map(|(at, ty)| (String::new(), format!("[{at}]"), ty)), way)
                    .map(|members| format!("(v) => [{members}]"))
            }
            TypeDefKind::Variant(variant) => self.cases(variant.cases.iter().map(of_case), way),
            TypeDefKind::Result(result) => {
                self.cases([("ok", result.ok.as_ref()), ("err", result.err.as_ref())].into_iter(), way)
            }
            _ => None,
        }
    }

    /// All members of a record or a tuple, if one of them has to be patched.
    fn members<'t>(
        &self,
        members: impl Iterator<Item = (String, String, &'t Type)>,
        way: Way,
    ) -> Option<String> {
        let mut changed = false;
        let written: Vec<String> = members
            .map(|(start, access, ty)| match self.value(ty, way) {
                Some(patch) => {
                    changed = true;
                    format!("{start}({patch})(v{access})")
                }
                None => format!("{start}v{access}"),
            })
            .collect();
        changed.then(|| written.join(", "))
    }

    fn cases<'t>(
        &self,
        cases: impl Iterator<Item = (&'t str, Option<&'t Type>)>,
        way: Way,
    ) -> Option<String> {
        let patched = cases.filter_map(|(tag, ty)| Some(format!("'{tag}': {}", self.value(ty?, way)?)));
        let patched: Vec<String> = patched.collect();
        (!patched.is_empty()).then(|| format!("cased({{ {} }})", patched.join(", ")))
    }

    /// Resolves the aliases of a type; `None` for a primitive type.
    fn bare(&self, ty: &Type) -> Option<&TypeDefKind> {
        let Type::Id(id) = ty else { return None };
        match &self.resolve.types[*id].kind {
            TypeDefKind::Type(ty) => self.bare(ty),
            kind => Some(kind),
        }
    }
}

fn of_case(case: &Case) -> (&str, Option<&Type>) {
    (&case.name, case.ty.as_ref())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The module for the only world of a WIT package.
    fn patched(wit: &str) -> String {
        let mut resolve = Resolve::default();
        let package = resolve.push_str("world.wit", wit).expect("WIT");
        let world = resolve.select_world(&[package], None).expect("a world");
        module(&resolve, &super::super::export::of(&resolve, world), "./app.js")
    }

    #[test]
    fn without_unsigned_integers_values_stay_as_they_are() {
        let text = patched("package a:b; interface i { f-g: func(a: u16) -> s64; } world w { export i; }");
        assert!(text.contains("  'i.fG': plugin.i?.fG,\n"), "{text}");
        assert!(
            text.contains("fG: (a0) => patched(() => plugin.i.fG(a0), (v) => v, (v) => v, (v) => v)"),
            "{text}"
        );
    }

    #[test]
    fn an_error_that_nothing_caught_is_no_text_for_the_client() {
        let text = patched(
            "package a:b; interface i { type text = string; f: func() -> result<u8, text>; } world w { export i; }",
        );
        assert!(
            text.contains("f: () => patched(() => plugin.i.f(), (v) => v, (v) => v, uncaught)"),
            "{text}"
        );
    }

    #[test]
    fn everything_is_exported_under_the_name_that_the_engine_looks_for() {
        let text = patched(
            "package a:b; world w { export c:d/tools; export e:f/tools; export %default: func(); }
             package c:d { interface tools { g: func(); } } package e:f { interface tools { g: func(); } }",
        );
        for part in [
            "  'e:f/tools.g': plugin['e:f/tools']?.g,",
            "patched(() => plugin['e:f/tools'].g(), ",
            "export { export0 as default };",
            "export { export1 as tools };",
            "export { export2 as toolsX };",
        ] {
            assert!(text.contains(part), "{part} in\n{text}");
        }
    }

    #[test]
    fn unsigned_integers_are_mended_wherever_they_are() {
        let text = patched(
            "package a:b; interface i { record r { a: bool, b-c: list<u32> } variant v { x-y(u32), z }
             f: func(a: r, b: s8) -> result<option<u32>, v>; g: func(); } world w { export i; }",
        );
        for part in [
            "f: (a0, a1) => patched(() => plugin.i.f(",
            "((v) => ({ a: v.a, bC: ((v) => Array.from(v, (v) => v >>> 0))(v.bC) }))(a0), a1)",
            "(v) => (v == null ? v : ((v) => v | 0)(v))",
            "cased({ 'x-y': (v) => v | 0 })",
        ] {
            assert!(text.contains(part), "{part} in\n{text}");
        }
    }
}
