//! Rounds as a guest and a client see them.

use super::*;

const SEED: [u8; 32] = [7; 32];

fn responses(pairs: &[(&str, &str)]) -> Responses {
    pairs.iter().map(|(key, json)| (key.to_string(), serde_json::from_str(json).unwrap())).collect()
}

/// The state after a round that asked `questions`, having gone through its sealed form.
fn after(rounds: &mut Rounds, questions: &[(&str, &str)]) -> CallState {
    for (key, request) in questions {
        rounds.ask(key, request.to_string(), 1 << 20).unwrap();
    }
    CallState::from_bytes(&rounds.end().unwrap().state.to_bytes()).unwrap()
}

#[test]
fn an_answer_is_handed_back_where_key_and_question_match() {
    let mut first = Rounds::new(SEED, 1);
    assert!(first.answer("name", "who?").is_none());
    let state = after(&mut first, &[("name", "who?")]);
    let mut second = Rounds::resumed(state, responses(&[("name", "{\"a\":1}"), ("extra", "{}")]), 2);
    let answered = second.answer("name", "who?").unwrap();
    assert_eq!((answered.response.get(), answered.at_ms), ("{\"a\":1}", 2));
    assert!(second.answer("extra", "who?").is_none(), "nobody asked that");
}

#[test]
fn an_answer_is_kept_over_later_rounds_with_the_moment_it_came() {
    let state = after(&mut Rounds::new(SEED, 1), &[("one", "1?")]);
    let mut second = Rounds::resumed(state, responses(&[("one", "{}")]), 20);
    second.answer("one", "1?").unwrap();
    let state = after(&mut second, &[("two", "2?")]);
    let mut third = Rounds::resumed(state, responses(&[("one", "{\"forged\":true}"), ("two", "{}")]), 30);
    let one = third.answer("one", "1?").unwrap();
    assert_eq!((one.response.get(), one.at_ms), ("{}", 20), "a second answer must not replace the first");
    assert_eq!(third.answer("two", "2?").unwrap().at_ms, 30);
}

#[test]
fn a_question_that_changed_is_asked_again() {
    let state = after(&mut Rounds::new(SEED, 1), &[("sure", "delete a?")]);
    let mut second = Rounds::resumed(state, responses(&[("sure", "{}")]), 2);
    assert!(second.answer("sure", "delete everything?").is_none());
    assert!(second.answer("sure", "delete a?").is_some());
}

#[test]
fn a_record_holds_the_questions_of_the_last_round_alone() {
    let state = after(&mut Rounds::new(SEED, 1), &[("one", "1?")]);
    let state = after(&mut Rounds::resumed(state, Responses::new(), 2), &[("two", "2?")]);
    let mut third = Rounds::resumed(state, responses(&[("one", "{}")]), 3);
    assert!(third.answer("one", "1?").is_none());
}

#[test]
fn eight_rounds_may_end_in_questions_and_no_ninth() {
    let mut state = after(&mut Rounds::new(SEED, 1), &[("k", "0")]);
    for round in 1..MAX_ROUNDS {
        state = after(&mut Rounds::resumed(state, Responses::new(), 2), &[("k", &round.to_string())]);
    }
    let mut ninth = Rounds::resumed(state, Responses::new(), 2);
    ninth.ask("k", "9".to_owned(), 1 << 20).unwrap();
    assert_eq!(ninth.end().unwrap_err(), AskError::Rounds);
}

