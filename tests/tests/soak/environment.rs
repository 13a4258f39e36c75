//! Many invocations of many environments that are frozen and killed, and whose clock jumps.
//!
//! `TOOLCELL_SOAK` sets their number; `make soak` runs 10,000. Each answer that comes must be right, a process must hold
//! no more descriptors, threads or memory than before, and only the responses of killed environments may be missing.

use std::collections::{BTreeMap, BTreeSet};
use std::env;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use toolcell_lambda_emulator::{Freeze, Function, Lambda, Phase};
use toolcell_tests::http::{self, Exchange};
use toolcell_tests::{Bundle, Called, Client, FakeClock, Holdings, Revision, fixture};

use crate::dice::{Dice, SEED};

/// The number of invocations without `TOOLCELL_SOAK`.
const INVOCATIONS: usize = 500;

/// The number of clients, and so of environments at a time.
const ENVIRONMENTS: usize = 64;

/// The most environments: a response can be whole before its environment is free again.
const RESERVED: usize = 2 * ENVIRONMENTS;

/// The most descriptors of a process that has called every tool of both plugins: its output, the runtime's, a
/// connection, the bundle, mapped code, the clock's file.
const MOST_DESCRIPTORS: usize = 16;

/// The number of invocations after which one busy environment is killed.
const KILL_EVERY: usize = 50;

/// The time between two jumps of the clock.
const JUMP_EVERY: Duration = Duration::from_millis(250);

/// The resident memory that a process may gain between its first calls and its last ones.
const MEMORY_SLACK_BYTES: usize = 2 << 20;

/// The longest time in which a process gives back what it held.
const PATIENCE: Duration = Duration::from_secs(20);

/// The number of calls after which a process has loaded everything.
const SETTLED_CALLS: usize = 3;

/// The responses that one client saw.
#[derive(Clone, Copy, Debug, Default)]
struct Seen {
    answered: usize,
    lost: usize,
}

/// The state that all clients share.
struct Soak {
    lambda: Lambda,
    left: AtomicUsize,
    kills: AtomicUsize,
}

/// Chooses a pause: none in nine of ten cases, three seconds in one of a hundred, else up to a tenth of a second.
fn pause(dice: &mut Dice) -> Duration {
    match dice.throw(100) {
        0 => Duration::from_secs(3),
        1..10 => Duration::from_millis(dice.throw(100)),
        _ => Duration::ZERO,
    }
}

#[test]
fn whatever_happens_to_the_environments_every_answer_is_right_and_nothing_leaks() {
    let total = env::var("TOOLCELL_SOAK")
        .map_or(INVOCATIONS, |number| number.parse().expect("TOOLCELL_SOAK is a number of invocations"));
    let clock = Arc::new(FakeClock::new());
    let bundle = Bundle::build(&config());
    let lambda = deploy(&bundle, &clock);
    let soak = Arc::new(Soak { lambda, left: AtomicUsize::new(total), kills: AtomicUsize::new(0) });
    let jumping = Arc::new(AtomicBool::new(true));
    let jumper = jump(clock, Arc::clone(&jumping));
    let clients: Vec<_> = (0..ENVIRONMENTS)
        .map(|number| {
            let soak = Arc::clone(&soak);
            thread::spawn(move || soak.client(number))
        })
        .collect();
    let mut seen = Seen::default();
    for client in clients {
        let one = client.join().expect("a client found everything as it should be");
        seen.answered += one.answered;
        seen.lost += one.lost;
    }
    jumping.store(false, Ordering::Relaxed);
    jumper.join().unwrap();
    let kills = soak.kills.load(Ordering::Relaxed);
    assert_eq!(seen.answered + seen.lost, total);
    assert!(seen.lost <= kills, "{} invocations lost in {kills} kills", seen.lost);
    assert!(kills > 0 || total < 2 * KILL_EVERY, "nothing was killed");
    println!("{} answered, {} lost in {kills} kills", seen.answered, seen.lost);
    soak.saw_the_clock_jump();
    soak.hold_no_more();
}

