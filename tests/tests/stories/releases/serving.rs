//! A function that follows releases: publish, call, publish again under load, lose the bucket, and what is refused.

use std::fs;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use serde_json::{Value, json};
use toolcell_lambda_emulator::Phase;
use toolcell_tests::copies::{self, Temporary};
use toolcell_tests::release::{INDEX, Publisher, object};
use toolcell_tests::s3::{Fault, SECRET_KEY, Target, Verb};
use toolcell_tests::server::deployed;
use toolcell_tests::{Bundle, fixture};

use super::follower::{
    client, eventually, follow, has_primes, log, logged, package, release, slug, start, tools,
};

#[test]
fn a_list_takes_two_requests_more_than_from_the_package_and_a_call_three() {
    // No check is due between the requests.
    let (publisher, package) = (Publisher::start(), Bundle::build("[releases]\ncheck = \"1 min\"\n"));
    publisher.publish(&release(&["text"]), 1);
    let lambda = follow(&publisher, &package);
    let client = client(&lambda);
    assert!(!tools(&client).is_empty());
    let keys = || publisher.server.requests().into_iter().map(|request| request.key).collect::<Vec<_>>();
    let catalog = object(publisher.index().catalogs[0].digest);
    assert_eq!(keys()[..2], [INDEX.to_owned(), catalog]);
    assert!(slug(&client).starts_with("gr"));
    let code = release(&["text"]).catalog().plugins[0].code;
    let fetched = || keys().into_iter().filter(|key| !key.ends_with(INDEX)).collect::<Vec<_>>();
    assert_eq!(fetched()[1..], [object(code)], "the code of the plugin that was called");
    for _ in 0..3 {
        slug(&client);
    }
    assert_eq!(fetched().len(), 2, "nothing is fetched twice");
    assert_eq!(publisher.server.connections(), 1, "all of it over one connection: {:?}", keys());
    eventually("a line of each call", || (logged(&lambda, "\"run_us\"") >= 4).then_some(()));
    let lines = log(&lambda);
    assert!(!lines.concat().contains(SECRET_KEY), "{lines:?}");
    let with = |text: &str| lines.iter().filter(|line| line.contains(text)).collect::<Vec<_>>();
    let [adopted] = with("\"a release is adopted\"")[..] else { panic!("{lines:?}") };
    for phase in ["index_us", "fetch_us", "verify_us", "map_us", "update_us"] {
        let time = member(adopted, phase).unwrap_or_else(|| panic!("no {phase} in {adopted}"));
        assert!(time > 0, "{phase} in {adopted}");
    }
    let calls = with("\"run_us\"");
    assert_eq!(calls.len(), 4);
    assert!(member(calls[0], "fetch_us") > member(calls[0], "verify_us"), "{}", calls[0]);
    assert!(member(calls[0], "verify_us").is_some_and(|time| time > 0), "{}", calls[0]);
    assert!(calls[1..].iter().all(|call| member(call, "verify_us").is_none()), "{calls:?}");
}

/// Returns a number in a line of the log.
fn member(line: &str, name: &str) -> Option<u64> {
    serde_json::from_str::<Value>(line).ok()?[name].as_u64()
}

#[test]
fn a_release_under_load_fails_no_request_and_each_answer_is_of_one_of_both() {
    let (publisher, package) = (Publisher::start(), package());
    let (first, second) = (release(&["text"]), release(&["text", "primes"]));
    publisher.publish(&first, 1);
    let lambda = follow(&publisher, &package);
    let old = tools(&client(&lambda));
    let stop = AtomicBool::new(false);
    thread::scope(|scope| {
        let load = || {
            let client = client(&lambda);
            let mut seen = Vec::new();
            while !stop.load(Ordering::Relaxed) {
                slug(&client);
                let tools = tools(&client);
                if seen.last() != Some(&tools) {
                    seen.push(tools);
                }
            }
            seen
        };
        let clients = [scope.spawn(load), scope.spawn(load)];
        publisher.publish(&second, 2);
        eventually("release 2", || has_primes(&tools(&client(&lambda))).then_some(()));
        publisher.publish(&first, 3);
        eventually("the rollback", || (tools(&client(&lambda)) == old).then_some(()));
        stop.store(true, Ordering::Relaxed);
        for client in clients {
            for tools in client.join().expect("no request failed") {
                assert!(tools == old || has_primes(&tools), "{tools:?}");
            }
        }
    });
}

#[test]
fn without_the_bucket_the_last_release_serves_and_warm_requests_do_not_wait() {
    let (publisher, package) = (Publisher::start(), package());
    publisher.publish(&release(&["text"]), 1);
    // One environment for all requests: another one would have to start without the bucket.
    let lambda = start(&publisher, deployed(&package).managed(8));
    let client = client(&lambda);
    slug(&client);
    publisher.server.fail(Target::all(), Fault::Down);
    eventually("a failed check", || {
        slug(&client);
        log(&lambda).concat().contains("the last good one keeps serving").then_some(())
    });
    eventually("its metric", || log(&lambda).concat().contains("\"ReleaseFaults\":1").then_some(()));
    publisher.server.heal();
    publisher.server.fail(Target::all(), Fault::Held);
    let asked = publisher.server.count(&Target::of(Verb::Get).with_key(INDEX));
    eventually("a check that the bucket holds", || {
        slug(&client);
        (publisher.server.count(&Target::of(Verb::Get).with_key(INDEX)) > asked).then_some(())
    });
    for _ in 0..3 {
        slug(&client);
    }
    publisher.server.heal();
    publisher.publish(&release(&["text", "primes"]), 2);
    eventually("release 2", || has_primes(&tools(&client)).then_some(()));
}

