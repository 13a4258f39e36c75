//! A module around the author's that stands between it and QuickJS.
//!
//! It fails at once where a function of the world is missing, which the engine would find out when it is called. And
//! it patches unsigned integers. componentize-qjs takes a `u32` for signed: from 2^31 on it hands a function a negative
//! number, and it cuts what a function returns to 2^31 - 1. Here every function of the world that has a `u32` somewhere
//! is called with the unsigned number, and its answer is turned into the signed one. A `u64` from 2^63 on comes as a
//! negative number too; what the engine rounds beyond 2^53 cannot be patched.

use std::fmt::Write as _;

use wit_parser::{Case, Function, FunctionKind, Resolve, Type, TypeDefKind, WorldId, WorldItem, WorldKey};

use super::name::camel;

/// Patches a case of a variant, and what a call comes to.
const HELPERS: &str = "
const cased = (cases) => (v) => (Object.hasOwn(cases, v.tag) ? { tag: v.tag, val: cases[v.tag](v.val) } : v);

const patched = (call, ok, err) => {
  try {
    return ok(call());
  } catch (thrown) {
    throw thrown instanceof Error ? thrown : err(thrown);
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
pub(super) fn module(resolve: &Resolve, world: WorldId, plugin: &str) -> String {
    let shim = Shim { resolve };
    let mut functions = String::new();
    let mut exports = String::new();
    for (key, item) in &resolve.worlds[world].exports {
        let (name, value) = match item {
            WorldItem::Interface { id, .. } => {
                let interface = &resolve.interfaces[*id];
                let name = match key {
                    WorldKey::Name(name) => camel(name),
                    WorldKey::Interface(_) => camel(interface.name.as_deref().unwrap_or_default()),
                };
                for function in interface.functions.values().filter(|it| is_plain(it)) {
                    let function = camel(&function.name);
                    let _ = writeln!(functions, "  '{name}.{function}': plugin.{name}?.{function},");
                }
                let value = shim.object(&name, interface.functions.values());
                (name, value)
            }
            WorldItem::Function(function) => {
                let name = camel(&function.name);
                let _ = writeln!(functions, "  {name}: plugin.{name},");
                let value = shim.function(&format!("plugin.{name}"), function);
                (name, value)
            }
            WorldItem::Type { .. } => continue,
        };
        if let Some(value) = value {
            let _ = write!(exports, "\nconst {name}_ = {value};\nexport {{ {name}_ as {name} }};\n");
        }
    }
    let helpers = if exports.is_empty() { "" } else { HELPERS };
    format!(
        "// Made by toolcell, with every build.\n\nimport * as plugin from '{plugin}';\n\n\
         export * from '{plugin}';\n\nconst functions = {{\n{functions}}};\n{CHECK}{helpers}{exports}"
    )
}

fn is_plain(function: &Function) -> bool {
    function.kind == FunctionKind::Freestanding
}

struct Shim<'a> {
    resolve: &'a Resolve,
}

impl Shim<'_> {
    /// The author's object with functions in front of those that have to be patched.
    fn object<'f>(&self, name: &str, functions: impl Iterator<Item = &'f Function>) -> Option<String> {
        let plain = functions.filter(|function| is_plain(function));
        let patched = plain.filter_map(|function| {
            let function_name = camel(&function.name);
            let value = self.function(&format!("plugin.{name}.{function_name}"), function)?;
            Some(format!("  {function_name}: {value},\n"))
        });
        let patched: String = patched.collect();
        (!patched.is_empty()).then(|| format!("Object.assign(Object.create(plugin.{name}), {{\n{patched}}})"))
    }

    /// A function around the author's; none where the two would do the same.
    fn function(&self, path: &str, function: &Function) -> Option<String> {
        let params: Vec<_> = function.params.iter().map(|param| self.value(&param.ty, Way::In)).collect();
        let (ok, err) = match function.result.as_ref().map(|ty| (ty, self.bare(ty))) {
            Some((_, Some(TypeDefKind::Result(result)))) => (result.ok, result.err),
            Some((ty, _)) => (Some(*ty), None),
            None => (None, None),
        };
        let ok = ok.and_then(|ty| self.value(&ty, Way::Out));
        let err = err.and_then(|ty| self.value(&ty, Way::Out));
        if ok.is_none() && err.is_none() && params.iter().all(Option::is_none) {
            return None;
        }
        let names: Vec<String> = (0..params.len()).map(|at| format!("a{at}")).collect();
        let given = names.iter().zip(&params).map(|(name, param)| match param {
            Some(patch) => format!("({patch})({name})"),
            None => name.clone(),
        });
        Some(format!(
            "({}) => patched(() => {path}({}), {}, {})",
            names.join(", "),
            given.collect::<Vec<_>>().join(", "),
            ok.as_deref().unwrap_or(SAME),
            err.as_deref().unwrap_or(SAME),
        ))
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
        module(&resolve, world, "./app.js")
    }

    #[test]
    fn without_unsigned_integers_functions_are_only_looked_for() {
        let text = patched("package a:b; interface i { f-g: func(a: u16) -> s64; } world w { export i; }");
        assert!(text.contains("  'i.fG': plugin.i?.fG,\n"), "{text}");
        assert!(!text.contains("patched"), "{text}");
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
        assert!(!text.contains("  g: "), "{text}");
    }
}
