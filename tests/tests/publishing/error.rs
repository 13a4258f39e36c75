//! What the command says when it cannot do what it was asked, in a golden file of its own.

use std::fmt::Write as _;
use std::fs;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use toolcell_host::digest::Digest;
use toolcell_host::release::{SigningKey, sign};
use toolcell_tests::fixture;
use toolcell_tests::s3::{Fault, Target, Verb};

use crate::publisher::{PREFIX, Publisher, Ran};

/// A title, the state of the world, the command line and its variables.
struct Story {
    title: &'static str,
    prepare: fn(&Publisher),
    line: &'static str,
    variables: &'static [(&'static str, &'static str)],
}

const fn story(title: &'static str, line: &'static str, prepare: fn(&Publisher)) -> Story {
    Story { title, prepare, line, variables: &[] }
}

const PUBLISH: &str = "publish --to BUCKET --key ci.key";
const BESIDE: &str = "publish --to BUCKET --key ci.key --package package";
const GC: &str = "gc BUCKET --keep 1 --public PUBLIC";

fn published(publisher: &Publisher) {
    publisher.configure("one");
    publisher.publish("");
}

/// Signs an index that names something else than a catalog.
fn misled(publisher: &Publisher) {
    published(publisher);
    let text = fs::read_to_string(publisher.path("ci.key")).unwrap();
    let seed = STANDARD.decode(text.trim().rsplit_once(':').unwrap().1).unwrap();
    let key = SigningKey::of_seed(&seed.try_into().unwrap()).unwrap();
    let mut index = publisher.index();
    let other = b"something else";
    (index.catalogs[0].digest, index.catalogs[0].bytes) = (Digest::of(other), other.len() as u64);
    publisher.server.place(&format!("{PREFIX}/objects/{}", Digest::of(other)), &other[..]);
    publisher.server.place(&format!("{PREFIX}/index.json"), sign(&index, &[&key]));
}

/// Builds the package of a function, with this plugin.
fn package(publisher: &Publisher, lines: &str, target: &str) {
    publisher.write("package.toml", lines);
    let built = publisher.run(&format!("build --config package.toml --out package --target {target}"));
    assert_eq!(built.code, 0, "{}", built.stderr);
    publisher.configure("one");
}

fn plugin(name: &str, component: &str) -> String {
    fixture::plugin(name, &fixture::component(component))
}

const STORIES: &[Story] = &[
    story("a key that is there already", "keygen ci", |_| {}),
    story("a key that is not there", "publish --to BUCKET --key other.key", |_| {}),
    story("a key that others can read", "publish --to BUCKET --key open.key", |publisher| {
        publisher.write("open.key", "");
    }),
    story("a text that is no key", PUBLISH, |publisher| {
        publisher.write("ci.key", "toolcell-private-key ed25519:AAAA\n");
    }),
    Story {
        title: "no region",
        prepare: |publisher| publisher.configure("one"),
        line: PUBLISH,
        variables: &[("AWS_REGION", "")],
    },
    Story {
        title: "a wrong secret",
        prepare: published,
        line: PUBLISH,
        variables: &[("AWS_SECRET_ACCESS_KEY", "x")],
    },
    story("no key to trust", "releases BUCKET", |_| {}),
    story("nothing is published", "releases BUCKET --public PUBLIC", |_| {}),
    story("an index of somebody else", PUBLISH, |publisher| {
        published(publisher);
        assert_eq!(publisher.run("keygen other --out ci2.key").code, 0);
        fs::rename(publisher.path("ci2.key"), publisher.path("ci.key")).unwrap();
    }),
    story("a release that is not there", "rollback BUCKET --to-serial 9 --key ci.key", published),
    story(
        "a release under the serial of another",
        "rollback BUCKET --to-serial 2 --key ci.key",
        |publisher| {
            published(publisher);
            let first = publisher.object("releases/1.json").unwrap();
            publisher.server.place(&format!("{PREFIX}/releases/2.json"), first);
        },
    ),
    story("a catalog that was damaged", "rollback BUCKET --to-serial 1 --key ci.key", |publisher| {
        published(publisher);
        let key = format!("{PREFIX}/objects/{}", publisher.index().catalogs[0].digest);
        publisher.server.place(&key, "other bytes");
    }),
    story("an object that is no catalog", "publish --for bootstrap --to BUCKET --key ci.key", |publisher| {
        misled(publisher);
        publisher.write("bootstrap", toolcell_host::sandbox::engine::MARK);
    }),
    story("a collector at work", PUBLISH, |publisher| {
        publisher.configure("one");
        publisher.server.place(&format!("{PREFIX}/collecting"), "");
    }),
    story("another collector at work", GC, |publisher| {
        publisher.server.place(&format!("{PREFIX}/collecting"), "")
    }),
    story("a publisher at work", GC, |publisher| {
        published(publisher);
        publisher.server.place(&format!("{PREFIX}/releases/2.json"), "");
    }),
    story("an engine without code", "publish --to BUCKET --key ci.key --target aarch64", |publisher| {
        published(publisher);
        publisher.configure("two");
    }),
    story("a program that is not there", "publish --for bootstrap --to BUCKET --key ci.key", published),
    story("a program of somebody else", "publish --for bootstrap --to BUCKET --key ci.key", |publisher| {
        published(publisher);
        publisher.write("bootstrap", "ELF");
    }),
    story("a program of another version", "publish --for bootstrap --to BUCKET --key ci.key", |publisher| {
        published(publisher);
        publisher.write(
            "bootstrap",
            "ELF toolcell-engine wasmtime=52.0.0 configuration=9 target=riscv64\n and so on",
        );
    }),
    story("a package that is not there", BESIDE, |publisher| publisher.configure("one")),
    story("a package for another processor", BESIDE, |publisher| {
        package(publisher, &plugin("own", "large_bytes"), "aarch64");
    }),
    story("a package without its code", BESIDE, |publisher| {
        package(publisher, &plugin("own", "large_bytes"), "x86_64");
        let files = fs::read_dir(publisher.path("package")).unwrap().map(|entry| entry.unwrap().path());
        files
            .filter(|path| path.extension().is_some_and(|end| end == "cwasm"))
            .for_each(|path| fs::remove_file(path).unwrap());
    }),
    story("a plugin of the package under the same name", BESIDE, |publisher| {
        package(publisher, &plugin("plain", "large_bytes"), "x86_64");
    }),
    story("a tool of the package under the same name", BESIDE, |publisher| {
        package(publisher, &plugin("own", "plain"), "x86_64");
    }),
    story("a package with the same resources", BESIDE, |publisher| {
        package(publisher, &format!("{}prefix = \"a_\"\n", plugin("own", "dynamic")), "x86_64");
        publisher.write("toolcell.toml", format!("{}prefix = \"b_\"\n", plugin("dynamic", "dynamic")));
    }),
];

