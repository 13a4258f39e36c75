//! Follows names to the modules and crates that they come from: through renames, globs and re-exports.

use std::collections::BTreeSet;

use crate::mention::{Exported, Import, Mention, Name, Start};
use crate::source::{Crate, Module};

/// Something that a path passes on its way to what it names.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Target {
    /// A module that a name was found in, and the name; without one, the module itself is meant.
    Module { of: usize, path: Vec<String>, item: Option<String> },
    /// A name of a crate that is not read, from that crate's root.
    Dependency(Vec<String>),
}

/// The crates that are read together.
pub(crate) struct Universe {
    pub(crate) crates: Vec<Crate>,
}

/// The names that were followed already, each with its module, so that a cycle of re-exports ends.
type Visited = BTreeSet<(usize, Vec<String>, Vec<String>)>;

impl Universe {
    /// Returns everything that a mention passes: the modules that hand the name on, and the one that defines it.
    pub(crate) fn follow(&self, of: usize, module: &Module, mention: &Mention) -> Vec<Target> {
        let mut targets = Vec::new();
        self.mention(of, &module.path, mention, &mut BTreeSet::new(), &mut targets);
        targets
    }

    /// Returns what an import passes; `*` is every name that the module hands on.
    pub(crate) fn follow_import(&self, of: usize, module: &Module, import: &Import) -> Vec<Target> {
        let mut targets = Vec::new();
        self.import(of, &module.path, import, &mut BTreeSet::new(), &mut targets);
        targets
    }

    fn import(
        &self,
        of: usize,
        module: &[String],
        import: &Import,
        visited: &mut Visited,
        targets: &mut Vec<Target>,
    ) {
        let mut found = Vec::new();
        self.mention(of, module, &import.of, visited, &mut found);
        targets.extend(found.iter().cloned());
        if import.name != Name::All {
            return;
        }
        for target in found {
            let Target::Module { of, path, item: None } = target else { continue };
            let Some(module) = self.crates[of].module(&path) else { continue };
            for handed in module.imports.iter().filter(|import| import.exported == Exported::Yes) {
                self.import(of, &path, handed, visited, targets);
            }
        }
    }

    fn mention(
        &self,
        of: usize,
        module: &[String],
        mention: &Mention,
        visited: &mut Visited,
        targets: &mut Vec<Target>,
    ) {
        let Some((first, rest)) = mention.segments.split_first() else { return };
        if !visited.insert((of, module.to_vec(), mention.segments.clone())) {
            return;
        }
        match (mention.start, first.as_str()) {
            (Start::Crates, name) => self.enter(of, name, rest, visited, targets),
            (Start::Scope, "crate") => self.walk(of, &[], rest, visited, targets),
            (Start::Scope, "self" | "super") => {
                let (mut above, mut rest) = (module, mention.segments.as_slice());
                while let [first, next @ ..] = rest {
                    match first.as_str() {
                        "self" => {}
                        "super" => above = &above[..above.len().saturating_sub(1)],
                        _ => break,
                    }
                    rest = next;
                }
                self.walk(of, above, rest, visited, targets);
            }
            (Start::Scope, name) => {
                let mut found = Vec::new();
                self.walk(of, module, &mention.segments, visited, &mut found);
                if self.is_known(of, module, name, &found) {
                    targets.append(&mut found);
                } else {
                    self.enter(of, name, rest, visited, targets);
                }
            }
        }
    }

    /// Tells whether a name that was looked for in a module stands for something there.
    fn is_known(&self, of: usize, path: &[String], name: &str, found: &[Target]) -> bool {
        let only_asked = |target: &Target| match target {
            Target::Module { of: at, path: asked, item } => {
                *at == of && asked == path && item.as_deref() == Some(name)
            }
            Target::Dependency(_) => false,
        };
        let defined = self.crates[of].module(path).is_some_and(|module| module.items.contains(name));
        defined || !found.iter().all(only_asked)
    }

    /// Goes on in another crate, when a path of `of` can start with its name.
    fn enter(
        &self,
        of: usize,
        name: &str,
        rest: &[String],
        visited: &mut Visited,
        targets: &mut Vec<Target>,
    ) {
        if !self.crates[of].dependencies.contains(name) {
            return;
        }
        if let Some(known) = self.crates.iter().position(|krate| krate.name == name) {
            self.walk(known, &[], rest, visited, targets);
        } else {
            targets.push(Target::Dependency([&[name.to_owned()], rest].concat()));
        }
    }

    /// Goes down from a module, name by name; every import of a name is followed in its place.
    fn walk(
        &self,
        of: usize,
        from: &[String],
        names: &[String],
        visited: &mut Visited,
        targets: &mut Vec<Target>,
    ) {
        let mut path = from.to_vec();
        let mut names = names;
        while let Some((name, rest)) = names.split_first() {
            let below = [path.as_slice(), std::slice::from_ref(name)].concat();
            if self.crates[of].module(&below).is_some() {
                (path, names) = (below, rest);
                continue;
            }
            targets.push(Target::Module { of, path: path.clone(), item: Some(name.clone()) });
            if let Some(module) = self.crates[of].module(&path) {
                self.through(of, module, name, rest, visited, targets);
            }
            return;
        }
        targets.push(Target::Module { of, path, item: None });
    }

    /// Goes on behind the imports of a module that bring in a name.
    fn through(
        &self,
        of: usize,
        module: &Module,
        name: &str,
        rest: &[String],
        visited: &mut Visited,
        targets: &mut Vec<Target>,
    ) {
        for import in &module.imports {
            let mut target = import.of.clone();
            match &import.name {
                Name::One(own) if own == name => {}
                Name::All
                    if !module.items.contains(name)
                        && self.has(of, &module.path, import, name, &mut BTreeSet::new()) =>
                {
                    target.segments.push(name.to_owned());
                }
                _ => continue,
            }
            target.segments.extend(rest.iter().cloned());
            self.mention(of, &module.path, &target, visited, targets);
        }
    }

    /// Tells whether the module behind a glob has a name, of its own or from somewhere else.
    fn has(
        &self,
        of: usize,
        module: &[String],
        glob: &Import,
        name: &str,
        visited: &mut BTreeSet<(usize, Vec<String>)>,
    ) -> bool {
        let mut ends = Vec::new();
        self.mention(of, module, &glob.of, &mut BTreeSet::new(), &mut ends);
        ends.iter().any(|end| {
            let Target::Module { of, path, item: None } = end else { return false };
            let Some(target) = self.crates[*of].module(path) else { return false };
            if !visited.insert((*of, path.clone())) {
                return false;
            }
            let below = [path.as_slice(), &[name.to_owned()]].concat();
            let brings = |import: &Import| match &import.name {
                Name::One(own) => own == name,
                Name::All => self.has(*of, path, import, name, visited),
            };
            target.items.contains(name)
                || self.crates[*of].module(&below).is_some()
                || target.imports.iter().any(brings)
        })
    }
}
