//! What the deployer configures: where the tracker is, and the repository.

use http_client::Scheme;

use crate::error::IssueError;

/// The address of the interface of GitHub.
const GITHUB: &str = "https://api.github.com";

/// The tracker and the repository.
#[derive(Debug, PartialEq)]
pub(crate) struct Settings {
    pub(crate) scheme: Scheme,
    /// Host and port.
    pub(crate) authority: String,
    /// What the path of every request starts with.
    pub(crate) base: String,
    /// The repository as `OWNER/NAME`.
    pub(crate) repository: String,
}

impl Settings {
    /// Reads the keys `repository` and `api`.
    ///
    /// # Errors
    /// [`IssueError::Settings`].
    pub(crate) fn read(get: impl Fn(&str) -> Result<Option<String>, IssueError>) -> Result<Self, IssueError> {
        let refused = |what| move || IssueError::Settings(what);
        let repository = get("repository")?.unwrap_or_default();
        if !is_repository(&repository) {
            return Err(refused("its configuration key `repository` is not OWNER/NAME")());
        }
        let api = get("api")?.unwrap_or_else(|| GITHUB.to_owned());
        let (scheme, authority, base) =
            split(&api).ok_or_else(refused("its configuration key `api` is not an address with https://"))?;
        Ok(Self { scheme, authority, base, repository })
    }
}

/// Tells whether a text has the form `OWNER/NAME`; it becomes a part of paths.
fn is_repository(text: &str) -> bool {
    let is_name = |name: &str| {
        let is_plain = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte));
        is_plain && !name.is_empty() && !name.starts_with('.')
    };
    text.split_once('/').is_some_and(|(owner, name)| is_name(owner) && is_name(name))
}

/// Splits an address into scheme, authority, and the path without a slash at its end.
fn split(address: &str) -> Option<(Scheme, String, String)> {
    let (scheme, rest) = match address.split_once("://")? {
        ("https", rest) => (Scheme::Https, rest),
        ("http", rest) => (Scheme::Http, rest),
        _ => return None,
    };
    let (authority, path) = rest.split_once('/').map_or((rest, ""), |(authority, path)| (authority, path));
    let path = path.trim_end_matches('/');
    let base = if path.is_empty() { String::new() } else { format!("/{path}") };
    let is_plain = !authority.is_empty() && !address.contains(['?', '#', '@', ' ']);
    is_plain.then(|| (scheme, authority.to_owned(), base))
}

#[cfg(test)]
mod tests {
    use super::{IssueError, Scheme, Settings};

    fn read(repository: &str, api: Option<&str>) -> Result<Settings, IssueError> {
        Settings::read(|key| {
            Ok(if key == "api" { api.map(str::to_owned) } else { Some(repository.to_owned()) })
        })
    }

    #[test]
    fn the_tracker_is_github_unless_configured() {
        let github = read("rust-lang/log", None).unwrap();
        assert_eq!((github.scheme, github.authority.as_str()), (Scheme::Https, "api.github.com"));
        assert_eq!((github.base.as_str(), github.repository.as_str()), ("", "rust-lang/log"));
        let other = read("a/b.c", Some("https://git.example:8443/api/v3/")).unwrap();
        assert_eq!((other.authority.as_str(), other.base.as_str()), ("git.example:8443", "/api/v3"));
    }

    #[test]
    fn what_is_not_configured_well_is_told_to_the_administrator() {
        for repository in ["", "a", "a/", "/b", "a/b/c", "a/..", "a/.b", "a/b c", "a/b?c", "a/%2e"] {
            let error = read(repository, None).unwrap_err();
            assert!(error.to_string().contains("`repository`"), "{repository}");
        }
        for api in ["", "api.github.com", "ftp://a", "https://", "https://a@b", "https://a?b", "https://a b"]
        {
            assert!(read("a/b", Some(api)).unwrap_err().to_string().contains("`api`"), "{api}");
        }
    }
}
