//! An upgrade of the host under load and its rollback, with two versions of the host whose engines differ.

use std::fs;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;

use serde_json::json;
use tempfile::TempDir;
use toolcell_host::catalog::Catalog;
use toolcell_lambda_emulator::Lambda;
use toolcell_tests::release::Publisher;
use toolcell_tests::server::deployed_as;
use toolcell_tests::{Bundle, Client, HostVersion, Revision, fixture};

use super::follower::{client, eventually, has_primes, log, logged, slug, start, tools};

/// The line of a function that has adopted a release.
const ADOPTED: &str = "\"a release is adopted\"";

/// The line of a function for whose engine a release has no code.
const NO_CODE: &str = "has no code for this version of toolcell";

/// The functions behind one address of clients, as the alias of a function directs them to its versions.
#[derive(Default)]
struct Alias {
    functions: Mutex<Vec<SocketAddr>>,
    requests: AtomicUsize,
}

impl Alias {
    /// Directs all later requests to these functions, in turn.
    fn direct(&self, functions: &[&Lambda]) {
        *self.functions.lock().unwrap() = functions.iter().map(|lambda| lambda.address()).collect();
    }

    /// Returns a client for the next request.
    fn client(&self) -> Client {
        let functions = self.functions.lock().unwrap();
        let turn = self.requests.fetch_add(1, Ordering::Relaxed) % functions.len();
        Client::new(functions[turn], Revision::Modern)
    }
}

/// A person who publishes with the command, and deploys.
struct Operator {
    publisher: Publisher,
    directory: TempDir,
}

impl Operator {
    fn new() -> Self {
        let (publisher, directory) = (Publisher::start(), tempfile::tempdir().unwrap());
        for (name, plugins) in [("one.toml", &["text"][..]), ("two.toml", &["text", "primes"])] {
            let tables = plugins.iter().map(|name| fixture::plugin(name, &fixture::sample(name)));
            fs::write(directory.path().join(name), tables.collect::<String>()).unwrap();
        }
        Self { publisher, directory }
    }

    /// Runs a command of this version's `toolcell`.
    fn run(&self, version: &HostVersion, line: &str) {
        self.publisher.run(&version.toolcell, self.directory.path(), line);
    }

    fn publish(&self, version: &HostVersion, options: &str) {
        self.run(version, &format!("publish --prebuilt --to RELEASES --key KEY {options}"));
    }

    /// Builds a package without plugins for a version.
    fn package(&self, version: &HostVersion, name: &str) -> PathBuf {
        let package = self.directory.path().join(name);
        fs::create_dir(&package).unwrap();
        let config = package.join("toolcell.toml");
        fs::write(&config, "[releases]\ncheck = \"1 s\"\n").unwrap();
        version.build(&config)
    }

    fn deploy(&self, version: &HostVersion, name: &str) -> Lambda {
        let package = self.package(version, name);
        start(&self.publisher, deployed_as(&version.bootstrap, &package))
    }
}

/// Ends the load, also if a story fails.
struct End<'s>(&'s AtomicBool);

impl Drop for End<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// Calls and lists through an alias until `stop`; returns how often.
fn load(alias: &Alias, stop: &AtomicBool) -> usize {
    let mut requests = 0;
    while !stop.load(Ordering::Relaxed) {
        assert_eq!(slug(&alias.client()), "gruesse-aus-koeln");
        assert!(tools(&alias.client()).len() >= 3);
        requests += 2;
    }
    requests
}

/// Waits until a function has answered some more calls, all of them well.
fn serves(lambda: &Lambda) {
    let ok = "\"outcome\":\"ok\"";
    let before = logged(lambda, ok);
    eventually("more calls", || (logged(lambda, ok) >= before + 6).then_some(()));
    let failed = log(lambda).into_iter().find(|line| line.contains("\"outcome\":") && !line.contains(ok));
    assert_eq!(failed, None);
}

#[test]
fn an_upgrade_of_the_host_under_load_and_its_rollback_fail_no_request() {
    let (operator, old, new) = (Operator::new(), HostVersion::current(), HostVersion::next());
    assert_ne!(old.engine(), new.engine());
    operator.publish(&old, "--config one.toml --target host");
    let before = operator.deploy(&old, "before");
    let (alias, stop) = (Alias::default(), AtomicBool::new(false));
    alias.direct(&[&before]);
    thread::scope(|scope| {
        let clients = [0, 1].map(|_| scope.spawn(|| load(&alias, &stop)));
        let end = End(&stop);
        serves(&before);
        operator.publish(&new, &format!("--for {}", new.bootstrap.display()));
        eventually("release 2", || (logged(&before, ADOPTED) >= 2).then_some(()));

        let after = operator.deploy(&new, "after");
        alias.direct(&[&before, &after]);
        serves(&before);
        serves(&after);
        alias.direct(&[&after]);
        serves(&after);

        // The new host is bad: back to the old one, also where it starts afresh.
        before.reclaim();
        alias.direct(&[&before]);
        serves(&before);

        // The new host is good after all, and the old one is forgotten too early.
        alias.direct(&[&before, &after]);
        operator.publish(&new, "--config two.toml --target host --drop-engines");
        eventually("release 3", || has_primes(&tools(&client(&after))).then_some(()));
        eventually("a check without code", || (logged(&before, NO_CODE) > 0).then_some(()));
        serves(&before);
        let adopted = logged(&before, ADOPTED);
        operator.run(&new, "rollback RELEASES --to-serial 2 --key KEY");
        eventually("release 4", || (logged(&before, ADOPTED) > adopted).then_some(()));
        serves(&before);
        serves(&after);
        drop(end);
        for client in clients {
            assert!(client.join().expect("no request failed") > 0);
        }
        assert_eq!(logged(&before, "cannot load") + logged(&after, "cannot load"), 0);
    });
}

#[test]
fn code_of_another_engine_never_runs_whatever_a_signed_release_says() {
    let (operator, old, new) = (Operator::new(), HostVersion::current(), HostVersion::next());
    operator.publish(&new, "--config one.toml --target host");
    let lambda = operator.deploy(&old, "package");
    assert_eq!(client(&lambda).send("tools/list", json!({})).status, 503);
    eventually("its reason", || (logged(&lambda, NO_CODE) > 0).then_some(()));

    // The index alone lies about the engine.
    let engine = Bundle::build("[releases]\n").catalog().engine;
    let mut index = operator.publisher.index();
    index.serial = 2;
    index.catalogs[0].engine = engine.clone();
    operator.publisher.publish_index(&index);
    eventually("another reason", || {
        assert_eq!(client(&lambda).send("tools/list", json!({})).status, 503);
        (logged(&lambda, "the catalog does not fit this host") > 0).then_some(())
    });

    // The catalog lies as well.
    let catalog = Catalog { engine, ..operator.publisher.catalog() };
    operator.publisher.publish_catalog(catalog, 3);
    eventually("a list", || (client(&lambda).send("tools/list", json!({})).status == 200).then_some(()));
    let answer = client(&lambda).send("tools/call", json!({"name": "make_slug", "arguments": {"text": "a"}}));
    assert_eq!(answer.json()["error"]["code"], -32603, "{}", answer.json());
    eventually("the reason in the log", || {
        (logged(&lambda, "Module was compiled with incompatible version") > 0).then_some(())
    });
}