fn config() -> String {
    let text = fixture::plugin("text", &fixture::sample("text"));
    let primes = fixture::plugin("primes", &fixture::sample("primes"));
    text + &primes
}

/// Describes the function as it would be deployed, with a clock that is set.
fn deploy(bundle: &Bundle, clock: &FakeClock) -> Lambda {
    let function = Function::new(fixture::bootstrap()).file("bundle", bundle.path());
    clock
        .of(function)
        .env("TOOLCELL_ALLOW_ANONYMOUS", "true")
        .concurrency(RESERVED)
        .freeze(Freeze::WhenIdle)
        .timeout(Duration::from_secs(60))
        .init_limit(Duration::from_secs(60))
        .start()
        .expect("the function can be deployed")
}

/// Sets the functions' clock to another time again and again: days and years into the past and the future.
fn jump(clock: Arc<FakeClock>, go_on: Arc<AtomicBool>) -> thread::JoinHandle<()> {
    let mut dice = Dice::new(SEED, ENVIRONMENTS);
    thread::spawn(move || {
        while go_on.load(Ordering::Relaxed) {
            let offset = match dice.throw(5) {
                0 => "+0".to_owned(),
                1 => "-1y".to_owned(),
                2 => "+10y".to_owned(),
                3 => format!("-{}s", dice.throw(100_000)),
                _ => format!("+{}s", dice.throw(100_000)),
            };
            clock.set(&offset);
            thread::sleep(JUMP_EVERY);
        }
    })
}

impl Soak {
    fn client(&self, number: usize) -> Seen {
        let mut dice = Dice::new(SEED, number);
        let client = Client::new(self.lambda.address(), Revision::Modern);
        let mut seen = Seen::default();
        while let Some(turn) = self.turn() {
            let word = format!("{number}-{turn}");
            let answered = match dice.throw(10) {
                0 => count_primes(&client),
                1 => wrong_argument(&client),
                _ => make_slug(&client, &word),
            };
            match answered {
                Ok(()) => seen.answered += 1,
                Err(_) => seen.lost += 1,
            }
            if turn % KILL_EVERY == KILL_EVERY - 1 {
                self.kill();
            }
            thread::sleep(pause(&mut dice));
        }
        seen
    }

