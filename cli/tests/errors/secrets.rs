//! Mistakes in `[secrets]`, in grants of them and in `secrets.toml`.

use std::os::unix::fs::PermissionsExt as _;

use crate::Story;
use crate::configuration::{self, PLUGIN};
use crate::program;
use crate::story::Bench;

/// A secret in the wrong place; no error may show it.
pub(crate) const SECRET: &str = "canary-secret-0123456789";

/// The plugin of a configuration with these lines after it.
fn config(bench: &Bench, lines: &str) {
    configuration::config(bench, &format!("{PLUGIN}{}", lines.replace("SECRET", SECRET)));
}

/// A secret in the environment, granted to the plugin.
const GRANTED: &str =
    "grants.secrets.key = \"github-token\"\n[secrets.github-token]\nenvironment = \"GITHUB_TOKEN\"\n";

/// The same, with a `secrets.toml` of this text and mode.
fn file(bench: &Bench, text: &str, mode: u32) {
    config(bench, GRANTED);
    bench.write("secrets.toml", text.replace("SECRET", SECRET));
    std::fs::set_permissions(bench.path("secrets.toml"), std::fs::Permissions::from_mode(mode)).unwrap();
}

/// A rule with these lines, for `api.example.com` if they name no host.
fn rule(bench: &Bench, lines: &str) {
    let host = if lines.starts_with("host") { "" } else { "host = \"api.example.com\"\n" };
    let lines = format!(
        "[[plugins.text.grants.http]]\n{host}{lines}\n[secrets.github]\nenvironment = \"GITHUB_TOKEN\"\n"
    );
    config(bench, &lines);
}

pub(crate) const STORIES: &[Story] = &[
    ("a secret without a place", |b| config(b, "[secrets.github]\n")),
    ("a secret with a field alone", |b| config(b, "[secrets.github]\nfield = \"token\"\n")),
    ("a secret in two places", |b| {
        config(b, "[secrets.github]\nenvironment = \"TOKEN\"\nparameter = \"/prod/token\"\n")
    }),
    ("a secret in the place of its variable", |b| config(b, "[secrets.github]\nenvironment = \"SECRET\"\n")),
    ("a token that could be a variable", |b| {
        config(b, "[secrets.github]\nenvironment = \"ghp_canarysecret\"\n")
    }),
    ("a text that is no secret's name", |b| config(b, "[secrets.github]\nsecretsmanager = \"SECRET and\"\n")),
    ("a text that is no parameter's name", |b| config(b, "[secrets.github]\nparameter = \"SECRET?\"\n")),
    ("a secret in the place of its table", |b| config(b, "[secrets]\ngithub = \"SECRET\"\n")),
    ("a secret without quotes", |b| config(b, "[secrets]\ngithub = SECRET\n")),
    ("a secret without quotes in one line", |b| config(b, "secrets.github.environment = SECRET\n")),
    ("a list of variables", |b| config(b, "[secrets.github]\nenvironment = [\"SECRET\"]\n")),
    ("an empty field", |b| config(b, "[secrets.github]\nenvironment = \"TOKEN\"\nfield = \"\"\n")),
    ("a secret's name that is none", |b| config(b, "[secrets.\"the token\"]\nenvironment = \"TOKEN\"\n")),
    ("the server's own credential", |b| config(b, "[secrets.aws]\nenvironment = \"AWS_SESSION_TOKEN\"\n")),
    ("an unknown key of a secret", |b| {
        config(b, "[secrets.github]\nenvironment = \"TOKEN\"\nfeild = \"token\"\n")
    }),
    ("a grant of no secret", |b| config(b, "grants.secrets.key = \"SECRET\"\n")),
    ("a grant of a secret with another name", |b| {
        config(b, "grants.secrets.key = \"github-tokn\"\n[secrets.github-token]\nenvironment = \"TOKEN\"\n")
    }),
    ("a number for a granted secret", |b| config(b, "grants.secrets.key = 12345678\n")),
    ("a key that is granted twice", |b| {
        config(
            b,
            "grants.config.key = \"a\"\ngrants.secrets.key = \"github\"\n[secrets.github]\nenvironment = \"TOKEN\"\n",
        )
    }),
    ("a rule with a secret that goes nowhere", |b| rule(b, "secret = { from = \"github\" }")),
    ("a rule with a secret in two places", |b| {
        rule(b, "secret = { header = \"authorization\", query = \"key\", from = \"github\" }")
    }),
    ("a rule with a format for a parameter", |b| {
        rule(b, "secret = { query = \"key\", format = \"{}\", from = \"github\" }")
    }),
    ("a rule with a header that is none", |b| {
        rule(b, "secret = { header = \"Authorization\", from = \"github\" }")
    }),
    ("a rule with a secret in a header that is the host's", |b| {
        rule(b, "secret = { header = \"host\", from = \"github\" }")
    }),
    ("a rule with a secret in its format", |b| {
        rule(b, "secret = { header = \"authorization\", format = \"Bearer SECRET\", from = \"github\" }")
    }),
    ("a rule with a parameter that is none", |b| {
        rule(b, "secret = { query = \"the key\", from = \"github\" }")
    }),
    ("a rule with a secret in the place of its table", |b| rule(b, "secret = \"SECRET\"")),
    ("a rule with a secret that is not there", |b| {
        rule(b, "secret = { header = \"authorization\", from = \"SECRET\" }")
    }),
    ("a secret for many hosts", |b| {
        rule(b, "host = \"*.example.com\"\nsecret = { query = \"key\", from = \"github\" }")
    }),
    ("a secret without TLS", |b| {
        rule(b, "scheme = \"http\"\nsecret = { query = \"key\", from = \"github\" }")
    }),
    ("rules with and without a secret for one request", |b| {
        rule(
            b,
            "secret = { query = \"key\", from = \"github\" }\n[[plugins.text.grants.http]]\n\
             host = \"*.example.com\"\nmethods = [\"GET\", \"POST\"]\npaths = [\"/repos/\"]",
        )
    }),
    ("a ceiling with no secret", |b| config(b, "[releases.ceiling.grants]\nsecrets = [\"github\"]\n")),
];

