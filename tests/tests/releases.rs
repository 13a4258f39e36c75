//! Which release a server adopts, which it refuses, and for how long it serves one: an updater against an S3 server,
//! with a clock of the test.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use http::StatusCode;
use serde_json::json;
use toolcell_cli::server::edge;
use toolcell_host::catalog::{Catalog, Limits};
use toolcell_host::release::ReleaseIndex;
use toolcell_host::timestamp::Timestamp;
use toolcell_host::updater::Served;
use toolcell_tests::follower::{Follower, MINUTE, package};
use toolcell_tests::release::{INDEX, Publisher, index, object};
use toolcell_tests::s3::{Fault, Request, Target, Verb};
use toolcell_tests::{Bundle, Client, Revision, fixture, log};

const DAY: Duration = Duration::from_secs(24 * 3600);

fn text() -> Bundle {
    Bundle::build(&fixture::plugin("text", &fixture::sample("text")))
}

fn text_and_primes() -> Bundle {
    let plugins = ["text", "primes"].map(|name| fixture::plugin(name, &fixture::sample(name)));
    Bundle::build(&plugins.concat())
}

fn some(plugins: &[&str]) -> Option<Vec<String>> {
    Some(plugins.iter().map(|plugin| (*plugin).to_owned()).collect())
}

fn index_requests(publisher: &Publisher) -> usize {
    publisher.server.count(&Target::of(Verb::Get).with_key(INDEX))
}

#[tokio::test]
async fn a_list_takes_two_requests_and_another_release_is_adopted_beside_a_request() {
    let (publisher, first, second) = (Publisher::start(), text(), text_and_primes());
    publisher.publish(&first, 1);
    let follower = Follower::of(&publisher);
    follower.updater.start().await;
    assert_eq!(index_requests(&publisher), 1, "the start fetches the index alone");
    assert_eq!(publisher.server.requests().len(), 1);
    assert_eq!(follower.tools().await, some(&["text"]));
    assert_eq!(publisher.server.requests().len(), 2, "the first request fetches the catalog alone");
    publisher.publish(&second, 2);
    follower.pass(MINUTE / 2 - Duration::from_secs(1));
    assert_eq!(follower.tools().await, some(&["text"]));
    assert_eq!(publisher.server.requests().len(), 2, "the check is not due yet");
    follower.pass(Duration::from_secs(1));
    assert_eq!(follower.tools().await, some(&["text"]), "no request waits for its check");
    follower.checked().await;
    assert_eq!(follower.tools().await, some(&["primes", "text"]));
    assert_eq!(publisher.server.requests().len(), 4);
    follower.plugins_after_a_check().await;
    assert_eq!(publisher.server.requests().len(), 5, "an index that has not changed is not sent");
}

#[tokio::test]
async fn after_a_pause_of_the_whole_time_between_checks_no_request_runs_what_was_withdrawn() {
    let publisher = Publisher::start();
    publisher.publish(&text_and_primes(), 1);
    let follower = Follower::of(&publisher);
    follower.tools().await;
    publisher.publish(&text(), 2);
    follower.pass(MINUTE);
    let asked = publisher.server.requests().len();
    let (one, other) = tokio::join!(follower.tools(), follower.tools());
    assert_eq!((one, other), (some(&["text"]), some(&["text"])));
    assert_eq!(publisher.server.requests().len(), asked + 2, "one check for both");
}

#[tokio::test]
async fn a_request_does_not_wait_for_a_bucket_that_does_not_answer() {
    let publisher = Publisher::start();
    publisher.publish(&text(), 1);
    let follower = Follower::of(&publisher);
    follower.tools().await;
    publisher.server.fail(Target::all(), Fault::Held);
    follower.pass(MINUTE / 2);
    assert_eq!(follower.tools().await, some(&["text"]));
    publisher.server.held(1).await;
    for _ in 0..2 {
        assert_eq!(follower.tools().await, some(&["text"]), "while the bucket holds the check");
        follower.pass(MINUTE);
    }
    assert_eq!(index_requests(&publisher), 2, "one check at a time");
    publisher.server.heal();
    follower.checked().await;
}

