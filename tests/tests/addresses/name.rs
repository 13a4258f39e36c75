//! How names become addresses, with a DNS server that answers well, badly, late or not at all.

use std::future::pending;
use std::io::Write;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures_util::future::join_all;
use http_body_util::BodyExt as _;
use toolcell_host::net::{Destination, OutboundError, OutboundLimits, Scheme, Stage};
use toolcell_tests::dns::{self, DNSClass, DnsServer, Question, RecordType, Reply, ResponseCode, Transport};

use crate::sink::Sinks;
use crate::{TestClock, get, limits, outbound};

const LOOPBACK: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

/// Answers with addresses, for the kind of records that they are.
fn records(question: &Question, ttl: u32, addresses: &[IpAddr]) -> Reply {
    let of = |address: &&IpAddr| (question.kind == RecordType::A) == address.is_ipv4();
    let addresses = addresses.iter().filter(of);
    Reply::Records(addresses.map(|address| dns::address(&question.name, ttl, *address)).collect())
}

/// Sends a GET to `api.test`, whose name server answers like this.
async fn ask(
    answer: impl Fn(&Question) -> Reply + Send + Sync + 'static,
) -> (Result<String, OutboundError>, Vec<Question>) {
    let (names, server) = (DnsServer::start(answer), Sinks::open(&[0]).await);
    let sender = outbound(Some(names.address()), &[server.port()], &TestClock::new());
    let response = get(&sender, "api.test", server.port(), &[]).await;
    let body = match response {
        Ok(response) => {
            let body = response.into_body().collect().await.unwrap().to_bytes();
            Ok(String::from_utf8(body.to_vec()).unwrap())
        }
        Err(error) => Err(error),
    };
    (body, names.questions())
}

#[tokio::test]
async fn a_name_is_asked_for_as_it_stands_once_for_each_version() {
    let (body, questions) = ask(|question| records(question, 0, &[LOOPBACK])).await;
    assert_eq!(body.unwrap(), "ok");
    let mut asked: Vec<_> = questions.iter().map(|question| (&*question.name, question.kind)).collect();
    asked.sort_by_key(|(_, kind)| kind.to_string());
    assert_eq!(asked, [("api.test", RecordType::A), ("api.test", RecordType::AAAA)]);
}

#[tokio::test]
async fn addresses_of_either_version_do() {
    for address in [LOOPBACK, IpAddr::V6(Ipv6Addr::LOCALHOST)] {
        assert_eq!(ask(move |question| records(question, 0, &[address])).await.0.unwrap(), "ok", "{address}");
    }
}

#[tokio::test]
async fn aliases_are_followed_also_where_the_name_server_does_not() {
    let within = |question: &Question| {
        let last = "step8.test";
        let names: Vec<_> = (1..=8).map(|step| format!("step{step}.test")).collect();
        let before = [&question.name].into_iter().chain(&names);
        let mut chain: Vec<_> = before.zip(&names).map(|(from, to)| dns::alias(from, 0, to)).collect();
        chain.push(dns::address(last, 0, LOOPBACK));
        Reply::Records(chain)
    };
    assert_eq!(ask(within).await.0.unwrap(), "ok");
    let one_by_one = |question: &Question| match &*question.name {
        "api.test" => Reply::Records(vec![dns::alias("api.test", 0, "next.test")]),
        _ => records(question, 0, &[LOOPBACK]),
    };
    assert_eq!(ask(one_by_one).await.0.unwrap(), "ok");
}

#[tokio::test]
async fn aliases_in_a_circle_come_to_an_end() {
    let circle = |question: &Question| match &*question.name {
        "api.test" => Reply::Records(vec![dns::alias("api.test", 0, "next.test")]),
        _ => Reply::Records(vec![dns::alias("next.test", 0, "api.test")]),
    };
    let (body, questions) = ask(circle).await;
    let error = body.unwrap_err();
    assert!(
        matches!(error, OutboundError::NameServerFailed { .. } | OutboundError::NameNotFound { .. }),
        "{error}"
    );
    assert!(questions.len() < 100, "{}", questions.len());
}

#[tokio::test]
async fn a_truncated_or_huge_answer_comes_over_tcp() {
    let truncated = |question: &Question| match question.transport {
        Transport::Udp => Reply::Truncated,
        Transport::Tcp => records(question, 0, &[LOOPBACK]),
    };
    let many: Vec<IpAddr> = (0..1_000_u32).map(|number| IpAddr::from(number.to_be_bytes())).collect();
    let huge = move |question: &Question| records(question, 0, &[&[LOOPBACK][..], &many].concat());
    let (body, questions) = ask(truncated).await;
    assert_eq!(body.unwrap(), "ok");
    assert!(questions.iter().any(|question| question.transport == Transport::Tcp));
    let (body, questions) = ask(huge).await;
    assert_eq!(body.unwrap(), "ok");
    assert!(questions.iter().any(|question| question.transport == Transport::Tcp));
}

#[tokio::test]
async fn a_name_server_that_ignores_one_version_holds_nobody_up() {
    let only_v4 = |question: &Question| match question.kind {
        RecordType::A => records(question, 0, &[LOOPBACK]),
        _ => Reply::Silence,
    };
    assert_eq!(ask(only_v4).await.0.unwrap(), "ok");
}

#[tokio::test]
async fn an_address_that_is_not_open_is_passed_over() {
    let mixed = |question: &Question| {
        records(question, 0, &[[10, 0, 0, 1].into(), [169, 254, 169, 254].into(), LOOPBACK])
    };
    assert_eq!(ask(mixed).await.0.unwrap(), "ok");
    let none =
        |question: &Question| records(question, 0, &[[10, 0, 0, 1].into(), [169, 254, 169, 254].into()]);
    let error = ask(none).await.0.unwrap_err();
    assert!(matches!(error, OutboundError::AddressProhibited { .. }), "{error}");
}

