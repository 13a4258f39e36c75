//! The ways of `matrix` through all of a function: a plugin in `bootstrap`, its rules, the host, a socket. The rules allow
//! one network that is not global.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

use serde_json::{Value, json};
use tokio::runtime::{Builder, Runtime};
use toolcell_host::net::Scheme;
use toolcell_lambda_emulator::Lambda;
use toolcell_tests::dns::{self, DnsServer, RecordType, Reply};
use toolcell_tests::server::deployed;
use toolcell_tests::{Bundle, Called, Client, Revision, fixture};

use crate::matrix::{self, Attempt, GLOBAL_V4, GLOBAL_V6, PORTS, Way};
use crate::network;
use crate::sink::Sinks;

/// The attempts of `make test`; `make soak` makes all of them.
const SAMPLE: usize = 60;

/// An address in the network that the rules allow, and its name.
const INSIDE: Ipv4Addr = Ipv4Addr::new(10, 20, 30, 40);
const NAME_INSIDE: &str = "inside.attempt.test";

/// A function whose plugin may send requests to every name of an attempt, and servers at all addresses.
struct Bench {
    runtime: Runtime,
    sinks: Sinks,
    lambda: Lambda,
    _names: DnsServer,
    _bundle: Bundle,
}

impl Bench {
    fn new(attempts: Arc<Vec<Attempt>>) -> Self {
        let names = DnsServer::start(move |question| match (&*question.name, question.kind) {
            (NAME_INSIDE, RecordType::A) => {
                Reply::Records(vec![dns::address(&question.name, 0, INSIDE.into())])
            }
            (NAME_INSIDE, _) => Reply::Records(Vec::new()),
            _ => matrix::answer(&attempts, question),
        });
        let hosts = ["*.attempt.test".to_owned(), INSIDE.to_string()];
        let rules = hosts
            .iter()
            .flat_map(|host| PORTS.map(|port| [rule(host, "http", port), rule(host, "https", port)]));
        let rules = rules.flatten().collect::<String>();
        let plugin = fixture::plugin("outbound", &fixture::component("outbound"));
        let network = format!("[network]\nresolver = \"{}\"\n", names.address());
        let bundle = Bundle::build(&format!("{plugin}{rules}{network}"));
        let runtime = Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let sinks = runtime.block_on(Sinks::open(&PORTS));
        let lambda = deployed(&bundle).start().expect("the function can be deployed");
        Self { runtime, sinks, lambda, _names: names, _bundle: bundle }
    }

    /// Lets the plugin send a GET.
    fn send(&self, scheme: Scheme, authority: &str, path: &str) -> Called {
        let request = json!({"scheme": scheme.to_string(), "authority": authority, "path": path});
        Client::new(self.lambda.address(), Revision::Modern).call("send", &json!({ "request": request }))
    }

    /// Lets the plugin send a GET without TLS that has to succeed, and returns the response.
    fn get(&self, authority: &str, path: &str) -> Value {
        let called = self.send(Scheme::Http, authority, path);
        called.structured.unwrap_or_else(|| panic!("{authority}: {:?}", called.text))
    }

    /// Makes an attempt, and returns how often it may have reached a global address.
    fn attempt(&self, number: usize, attempt: &Attempt) -> usize {
        let Attempt { target, way, port, scheme, .. } = attempt;
        let name = format!("{number}.attempt.test:{port}");
        match way {
            Way::Literal(spelling) => {
                self.refused(*scheme, &format!("{spelling}:{port}"), attempt);
                0
            }
            Way::Record | Way::Alias(_) | Way::BesideLoopback => {
                self.refused(*scheme, &name, attempt);
                0
            }
            Way::BesideGlobal => {
                assert_eq!(self.get(&name, "/")["status"], 200, "{attempt:?}");
                1
            }
            Way::Rebinding => {
                assert_eq!(self.get(&name, "/")["status"], 200, "{attempt:?}");
                self.refused(*scheme, &name, attempt);
                self.refused(Scheme::Http, &name, attempt);
                1
            }
            Way::Redirect => {
                let target = std::net::SocketAddr::new(*target, *port);
                let redirect = self.get(&name, &format!("/to?http://{target}/"));
                assert_eq!(redirect["status"], 302, "{attempt:?}");
                self.refused(*scheme, &target.to_string(), attempt); // the plugin follows it
                1
            }
        }
    }

    fn refused(&self, scheme: Scheme, authority: &str, attempt: &Attempt) {
        let called = self.send(scheme, authority, "/");
        let text = called.text.unwrap_or_default();
        let is_refused =
            ["DestinationIpProhibited", "HttpRequestDenied", "HttpRequestUriInvalid", "authority"]
                .iter()
                .any(|error| text.contains(error));
        assert!(called.is_error && is_refused, "{attempt:?}: {text}");
    }
}

fn rule(host: &str, scheme: &str, port: u16) -> String {
    format!(
        "[[plugins.outbound.grants.http]]\nhost = \"{host}\"\nscheme = \"{scheme}\"\nport = {port}\n\
         address = [\"10.20.0.0/16\"]\n"
    )
}

#[test]
fn no_plugin_reaches_an_address_that_is_not_open() {
    fixture::bootstrap();
    if !network::is_own("plugin::no_plugin_reaches_an_address_that_is_not_open") {
        return;
    }
    let attempts = Arc::new(matrix::attempts());
    let bench = Bench::new(Arc::clone(&attempts));
    let chosen = matrix::chosen(attempts.len(), SAMPLE);
    let mut global = 0;
    for number in &chosen {
        global += bench.attempt(*number, &attempts[*number]);
        let seen = bench.sinks.take();
        let strange = seen.iter().find(|address| ![GLOBAL_V4, GLOBAL_V6].contains(address));
        assert!(strange.is_none(), "{:?} reached {strange:?}", attempts[*number]);
        global -= seen.len();
    }
    bench.runtime.block_on(bench.sinks.settle());
    assert_eq!((bench.sinks.take(), global), (Vec::new(), 0), "connections to global addresses");
    println!("{} of {} attempts, none reached its address", chosen.len(), attempts.len());
}

#[test]
fn a_plugin_reaches_a_network_that_its_rule_allows_by_name_and_by_its_one_spelling() {
    fixture::bootstrap();
    if !network::is_own(
        "plugin::a_plugin_reaches_a_network_that_its_rule_allows_by_name_and_by_its_one_spelling",
    ) {
        return;
    }
    let bench = Bench::new(Arc::default());
    for host in [NAME_INSIDE.to_owned(), INSIDE.to_string()] {
        assert_eq!(bench.get(&format!("{host}:8080"), "/")["status"], 200, "{host}");
        assert_eq!(bench.sinks.take(), [IpAddr::V4(INSIDE)], "{host}");
    }
    for spelling in matrix::spellings(INSIDE.into()).into_iter().skip(1) {
        let called = bench.send(Scheme::Http, &format!("{spelling}:8080"), "/");
        assert!(called.is_error, "{spelling}: {called:?}");
    }
    for host in ["10.21.30.40", "10.20.30.41", "10.20.30.40.attempt.test"] {
        let called = bench.send(Scheme::Http, &format!("{host}:8080"), "/");
        assert!(called.is_error, "{host}: {called:?}");
    }
    bench.runtime.block_on(bench.sinks.settle());
    assert_eq!(bench.sinks.take(), Vec::<IpAddr>::new());
}
