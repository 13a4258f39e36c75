//! The packages whose rules are checked, read together so that an import can be followed from one to the other.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use crate::resolve::{Target, Universe};
use crate::source::{Crate, Files, Module};
use crate::table::Rules;

/// The files and names that a package is read from.
pub(crate) struct Input<'a> {
    pub(crate) rules: Rules<'a>,
    pub(crate) files: Files,
    /// The names and root files of its crates, the library first. A program is named after its layer.
    pub(crate) roots: Vec<(String, String)>,
    /// The names by which its code knows its dependencies.
    pub(crate) dependencies: BTreeSet<String>,
}

/// The code of one package.
pub(crate) struct Package<'a> {
    pub(crate) rules: Rules<'a>,
    /// Its crates, as places in the universe, the library first.
    pub(crate) crates: Vec<usize>,
    /// Files of the package that no crate consists of.
    pub(crate) unread: Vec<PathBuf>,
    /// The names by which its code knows its dependencies.
    pub(crate) dependencies: BTreeSet<String>,
}

/// Packages that are read together.
pub(crate) struct Workspace<'a> {
    pub(crate) universe: Universe,
    pub(crate) packages: Vec<Package<'a>>,
}

/// One line of code that names something of a module or a dependency.
pub(crate) struct Reference<'a> {
    /// The crate and the module whose code it is.
    pub(crate) of: usize,
    pub(crate) module: &'a Module,
    pub(crate) line: usize,
    pub(crate) to: Target,
}

/// The layer that the root of a library is.
pub(crate) const ROOT: &str = "the crate root";

impl<'a> Workspace<'a> {
    /// Reads the code of packages.
    ///
    /// # Errors
    /// The file of a module is missing or is not Rust.
    pub(crate) fn read(inputs: impl IntoIterator<Item = Input<'a>>) -> Result<Self, String> {
        let mut workspace = Self { universe: Universe { crates: Vec::new() }, packages: Vec::new() };
        for input in inputs {
            workspace.add(input)?;
        }
        Ok(workspace)
    }

    fn add(&mut self, input: Input<'a>) -> Result<(), String> {
        let mut read = BTreeSet::new();
        let mut crates = Vec::new();
        // A program may import the package's library.
        let library = input.roots.first().map(|(name, _)| name.clone());
        let standard = ["std", "core", "alloc"].map(str::to_owned);
        for (name, root) in &input.roots {
            let mut krate = Crate::read(name, root, &input.files, &mut read)?;
            krate.dependencies.clone_from(&input.dependencies);
            krate.dependencies.extend(standard.iter().cloned().chain(library.clone()));
            crates.push(self.universe.crates.len());
            self.universe.crates.push(krate);
        }
        let unread = input.files.unread(&read).map(Path::to_owned).collect();
        self.packages.push(Package { rules: input.rules, crates, unread, dependencies: input.dependencies });
        Ok(())
    }

    /// Returns one sentence for everything that breaks a rule, in order.
    pub(crate) fn violations(&self) -> BTreeSet<String> {
        let of_package = |package: &Package<'a>| {
            let mut violations = crate::layering::violations(self, package);
            violations.extend(crate::dependency::violations(self, package));
            violations.extend(crate::cycle::violations(self, package));
            violations
        };
        self.packages.iter().flat_map(of_package).collect()
    }

    /// Lists the modules of a package, each with its crate.
    pub(crate) fn modules<'b>(
        &'b self,
        package: &'b Package<'a>,
    ) -> impl Iterator<Item = (usize, &'b Module)> {
        let of_crate = |of: &usize| {
            let of = *of;
            self.universe.crates[of].modules.iter().map(move |module| (of, module))
        };
        package.crates.iter().flat_map(of_crate)
    }

    /// Lists what the code of a package names; one name can have several targets when it is handed on.
    pub(crate) fn references<'b>(&'b self, package: &'b Package<'a>) -> impl Iterator<Item = Reference<'b>> {
        self.modules(package).flat_map(move |(of, module)| {
            let imports = module.imports.iter().flat_map(move |import| {
                let targets = self.universe.follow_import(of, module, import);
                targets.into_iter().map(move |to| Reference { of, module, line: import.of.line, to })
            });
            // A name alone is something that the module defines or imports.
            let paths = module.mentions.iter().filter(|mention| mention.segments.len() > 1);
            let mentions = paths.flat_map(move |mention| {
                let targets = self.universe.follow(of, module, mention);
                targets.into_iter().map(move |to| Reference { of, module, line: mention.line, to })
            });
            imports.chain(mentions)
        })
    }

    /// Returns the name that the rules of a package have for a module: `layer`, or `package::layer` of another one.
    pub(crate) fn layer(&self, from: &Package<'_>, of: usize, path: &[String]) -> String {
        let owner = self.packages.iter().find(|package| package.crates.contains(&of));
        let owner = owner.expect("every crate belongs to a package");
        let is_library = owner.crates.first() == Some(&of);
        let layer = match path.first() {
            _ if !is_library => &self.universe.crates[of].name,
            Some(layer) => layer,
            None => ROOT,
        };
        if owner.rules.package == from.rules.package {
            layer.to_owned()
        } else {
            format!("{}::{layer}", owner.rules.package)
        }
    }
}

impl Reference<'_> {
    /// Returns the place in the code: `file:line`.
    pub(crate) fn place(&self) -> String {
        format!("{}:{}", self.module.file.display(), self.line)
    }
}