    /// Takes one of the remaining invocations.
    fn turn(&self) -> Option<usize> {
        self.left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1)).ok()
    }

    /// Ends an environment that serves an invocation, if there is one.
    fn kill(&self) {
        let environments = self.lambda.environments();
        let busy = environments.iter().find(|one| one.phase == Phase::Busy && one.pid.is_some());
        let Some(pid) = busy.and_then(|one| one.pid) else { return };
        self.kills.fetch_add(1, Ordering::Relaxed);
        // The process may have ended by itself.
        let pid = rustix::process::Pid::from_raw(pid.cast_signed()).expect("a process has an id");
        let _ = rustix::process::kill_process(pid, rustix::process::Signal::KILL);
    }

    /// Checks with the times in the log that the functions' clock did jump.
    fn saw_the_clock_jump(&self) {
        let lines = self.lambda.logs().lines();
        let timestamps = lines.iter().filter_map(|line| line.text.strip_prefix(r#"{"timestamp":""#));
        let years: BTreeSet<_> = timestamps.map(|timestamp| &timestamp[..4]).collect();
        assert!(years.len() >= 2, "one clock for all: {years:?}");
    }

    /// Compares the resources of each process after its first calls and after many more.
    fn hold_no_more(&self) {
        let client = Client::new(self.lambda.address(), Revision::Modern);
        for _ in 0..SETTLED_CALLS {
            make_slug(&client, "settled").unwrap();
            count_primes(&client).unwrap();
        }
        let before = self.holdings();
        for turn in 0..200 {
            make_slug(&client, &turn.to_string()).unwrap();
            wrong_argument(&client).unwrap();
        }
        let after = self.settled_holdings(&before);
        assert!(!after.is_empty(), "no environment is left");
        for (pid, after) in after {
            let Some(before) = before.get(&pid) else { continue };
            assert!(after.descriptors <= before.descriptors, "descriptors of {pid}: {before:?}, {after:?}");
            assert!(after.threads <= before.threads, "threads of {pid}: {before:?}, {after:?}");
            let gained = after.resident_bytes.saturating_sub(before.resident_bytes);
            assert!(gained <= MEMORY_SLACK_BYTES, "{pid} gained {gained} bytes: {before:?}, {after:?}");
        }
        self.all_hold_the_same();
    }

    /// Checks that a process that has served for long holds no more than one that was just started.
    fn all_hold_the_same(&self) {
        let all = self.holdings();
        let range = |of: fn(&Holdings) -> usize| {
            let values = all.values().map(of);
            (values.clone().min().unwrap_or_default(), values.max().unwrap_or_default())
        };
        println!("{} environments, descriptors {:?}", all.len(), range(|one| one.descriptors));
        println!("threads {:?}, resident {:?}", range(|one| one.threads), range(|one| one.resident_bytes));
        let (_, most) = range(|one| one.descriptors);
        assert!(most <= MOST_DESCRIPTORS, "a process leaks descriptors: {all:?}");
        let (fewest, most) = range(|one| one.threads);
        assert!(most <= 2 && fewest >= 1, "threads differ: {all:?}");
        let (_, most) = range(|one| one.resident_bytes);
        assert!(most <= 64 << 20, "a process grew: {all:?}");
    }

    /// Reads the resources again until no process holds more than before: threads that have ended leave `/proc` a moment
    /// later.
    fn settled_holdings(&self, before: &BTreeMap<u32, Holdings>) -> BTreeMap<u32, Holdings> {
        let holds_more = |(pid, after): (&u32, &Holdings)| {
            before.get(pid).is_some_and(|before| {
                after.descriptors > before.descriptors || after.threads > before.threads
            })
        };
        let end = Instant::now() + PATIENCE;
        loop {
            let after = self.holdings();
            if !after.iter().any(holds_more) || Instant::now() > end {
                return after;
            }
            thread::sleep(Duration::from_millis(50));
        }
    }

    fn holdings(&self) -> BTreeMap<u32, Holdings> {
        let pids = self.lambda.environments().into_iter().filter_map(|one| one.pid);
        pids.filter_map(|pid| Some((pid, Holdings::of(pid).ok()?))).collect()
    }
}

/// Sends a request and reads the response's last message; fails if the environment was killed.
fn last_message(exchange: io::Result<Exchange>) -> io::Result<(u16, Value)> {
    let exchange = exchange?;
    match exchange.status {
        // The Function URL's own response for a function that ended.
        502 => Err(io::Error::other("the function ended")),
        status => Ok((status, exchange.last_message()?)),
    }
}

fn send(client: &Client, request: &http::Request) -> io::Result<Value> {
    let (status, mut json) = last_message(request.try_begin(client.address()))?;
    assert_eq!((status, &json["id"]), (200, &json!(1)), "{json}");
    assert!(json["result"].is_object(), "{json}");
    Ok(json["result"].take())
}

fn make_slug(client: &Client, word: &str) -> io::Result<()> {
    let request = client.call_request("make_slug", &json!({"text": format!("Soak {word}")}));
    let called = Called::read(&send(client, &request)?);
    assert_eq!(called.text.as_deref(), Some(format!("soak-{word}").as_str()));
    Ok(())
}

fn count_primes(client: &Client) -> io::Result<()> {
    let meta = json!({"progressToken": "soak"});
    let request = client.call_request_with("count_primes", &json!({"limit": 300_000}), meta);
    let called = Called::read(&send(client, &request)?);
    assert_eq!(called.structured.map(|counted| counted["count"].clone()), Some(json!(25_997)));
    Ok(())
}

fn wrong_argument(client: &Client) -> io::Result<()> {
    let request = client.call_request("make_slug", &json!({"text": 7}));
    let called = Called::read(&send(client, &request)?);
    assert!(called.failure().contains("text"), "{called:?}");
    Ok(())
}