#[test]
fn with_an_empty_bucket_every_request_is_told_to_come_back_and_the_environment_stays() {
    let (publisher, package) = (Publisher::start(), package());
    let lambda = follow(&publisher, &package);
    let client = client(&lambda);
    for _ in 0..3 {
        let answer = client.send("tools/list", json!({}));
        let refused = (503, -32603, "the server has no tools to serve right now; retry".to_owned());
        assert_eq!(answer.refusal(), refused);
        assert_eq!(answer.headers["retry-after"], "2");
    }
    let text = String::from_utf8(client.send("tools/list", json!({})).body).unwrap();
    assert!(!text.contains("s3://") && !text.contains("127.0.0.1"), "{text}");
    publisher.publish(&release(&["text"]), 1);
    eventually("a first release", || (client.send("tools/list", json!({})).status == 200).then_some(()));
    assert!(lambda.environments().iter().all(|environment| environment.starts == 1), "no crash loop");
}

#[test]
fn damaged_code_never_runs_and_the_next_call_tries_again() {
    let (publisher, package) = (Publisher::start(), package());
    let bundle = release(&["text"]);
    publisher.publish(&bundle, 1);
    let code = object(bundle.catalog().plugins[0].code);
    let good = publisher.server.object(&code).unwrap();
    publisher.damage(&code);
    let lambda = follow(&publisher, &package);
    let client = client(&lambda);
    for _ in 0..2 {
        let answer = client.send("tools/call", json!({"name": "make_slug", "arguments": {"text": "a"}}));
        assert_eq!(answer.json()["error"]["code"], -32603, "{}", answer.json());
        let text = String::from_utf8_lossy(&answer.body).into_owned();
        assert!(!text.contains("s3") && !text.contains("digest"), "{text}");
    }
    eventually("the reason in the log", || (logged(&lambda, "it was damaged or replaced") > 0).then_some(()));
    publisher.server.place(&code, good);
    assert!(slug(&client).starts_with("gr"));
}

#[test]
fn after_a_crash_code_comes_from_its_copy_unless_that_was_changed() {
    let (publisher, package) = (Publisher::start(), package());
    let bundle = release(&["text"]);
    publisher.publish(&bundle, 1);
    let code = bundle.catalog().plugins[0].code;
    let lambda = follow(&publisher, &package);
    let client = client(&lambda);
    let fetched = || publisher.server.count(&Target::of(Verb::Get).with_key(&object(code)));
    slug(&client);
    copies::wait_for(&lambda, &[Phase::Frozen]);
    let temporary = Temporary::of(&lambda);
    assert_eq!((fetched(), temporary.names()), (1, vec![code.to_string()]));
    copies::kill_idle(&lambda);
    assert!(slug(&client).starts_with("gr"));
    assert_eq!(fetched(), 1, "the next process takes the copy");

    let copy = temporary.copies().join(code.to_string());
    let mut bytes = fs::read(&copy).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(&copy, &bytes).unwrap();
    copies::kill_idle(&lambda);
    assert!(slug(&client).starts_with("gr"));
    assert_eq!(fetched(), 2, "a copy that was changed is not used");
    copies::kill_idle(&lambda);
    slug(&client);
    assert_eq!(fetched(), 2, "and it was replaced");
    eventually("a line about the copy", || {
        (logged(&lambda, "a copy of code in the temporary folder is damaged") > 0).then_some(())
    });
}

#[test]
fn a_package_without_releases_keeps_no_copies() {
    let bundle = release(&["text"]);
    let lambda = deployed(&bundle).start().expect("the function can be deployed");
    slug(&client(&lambda));
    copies::wait_for(&lambda, &[Phase::Frozen]);
    assert!(!Temporary::of(&lambda).copies().exists());
}

#[test]
fn code_that_the_package_has_is_not_fetched() {
    let (publisher, bundle) = (Publisher::start(), release(&["text"]));
    publisher.publish(&release(&["text", "primes"]), 1);
    let lambda = follow(&publisher, &bundle);
    slug(&client(&lambda));
    let code = object(bundle.catalog().plugins[0].code);
    assert_eq!(publisher.server.count(&Target::all().with_key(&code)), 0);
    let count = client(&lambda).call("count_primes", &json!({"limit": 10}));
    assert!(!count.is_error, "{count:?}");
}

#[test]
fn a_cursor_of_another_release_says_that_the_list_has_changed() {
    let (publisher, package) = (Publisher::start(), package());
    let paged = |plugins: &[&str]| {
        let tables: Vec<_> =
            plugins.iter().map(|name| fixture::plugin(name, &fixture::sample(name))).collect();
        Bundle::build(&format!("[lists]\npage-size = 1\n{}", tables.concat()))
    };
    publisher.publish(&paged(&["text"]), 1);
    let lambda = follow(&publisher, &package);
    let client = client(&lambda);
    let cursor = client.ask("tools/list", json!({}))["nextCursor"].clone();
    assert!(cursor.is_string(), "{cursor}");
    publisher.publish(&paged(&["text", "primes"]), 2);
    let error = eventually("release 2", || {
        let answer = client.send("tools/list", json!({"cursor": cursor})).json();
        answer.get("error").cloned()
    });
    assert_eq!(error["code"], -32602, "{error}");
    let message: &Value = &error["message"];
    assert!(message.as_str().unwrap().contains("the list may have changed, start again"), "{message}");
}
