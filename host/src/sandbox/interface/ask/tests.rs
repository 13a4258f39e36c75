//! QuestionKinds as a guest asks them and a client answers them.

use std::time::{Duration, Instant};

use serde_json::{Value as Json, json};

use super::content::{Block, Message, Role};
use super::field::{
    BooleanField, Choice, ChoiceField, ChoicesField, FieldKind, IntegerField, NumberField, TextField,
    TextFormat,
};
use super::form::{FieldValue, FormAnswer};
use super::question::UrlAnswer;
use super::*;
use crate::rounds::{CallState, Responses};

const CAN_ALL: Option<QuestionKinds> =
    Some(QuestionKinds { form: true, url: true, sample: true, roots: true });

/// What the questions of a round may take, in bytes.
const LIMIT: usize = 1 << 20;

fn field(name: &str, kind: FieldKind) -> Field {
    Field { name: name.to_owned(), title: None, description: None, required: true, kind }
}

fn text() -> FieldKind {
    FieldKind::Text(TextField { min_length: None, max_length: None, format: None, default: None })
}

fn form(fields: Vec<Field>) -> Question {
    Question::Form(FormQuestion { message: "Tell me.".to_owned(), fields })
}

fn choice(value: &str, title: Option<&str>) -> Choice {
    Choice { value: value.to_owned(), title: title.map(str::to_owned) }
}

fn first() -> Rounds {
    Rounds::new([1; 32], 1)
}

/// Asks, answers with `response`, and asks again.
fn answered(question: &Question, response: Json) -> Result<Answer, Suspend> {
    let questions = [("q".to_owned(), question.clone())];
    let Err(Suspend::Asks(asking)) = ask(&mut first(), CAN_ALL, &questions, LIMIT) else {
        panic!("it was not asked")
    };
    let response = serde_json::value::to_raw_value(&response).unwrap();
    let responses = Responses::from([("q".to_owned(), response)]);
    let mut second = Rounds::resumed(asking.state, responses, 2);
    ask(&mut second, CAN_ALL, &questions, LIMIT).map(|mut answers| answers.remove(0).0)
}

fn unfit(question: &Question, response: Json) -> String {
    match answered(question, response) {
        Err(Suspend::Unfit(text)) => text,
        other => panic!("{other:?}"),
    }
}

fn request(question: &Question) -> Json {
    serde_json::from_str(&question.request(LIMIT).unwrap()).unwrap()
}

#[test]
fn every_kind_of_field_becomes_the_schema_that_mcp_knows() {
    let fields = vec![
        field(
            "name",
            FieldKind::Text(TextField {
                min_length: Some(1),
                max_length: Some(9),
                format: Some(TextFormat::Email),
                default: Some("a@b.c".to_owned()),
            }),
        ),
        field(
            "ratio",
            FieldKind::Number(NumberField { minimum: Some(0.5), maximum: Some(5.0), default: None }),
        ),
        field(
            "count",
            FieldKind::Integer(IntegerField { minimum: Some(1), maximum: None, default: Some(3) }),
        ),
        Field { required: false, ..field("sure", FieldKind::Boolean(BooleanField { default: Some(true) })) },
        field(
            "size",
            FieldKind::Choice(ChoiceField {
                choices: vec![choice("s", None), choice("l", None)],
                default: None,
            }),
        ),
        field(
            "tags",
            FieldKind::Choices(ChoicesField {
                choices: vec![choice("a", Some("A")), choice("b", None)],
                min_items: Some(1),
                max_items: None,
                default: vec!["b".to_owned()],
            }),
        ),
    ];
    let expected = json!({"method": "elicitation/create", "params": {"mode": "form", "message": "Tell me.",
        "requestedSchema": {"type": "object", "properties": {
            "name": {"type": "string", "minLength": 1, "maxLength": 9, "format": "email", "default": "a@b.c"},
            "ratio": {"type": "number", "minimum": 0.5, "maximum": 5},
            "count": {"type": "integer", "minimum": 1, "default": 3},
            "sure": {"type": "boolean", "default": true},
            "size": {"type": "string", "enum": ["s", "l"]},
            "tags": {"type": "array", "minItems": 1, "default": ["b"], "items": {"anyOf": [
                {"const": "a", "title": "A"}, {"const": "b", "title": "b"}]}},
        }, "required": ["name", "ratio", "count", "size", "tags"]}}});
    assert_eq!(request(&form(fields)), expected);
}

