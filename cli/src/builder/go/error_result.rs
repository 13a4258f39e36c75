//! `result` as Go has it: a value and an `error`.
//!
//! The generator has the author return a `wit.Result`. Here its calls of her functions are wrapped, so that she returns
//! `(T, error)`, and the types that she fails with become errors.

use std::collections::BTreeMap;

use wit_parser::{
    Function, InterfaceId, Resolve, Result_, Type, TypeDef, TypeDefKind, TypeOwner, WorldId, WorldItem,
    WorldKey,
};

use super::name::{self, GENERATED, WORLD, camel};

/// The functions of a world that can fail.
pub(super) struct ErrorResults<'a> {
    resolve: &'a Resolve,
    world: WorldId,
    /// Each with the generator's name of the package that it is in.
    functions: Vec<(String, &'a Function, &'a Result_)>,
}

impl<'a> ErrorResults<'a> {
    /// Finds the functions.
    pub(super) fn new(resolve: &'a Resolve, world: WorldId) -> Self {
        let exports = resolve.worlds[world].exports.iter();
        let all = exports.flat_map(|(key, item)| match item {
            WorldItem::Function(function) => vec![(WORLD.to_owned(), function)],
            WorldItem::Interface { id, .. } => {
                let functions = resolve.interfaces[*id].functions.values();
                functions.map(|function| (name::generated(resolve, key), function)).collect()
            }
            WorldItem::Type { .. } => Vec::new(),
        });
        let functions = all
            .filter_map(|(package, function)| Some((package, function, result_of(resolve, function)?)))
            .collect();
        Self { resolve, world, functions }
    }

    /// Wraps the calls in the text of the generated main package.
    pub(super) fn wrap(&self, main: &str) -> String {
        let mut main = main.to_owned();
        for (package, function, result) in &self.functions {
            let call = format!(":= export_{package}.{}(", camel(function.item_name()));
            let Some(start) = main.find(&call).map(|at| at + ":= ".len()) else { continue };
            let end = main[start..].find('\n').map_or(main.len(), |length| start + length);
            let mut packages = Vec::new();
            let wrapper = self.wrapper(result, &mut packages);
            main.replace_range(start..end, &format!("{wrapper}({})", &main[start..end]));
            for package in packages {
                main = importing(main, &package);
            }
        }
        main
    }

    /// Methods that make errors of types, by the generator's name of the package that a type is in.
    pub(super) fn errors(&self) -> BTreeMap<String, String> {
        let mut methods = BTreeMap::new();
        for (_, _, result) in &self.functions {
            let Some((owner, ty)) = result.err.and_then(|ty| self.named(ty)) else { continue };
            if let Some(method) = error(ty) {
                methods.entry((owner, ty.name.clone())).or_insert(method);
            }
        }
        let mut packages = BTreeMap::<String, String>::new();
        for ((owner, _), method) in methods {
            *packages.entry(owner).or_default() += &method;
        }
        packages
    }

    /// The function of package `wit` that takes what the author returns.
    fn wrapper(&self, result: &Result_, packages: &mut Vec<String>) -> String {
        let mut spell = |ty: Option<Type>| {
            ty.map_or_else(|| "witTypes.Unit".to_owned(), |ty| self.spelled(&ty, packages))
        };
        let (ok, err) = (spell(result.ok), spell(result.err));
        match result.ok {
            Some(_) => format!("witTypes.ResultOf[{ok}, {err}]"),
            None => format!("witTypes.Outcome[{err}]"),
        }
    }

    /// A type where it is defined, through all its aliases, and the generator's name of the package there.
    fn named(&self, ty: Type) -> Option<(String, &'a TypeDef)> {
        let Type::Id(id) = ty else { return None };
        let definition = &self.resolve.types[id];
        match &definition.kind {
            TypeDefKind::Type(other) => self.named(*other),
            _ => Some((self.package(definition)?, definition)),
        }
    }