fn tell(publisher: &Publisher, title: &str, ran: &Ran) -> String {
    assert!(matches!(ran.code, 3 | 4), "{title}: {ran:?}");
    let mut told = ran.stderr.clone();
    let directory = publisher.path("").display().to_string();
    let host = publisher.server.endpoint().replace("http://", "");
    for (text, shown) in
        [(directory.as_str(), ""), (&host, "127.0.0.1:PORT"), (&publisher.public(), "PUBLIC")]
    {
        told = told.replace(text, shown);
    }
    // Digests, key ids and times differ from run to run.
    let words = told.split_inclusive([' ', '\n', '/', '.', ']', '[', ',']).map(|word| {
        let bare = word.trim_end_matches(|end: char| !end.is_ascii_alphanumeric());
        let is_hex = bare.len() >= 16 && bare.bytes().all(|byte| byte.is_ascii_hexdigit());
        let is_time = bare.len() == 20 && bare.ends_with('Z') && bare.starts_with("20");
        match (is_hex, is_time) {
            (true, _) => word.replace(bare, "DIGEST"),
            (_, true) => word.replace(bare, "TIME"),
            _ => word.to_owned(),
        }
    });
    let lines: String = words.collect();
    let problem: Vec<_> = lines.lines().skip_while(|line| !line.starts_with("error")).collect();
    problem.join("\n")
}

/// Somebody publishes between the first and the last request of a publisher.
fn beaten() -> String {
    let publisher = Publisher::new();
    published(&publisher);
    publisher.server.fail(Target::of(Verb::Put).with_key("index.json"), Fault::Held);
    let slow = publisher.start(PUBLISH);
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(publisher.server.held(1));
    publisher.server.place(&format!("{PREFIX}/index.json"), "another index");
    publisher.server.heal();
    tell(&publisher, "beaten", &Ran::of_child(slow))
}

#[test]
fn every_error_says_what_to_do() {
    let mut told = String::new();
    for Story { title, prepare, line, variables } in STORIES {
        let publisher = Publisher::new();
        prepare(&publisher);
        let ran = publisher.run_with(&line.replace("PUBLIC", &publisher.public()), variables);
        let _ = writeln!(told, "# {title}\n{}\n", tell(&publisher, title, &ran));
    }
    let _ = writeln!(told, "# somebody else was faster\n{}\n", beaten());
    let path = fixture::root().join("cli/tests/golden/errors-releases.txt");
    if std::env::var_os("TOOLCELL_BLESS").is_some() {
        fs::write(&path, &told).unwrap();
    }
    let golden = fs::read_to_string(&path).unwrap_or_default();
    assert!(golden == told, "errors-releases.txt differs from:\n{told}\nTOOLCELL_BLESS=1 rewrites it");
}
