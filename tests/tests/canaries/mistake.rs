//! Secrets in the place of their names: `toolcell build` refuses the configuration and shows none of them.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use toolcell_tests::fixture;
use toolcell_tests::program::toolcell;

use super::sweep::Sweep;

/// Configurations with mistakes, in which CANARY stands for the secret.
const MISTAKES: &[(&str, &str)] = &[
    ("a secret in the place of its table", "[secrets]\nkey = \"CANARY\"\n"),
    ("a secret without quotes", "[secrets]\nkey = CANARY\n"),
    ("a secret in the place of its variable", "[secrets.key]\nenvironment = \"CANARY\"\n"),
    ("a secret in the place of its name", "[secrets.key]\nsecretsmanager = \"CANARY and more\"\n"),
    ("a secret in the place of its parameter", "[secrets.key]\nparameter = \"CANARY?\"\n"),
    ("a list of secrets", "[secrets.key]\nenvironment = [\"CANARY\"]\n"),
    ("a secret that is granted itself", "[plugins.plain.grants.secrets]\nkey = \"CANARY\"\n"),
    ("a secret in a list of grants", "[plugins.plain.grants]\nsecrets = [\"CANARY\"]\n"),
    ("a secret in a rule", "RULE\nsecret = \"CANARY\"\n"),
    ("a secret in a header's name", "RULE\nsecret = { header = \"CANARY:\", from = \"key\" }\n"),
    (
        "a secret in a format",
        "RULE\nsecret = { header = \"x-key\", format = \"Key CANARY\", from = \"key\" }\n",
    ),
    ("a secret in a parameter's name", "RULE\nsecret = { query = \"CANARY=\", from = \"key\" }\n"),
    (
        "a secret in the place of a rule's secret",
        "RULE\nsecret = { header = \"x-key\", from = \"CANARY\" }\n",
    ),
    (
        "a token in the place of its digest",
        "[auth.bearer.principals.ann]\ntokens = [\"CANARY\"]\nscopes = []\n",
    ),
    ("a token in the place of its list", "[auth.bearer.principals.ann]\ntokens = \"CANARY\"\nscopes = []\n"),
    ("a token without quotes", "[auth.bearer.principals.ann]\ntokens = [CANARY]\n"),
];

/// Files `secrets.toml` with mistakes, and their modes.
const FILES: &[(&str, &str, u32)] = &[
    ("a file that others may read", "key = \"CANARY\"\n", 0o644),
    ("a file that is no TOML", "key = CANARY\n", 0o600),
    ("a file with a table", "[key]\nvalue = \"CANARY\"\n", 0o600),
    ("a file with another name", "kez = \"CANARY\"\n", 0o600),
];

pub(crate) fn play(sweep: &mut Sweep) {
    let plain = fixture::plugin("plain", &fixture::component("plain"));
    for (way, mistake) in MISTAKES {
        let folder = tempfile::tempdir().unwrap();
        let canary = sweep.plant(way);
        let rule = "[[plugins.plain.grants.http]]\nhost = \"api.example.com\"";
        let config = format!("{plain}{}", mistake.replace("RULE", rule).replace("CANARY", &canary));
        refused(sweep, way, folder.path(), &config, &["build"]);
    }
    for (way, text, mode) in FILES {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("secrets.toml");
        fs::write(&file, text.replace("CANARY", &sweep.plant(way))).unwrap();
        fs::set_permissions(&file, fs::Permissions::from_mode(*mode)).unwrap();
        let grants = "[plugins.plain.grants.secrets]\nkey = \"key\"\n[secrets.key]\nenvironment = \"KEY\"\n";
        refused(
            sweep,
            way,
            folder.path(),
            &format!("{plain}{grants}"),
            &["serve", "--listen", "127.0.0.1:0"],
        );
    }
}

/// Runs a command that has to be refused, and keeps what it says.
fn refused(sweep: &mut Sweep, way: &str, folder: &Path, config: &str, arguments: &[&str]) {
    fs::write(folder.join("toolcell.toml"), config).unwrap();
    let output = toolcell(folder, arguments, &[]).output().unwrap();
    assert!(!output.status.success() && !output.stderr.is_empty(), "{way}: {output:?}");
    sweep.said(way, &output);
}