#[tokio::test]
async fn a_bucket_that_fails_leaves_the_last_release_and_heals() {
    let (publisher, second) = (Publisher::start(), text_and_primes());
    publisher.publish(&text(), 1);
    let follower = Follower::of(&publisher);
    follower.tools().await;
    publisher.publish(&second, 2);
    for fault in [Fault::Down, Fault::Throttled, Fault::Truncated(10), Fault::Endless] {
        for key in [INDEX, "tools/objects/"] {
            publisher.server.fail(Target::all().with_key(key), fault.clone());
            assert_eq!(follower.plugins_after_a_check().await, some(&["text"]), "{fault:?} at {key}");
            publisher.server.heal();
        }
    }
    assert_eq!(follower.plugins_after_a_check().await, some(&["primes", "text"]));
}

#[tokio::test]
async fn where_nothing_was_ever_served_requests_are_refused_and_another_try_comes_later() {
    let publisher = Publisher::start();
    let follower = Follower::of(&publisher);
    follower.updater.start().await;
    assert_eq!(follower.tools().await, None);
    let asked = publisher.server.requests().len();
    assert_eq!(follower.tools().await, None);
    assert_eq!(publisher.server.requests().len(), asked, "not again at once");
    publisher.publish(&text(), 1);
    follower.pass(Duration::from_secs(2));
    assert_eq!(follower.tools().await, some(&["text"]));
}

#[tokio::test]
async fn requests_at_the_same_time_fetch_a_first_release_once() {
    let publisher = Publisher::start();
    publisher.publish(&text(), 1);
    let follower = Follower::of(&publisher);
    let (one, two, three) = tokio::join!(follower.tools(), follower.tools(), follower.tools());
    assert!(one.is_some() && one == two && two == three);
    assert_eq!(publisher.server.requests().len(), 2);
}

/// Publishes release 5, then what `spoil` makes of the bucket, and checks that release 5 stays, and that a server that
/// has nothing yet gets nothing.
async fn is_refused(name: &str, spoil: impl FnOnce(&Publisher)) {
    let publisher = Publisher::start();
    publisher.publish(&text(), 5);
    let follower = Follower::of(&publisher);
    assert_eq!(follower.tools().await, some(&["text"]), "{name}");
    spoil(&publisher);
    assert_eq!(follower.plugins_after_a_check().await, some(&["text"]), "{name}");
    publisher.publish(&text_and_primes(), 7);
    assert_eq!(follower.plugins_after_a_check().await, some(&["primes", "text"]), "{name}: and it heals");
}

#[tokio::test]
async fn attack_rollback_an_older_release_that_was_signed_once() {
    is_refused("rollback", |publisher| publisher.publish(&text_and_primes(), 4)).await;
}

#[tokio::test]
async fn attack_rollback_below_the_lowest_serial_of_the_package() {
    let publisher = Publisher::start();
    publisher.publish(&text(), 5);
    let follower = Follower::with(&publisher, package(), &[("TOOLCELL_LOWEST_SERIAL", "6")]);
    assert_eq!(follower.tools().await, None);
    publisher.publish(&text(), 6);
    follower.pass(MINUTE);
    assert_eq!(follower.tools().await, some(&["text"]));
}

#[tokio::test]
async fn attack_two_releases_with_one_serial() {
    is_refused("two releases", |publisher| publisher.publish(&text_and_primes(), 5)).await;
}

#[tokio::test]
async fn attack_wrong_key() {
    is_refused("wrong key", |publisher| {
        publisher.publish(&text_and_primes(), 6);
        publisher.sign_with_another_key(&publisher.index());
    })
    .await;
}

