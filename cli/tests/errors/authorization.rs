//! Mistakes in `[auth]` and in `required-scopes`.

use crate::Story;
use crate::configuration::PLUGIN;
use crate::story::{Bench, TEXT, TEXT_MANIFEST};

/// A token in the wrong place; no error may show it.
pub(crate) const TOKEN: &str = "canary-token-0123456789";

const DIGEST: &str = "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

/// One plugin, its tool `make-slug` with `author`, and `lines` of the deployer.
fn write(bench: &Bench, author: &str, lines: &str) {
    bench.plugin("text", TEXT, &format!("{TEXT_MANIFEST}{author}"));
    let lines = lines.replace("TOKEN", TOKEN).replace("DIGEST", DIGEST);
    bench.write("toolcell.toml", format!("{PLUGIN}{lines}"));
}

fn config(bench: &Bench, lines: &str) {
    write(bench, "", lines);
}

/// An authorization server, and `lines` about it.
fn issuer(bench: &Bench, lines: &str) {
    config(bench, &format!("[auth.oauth.issuers.company]\nissuer = \"https://login.example.com\"\n{lines}"));
}

/// An authorization server, after `lines` about all of them.
fn oauth(bench: &Bench, lines: &str) {
    config(bench, &format!("{lines}[auth.oauth.issuers.company]\nissuer = \"https://login.example.com\"\n"));
}

