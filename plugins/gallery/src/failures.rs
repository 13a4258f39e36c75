//! Every form in which a function can fail.

use crate::Gallery;
use crate::exports::samples::gallery::failures::{DeliveryError, Guest, Refusal, Urgency};

/// The heaviest parcel, in grams.
const MAX_GRAMS: u32 = 2_000;

impl Guest for Gallery {
    fn fail_with_text(fail: bool) -> Result<String, String> {
        if fail { Err("it failed, as you asked".to_owned()) } else { Ok("all is well".to_owned()) }
    }

    fn fail_with_record(fail: bool) -> Result<u32, Refusal> {
        if fail { Err(Refusal { rule: 7, advice: "order less than a hundred".to_owned() }) } else { Ok(42) }
    }

    fn fail_with_variant(grams: u32) -> Result<(), DeliveryError> {
        match grams {
            0 => Err(DeliveryError::NobodyHome),
            1..=MAX_GRAMS => Ok(()),
            _ => Err(DeliveryError::TooHeavy(grams - MAX_GRAMS)),
        }
    }

    fn fail_with_enum(fail: bool) -> Result<String, Urgency> {
        if fail { Err(Urgency::High) } else { Ok("nothing to repair".to_owned()) }
    }

    fn fail_without_reason(fail: bool) -> Result<String, ()> {
        if fail { Err(()) } else { Ok("no reason to fail".to_owned()) }
    }

    fn fail_by_mistake(index: u32) -> String {
        ["first", "second", "third"][index as usize].to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::{DeliveryError, Gallery, Guest, MAX_GRAMS};

    #[test]
    fn a_parcel_is_delivered_up_to_the_limit() {
        assert!(Gallery::fail_with_variant(MAX_GRAMS).is_ok());
        let refused = Gallery::fail_with_variant(MAX_GRAMS + 1);
        assert!(matches!(refused, Err(DeliveryError::TooHeavy(1))));
    }
}