#[test]
fn an_accepted_form_brings_its_values_and_leaves_out_what_was_not_entered() {
    let fields = vec![
        field("name", text()),
        field("count", FieldKind::Integer(IntegerField { minimum: None, maximum: None, default: None })),
        Field { required: false, ..field("sure", FieldKind::Boolean(BooleanField { default: None })) },
    ];
    let content = json!({"name": "Ada", "count": 4.0, "unknown": 1});
    let answer = answered(&form(fields), json!({"action": "accept", "content": content})).unwrap();
    let entered = vec![
        ("name".to_owned(), FieldValue::Text("Ada".to_owned())),
        ("count".to_owned(), FieldValue::Integer(4)),
    ];
    assert_eq!(answer, Answer::Form(FormAnswer::Accepted(entered)));
}

#[test]
fn declined_and_cancelled_are_answers() {
    for (action, form_answer, url_answer) in [
        ("decline", FormAnswer::Declined, UrlAnswer::Declined),
        ("cancel", FormAnswer::Cancelled, UrlAnswer::Cancelled),
    ] {
        let response = json!({"action": action});
        assert_eq!(
            answered(&form(vec![field("n", text())]), response.clone()).unwrap(),
            Answer::Form(form_answer)
        );
        let page = UrlQuestion { message: "Log in.".to_owned(), url: "https://example.com/login".to_owned() };
        assert_eq!(answered(&Question::Url(page), response).unwrap(), Answer::Url(url_answer));
    }
}

#[test]
fn what_does_not_fit_a_form_is_refused_by_place_and_never_repeated() {
    let choices = || vec![choice("a", None), choice("b", None)];
    let any = ChoicesField { choices: choices(), min_items: Some(1), max_items: None, default: Vec::new() };
    let range = IntegerField { minimum: Some(1), maximum: Some(5), default: None };
    for (kind, value, expected) in [
        (text(), json!(5), "expected text"),
        (FieldKind::Integer(range.clone()), json!(2.5), "expected a whole number from 1 to 5"),
        (FieldKind::Integer(range), json!(6), "expected a whole number from 1 to 5"),
        (
            FieldKind::Integer(IntegerField { minimum: None, maximum: None, default: None }),
            json!(9_007_199_254_740_993_i64),
            "expected a whole number",
        ),
        (FieldKind::Boolean(BooleanField { default: None }), json!("yes"), "expected true or false"),
        (
            FieldKind::Choice(ChoiceField { choices: choices(), default: None }),
            json!("c"),
            "expected one of the choices",
        ),
        (FieldKind::Choices(any.clone()), json!(["a", "a"]), "expected each choice at most once"),
        (FieldKind::Choices(any), json!([]), "expected 1 to"),
    ] {
        let wrong =
            unfit(&form(vec![field("f", kind)]), json!({"action": "accept", "content": {"f": value}}));
        assert!(
            wrong.starts_with("params.inputResponses['q'].content.f: ") && wrong.contains(expected),
            "{wrong}"
        );
    }
    let missing = unfit(&form(vec![field("f", text())]), json!({"action": "accept"}));
    assert!(missing.contains("content.f is missing"), "{missing}");
    let secret = unfit(&form(vec![field("f", text())]), json!({"action": "hunter2"}));
    assert!(!secret.contains("hunter2") && secret.contains("accept, decline or cancel"), "{secret}");
}

