//! Mistakes in `toolcell.toml`.

use crate::Story;
use crate::story::{Bench, GUIDE, TEXT, TEXT_MANIFEST};

/// The table of the plugin in the directory `text`.
pub(crate) const PLUGIN: &str = "[plugins.text]\nsource = \"text\"\n";

/// A plugin, and a `toolcell.toml` of this text.
pub(crate) fn config(bench: &Bench, text: &str) {
    bench.plugin("text", TEXT, TEXT_MANIFEST);
    bench.write("toolcell.toml", text);
}

/// A public key.
const KEY: &str = "ed25519:11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=";

/// Two plugins that export an interface of `toolcell:plugin`, with keys for each.
fn two(bench: &Bench, interface: &str, keys: &str) {
    let wit = format!("package a:b;\nworld plugin {{ export toolcell:plugin/{interface}@0.1.0; }}");
    bench.component("one.wasm", &wit);
    bench.component("other.wasm", &wit);
    bench.write(
        "toolcell.toml",
        format!("[plugins.one]\nsource = \"one.wasm\"\n[plugins.other]\nsource = \"other.wasm\"\n{keys}"),
    );
}

/// A bucket of the plugin, with this table.
fn bucket(bench: &Bench, line: &str) {
    config(bench, &format!("{PLUGIN}[plugins.text.grants.keyvalue]\n{line}\n"));
}

/// A rule for requests, with these lines.
fn rule(bench: &Bench, lines: &str) {
    config(bench, &format!("{PLUGIN}[[plugins.text.grants.http]]\n{lines}\n"));
}

