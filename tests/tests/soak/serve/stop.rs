//! SIGTERM under attack: the process ends by itself, whatever goes on.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::thread;
use std::time::Duration;

use serde_json::json;
use toolcell_tests::http::{self, Request};
use toolcell_tests::{Bundle, Client, Revision};

use super::process::Process;
use super::{attack, config, right};

/// The connections of an attack.
const CONNECTIONS: usize = 8;

/// Sends a request, or the first bytes of it, on some connections, and reads nothing.
fn unread(client: &Client, request: &Request, bytes: usize) -> Vec<TcpStream> {
    let all = [request.head().as_bytes(), &request.body].concat();
    let open = || {
        let mut stream = http::connect(client.address());
        stream.write_all(&all[..bytes.min(all.len())]).expect("the server reads requests");
        stream
    };
    (0..CONNECTIONS).map(|_| open()).collect()
}

fn whole(client: &Client, request: &Request) -> Vec<TcpStream> {
    unread(client, request, usize::MAX)
}

fn loops(client: &Client) -> Vec<TcpStream> {
    whole(client, &client.call_request("endless_spin", &json!({})))
}

fn sleeps(client: &Client) -> Vec<TcpStream> {
    whole(client, &client.call_request("endless_sleep", &json!({"milliseconds": "600000"})))
}

fn floods(client: &Client) -> Vec<TcpStream> {
    let times = json!({"times": u32::MAX});
    whole(client, &attack::reporting(client, "endless_flood_notifications", times))
}

fn logs(client: &Client) -> Vec<TcpStream> {
    whole(client, &client.call_request("endless_flood_log", &json!({"times": u32::MAX})))
}

fn large_answers(client: &Client) -> Vec<TcpStream> {
    whole(client, &client.call_request("endless_huge_text", &json!({"bytes": "5000000"})))
}

fn halves(client: &Client) -> Vec<TcpStream> {
    let request = right::slug(client, 0).request;
    let mut streams = unread(client, &request, 10);
    streams.extend(unread(client, &request, request.head().len() + 10));
    streams
}

/// Reads floods a byte now and then, until the server hangs up.
fn slow_readers(client: &Client) -> Vec<TcpStream> {
    let streams = floods(client);
    for stream in &streams {
        let mut stream = stream.try_clone().expect("a second handle");
        thread::spawn(move || {
            while stream.read(&mut [0]).is_ok_and(|count| count > 0) {
                thread::sleep(Duration::from_millis(10));
            }
        });
    }
    streams
}

/// Calls without pause, until the server refuses.
fn callers(client: &Client) -> Vec<TcpStream> {
    let request = right::slug(client, 0).request;
    for _ in 0..CONNECTIONS {
        let (address, request) = (client.address(), request.clone());
        thread::spawn(move || {
            while let Ok(mut stream) = TcpStream::connect(address) {
                let bytes = [request.head().as_bytes(), &request.body].concat();
                let answered = stream.write_all(&bytes).and_then(|()| stream.read(&mut [0; 1024]));
                if !answered.is_ok_and(|count| count > 0) {
                    return;
                }
            }
        });
    }
    Vec::new()
}

#[test]
fn sigterm_ends_the_process_under_every_attack() {
    type Attack = (&'static str, fn(&Client) -> Vec<TcpStream>);
    let attacks: [Attack; 8] = [
        ("endless loops", loops),
        ("sleeping calls", sleeps),
        ("floods that nobody reads", floods),
        ("floods of the log", logs),
        ("large answers that nobody reads", large_answers),
        ("halves of requests", halves),
        ("floods that are read slowly", slow_readers),
        ("calls without pause", callers),
    ];
    let all = |client: &Client| attacks.iter().flat_map(|(_, begin)| begin(client)).collect();
    let bundle = Bundle::build(&config());
    for (name, begin) in attacks
        .iter()
        .map(|(name, begin)| (*name, begin as &dyn Fn(&Client) -> _))
        .chain([("all at once", &all as _)])
    {
        let process = Process::start(&bundle);
        let client = Client::new(process.address(), Revision::Modern);
        let attacking = begin(&client);
        let called = client.call("make_slug", &json!({"text": "Still here"}));
        assert_eq!(called.text.as_deref(), Some("still-here"), "{name}");
        let time = process.stop();
        println!("SIGTERM, {name}: ended after {time:?}");
        drop(attacking);
    }
}
