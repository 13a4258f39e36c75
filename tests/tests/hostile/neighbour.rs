//! A client of another plugin that calls without pause while the server is attacked.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use serde_json::json;
use toolcell_tests::{Client, Revision, fixture};

/// The time between two calls, which leaves the processor to the attack.
const PAUSE: Duration = Duration::from_millis(5);

/// The longest wait for an answer; a neighbour that reaches it is starved.
const PATIENCE: Duration = Duration::from_secs(60);

/// A text that the neighbour passes in each call, and that nothing else may show.
pub(crate) const CANARY: &str = "canary of a neighbour";

/// The client, in a thread of its own. Dropping it leaves the thread to its end.
#[derive(Debug)]
pub(crate) struct Neighbour {
    shared: Arc<Shared>,
    thread: JoinHandle<()>,
}

#[derive(Debug, Default)]
struct Shared {
    answered: AtomicUsize,
    over: AtomicBool,
}

/// Returns the lines of a `toolcell.toml` with the plugin that the neighbour calls.
pub(crate) fn config() -> String {
    fixture::plugin("neighbour", &fixture::sample("text")) + "only = [\"make_slug\"]\n"
}

/// Makes the neighbour's call number `turn`.
///
/// # Panics
/// Panics if the answer is not the right one.
fn call(client: &Client, turn: usize) {
    let called = client.call("make_slug", &json!({"text": format!("{CANARY} {turn}"), "max_length": 80}));
    assert_eq!(called.text, Some(format!("canary-of-a-neighbour-{turn}")), "{called:?}");
}

impl Neighbour {
    /// Makes the first call, and then begins to call without pause.
    ///
    /// # Panics
    /// Panics if the first answer is not the right one.
    pub(crate) fn start(address: SocketAddr) -> Self {
        let client = Client::new(address, Revision::Modern);
        call(&client, 0);
        let shared = Arc::new(Shared::default());
        let own = Arc::clone(&shared);
        let thread = thread::spawn(move || {
            while !own.over.load(Ordering::Relaxed) {
                call(&client, own.answered.load(Ordering::Relaxed) + 1);
                own.answered.fetch_add(1, Ordering::Relaxed);
                thread::sleep(PAUSE);
            }
        });
        Self { shared, thread }
    }

    /// Waits until a call that began after now was answered rightly.
    ///
    /// # Panics
    /// Panics if an answer was wrong, or none comes.
    pub(crate) fn goes_on_after(&self, attack: &str) {
        let start = Instant::now();
        let before = self.answered();
        // The first of the next two answers may belong to a call that is under way.
        while self.answered() < before + 2 {
            assert!(!self.thread.is_finished(), "{attack}: an answer to the neighbour was wrong");
            assert!(start.elapsed() < PATIENCE, "{attack}: the neighbour is starved");
            thread::sleep(Duration::from_millis(1));
        }
    }

    /// Returns how many calls were answered, the first one apart.
    fn answered(&self) -> usize {
        self.shared.answered.load(Ordering::Relaxed)
    }

    /// Returns a function that tells how many calls were answered so far.
    pub(crate) fn answers(&self) -> impl Fn() -> usize + use<> {
        let shared = Arc::clone(&self.shared);
        move || shared.answered.load(Ordering::Relaxed)
    }

    /// Ends the calls.
    ///
    /// # Panics
    /// Panics if an answer was wrong.
    pub(crate) fn stop(self) {
        self.shared.over.store(true, Ordering::Relaxed);
        self.thread.join().expect("every answer to the neighbour is right");
    }
}
