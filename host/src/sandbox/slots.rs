//! Shares the slots of the pool among calls, and those for requests to other hosts among requests. Whoever has a slot
//! holds it to the end, even while it sleeps.
//!
//! A plugin may hold as many slots as are free, and so may a principal: alone, each of them gets half of all slots. A
//! principal's calls of one plugin may hold as many as these two leave, so a third. Whatever it does, a call of another
//! plugin finds a free slot, and so does another principal's call of the same plugin. Of the calls that wait, the one
//! whose plugin and principal hold the fewest slots comes first.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::oneshot;

use super::holder::Holder;

/// Hands out slots to calls, or to requests. Clones share them.
#[derive(Clone, Debug)]
pub(super) struct Slots(Arc<Mutex<State>>);

/// A slot that is taken; dropping it frees it.
#[derive(Debug)]
pub(super) struct Slot {
    slots: Slots,
    holder: Holder,
}

/// Tells who may hold how many slots.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sharing {
    /// No plugin and no principal more than are free.
    Fair,
    /// Anyone all of them: there are never more calls than slots.
    Unlimited,
}

#[derive(Debug)]
struct State {
    sharing: Sharing,
    free: usize,
    by_plugin: BTreeMap<Arc<str>, usize>,
    by_principal: BTreeMap<Arc<str>, usize>,
    /// The slots of a principal's calls of one plugin.
    by_both: BTreeMap<Holder, usize>,
    /// The calls that wait, in the order of their arrival.
    waiting: Vec<Waiting>,
}

#[derive(Debug)]
struct Waiting {
    holder: Holder,
    granted: oneshot::Sender<Slot>,
}

impl Slots {
    /// Creates slots for this many calls at a time.
    pub(super) fn new(calls: u32, sharing: Sharing) -> Self {
        Self(Arc::new(Mutex::new(State {
            sharing,
            free: calls as usize,
            by_plugin: BTreeMap::new(),
            by_principal: BTreeMap::new(),
            by_both: BTreeMap::new(),
            waiting: Vec::new(),
        })))
    }

