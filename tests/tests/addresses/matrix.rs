//! Thousands of ways to reach an address that is not open: spellings, kinds of records, aliases, rebinding, redirects,
//! ports and IPv6 forms. They run in a network in which every address is this machine, so a connection to any address
//! ends at one of our servers, which remembers it.

use std::env;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::sync::Arc;

use http::header::LOCATION;
use ipnet::IpNet;
use toolcell_host::net::{Destination, OutboundError, Scheme};
use toolcell_tests::dns::{self, DnsServer, Question, Record, RecordType, Reply};

use crate::network;
use crate::sink::Sinks;
use crate::{TestClock, get, outbound, send};

/// The attempts of `make test`; `make soak` makes all of them, with TOOLCELL_SSRF=all.
const SAMPLE: usize = 200;

pub(crate) const PORTS: [u16; 5] = [80, 443, 9001, 8080, 2000];

/// Global addresses at which servers of ours answer.
pub(crate) const GLOBAL_V4: IpAddr = IpAddr::V4(Ipv4Addr::new(8, 8, 8, 8));
pub(crate) const GLOBAL_V6: IpAddr = IpAddr::V6(Ipv6Addr::new(0x2606, 0x4700, 0, 0, 0, 0, 0, 0x1111));

/// Addresses that no grant opens.
const CLOSED_V4: [&str; 16] = [
    "127.0.0.1",
    "127.0.0.53",
    "127.1.2.3",
    "127.255.255.255",
    "0.0.0.0",
    "0.0.0.1",
    "0.255.255.255",
    "169.254.169.254",
    "169.254.170.2",
    "169.254.170.23",
    "169.254.100.1",
    "169.254.0.0",
    "100.100.100.200",
    "168.63.129.16",
    "224.0.0.1",
    "255.255.255.255",
];

/// Addresses that only a grant opens.
const SPECIAL_V4: [&str; 19] = [
    "10.0.0.0",
    "10.1.2.3",
    "10.255.255.255",
    "100.64.0.1",
    "100.127.255.255",
    "172.16.0.1",
    "172.31.255.255",
    "192.0.0.1",
    "192.0.0.9",
    "192.0.0.170",
    "192.0.2.1",
    "192.88.99.1",
    "192.168.0.1",
    "192.168.255.255",
    "198.18.0.1",
    "198.19.255.255",
    "198.51.100.7",
    "203.0.113.7",
    "240.0.0.1",
];

const CLOSED_V6: [&str; 10] = [
    "::1",
    "::",
    "fe80::1",
    "fe80::a9fe:a9fe",
    "febf::1",
    "ff02::1",
    "fd00:ec2::254",
    "fd00:ec2::23",
    "fd00:c1::a9fe:a9fe",
    "64:ff9b:1::1",
];

const SPECIAL_V6: [&str; 17] = [
    "fc00::1",
    "fd12:3456::1",
    "fec0::1",
    "100::1",
    "2001:2::1",
    "2001:10::1",
    "2001:20::1",
    "2001:db8::1",
    "3fff::1",
    "5f00::1",
    "4000::1",
    "e000::1",
    "::2:0:0:1",
    "::ffff:8.8.8.8",
    "::8.8.8.8",
    "64:ff9b::808:808",
    "2002:808:808::1",
];

/// A way to an address that is not open.
#[derive(Clone, Debug)]
pub(crate) enum Way {
    /// The host of the request, spelled like this.
    Literal(String),
    /// A name with this address alone.
    Record,
    /// A name with this address and loopback.
    BesideLoopback,
    /// A name with a global address and this one: only the first may be used.
    BesideGlobal,
    /// A name that is an alias of an alias, and so on.
    Alias(usize),
    /// A name whose address is global when it is first asked for.
    Rebinding,
    /// A redirect of a server at a global address.
    Redirect,
}

#[derive(Clone, Debug)]
pub(crate) struct Attempt {
    pub(crate) target: IpAddr,
    is_closed: bool,
    pub(crate) way: Way,
    pub(crate) port: u16,
    pub(crate) scheme: Scheme,
}

