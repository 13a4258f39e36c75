//! Single bits that flip in a bucket, or in a copy: nothing of it is ever served.
//!
//! `TOOLCELL_SOAK_FLIPS` sets the number of flips; `make soak` makes 100,000. Each is met on the path of a server that
//! follows the bucket: it checks for a release, or a call fetches code.

use std::fs;
use std::ops::Range;
use std::path::PathBuf;
use std::sync::Arc;

use serde_json::{Value, json};
use tokio::runtime::Runtime;
use tokio::sync::oneshot;
use toolcell_cli::server::edge;
use toolcell_host::updater::Served;
use toolcell_tests::follower::{Follower, package};
use toolcell_tests::release::{INDEX, Publisher, object};
use toolcell_tests::s3::{Fault, Target};
use toolcell_tests::{Bundle, Client, Revision, fixture};

use crate::dice::{Dice, SEED};
use crate::serve::number;

/// The number of flips without `TOOLCELL_SOAK_FLIPS`.
const FLIPS: usize = 500;

/// The parts of a release, and the number of flips in each of a hundred.
const PARTS: [(Part, usize); 5] =
    [(Part::Payload, 30), (Part::Signature, 20), (Part::Catalog, 30), (Part::Code, 15), (Part::Copy, 5)];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    Payload,
    Signature,
    Catalog,
    Code,
    Copy,
}

/// A bucket, whose objects are damaged one by one.
struct Scene {
    publisher: Publisher,
    package: Arc<Bundle>,
    first: Bundle,
    second: Bundle,
    runtime: Runtime,
    temporary: tempfile::TempDir,
}

#[test]
fn no_flipped_bit_is_served() {
    let flips: usize = number("TOOLCELL_SOAK_FLIPS", FLIPS);
    let seed: u64 = number("TOOLCELL_SOAK_SEED", SEED);
    let scene = Scene::new();
    let mut dice = Dice::new(seed, 0);
    for (part, share) in PARTS {
        let count = flips * share / 100;
        match part {
            Part::Payload | Part::Signature | Part::Catalog => scene.adopts_none(part, count, &mut dice),
            Part::Code => scene.runs_none_from_the_bucket(count, &mut dice),
            Part::Copy => scene.runs_none_from_a_copy(count, &mut dice),
        }
        println!("soak: {count} flipped bits of the seed {seed} in {part:?}, none was served");
    }
}

impl Scene {
    fn new() -> Self {
        let [text, primes] = ["text", "primes"].map(|name| fixture::plugin(name, &fixture::sample(name)));
        Self {
            publisher: Publisher::start(),
            package: Arc::new(package()),
            first: Bundle::build(&text),
            second: Bundle::build(&(text + &primes)),
            runtime: edge::runtime().expect("threads for the servers"),
            temporary: tempfile::tempdir().expect("a folder"),
        }
    }

    /// Damages a part of release 2, bit by bit, in the sight of a server of release 1.
    fn adopts_none(&self, part: Part, count: usize, dice: &mut Dice) {
        self.publisher.publish(&self.first, 1);
        let follower = Follower::with(&self.publisher, Arc::clone(&self.package), &[]);
        assert_eq!(self.served(&follower), ["text"]);
        self.publisher.publish(&self.second, 2);
        let key = match part {
            Part::Catalog => object(self.publisher.index().catalogs[0].digest),
            _ => INDEX.to_owned(),
        };
        let whole = self.publisher.server.object(&key).expect("an object of release 2").to_vec();
        let bytes = region(part, &whole);
        for _ in 0..count {
            let (flipped, bit) = flip(&whole, &bytes, dice);
            self.publisher.server.rewrite(&key, flipped);
            assert_eq!(self.served(&follower), ["text"], "{part:?}, bit {bit}");
        }
        self.publisher.server.rewrite(&key, whole);
        assert_eq!(self.served(&follower), ["primes", "text"], "{part:?} as it was published");
    }

    /// Returns the plugins that a server has after another check.
    fn served(&self, follower: &Follower) -> Vec<String> {
        self.runtime.block_on(async {
            follower.make_check_due();
            let _ = follower.tools().await;
            follower.checked().await;
            follower.tools().await.expect("a release")
        })
    }

