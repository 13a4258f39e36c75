//! Packages of the project: which it has, and how a program of one is run.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use crate::builder::job::Job;
use crate::language::build_tool::NODE;
use crate::language::program::Program;
use crate::ui::problem::{Problem, Result};
use crate::ui::read::{MAX_TEXT_BYTES, read_regular};
use crate::ui::write::write_atomically;

/// A package with a program that builds plugins.
pub(super) struct Package {
    /// Its name in the registry.
    pub(super) name: &'static str,
    /// The program, by its name in the package's `bin`.
    pub(super) program: &'static str,
    /// The command that installs the tested version.
    pub(super) get: &'static str,
}

/// QuickJS.
pub(super) static QUICKJS: Package = Package {
    name: "componentize-qjs",
    program: "componentize-qjs",
    get: "run `npm install --save-dev --save-exact componentize-qjs@0.4.5`",
};

/// StarlingMonkey; its package imports a second one that it does not name among its dependencies.
pub(super) static STARLINGMONKEY: Package = Package {
    name: "@bytecodealliance/componentize-js",
    program: "componentize-js",
    get: "run `npm install --save-dev --save-exact @bytecodealliance/componentize-js@0.23.0 @bytecodealliance/preview2-shim@0.25.0`",
};

/// The bundler.
pub(super) static ROLLDOWN: Package = Package {
    name: "rolldown",
    program: "rolldown",
    get: "run `npm install --save-dev --save-exact rolldown@1.3.2`",
};

/// The type checker.
pub(super) static TYPESCRIPT: Package = Package {
    name: "typescript",
    program: "tsc",
    get: "run `npm install --save-dev --save-exact typescript@7.0.2`",
};

/// A project's packages, and the node that runs them.
pub(super) struct Packages<'a> {
    job: &'a Job<'a>,
    node: Program,
    manifest: Value,
}

impl<'a> Packages<'a> {
    /// Reads `package.json`, if the project has one, and finds node.
    ///
    /// # Errors
    /// node is missing, or the file is no JSON.
    pub(super) fn of(job: &'a Job<'a>) -> Result<Self> {
        let file = job.directory.join("package.json");
        let manifest = if file.is_file() { read(&file)? } else { Value::Null };
        Ok(Self { job, node: job.tool(&NODE)?, manifest })
    }

    /// Tells whether the plugin needs packages when it runs.
    pub(super) fn has_dependencies(&self) -> bool {
        self.manifest["dependencies"].as_object().is_some_and(|packages| !packages.is_empty())
    }

    /// Tells whether the project names a package, to run or to build.
    pub(super) fn depends_on(&self, name: &str) -> bool {
        ["dependencies", "devDependencies"].iter().any(|kind| self.manifest[*kind].get(name).is_some())
    }

    /// A command line that runs a module of toolcell's own. It is put into the project, whose packages it imports.
    ///
    /// # Errors
    /// The module cannot be written.
    pub(super) fn driver(&self, name: &str, module: &str) -> Result<Command> {
        let file = self.job.scratch.join(name);
        write_atomically(&file, module.as_bytes())?;
        let mut command = self.node.command(&self.job.directory);
        command.arg(file);
        Ok(command)
    }

    /// A command line that starts a package's program.
    ///
    /// # Errors
    /// The project does not have the package.
    pub(super) fn command(&self, package: &Package) -> Result<Command> {
        let directory = self.find(package)?;
        let programs = &read(&directory.join("package.json"))?["bin"];
        let file = programs[package.program].as_str().or(programs.as_str()).unwrap_or_default();
        let mut command = self.node.command(&self.job.directory);
        command.arg(directory.join(file));
        Ok(command)
    }

    /// The directory of a package: in `node_modules` here or in a directory above, as node looks for it.
    ///
    /// # Errors
    /// It is nowhere.
    pub(super) fn find(&self, package: &Package) -> Result<PathBuf> {
        let above = self.job.directory.ancestors();
        let mut places = above.map(|directory| directory.join("node_modules").join(package.name));
        places.find(|place| place.is_dir()).ok_or_else(|| {
            Problem::missing(package.name, "is required to build the plugin but not installed")
                .found(format!("not in node_modules of {}", self.job.directory.display()))
                .expected("the package, listed in package.json and package-lock.json")
                .next(package.get)
        })
    }
}

fn read(file: &Path) -> Result<Value> {
    let unusable = |error: String| {
        Problem::refused(file.display().to_string(), "cannot be read")
            .found(error)
            .expected("a JSON object, as written by npm")
            .next("correct the file")
    };
    let text = read_regular(file, MAX_TEXT_BYTES).map_err(|error| unusable(error.to_string()))?;
    serde_json::from_slice(&text).map_err(|error| unusable(error.to_string()))
}
