//! `--allow-loopback` of the real programs: without it, no rule reaches this machine; on Lambda there is no such switch.

use serde_json::json;
use toolcell_tests::program::{Serving, toolcell};
use toolcell_tests::server::deployed;
use toolcell_tests::{Bundle, Called, Client, Revision, Upstream, fixture};

fn config(upstream: &Upstream) -> String {
    let plugin = fixture::plugin("outbound", &fixture::component("outbound"));
    let rule =
        format!("[[plugins.outbound.grants.http]]\nhost = \"localhost\"\nport = {}\n", upstream.port());
    format!("{plugin}{rule}{}", upstream.network())
}

fn send(client: &Client, upstream: &Upstream) -> Called {
    client.call("send", &json!({"request": {"authority": upstream.authority(), "path": "/"}}))
}

#[test]
fn serve_and_dev_reach_the_port_that_is_allowed_and_no_other_one() {
    let upstream = Upstream::start();
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("toolcell.toml"), config(&upstream)).unwrap();
    let port = upstream.port().to_string();
    for command in ["serve", "dev"] {
        for (arguments, is_allowed) in
            [(vec!["--allow-loopback", &port], true), (vec!["--allow-loopback", "9"], false), (vec![], false)]
        {
            let before = upstream.seen().len();
            let serving = Serving::start_as(command, folder.path(), &arguments, &[]);
            let called = send(&serving.client(), &upstream);
            assert_eq!(called.is_error, !is_allowed, "{command} {arguments:?}: {called:?}");
            assert_eq!(upstream.seen().len() - before, usize::from(is_allowed), "{command} {arguments:?}");
            if !is_allowed {
                assert!(called.text.unwrap().contains("DestinationIpProhibited"), "{command} {arguments:?}");
            }
        }
    }
}

#[test]
fn a_function_reaches_nothing_on_its_machine_whatever_it_is_told() {
    let upstream = Upstream::start();
    let bundle = Bundle::build(&config(&upstream));
    let port = upstream.port().to_string();
    let function = deployed(&bundle).env("TOOLCELL_ALLOW_LOOPBACK", &port).env("ALLOW_LOOPBACK", &port);
    let lambda = function.start().unwrap();
    let called = send(&Client::new(lambda.address(), Revision::Modern), &upstream);
    assert!(called.is_error && called.text.unwrap().contains("DestinationIpProhibited"));
    assert!(upstream.seen().is_empty());
}

#[test]
fn commands_that_send_nothing_do_not_know_the_switch() {
    for command in ["call", "lambda"] {
        let output = toolcell(&fixture::root(), &[command, "--allow-loopback", "9"], &[]).output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.code() == Some(2) && said.contains("--allow-loopback"), "{command}: {said}");
    }
}
