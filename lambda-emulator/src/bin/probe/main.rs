//! Runs a function that does what the request's path tells it: a custom runtime over plain sockets, for the tests of
//! the emulator. It misbehaves on demand, where a real runtime must not.

mod act;
mod wire;

use std::time::Duration;
use std::{env, fs, process, thread};

use wire::Api;

/// A file in `/tmp` by which a process knows that it is not the first of its environment.
const MARKER: &str = "/tmp/probe-was-here";

fn main() {
    let address = env::var("AWS_LAMBDA_RUNTIME_API").expect("Lambda says where the Runtime API is");
    init(&mut Api::connect(&address));
    let loops = env::var("AWS_LAMBDA_MAX_CONCURRENCY").ok().and_then(|loops| loops.parse().ok()).unwrap_or(1);
    let others: Vec<_> = (1..loops)
        .map(|_| {
            let address = address.clone();
            thread::spawn(move || serve(Api::connect(&address)))
        })
        .collect();
    serve(Api::connect(&address));
    for other in others {
        other.join().expect("a loop does not panic");
    }
}

/// Does at start what `PROBE_INIT` tells; with `-once` only in the first process of an environment.
fn init(api: &mut Api) {
    let first = !fs::exists(MARKER).unwrap_or_default();
    fs::write(MARKER, b"").expect("/tmp can be written");
    let told = env::var("PROBE_INIT").unwrap_or_default();
    let (act, argument) = told.split_once(':').unwrap_or((&told, ""));
    let pause = Duration::from_millis(argument.parse().unwrap_or_default());
    match act {
        "" => {}
        "exit" => process::exit(7),
        "exit-once" if first => process::exit(7),
        "slow" => thread::sleep(pause),
        "slow-once" if first => thread::sleep(pause),
        "exit-once" | "slow-once" => {}
        "error" => {
            api.post("init/error", br#"{"errorType":"Probe.NoConfig","errorMessage":"there is none"}"#);
            process::exit(1);
        }
        "restore" => println!("restored: {}", api.get("restore/next").status),
        other => panic!("PROBE_INIT={other} is unknown"),
    }
}

fn serve(mut api: Api) {
    loop {
        let invocation = api.get("invocation/next");
        assert_eq!(invocation.status, 200, "the Runtime API hands out an invocation");
        act::act(&mut api, &invocation);
    }
}
