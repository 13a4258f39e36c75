//! Collects what the code of one file names, module by module.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use proc_macro2::TokenStream;
use syn::visit::{self, Visit};
use syn::{
    Attribute, ImplItem, Item, ItemExternCrate, ItemMod, ItemType, ItemUse, LitStr, Macro, Meta, TraitItem,
    Type,
};

use crate::mention::{self, Exported, Import, Mention, Name, Start};
use crate::source::{self, Declared, Module};
use crate::token;

/// Walks over the code of one file.
pub(crate) struct Reader {
    /// The file's module and those inside it; the last is the one whose code is being read.
    open: Vec<Module>,
    done: Vec<Module>,
    /// The directory of the modules that the open one declares.
    directory: PathBuf,
    /// The meaning of strings: paths in attributes such as `#[serde(with = "crate::codec")]`, data elsewhere.
    literals: Literals,
    /// Modules that the code declares.
    pub(crate) declared: Vec<Declared>,
    /// Modules that it declares for its tests.
    pub(crate) tests: Vec<Declared>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Literals {
    Data,
    Paths,
}

impl Reader {
    /// Starts with the module that is this file; when it is `moved`, its children are beside it.
    pub(crate) fn new(path: Vec<String>, file: PathBuf, moved: bool) -> Self {
        let stem = file.file_stem().unwrap_or_default();
        let beside = file.parent().unwrap_or(Path::new(""));
        let directory = if moved || stem == "mod" { beside.to_owned() } else { beside.join(stem) };
        let open = vec![module(path, file)];
        let (done, declared, tests) = Default::default();
        Self { open, done, directory, literals: Literals::Data, declared, tests }
    }

    /// Returns the modules that were read, the file's own first.
    pub(crate) fn into_modules(mut self) -> Vec<Module> {
        self.open.append(&mut self.done);
        self.open
    }

    fn here(&mut self) -> &mut Module {
        self.open.last_mut().expect("the module of the file is always open")
    }

    /// Tells where the code of a module is that this file declares.
    fn declaration(&self, item: &ItemMod) -> Declared {
        let here = self.open.last().expect("the module of the file is always open");
        let name = mention::spelled(&item.ident);
        let path = [here.path.as_slice(), std::slice::from_ref(&name)].concat();
        let Some(moved) = source::moved_to(&item.attrs) else {
            let files =
                vec![self.directory.join(format!("{name}.rs")), self.directory.join(name).join("mod.rs")];
            return Declared { path, files, moved: false };
        };
        let from = if self.open.len() == 1 { here.file.parent().unwrap() } else { &self.directory };
        Declared { path, files: vec![source::plain(&from.join(moved))], moved: true }
    }

    /// Reads a module that stands in the file with its code.
    fn inside(&mut self, item: &ItemMod, items: &[Item]) {
        let name = mention::spelled(&item.ident);
        let path = [self.here().path.as_slice(), std::slice::from_ref(&name)].concat();
        let file = self.here().file.clone();
        let below = self.directory.join(source::moved_to(&item.attrs).unwrap_or(name));
        let outer = std::mem::replace(&mut self.directory, below);
        self.open.push(module(path, file));
        items.iter().for_each(|item| self.visit_item(item));
        self.done.extend(self.open.pop());
        self.directory = outer;
    }

    fn import(&mut self, imports: Vec<Import>) {
        self.here().imports.extend(imports);
    }
}

fn module(path: Vec<String>, file: PathBuf) -> Module {
    let (imports, mentions, unresolvable) = Default::default();
    Module { path, file, items: BTreeSet::new(), imports, mentions, unresolvable }
}

impl<'ast> Visit<'ast> for Reader {
    fn visit_item(&mut self, item: &'ast Item) {
        let attributes: &[Attribute] = match item {
            Item::Const(item) => &item.attrs,
            Item::Enum(item) => &item.attrs,
            Item::Fn(item) => &item.attrs,
            Item::Impl(item) => &item.attrs,
            Item::Macro(item) => &item.attrs,
            Item::Mod(item) => &item.attrs,
            Item::Static(item) => &item.attrs,
            Item::Struct(item) => &item.attrs,
            Item::Trait(item) => &item.attrs,
            Item::Type(item) => &item.attrs,
            Item::Use(item) => &item.attrs,
            _ => &[],
        };
        match item {
            Item::Mod(item) if source::is_test(attributes) => {
                if item.content.is_none() {
                    self.tests.push(self.declaration(item));
                }
            }
            _ if source::is_test(attributes) => {}
            _ => {
                self.here().items.extend(source::defined(item));
                visit::visit_item(self, item);
            }
        }
    }