pub(crate) const COMMANDS: &[program::Story] = &[
    ("a variable that is not set", "serve", |b| config(b, GRANTED)),
    ("a variable that is not set, for a call", "call count_words --args {\"text\":\"a\"}", |b| {
        config(b, GRANTED)
    }),
    ("a secret of AWS, on this machine", "serve", |b| {
        config(b, "grants.secrets.key = \"github\"\n[secrets.github]\nsecretsmanager = \"prod/github\"\n")
    }),
    ("a value that is no object", "GITHUB_TOKEN=canary-secret-0123456789 serve", |b| {
        config(b, &format!("{GRANTED}field = \"token\"\n"))
    }),
    ("a secrets.toml that others can read", "serve", |b| file(b, "github-token = \"SECRET\"\n", 0o640)),
    ("a secrets.toml that others can read, for dev", "dev", |b| {
        file(b, "github-token = \"SECRET\"\n", 0o604)
    }),
    ("a secrets.toml without quotes", "serve", |b| file(b, "github-token = SECRET\n", 0o600)),
    ("a secrets.toml with a list", "serve", |b| file(b, "github-token = [\"SECRET\"]\n", 0o600)),
    ("a secrets.toml with another name", "serve", |b| file(b, "github-tokn = \"SECRET\"\n", 0o600)),
    ("a secrets.toml with an empty value", "serve", |b| file(b, "github-token = \"\"\n", 0o600)),
    ("a secrets.toml that is a directory", "serve", |b| {
        config(b, GRANTED);
        b.write("secrets.toml/file", "");
    }),
    ("a secret in a case", "test text", |b| {
        config(b, "");
        b.write(
            "text/cases/first.json",
            "{ \"tool\": \"count_words\", \"grants\": { \"secrets\": { \"api-key\": \"SECRET\" } } }",
        );
    }),
];
