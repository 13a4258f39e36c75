//! Lays the deployment package out as a directory tree, and lists the mounts that make a machine of it.
//!
//! The tree consists of empty files and directories; a private mount namespace lays the real ones over them. So nothing
//! is copied, and nothing outside of the namespace changes.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::function::Setup;
use crate::limit;

/// The name of the program in a package of an OS-only runtime.
pub(crate) const BOOTSTRAP: &str = "bootstrap";

/// The directory of a package on Lambda.
pub(crate) const TASK_ROOT: &str = "/var/task";

/// Lays the package out at `root` with links; returns the directory of the package.
pub(crate) fn link(setup: &Setup, root: &Path) -> io::Result<PathBuf> {
    let task = root.join("task");
    fs::create_dir_all(&task)?;
    // With a link the program would look for its bundle next to the original.
    fs::copy(&setup.executable, task.join(BOOTSTRAP))?;
    for (name, path) in &setup.files {
        std::os::unix::fs::symlink(fs::canonicalize(path)?, task.join(name))?;
    }
    Ok(task)
}

/// Makes the mount points at `root`; returns the mounts as words for the script of the sandbox.
pub(crate) fn mounts(setup: &Setup, root: &Path) -> io::Result<Vec<String>> {
    let mut plan = Plan { root: root.to_owned(), words: Vec::new() };
    fs::create_dir_all(root.join("tmp"))?;
    fs::create_dir_all(root.join("var/runtime"))?;
    let tmp = plan.at("tmp");
    plan.say(&["tmpfs", &format!("size={}m,mode=1777", limit::TMP_MB), &tmp]);
    for path in &setup.shared {
        plan.share(&fs::canonicalize(path)?)?;
    }
    plan.read_only(&setup.executable, &format!("var/task/{BOOTSTRAP}"))?;
    for (name, path) in &setup.files {
        plan.read_only(path, &format!("var/task/{name}"))?;
    }
    if let Some(layer) = &setup.layer {
        plan.say(&["bind", &absolute(layer)?, "/opt"]);
        plan.say(&["fix", "/opt"]);
    }
    // These two mounts hide the machine's own directories, so they come last.
    plan.say(&["bind", &plan.at("var"), "/var"]);
    plan.say(&["fix", "/var"]);
    plan.say(&["bind", &tmp, "/tmp"]);
    Ok(plan.words)
}

struct Plan {
    root: PathBuf,
    words: Vec<String>,
}

impl Plan {
    fn at(&self, inner: &str) -> String {
        self.root.join(inner).display().to_string()
    }

    fn say(&mut self, words: &[&str]) {
        self.words.extend(words.iter().map(|word| (*word).to_owned()));
    }

    /// Shows a directory of the machine under its own path, if the function's own `/tmp` or `/var` would hide it.
    fn share(&mut self, path: &Path) -> io::Result<()> {
        let inner = path.strip_prefix("/").unwrap_or(path).display().to_string();
        let place = self.at(&inner);
        if path.starts_with("/tmp") {
            self.say(&["mkdir", &place]);
        } else if path.starts_with("/var") {
            fs::create_dir_all(&place)?;
        } else {
            return Ok(());
        }
        self.say(&["bind", &absolute(path)?, &place]);
        Ok(())
    }

    /// Shows a file or directory of the machine read-only inside the package.
    fn read_only(&mut self, path: &Path, inner: &str) -> io::Result<()> {
        let place = self.root.join(inner);
        if path.is_dir() {
            fs::create_dir_all(&place)?;
        } else {
            fs::create_dir_all(place.parent().unwrap_or(&self.root))?;
            fs::write(&place, b"")?;
        }
        let place = place.display().to_string();
        self.say(&["bind", &absolute(path)?, &place]);
        self.say(&["fix", &place]);
        Ok(())
    }
}

fn absolute(path: &Path) -> io::Result<String> {
    Ok(fs::canonicalize(path)?.display().to_string())
}
