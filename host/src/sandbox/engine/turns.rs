//! Shares the processors among calls that compute. A call takes a turn each time it is polled, and a turn lasts a tick
//! of the epoch at most; a call that sleeps has none.
//!
//! Of the calls that wait for a turn, those of the plugin and principal that computed least come first, and among them
//! those that have not used up their first tick. Such a young call may also take a reserved turn, so that a short call
//! starts at once beside any number of calls that never end.

use std::collections::BTreeMap;
use std::future::poll_fn;
use std::pin::pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Poll, Waker};
use std::time::{Duration, Instant};

use super::super::holder::Holder;
use super::ticker::TICK;

/// The turns at a time. One per processor of a small machine: more would only make the calls slow each other down.
const TURNS: usize = 2;

/// Further turns at a time, for young calls.
const RESERVED_TURNS: usize = 1;

/// The threads that poll calls: one for each turn, and one that no call ever occupies, so that connections and timers
/// are always attended to.
pub(super) const THREADS: usize = TURNS + RESERVED_TURNS + 1;

/// Hands out turns to calls. Clones share them.
#[derive(Clone, Debug)]
pub(in crate::sandbox) enum Turns {
    /// As many as [`TURNS`] says.
    Shared(Arc<Mutex<State>>),
    /// Always one for whoever asks: a single thread polls all calls, one after the other.
    Unlimited,
}

/// A call among those that share turns, from its start to its end.
#[derive(Debug)]
pub(in crate::sandbox) struct Turn {
    turns: Turns,
    call: u64,
}

/// A turn that a call has; dropping it passes it on.
struct Taken<'t> {
    state: &'t Mutex<State>,
    call: u64,
    start: Instant,
}

/// The calls that share the turns.
#[derive(Debug, Default)]
pub(in crate::sandbox) struct State {
    calls: BTreeMap<u64, CallState>,
    accounts: BTreeMap<Holder, Account>,
    /// Counts calls and waits.
    count: u64,
    /// The turns that are taken or granted.
    taken: usize,
    /// What the account that was served last had computed by then. An account that wanted no turn for a while starts
    /// from here: it must not save up what it did not use.
    served: Duration,
}

#[derive(Debug)]
struct CallState {
    holder: Holder,
    computed: Duration,
    phase: Phase,
}

#[derive(Debug)]
enum Phase {
    /// It does not want to compute now.
    Idle,
    /// It wants to, and will be woken; `since` grows with every wait.
    Waiting { since: u64, waker: Waker },
    /// It was woken, and its turn is kept for it.
    Granted,
    /// It computes.
    Computing,
}

/// What the calls of one plugin for one principal have computed.
#[derive(Debug)]
struct Account {
    calls: usize,
    computed: Duration,
}

impl Turns {
    /// Creates the turns of a process whose runtime has [`THREADS`].
    pub(super) fn shared() -> Self {
        Self::Shared(Arc::default())
    }

    /// Adds a call that computes on this holder's account.
    pub(in crate::sandbox) fn join(&self, holder: &Holder) -> Turn {
        let call = match self {
            Self::Shared(state) => lock(state).join(holder),
            Self::Unlimited => 0,
        };
        Turn { turns: self.clone(), call }
    }
}

impl Turn {
    /// Runs a future that computes: polls it only while the call has a turn.
    pub(in crate::sandbox) async fn run<T>(&self, future: impl Future<Output = T>) -> T {
        let Turns::Shared(state) = &self.turns else { return future.await };
        let mut future = pin!(future);
        poll_fn(|context| {
            if !lock(state).take(self.call, context.waker()) {
                return Poll::Pending;
            }
            let _taken = Taken { state, call: self.call, start: Instant::now() };
            future.as_mut().poll(context)
        })
        .await
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        if let Turns::Shared(state) = &self.turns {
            let wakers = lock(state).leave(self.call);
            wake(wakers);
        }
    }
}

impl Drop for Taken<'_> {
    fn drop(&mut self) {
        let wakers = lock(self.state).give_back(self.call, self.start.elapsed());
        wake(wakers);
    }
}

fn lock(state: &Mutex<State>) -> MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

fn wake(wakers: Vec<Waker>) {
    wakers.into_iter().for_each(Waker::wake);
}

impl State {
    fn join(&mut self, holder: &Holder) -> u64 {
        self.count += 1;
        let fresh = Account { calls: 0, computed: self.served };
        self.accounts.entry(holder.clone()).or_insert(fresh).calls += 1;
        let call = CallState { holder: holder.clone(), computed: Duration::ZERO, phase: Phase::Idle };
        self.calls.insert(self.count, call);
        self.count
    }

