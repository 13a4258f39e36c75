//! Reads the sources of a crate as the compiler would: from its root, module by module.
//!
//! Items under `#[cfg(test)]` are left out, with every file that only they declare: tests may import what they like.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::fs;
use std::path::{Component, Path, PathBuf};

use syn::visit::Visit;
use syn::{Attribute, Expr, Item, Lit, Meta};

use crate::mention::{Import, Mention, Name};
use crate::read::Reader;

/// Texts of source files by their paths.
#[derive(Default)]
pub(crate) struct Files(BTreeMap<PathBuf, String>);

/// One module, with everything that its code names.
pub(crate) struct Module {
    /// Its names from the crate's root, which has none.
    pub(crate) path: Vec<String>,
    /// The file that its code is in.
    pub(crate) file: PathBuf,
    /// The names that its code defines.
    pub(crate) items: BTreeSet<String>,
    /// The names that `use`, `extern crate` and type aliases bring in.
    pub(crate) imports: Vec<Import>,
    /// The paths that its code mentions.
    pub(crate) mentions: Vec<Mention>,
    /// Code that names modules in a way that cannot be followed, each with the reason.
    pub(crate) unresolvable: Vec<(usize, &'static str)>,
}

/// One crate: a library, or a program that stands beside it.
pub(crate) struct Crate {
    /// Its name in other crates.
    pub(crate) name: String,
    /// Its modules; the root is the first.
    pub(crate) modules: Vec<Module>,
    places: BTreeMap<Vec<String>, usize>,
    /// The crates that it may name.
    pub(crate) dependencies: BTreeSet<String>,
}

/// A module whose code is still to be read.
pub(crate) struct Declared {
    pub(crate) path: Vec<String>,
    /// The files that its code may be in; the first that exists counts.
    pub(crate) files: Vec<PathBuf>,
    /// True if `#[path]` names the file; its children are then looked for beside it.
    pub(crate) moved: bool,
}

impl Files {
    /// Reads every `.rs` file below a directory, by paths that start at `root`.
    pub(crate) fn below(root: &Path, directory: &str) -> Self {
        let mut files = Self::default();
        let mut folders = VecDeque::from([root.join(directory)]);
        while let Some(folder) = folders.pop_front() {
            for entry in fs::read_dir(&folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    folders.push_back(path);
                } else if path.extension().is_some_and(|extension| extension == "rs") {
                    let text = fs::read_to_string(&path).unwrap();
                    files.0.insert(path.strip_prefix(root).unwrap().to_owned(), text);
                }
            }
        }
        files
    }

    /// Makes files of texts.
    pub(crate) fn of(texts: &[(&str, &str)]) -> Self {
        Self(texts.iter().map(|(path, text)| (PathBuf::from(path), (*text).to_owned())).collect())
    }

    /// Lists the programs of a package: the layer that each is, and its root.
    pub(crate) fn programs(&self, package: &str) -> Vec<(String, String)> {
        let (main, bin) = (format!("{package}/src/main.rs"), format!("{package}/src/bin"));
        let layer = |file: &Path| match file {
            _ if file == Path::new(&main) => Some("main"),
            _ if file.parent() == Some(Path::new(&bin)) => Some("bin"),
            _ => None,
        };
        let program = |file: &PathBuf| Some((layer(file)?.to_owned(), file.to_str()?.to_owned()));
        self.0.keys().filter_map(program).collect()
    }

    /// Lists the files that none of these crates has read.
    pub(crate) fn unread<'a>(&'a self, read: &'a BTreeSet<PathBuf>) -> impl Iterator<Item = &'a Path> {
        self.0.keys().filter(|path| !read.contains(*path)).map(PathBuf::as_path)
    }
}

impl Crate {
    /// Reads a crate from the file of its root; remembers in `read` which files it consists of.
    ///
    /// # Errors
    /// A sentence when a module's file is missing or is not Rust.
    pub(crate) fn read(
        name: &str,
        root: &str,
        files: &Files,
        read: &mut BTreeSet<PathBuf>,
    ) -> Result<Self, String> {
        let first = Declared { path: Vec::new(), files: vec![PathBuf::from(root)], moved: true };
        let mut declared = VecDeque::from([(first, Build::Every)]);
        let mut modules = Vec::new();
        while let Some((next, build)) = declared.pop_front() {
            let Some((file, text)) = next.files.iter().find_map(|file| files.0.get_key_value(file)) else {
                return Err(format!("module {} is in none of {:?}", next.path.join("::"), next.files));
            };
            read.insert(file.clone());
            let code = syn::parse_file(text).map_err(|error| format!("{}: {error}", file.display()))?;
            let build = if is_test(&code.attrs) { Build::Tests } else { build };
            let mut reader = Reader::new(next.path, file.clone(), next.moved);
            reader.visit_file(&code);
            declared.extend(reader.tests.drain(..).map(|module| (module, Build::Tests)));
            declared.extend(reader.declared.drain(..).map(|module| (module, build)));
            if build == Build::Every {
                modules.extend(reader.into_modules());
            }
        }
        let places = modules.iter().enumerate().map(|(at, module)| (module.path.clone(), at)).collect();
        Ok(Self { name: name.to_owned(), modules, places, dependencies: BTreeSet::new() })
    }

    /// Finds a module by its path.
    pub(crate) fn module(&self, path: &[String]) -> Option<&Module> {
        self.places.get(path).map(|at| &self.modules[*at])
    }
}

impl Module {
    /// Tells whether code of this module makes a name, rather than an import.
    pub(crate) fn defines(&self, name: &str) -> bool {
        let imported =
            |import: &Import| import.name == Name::All || import.name == Name::One(name.to_owned());
        self.items.contains(name) || !self.imports.iter().any(imported)
    }
}

/// The builds that compile some code.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Build {
    Tests,
    Every,
}

/// Tells whether `#[cfg(test)]` keeps an item out of every build but that of the crate's own tests.
pub(crate) fn is_test(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| {
        let Meta::List(list) = &attribute.meta else { return false };
        let condition: Vec<_> = list.tokens.clone().into_iter().map(|token| token.to_string()).collect();
        list.path.is_ident("cfg") && condition == ["test"]
    })
}

/// Returns what `#[path = "..."]` says.
pub(crate) fn moved_to(attributes: &[Attribute]) -> Option<String> {
    attributes.iter().find_map(|attribute| match &attribute.meta {
        Meta::NameValue(pair) if pair.path.is_ident("path") => match &pair.value {
            Expr::Lit(literal) => match &literal.lit {
                Lit::Str(text) => Some(text.value()),
                _ => None,
            },
            _ => None,
        },
        _ => None,
    })
}

/// Resolves `.` and `..` in a path.
pub(crate) fn plain(path: &Path) -> PathBuf {
    let mut plain = PathBuf::new();
    for part in path.components() {
        match part {
            Component::ParentDir => _ = plain.pop(),
            Component::CurDir => {}
            other => plain.push(other),
        }
    }
    plain
}

/// Returns the name that an item defines in its module.
pub(crate) fn defined(item: &Item) -> Option<String> {
    let ident = match item {
        Item::Const(item) => &item.ident,
        Item::Enum(item) => &item.ident,
        Item::Fn(item) => &item.sig.ident,
        Item::Macro(item) => item.ident.as_ref()?,
        Item::Static(item) => &item.ident,
        Item::Struct(item) => &item.ident,
        Item::Trait(item) => &item.ident,
        Item::TraitAlias(item) => &item.ident,
        Item::Type(item) => &item.ident,
        Item::Union(item) => &item.ident,
        _ => return None,
    };
    Some(crate::mention::spelled(ident))
}