    /// Damages the code of a plugin in the bucket, bit by bit, and calls it each time.
    fn runs_none_from_the_bucket(&self, count: usize, dice: &mut Dice) {
        self.publisher.publish(&self.second, 2);
        let key = self.code();
        let whole = self.publisher.server.object(&key).expect("code").to_vec();
        let follower = Follower::with(&self.publisher, Arc::clone(&self.package), &[]);
        let (client, _stop) = self.serve(&follower);
        for _ in 0..count {
            let (flipped, bit) = flip(&whole, &(0..whole.len()), dice);
            self.publisher.server.rewrite(&key, flipped);
            follower.show_real_time();
            assert_eq!(call(&client)["error"]["code"], -32603, "bit {bit}");
        }
        self.publisher.server.rewrite(&key, whole);
        assert_eq!(call(&client)["result"]["structuredContent"]["count"], 4);
    }

    /// Damages the copy of a plugin's code, bit by bit, while the bucket does not hand the code out, and calls the plugin in
    /// a server that has just started.
    fn runs_none_from_a_copy(&self, count: usize, dice: &mut Dice) {
        self.publisher.publish(&self.second, 2);
        let follower = self.start();
        assert_eq!(call(&self.serve(&follower).0)["result"]["structuredContent"]["count"], 4);
        self.runtime.block_on(follower.updater.settle());
        let copy = self.copy();
        let whole = fs::read(&copy).expect("a copy");
        self.publisher.server.fail(Target::all().with_key(&self.code()), Fault::Down);
        for _ in 0..count {
            let (flipped, bit) = flip(&whole, &(0..whole.len()), dice);
            fs::write(&copy, flipped).expect("a copy that can be damaged");
            let follower = self.start();
            let (client, _stop) = self.serve(&follower);
            assert_eq!(call(&client)["error"]["code"], -32603, "bit {bit}");
        }
        fs::write(&copy, whole).expect("a copy that can be mended");
        let follower = self.start();
        let (client, _stop) = self.serve(&follower);
        assert_eq!(call(&client)["result"]["structuredContent"]["count"], 4);
    }

    /// Returns the key of the code of `primes`.
    fn code(&self) -> String {
        let plugins = self.second.catalog().plugins;
        let primes = plugins.iter().find(|plugin| plugin.name == "primes").expect("a plugin of the release");
        object(primes.code)
    }

    /// Returns the only copy that is kept.
    fn copy(&self) -> PathBuf {
        let mut directories = fs::read_dir(self.temporary.path()).expect("a folder");
        let directory = directories.next().expect("a directory of copies").expect("its entry").path();
        let mut copies = fs::read_dir(directory).expect("a directory of copies");
        copies.next().expect("a copy").expect("its entry").path()
    }

    /// Starts a server that keeps copies.
    fn start(&self) -> Follower {
        Follower::with_copies(&self.publisher, &self.package, self.temporary.path())
    }

    /// Serves on a port until the sender is dropped.
    fn serve(&self, follower: &Follower) -> (Client, oneshot::Sender<()>) {
        let listener = self.runtime.block_on(edge::bind(([127, 0, 0, 1], 0).into())).expect("a free port");
        let address = listener.local_addr().expect("a bound address");
        let (stop, stopped) = oneshot::channel::<()>();
        let served = Served::Releases(Arc::clone(&follower.updater));
        self.runtime.spawn(edge::run(listener, served, async {
            let _ = stopped.await;
        }));
        (Client::new(address, Revision::Modern), stop)
    }
}

/// Returns the bytes of an object that a part is.
fn region(part: Part, whole: &[u8]) -> Range<usize> {
    let text = || std::str::from_utf8(whole).expect("an index is JSON");
    match part {
        Part::Payload => 0..text().find("\"signatures\"").expect("signatures"),
        Part::Signature => {
            let start = text().find("\"sig\":\"").expect("a signature") + 7;
            start..start + text()[start..].find('"').expect("its end")
        }
        Part::Catalog | Part::Code | Part::Copy => 0..whole.len(),
    }
}

/// Flips a bit in some bytes of an object.
fn flip(whole: &[u8], bytes: &Range<usize>, dice: &mut Dice) -> (Vec<u8>, usize) {
    let bit = bytes.start * 8 + dice.throw(bytes.len() as u64 * 8) as usize;
    let mut flipped = whole.to_vec();
    flipped[bit / 8] ^= 1 << (bit % 8);
    (flipped, bit)
}

fn call(client: &Client) -> Value {
    client.send("tools/call", json!({"name": "count_primes", "arguments": {"limit": 10}})).json()
}
