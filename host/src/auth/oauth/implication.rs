//! Knows which scopes a scope includes.

use std::collections::BTreeMap;

use crate::catalog::{Scope, ScopeSet};

/// The scopes that come with others, also over several steps.
#[derive(Clone, Debug, Default)]
pub struct Implications(BTreeMap<Scope, ScopeSet>);

impl Implications {
    /// Follows the table `implies` of the configuration to its ends; a circle ends where it began.
    pub fn new(implies: &BTreeMap<Scope, ScopeSet>) -> Self {
        let closure = |scope: &Scope| {
            let mut reached = ScopeSet::default();
            let mut open = vec![scope];
            while let Some(scope) = open.pop() {
                for included in implies.get(scope).into_iter().flat_map(ScopeSet::iter) {
                    if !reached.contains(included) {
                        reached.extend([included.clone()]);
                        open.push(included);
                    }
                }
            }
            reached
        };
        Self(implies.keys().map(|scope| (scope.clone(), closure(scope))).collect())
    }

    /// Adds the scopes that those of a caller include.
    pub fn extend(&self, scopes: ScopeSet) -> ScopeSet {
        let included: Vec<_> = scopes.iter().filter_map(|scope| self.0.get(scope)).collect();
        let mut all = scopes.clone();
        all.extend(included.into_iter().flat_map(ScopeSet::iter).cloned());
        all
    }
}
