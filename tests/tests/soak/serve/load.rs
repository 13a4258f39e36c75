//! Clients that call side by side, each call drawn from the seed and its number.

use std::fmt;
use std::net::SocketAddr;
use std::ops::Range;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use toolcell_tests::{Client, Revision};

use super::connection::{self, Connection};
use super::expected::{Call, Expected};
use super::{attack, hang_up, right};
use crate::dice::Dice;

/// The clients at a time.
const CLIENTS: usize = 16;

/// A load on a server.
#[derive(Clone, Copy, Debug)]
pub(super) struct Load {
    pub(super) address: SocketAddr,
    pub(super) seed: u64,
}

/// How calls went, counted by their kind.
#[derive(Debug, Default)]
pub(super) struct Tally {
    right: usize,
    attacks: usize,
    slow: usize,
    hung_up: usize,
    /// What was wrong or lost.
    wrong: Vec<String>,
}

impl Tally {
    /// Checks that these are all calls, and all were answered rightly or left by their own client.
    ///
    /// # Panics
    /// Panics if one is wrong or lost.
    pub(super) fn expect(&self, calls: usize) {
        let wrong = &self.wrong;
        assert!(
            wrong.is_empty(),
            "{} wrong or lost:\n{}",
            wrong.len(),
            wrong[..wrong.len().min(20)].join("\n")
        );
        assert_eq!(self.right + self.attacks + self.slow + self.hung_up, calls);
    }

    /// Adds the calls of another tally.
    pub(super) fn add(&mut self, other: Self) {
        self.right += other.right;
        self.attacks += other.attacks;
        self.slow += other.slow;
        self.hung_up += other.hung_up;
        self.wrong.extend(other.wrong);
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { right, attacks, slow, hung_up, wrong } = self;
        let wrong = wrong.len();
        write!(f, "{right} right calls, {attacks} attacks and {slow} slow readers answered rightly, ")?;
        write!(f, "{hung_up} clients hung up, {wrong} wrong or lost")
    }
}

impl Load {
    /// Makes the calls with these numbers, and waits for all of them.
    ///
    /// # Panics
    /// Panics if the server accepts no connection.
    pub(super) fn run(self, numbers: Range<usize>) -> Tally {
        let (next, end) = (AtomicUsize::new(numbers.start), numbers.end);
        let mut tally = Tally::default();
        thread::scope(|scope| {
            let clients: Vec<_> = (0..CLIENTS).map(|_| scope.spawn(|| self.client(&next, end))).collect();
            for client in clients {
                tally.add(client.join().expect("the server accepts connections"));
            }
        });
        tally
    }

    fn client(self, next: &AtomicUsize, end: usize) -> Tally {
        let (mut tally, mut connection) = (Tally::default(), Connection::new(self.address));
        loop {
            let number = next.fetch_add(1, Ordering::Relaxed);
            if number >= end {
                return tally;
            }
            self.call(number, &mut connection, &mut tally);
        }
    }

    /// Makes the call with this number.
    fn call(self, number: usize, connection: &mut Connection, tally: &mut Tally) {
        let mut dice = Dice::new(self.seed, number);
        let client = Client::new(self.address, Revision::ERAS[dice.throw(2) as usize]);
        let modern = Client::new(self.address, Revision::Modern);
        if dice.throw(20) == 0 {
            connection.close();
        }
        let (count, name, outcome) = match dice.throw(100) {
            0..2 => {
                let outcome = hang_up::draw(&client, &mut dice).map_err(|error| error.to_string());
                (&mut tally.hung_up, "hang-up", outcome)
            }
            2..12 => {
                let attack = attack::draw(&modern, &mut dice);
                (&mut tally.attacks, attack.name, send(connection, &modern, &attack))
            }
            12 => {
                let Call { request, expected, .. } = slow(&modern, &mut dice);
                let message = connection::send_slowly(self.address, request);
                let outcome = message.map_err(|error| error.to_string());
                (&mut tally.slow, "slow reader", outcome.and_then(|message| expected.judge(&message)))
            }
            _ => {
                let call = right::draw(&modern, &mut dice, number);
                (&mut tally.right, call.name, send(connection, &modern, &call))
            }
        };
        match outcome {
            Ok(()) => *count += 1,
            Err(wrong) => tally.wrong.push(format!("call {number}, {name}: {wrong}")),
        }
    }
}

/// Draws what a slow reader calls: something large, in one piece or in many.
fn slow(client: &Client, dice: &mut Dice) -> Call {
    match dice.throw(2) {
        0 => right::large(client),
        _ => {
            let times = serde_json::json!({"times": 2_000});
            let request = attack::reporting(client, "flood_notifications", times);
            Call { name: "flood_notifications", request, expected: Expected::Success }
        }
    }
}

/// Sends a call, and answers the questions that it asks.
fn send(connection: &mut Connection, client: &Client, call: &Call) -> Result<(), String> {
    let message = connection.send(&call.request).map_err(|error| error.to_string())?;
    call.expected.judge(&message)?;
    let Expected::Questions(name) = &call.expected else { return Ok(()) };
    let second = right::answered(client, name, &message["result"]["requestState"]);
    let message = connection.send(&second.request).map_err(|error| error.to_string())?;
    second.expected.judge(&message)
}
