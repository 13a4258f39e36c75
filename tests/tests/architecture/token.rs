//! Finds paths and imports among the tokens of macros and attributes, which no parser knows the grammar of.

use proc_macro2::{Delimiter, Ident, TokenStream, TokenTree};
use syn::{ItemUse, LitStr};

use crate::mention::{self, Exported, Import, Mention, Name, Start};

/// The names among some tokens.
#[derive(Default)]
pub(crate) struct Found {
    pub(crate) mentions: Vec<Mention>,
    pub(crate) imports: Vec<Import>,
    pub(crate) strings: Vec<LitStr>,
    pub(crate) unresolvable: Vec<(usize, &'static str)>,
}

/// Looks through tokens, and through the groups among them.
pub(crate) fn scan(tokens: TokenStream) -> Found {
    let mut found = Found::default();
    Scan { tokens: &tokens.into_iter().collect::<Vec<_>>(), at: 0 }.run(&mut found);
    found
}

struct Scan<'a> {
    tokens: &'a [TokenTree],
    at: usize,
}

impl Scan<'_> {
    fn run(&mut self, found: &mut Found) {
        while let Some(token) = self.tokens.get(self.at) {
            match token {
                TokenTree::Group(group) => {
                    let inner: Vec<_> = group.stream().into_iter().collect();
                    Scan { tokens: &inner, at: 0 }.run(found);
                    self.at += 1;
                }
                TokenTree::Literal(literal) => {
                    let stream = TokenStream::from(TokenTree::Literal(literal.clone()));
                    found.strings.extend(syn::parse2::<LitStr>(stream));
                    self.at += 1;
                }
                TokenTree::Ident(ident) if ident == "use" => self.declaration(found),
                TokenTree::Ident(ident) => self.path(ident.clone(), found),
                TokenTree::Punct(_) => self.at += 1,
            }
        }
    }

    /// Reads a `use`, up to its semicolon; when it has holes of a macro in it, its paths are read as such.
    fn declaration(&mut self, found: &mut Found) {
        let rest = &self.tokens[self.at..];
        let length = rest.iter().position(|token| is(token, ';')).map_or(rest.len(), |at| at + 1);
        let stream = rest[..length].iter().cloned().collect();
        if let Ok(item) = syn::parse2::<ItemUse>(stream) {
            found.imports.extend(mention::imports(&item));
            self.at += length;
        } else {
            self.at += 1;
        }
    }

    /// Reads the path that starts with this identifier.
    fn path(&mut self, first: Ident, found: &mut Found) {
        let line = first.span().start().line;
        let dollar = self.at.checked_sub(1).is_some_and(|at| is(&self.tokens[at], '$'));
        let start = if self.starts_at_crates() { Start::Crates } else { Start::Scope };
        let mut segments = vec![mention::spelled(&first)];
        self.at += 1;
        while self.colons() {
            match self.tokens.get(self.at + 2) {
                Some(TokenTree::Ident(next)) => {
                    segments.push(mention::spelled(next));
                    self.at += 3;
                }
                Some(TokenTree::Group(group)) if group.delimiter() == Delimiter::Brace => {
                    self.at += 3;
                    tree(group.stream(), &segments, start, line, found);
                    return;
                }
                Some(token) if is(token, '$') && segments == ["crate"] => {
                    found.unresolvable.push((line, "a macro puts a path together from `crate::` and a hole"));
                    break;
                }
                _ => break,
            }
        }
        if dollar && first != "crate" && segments.len() > 1 {
            found.unresolvable.push((line, "a macro puts a path together from a hole and `::`"));
        }
        found.mentions.push(Mention { segments, start, line });
    }

    /// Tells whether `::` comes next.
    fn colons(&self) -> bool {
        let colon = |at: usize| self.tokens.get(at).is_some_and(|token| is(token, ':'));
        colon(self.at) && colon(self.at + 1)
    }

    /// Tells whether the path at hand is written `::name`, and not after a type as in `<T as X>::name`.
    fn starts_at_crates(&self) -> bool {
        let before = |back: usize| self.at.checked_sub(back).map(|at| &self.tokens[at]);
        let colons = [1, 2].map(before).iter().all(|token| token.is_some_and(|token| is(token, ':')));
        colons
            && before(3).is_none_or(|token| matches!(token, TokenTree::Punct(mark) if mark.as_char() != '>'))
    }
}

/// Reads the braces of `crate::{a, b}`.
fn tree(group: TokenStream, prefix: &[String], start: Start, line: usize, found: &mut Found) {
    let tokens: Vec<_> = group.into_iter().collect();
    for branch in tokens.split(|token| is(token, ',')) {
        let mut inner = Found::default();
        Scan { tokens: branch, at: 0 }.run(&mut inner);
        if branch.first().is_some_and(|token| is(token, '*')) {
            let of = Mention { segments: prefix.to_vec(), start, line };
            found.imports.push(Import { of, name: Name::All, exported: Exported::Yes });
        }
        let below = |mention: Mention| {
            let segments = prefix.iter().cloned().chain(mention.segments).collect();
            Mention { segments, start, ..mention }
        };
        found.mentions.extend(inner.mentions.into_iter().map(below));
        found
            .imports
            .extend(inner.imports.into_iter().map(|import| Import { of: below(import.of), ..import }));
        found.unresolvable.extend(inner.unresolvable);
    }
}

fn is(token: &TokenTree, mark: char) -> bool {
    matches!(token, TokenTree::Punct(punct) if punct.as_char() == mark)
}
