//! Proposals for paths of pages.

use crate::exports::toolcell::plugin::completion::{Guest, Proposals, Reference};
use crate::library::Library;
use crate::resources::TEMPLATE;
use crate::{Docs, GRANTED};

/// The most that a client is sent.
const MAX_PROPOSALS: usize = 100;

impl Guest for Docs {
    fn complete(
        reference: Reference,
        argument: String,
        value: String,
        _context: Vec<(String, String)>,
    ) -> Result<Proposals, String> {
        if !is_path(&reference, &argument) {
            return Ok(propose(&[], &value));
        }
        let paths = Library::new(GRANTED).paths().map_err(|cause| cause.kind().to_string())?;
        Ok(propose(&paths, &value))
    }
}

fn is_path(reference: &Reference, argument: &str) -> bool {
    match reference {
        Reference::Prompt(name) => name == "explain" && argument == "page",
        Reference::Template(template) => template == TEMPLATE && argument == "path",
    }
}

/// The paths that hold `value`: first those that start with it.
fn propose(paths: &[String], value: &str) -> Proposals {
    let (starting, others): (Vec<&String>, Vec<&String>) =
        paths.iter().partition(|path| path.starts_with(value));
    let fitting = starting.into_iter().chain(others.into_iter().filter(|path| path.contains(value)));
    let mut values: Vec<_> = fitting.cloned().collect();
    let total = values.len();
    values.truncate(MAX_PROPOSALS);
    Proposals { has_more: total > values.len(), values, total: Some(total as u32) }
}

#[cfg(test)]
mod tests {
    use super::{Reference, is_path, propose};

    #[test]
    fn what_starts_with_the_value_comes_before_what_only_holds_it() {
        let paths = ["a/guide.md", "guide.md", "index.md"].map(str::to_owned);
        let proposals = propose(&paths, "guide");
        assert_eq!(proposals.values, ["guide.md", "a/guide.md"]);
        assert_eq!((proposals.total, proposals.has_more), (Some(2), false));
    }

    #[test]
    fn only_paths_of_pages_are_proposed() {
        assert!(is_path(&Reference::Prompt("explain".to_owned()), "page"));
        assert!(is_path(&Reference::Template("docs:///{+path}".to_owned()), "path"));
        assert!(!is_path(&Reference::Prompt("explain".to_owned()), "audience"));
    }
}
