//! Tools that ask. Code before a question runs again in the round that brings the answer.

use crate::Conformance;
use crate::content::{text, user_message};
use crate::exports::conformance::suite::asking::Guest;
use crate::form;
use crate::toolcell::plugin::ask::{self, Answer, FormQuestion, Question, Root, SampleRequest, Sampled};
use crate::toolcell::plugin::call::{self, Questions};
use crate::toolcell::plugin::content::Block;
use crate::toolcell::plugin::memo;

impl Guest for Conformance {
    fn test_input_required_result_elicitation() -> String {
        let answer = ask::form("user_name", "What is your name?", &[form::text("name")]);
        greeting(form::entered(&answer, "name"))
    }

    fn test_input_required_result_sampling() -> String {
        said(&ask::sample("capital_question", &sample("What is the capital of France?", 100)))
    }

    fn test_input_required_result_list_roots() -> String {
        listed(&ask::roots("client_roots"))
    }

    fn test_input_required_result_request_state() -> String {
        if memo::get("state").is_none() {
            memo::set("state", "state-ok");
        }
        ask::form("confirm", "Please confirm", &[form::boolean("ok")]);
        memo::get("state").unwrap_or_else(|| "state-lost".to_owned())
    }

    fn test_input_required_result_multiple_inputs() -> String {
        let name =
            FormQuestion { message: "What is your name?".to_owned(), fields: vec![form::text("name")] };
        let answers = ask::all(&[
            ("user_name".to_owned(), Question::Form(name)),
            ("greeting".to_owned(), Question::Sample(sample("Generate a greeting", 50))),
            ("client_roots".to_owned(), Question::Roots),
        ]);
        answers.iter().map(described).collect::<Vec<_>>().join("\n")
    }

    fn test_input_required_result_multi_round() -> String {
        let name = ask::form("step1", "Step 1: What is your name?", &[form::text("name")]);
        let color = ask::form("step2", "Step 2: What is your favorite color?", &[form::text("color")]);
        let name = form::entered(&name, "name").unwrap_or("Somebody");
        format!("{name} likes {}.", form::entered(&color, "color").unwrap_or("no color"))
    }

    fn test_input_required_result_tampered_state() -> String {
        let answer = ask::form("confirm", "Please confirm", &[form::boolean("ok")]);
        form::outcome(&answer)
    }

    fn test_input_required_result_capabilities() -> String {
        let can = call::can_ask();
        if can.contains(Questions::SAMPLE) {
            return said(&ask::sample("capital_question", &sample("What is the capital of France?", 100)));
        }
        if can.contains(Questions::FORM) {
            let answer = ask::form("user_name", "What is your name?", &[form::text("name")]);
            return greeting(form::entered(&answer, "name"));
        }
        "This client cannot be asked.".to_owned()
    }

    fn test_streaming_elicitation() -> String {
        if !call::can_ask().contains(Questions::FORM) {
            return "This client cannot be asked.".to_owned();
        }
        let answer = ask::form("confirm", "Please confirm", &[form::boolean("ok")]);
        form::outcome(&answer)
    }

    fn test_sampling(prompt: String) -> String {
        format!("LLM response: {}", said(&ask::sample("prompt", &sample(&prompt, 100))))
    }

    fn test_elicitation(message: String) -> String {
        let fields = [
            form::described_text("username", "User's response"),
            form::described_text("email", "User's email address"),
        ];
        format!("User response: {}", form::outcome(&ask::form("user", &message, &fields)))
    }

    fn test_elicitation_sep1034_defaults() -> String {
        let answer = ask::form("defaults", "Please review what is filled in", &form::defaults());
        format!("Elicitation completed: {}", form::outcome(&answer))
    }

    fn test_elicitation_sep1330_enums() -> String {
        let answer = ask::form("enums", "Please choose", &form::choices());
        format!("Elicitation completed: {}", form::outcome(&answer))
    }
}

fn greeting(name: Option<&str>) -> String {
    format!("Hello, {}!", name.unwrap_or("whoever you are"))
}

fn sample(prompt: &str, max_tokens: u32) -> SampleRequest {
    SampleRequest {
        messages: vec![user_message(text(prompt))],
        system_prompt: None,
        max_tokens,
        temperature: None,
        stop_sequences: Vec::new(),
        model_hints: Vec::new(),
    }
}

/// Returns the text of the model's answer.
fn said(sampled: &Sampled) -> String {
    let texts = sampled.content.iter().filter_map(|block| match block {
        Block::Text(text) => Some(text.text.as_str()),
        _ => None,
    });
    texts.collect::<Vec<_>>().join("\n")
}

fn listed(roots: &[Root]) -> String {
    let roots: Vec<_> = roots.iter().map(|root| root.uri.as_str()).collect();
    format!("Roots: {}", roots.join(", "))
}

fn described(answer: &Answer) -> String {
    match answer {
        Answer::Form(answer) => greeting(form::entered(answer, "name")),
        Answer::Sample(sampled) => said(sampled),
        Answer::Roots(roots) => listed(roots),
        Answer::Url(_) => "A page was opened.".to_owned(),
    }
}
