//! TypeScript declarations of a world: a module for each WIT interface, under the interface's own name.
//!
//! What the host provides is declared as it is imported. What the plugin provides is an interface that its object is
//! checked against: `export const tools: Tools = { ... }`. Numbers of 64 bits and lists of numbers are those of the
//! engine.

mod expression;

use wit_parser::{
    Case, Docs, EnumCase, Field, Flag, Function, FunctionKind, InterfaceId, Resolve, Type, TypeDef,
    TypeDefKind, TypeId, TypeOwner, World, WorldId, WorldItem, WorldKey,
};

use super::name::{camel, declared, is_reserved, type_name};
use crate::manifest::build::ScriptEngine;

use expression::Expressions;

/// Writes the declarations.
pub(super) fn of(resolve: &Resolve, world: WorldId, engine: ScriptEngine) -> String {
    let writer = Writer { resolve, expressions: Expressions { resolve, engine } };
    let world = &resolve.worlds[world];
    let mut text = "// Made by toolcell from the WIT, with every build.\n".to_owned();
    for (key, id) in interfaces(world) {
        text += &writer.module(world, key, id);
    }
    text + &writer.own_module(world)
}

/// Every interface of the world, once.
fn interfaces(world: &World) -> impl Iterator<Item = (&WorldKey, InterfaceId)> {
    let exported = world.exports.iter().filter(|(key, _)| !world.imports.contains_key(*key));
    world.imports.iter().chain(exported).filter_map(|(key, item)| match item {
        WorldItem::Interface { id, .. } => Some((key, *id)),
        _ => None,
    })
}

/// Functions that the world exports outside of any interface.
fn functions(world: &World) -> impl Iterator<Item = &Function> {
    world.exports.values().filter_map(|item| match item {
        WorldItem::Function(function) => Some(function),
        _ => None,
    })
}

/// Types of the world itself, by their names.
fn types(world: &World) -> impl Iterator<Item = (&str, TypeId)> {
    world.imports.iter().chain(&world.exports).filter_map(|(key, item)| match (key, item) {
        (WorldKey::Name(name), WorldItem::Type { id, .. }) => Some((name.as_str(), *id)),
        _ => None,
    })
}

/// The name of the interface of a plugin's object, which no type has.
fn implementation_name<'a>(name: &str, types: impl Iterator<Item = &'a str>) -> String {
    let types: Vec<String> = types.map(type_name).collect();
    let mut name = type_name(name);
    while types.contains(&name) {
        name += "Exports";
    }
    name
}

/// The owner of a function.
#[derive(Clone, Copy)]
enum Provider {
    /// The host, for the plugin to call.
    Host,
    /// The plugin.
    Plugin,
}

struct Writer<'a> {
    resolve: &'a Resolve,
    expressions: Expressions<'a>,
}