pub(crate) const STORIES: &[Story] = &[
    ("no toolcell.toml", |_| {}),
    ("toolcell.toml is not UTF-8", |b| b.write("toolcell.toml", b"# \xff\n")),
    ("toolcell.toml is not TOML", |b| b.write("toolcell.toml", "[server\nname = 1\n")),
    ("a value with 65 levels", |b| {
        config(b, &format!("[server]\nname = {}{}\n", "[".repeat(64), "]".repeat(64)))
    }),
    ("a dotted key of more parts than the library reads", |b| {
        config(b, &format!("[server]\n{} = 1\n", vec!["a"; 1_000].join(".")))
    }),
    ("no plugins", |b| b.write("toolcell.toml", "")),
    ("a path in an origin", |b| {
        config(b, "[http]\nallowed-origins = [\"https://a.example\", \"https://b.example/app\"]\n")
    }),
    ("pages of every origin for a server without credentials", |b| {
        config(b, "[http]\nallowed-origins = [\"https://a.example\", \"*\"]\n")
    }),
    ("pages without an origin for a server without credentials", |b| {
        config(b, "[http]\nallowed-origins = [\"null\"]\n")
    }),
    ("a path that ends with a slash", |b| config(b, "[http]\npath = \"/tools/\"\n")),
    ("a path that the server has itself", |b| config(b, "[http]\npath = \"/mcp/tools\"\n")),
    ("a heartbeat that is too fast", |b| config(b, "[http]\nheartbeat = \"10 ms\"\n")),
    ("a heartbeat that is too slow", |b| config(b, "[http]\nheartbeat = \"2 min\"\n")),
    ("a URL for a host", |b| config(b, "[http]\nallowed-hosts = [\"https://a.example\"]\n")),
    ("duplicate key", |b| b.write("toolcell.toml", "[server]\nname = \"a\"\nname = \"b\"\n")),
    ("unknown key", |b| config(b, "[plugins.text]\nsorce = \"text\"\n")),
    ("unknown key that resembles nothing", |b| config(b, "[server]\ncolour = \"red\"\n")),
    ("a key without letters", |b| config(b, "\"\" = 1\n")),
    ("a line without letters", |b| b.write("toolcell.toml", "[server]\n\r")),
    ("missing key", |b| config(b, "[plugins.text]\nprefix = \"a\"\n")),
    ("a number for a text", |b| config(b, "[server]\nname = 7\n")),
    ("a text for a table", |b| config(b, "plugins = \"text\"\n")),
    ("a text for a plugin", |b| config(b, "[plugins]\ntext = \"text.wasm\"\n")),
    ("a text for a list", |b| config(b, "[http]\nallowed-hosts = \"a\"\n")),
    ("a text for a boolean", |b| {
        config(
            b,
            "[plugins.text]\nsource = \"text\"\ngrants.directories = [{ host = \"a\", guest = \"/a\", write = \"yes\" }]\n",
        )
    }),
    ("a relative guest path", |b| {
        config(
            b,
            "[plugins.text]\nsource = \"text\"\ngrants.directories = [{ host = \"a\", guest = \"a\" }]\n",
        )
    }),
    ("a size without unit", |b| config(b, "[limits]\nmemory = \"64\"\n")),
    ("a size as a number", |b| config(b, "[limits]\nmemory = 64\n")),
    ("a size beyond the maximum", |b| config(b, "[limits]\nmemory = \"10 GiB\"\n")),
    ("a stack too small", |b| config(b, "[limits]\nstack = \"1 KiB\"\n")),
    ("a time without unit", |b| config(b, "[lists]\nttl = \"5\"\n")),
    ("a negative count", |b| config(b, "[limits]\nhandles = -1\n")),
    ("a page of nothing", |b| config(b, "[lists]\npage-size = 0\n")),
    ("a bucket without a scope", |b| bucket(b, "default = {}")),
    ("a bucket with an unknown scope", |b| bucket(b, "default = { scope = \"user\" }")),
    ("a bucket with a slash in its name", |b| bucket(b, "\"a/b\" = { scope = \"caller\" }")),
    ("entries that are gone at once", |b| bucket(b, "default = { scope = \"caller\", ttl = \"5 ms\" }")),
    ("a bucket for no keys", |b| bucket(b, "default = { scope = \"caller\", keys = 0 }")),
    ("a body of nothing", |b| config(b, "[http]\nmax-body = \"0 B\"\n")),
    ("a malformed digest", |b| config(b, "[plugins.text]\nsource = \"text\"\ndigest = \"sha256:12\"\n")),
    ("another digest", |b| {
        b.write("text.wasm", b"\0asm\x0d\0\x01\0");
        let pin = "0".repeat(64);
        b.write(
            "toolcell.toml",
            format!("[plugins.text]\nsource = \"text.wasm\"\ndigest = \"sha256:{pin}\"\n"),
        );
    }),
    ("an unknown time to ask the user", |b| {
        config(b, "[plugins.text]\nsource = \"text\"\ntools.make_slug.confirm = \"sometimes\"\n")
    }),
    ("no calls in a minute", |b| {
        config(b, "[plugins.text]\nsource = \"text\"\ntools.make_slug.calls-per-minute = 0\n")
    }),
    ("more calls in a minute than are counted", |b| {
        config(b, "[plugins.text]\nsource = \"text\"\ncalls-per-minute = 100001\n")
    }),
    ("only and except", |b| config(b, "[plugins.text]\nsource = \"text\"\nonly = []\nexcept = []\n")),
    ("a filter that names nothing", |b| {
        config(b, "[plugins.text]\nsource = \"text\"\nonly = [\"make-slug\"]\n")
    }),
    ("limits of no tool", |b| {
        config(b, "[plugins.text]\nsource = \"text\"\ntools.nothing.limits.memory = \"1 MiB\"\n")
    }),
    ("a plugin name that no client accepts", |b| config(b, "[plugins.\"a b\"]\nsource = \"text\"\n")),
    ("a prefix that makes a name too long", |b| {
        config(b, &format!("[plugins.text]\nsource = \"text\"\nprefix = \"{}\"\n", "p".repeat(60)))
    }),
    ("a tool under a name that no client accepts", |b| {
        config(b, &format!("{PLUGIN}tools.make_slug.name = \"make slug\"\n"))
    }),
    ("a tool under the name of another", |b| {
        config(b, &format!("{PLUGIN}tools.make_slug.name = \"count_words\"\n"))
    }),
    ("a prefix that makes a prompt's name too long", |b| {
        b.component("text.wasm", GUIDE);
        let prefix = "p".repeat(60);
        b.write(
            "toolcell.toml",
            format!("[plugins.text]\nsource = \"text.wasm\"\nonly = []\nprefix = \"{prefix}\"\n"),
        );
    }),
    ("hidden characters in instructions", |b| {
        config(b, &format!("{PLUGIN}[server]\ninstructions = \"Be \\u200Bkind.\"\n"))
    }),
    ("joined characters in a title that do not join", |b| {
        config(b, &format!("{PLUGIN}[server]\ntitle = \"a\\u200Db\"\n"))
    }),
    ("two plugins clash", |b| config(b, &format!("{PLUGIN}[plugins.more]\nsource = \"text\"\n"))),
    ("two plugins clash over a prompt", |b| {
        let wit = "package a:b;\ninterface asking {\n  \
                   use toolcell:plugin/content@0.1.0.{prompt-messages};\n  \
                   review: func() -> prompt-messages;\n}\nworld plugin { export asking; }\n";
        two(b, "prompts", "");
        b.component("one.wasm", wit);
        b.component("other.wasm", wit);
    }),
    ("two plugins with any resources", |b| two(b, "resources", "")),
    ("two plugins with prompts under one prefix", |b| two(b, "prompts", "")),
    ("two plugins with tools at run time and prefixes of which one starts the other", |b| {
        two(b, "dynamic-tools", "prefix = \"other_\"\n")
    }),
    ("a prefix that no name can have", |b| two(b, "completion", "prefix = \"other/\"\n")),
    ("a bundle would land among other files", |b| {
        config(b, PLUGIN);
        b.write("bundle/notes.txt", "mine");
    }),
    ("a text for a list of tables", |b| {
        config(b, "[plugins.text]\nsource = \"text\"\ngrants.directories = \"data\"\n")
    }),
    ("a text for a table of a list", |b| {
        config(b, "[plugins.text]\nsource = \"text\"\ngrants.directories = [\"data\"]\n")
    }),
    ("a rule without a host", |b| rule(b, "paths = [\"/\"]")),
    ("a host with a port", |b| rule(b, "host = \"api.example.com:8443\"")),
    ("a host in upper case", |b| rule(b, "host = \"API.example.com\"")),
    ("a host of another alphabet", |b| rule(b, "host = \"b\u{fc}cher.example\"")),
    ("a host that is a number", |b| rule(b, "host = \"127.1\"")),
    ("a host with two stars", |b| rule(b, "host = \"*.*.example.com\"")),
    ("a host with a final dot", |b| rule(b, "host = \"example.com.\"")),
    ("a host of empty labels", |b| rule(b, "host = \"a..example\"")),
    ("a host that is an address in another form", |b| rule(b, "host = \"[0:0:0:0:0:0:0:1]\"")),
    ("a host that is an address", |b| rule(b, "host = \"10.0.0.7\"")),
    ("a scheme of something else", |b| rule(b, "host = \"example.com\"\nscheme = \"ftp\"")),
    ("a port beyond the last", |b| rule(b, "host = \"example.com\"\nport = 65536")),
    ("a method in lower case", |b| rule(b, "host = \"example.com\"\nmethods = [\"GET\", \"post\"]")),
    ("a method that is never sent", |b| rule(b, "host = \"example.com\"\nmethods = [\"TRACE\"]")),
    ("no methods", |b| rule(b, "host = \"example.com\"\nmethods = []")),
    ("a path that leads upwards", |b| rule(b, "host = \"example.com\"\npaths = [\"/a/../b\"]")),
    ("a path with encoded slashes", |b| rule(b, "host = \"example.com\"\npaths = [\"/a%2fb\"]")),
    ("a path that begins nowhere", |b| rule(b, "host = \"example.com\"\npaths = [\"repos\"]")),
    ("a path with a gap", |b| rule(b, "host = \"example.com\"\npaths = [\"/a//b\"]")),
    ("a path with a semicolon", |b| rule(b, "host = \"example.com\"\npaths = [\"/a;b\"]")),
    ("a path with a lone percent", |b| rule(b, "host = \"example.com\"\npaths = [\"/100%\"]")),
    ("a path without end", |b| {
        rule(b, &format!("host = \"example.com\"\npaths = [\"/{}\"]", "a".repeat(1024)))
    }),
    ("a header that needs no grant", |b| rule(b, "host = \"example.com\"\nheaders = [\"accept\"]")),
    ("a header that is never sent", |b| rule(b, "host = \"example.com\"\nheaders = [\"host\"]")),
    ("a header in upper case", |b| rule(b, "host = \"example.com\"\nheaders = [\"Forwarded\"]")),
    ("no requests", |b| rule(b, "host = \"example.com\"\nrequests = 0")),
    ("a response without end", |b| rule(b, "host = \"example.com\"\nresponse = \"2 GiB\"")),
    ("a request without time", |b| rule(b, "host = \"example.com\"\ntime = \"0 s\"")),
    ("addresses of this machine", |b| rule(b, "host = \"example.com\"\naddress = [\"127.0.0.0/8\"]")),
    ("addresses without a network", |b| rule(b, "host = \"example.com\"\naddress = [\"10.0.0.7\"]")),
    ("too many rules", |b| {
        let rules = "[[plugins.text.grants.http]]\nhost = \"example.com\"\n".repeat(101);
        config(b, &format!("{PLUGIN}{rules}"));
    }),
    ("a name server without a port", |b| config(b, &format!("{PLUGIN}[network]\nresolver = \"10.0.0.2\"\n"))),
    ("a table for state by its ARN", |b| {
        let table = "arn:aws:dynamodb:eu-central-1:123456789012:table/state";
        config(b, &format!("{PLUGIN}[state]\ntable = \"{table}\"\n"));
    }),
    ("an index that is checked all the time", |b| config(b, "[releases]\ncheck = \"0 s\"\n")),
    ("a time that is none", |b| config(b, "[releases]\nstale = \"a week\"\n")),
    ("a serial that no release has", |b| config(b, "[releases]\nlowest-serial = 0\n")),
    ("certificates that are not there", |b| config(b, "[releases]\nca-bundle = \"missing.pem\"\n")),
    ("certificates that are none", |b| {
        b.write("corporate.pem", "-----BEGIN PRIVATE KEY-----\n");
        config(b, "[releases]\nca-bundle = \"corporate.pem\"\n");
    }),
    ("a key of releases that is none", |b| config(b, "[releases.keys.ci]\npublic = \"11qYAYKx\"\n")),
    ("a key of releases that everybody can sign for", |b| {
        config(b, &format!("[releases.keys.ci]\npublic = \"ed25519:{}=\"\n", "A".repeat(43)))
    }),
    ("a key of releases without an end", |b| {
        config(b, &format!("[releases.keys.ci]\npublic = \"{KEY}\"\nexpires = \"2027-06-30\"\n"))
    }),
    ("a key of releases under a name that is none", |b| {
        config(b, &format!("[releases.keys.\"our key\"]\npublic = \"{KEY}\"\n"))
    }),
    ("a key of releases twice", |b| {
        config(
            b,
            &format!("[releases.keys]\nci = {{ public = \"{KEY}\" }}\nold = {{ public = \"{KEY}\" }}\n"),
        )
    }),
    ("a filter of a plugin without tools", |b| {
        b.component("text.wasm", "package a:b;\nworld plugin { export toolcell:plugin/resources@0.1.0; }");
        b.write("toolcell.toml", "[plugins.text]\nsource = \"text.wasm\"\nonly = [\"make-slug\"]\n");
    }),
];
