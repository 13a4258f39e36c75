//! The question: which notes, and whether the user is sure.

use crate::toolcell::plugin::ask::{self, BooleanField, ChoicesField, Field, FieldKind, FormAnswer, Value};

const NOTES: &str = "notes";
const SURE: &str = "sure";

/// The user's choice.
#[derive(Debug, PartialEq)]
pub(crate) enum Choice {
    Publish(Vec<String>),
    Declined,
    Cancelled,
}

/// The form that chooses among `candidates`; all of them are chosen at first.
pub(crate) fn fields(candidates: &[String]) -> Vec<Field> {
    let choices = candidates.iter().map(|name| ask::Choice { value: name.clone(), title: None }).collect();
    let notes = ChoicesField { choices, min_items: Some(1), max_items: None, default: candidates.to_vec() };
    let sure = BooleanField { default: Some(false) };
    vec![
        field(NOTES, "Notes", FieldKind::Choices(notes)),
        field(SURE, "Publish them now", FieldKind::Boolean(sure)),
    ]
}

/// Reads the user's choice from an answer. A form without the tick is a no.
pub(crate) fn choice(answer: &FormAnswer) -> Choice {
    let values = match answer {
        FormAnswer::Accepted(values) => values,
        FormAnswer::Declined => return Choice::Declined,
        FormAnswer::Cancelled => return Choice::Cancelled,
    };
    let value = |wanted: &str| values.iter().find_map(|(name, value)| (name == wanted).then_some(value));
    match (value(SURE), value(NOTES)) {
        (Some(Value::Boolean(true)), Some(Value::Choices(notes))) => Choice::Publish(notes.clone()),
        _ => Choice::Declined,
    }
}

fn field(name: &str, title: &str, kind: FieldKind) -> Field {
    Field { name: name.to_owned(), title: Some(title.to_owned()), description: None, required: true, kind }
}

#[cfg(test)]
mod tests {
    use super::{Choice, FieldKind, FormAnswer, NOTES, SURE, Value, choice, fields};

    fn accepted(sure: bool) -> FormAnswer {
        let notes = Value::Choices(vec!["a.md".to_owned()]);
        FormAnswer::Accepted(vec![(NOTES.to_owned(), notes), (SURE.to_owned(), Value::Boolean(sure))])
    }

    #[test]
    fn only_a_form_with_the_tick_publishes() {
        assert_eq!(choice(&accepted(true)), Choice::Publish(vec!["a.md".to_owned()]));
        assert_eq!(choice(&accepted(false)), Choice::Declined);
    }

    #[test]
    fn a_no_and_going_away_are_told_apart() {
        assert_eq!(choice(&FormAnswer::Declined), Choice::Declined);
        assert_eq!(choice(&FormAnswer::Cancelled), Choice::Cancelled);
    }

    #[test]
    fn every_candidate_can_be_chosen_and_is_at_first() {
        let candidates = ["a.md", "b.md"].map(str::to_owned);
        let FieldKind::Choices(notes) = &fields(&candidates)[0].kind else { panic!("choices") };
        assert_eq!(notes.choices.len(), 2);
        assert_eq!(notes.default, candidates);
    }
}