    /// Takes a turn for a call, or remembers whom to wake.
    fn take(&mut self, number: u64, waker: &Waker) -> bool {
        let (room, served) = (self.room(), self.served);
        let Some(call) = self.calls.get_mut(&number) else { return true };
        let since = match &call.phase {
            Phase::Granted | Phase::Computing => {
                call.phase = Phase::Computing;
                return true;
            }
            Phase::Waiting { since, .. } => *since,
            Phase::Idle => {
                if let Some(account) = self.accounts.get_mut(&call.holder) {
                    account.computed = account.computed.max(served);
                }
                self.count += 1;
                self.count
            }
        };
        // Whoever waits may not have a free turn, so a call that may have one passes nobody.
        if call.computed < room {
            self.serve(number, Phase::Computing);
            return true;
        }
        call.phase = Phase::Waiting { since, waker: waker.clone() };
        false
    }

    /// Returns how little a call must have computed to have a turn now.
    fn room(&self) -> Duration {
        match self.taken {
            taken if taken < TURNS => Duration::MAX,
            taken if taken < TURNS + RESERVED_TURNS => TICK,
            _ => Duration::ZERO,
        }
    }

    /// Gives a call a turn; returns its phase before that.
    fn serve(&mut self, number: u64, phase: Phase) -> Option<Phase> {
        self.taken += 1;
        let call = self.calls.get_mut(&number)?;
        if let Some(account) = self.accounts.get(&call.holder) {
            self.served = self.served.max(account.computed);
        }
        Some(std::mem::replace(&mut call.phase, phase))
    }

    fn give_back(&mut self, number: u64, computed: Duration) -> Vec<Waker> {
        self.taken -= 1;
        if let Some(call) = self.calls.get_mut(&number) {
            call.phase = Phase::Idle;
            call.computed += computed;
            if let Some(account) = self.accounts.get_mut(&call.holder) {
                account.computed += computed;
            }
        }
        self.hand_out()
    }

    fn leave(&mut self, number: u64) -> Vec<Waker> {
        let Some(call) = self.calls.remove(&number) else { return Vec::new() };
        if let Some(account) = self.accounts.get_mut(&call.holder) {
            account.calls -= 1;
            if account.calls == 0 {
                self.accounts.remove(&call.holder);
            }
        }
        if !matches!(call.phase, Phase::Granted) {
            return Vec::new();
        }
        // It ended before it used the turn that was kept for it.
        self.taken -= 1;
        self.hand_out()
    }

    /// Grants the free turns to calls that wait, and returns whom to wake.
    fn hand_out(&mut self) -> Vec<Waker> {
        let mut wakers = Vec::new();
        while let Some(next) = self.next() {
            if let Some(Phase::Waiting { waker, .. }) = self.serve(next, Phase::Granted) {
                wakers.push(waker);
            }
        }
        wakers
    }