impl Writer<'_> {
    fn module(&self, world: &World, key: &WorldKey, id: InterfaceId) -> String {
        let interface = &self.resolve.interfaces[id];
        let functions: Vec<&Function> = interface.functions.values().collect();
        let plain: Vec<&Function> = functions.iter().copied().filter(|it| is_plain(it)).collect();
        let types = interface.types.values();
        let mut body: Vec<String> = types.map(|id| self.type_of(*id, &functions)).collect();
        if world.imports.contains_key(key) {
            body.extend(plain.iter().map(|function| self.import(function)));
        }
        let name = match key {
            WorldKey::Name(name) => name,
            WorldKey::Interface(_) => interface.name.as_deref().unwrap_or_default(),
        };
        if world.exports.contains_key(key) {
            let name = implementation_name(name, interface.types.keys().map(String::as_str));
            body.push(self.implementation(&name, &plain));
        }
        let module = self.resolve.name_world_key(key);
        format!(
            "\n{}declare module '{module}' {{\n{}}}\n",
            comment(&interface.docs, &[], ""),
            body.join("\n")
        )
    }

    /// The module of what the world itself exports, under the world's name.
    fn own_module(&self, world: &World) -> String {
        let own: Vec<&Function> = functions(world).collect();
        let (Some(package), false) = (world.package, own.is_empty()) else { return String::new() };
        let id = self.resolve.id_of_name(package, &world.name);
        let mut body: Vec<String> = types(world).map(|(_, id)| self.type_of(id, &own)).collect();
        let name = implementation_name(&world.name, types(world).map(|(name, _)| name));
        body.push(self.implementation(&name, &own));
        format!("\n{}declare module '{id}' {{\n{}}}\n", comment(&world.docs, &[], ""), body.join("\n"))
    }

    /// Declares the interface of the plugin's object.
    fn implementation(&self, name: &str, functions: &[&Function]) -> String {
        let methods = functions.iter().map(|function| {
            let docs = self.docs(function, "    ");
            format!("{docs}    {}{};\n", camel(&function.name), self.signature(function, Provider::Plugin))
        });
        format!("  export interface {name} {{\n{}  }}\n", methods.collect::<Vec<_>>().join("\n"))
    }

    /// A function that the host provides.
    fn import(&self, function: &Function) -> String {
        let docs = self.docs(function, "  ");
        let (name, signature) = (declared(&function.name), self.signature(function, Provider::Host));
        if is_reserved(&camel(&function.name)) {
            let exported = camel(&function.name);
            return format!("{docs}  function {name}{signature};\n  export {{ {name} as {exported} }};\n");
        }
        format!("{docs}  export function {name}{signature};\n")
    }

    /// Declares a type; `functions` hold those of resources.
    fn type_of(&self, id: TypeId, functions: &[&Function]) -> String {
        let ty = &self.resolve.types[id];
        let name = type_name(ty.name.as_deref().unwrap_or_default());
        let members = |members: Vec<String>| format!("interface {name} {{\n{}  }}", members.concat());
        let cases = |cases: Vec<String>| format!("type {name} =\n{};", cases.join("\n"));
        let declaration = match &ty.kind {
            TypeDefKind::Record(record) => members(record.fields.iter().map(|it| self.field(it)).collect()),
            TypeDefKind::Flags(flags) => members(flags.flags.iter().map(flag).collect()),
            TypeDefKind::Variant(variant) => cases(variant.cases.iter().map(|it| self.case(it)).collect()),
            TypeDefKind::Enum(names) => cases(names.cases.iter().map(name_of).collect()),
            TypeDefKind::Resource => {
                let own = functions.iter().filter(|it| resource(it) == Some(id));
                format!("class {name} {{\n{}  }}", own.map(|it| self.method(it)).collect::<String>())
            }
            _ => format!("type {name} = {};", self.alias(ty)),
        };
        format!("{}  export {declaration}\n", comment(&ty.docs, &[], "  "))
    }

    fn field(&self, field: &Field) -> String {
        let docs = comment(&field.docs, &[], "    ");
        format!("{docs}    {}\n", self.expressions.field(&field.name, &field.ty))
    }

    fn case(&self, case: &Case) -> String {
        let docs = comment(&case.docs, &[], "    ");
        format!("{docs}    | {}", self.expressions.case(&case.name, case.ty.as_ref()))
    }

    /// Returns the target of a type alias.
    fn alias(&self, ty: &TypeDef) -> String {
        if let TypeDefKind::Type(Type::Id(id)) = &ty.kind {
            let target = &self.resolve.types[*id];
            if let (TypeOwner::Interface(owner), Some(name)) = (target.owner, &target.name) {
                let module = self.resolve.id_of(owner);
                let elsewhere = target.owner != ty.owner;
                if let (Some(module), true) = (module, elsewhere) {
                    return format!("import('{module}').{}", type_name(name));
                }
            }
        }
        self.expressions.kind(&ty.kind)
    }

    fn method(&self, function: &Function) -> String {
        let docs = self.docs(function, "    ");
        let signature = self.signature(function, Provider::Host);
        let name = camel(function.item_name());
        match function.kind {
            FunctionKind::Constructor(_) => {
                let parameters = signature.rsplit_once("): ").map_or("(", |(parameters, _)| parameters);
                format!("{docs}    constructor{parameters});\n")
            }
            FunctionKind::Static(_) | FunctionKind::AsyncStatic(_) => {
                format!("{docs}    static {name}{signature};\n")
            }
            _ => format!("{docs}    {name}{signature};\n"),
        }
    }

    /// Parameters and result. Options at the end may be left out, but not where QuickJS calls the host. StarlingMonkey
    /// waits for a promise.
    fn signature(&self, function: &Function, provider: Provider) -> String {
        let method = matches!(function.kind, FunctionKind::Method(_) | FunctionKind::AsyncMethod(_));
        let params = &function.params[usize::from(method)..];
        let required = params.iter().rposition(|param| !self.expressions.is_option(&param.ty));
        let required = match (provider, self.expressions.engine) {
            (Provider::Host, ScriptEngine::QuickJs) => params.len(),
            _ => required.map_or(0, |last| last + 1),
        };
        let params = params.iter().enumerate().map(|(at, param)| {
            let name = declared(&param.name);
            if at < required {
                return format!("{name}: {}", self.expressions.of(&param.ty));
            }
            name + &self.expressions.optional(&param.ty)
        });
        let mut result = self.expressions.answer(function.result.as_ref()).0;
        if let (Provider::Plugin, ScriptEngine::StarlingMonkey) = (provider, self.expressions.engine) {
            result = format!("{result} | Promise<{result}>");
        }
        format!("({}): {result}", params.collect::<Vec<_>>().join(", "))
    }

    fn docs(&self, function: &Function, indent: &str) -> String {
        let throws = self.expressions.answer(function.result.as_ref()).1;
        let throws = throws.map(|error| format!("@throws {{{error}}}"));
        comment(&function.docs, throws.as_slice(), indent)
    }
}

