//! Counts what a guest allocates in all its memories and tables, and refuses more than its limits allow.

use wasmtime::ResourceLimiter;

use super::limit::Limit;
use crate::catalog::Limits;

/// Counts the allocations of one call against its limits.
#[derive(Debug)]
pub(super) struct Limiter {
    memory: Budget,
    tables: Budget,
    instances: usize,
    refused: Option<Limit>,
}

/// A sum with a cap; the last growth can be taken back, because wasmtime may fail after it asked.
#[derive(Debug)]
struct Budget {
    used: usize,
    peak: usize,
    cap: usize,
    last: usize,
}

impl Limiter {
    pub(super) fn new(limits: &Limits) -> Self {
        Self {
            memory: Budget::new(limits.memory_bytes),
            tables: Budget::new(limits.table_elements),
            instances: limits.instances,
            refused: None,
        }
    }

    /// Returns the most linear memory that the guest ever had, in bytes.
    pub(super) fn peak_memory_bytes(&self) -> usize {
        self.memory.peak
    }

    /// Returns the limit that was refused last, if any.
    pub(super) fn refused(&self) -> Option<Limit> {
        self.refused
    }
}

impl ResourceLimiter for Limiter {
    fn memory_growing(
        &mut self,
        current: usize,
        desired: usize,
        maximum: Option<usize>,
    ) -> wasmtime::Result<bool> {
        let granted = self.memory.grow(current, desired, maximum);
        if !granted {
            self.refused = Some(Limit::Memory);
        }
        Ok(granted)
    }

    fn memory_grow_failed(&mut self, _: wasmtime::Error) -> wasmtime::Result<()> {
        self.memory.take_back();
        Ok(())
    }

    fn table_growing(
        &mut self,
        current: usize,
        desired: usize,
        maximum: Option<usize>,
    ) -> wasmtime::Result<bool> {
        let granted = self.tables.grow(current, desired, maximum);
        if !granted {
            self.refused = Some(Limit::Tables);
        }
        Ok(granted)
    }

    fn table_grow_failed(&mut self, _: wasmtime::Error) -> wasmtime::Result<()> {
        self.tables.take_back();
        Ok(())
    }

    fn instances(&self) -> usize {
        self.instances
    }

    fn tables(&self) -> usize {
        self.instances
    }

    fn memories(&self) -> usize {
        self.instances
    }
}

impl Budget {
    fn new(cap: usize) -> Self {
        Self { used: 0, peak: 0, cap, last: 0 }
    }

    /// Grants growth from `current` to `desired` if the sum stays within the cap.
    fn grow(&mut self, current: usize, desired: usize, maximum: Option<usize>) -> bool {
        self.last = 0;
        // wasmtime itself fails growth beyond the memory's own maximum, after it asked.
        if maximum.is_some_and(|maximum| desired > maximum) {
            return true;
        }
        let growth = desired.saturating_sub(current);
        let Some(sum) = self.used.checked_add(growth).filter(|sum| *sum <= self.cap) else {
            return false;
        };
        self.last = growth;
        self.used = sum;
        self.peak = self.peak.max(sum);
        true
    }

    fn take_back(&mut self) {
        self.used -= std::mem::take(&mut self.last);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: usize = 64 << 10;

    #[test]
    fn growth_is_summed_over_memories() {
        let mut memory = Budget::new(3 * PAGE);
        assert!(memory.grow(0, PAGE, None), "first memory");
        assert!(memory.grow(0, PAGE, None), "second memory");
        assert!(memory.grow(PAGE, 2 * PAGE, None), "up to the cap");
        assert!(!memory.grow(PAGE, 2 * PAGE, None), "beyond the cap");
        assert_eq!(memory.peak, 3 * PAGE);
    }

    #[test]
    fn growth_that_failed_is_given_back() {
        let mut memory = Budget::new(2 * PAGE);
        assert!(memory.grow(0, 2 * PAGE, None));
        memory.take_back();
        memory.take_back();
        assert!(memory.grow(0, 2 * PAGE, None), "the whole budget is free again");
    }

    #[test]
    fn growth_beyond_the_own_maximum_costs_nothing() {
        let mut memory = Budget::new(2 * PAGE);
        assert!(memory.grow(0, 9 * PAGE, Some(PAGE)), "left for wasmtime to refuse");
        memory.take_back();
        assert_eq!(memory.used, 0);
    }

    #[test]
    fn a_sum_that_overflows_is_refused() {
        let mut memory = Budget::new(usize::MAX);
        assert!(memory.grow(0, PAGE, None));
        assert!(!memory.grow(0, usize::MAX, None));
    }
}
