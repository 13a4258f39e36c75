//! QuestionKinds as a guest asks them and a client answers them.

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
    let Err(Suspend::Asks(asking)) = ask(&mut first(), CAN_ALL, &questions) else {
        panic!("it was not asked")
    };
    let response = serde_json::value::to_raw_value(&response).unwrap();
    let responses = Responses::from([("q".to_owned(), response)]);
    let mut second = Rounds::resumed(asking.state, responses, 2);
    ask(&mut second, CAN_ALL, &questions).map(|mut answers| answers.remove(0).0)
}

fn unfit(question: &Question, response: Json) -> String {
    match answered(question, response) {
        Err(Suspend::Unfit(text)) => text,
        other => panic!("{other:?}"),
    }
}

fn request(question: &Question) -> Json {
    serde_json::from_str(&question.request().unwrap()).unwrap()
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
        match ask(&mut first(), CAN_ALL, &[("q".to_owned(), form(fields))]) {
            Err(Suspend::Misused(text)) => assert!(text.contains(wrong), "{text}"),
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn a_user_is_sent_over_https_or_to_his_own_machine() {
    let page =
        |url: &str| Question::Url(UrlQuestion { message: String::new(), url: url.to_owned() }).request();
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
    let Err(Suspend::Asks(asking)) = ask(&mut first(), CAN_ALL, &questions) else {
        panic!("nothing was asked")
    };
    let requests: Json = serde_json::from_str(&asking.requests).unwrap();
    assert_eq!(requests["a"], json!({"method": "roots/list", "params": {}}));
    let raw = |json: Json| serde_json::value::to_raw_value(&json).unwrap();
    let mut responses = Responses::from([("b".to_owned(), raw(json!({"action": "decline"})))]);
    // One answer is missing: only that question is asked again.
    let mut second = Rounds::resumed(asking.state, responses.clone(), 2);
    let Err(Suspend::Asks(asking)) = ask(&mut second, CAN_ALL, &questions) else {
        panic!("nothing was asked")
    };
    assert!(!asking.requests.contains("elicitation"), "{}", asking.requests);
    responses = Responses::from([("a".to_owned(), raw(json!({"roots": [{"uri": "file:///x"}]})))]);
    let state = CallState::from_bytes(&asking.state.to_bytes()).unwrap();
    let answers = ask(&mut Rounds::resumed(state, responses, 3), CAN_ALL, &questions).unwrap();
    assert!(matches!(&answers[..], [(Answer::Form(_), 2), (Answer::Roots(roots), 3)] if roots.len() == 1));
}

#[test]
fn a_client_that_cannot_be_asked_is_told_what_it_lacks() {
    let questions = [("a".to_owned(), form(Vec::new())), ("b".to_owned(), Question::Roots)];
    let can = QuestionKinds { form: true, ..QuestionKinds::default() };
    let suspend = ask(&mut first(), Some(can), &questions).unwrap_err();
    assert!(
        matches!(suspend, Suspend::MissingCapability(lacks) if lacks == QuestionKinds { roots: true, ..QuestionKinds::default() })
    );
    assert!(matches!(ask(&mut first(), None, &questions), Err(Suspend::Unanswerable)));
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