pub(crate) const STORIES: &[Story] = &[
    ("a token where its digest belongs", |b| {
        config(b, "[auth.bearer.principals.alice]\ntokens = [\"DIGEST\", \"tct_TOKEN\"]\n")
    }),
    ("any text where a digest belongs", |b| {
        config(b, "[auth.bearer.principals.alice]\ntokens = [\"TOKEN\"]\n")
    }),
    ("a digest without its kind", |b| {
        config(b, &format!("[auth.bearer.principals.alice]\ntokens = [\"{}\"]\n", &DIGEST[7..]))
    }),
    ("a token that is no list", |b| config(b, "[auth.bearer.principals.alice]\ntokens = \"TOKEN\"\n")),
    ("a token for a principal", |b| config(b, "[auth.bearer.principals]\nalice = \"TOKEN\"\n")),
    ("a token without quotes", |b| config(b, "[auth.bearer.principals.alice]\ntokens = [TOKEN]\n")),
    ("a token without quotes in one line", |b| config(b, "auth.bearer.principals.alice.tokens = [TOKEN]\n")),
    ("a token of ours without quotes elsewhere", |b| config(b, "prefix = tct_TOKEN\n")),
    ("a token for a name", |b| config(b, "[auth.bearer.principals.tct_TOKEN]\ntokens = [\"DIGEST\"]\n")),
    ("a token for a variable", |b| config(b, "[auth.bearer]\nenvironment = \"TOKEN\"\n")),
    ("a token for a secret", |b| config(b, "[auth.bearer]\nsecret = \"tct_TOKEN\"\n")),
    ("an unknown key", |b| config(b, "[auth.bearer.principals.alice]\ntoken = \"TOKEN\"\ntokens = []\n")),
    ("no tokens", |b| config(b, "[auth.bearer.principals.alice]\nscopes = [\"files\"]\n")),
    ("an empty list of tokens", |b| config(b, "[auth.bearer.principals.alice]\ntokens = []\n")),
    ("no principals", |b| config(b, "[auth.bearer]\n")),
    ("one token of two principals", |b| {
        config(
            b,
            "[auth.bearer.principals.alice]\ntokens = [\"DIGEST\"]\n[auth.bearer.principals.bob]\ntokens = [\"DIGEST\"]\n",
        )
    }),
    ("a name with a space", |b| config(b, "[auth.bearer.principals.\"a b\"]\ntokens = [\"DIGEST\"]\n")),
    ("a scope with a space", |b| {
        config(b, "[auth.bearer.principals.alice]\ntokens = [\"DIGEST\"]\nscopes = [\"a\", \"TOKEN c\"]\n")
    }),
    ("an ARN of something else", |b| {
        config(b, "[auth.iam.principals.agent]\narn = \"arn:aws:iam::123456789012:group/Team\"\n")
    }),
    ("a token for an ARN", |b| config(b, "[auth.iam.principals.agent]\narn = \"TOKEN\"\n")),
    ("no ARN", |b| config(b, "[auth.iam.principals.agent]\nscopes = [\"files\"]\n")),
    ("one role twice", |b| {
        config(
            b,
            "[auth.iam.principals.one]\narn = \"arn:aws:iam::123456789012:role/Agent\"\n\
             [auth.iam.principals.two]\narn = \"arn:aws:iam::123456789012:role/team/Agent\"\n",
        )
    }),
    ("no issuer", |b| config(b, "[auth.oauth]\npublic-url = \"https://mcp.example.com\"\n")),
    ("an issuer without its address", |b| config(b, "[auth.oauth.issuers.company]\naudience = \"api\"\n")),
    ("an issuer in plain HTTP", |b| {
        config(b, "[auth.oauth.issuers.company]\nissuer = \"http://login.example.com\"\n")
    }),
    ("an issuer that is a name", |b| {
        config(b, "[auth.oauth.issuers.company]\nissuer = \"login.example.com\"\n")
    }),
    ("an issuer with a query", |b| {
        config(b, "[auth.oauth.issuers.company]\nissuer = \"https://login.example.com/?TOKEN\"\n")
    }),
    ("one issuer twice", |b| {
        config(
            b,
            "[auth.oauth.issuers.one]\nissuer = \"https://login.example.com\"\n\
             [auth.oauth.issuers.two]\nissuer = \"https://login.example.com\"\n",
        )
    }),
    ("a public address with a path", |b| {
        oauth(b, "[auth.oauth]\npublic-url = \"https://mcp.example.com/mcp\"\n")
    }),
    ("a public address of this machine's network", |b| {
        oauth(b, "[auth.oauth]\npublic-url = \"http://10.0.0.1:8080\"\n")
    }),
    ("an unknown way to refuse", |b| oauth(b, "[auth.oauth]\nchallenge = \"TOKEN\"\n")),
    ("an unknown kind of lists", |b| oauth(b, "[auth.oauth]\nlists = \"TOKEN\"\n")),
    ("a scope that only clients ask for", |b| {
        oauth(b, "[auth.oauth]\nscopes = [\"files\", \"offline_access\"]\n")
    }),
    ("a scope that includes no list", |b| oauth(b, "[auth.oauth.implies]\nfiles = \"files.read\"\n")),
    ("a scope that includes something else", |b| {
        oauth(b, "[auth.oauth.implies]\nfiles = [\"files read\"]\n")
    }),
    ("an unknown algorithm", |b| issuer(b, "algorithms = [\"RS256\", \"HS256\"]\n")),
    ("no algorithm", |b| issuer(b, "algorithms = []\n")),
    ("an empty audience", |b| issuer(b, "audience = []\n")),
    ("an audience that is a number", |b| issuer(b, "audience = 5\n")),
    ("an empty claim", |b| issuer(b, "principal-claim = \"\"\n")),
    ("keys in a file that is not there", |b| issuer(b, "jwks = \"keys.json\"\n")),
    ("keys in a file of something else", |b| {
        b.write("keys.json", "{\"keys\": [{\"kty\": \"oct\", \"k\": \"TOKEN\"}]}");
        issuer(b, "jwks = \"keys.json\"\n");
    }),
    ("a network that no issuer may be in", |b| issuer(b, "address = [\"127.0.0.0/8\"]\n")),
    ("an unknown key of an issuer", |b| issuer(b, "audiences = [\"TOKEN\"]\n")),
    ("introspection without a client", |b| issuer(b, "introspection = { secret = \"issuer\" }\n")),
    ("a secret in place of its name", |b| {
        issuer(b, "introspection = { client-id = \"toolcell\", secret = \"TOKEN\" }\n")
    }),
    ("introspection at an endpoint that nobody tells", |b| {
        issuer(
            b,
            "jwks = \"https://login.example.com/keys\"\nintrospection = { client-id = \"a\", secret = \"b\" }\n",
        )
    }),
    ("two issuers for opaque tokens", |b| {
        issuer(
            b,
            "introspection = { client-id = \"a\", secret = \"b\" }\n[auth.oauth.issuers.other]\n\
             issuer = \"https://other.example.com\"\nintrospection = { client-id = \"a\", secret = \"b\" }\n",
        )
    }),
    ("a scope with a quote, required by the author", |b| write(b, "required-scopes = ['a\"b']\n", "")),
    ("a scope that is no list, required by the deployer", |b| config(b, "required-scopes = \"files\"\n")),
    ("a scope required of a tool that there is not", |b| {
        config(b, "tools.nothing.required-scopes = [\"files\"]\n")
    }),
    ("a scope that nobody has", |b| write(b, "required-scopes = [\"files\"]\n", "")),
    ("scopes that nobody has together", |b| {
        write(
            b,
            "required-scopes = [\"files\"]\n",
            "tools.make_slug.required-scopes = [\"mail\"]\n\
             [auth.bearer.principals.alice]\ntokens = [\"DIGEST\"]\nscopes = [\"files\"]\n\
             [auth.iam.principals.agent]\narn = \"arn:aws:iam::123456789012:role/Agent\"\nscopes = [\"mail\"]\n",
        )
    }),
    ("more tokens than a server compares", |b| {
        let tokens: Vec<_> = (0..1025).map(|number| format!("\"sha256:{number:064x}\"")).collect();
        config(b, &format!("[auth.bearer.principals.alice]\ntokens = [{}]\n", tokens.join(", ")))
    }),
];