    /// Returns the call that comes next, if there is a turn for one that waits.
    fn next(&self) -> Option<u64> {
        let room = self.room();
        let may = self.calls.iter().filter(|(_, call)| call.computed < room);
        let waiting = may.filter_map(|(number, call)| match &call.phase {
            Phase::Waiting { since, .. } => {
                let account = self.accounts.get(&call.holder).map(|account| account.computed);
                Some(((account, call.computed >= TICK, *since), *number))
            }
            _ => None,
        });
        waiting.min().map(|(_, number)| number)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Calls that are polled by hand.
    #[derive(Default)]
    struct Calls(State);

    impl Calls {
        fn join(&mut self, plugin: &str) -> u64 {
            self.0.join(&Holder::new(&plugin.into(), None))
        }

        /// Makes calls that have all used up their first tick, and compute or wait.
        fn endless(&mut self, plugin: &str, count: usize) -> Vec<u64> {
            let calls: Vec<_> = (0..count).map(|_| self.join(plugin)).collect();
            for call in &calls {
                self.0.calls.get_mut(call).unwrap().computed = TICK;
                self.wants(*call);
            }
            calls
        }

        fn wants(&mut self, call: u64) -> bool {
            self.0.take(call, Waker::noop())
        }

        /// Ends the turns of all calls that compute after a tick; they want another one at once.
        fn tick(&mut self) {
            for call in self.computing() {
                self.0.give_back(call, TICK);
                self.wants(call);
            }
            for call in self.granted() {
                assert!(self.wants(call), "its turn was kept for it");
            }
        }

        fn computing(&self) -> Vec<u64> {
            self.of(|phase| matches!(phase, Phase::Computing))
        }

        fn granted(&self) -> Vec<u64> {
            self.of(|phase| matches!(phase, Phase::Granted))
        }

        fn of(&self, is: impl Fn(&Phase) -> bool) -> Vec<u64> {
            let calls = self.0.calls.iter().filter(|(_, call)| is(&call.phase));
            calls.map(|(number, _)| *number).collect()
        }

        fn computed(&self, calls: &[u64]) -> Duration {
            calls.iter().map(|call| self.0.calls[call].computed).sum()
        }
    }

    #[test]
    fn a_young_call_starts_at_once_beside_any_number_of_endless_ones() {
        let mut calls = Calls::default();
        calls.endless("greedy", 30);
        assert_eq!(calls.computing().len(), TURNS);
        let short = calls.join("other");
        assert!(calls.wants(short), "the reserved turn is its");
    }

    #[test]
    fn a_call_that_is_no_longer_young_gets_no_reserved_turn() {
        let mut calls = Calls::default();
        calls.endless("greedy", TURNS);
        let late = calls.endless("other", 1)[0];
        assert!(!calls.computing().contains(&late));
        calls.tick();
        assert!(calls.computing().contains(&late), "it comes first when a turn ends");
    }

    #[test]
    fn two_plugins_share_the_turns_however_many_calls_each_has() {
        let mut calls = Calls::default();
        let (many, few) = (calls.endless("many", 30), calls.endless("few", 2));
        let before = [calls.computed(&many), calls.computed(&few)];
        for _ in 0..100 {
            calls.tick();
        }
        let [many, few] = [calls.computed(&many) - before[0], calls.computed(&few) - before[1]];
        assert!(many.abs_diff(few) <= 4 * TICK, "{many:?} and {few:?}");
    }

    #[test]
    fn calls_of_one_plugin_take_turns() {
        let mut calls = Calls::default();
        let all = calls.endless("one", 10);
        for _ in 0..50 {
            calls.tick();
        }
        let each: Vec<_> = all.iter().map(|call| calls.0.calls[call].computed).collect();
        let (least, most) = (each.iter().min().unwrap(), each.iter().max().unwrap());
        assert!(*most - *least <= TICK, "{each:?}");
    }

    #[test]
    fn a_plugin_does_not_save_up_the_turns_that_it_did_not_want() {
        let mut calls = Calls::default();
        let busy = calls.endless("busy", 2);
        let sleeping = calls.join("sleeper");
        for _ in 0..100 {
            calls.tick();
        }
        calls.0.calls.get_mut(&sleeping).unwrap().computed = TICK;
        calls.wants(sleeping);
        let before = calls.computed(&busy);
        for _ in 0..20 {
            calls.tick();
        }
        assert!(calls.computed(&busy) - before >= 15 * TICK, "the others starved");
    }

    #[test]
    fn short_calls_of_one_plugin_do_not_keep_a_short_call_of_another_one_waiting() {
        let mut calls = Calls::default();
        for _ in 0..30 {
            let call = calls.join("greedy");
            calls.wants(call);
        }
        let other = calls.join("other");
        assert!(!calls.wants(other), "every turn is taken");
        let ended = calls.computing()[0];
        calls.0.give_back(ended, TICK / 2);
        assert_eq!(calls.granted(), [other], "it passes all of those that came before it");
    }

    #[test]
    fn a_call_that_ends_before_its_turn_passes_it_on() {
        let mut calls = Calls::default();
        calls.endless("one", TURNS + 2);
        let ended = calls.computing()[0];
        calls.0.leave(ended); // as if it had been dropped between two turns
        calls.0.taken -= 1;
        calls.0.hand_out();
        let granted = calls.granted();
        assert_eq!(granted.len(), 1);
        calls.0.leave(granted[0]);
        assert_eq!(calls.granted().len(), 1, "the turn was lost");
        assert_eq!(calls.0.taken, TURNS);
    }

    #[tokio::test]
    async fn a_call_that_sleeps_has_no_turn() {
        let turns = Turns::shared();
        let holder = Holder::new(&"one".into(), None);
        let calls: Vec<_> = (0..10).map(|_| turns.join(&holder)).collect();
        let mut sleeping: Vec<_> =
            calls.iter().map(|call| Box::pin(call.run(std::future::pending::<()>()))).collect();
        for call in &mut sleeping {
            let mut context = std::task::Context::from_waker(Waker::noop());
            assert!(call.as_mut().poll(&mut context).is_pending());
        }
        assert_eq!(turns.join(&holder).run(async { 7 }).await, 7);
    }

    #[tokio::test]
    async fn a_turn_is_passed_on_when_a_call_panics() {
        let turns = Turns::shared();
        let holder = Holder::new(&"one".into(), None);
        for _ in 0..10 {
            let turn = turns.join(&holder);
            #[allow(clippy::unreachable, reason = "the test wants a panic")]
            let panicked = tokio::spawn(async move { turn.run(async { unreachable!("on purpose") }).await });
            assert!(panicked.await.is_err());
        }
        assert_eq!(turns.join(&holder).run(async { 7 }).await, 7);
    }
}