/// Returns the forms of an IPv4 address in which IPv6 carries it.
fn forms(address: Ipv4Addr) -> Vec<IpAddr> {
    let v4 = u128::from(u32::from(address));
    let forms = [
        0xffff << 32 | v4,
        v4,
        0xffff << 48 | v4,
        0x0064_ff9b << 96 | v4,
        0x2002 << 112 | v4 << 80 | 1,
        0x2001_0000 << 96 | 0x0808_0808 << 64 | u128::from(!u32::from(address)),
    ];
    forms.iter().map(|form| IpAddr::V6(Ipv6Addr::from(*form))).collect()
}

/// Returns the addresses, each with whether no grant opens it.
fn targets() -> Vec<(IpAddr, bool)> {
    let mut targets = Vec::new();
    for (addresses, is_closed) in [(&CLOSED_V4[..], true), (&SPECIAL_V4[..], false)] {
        for address in addresses {
            let address: Ipv4Addr = address.parse().unwrap();
            targets.push((IpAddr::V4(address), is_closed));
            targets.extend(forms(address).into_iter().map(|form| (form, is_closed)));
        }
    }
    for (addresses, is_closed) in [(&CLOSED_V6[..], true), (&SPECIAL_V6[..], false)] {
        targets.extend(addresses.iter().map(|address| (address.parse().unwrap(), is_closed)));
    }
    targets
}

/// Returns the texts that some reader takes for an address.
pub(crate) fn spellings(address: IpAddr) -> Vec<String> {
    match address {
        IpAddr::V4(address) => {
            let ([a, b, c, d], number) = (address.octets(), u32::from(address));
            let rest = u32::from_be_bytes([0, b, c, d]);
            vec![
                address.to_string(),
                format!("{address}."),
                format!("[{address}]"),
                format!("user@{address}"),
                format!("{address}:80"),
                number.to_string(),
                format!("0x{number:x}"),
                format!("0X{number:X}"),
                format!("0{number:o}"),
                format!("0{a:o}.0{b:o}.0{c:o}.0{d:o}"),
                format!("0x{a:x}.0x{b:x}.0x{c:x}.0x{d:x}"),
                format!("{a}.{rest}"),
                format!("{a}.{b}.{}", u32::from_be_bytes([0, 0, c, d])),
                address.to_string().replace('.', "%2e"),
                address.to_string().replace('.', "\u{3002}"),
                address.to_string().replace('1', "\u{ff11}"),
                format!(" {address}"),
                format!("{address}\0.example.com"),
                format!("{address}#.example.com"),
            ]
        }
        IpAddr::V6(address) => {
            let text = address.to_string();
            vec![
                text.clone(),
                format!("[{text}]"),
                text.to_uppercase(),
                address.segments().map(|segment| format!("{segment:04x}")).join(":"),
                format!("[{text}%25lo]"),
                format!("{text}%lo"),
            ]
        }
    }
}

/// Returns all attempts, always in the same order.
pub(crate) fn attempts() -> Vec<Attempt> {
    let mut attempts = Vec::new();
    for (place, (target, is_closed)) in targets().into_iter().enumerate() {
        let mut ways: Vec<_> = spellings(target).into_iter().map(Way::Literal).collect();
        ways.extend([Way::Record, Way::BesideLoopback, Way::BesideGlobal, Way::Alias(1), Way::Alias(3)]);
        ways.extend([Way::Rebinding, Way::Redirect]);
        for (turn, way) in ways.into_iter().enumerate() {
            let port = PORTS[(place + turn) % PORTS.len()];
            let scheme = if (place / 2 + turn) % 2 == 0 { Scheme::Http } else { Scheme::Https };
            attempts.push(Attempt { target, is_closed, way, port, scheme });
        }
    }
    attempts
}

