//! `bootstrap` in the Lambda emulator, with a plugin that sends requests to a private network. Between two calls its
//! process is frozen (SIGSTOP), and notices nothing of what becomes of its connections.

use std::net::{IpAddr, Ipv4Addr};
use std::time::{Duration, SystemTime};

use serde_json::json;
use toolcell_host::timestamp::Timestamp;
use toolcell_lambda_emulator::{Lambda, Phase};
use toolcell_tests::copies::wait_for;
use toolcell_tests::server::deployed;
use toolcell_tests::upstream::End;
use toolcell_tests::{Bundle, Client, FakeClock, Revision, Upstream, fixture};

use crate::network;

const SERVER: Ipv4Addr = Ipv4Addr::new(10, 1, 2, 3);

/// The first calls of a process, whose plugin is loaded once more for the later ones, with connections of its own.
const FIRST_CALLS: usize = 2;

/// A function with a wall clock that stands, and the server that its plugin may reach.
struct Bench {
    clock: FakeClock,
    start: Timestamp,
    upstream: Upstream,
    _bundle: Bundle,
    lambda: Lambda,
}

impl Bench {
    fn new() -> Self {
        let (clock, start) = (FakeClock::new(), Timestamp::of(SystemTime::now()));
        clock.stop_at(start);
        let upstream = Upstream::at(IpAddr::V4(SERVER));
        let plugin = fixture::plugin("outbound", &fixture::component("outbound"));
        let rule = format!(
            "[[plugins.outbound.grants.http]]\nhost = \"{SERVER}\"\nport = {}\nmethods = [\"GET\", \"POST\"]\n\
             address = [\"10.1.0.0/16\"]\n",
            upstream.port()
        );
        let bundle = Bundle::build(&format!("{plugin}{rule}{}", upstream.network()));
        let lambda = clock.of(deployed(&bundle)).start().expect("the function can be deployed");
        let bench = Self { clock, start, upstream, _bundle: bundle, lambda };
        for _ in 0..FIRST_CALLS {
            bench.get();
        }
        bench
    }

    /// Calls the plugin, which sends a request, and waits until the process is frozen again. Returns the text of the result.
    fn send(&self, method: &str) -> String {
        let client = Client::new(self.lambda.address(), Revision::Modern);
        let authority = format!("{SERVER}:{}", self.upstream.port());
        let request = json!({"authority": authority, "path": "/", "method": method});
        let called = client.call("send", &json!({ "request": request }));
        wait_for(&self.lambda, &[Phase::Frozen]);
        format!("{called:?}")
    }

    fn get(&self) {
        let text = self.send("GET");
        assert!(text.contains("received 0"), "{text}: {:?}", self.lambda.logs().lines());
    }

    /// Returns the numbers of the connections of all requests that arrived after those of the first calls.
    fn connections(&self) -> Vec<usize> {
        self.upstream.seen().iter().skip(FIRST_CALLS).map(|seen| seen.connection).collect()
    }
}

#[test]
fn a_thawed_environment_sends_although_the_server_has_closed_its_connection() {
    fixture::bootstrap();
    if !network::is_own("frozen::a_thawed_environment_sends_although_the_server_has_closed_its_connection") {
        return;
    }
    let bench = Bench::new();
    bench.get();
    bench.get();
    assert_eq!(bench.connections(), [1, 1], "being frozen alone ends no connection");
    bench.upstream.end_connections(End::Closed);
    bench.get();
    bench.upstream.end_connections(End::Closed);
    let text = bench.send("POST");
    let arrived = bench.upstream.seen().iter().filter(|seen| seen.method == "POST").count();
    assert_eq!(arrived, usize::from(text.contains("received 0")), "never twice: {text}");
    bench.get();
    let starts: Vec<_> = bench.lambda.environments().iter().map(|environment| environment.starts).collect();
    assert_eq!((bench.connections()[2], starts), (2, vec![1]), "one process made all of them");
}

#[test]
fn a_connection_that_died_in_silence_is_not_used_half_a_minute_later() {
    fixture::bootstrap();
    if !network::is_own("frozen::a_connection_that_died_in_silence_is_not_used_half_a_minute_later") {
        return;
    }
    let bench = Bench::new();
    bench.get();
    bench.upstream.end_connections(End::Silent);
    // Whatever its other clocks do while a process is frozen, the wall clock goes on.
    bench.clock.stop_at(bench.start.after(Duration::from_secs(31)));
    bench.get();
    bench.get();
    assert_eq!(bench.connections(), [1, 2, 2]);
}
