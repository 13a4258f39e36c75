//! Names that code uses: imports, and paths in expressions, types, attributes and macros.

use proc_macro2::Ident;
use syn::ext::IdentExt;
use syn::token::PathSep;
use syn::{ItemUse, Path, UseTree, Visibility};

/// A path as it is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Mention {
    /// Its segments, `r#` taken off; the first may be `crate`, `self` or `super`.
    pub(crate) segments: Vec<String>,
    /// The start of its first segment.
    pub(crate) start: Start,
    pub(crate) line: usize,
}

/// The place from which a path is resolved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Start {
    /// The names in scope.
    Scope,
    /// The crates, as in `::name`.
    Crates,
}

/// One name that a declaration brings into its module.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Import {
    pub(crate) of: Mention,
    pub(crate) name: Name,
    pub(crate) exported: Exported,
}

/// The name of an import in its module.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Name {
    One(String),
    /// `*`: every name that the module has.
    All,
}

/// The reach of an import.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Exported {
    /// Its module and the modules inside.
    No,
    /// Other modules too: it is a re-export.
    Yes,
}

/// Returns an identifier without its `r#`.
pub(crate) fn spelled(ident: &Ident) -> String {
    ident.unraw().to_string()
}

/// Returns a path as it is written.
pub(crate) fn of(path: &Path) -> Mention {
    let segments = path.segments.iter().map(|segment| spelled(&segment.ident)).collect();
    let line = path.segments.first().map_or(0, |segment| segment.ident.span().start().line);
    Mention { segments, start: Start::of(path.leading_colon.as_ref()), line }
}

/// Returns the names that a declaration brings in.
pub(crate) fn imports(item: &ItemUse) -> Vec<Import> {
    let (start, exported) = (Start::of(item.leading_colon.as_ref()), Exported::of(&item.vis));
    let mut found = Vec::new();
    collect(&item.tree, start, &mut Vec::new(), &mut |of, name| found.push(Import { of, name, exported }));
    found
}

impl Start {
    fn of(colons: Option<&PathSep>) -> Self {
        if colons.is_some() { Self::Crates } else { Self::Scope }
    }
}

impl Exported {
    pub(crate) fn of(visibility: &Visibility) -> Self {
        if matches!(visibility, Visibility::Inherited) { Self::No } else { Self::Yes }
    }
}

fn collect(tree: &UseTree, start: Start, prefix: &mut Vec<String>, found: &mut impl FnMut(Mention, Name)) {
    let mention = |prefix: &[String], last: Option<&Ident>| {
        // `a::{self}` is `a`.
        let last = last.map(spelled).filter(|last| last != "self" || prefix.is_empty());
        let segments = prefix.iter().cloned().chain(last).collect();
        Mention { segments, start, line: line(tree) }
    };
    match tree {
        UseTree::Path(path) => {
            prefix.push(spelled(&path.ident));
            collect(&path.tree, start, prefix, found);
            prefix.pop();
        }
        UseTree::Name(name) => {
            let of = mention(prefix, Some(&name.ident));
            let own = of.segments.last().cloned().unwrap_or_default();
            found(of, Name::One(own));
        }
        UseTree::Rename(rename) => {
            found(mention(prefix, Some(&rename.ident)), Name::One(spelled(&rename.rename)));
        }
        UseTree::Glob(_) => found(mention(prefix, None), Name::All),
        UseTree::Group(group) => {
            group.items.iter().for_each(|tree| collect(tree, start, prefix, found));
        }
    }
}

fn line(tree: &UseTree) -> usize {
    match tree {
        UseTree::Path(path) => path.ident.span().start().line,
        UseTree::Name(name) => name.ident.span().start().line,
        UseTree::Rename(rename) => rename.ident.span().start().line,
        UseTree::Glob(glob) => glob.star_token.span.start().line,
        UseTree::Group(group) => group.brace_token.span.open().start().line,
    }
}