#[tokio::test]
async fn attack_freeze_an_index_that_has_expired() {
    is_refused("expired", |publisher| {
        publisher.publish(&text_and_primes(), 6);
        let index = publisher.index();
        let published = Timestamp::of(SystemTime::now() - DAY);
        publisher.publish_index(&ReleaseIndex { published, expires: published.after(MINUTE), ..index });
    })
    .await;
}

#[tokio::test]
async fn attack_damage_of_the_index_and_of_the_catalog() {
    is_refused("index", |publisher| {
        publisher.publish(&text_and_primes(), 6);
        publisher.damage(INDEX);
    })
    .await;
    is_refused("catalog", |publisher| {
        publisher.publish(&text_and_primes(), 6);
        publisher.damage(&object(publisher.index().catalogs[0].digest));
    })
    .await;
}

#[tokio::test]
async fn attack_mix_and_match_of_catalogs() {
    is_refused("mix and match", |publisher| {
        let old = publisher.index().catalogs[0].digest;
        publisher.publish(&text_and_primes(), 6);
        let old = publisher.server.object(&object(old)).unwrap();
        publisher.server.place(&object(publisher.index().catalogs[0].digest), old);
    })
    .await;
}

#[tokio::test]
async fn a_release_without_code_for_this_host_is_refused() {
    is_refused("engine", |publisher| {
        publisher.publish(&text_and_primes(), 6);
        let mut entry = publisher.index().catalogs.remove(0);
        entry.engine.wasmtime = "1.0.0".to_owned();
        publisher.publish_index(&index(6, vec![entry]));
    })
    .await;
}

/// Checks that a release with a changed catalog is refused.
async fn asks_too_much(name: &str, change: impl FnOnce(&mut Catalog)) {
    is_refused(name, |publisher| {
        publisher.publish_as(&text_and_primes(), 6, |catalog| {
            let mut catalog = catalog.for_release();
            change(&mut catalog);
            catalog
        });
    })
    .await;
}

#[tokio::test]
async fn a_valid_signature_does_not_decide_who_may_call_from_where_and_with_what() {
    let access = Bundle::build("[releases]\n[auth.bearer]\nenvironment = \"TOKENS\"\n").catalog();
    asks_too_much("callers", |catalog| catalog.auth = access.auth).await;
    asks_too_much("hosts", |catalog| catalog.http.allowed_hosts.push("evil.example.com".to_owned())).await;
    asks_too_much("environment", |catalog| {
        catalog.plugins[0].grants.environment.insert("SECRET".to_owned(), "x".to_owned());
    })
    .await;
    asks_too_much("config", |catalog| {
        catalog.plugins[0].grants.config.insert("key".to_owned(), "x".to_owned());
    })
    .await;
    asks_too_much("limits", |catalog| {
        catalog.tools[0].item.limits.memory_bytes = Limits::default().memory_bytes + 1;
    })
    .await;
}

#[tokio::test]
async fn a_release_that_lacks_a_plugin_of_the_package_or_has_another_one_is_refused() {
    let publisher = Publisher::start();
    publisher.publish(&text(), 1);
    let follower = Follower::with(&publisher, text_and_primes(), &[]);
    assert_eq!(follower.tools().await, None, "it lacks primes");
    publisher.publish_as(&text_and_primes(), 2, |catalog| {
        let mut catalog = catalog.for_release();
        catalog.plugins[0].component = catalog.plugins[1].component;
        catalog
    });
    follower.pass(MINUTE);
    assert_eq!(follower.tools().await, None, "it has another component for one of both");
    publisher.publish(&text_and_primes(), 3);
    follower.pass(MINUTE);
    assert_eq!(follower.tools().await, some(&["primes", "text"]));
}