#[test]
fn a_form_that_cannot_be_shown_is_its_authors_fault() {
    let number = |default| FieldKind::Number(NumberField { minimum: Some(0.0), maximum: None, default });
    for (fields, wrong) in [
        (vec![field("a", text()), field("a", text())], "two fields are called"),
        (vec![field("a b", text())], "the field name \"a b\""),
        (vec![field("n", number(Some(f64::NAN)))], "finite"),
        (vec![field("n", number(Some(-1.0)))], "the default does not fit"),
        (
            vec![field("c", FieldKind::Choice(ChoiceField { choices: Vec::new(), default: None }))],
            "nothing to choose",
        ),
    ] {
        match ask(&mut first(), CAN_ALL, &[("q".to_owned(), form(fields))], LIMIT) {
            Err(Suspend::Misused(text)) => assert!(text.contains(wrong), "{text}"),
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn a_user_is_sent_over_https_or_to_his_own_machine() {
    let page =
        |url: &str| Question::Url(UrlQuestion { message: String::new(), url: url.to_owned() }).request(LIMIT);
    for url in ["https://example.com/a?b=c", "http://localhost:8080/", "http://127.0.0.1/x"] {
        assert!(page(url).is_ok(), "{url}");
    }
    for url in [
        "http://example.com/",
        "javascript:alert(1)",
        "https://",
        "http://localhost.example.com/",
        "https://example.com/\u{202e}",
        "https://a b/",
    ] {
        assert!(page(url).is_err(), "{url}");
    }
}

#[test]
fn several_questions_go_in_one_round_and_answers_keep_their_order() {
    let questions = [("b".to_owned(), form(vec![field("n", text())])), ("a".to_owned(), Question::Roots)];
    let Err(Suspend::Asks(asking)) = ask(&mut first(), CAN_ALL, &questions, LIMIT) else {
        panic!("nothing was asked")
    };
    let requests: Json = serde_json::from_str(&asking.requests).unwrap();
    assert_eq!(requests["a"], json!({"method": "roots/list", "params": {}}));
    let raw = |json: Json| serde_json::value::to_raw_value(&json).unwrap();
    let mut responses = Responses::from([("b".to_owned(), raw(json!({"action": "decline"})))]);
    // One answer is missing: only that question is asked again.
    let mut second = Rounds::resumed(asking.state, responses.clone(), 2);
    let Err(Suspend::Asks(asking)) = ask(&mut second, CAN_ALL, &questions, LIMIT) else {
        panic!("nothing was asked")
    };
    assert!(!asking.requests.contains("elicitation"), "{}", asking.requests);
    responses = Responses::from([("a".to_owned(), raw(json!({"roots": [{"uri": "file:///x"}]})))]);
    let state = CallState::from_bytes(&asking.state.to_bytes()).unwrap();
    let answers = ask(&mut Rounds::resumed(state, responses, 3), CAN_ALL, &questions, LIMIT).unwrap();
    assert!(matches!(&answers[..], [(Answer::Form(_), 2), (Answer::Roots(roots), 3)] if roots.len() == 1));
}

#[test]
fn a_client_that_cannot_be_asked_is_told_what_it_lacks() {
    let questions = [("a".to_owned(), form(Vec::new())), ("b".to_owned(), Question::Roots)];
    let can = QuestionKinds { form: true, ..QuestionKinds::default() };
    let suspend = ask(&mut first(), Some(can), &questions, LIMIT).unwrap_err();
    assert!(
        matches!(suspend, Suspend::MissingCapability(lacks) if lacks == QuestionKinds { roots: true, ..QuestionKinds::default() })
    );
    assert!(matches!(ask(&mut first(), None, &questions, LIMIT), Err(Suspend::Unanswerable)));
}

#[test]
fn what_a_model_said_is_read_alone_or_in_a_list() {
    let said = json!({"type": "text", "text": "Paris"});
    let question = Question::Sample(sample_request());
    for content in [said.clone(), json!([said])] {
        let response =
            json!({"role": "assistant", "model": "m", "content": content, "stopReason": "endTurn"});
        assert!(matches!(answered(&question, response), Ok(Answer::Sample(_))));
    }
    let wrong = unfit(&question, json!({"role": "assistant", "model": "m", "content": {"type": "tool_use"}}));
    assert!(wrong.contains("text, image or audio"), "{wrong}");
    let params = &request(&question)["params"];
    assert_eq!(
        params["messages"][0],
        json!({"role": "user", "content": {"type": "text", "text": "Capital?"}})
    );
    assert_eq!(params["maxTokens"], 100);
}

fn sample_request() -> SampleRequest {
    SampleRequest {
        messages: vec![Message { role: Role::User, content: Block::plain("Capital?") }],
        system_prompt: None,
        max_tokens: 100,
        temperature: None,
        stop_sequences: Vec::new(),
        model_hints: Vec::new(),
    }
}

/// The time in which even a busy machine does what is linear, and in which nothing of these sizes that is quadratic
/// ends.
const SOON: Duration = Duration::from_secs(20);

#[test]
fn a_form_of_many_choices_takes_time_in_proportion_to_them() {
    let start = Instant::now();
    let values: Vec<String> = (0..100_000).map(|at| format!("choice-{at}")).collect();
    let kind = FieldKind::Choices(ChoicesField {
        choices: values.iter().map(|value| choice(value, None)).collect(),
        min_items: None,
        max_items: None,
        default: values.clone(),
    });
    let question = form(vec![field("f", kind)]);
    let response = json!({"action": "accept", "content": {"f": values}});
    let questions = [("q".to_owned(), question)];
    let Err(Suspend::Asks(asking)) = ask(&mut first(), CAN_ALL, &questions, 16 << 20) else {
        panic!("it was not asked")
    };
    let responses = Responses::from([("q".to_owned(), serde_json::value::to_raw_value(&response).unwrap())]);
    let answers = ask(&mut Rounds::resumed(asking.state, responses, 2), CAN_ALL, &questions, 16 << 20);
    let entered = vec![("f".to_owned(), FieldValue::Choices(values))];
    assert_eq!(answers.unwrap()[0].0, Answer::Form(FormAnswer::Accepted(entered)));
    assert!(start.elapsed() < SOON, "{:?}", start.elapsed());
}

#[test]
fn the_questions_of_a_round_are_counted_as_they_are_sent() {
    let control = |times: usize| {
        let message = "\"".repeat(times); // two bytes each in JSON
        Question::Url(UrlQuestion { message, url: "https://example.com/".to_owned() })
    };
    for questions in [
        vec![("a".to_owned(), control(LIMIT / 2))],
        vec![("a".to_owned(), control(LIMIT / 4)), ("b".to_owned(), control(LIMIT / 4))],
    ] {
        match ask(&mut first(), CAN_ALL, &questions, LIMIT) {
            Err(Suspend::Misused(text)) => {
                assert_eq!(text, "its questions take more than 1048576 bytes, which is its limit `output`");
            }
            other => panic!("{other:?}"),
        }
    }
    let within = ask(&mut first(), CAN_ALL, &[("a".to_owned(), control(LIMIT / 4))], LIMIT);
    assert!(matches!(within, Err(Suspend::Asks(asking)) if asking.requests.len() < LIMIT));
}

#[test]
fn an_answer_is_copied_for_one_question_of_a_round_alone() {
    let question = form(vec![field("n", text())]);
    let Err(Suspend::Asks(asking)) = ask(&mut first(), CAN_ALL, &[("q".to_owned(), question.clone())], LIMIT)
    else {
        panic!("it was not asked")
    };
    let response = json!({"action": "accept", "content": {"n": "x".repeat(1000)}});
    let responses = Responses::from([("q".to_owned(), serde_json::value::to_raw_value(&response).unwrap())]);
    let twice = [("q".to_owned(), question.clone()), ("q".to_owned(), question)];
    match ask(&mut Rounds::resumed(asking.state, responses, 2), CAN_ALL, &twice, LIMIT) {
        Err(Suspend::Misused(text)) => assert!(text.contains("two questions with one key"), "{text}"),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_message_quotes_no_more_than_the_beginning_of_a_guests_text() {
    let long = "x".repeat(100_000);
    let twice = ChoiceField { choices: vec![choice(&long, None), choice(&long, None)], default: None };
    match ask(
        &mut first(),
        CAN_ALL,
        &[("q".to_owned(), form(vec![field("f", FieldKind::Choice(twice))]))],
        LIMIT,
    ) {
        Err(Suspend::Misused(text)) => assert!(text.contains("two choices") && text.len() < 200, "{text}"),
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_user_sees_every_character_of_a_question() {
    let hidden = "Delete\u{202e}\u{e0041} it?".to_owned();
    let one = ChoiceField { choices: vec![choice("a", Some("A\u{200b}")), choice("b", None)], default: None };
    let field = Field {
        title: Some(hidden.clone()),
        description: Some(hidden.clone()),
        ..field("f", FieldKind::Choice(one))
    };
    let questions = [
        ("form".to_owned(), Question::Form(FormQuestion { message: hidden.clone(), fields: vec![field] })),
        (
            "url".to_owned(),
            Question::Url(UrlQuestion { message: hidden, url: "https://example.com".to_owned() }),
        ),
    ];
    let Err(Suspend::Asks(asking)) = ask(&mut first(), CAN_ALL, &questions, LIMIT) else {
        panic!("it was not asked")
    };
    let asked: Json = serde_json::from_str(&asking.requests).unwrap();
    let seen = "Delete\u{fffd}\u{fffd} it?";
    assert_eq!(
        (&asked["form"]["params"]["message"], &asked["url"]["params"]["message"]),
        (&json!(seen), &json!(seen))
    );
    let property = &asked["form"]["params"]["requestedSchema"]["properties"]["f"];
    assert_eq!((&property["title"], &property["description"]), (&json!(seen), &json!(seen)));
    assert_eq!(property["oneOf"][0], json!({"const": "a", "title": "A\u{fffd}"}));
}
