//! `kill -9` at random points of fetching a release and of writing a copy of its code.
//!
//! `TOOLCELL_SOAK_KILLS` sets the number of kills; `make soak` makes 1,000. After each of them, the next process of the
//! environment must answer rightly at its first request. The points follow from `TOOLCELL_SOAK_SEED` as far as the system
//! lets them: a fetch stands still at a byte that the seed names, and a copy is watched until it has as many.

use std::fs;
use std::path::Path;
use std::thread;

use serde_json::json;
use toolcell_lambda_emulator::{Lambda, Phase};
use toolcell_tests::copies::{self, Temporary, environment};
use toolcell_tests::release::{INDEX, Publisher, object};
use toolcell_tests::s3::{Fault, REGION, Target, Verb};
use toolcell_tests::server::deployed;
use toolcell_tests::{Bundle, Called, Client, Revision, fixture};

use crate::dice::{Dice, SEED};
use crate::serve::number;

/// The number of kills without `TOOLCELL_SOAK_KILLS`.
const KILLS: usize = 50;

/// A function that follows a bucket with one release, in one environment.
struct Scene {
    publisher: Publisher,
    lambda: Lambda,
    /// Each process reads it when it starts.
    _package: Bundle,
    temporary: Temporary,
    /// The objects that a process fetches, in this order.
    objects: [String; 3],
    /// The name of the copy.
    copy: String,
}

/// The points at which processes were killed.
#[derive(Debug, Default)]
struct Points {
    fetching: usize,
    writing: usize,
    /// Before there was anything of a copy, or when it was whole.
    around_writing: usize,
}

#[test]
fn wherever_a_process_is_killed_the_next_one_serves_rightly() {
    let kills: usize = number("TOOLCELL_SOAK_KILLS", KILLS);
    let seed: u64 = number("TOOLCELL_SOAK_SEED", SEED);
    let mut scene = Scene::start();
    let mut points = Points::default();
    for turn in 0..kills {
        let mut dice = Dice::new(seed, turn);
        copies::kill_idle(&scene.lambda);
        if dice.throw(3) == 0 {
            scene.kill_while_fetching(&mut dice);
            points.fetching += 1;
        } else if scene.kill_while_writing(&mut dice) {
            points.writing += 1;
        } else {
            points.around_writing += 1;
        }
        copies::wait_for(&scene.lambda, &[Phase::Down]);
        assert_eq!(scene.call().as_deref(), Some("soak"), "after kill {turn} of the seed {seed}");
    }
    copies::wait_for(&scene.lambda, &[Phase::Frozen]);
    assert_eq!(scene.temporary.names(), [scene.copy.clone()], "one copy, and nothing else");
    println!("soak: {kills} processes killed with the seed {seed}: {points:?}");
    scene.expect_no_wrong_copy();
}

impl Scene {
    fn start() -> Self {
        let publisher = Publisher::start();
        let package = Bundle::build("[releases]\n");
        let bundle = Bundle::build(&fixture::plugin("text", &fixture::sample("text")));
        publisher.publish(&bundle, 1);
        let function =
            publisher.variables().into_iter().fold(deployed(&package), |function, (name, value)| {
                if name == "AWS_REGION" { function } else { function.env(name, value) }
            });
        let lambda = function.env("AWS_REGION", REGION).concurrency(1).start().expect("a function");
        let client = Client::new(lambda.address(), Revision::Modern);
        client.call("make_slug", &json!({"text": "Soak"}));
        copies::wait_for(&lambda, &[Phase::Frozen]);
        let temporary = Temporary::of(&lambda);
        let code = bundle.catalog().plugins[0].code;
        let objects = [INDEX.to_owned(), object(publisher.index().catalogs[0].digest), object(code)];
        Self { publisher, lambda, _package: package, temporary, objects, copy: code.to_string() }
    }

    /// Calls a tool; returns `None` if the process was killed before it had answered.
    fn call(&self) -> Option<String> {
        let client = Client::new(self.lambda.address(), Revision::Modern);
        let request = client.call_request("make_slug", &json!({"text": "Soak"}));
        let exchange = request.try_begin(client.address()).ok().filter(|exchange| exchange.status == 200)?;
        let message = exchange.last_message().ok()?;
        Called::read(&message["result"]).text
    }

    fn remove_copy(&self) {
        for name in [self.copy.as_str(), "new"] {
            // There is none if the process before was killed early.
            let _ = fs::remove_file(self.temporary.copies().join(name));
        }
    }

    /// Kills a process while one of its objects has arrived in part.
    fn kill_while_fetching(&mut self, dice: &mut Dice) {
        self.remove_copy();
        let object = &self.objects[dice.throw(3) as usize];
        let server = &self.publisher.server;
        let bytes = server.object(object).expect("an object").len();
        let arrived = dice.throw(bytes as u64) as usize;
        server.fail(Target::of(Verb::Get).with_key(object), Fault::Stalled(arrived));
        let held = server.held_so_far() + 1;
        thread::scope(|scope| {
            let call = scope.spawn(|| self.call());
            while server.held_so_far() < held {
                assert!(!call.is_finished(), "{object} is not fetched: {:#?}", self.lambda.logs().lines());
                thread::yield_now();
            }
            copies::kill(&self.lambda);
            assert_eq!(call.join().expect("an answer or none"), None, "{object} after {arrived} bytes");
        });
        server.heal();
    }

    /// Kills a process when it has written a part of its copy; tells whether that part was there at its end.
    fn kill_while_writing(&mut self, dice: &mut Dice) -> bool {
        self.remove_copy();
        let code = self.publisher.server.object(&self.objects[2]).expect("code").len();
        let written = dice.throw(code as u64);
        let (unfinished, copy) =
            (self.temporary.copies().join("new"), self.temporary.copies().join(&self.copy));
        thread::scope(|scope| {
            let call = scope.spawn(|| self.call());
            while bytes(&unfinished).is_none_or(|bytes| bytes < written) && !copy.exists() {
                let is_over = call.is_finished() && environment(&self.lambda).phase != Phase::Busy;
                assert!(!is_over || copy.exists(), "no copy is written: {:#?}", self.lambda.logs().lines());
            }
            copies::kill(&self.lambda);
            let answer = call.join().expect("an answer or none");
            assert!(answer.as_deref().is_none_or(|answer| answer == "soak"), "{answer:?}");
        });
        copies::wait_for(&self.lambda, &[Phase::Down]);
        unfinished.exists()
    }

    /// Checks with the log that no process met a copy with other bytes than its name says.
    fn expect_no_wrong_copy(&self) {
        let lines = self.lambda.logs().lines();
        let wrong = lines.iter().find(|line| line.text.contains("damaged"));
        assert!(wrong.is_none(), "{wrong:?}");
    }
}

/// Returns the size of a file, if there is one.
fn bytes(path: &Path) -> Option<u64> {
    fs::metadata(path).ok().map(|metadata| metadata.len())
}
