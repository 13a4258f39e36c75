//! The functions and constants of the command's own source, as far as errors and their texts need them.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use syn::visit::{self, Visit};
use syn::{
    Attribute, Block, Expr, FnArg, ImplItemFn, ItemConst, ItemFn, ItemImpl, ItemMod, Local, Meta, Pat,
    ReturnType, Signature, Type,
};

/// Everything that is not compiled for tests alone.
#[derive(Default)]
pub(super) struct Source<'a> {
    pub(super) functions: Vec<Function<'a>>,
    pub(super) constants: BTreeMap<String, &'a Expr>,
}

/// A function or method.
pub(super) struct Function<'a> {
    pub(super) file: &'a Path,
    pub(super) name: String,
    /// Names of its parameters, without `self`; a pattern has none.
    pub(super) parameters: Vec<String>,
    pub(super) body: &'a Block,
    /// The meaning of its names, apart from parameters.
    pub(super) locals: BTreeMap<String, Vec<Binding<'a>>>,
    /// True if it returns a text.
    pub(super) is_text: bool,
}

/// The meaning of a name in a function.
#[derive(Clone, Copy)]
pub(super) enum Binding<'a> {
    Value(&'a Expr),
    /// One value of a tuple.
    Element(&'a Expr, usize),
}

/// Reads the files below a directory.
pub(super) fn files(directory: &Path) -> Vec<(PathBuf, syn::File)> {
    let mut files = Vec::new();
    let mut folders = vec![directory.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let code = syn::parse_file(&fs::read_to_string(&path).unwrap()).unwrap();
                files.push((path.strip_prefix(directory).unwrap().to_owned(), code));
            }
        }
    }
    files.sort_by(|left, right| left.0.cmp(&right.0));
    files
}

impl<'a> Source<'a> {
    pub(super) fn of(files: &'a [(PathBuf, syn::File)]) -> Self {
        let mut source = Self::default();
        for (file, code) in files {
            Collector { source: &mut source, file }.visit_file(code);
        }
        source
    }

    /// Finds the numbers of the functions that a call may mean: those of the same file come before all others.
    pub(super) fn called(&self, from: &Path, name: &str, arguments: usize) -> Vec<usize> {
        let named = self.functions.iter().enumerate().filter(|(_, function)| function.name == name);
        let fits = named.filter(|(_, function)| function.parameters.len() == arguments);
        let (here, elsewhere): (Vec<_>, Vec<_>) = fits.partition(|(_, function)| function.file == from);
        let found = if here.is_empty() { elsewhere } else { here };
        found.into_iter().map(|(number, _)| number).collect()
    }
}

struct Collector<'a, 's> {
    source: &'s mut Source<'a>,
    file: &'a Path,
}

impl<'a> Collector<'a, '_> {
    fn function(&mut self, signature: &'a Signature, body: &'a Block) {
        let parameter = |input: &FnArg| match input {
            FnArg::Receiver(_) => None,
            FnArg::Typed(typed) => Some(name(&typed.pat).unwrap_or_default()),
        };
        let mut locals = Locals::default();
        locals.visit_block(body);
        self.source.functions.push(Function {
            file: self.file,
            name: signature.ident.to_string(),
            parameters: signature.inputs.iter().filter_map(parameter).collect(),
            body,
            locals: locals.0,
            is_text: matches!(&signature.output, ReturnType::Type(_, ty) if is_text(ty)),
        });
    }
}

impl<'a> Visit<'a> for Collector<'a, '_> {
    fn visit_item_mod(&mut self, item: &'a ItemMod) {
        if !is_test(&item.attrs) {
            visit::visit_item_mod(self, item);
        }
    }

    fn visit_item_impl(&mut self, item: &'a ItemImpl) {
        // What makes a problem of its parts is not a place where one is made.
        if !matches!(&*item.self_ty, Type::Path(path) if path.path.is_ident("Problem")) {
            visit::visit_item_impl(self, item);
        }
    }

    fn visit_item_fn(&mut self, item: &'a ItemFn) {
        if !is_test(&item.attrs) {
            self.function(&item.sig, &item.block);
        }
    }

    fn visit_impl_item_fn(&mut self, item: &'a ImplItemFn) {
        if !is_test(&item.attrs) {
            self.function(&item.sig, &item.block);
        }
    }

    fn visit_item_const(&mut self, item: &'a ItemConst) {
        self.source.constants.insert(item.ident.to_string(), &item.expr);
    }
}

/// Names that `let` gives in a body; all of one name are taken together.
#[derive(Default)]
struct Locals<'a>(BTreeMap<String, Vec<Binding<'a>>>);

impl<'a> Visit<'a> for Locals<'a> {
    fn visit_local(&mut self, local: &'a Local) {
        if let Some(init) = &local.init {
            let pattern = match &local.pat {
                Pat::Type(typed) => &*typed.pat,
                other => other,
            };
            let mut bind = |pattern: &Pat, binding| {
                if let Some(name) = name(pattern) {
                    self.0.entry(name).or_default().push(binding);
                }
            };
            match pattern {
                Pat::Tuple(tuple) => {
                    let elements = tuple.elems.iter().enumerate();
                    elements.for_each(|(at, element)| bind(element, Binding::Element(&init.expr, at)));
                }
                other => bind(other, Binding::Value(&init.expr)),
            }
        }
        visit::visit_local(self, local);
    }
}

/// Returns the name that a pattern gives to a whole value.
pub(super) fn name(pattern: &Pat) -> Option<String> {
    match pattern {
        Pat::Ident(ident) if ident.subpat.is_none() => Some(ident.ident.to_string()),
        Pat::Type(typed) => name(&typed.pat),
        _ => None,
    }
}

fn is_text(ty: &Type) -> bool {
    match ty {
        Type::Reference(reference) => is_text(&reference.elem),
        Type::Path(path) => {
            path.path.segments.last().is_some_and(|last| last.ident == "str" || last.ident == "String")
        }
        _ => false,
    }
}

fn is_test(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| match &attribute.meta {
        Meta::List(list) => list.path.is_ident("cfg") && list.tokens.to_string() == "test",
        _ => false,
    })
}
