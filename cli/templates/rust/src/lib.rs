//! Splits a restaurant bill. `wit/world.wit` is the contract of the tool.

wit_bindgen::generate!({ world: "plugin", path: "wit", generate_all });

use exports::example::{{snake}}::tools::{Guest, Share, SplitError};

struct Plugin;

impl Guest for Plugin {
    fn split_bill(total: u32, guests: u32, tip: u32) -> Result<Share, SplitError> {
        let tip = u64::from(total) * u64::from(tip) / 100;
        let sum =
            u32::try_from(u64::from(total) + tip).map_err(|_| SplitError::TooLarge(u32::MAX))?;
        let each = sum.checked_div(guests).ok_or(SplitError::NoGuests)?;
        Ok(Share {
            each,
            rest: sum % guests,
        })
    }
}

export!(Plugin);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rest_is_what_no_equal_share_can_hold() {
        let share = Plugin::split_bill(1000, 3, 0).unwrap();
        assert_eq!((share.each, share.rest), (333, 1));
    }

    #[test]
    fn fractions_of_a_cent_are_dropped() {
        assert_eq!(Plugin::split_bill(999, 1, 10).unwrap().each, 1098);
    }

    #[test]
    fn a_bill_needs_guests() {
        let error = Plugin::split_bill(1000, 0, 0).unwrap_err();
        assert!(matches!(error, SplitError::NoGuests));
    }

    #[test]
    fn a_bill_that_no_share_can_hold_is_refused() {
        let error = Plugin::split_bill(u32::MAX, 1, 1).unwrap_err();
        assert!(matches!(error, SplitError::TooLarge(u32::MAX)));
    }
}
