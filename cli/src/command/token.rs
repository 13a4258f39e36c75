//! `toolcell token`: makes a token for a principal, and the lines that make it known to a server.

use std::fmt::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::json;
use toolcell_host::catalog::{PrincipalName, ScopeSet, TOKEN_PREFIX};
use toolcell_host::digest::Digest;

use crate::ui::problem::{Problem, Result};
use crate::ui::terminal::{Style, Terminal};

/// Random bytes of a token: nobody guesses 256 bits, so one round of SHA-256 hides them.
const RANDOM_BYTES: usize = 32;

/// A new token. It is in no file and in no log: who made it sees it once.
pub struct Token(String);

impl Token {
    /// Makes one of the system's random numbers.
    ///
    /// # Errors
    /// The system has none.
    pub fn random() -> Result<Self> {
        let mut bytes = [0; RANDOM_BYTES];
        getrandom::fill(&mut bytes).map_err(|error| {
            Problem::internal("toolcell token", "cannot get random numbers from the system")
                .found(error.to_string())
        })?;
        Ok(Self(format!("{TOKEN_PREFIX}{}", URL_SAFE_NO_PAD.encode(bytes))))
    }

    /// The text that the client sends.
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// Returns the digest that the server stores.
    pub fn digest(&self) -> Digest {
        Digest::of(self.0.as_bytes())
    }
}

/// The table of `toolcell.toml` that admits the holder of a token.
pub fn toml_lines(name: &PrincipalName, digest: Digest, scopes: &ScopeSet) -> String {
    let key = match name.as_str() {
        plain if plain.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-".contains(&byte)) => {
            plain.to_owned()
        }
        other => format!("\"{other}\""),
    };
    let mut lines = format!("[auth.bearer.principals.{key}]\ntokens = [\"sha256:{digest}\"]\n");
    if !scopes.is_empty() {
        // Scopes hold no quote and no backslash: TOML and JSON spell them alike.
        let list: Vec<String> = scopes.iter().map(|scope| format!("\"{scope}\"")).collect();
        let _ = writeln!(lines, "scopes = [{}]", list.join(", "));
    }
    lines
}

/// The same as JSON, for an environment variable or a secret.
pub fn json_line(name: &PrincipalName, digest: Digest, scopes: &ScopeSet) -> String {
    let mut principal = json!({"tokens": [format!("sha256:{digest}")]});
    if !scopes.is_empty() {
        principal["scopes"] = json!(scopes);
    }
    json!({"principals": {name.as_str(): principal}}).to_string()
}

/// Makes a token for `name` and prints it: on standard output the token alone, for pipes; around it, for people,
/// what to do with it.
///
/// # Errors
/// The system has no random numbers.
pub fn run(name: &PrincipalName, scopes: &ScopeSet, terminal: &Terminal) -> Result<()> {
    let token = Token::random()?;
    let digest = token.digest();
    terminal.note(format!(
        "The token of `{name}`, shown this once; its client sends it as `Authorization: Bearer TOKEN`:"
    ));
    terminal.print(terminal.style(Style::Strong, token.reveal()));
    terminal.note(format!(
        "\nAdd to toolcell.toml, which holds the digest and never the token:\n\n{}",
        toml_lines(name, digest, scopes)
    ));
    terminal.note(format!(
        "Or put this JSON where `environment` or `secret` of [auth.bearer] points:\n\n{}",
        json_line(name, digest, scopes)
    ));
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_has_256_random_bits_and_is_sent_as_it_is() {
        let (one, two) = (Token::random().unwrap(), Token::random().unwrap());
        assert_ne!(one.reveal(), two.reveal());
        let random = one.reveal().strip_prefix("tct_").unwrap();
        assert_eq!(URL_SAFE_NO_PAD.decode(random).unwrap().len(), 32);
        assert!(random.parse::<PrincipalName>().is_ok() && one.reveal().parse::<PrincipalName>().is_err());
    }

    #[test]
    fn the_lines_are_what_both_readers_read() {
        let (name, scopes): (PrincipalName, ScopeSet) = (
            "alice@example.com".parse().unwrap(),
            ["b", "a"].map(|scope| scope.parse().unwrap()).into_iter().collect(),
        );
        let digest = Digest::of(b"token");
        let lines = toml_lines(&name, digest, &scopes);
        let expected = format!(
            "[auth.bearer.principals.\"alice@example.com\"]\ntokens = [\"sha256:{digest}\"]\nscopes = [\"a\", \"b\"]\n"
        );
        assert_eq!(lines, expected);
        let read = toolcell_host::auth::read_document(&json_line(&name, digest, &scopes)).unwrap();
        assert_eq!((&read[0].0, &read[0].1.tokens, &read[0].1.scopes), (&name, &vec![digest], &scopes));
        let bare = json_line(&name, digest, &ScopeSet::NONE);
        assert!(toolcell_host::auth::read_document(&bare).unwrap()[0].1.scopes.is_empty());
    }
}
