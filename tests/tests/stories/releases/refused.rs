//! Releases that a function refuses, although a trusted key has signed them or had signed them before they were changed.

use bytes::Bytes;
use serde_json::json;
use toolcell_host::catalog::{BucketGrant, BucketScope, Catalog, Directory, Limits};
use toolcell_host::release::ReleaseIndex;
use toolcell_lambda_emulator::Lambda;
use toolcell_tests::release::{INDEX, Publisher, object};
use toolcell_tests::s3::{Fault, Target};
use toolcell_tests::server::deployed;
use toolcell_tests::{Bundle, Client, FakeClock};

use super::follower::{
    KEPT, client, eventually, follow, has_primes, logged, package, release, slug, start, tools,
};

/// A change of a catalog, and the words by which it is refused.
type Demand = (&'static str, fn(&mut Catalog));

const DEMANDS: [Demand; 9] = [
    ("the release sets [auth]", |catalog| {
        let access = Bundle::build("[releases]\n[auth.bearer]\nenvironment = \"TOKENS\"\n").catalog();
        catalog.auth = access.auth;
    }),
    ("the release sets [http]", |catalog| {
        catalog.http.allowed_hosts.push("evil.example.com".to_owned());
    }),
    ("the environment variable `SECRET`", |catalog| {
        catalog.plugins[0].grants.environment.insert("SECRET".to_owned(), "x".to_owned());
    }),
    ("the config key `key`", |catalog| {
        catalog.plugins[0].grants.config.insert("key".to_owned(), "x".to_owned());
    }),
    ("the readable directory `/` as `/root`", |catalog| {
        let (host, guest) = ("/".to_owned(), "/root".to_owned());
        catalog.plugins[0].grants.directories.push(Directory { host, guest, write: false });
    }),
    ("the release sets [state]", |catalog| catalog.state_table = Some("of-another-function".to_owned())),
    ("buckets with the state of `text`", |catalog| {
        grant_bucket(catalog, "text", BucketGrant::of(BucketScope::Plugin));
    }),
    ("the bucket `notes` with more than a bucket can have", |catalog| {
        let keys = BucketGrant::MAX_KEYS + 1;
        grant_bucket(catalog, KEEPS_STATE, BucketGrant { keys, ..BucketGrant::of(BucketScope::Plugin) });
    }),
    ("has the limit memory", |catalog| {
        catalog.tools[0].item.limits.memory_bytes = Limits::default().memory_bytes + 1;
    }),
];

/// The source whose state a release may let plugins keep.
const KEEPS_STATE: &str = "acme-notes";

/// Builds the bundle of a function that allows its releases no grant but that state.
fn package_with_state() -> Bundle {
    let grants = format!("[releases.ceiling.grants]\nkeyvalue = [{KEEPS_STATE:?}]\n");
    Bundle::build(&format!("[releases]\ncheck = \"1 s\"\n{grants}"))
}

/// Grants the bucket `notes` to the first plugin of a catalog.
fn grant_bucket(catalog: &mut Catalog, source: &str, bucket: BucketGrant) {
    let grants = &mut catalog.plugins[0].grants;
    grants.state_of = source.to_owned();
    grants.keyvalue.insert("notes".to_owned(), bucket);
}

/// A change of the bytes of an object, and its name.
type Damage = (&'static str, fn(&[u8]) -> Vec<u8>);

const DAMAGES: [Damage; 4] = [
    ("a flipped bit", |bytes| {
        let mut bytes = bytes.to_vec();
        let middle = bytes.len() / 2;
        bytes[middle] ^= 1;
        bytes
    }),
    ("a cut", |bytes| bytes[..bytes.len() / 2].to_vec()),
    ("one byte more", |bytes| [bytes, b"x"].concat()),
    ("nothing", |_| Vec::new()),
];

/// Checks that a function refuses what is published and says why, and serves what it did.
fn keeps(lambda: &Lambda, client: &Client, old: &[String], says: &str) {
    eventually(says, || {
        assert_eq!(tools(client), old, "{says}");
        slug(client);
        (logged(lambda, says) > 0).then_some(())
    });
}

/// Publishes while no function can see it, and changes it before one does.
fn publish_changed(publisher: &Publisher, bundle: &Bundle, serial: u64, change: impl FnOnce()) {
    publisher.server.fail_only(Target::all(), Fault::Down);
    publisher.publish(bundle, serial);
    change();
    publisher.server.heal();
}

#[test]
fn a_signed_release_that_asks_for_more_is_refused_by_name_and_the_last_good_one_serves() {
    let (publisher, package) = (Publisher::start(), package_with_state());
    publisher.publish(&release(&["text"]), 1);
    let lambda = follow(&publisher, &package);
    let warm = client(&lambda);
    let (old, more) = (tools(&warm), release(&["text", "primes"]));
    for (serial, (says, demand)) in (2..).zip(DEMANDS) {
        publisher.publish_as(&more, serial, |catalog| {
            let mut catalog = catalog.for_release();
            demand(&mut catalog);
            catalog
        });
        keeps(&lambda, &warm, &old, says);
    }
    let answer = client(&follow(&publisher, &package)).send("tools/list", json!({}));
    assert_eq!(answer.status, 503, "where nothing else was adopted, nothing is served");
    publisher.publish(&more, 100);
    eventually("a release that asks for nothing", || has_primes(&tools(&warm)).then_some(()));
}

#[test]
fn no_object_of_a_release_is_served_or_run_once_it_was_changed() {
    let (publisher, package) = (Publisher::start(), package());
    let bundle = release(&["text"]);
    publisher.publish(&bundle, 1);
    let code = object(bundle.catalog().plugins[0].code);
    let catalog = object(publisher.index().catalogs[0].digest);
    for key in [INDEX, &catalog, &code] {
        let good = publisher.server.object(key).unwrap();
        for (damage, change) in DAMAGES {
            publisher.server.place(key, change(&good));
            let lambda = follow(&publisher, &package);
            let list = client(&lambda).send("tools/list", json!({}));
            assert_eq!(list.status, if key == code { 200 } else { 503 }, "{damage} in {key}");
            let call = json!({"name": "make_slug", "arguments": {"text": "a"}});
            let call = client(&lambda).send("tools/call", call).json();
            assert_eq!(call["error"]["code"], -32603, "{damage} in {key}: {call}");
        }
        publisher.server.place(key, good);
    }
    slug(&client(&follow(&publisher, &package)));
}

#[test]
fn a_function_keeps_its_release_if_the_next_one_was_changed() {
    let (publisher, package) = (Publisher::start(), package());
    publisher.publish(&release(&["text"]), 1);
    let lambda = follow(&publisher, &package);
    let warm = client(&lambda);
    let (old, next) = (tools(&warm), release(&["text", "primes"]));
    let mut serial = 1;
    for (damage, change) in DAMAGES {
        for is_index in [true, false] {
            serial += 1;
            let refused = logged(&lambda, KEPT);
            publish_changed(&publisher, &next, serial, || {
                let catalog = object(publisher.index().catalogs[0].digest);
                let key = if is_index { INDEX } else { &catalog };
                let bytes: Bytes = change(&publisher.server.object(key).unwrap()).into();
                publisher.server.place(key, bytes);
            });
            eventually(damage, || {
                assert_eq!(tools(&warm), old, "{damage}");
                slug(&warm);
                (logged(&lambda, KEPT) > refused).then_some(())
            });
        }
    }
    publisher.publish(&next, 100);
    eventually("a release as it was signed", || has_primes(&tools(&warm)).then_some(()));
}

#[test]
fn an_expired_release_is_never_adopted_and_an_adopted_one_serves_until_the_stale_limit() {
    let (publisher, clock) = (Publisher::start(), FakeClock::new());
    // S3 takes no request whose clock is wrong by a quarter of an hour.
    let package = Bundle::build("[releases]\ncheck = \"1 s\"\nstale = \"5 min\"\n");
    publisher.publish(&release(&["text"]), 1);
    let index = publisher.index();
    let expires = index.published.after(std::time::Duration::from_secs(120));
    publisher.publish_index(&ReleaseIndex { expires, ..index });
    let lambda = start(&publisher, clock.of(deployed(&package)));
    let warm = client(&lambda);
    slug(&warm);
    clock.set("+180s");
    keeps(&lambda, &warm, &tools(&warm), "the release has expired and is served until the stale limit");
    eventually("its metric", || (logged(&lambda, "\"StaleReleases\":1") > 0).then_some(()));
    let late = start(&publisher, clock.of(deployed(&package)));
    assert_eq!(client(&late).send("tools/list", json!({})).status, 503, "it has expired for who starts now");
    let says = "the index with the serial 1 expired at";
    eventually(says, || (logged(&late, says) > 0).then_some(()));
    clock.set("+540s");
    let answer = warm.send("tools/list", json!({}));
    assert_eq!((answer.status, answer.headers["retry-after"].as_str()), (503, "2"));
    publisher.publish(&release(&["text", "primes"]), 2);
    for client in [warm, client(&late)] {
        eventually("release 2", || {
            let answer = client.send("tools/list", json!({}));
            (answer.status == 200).then(|| assert!(String::from_utf8_lossy(&answer.body).contains("primes")))
        });
    }
    assert_eq!(lambda.environments().len(), 1, "one process went through all of it");
}
