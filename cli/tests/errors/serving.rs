//! Servers that cannot start.

use toolcell_cli::state::FileStore;
use toolcell_host::catalog::Catalog;
use toolcell_host::clock::Clock;

use crate::configuration;
use crate::program::{Story, run};
use crate::story::{self, Bench};

/// The plugin of a configuration with these lines after it.
fn config(bench: &Bench, lines: &str) {
    configuration::config(bench, &format!("{}{lines}", configuration::PLUGIN));
}

/// The same, as a bundle.
fn bundle(bench: &Bench, lines: &str) {
    config(bench, lines);
    let output = run(bench, "build --target host");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

/// A bundle with something else in its catalog.
fn changed(bench: &Bench, lines: &str, change: fn(&mut Catalog)) {
    bundle(bench, lines);
    story::edit_catalog(&bench.path("bundle"), change);
}

/// A bucket of the plugin.
const BUCKET: &str = "grants.keyvalue = { default = { scope = \"caller\" } }\n";

/// A principal whose token nobody has.
const ALICE: &str = "[auth.bearer.principals.alice]\n\
     tokens = [\"sha256:0000000000000000000000000000000000000000000000000000000000000000\"]\n";

const TOKENS: &str = "[auth.bearer]\nenvironment = \"PRINCIPALS\"\n";

pub(crate) const STORIES: &[Story] = &[
    ("no bundle", "serve --bundle bundle", |_| {}),
    ("an empty bundle", "serve --bundle bundle", |b| b.write("bundle/.keep", "")),
    ("a bundle of another engine", "serve --bundle bundle", |b| {
        changed(b, "", |catalog| catalog.engine.wasmtime.insert_str(0, "0."))
    }),
    ("an address of another machine", "serve --listen 192.0.2.1:8080 --anonymous", |b| config(b, "")),
    ("an address of another machine, for dev", "dev --listen 192.0.2.1:8080", |b| config(b, "")),
    ("an address of the network, for everyone", "serve --listen 0.0.0.0:8080", |b| config(b, "")),
    (
        "an address of the network, for everyone, of a bundle",
        "serve --bundle bundle --listen [::]:8080",
        |b| bundle(b, ""),
    ),
    (
        "an address of the network, for access tokens of nobody knows which server",
        "serve --listen 0.0.0.0:8080",
        |b| config(b, "[auth.oauth.issuers.company]\nissuer = \"https://login.example.com\"\n"),
    ),
    ("keys of an issuer on this machine", "build --prebuilt", |b| {
        config(b, "[auth.oauth.issuers.company]\nissuer = \"https://localhost:1\"\n")
    }),
    ("keys of an issuer, with a certificate that is none", "build --prebuilt", |b| {
        b.write("ca.pem", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n");
        config(
            b,
            "[network]\nca-bundle = \"ca.pem\"\n[auth.oauth.issuers.company]\nissuer = \"https://login.example.com\"\n",
        )
    }),
    ("an address of the network, for roles that nobody verifies", "serve --listen 0.0.0.0:8080", |b| {
        config(b, "[auth.iam.principals.agent]\narn = \"arn:aws:iam::123456789012:role/Agent\"\n")
    }),
    ("an address of the network, for everyone, for dev", "dev --listen 0.0.0.0:0", |b| config(b, "")),
    ("an origin that is none, in a bundle", "serve --bundle bundle", |b| {
        changed(b, "[http]\nallowed-origins = [\"https://a.example\"]\n", |catalog| {
            catalog.http.allowed_origins[0] = "https://a example".into()
        })
    }),
    ("pages of every origin, and roles that nobody verifies", "serve", |b| {
        let arn = "arn:aws:iam::123456789012:role/Agent";
        config(
            b,
            &format!("[http]\nallowed-origins = [\"*\"]\n[auth.iam.principals.agent]\narn = \"{arn}\"\n"),
        )
    }),
    ("a server with callers, and a client that starts it without a token", "serve --stdio", |b| {
        config(b, ALICE)
    }),
    ("a token of nobody", "TOOLCELL_TOKEN=tct_nobody serve --stdio", |b| config(b, ALICE)),
    ("a token that no header can have", "TOOLCELL_TOKEN=tct_\u{7f} serve --stdio", |b| config(b, ALICE)),
    ("access tokens of nobody knows which server, over pipes", "TOOLCELL_TOKEN=a.b.c serve --stdio", |b| {
        config(b, "[auth.oauth.issuers.company]\nissuer = \"https://login.example.com\"\n")
    }),
    ("no variable with principals", "serve", |b| config(b, TOKENS)),
    ("a variable without principals", "PRINCIPALS=nobody serve", |b| config(b, TOKENS)),
    ("principals in a secret", "serve", |b| config(b, "[auth.bearer]\nsecret = \"toolcell/principals\"\n")),
    ("a role that is none, in a bundle", "serve --bundle bundle", |b| {
        let arn = "arn:aws:iam::123456789012:role/Agent";
        changed(b, &format!("[auth.iam.principals.agent]\narn = \"{arn}\"\n"), |catalog| {
            catalog.auth.iam.values_mut().for_each(|one| one.arn = "arn:aws:s3:::agent".into())
        })
    }),
    ("a key that is too short", "TOOLCELL_STATE_KEYS=short serve", |b| config(b, "")),
    ("a key in a secret", "TOOLCELL_STATE_KEYS_SECRET=toolcell/keys serve", |b| config(b, "")),
    ("state that another process has", "serve", |b| {
        config(b, BUCKET);
        let store = FileStore::of(&b.path(""), Clock::system());
        store.open().unwrap();
        std::mem::forget(store); // it stays open until the tests end
    }),
    ("state in a file of another kind", "serve", |b| {
        config(b, BUCKET);
        b.write(".toolcell/state.redb", "no state");
    }),
    ("a table that has no such name", "AWS_REGION=eu-central-1 TOOLCELL_STATE_TABLE=a/b serve", |b| {
        config(b, BUCKET)
    }),
    ("a table that is shown and has no such name", "AWS_REGION=eu-central-1 state list --table=a/b", |b| {
        config(b, "")
    }),
    ("a table that nobody names", "state list --table", |b| config(b, "")),
    ("a directory that is not there", "serve", |b| {
        config(b, "grants.directories = [{ host = \"data\", guest = \"/data\" }]\n")
    }),
    (
        "a directory that is not there, of a bundle",
        "call --bundle bundle count_words --args {\"text\":\"a\"}",
        |b| bundle(b, "grants.directories = [{ host = \"data\", guest = \"/data\" }]\n"),
    ),
    ("a directory of the system", "serve", |b| {
        config(b, "grants.directories = [{ host = \"/proc\", guest = \"/data\" }]\n")
    }),
    ("two directories in one place", "serve", |b| {
        b.write("data/.keep", "");
        config(
            b,
            "grants.directories = [{ host = \"data\", guest = \"/a\" }, { host = \"data\", guest = \"/a\" }]\n",
        )
    }),
    ("no bootstrap", "lambda --bootstrap bootstrap", |b| config(b, "")),
    ("too little memory", "lambda --bootstrap bootstrap --memory 1", |b| {
        config(b, "");
        b.write("bootstrap", "");
    }),
    (
        "an address of another machine, for lambda",
        "lambda --bootstrap bootstrap --listen 192.0.2.1:8080",
        |b| {
            config(b, "");
            b.write("bootstrap", "");
        },
    ),
];