    fn package(&self, ty: &TypeDef) -> Option<String> {
        match ty.owner {
            TypeOwner::Interface(id) => Some(self.interface(id)),
            TypeOwner::World(_) => Some(WORLD.to_owned()),
            TypeOwner::None => None,
        }
    }

    fn interface(&self, id: InterfaceId) -> String {
        let items = &self.resolve.worlds[self.world];
        let mut keys = items.imports.iter().chain(&items.exports).filter_map(|(key, item)| match item {
            WorldItem::Interface { id: other, .. } if *other == id => Some(key),
            _ => None,
        });
        name::generated(self.resolve, keys.next().unwrap_or(&WorldKey::Interface(id)))
    }

    /// A type as the generated main package writes it; adds the packages that it names.
    fn spelled(&self, ty: &Type, packages: &mut Vec<String>) -> String {
        let name = match ty {
            Type::Bool => "bool",
            Type::U8 => "uint8",
            Type::S8 => "int8",
            Type::U16 => "uint16",
            Type::S16 => "int16",
            Type::U32 => "uint32",
            Type::S32 => "int32",
            Type::U64 => "uint64",
            Type::S64 => "int64",
            Type::F32 => "float32",
            Type::F64 => "float64",
            Type::Char => "rune",
            Type::String => "string",
            Type::ErrorContext => "any",
            Type::Id(id) => return self.spelled_definition(&self.resolve.types[*id], packages),
        };
        name.to_owned()
    }

    fn spelled_definition(&self, definition: &TypeDef, packages: &mut Vec<String>) -> String {
        if let (Some(package), Some(name)) = (self.package(definition), &definition.name) {
            let spelled = format!("{package}.{}", camel(name));
            packages.push(package);
            return spelled;
        }
        let mut inner = |ty: &Type| self.spelled(ty, packages);
        match &definition.kind {
            TypeDefKind::List(item) => format!("[]{}", inner(item)),
            TypeDefKind::Option(some) => format!("witTypes.Option[{}]", inner(some)),
            TypeDefKind::Tuple(tuple) => {
                let types: Vec<String> = tuple.types.iter().map(inner).collect();
                format!("witTypes.Tuple{}[{}]", types.len(), types.join(", "))
            }
            TypeDefKind::Result(Result_ { ok, err }) => {
                let mut side = |ty: &Option<Type>| ty.as_ref().map_or("witTypes.Unit".to_owned(), &mut inner);
                let (ok, err) = (side(ok), side(err));
                format!("witTypes.Result[{ok}, {err}]")
            }
            _ => "any".to_owned(),
        }
    }
}

/// The result of a function that can fail.
fn result_of<'a>(resolve: &'a Resolve, function: &Function) -> Option<&'a Result_> {
    let mut ty = function.result?;
    loop {
        let Type::Id(id) = ty else { return None };
        match &resolve.types[id].kind {
            TypeDefKind::Result(result) => return Some(result),
            TypeDefKind::Type(other) => ty = *other,
            _ => return None,
        }
    }
}

/// The method that makes a type an error; none for one that Go has no methods for, or that has such a name itself.
fn error(ty: &TypeDef) -> Option<String> {
    let name = camel(ty.name.as_deref()?);
    let text = match &ty.kind {
        TypeDefKind::Variant(variant) if variant.cases.iter().all(|case| case.name != "error") => {
            let cases: Vec<String> = variant.cases.iter().map(|case| format!("{:?}", case.name)).collect();
            format!("[...]string{{{}}}[self.tag]", cases.join(", "))
        }
        TypeDefKind::Record(record) if record.fields.iter().all(|field| field.name != "error") => {
            format!("{:?}", ty.name.as_deref()?)
        }
        _ => return None,
    };
    Some(format!(
        "\n// Error makes it an error.\nfunc (self {name}) Error() string {{\n\treturn {text}\n}}\n"
    ))
}

fn importing(text: String, package: &str) -> String {
    let import = format!("\"{GENERATED}/imports/{package}\"");
    if text.contains(&import) {
        text
    } else {
        text.replacen("import (\n", &format!("import (\n\t{import}\n"), 1)
    }
}