    fn visit_impl_item(&mut self, item: &'ast ImplItem) {
        let attributes: &[Attribute] = match item {
            ImplItem::Const(item) => &item.attrs,
            ImplItem::Fn(item) => &item.attrs,
            _ => &[],
        };
        if !source::is_test(attributes) {
            visit::visit_impl_item(self, item);
        }
    }

    fn visit_trait_item(&mut self, item: &'ast TraitItem) {
        if !matches!(item, TraitItem::Fn(item) if source::is_test(&item.attrs)) {
            visit::visit_trait_item(self, item);
        }
    }

    fn visit_item_mod(&mut self, item: &'ast ItemMod) {
        item.attrs.iter().for_each(|attribute| self.visit_attribute(attribute));
        match &item.content {
            Some((_, items)) => self.inside(item, items),
            None => self.declared.push(self.declaration(item)),
        }
    }

    fn visit_item_use(&mut self, item: &'ast ItemUse) {
        self.import(mention::imports(item));
    }

    fn visit_item_extern_crate(&mut self, item: &'ast ItemExternCrate) {
        let own = mention::spelled(&item.ident);
        let name = item.rename.as_ref().map_or(own.clone(), |(_, name)| mention::spelled(name));
        // `extern crate self as name` is the crate's own root.
        let (start, own) =
            if own == "self" { (Start::Scope, "crate".to_owned()) } else { (Start::Crates, own) };
        let of = Mention { segments: vec![own], start, line: item.ident.span().start().line };
        self.import(vec![Import { of, name: Name::One(name), exported: Exported::of(&item.vis) }]);
    }

    fn visit_item_type(&mut self, item: &'ast ItemType) {
        // Another name for a type hands it on as `pub use` does.
        if let Type::Path(path) = &*item.ty {
            let name = Name::One(mention::spelled(&item.ident));
            self.import(vec![Import {
                of: mention::of(&path.path),
                name,
                exported: Exported::of(&item.vis),
            }]);
        }
        visit::visit_item_type(self, item);
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        self.here().mentions.push(mention::of(path));
        visit::visit_path(self, path);
    }

    fn visit_macro(&mut self, invocation: &'ast Macro) {
        if invocation.path.segments.last().is_some_and(|name| name.ident == "include") {
            let line = invocation.path.segments[0].ident.span().start().line;
            self.here().unresolvable.push((line, "`include!` brings in code from another file"));
        }
        visit::visit_macro(self, invocation);
    }

    fn visit_attribute(&mut self, attribute: &'ast Attribute) {
        let data = ["doc", "path"].iter().any(|name| attribute.path().is_ident(name));
        self.literals = if data { Literals::Data } else { Literals::Paths };
        if !matches!(&attribute.meta, Meta::NameValue(_) if data) {
            visit::visit_attribute(self, attribute);
        }
        self.literals = Literals::Data;
    }

    fn visit_lit_str(&mut self, text: &'ast LitStr) {
        if self.literals == Literals::Paths
            && let Ok(path) = text.parse::<syn::Path>()
        {
            self.here().mentions.push(mention::of(&path));
        }
    }

    fn visit_token_stream(&mut self, tokens: &'ast TokenStream) {
        let mut found = token::scan(tokens.clone());
        self.import(found.imports);
        self.here().mentions.append(&mut found.mentions);
        self.here().unresolvable.append(&mut found.unresolvable);
        for text in found.strings {
            self.visit_lit_str(&text);
        }
    }
}
