//! Attacks that reach for the network, for the server's process, and for what other plugins were granted.

use std::net::{TcpListener, UdpSocket};

use serde_json::{Value, json};
use toolcell_tests::{Revision, fixture};

use crate::neighbour::CANARY;
use crate::scene::{Scene, tells_internals};

/// Ways to the network, each with every kind of address.
const WAYS: [&str; 4] = ["connect", "listen", "send", "look_up"];

fn hostile(name: &str, more: &str) -> String {
    format!("{}{more}\n", fixture::plugin(name, &fixture::component("hostile")))
}

#[test]
fn no_address_is_reached_in_any_way() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    listener.set_nonblocking(true).expect("a socket that does not wait");
    let port = listener.local_addr().expect("an address").port();
    let datagrams = UdpSocket::bind(("127.0.0.1", port)).expect("the same port");
    datagrams.set_nonblocking(true).expect("a socket that does not wait");
    let addresses = [
        ("this-machine", format!("127.0.0.1:{port}")),
        ("this-machine-by-name", format!("localhost:{port}")),
        ("this-machine-in-six", format!("[::1]:{port}")),
        ("this-machine-in-four-in-six", format!("[::ffff:127.0.0.1]:{port}")),
        ("any-address", format!("0.0.0.0:{port}")),
        ("the-runtime-api", "127.0.0.1:9001".to_owned()),
        ("instance-metadata", "169.254.169.254:80".to_owned()),
        ("a-name", "example.com:443".to_owned()),
    ];
    let mut scene = Scene::start(&hostile("hostile", ""));
    for way in WAYS {
        for (name, address) in &addresses {
            scene.attack(&format!("{way}-{name}"), |server| {
                let arguments = json!({"how": way, "address": address});
                let called = server.client(Revision::Modern).call("reach_network", &arguments);
                let text = called.text.clone().unwrap_or_default();
                // An address in numbers needs no look-up, and to read it reaches nothing.
                let harmless = way == "look_up" && !address.starts_with(char::is_alphabetic);
                let right = (called.is_error || harmless) && !tells_internals(&text);
                let reached = listener.accept().is_ok() || datagrams.recv(&mut [0; 64]).is_ok();
                if right && !reached { Ok(()) } else { Err(format!("reached: {reached}, {called:?}")) }
            });
        }
    }
    scene.end("network");
}

#[test]
fn a_plugin_sees_its_own_grants_and_nothing_of_the_process() {
    let other = "prefix = \"other_\"\n[plugins.other.grants.environment]\nKEY = \"of the other\"\n";
    let config = hostile("hostile", "[plugins.hostile.grants.environment]\nKEY = \"of the first\"");
    let mut scene = Scene::start(&format!("{config}{}", hostile("other", other)));
    for (name, tool, expected) in [
        ("environment-of-the-server", "list_environment", json!(["KEY=of the first"])),
        ("environment-of-another-plugin", "other_list_environment", json!(["KEY=of the other"])),
        ("arguments-directory-and-stdin", "list_process", json!(["directory /", "stdin \"\""])),
    ] {
        scene.attack(name, |server| {
            let called = server.client(Revision::Modern).call(tool, &json!({}));
            let found = called.structured.as_ref().map(|structured| structured["result"].clone());
            if found == Some(expected) { Ok(()) } else { Err(format!("{called:?}")) }
        });
    }
    scene.end("grants of others");
}

#[test]
fn each_of_many_answers_goes_to_the_one_who_asked() {
    let mut scene = Scene::start(&hostile("hostile", ""));
    scene.attack("one-id-for-all", |server| {
        let address = server.address();
        let callers: Vec<_> = (0..8).map(|caller| std::thread::spawn(move || ask(address, caller))).collect();
        let wrong: Vec<_> =
            callers.into_iter().filter_map(|one| one.join().expect("no panic").err()).collect();
        if wrong.is_empty() { Ok(()) } else { Err(wrong.join("\n")) }
    });
    scene.end("answers to others");
}

/// Calls a function with a text of its own, under the id that everybody uses.
fn ask(address: std::net::SocketAddr, caller: usize) -> Result<(), String> {
    let client = toolcell_tests::Client::new(address, Revision::ALL[caller % 4]);
    for turn in 0..50 {
        let path = format!("/{caller}-{turn}");
        let called = client.call("list_directory", &json!({ "path": path }));
        let data: Value = json!({"data": "A".repeat(4 * (caller * 50 + turn))});
        let counted = client.call("count_bytes", &data);
        let bytes = json!({"result": (3 * (caller * 50 + turn)).to_string()});
        let number = json!({"result": 3 * (caller * 50 + turn)});
        let right = counted.structured.is_none_or(|found| found == bytes || found == number);
        let text = format!("{called:?}{:?}", counted.text);
        if !right || text.contains(CANARY) || !called.is_error {
            return Err(format!("{caller} {turn}: {text}"));
        }
    }
    Ok(())
}
