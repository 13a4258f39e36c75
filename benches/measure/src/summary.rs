//! Sums up the numbers of many rounds: the median and its range.

use serde::{Deserialize, Serialize};

/// A median with the smallest and the largest value.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize, Serialize)]
pub struct Summary {
    /// The middle value.
    pub median: f64,
    /// The smallest.
    pub min: f64,
    /// The largest.
    pub max: f64,
}

impl Summary {
    /// Sums up `values`, which must not be empty.
    #[must_use]
    pub fn of(values: impl IntoIterator<Item = f64>) -> Self {
        let mut values: Vec<f64> = values.into_iter().collect();
        values.sort_by(f64::total_cmp);
        let middle = values.len() / 2;
        let median = if values.len() % 2 == 1 {
            values[middle]
        } else {
            f64::midpoint(values[middle - 1], values[middle])
        };
        Summary { median, min: values[0], max: values[values.len() - 1] }
    }

    /// Sums up the ratio of two contenders round by round, so that a change of the machine's speed affects both.
    #[must_use]
    pub fn ratio<T>(ours: &[T], theirs: &[T], metric: impl Fn(&T) -> f64) -> Self {
        Summary::of(ours.iter().zip(theirs).map(|(ours, theirs)| metric(ours) / metric(theirs)))
    }

    /// Returns the distance between the extremes, as a fraction of the median.
    #[must_use]
    pub fn spread(&self) -> f64 {
        (self.max - self.min) / self.median
    }
}

#[cfg(test)]
mod tests {
    use super::Summary;

    #[test]
    fn the_median_of_an_even_number_lies_between_the_middle_two() {
        assert_eq!(Summary::of([4.0, 1.0, 3.0, 2.0]), Summary { median: 2.5, min: 1.0, max: 4.0 });
        assert_eq!(Summary::of([5.0]), Summary { median: 5.0, min: 5.0, max: 5.0 });
    }

    #[test]
    fn a_ratio_is_taken_round_by_round() {
        // The machine was half as fast in the second round: the ratio does not see it.
        let ratio = Summary::ratio(&[2.0, 4.0], &[1.0, 2.0], |value| *value);
        assert_eq!(ratio, Summary { median: 2.0, min: 2.0, max: 2.0 });
    }
}
