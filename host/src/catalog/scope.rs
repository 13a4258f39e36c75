//! Defines scopes: the permissions that a tool requires and a caller has.

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::text_form::serde_as_text;

/// A named permission, such as `files.write`; case counts.
///
/// It is a `scope-token` of RFC 6749 section 3.3: printable ASCII without space, `"` and `\`, which needs no
/// escapes in a `WWW-Authenticate` header.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Scope(Box<str>);

/// The error for a text that is not a scope.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "expected a scope: 1 to {max} printable ASCII characters except space, quote (\") and backslash",
    max = Scope::MAX_BYTES
)]
pub struct NotAScope;

impl Scope {
    /// The longest scope, in bytes: a challenge repeats all scopes that a tool requires.
    pub const MAX_BYTES: usize = 128;

    /// Returns the scope's text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Scope {
    type Err = NotAScope;

    fn from_str(text: &str) -> Result<Self, NotAScope> {
        let legal = |byte: u8| matches!(byte, b'!' | b'#'..=b'[' | b']'..=b'~');
        let fits = (1..=Self::MAX_BYTES).contains(&text.len());
        if fits && text.bytes().all(legal) { Ok(Self(text.into())) } else { Err(NotAScope) }
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

serde_as_text!(Scope);

/// A set of scopes, written in alphabetical order with one space between them.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ScopeSet(BTreeSet<Scope>);

impl ScopeSet {
    /// No scope at all.
    pub const NONE: Self = Self(BTreeSet::new());

    /// Tells whether the set is empty.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Tells whether the set holds all `required` scopes.
    pub fn covers(&self, required: &Self) -> bool {
        required.0.is_subset(&self.0)
    }

    /// Tells whether the set holds a scope.
    pub fn contains(&self, scope: &Scope) -> bool {
        self.0.contains(scope)
    }

    /// Returns the scopes in alphabetical order.
    pub fn iter(&self) -> impl Iterator<Item = &Scope> {
        self.0.iter()
    }
}

impl FromIterator<Scope> for ScopeSet {
    fn from_iter<I: IntoIterator<Item = Scope>>(scopes: I) -> Self {
        Self(scopes.into_iter().collect())
    }
}

impl Extend<Scope> for ScopeSet {
    fn extend<I: IntoIterator<Item = Scope>>(&mut self, scopes: I) {
        self.0.extend(scopes);
    }
}

impl fmt::Display for ScopeSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, scope) in self.0.iter().enumerate() {
            let space = if place == 0 { "" } else { " " };
            write!(f, "{space}{scope}")?;
        }
        Ok(())
    }
}

impl fmt::Debug for ScopeSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(&self.0).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(text: &str) -> ScopeSet {
        text.split_whitespace().map(|scope| scope.parse().unwrap()).collect()
    }

    #[test]
    fn a_scope_is_what_rfc_6749_calls_a_scope_token() {
        for text in ["files", "files.write", "https://example.com/auth/files", "!", "~#[]", "a:b-c_d/e"] {
            assert_eq!(text.parse::<Scope>().map(|scope| scope.to_string()), Ok(text.to_owned()));
        }
        for text in ["", " ", "a b", "a\tb", "\"", "\\", "é", "\u{7f}", "a\n"] {
            assert_eq!(text.parse::<Scope>(), Err(NotAScope), "{text:?}");
        }
        assert!("s".repeat(Scope::MAX_BYTES).parse::<Scope>().is_ok());
        assert!("s".repeat(Scope::MAX_BYTES + 1).parse::<Scope>().is_err());
    }

    #[test]
    fn a_set_covers_its_subsets_and_no_other() {
        let table = [
            ("", "", true),
            ("files", "", true),
            ("files mail", "mail", true),
            ("files mail", "mail files", true),
            ("files", "files mail", false),
            ("", "files", false),
            ("Files", "files", false),
            ("files.write", "files", false),
        ];
        for (granted, required, covers) in table {
            assert_eq!(set(granted).covers(&set(required)), covers, "{granted:?} {required:?}");
        }
    }

    #[test]
    fn a_set_is_written_in_one_order_whatever_it_was_made_of() {
        assert_eq!(set("b a c a").to_string(), "a b c");
        assert_eq!(serde_json::to_string(&set("b a")).unwrap(), r#"["a","b"]"#);
        assert!(serde_json::from_str::<ScopeSet>(r#"["a b"]"#).is_err());
    }
}
