//! Writes questions of every kind as MCP does, and reads their answers.

use serde::Deserialize;
use serde_json::json;
use serde_json::value::RawValue;
use wasmtime::component::{ComponentType, Lift, Lower};

use super::field::Field;
use super::form::{self, FormAnswer};
use super::response::{Action, elicited, read};
use super::sample::{SampleRequest, Sampled};
use crate::mcp::QuestionKinds;

/// The longest URL that a user may be sent to, in bytes.
const MAX_URL_BYTES: usize = 8 << 10;

/// `question`
#[derive(Clone, Debug, ComponentType, Lift)]
#[component(variant)]
pub(super) enum Question {
    #[component(name = "form")]
    Form(FormQuestion),
    #[component(name = "url")]
    Url(UrlQuestion),
    #[component(name = "sample")]
    Sample(SampleRequest),
    #[component(name = "roots")]
    Roots,
}

/// `form-question`
#[derive(Clone, Debug, ComponentType, Lift)]
#[component(record)]
pub(super) struct FormQuestion {
    pub(super) message: String,
    pub(super) fields: Vec<Field>,
}

/// `url-question`
#[derive(Clone, Debug, ComponentType, Lift)]
#[component(record)]
pub(super) struct UrlQuestion {
    pub(super) message: String,
    pub(super) url: String,
}

/// `answer`
#[derive(Clone, Debug, PartialEq, ComponentType, Lower)]
#[component(variant)]
pub(super) enum Answer {
    #[component(name = "form")]
    Form(FormAnswer),
    #[component(name = "url")]
    Url(UrlAnswer),
    #[component(name = "sample")]
    Sample(Sampled),
    #[component(name = "roots")]
    Roots(Vec<Root>),
}

/// `url-answer`
#[derive(Clone, Copy, Debug, PartialEq, Eq, ComponentType, Lower)]
#[component(enum)]
#[repr(u8)]
pub(super) enum UrlAnswer {
    #[component(name = "accepted")]
    Accepted,
    #[component(name = "declined")]
    Declined,
    #[component(name = "cancelled")]
    Cancelled,
}

/// `root`
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, ComponentType, Lower)]
#[component(record)]
pub(super) struct Root {
    uri: String,
    #[serde(default)]
    name: Option<String>,
}

#[derive(Deserialize)]
struct Listed {
    roots: Vec<Root>,
}

impl Question {
    /// Returns the kind of question, which the client must support.
    pub(super) fn kind(&self) -> QuestionKinds {
        let none = QuestionKinds::default();
        match self {
            Question::Form(_) => QuestionKinds { form: true, ..none },
            Question::Url(_) => QuestionKinds { url: true, ..none },
            Question::Sample(_) => QuestionKinds { sample: true, ..none },
            Question::Roots => QuestionKinds { roots: true, ..none },
        }
    }

    /// Returns the question as MCP's `InputRequest`; the same question gives the same text.
    ///
    /// # Errors
    /// Fails with the fault of the question, for the plugin's author.
    pub(super) fn request(&self) -> Result<String, String> {
        let request = match self {
            Question::Form(FormQuestion { message, fields }) => {
                let schema = form::schema(fields)?;
                let params = json!({ "mode": "form", "message": message, "requestedSchema": schema });
                json!({ "method": "elicitation/create", "params": params })
            }
            Question::Url(UrlQuestion { message, url }) => {
                check_url(url)?;
                let params = json!({ "mode": "url", "message": message, "url": url });
                json!({ "method": "elicitation/create", "params": params })
            }
            Question::Sample(request) => {
                json!({ "method": "sampling/createMessage", "params": request.params()? })
            }
            Question::Roots => json!({ "method": "roots/list", "params": {} }),
        };
        Ok(request.to_string())
    }

    /// Reads the client's response; `path` is its place in the request.
    ///
    /// # Errors
    /// The place of an invalid value, and what was expected there.
    pub(super) fn read(&self, response: &RawValue, path: &str) -> Result<Answer, String> {
        Ok(match self {
            Question::Form(question) => Answer::Form(form::read(&question.fields, response, path)?),
            Question::Url(_) => Answer::Url(match elicited(response, path)?.action {
                Action::Accept => UrlAnswer::Accepted,
                Action::Decline => UrlAnswer::Declined,
                Action::Cancel => UrlAnswer::Cancelled,
            }),
            Question::Sample(_) => Answer::Sample(Sampled::read(response, path)?),
            Question::Roots => {
                let expected = "an object with `roots`, a list of objects with `uri`";
                let listed: Listed = read(response, path, expected)?;
                Answer::Roots(listed.roots)
            }
        })
    }
}

/// Checks that a URL leads over HTTPS, or to a program on the user's own machine.
fn check_url(url: &str) -> Result<(), String> {
    let is_local = |rest: &str| {
        let host = rest.split(['/', '?', '#']).next().unwrap_or(rest);
        matches!(host.split(':').next(), Some("localhost" | "127.0.0.1"))
    };
    let is_safe = match (url.strip_prefix("https://"), url.strip_prefix("http://")) {
        (Some(rest), _) => rest.starts_with(|first: char| first.is_ascii_alphanumeric() || first == '['),
        (_, Some(rest)) => is_local(rest),
        _ => false,
    };
    let is_text = url.bytes().all(|byte| byte.is_ascii_graphic() && !b"\"<>\\^`{|}".contains(&byte));
    if is_safe && is_text && url.len() <= MAX_URL_BYTES {
        return Ok(());
    }
    Err("the url is not one that a user may be sent to: expected https://... in at most 8 KiB of ASCII"
        .to_owned())
}