#[test]
fn sixteen_questions_go_at_a_time_and_each_has_its_own_key() {
    let mut rounds = Rounds::new(SEED, 1);
    for at in 0..MAX_QUESTIONS {
        rounds.ask(&at.to_string(), "?".to_owned(), 1 << 20).unwrap();
    }
    assert!(rounds.end().unwrap().requests.starts_with(r#"{"0":?,"1":?"#));
    assert_eq!(rounds.ask("more", "?".to_owned(), 1 << 20), Err(AskError::Questions));
    let mut twins = Rounds::new(SEED, 1);
    twins.ask("k", "a".to_owned(), 1 << 20).unwrap();
    twins.ask("k", "b".to_owned(), 1 << 20).unwrap();
    assert_eq!(twins.end().unwrap_err(), AskError::SameKey);
}

#[test]
fn memos_survive_a_round_and_are_capped() {
    let mut first = Rounds::new(SEED, 1);
    first.keep("page".to_owned(), "42".to_owned()).unwrap();
    assert_eq!(first.memo("page"), Some("42"), "it is there in the same round");
    let state = after(&mut first, &[("k", "?")]);
    let mut second = Rounds::resumed(state, Responses::new(), 2);
    assert_eq!(second.memo("page"), Some("42"));
    assert_eq!(second.keep("big".to_owned(), "x".repeat(MAX_CALL_STATE_BYTES)), Err(AskError::Size));
}

#[test]
fn the_questions_of_a_round_have_a_limit_together() {
    let mut rounds = Rounds::new(SEED, 1);
    rounds.ask("one", "?".repeat(50), 100).unwrap();
    assert_eq!(rounds.ask("two", "?".repeat(50), 100), Err(AskError::Bytes { limit_bytes: 100 }));
}

#[test]
fn a_memo_that_is_replaced_is_counted_once() {
    let mut rounds = Rounds::new(SEED, 1);
    for _ in 0..3 {
        rounds.keep("key".to_owned(), "x".repeat(MAX_CALL_STATE_BYTES / 2)).unwrap();
    }
    rounds.keep("key".to_owned(), String::new()).unwrap();
    rounds.keep("other".to_owned(), "x".repeat(MAX_CALL_STATE_BYTES / 2)).unwrap();
    let state = CallState::from_bytes(&rounds.state().to_bytes()).unwrap();
    let mut second = Rounds::resumed(state, Responses::new(), 2);
    let more = second.keep("third".to_owned(), "x".repeat(MAX_CALL_STATE_BYTES / 2));
    assert_eq!(more, Err(AskError::Size), "memos of earlier rounds count");
}

#[test]
fn a_record_with_its_questions_and_answers_is_capped() {
    let mut rounds = Rounds::new(SEED, 1);
    rounds.keep("most".to_owned(), "x".repeat(MAX_CALL_STATE_BYTES - 100)).unwrap();
    rounds.ask("k", "?".to_owned(), 1 << 20).unwrap();
    assert_eq!(rounds.end().unwrap_err(), AskError::Size);
}

#[test]
fn what_earlier_rounds_told_is_no_news() {
    let mut first = Rounds::new(SEED, 1);
    assert!(first.is_news() && first.is_news());
    let state = after(&mut first, &[("k", "?")]);
    let mut second = Rounds::resumed(state, Responses::new(), 2);
    assert_eq!([second.is_news(), second.is_news(), second.is_news()], [false, false, true]);
}

#[test]
fn the_idempotency_key_is_the_same_in_every_round_and_another_for_every_call() {
    let mut first = Rounds::new(SEED, 1);
    let key = first.state().idempotency_key();
    let state = after(&mut first, &[("k", "?")]);
    assert_eq!(state.idempotency_key(), key);
    assert_ne!(Rounds::new([8; 32], 1).state().idempotency_key(), key);
    assert_eq!(key.len(), 32);
}

#[test]
fn a_call_goes_on_for_an_hour_and_not_before_it_began() {
    let start = 10 * MAX_AGE_MS;
    let rounds = Rounds::new(SEED, start);
    for (now, is_current) in [
        (start, true),
        (start + MAX_AGE_MS - 1, true),
        (start + MAX_AGE_MS, false),
        (start - MAX_SKEW_MS, true),
        (start - MAX_SKEW_MS - 1, false),
        (0, false),
        (u64::MAX, false),
    ] {
        assert_eq!(rounds.state().is_current(now), is_current, "{now}");
    }
}

#[test]
fn a_replayed_call_has_the_seed_and_the_time_that_it_is_given() {
    let rounds = Rounds::replayed(Replay { seed: SEED, now_ms: 5 });
    assert_eq!((rounds.state().seed(), rounds.state().started_ms()), (SEED, 5));
    assert!(rounds.is_replayed() && !Rounds::new(SEED, 5).is_replayed());
}