    /// Waits for a slot.
    pub(super) async fn acquire(&self, holder: &Holder) -> Slot {
        let granted = {
            let mut state = self.lock();
            // Whoever waits may not have a free slot, so a call that may have one passes nobody.
            if state.may_take(holder) {
                state.take(holder);
                return Slot { slots: self.clone(), holder: holder.clone() };
            }
            let (granted, slot) = oneshot::channel();
            state.waiting.push(Waiting { holder: holder.clone(), granted });
            slot
        };
        match granted.await {
            Ok(slot) => slot,
            // The sender lives in the state, which this value holds: it is never dropped without a slot.
            Err(_) => std::future::pending().await,
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Gives free slots to calls that wait.
    fn hand_out(&self) {
        loop {
            let Some(Waiting { holder, granted }) = self.lock().next() else { return };
            // A call that no longer waits gives its slot back here, outside of the lock.
            let _ = granted.send(Slot { slots: self.clone(), holder });
        }
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        self.slots.lock().give_back(&self.holder);
        self.slots.hand_out();
    }
}

impl State {
    /// Returns how many slots must be free, and one more, so that the holder may take one.
    fn held(&self, holder: &Holder) -> usize {
        let by_principal = holder.principal.as_ref().and_then(|name| self.by_principal.get(name));
        let by_plugin = self.by_plugin.get(&holder.plugin);
        let by_both = self.by_both.get(holder);
        let count = |held: Option<&usize>| held.copied().unwrap_or(0);
        count(by_plugin).max(count(by_principal)) + count(by_both)
    }

    fn may_take(&self, holder: &Holder) -> bool {
        match self.sharing {
            Sharing::Fair => self.held(holder) < self.free,
            Sharing::Unlimited => self.free > 0,
        }
    }

    fn take(&mut self, holder: &Holder) {
        self.free -= 1;
        if self.sharing == Sharing::Unlimited {
            return;
        }
        *self.by_plugin.entry(Arc::clone(&holder.plugin)).or_default() += 1;
        if let Some(principal) = &holder.principal {
            *self.by_principal.entry(Arc::clone(principal)).or_default() += 1;
            *self.by_both.entry(holder.clone()).or_default() += 1;
        }
    }

    fn give_back(&mut self, holder: &Holder) {
        self.free += 1;
        less(&mut self.by_plugin, &holder.plugin);
        if let Some(principal) = &holder.principal {
            less(&mut self.by_principal, principal);
            less(&mut self.by_both, holder);
        }
    }

    /// Takes a slot for the next of the calls that wait, if there is one that may have it.
    fn next(&mut self) -> Option<Waiting> {
        self.waiting.retain(|waiting| !waiting.granted.is_closed());
        // The first one with the fewest slots: if it may not have another one, none may.
        let (at, first) = self.waiting.iter().enumerate().min_by_key(|(_, one)| self.held(&one.holder))?;
        if !self.may_take(&first.holder) {
            return None;
        }
        let next = self.waiting.remove(at);
        self.take(&next.holder);
        Some(next)
    }
}

/// Counts one slot less.
fn less<K: Ord>(counts: &mut BTreeMap<K, usize>, key: &K) {
    if let Some(count) = counts.get_mut(key) {
        *count -= 1;
        if *count == 0 {
            counts.remove(key);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::pin::pin;
    use std::time::Duration;

    use tokio::time::timeout;

    use super::*;

    /// Longer than anything in these tests takes; their clock is paused.
    const LONG: Duration = Duration::from_secs(3600);

    fn holder(plugin: &str, principal: Option<&str>) -> Holder {
        Holder::new(&plugin.into(), principal)
    }

    /// Takes slots until there is none for this holder.
    async fn take_all(slots: &Slots, holder: &Holder) -> Vec<Slot> {
        let mut held = Vec::new();
        while let Ok(slot) = timeout(LONG, slots.acquire(holder)).await {
            held.push(slot);
        }
        held
    }

    #[tokio::test(start_paused = true)]
    async fn as_many_calls_as_there_is_room_for_get_a_slot_and_the_next_one_waits_for_an_end() {
        let slots = Slots::new(3, Sharing::Unlimited);
        let one = holder("one", Some("ann"));
        let mut running = take_all(&slots, &one).await;
        assert_eq!(running.len(), 3);
        running.pop();
        assert!(timeout(LONG, slots.acquire(&one)).await.is_ok(), "the slot of an ended call was lost");
    }

    #[tokio::test(start_paused = true)]
    async fn one_plugin_gets_half_of_the_slots_and_another_one_half_of_the_rest() {
        let slots = Slots::new(64, Sharing::Fair);
        let greedy = take_all(&slots, &holder("greedy", None)).await;
        let other = take_all(&slots, &holder("other", None)).await;
        let third = take_all(&slots, &holder("third", None)).await;
        assert_eq!((greedy.len(), other.len(), third.len()), (32, 16, 8));
    }

    #[tokio::test(start_paused = true)]
    async fn one_principal_gets_half_of_the_slots_through_however_many_plugins() {
        let slots = Slots::new(64, Sharing::Fair);
        let mut held = Vec::new();
        for plugin in ["one", "two", "three", "four"] {
            held.extend(take_all(&slots, &holder(plugin, Some("ann"))).await);
        }
        assert_eq!(held.len(), 32);
        assert!(timeout(LONG, slots.acquire(&holder("five", Some("ben")))).await.is_ok());
    }

    #[tokio::test(start_paused = true)]
    async fn one_principal_takes_no_plugin_away_from_another_one() {
        let slots = Slots::new(64, Sharing::Fair);
        let greedy = take_all(&slots, &holder("one", Some("ann"))).await;
        assert_eq!(greedy.len(), 22);
        for (plugin, principal) in [("one", "ben"), ("two", "ann"), ("two", "ben")] {
            let slot = timeout(LONG, slots.acquire(&holder(plugin, Some(principal)))).await;
            assert!(slot.is_ok(), "{principal} calls {plugin}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn anonymous_callers_are_not_one_principal() {
        let slots = Slots::new(64, Sharing::Fair);
        let _greedy = take_all(&slots, &holder("greedy", None)).await;
        assert!(timeout(LONG, slots.acquire(&holder("other", None))).await.is_ok());
    }

    #[tokio::test(start_paused = true)]
    async fn even_a_single_slot_goes_to_whoever_comes() {
        for calls in 1..4 {
            let slots = Slots::new(calls, Sharing::Fair);
            assert!(!take_all(&slots, &holder("one", Some("ann"))).await.is_empty(), "{calls}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn whoever_holds_the_fewest_slots_comes_first_however_late_it_came() {
        let slots = Slots::new(1, Sharing::Fair);
        let (greedy, other) = (holder("greedy", None), holder("other", None));
        let running = slots.acquire(&greedy).await;
        let mut first = pin!(slots.acquire(&greedy));
        assert!(timeout(LONG, &mut first).await.is_err());
        let mut late = pin!(slots.acquire(&other));
        assert!(timeout(LONG, &mut late).await.is_err());
        drop(running);
        // Neither holds one now: the first to come is the first to go.
        let running = timeout(LONG, &mut first).await.expect("it came first");
        let mut again = pin!(slots.acquire(&greedy));
        assert!(timeout(LONG, &mut again).await.is_err());
        drop(running);
        assert!(timeout(LONG, &mut late).await.is_ok(), "it waited longer");
    }

    #[tokio::test(start_paused = true)]
    async fn a_call_that_no_longer_waits_loses_no_slot() {
        let slots = Slots::new(1, Sharing::Fair);
        let one = holder("one", None);
        let running = slots.acquire(&one).await;
        {
            let mut gone = pin!(slots.acquire(&one));
            assert!(timeout(LONG, &mut gone).await.is_err());
            drop(running); // it has been given the slot, and ends before it learns that
        }
        assert!(timeout(LONG, slots.acquire(&one)).await.is_ok(), "the slot was lost");
    }
}