#[tokio::test]
async fn a_name_that_is_not_there_is_told_from_a_name_server_that_does_not_know() {
    for reply in [Reply::Code(ResponseCode::NXDomain), Reply::Records(Vec::new())] {
        let error = ask(move |_| reply.clone()).await.0.unwrap_err();
        assert!(matches!(error, OutboundError::NameNotFound { .. }), "{error}");
    }
    for code in [ResponseCode::ServFail, ResponseCode::Refused] {
        let error = ask(move |_| Reply::Code(code)).await.0.unwrap_err();
        assert!(matches!(error, OutboundError::NameServerFailed { .. }), "{code}: {error}");
    }
}

#[tokio::test]
async fn a_name_server_that_is_silent_or_sends_garbage_costs_5_s_at_most() {
    for reply in [Reply::Silence, Reply::Garbage] {
        let (names, server) = (DnsServer::start(move |_| reply.clone()), Sinks::open(&[0]).await);
        let sender = outbound(Some(names.address()), &[], &TestClock::new());
        let start = tokio::time::Instant::now();
        tokio::time::pause(); // from here on the clock jumps to the next moment that somebody waits for
        let error = get(&sender, "api.test", server.port(), &[]).await.unwrap_err();
        assert!(
            matches!(error, OutboundError::NameServerTimeout { .. } | OutboundError::NameServerFailed { .. }),
            "{error}"
        );
        assert!(start.elapsed() <= Duration::from_millis(5_010), "{:?}", start.elapsed());
        tokio::time::resume();
    }
}

#[tokio::test]
async fn a_look_up_ends_with_its_request() {
    let names = DnsServer::start(|_| Reply::Silence);
    let sender = outbound(Some(names.address()), &[], &TestClock::new());
    let end = tokio::time::Instant::now() + Duration::from_millis(200);
    let to = Destination { scheme: Scheme::Http, host: "api.test", port: 80, allowed: &[] };
    let body = http_body_util::Empty::new().map_err(|never| match never {}).boxed_unsync();
    let request = http::Request::get("/").body(body).unwrap();
    let pool = toolcell_host::net::Pool::default();
    let error = sender.send(&pool, to, request, OutboundLimits { end, ..limits() }).await.unwrap_err();
    assert!(matches!(error, OutboundError::TimeOver { stage: Stage::Resolve, .. }), "{error}");
}

#[tokio::test]
async fn a_silent_name_server_blocks_nobody_else() {
    let names = DnsServer::start(|question| match &*question.name {
        "api.test" => records(question, 0, &[LOOPBACK]),
        _ => Reply::Silence,
    });
    let server = Sinks::open(&[0]).await;
    let sender = outbound(Some(names.address()), &[server.port()], &TestClock::new());
    let stuck = (0..100).map(|number| {
        let (sender, port) = (&sender, server.port());
        async move { get(sender, &format!("stuck{number}.test"), port, &[]).await.map(drop) }
    });
    let stuck = async {
        join_all(stuck).await;
        pending::<()>().await;
    };
    let good = async {
        // All the others wait by now.
        while names.questions().iter().filter(|question| question.name.starts_with("stuck")).count() < 100 {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        get(&sender, "api.test", server.port(), &[]).await.unwrap()
    };
    tokio::select! {
        () = stuck => unreachable!("it never ends"),
        response = good => assert_eq!(response.status(), 200),
    }
}

#[tokio::test]
async fn answers_are_kept_for_their_time_and_30_s_at_most() {
    for (ttl, kept) in [(0, 0), (10, 10), (86_400, 30)] {
        let names = DnsServer::start(move |question| records(question, ttl, &[LOOPBACK]));
        let (server, clock) = (Sinks::open(&[0]).await, TestClock::new());
        let sender = outbound(Some(names.address()), &[server.port()], &clock);
        let asked = async || {
            get(&sender, "api.test", server.port(), &[]).await.unwrap();
            names.questions().iter().filter(|question| question.kind == RecordType::A).count()
        };
        assert_eq!(asked().await, 1);
        assert_eq!(asked().await, if kept == 0 { 2 } else { 1 }, "{ttl}");
        if kept > 0 {
            clock.pass(Duration::from_millis(kept * 1_000 - 1));
            assert_eq!(asked().await, 1, "{ttl}");
            clock.pass(Duration::from_millis(1));
            assert_eq!(asked().await, 2, "{ttl}");
        }
    }
}

#[tokio::test]
async fn nothing_that_a_name_server_sends_is_in_the_log() {
    let log = Arc::new(Mutex::new(Vec::new()));
    let writer = Arc::clone(&log);
    let subscriber = tracing_subscriber::fmt().with_max_level(tracing::Level::INFO);
    let subscriber = subscriber.with_writer(move || Lines(Arc::clone(&writer))).finish();
    let _guard = tracing::subscriber::set_default(subscriber);
    let foreign = |question: &Question| {
        let mut record = dns::address(&question.name, 0, LOOPBACK);
        record.dns_class = DNSClass::CH; // an error in the library's log
        Reply::Records(vec![record])
    };
    let error = ask(foreign).await.0.unwrap_err();
    assert!(matches!(error, OutboundError::NameServerFailed { .. }), "{error}");
    tracing::info!("the last line");
    let log = String::from_utf8(log.lock().unwrap().clone()).unwrap();
    assert!(log.contains("the last line") && log.lines().count() == 1, "{log}");
}

/// Writes into memory.
struct Lines(Arc<Mutex<Vec<u8>>>);

impl Write for Lines {
    fn write(&mut self, line: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().write(line)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}