/// Returns the attempts of this run: all, or a sample.
pub(crate) fn chosen(attempts: usize, sample: usize) -> Vec<usize> {
    if env::var("TOOLCELL_SSRF").is_ok_and(|which| which == "all") {
        return (0..attempts).collect();
    }
    let seed = env::var("TOOLCELL_SOAK_SEED").map_or(0, |seed| seed.parse().unwrap());
    // A prime step visits every attempt before it comes back to one.
    (0..sample).map(|turn| (seed + turn * 1_000_003) % attempts).collect()
}

/// Answers for `NUMBER.attempt.test` as the attempt says, and for all other names with loopback.
pub(crate) fn answer(attempts: &[Attempt], question: &Question) -> Reply {
    let of = |address: IpAddr| matches!(question.kind, RecordType::A) == address.is_ipv4();
    let records = |addresses: &[IpAddr]| -> Reply {
        let addresses = addresses.iter().filter(|address| of(**address));
        Reply::Records(addresses.map(|address| dns::address(&question.name, 0, *address)).collect())
    };
    let number = question.name.strip_suffix(".attempt.test").and_then(|number| number.parse().ok());
    let Some(Attempt { target, way, .. }) = number.and_then(|number: usize| attempts.get(number)) else {
        return records(&[Ipv4Addr::LOCALHOST.into(), Ipv6Addr::LOCALHOST.into()]);
    };
    match way {
        Way::Literal(_) => Reply::Silence,
        Way::Record => records(&[*target]),
        Way::BesideLoopback => records(&[*target, Ipv4Addr::LOCALHOST.into()]),
        Way::BesideGlobal => records(&[*target, GLOBAL_V4]),
        Way::Alias(depth) => Reply::Records(chain(&question.name, *depth, *target, of(*target))),
        Way::Rebinding if question.earlier == 0 => records(&[GLOBAL_V4]),
        Way::Rebinding => records(&[*target]),
        Way::Redirect => records(&[GLOBAL_V6]),
    }
}

fn chain(name: &str, depth: usize, target: IpAddr, has_address: bool) -> Vec<Record> {
    let names: Vec<_> = (1..=depth).map(|step| format!("step{step}.{name}")).collect();
    let mut records = Vec::new();
    let mut last = name;
    for next in &names {
        records.push(dns::alias(last, 0, next));
        last = next;
    }
    if has_address {
        records.push(dns::address(last, 0, target));
    }
    records
}

/// Makes an attempt, and returns how often it may have reached a global address.
async fn attempt(sender: &toolcell_host::net::Outbound, number: usize, attempt: &Attempt) -> usize {
    let everything = ["0.0.0.0/0", "::/0"].map(|network| network.parse::<IpNet>().unwrap());
    let unrelated = ["192.0.3.0/24", "2001:db8:ffff::/48"].map(|network| network.parse::<IpNet>().unwrap());
    let allowed = if attempt.is_closed { &everything[..] } else { &unrelated[..] };
    let (scheme, port) = (attempt.scheme, attempt.port);
    let name = format!("{number}.attempt.test");
    let host = match &attempt.way {
        Way::Literal(spelling) => spelling,
        _ => &name,
    };
    let to = Destination { scheme, host, port, allowed };
    match &attempt.way {
        Way::Literal(_) | Way::Record | Way::Alias(_) | Way::BesideLoopback => {
            refused(send(sender, to, "/").await.unwrap_err(), attempt);
            0
        }
        Way::BesideGlobal => {
            let to = Destination { scheme: Scheme::Http, ..to };
            assert_eq!(send(sender, to, "/").await.unwrap().status(), 200, "{attempt:?}");
            1
        }
        Way::Rebinding => {
            assert_eq!(get(sender, host, port, allowed).await.unwrap().status(), 200, "{attempt:?}");
            refused(send(sender, to, "/").await.unwrap_err(), attempt);
            refused(send(sender, to, "/").await.unwrap_err(), attempt);
            1
        }
        Way::Redirect => {
            let target = std::net::SocketAddr::new(attempt.target, port);
            let first = Destination { scheme: Scheme::Http, ..to };
            let redirect = send(sender, first, &format!("/to?http://{target}/")).await.unwrap();
            assert_eq!(redirect.status(), 302, "{attempt:?}");
            // A plugin may follow it.
            let location: http::Uri = redirect.headers()[LOCATION].to_str().unwrap().parse().unwrap();
            let to = Destination { host: location.host().unwrap(), ..to };
            refused(send(sender, to, "/").await.unwrap_err(), attempt);
            1
        }
    }
}