/// Publishes release `serial`, which is unlike that of every other test, and what `spoil` makes of the bucket; then checks
/// that it is fetched and logged once, however often the server checks.
async fn is_refused_once(serial: u64, package: Bundle, spoil: impl FnOnce(&Publisher)) {
    log::capture();
    let publisher = Publisher::start();
    publisher.publish(&text(), serial);
    let follower = Follower::with(&publisher, package, &[]);
    assert_eq!(follower.tools().await, some(&["text"]), "{serial}");
    spoil(&publisher);
    assert_eq!(follower.plugins_after_a_check().await, some(&["text"]), "{serial}");
    let asked = publisher.server.answers().len();
    for _ in 0..3 {
        assert_eq!(follower.plugins_after_a_check().await, some(&["text"]), "{serial}");
    }
    let answers = publisher.server.answers().split_off(asked);
    let same = (Request { verb: Verb::Get, key: INDEX.to_owned() }, StatusCode::NOT_MODIFIED);
    assert_eq!(answers, [same.clone(), same.clone(), same], "{serial}");
    assert_eq!(refusals(serial), 1, "{serial}");
    publisher.publish(&text_and_primes(), serial + 2);
    assert_eq!(follower.plugins_after_a_check().await, some(&["primes", "text"]), "{serial}: and it heals");
}

/// Counts the lines of the log that say that another release than `serial` was refused.
fn refusals(serial: u64) -> usize {
    let lines = log::lines("no other release can be adopted: the last good one keeps serving");
    lines.iter().filter(|line| line["serial"] == serial).count()
}

#[tokio::test]
async fn an_index_that_was_refused_is_neither_fetched_nor_logged_again() {
    let other = |publisher: &Publisher, serial| publisher.publish(&text_and_primes(), serial);
    is_refused_once(1010, package(), |publisher| other(publisher, 1009)).await;
    is_refused_once(1020, package(), |publisher| other(publisher, 1020)).await;
    is_refused_once(1030, package(), |publisher| {
        other(publisher, 1031);
        publisher.sign_with_another_key(&publisher.index());
    })
    .await;
    is_refused_once(1040, package(), |publisher| {
        other(publisher, 1041);
        publisher.damage(INDEX);
    })
    .await;
    is_refused_once(1050, package(), |publisher| {
        other(publisher, 1051);
        let index = publisher.index();
        let published = Timestamp::of(SystemTime::now() - DAY);
        publisher.publish_index(&ReleaseIndex { published, expires: published.after(MINUTE), ..index });
    })
    .await;
    is_refused_once(1060, package(), |publisher| {
        let mut entry = publisher.index().catalogs.remove(0);
        entry.engine.wasmtime = "1.0.0".to_owned();
        publisher.publish_index(&index(1061, vec![entry]));
    })
    .await;
}

#[tokio::test]
async fn a_catalog_that_was_refused_is_neither_fetched_nor_logged_again() {
    is_refused_once(1110, package(), |publisher| {
        publisher.publish_as(&text_and_primes(), 1111, |catalog| {
            let mut catalog = catalog.for_release();
            catalog.http.allowed_hosts.push("evil.example.com".to_owned());
            catalog
        });
    })
    .await;
    is_refused_once(1120, text(), |publisher| {
        let primes = Bundle::build(&fixture::plugin("primes", &fixture::sample("primes")));
        publisher.publish(&primes, 1121);
    })
    .await;
    is_refused_once(1130, text(), |publisher| {
        publisher.publish_as(&text_and_primes(), 1131, |catalog| {
            let mut catalog = catalog.for_release();
            let component = catalog.plugins[0].component;
            catalog.plugins.iter_mut().for_each(|plugin| plugin.component = component);
            catalog.plugins[0].component = toolcell_host::digest::Digest::of(b"another");
            catalog.plugins[1].component = toolcell_host::digest::Digest::of(b"another");
            catalog
        });
    })
    .await;
}

