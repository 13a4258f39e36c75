//! A bucket that throttles, sends too much or too little, is slow, or is gone: what was adopted keeps serving.

use std::time::Duration;

use serde_json::{Value, json};
use toolcell_lambda_emulator::Lambda;
use toolcell_tests::release::{INDEX, Publisher, object};
use toolcell_tests::s3::{Fault, Target, Verb};
use toolcell_tests::server::deployed;
use toolcell_tests::{Client, Holdings};

use super::follower::{
    KEPT, client, eventually, follow, has_primes, logged, package, release, slug, start, tools,
};

/// The most resident memory of a function that a bucket sends bytes without end, in bytes.
const MOST_MEMORY_BYTES: usize = 128 << 20;

/// The ways in which a bucket fails to hand out an object.
const FAULTS: [Fault; 4] = [Fault::Throttled, Fault::Endless, Fault::Truncated(10), Fault::Down];

/// Returns how a call of a tool of the plugin `primes` ends.
fn count_primes(client: &Client) -> Value {
    client.send("tools/call", json!({"name": "count_primes", "arguments": {"limit": 10}})).json()
}

fn memory(lambda: &Lambda) -> usize {
    let processes = lambda.environments().into_iter().filter_map(|environment| environment.pid);
    processes
        .map(|pid| Holdings::of(pid).expect("a process that runs").resident_bytes)
        .max()
        .unwrap_or_default()
}

#[test]
fn whatever_the_bucket_answers_the_last_release_serves_until_the_bucket_is_well_again() {
    let (publisher, package) = (Publisher::start(), package());
    publisher.publish(&release(&["text"]), 1);
    // One environment for all requests: another one would have to start without the bucket.
    let lambda = start(&publisher, deployed(&package).managed(8));
    let client = client(&lambda);
    let old = tools(&client);
    slug(&client);
    let second = release(&["text", "primes"]);
    for key in [INDEX, "tools/objects/"] {
        for fault in FAULTS {
            publisher.server.fail_only(Target::all().with_key(key), fault.clone());
            publisher.publish(&second, 2);
            let failed = logged(&lambda, KEPT);
            eventually(&format!("{fault:?} at {key}"), || {
                assert_eq!(tools(&client), old);
                slug(&client);
                (logged(&lambda, KEPT) > failed).then_some(())
            });
        }
    }
    publisher.server.heal();
    eventually("release 2", || has_primes(&tools(&client)).then_some(()));
    let code = second.catalog().plugins.iter().find(|plugin| plugin.name == "primes").unwrap().code;
    for fault in FAULTS {
        publisher.server.fail_only(Target::all().with_key(&object(code)), fault.clone());
        assert_eq!(count_primes(&client)["error"]["code"], -32603, "{fault:?}");
        slug(&client);
    }
    publisher.server.heal();
    assert_eq!(count_primes(&client)["result"]["structuredContent"]["count"], 4);
    let memory = memory(&lambda);
    assert!(memory < MOST_MEMORY_BYTES, "the function holds {memory} bytes");
}

#[test]
fn a_bucket_that_takes_three_seconds_makes_no_warm_request_wait() {
    let (publisher, package) = (Publisher::start(), package());
    publisher.publish(&release(&["text"]), 1);
    let lambda = start(&publisher, deployed(&package).concurrency(1));
    let client = client(&lambda);
    slug(&client);
    publisher.server.fail(Target::all(), Fault::Slow(Duration::from_secs(3)));
    // Lambda sends nothing to an environment that has not asked for the next invocation yet.
    let ask = |method: &str, params: Value| {
        eventually("an answer", || {
            let answer = client.request(method, params.clone()).begin(client.address());
            (answer.status != 429).then(|| answer.finish().json()["result"].clone())
        })
    };
    let slug = || ask("tools/call", json!({"name": "make_slug", "arguments": {"text": "A b"}}));
    eventually("a call that begins and ends while one and the same check waits for the bucket", || {
        let before = publisher.server.unanswered();
        assert_eq!(slug()["content"][0]["text"], "a-b");
        let after = publisher.server.unanswered();
        (before.intersection(&after).count() > 0).then_some(())
    });
    publisher.publish(&release(&["text", "primes"]), 2);
    eventually("release 2", || {
        let list = ask("tools/list", json!({})).to_string();
        list.contains("count_primes").then_some(())
    });
}

#[test]
fn a_bucket_that_is_gone_for_good_stops_no_function() {
    let (publisher, package) = (Publisher::start(), package());
    publisher.publish(&release(&["text"]), 1);
    let lambda = start(&publisher, deployed(&package).managed(8));
    let warm = client(&lambda);
    let old = tools(&warm);
    slug(&warm);
    let late = follow(&publisher, &package);
    assert!(publisher.server.count(&Target::of(Verb::Get)) >= 3);
    drop(publisher);
    eventually("three failed checks", || {
        slug(&warm);
        assert_eq!(tools(&warm), old);
        (logged(&lambda, KEPT) >= 3).then_some(())
    });
    let answer = client(&late).send("tools/list", json!({}));
    assert_eq!((answer.status, answer.headers["retry-after"].as_str()), (503, "2"));
}