fn flag(flag: &Flag) -> String {
    format!("{}    {}?: boolean;\n", comment(&flag.docs, &[], "    "), camel(&flag.name))
}

fn name_of(case: &EnumCase) -> String {
    format!("{}    | '{}'", comment(&case.docs, &[], "    "), case.name)
}

fn is_plain(function: &Function) -> bool {
    resource(function).is_none()
}

fn resource(function: &Function) -> Option<TypeId> {
    match function.kind {
        FunctionKind::Freestanding | FunctionKind::AsyncFreestanding => None,
        FunctionKind::Method(id)
        | FunctionKind::AsyncMethod(id)
        | FunctionKind::Static(id)
        | FunctionKind::AsyncStatic(id)
        | FunctionKind::Constructor(id) => Some(id),
        _ => None,
    }
}

/// A JSDoc comment; `@param` lines name parameters as JavaScript does.
fn comment(docs: &Docs, tags: &[String], indent: &str) -> String {
    let text = docs.contents.as_deref().unwrap_or_default().trim().replace("*/", "*\\/");
    let lines: Vec<String> = text.lines().map(in_javascript).chain(tags.iter().cloned()).collect();
    match lines.as_slice() {
        [] => String::new(),
        [line] => format!("{indent}/** {line} */\n"),
        lines => {
            let lines = lines.iter().map(|line| format!("{indent} * {line}").trim_end().to_owned() + "\n");
            format!("{indent}/**\n{}{indent} */\n", lines.collect::<String>())
        }
    }
}

fn in_javascript(line: &str) -> String {
    match line.trim().strip_prefix("@param ").map(|rest| rest.split_once(' ').unwrap_or((rest, ""))) {
        Some((name, text)) => format!("@param {} {text}", declared(name)).trim_end().to_owned(),
        None => line.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The declarations of the only world of a WIT package.
    fn declarations(wit: &str, engine: ScriptEngine) -> String {
        let mut resolve = Resolve::default();
        let package = resolve.push_str("world.wit", wit).expect("WIT");
        let world = resolve.select_world(&[package], None).expect("a world");
        of(&resolve, world, engine)
    }

    #[test]
    fn an_interface_is_a_module_that_the_plugin_is_checked_against() {
        let written = declarations(include_str!("world.wit"), ScriptEngine::QuickJs);
        assert_eq!(written, include_str!("world.d.ts"));
    }

    #[test]
    fn functions_of_the_world_have_its_types() {
        let wit = "package a:b@0.1.0;
            interface shared { record item { n: u32 } }
            world plugin {
              use shared.{item};
              /// What is wanted.
              record plugin { items: list<item> }
              variant problem { none, some(plugin) }
              export go: func(it: plugin, item: item) -> result<item, problem>;
            }";
        let written = declarations(wit, ScriptEngine::QuickJs);
        let (_, own) = written.split_once("declare module 'a:b/plugin@0.1.0' {\n").unwrap();
        assert_eq!(
            own,
            "  export type Item = import('a:b/shared@0.1.0').Item;

  /** What is wanted. */
  export interface Plugin {
    items: Item[];
  }

  export type Problem =
    | { tag: 'none' }
    | { tag: 'some'; val: Plugin };

  export interface PluginExports {
    /** @throws {Problem} */
    go(it: Plugin, item: Item): Item;
  }
}
"
        );
    }

    #[test]
    fn integers_of_64_bits_and_lists_of_numbers_are_those_of_the_engine() {
        let wit =
            "package a:b; interface i { f: func(a: u64, b: list<s16>, c: list<u8>); } world w { export i; }";
        let quickjs = declarations(wit, ScriptEngine::QuickJs);
        assert!(quickjs.contains("f(a: number, b: number[], c: Uint8Array): void;"), "{quickjs}");
        let starlingmonkey = declarations(wit, ScriptEngine::StarlingMonkey);
        assert!(
            starlingmonkey.contains("f(a: bigint, b: Int16Array, c: Uint8Array): void | Promise<void>;"),
            "{starlingmonkey}"
        );
    }
}
