//! Finds the program that Lambda runs.

use std::env;
use std::path::{Path, PathBuf};

use crate::ui::problem::{Problem, Result};

/// Names the program where no option does.
const VARIABLE: &str = "TOOLCELL_BOOTSTRAP";

/// File name of the program, in the folder of `toolcell` and in every package.
const NAME: &str = "bootstrap";

/// The program named by the option, else by the variable, else beside `toolcell`.
///
/// # Errors
/// There is no such file.
pub(super) fn find(option: Option<&Path>) -> Result<PathBuf> {
    let variable = env::var_os(VARIABLE).map(PathBuf::from);
    let beside = env::current_exe().ok().map(|toolcell| toolcell.with_file_name(NAME));
    choose(option, variable, beside)
}

fn choose(option: Option<&Path>, variable: Option<PathBuf>, beside: Option<PathBuf>) -> Result<PathBuf> {
    let (place, path) = match (option, variable) {
        (Some(path), _) => ("--bootstrap", path.to_owned()),
        (None, Some(path)) => (VARIABLE, path),
        (None, None) => ("beside toolcell", beside.unwrap_or_else(|| NAME.into())),
    };
    if path.is_file() {
        return Ok(path);
    }
    Err(Problem::refused(place, "is not a program that Lambda can run")
        .found(format!("{} is not a file", path.display()))
        .expected("toolcell's `bootstrap` for this machine")
        .next("run `make bootstrap` and pass the file that it prints with --bootstrap"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_option_comes_before_the_variable_and_that_before_the_neighbour() {
        let directory = tempfile::tempdir().unwrap();
        let file = |name: &str| {
            let path = directory.path().join(name);
            std::fs::write(&path, b"").unwrap();
            path
        };
        let (option, variable, beside) = (file("option"), file("variable"), file("beside"));
        let found = choose(Some(&option), Some(variable.clone()), Some(beside.clone())).unwrap();
        assert_eq!(found, option);
        assert_eq!(choose(None, Some(variable.clone()), Some(beside.clone())).unwrap(), variable);
        assert_eq!(choose(None, None, Some(beside.clone())).unwrap(), beside);
        // What is named and missing is refused, whatever else there is.
        let missing = directory.path().join("missing");
        let problem = choose(Some(&missing), Some(variable), Some(beside)).unwrap_err();
        assert_eq!(problem.at, "--bootstrap");
        assert!(problem.found.contains("missing") && problem.next.contains("make bootstrap"), "{problem}");
    }
}