#[tokio::test]
async fn an_object_that_is_missing_or_damaged_is_fetched_again_though_the_index_is_the_same() {
    let publisher = Publisher::start();
    publisher.publish(&text(), 1);
    let follower = Follower::of(&publisher);
    follower.tools().await;
    publisher.publish(&text_and_primes(), 2);
    let catalog = object(publisher.index().catalogs[0].digest);
    let good = publisher.server.object(&catalog).unwrap();
    publisher.damage(&catalog);
    assert_eq!(follower.plugins_after_a_check().await, some(&["text"]));
    publisher.server.remove(&catalog);
    assert_eq!(follower.plugins_after_a_check().await, some(&["text"]));
    publisher.server.place(&catalog, good);
    assert_eq!(follower.plugins_after_a_check().await, some(&["primes", "text"]));
}

#[tokio::test]
async fn a_release_that_a_wrong_clock_calls_expired_is_judged_again_when_the_clock_is_right() {
    let publisher = Publisher::start();
    publisher.publish(&text(), 1);
    let index = publisher.index();
    let expires = index.published.after(2 * MINUTE);
    publisher.publish_index(&ReleaseIndex { expires, ..index });
    let follower = Follower::of(&publisher);
    follower.pass(3 * MINUTE);
    assert_eq!(follower.tools().await, None);
    follower.set_back(3 * MINUTE);
    assert_eq!(follower.tools().await, some(&["text"]));
}

#[tokio::test]
async fn where_the_first_index_is_refused_requests_ask_whether_there_is_another_one() {
    let publisher = Publisher::start();
    publisher.publish(&text(), 1);
    publisher.sign_with_another_key(&publisher.index());
    let follower = Follower::of(&publisher);
    follower.updater.start().await;
    for _ in 0..3 {
        assert_eq!(follower.tools().await, None);
        follower.pass(Duration::from_secs(2));
    }
    let statuses: Vec<_> =
        publisher.server.answers().into_iter().map(|(_, status)| status.as_u16()).collect();
    assert_eq!(statuses, [200, 304, 304, 304]);
    publisher.publish(&text(), 2);
    assert_eq!(follower.tools().await, some(&["text"]));
}

#[tokio::test]
async fn a_release_that_expires_while_it_is_served_is_served_until_the_stale_limit() {
    let publisher = Publisher::start();
    publisher.publish(&text(), 1);
    let index = publisher.index();
    let expires = index.published.after(2 * MINUTE);
    publisher.publish_index(&ReleaseIndex { expires, ..index });
    // S3 takes no request whose clock is wrong by a quarter of an hour.
    let follower = Follower::with(&publisher, Bundle::build("[releases]\nstale = \"5 min\"\n"), &[]);
    assert_eq!(follower.tools().await, some(&["text"]));
    follower.pass(3 * MINUTE);
    assert_eq!(follower.plugins_after_a_check().await, some(&["text"]), "it has expired");
    follower.pass(3 * MINUTE);
    assert_eq!(follower.tools().await, None, "for longer than the stale limit");
    publisher.publish(&text(), 2);
    follower.pass(MINUTE);
    assert_eq!(follower.tools().await, some(&["text"]));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_local_server_follows_releases_as_a_function_does() {
    let publisher = Publisher::start();
    let follower = Follower::of(&publisher);
    let listener = edge::bind(([127, 0, 0, 1], 0).into()).await.unwrap();
    let address = listener.local_addr().unwrap();
    let served = Served::Releases(Arc::clone(&follower.updater));
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let server = tokio::spawn(edge::run(listener, served, async {
        let _ = stopped.await;
    }));
    let list = async || {
        let list = move || Client::new(address, Revision::Modern).send("tools/list", json!({})).status;
        tokio::task::spawn_blocking(list).await.unwrap()
    };
    assert_eq!(list().await, 503);
    publisher.publish(&text(), 1);
    follower.pass(MINUTE);
    assert_eq!(list().await, 200);
    stop.send(()).unwrap();
    server.await.unwrap();
}