fn refused(error: OutboundError, attempt: &Attempt) {
    let is_spelling = matches!(attempt.way, Way::Literal(_));
    match error {
        OutboundError::AddressProhibited { .. } => {}
        OutboundError::InvalidRequest { .. } if is_spelling => {}
        error => panic!("{attempt:?}: {error}"),
    }
}

#[test]
fn no_way_leads_to_an_address_that_is_not_open() {
    if !network::is_own("matrix::no_way_leads_to_an_address_that_is_not_open") {
        return;
    }
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let attempts = Arc::new(attempts());
        let known = Arc::clone(&attempts);
        let names = DnsServer::start(move |question| answer(&known, question));
        let sender = outbound(Some(names.address()), &[], &TestClock::new());
        let sinks = Sinks::open(&PORTS).await;
        let chosen = chosen(attempts.len(), SAMPLE);
        let mut global = 0;
        for number in &chosen {
            global += attempt(&sender, *number, &attempts[*number]).await;
            let seen = sinks.take();
            let strange = seen.iter().find(|address| ![GLOBAL_V4, GLOBAL_V6].contains(address));
            assert!(strange.is_none(), "{:?} reached {strange:?}", attempts[*number]);
            global -= seen.len();
        }
        sinks.settle().await;
        let rest = sinks.take();
        assert!(rest.iter().all(|address| [GLOBAL_V4, GLOBAL_V6].contains(address)), "{rest:?}");
        assert_eq!(global, rest.len(), "connections to global addresses");
        let literals =
            names.questions().iter().filter(|question| !question.name.ends_with(".attempt.test")).count();
        assert_eq!(literals, 0, "no spelling of an address is a name to ask for");
        println!("{} of {} attempts, none reached its address", chosen.len(), attempts.len());
    });
}

#[test]
fn there_are_at_least_2000_attempts_of_every_kind() {
    let attempts = attempts();
    assert!(attempts.len() >= 2_000, "{}", attempts.len());
    for port in PORTS {
        assert!(attempts.iter().any(|attempt| attempt.port == port), "{port}");
    }
}

#[test]
fn a_network_that_is_granted_is_reached_and_no_other_one() {
    if !network::is_own("matrix::a_network_that_is_granted_is_reached_and_no_other_one") {
        return;
    }
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let names = DnsServer::start(|question| {
            let address = if question.name == "inside.test" { [10, 20, 30, 40] } else { [10, 21, 30, 40] };
            let of = question.kind == RecordType::A;
            Reply::Records(of.then(|| dns::address(&question.name, 0, address.into())).into_iter().collect())
        });
        let sender = outbound(Some(names.address()), &[], &TestClock::new());
        let sinks = Sinks::open(&[80]).await;
        let allowed: [IpNet; 1] = ["10.20.0.0/16".parse().unwrap()];
        for host in ["inside.test", "10.20.30.40"] {
            assert_eq!(get(&sender, host, 80, &allowed).await.unwrap().status(), 200, "{host}");
            assert_eq!(sinks.take(), [IpAddr::from([10, 20, 30, 40])], "{host}");
        }
        for (host, allowed) in [
            ("inside.test", &[][..]),
            ("10.20.30.40", &[][..]),
            ("outside.test", &allowed[..]),
            ("10.21.30.40", &allowed[..]),
        ] {
            let error = get(&sender, host, 80, allowed).await.unwrap_err();
            assert!(matches!(error, OutboundError::AddressProhibited { .. }), "{host}: {error}");
        }
        sinks.settle().await;
        assert!(sinks.take().is_empty());
    });
}
