//! Writes questions of every kind as MCP does, and reads their answers.

use std::borrow::Cow;
use std::io::{self, Write};

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use wasmtime::component::{ComponentType, Lift, Lower};

use super::field::Field;
use super::form::{self, FormAnswer, FormSchema};
use super::response::{Action, elicited, read};
use super::sample::{SampleParams, SampleRequest, Sampled};
use crate::mcp::QuestionKinds;
use crate::rounds::AskError;
use crate::text;

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

/// MCP's `InputRequest`.
#[derive(Serialize)]
#[serde(tag = "method", content = "params")]
enum InputRequest<'q> {
    #[serde(rename = "elicitation/create")]
    Elicit(ElicitParams<'q>),
    #[serde(rename = "sampling/createMessage")]
    Sample(SampleParams<'q>),
    #[serde(rename = "roots/list")]
    Roots {},
}

/// MCP's `ElicitRequestParams`.
#[derive(Serialize)]
#[serde(tag = "mode", rename_all = "lowercase", rename_all_fields = "camelCase")]
enum ElicitParams<'q> {
    Form { message: Cow<'q, str>, requested_schema: FormSchema<'q> },
    Url { message: Cow<'q, str>, url: &'q str },
}

/// Takes text up to a limit, so that a question is counted while it is written: escapes make text six times as long.
struct Bounded {
    text: Vec<u8>,
    limit_bytes: usize,
}

impl Write for Bounded {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if bytes.len() > self.limit_bytes - self.text.len() {
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        self.text.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
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

    /// Returns the question as MCP's `InputRequest`; the same question gives the same text. The user sees every character
    /// of it: one that would hide is replaced.
    ///
    /// # Errors
    /// Fails with the fault of the question, for the plugin's author: it is invalid, or its text is longer than
    /// `limit_bytes`.
    pub(super) fn request(&self, limit_bytes: usize) -> Result<String, String> {
        let request = match self {
            Question::Form(FormQuestion { message, fields }) => {
                let (message, requested_schema) = (text::seen(message), form::schema(fields)?);
                InputRequest::Elicit(ElicitParams::Form { message, requested_schema })
            }
            Question::Url(UrlQuestion { message, url }) => {
                check_url(url)?;
                InputRequest::Elicit(ElicitParams::Url { message: text::seen(message), url })
            }
            Question::Sample(request) => InputRequest::Sample(request.params()?),
            Question::Roots => InputRequest::Roots {},
        };
        let mut written = Bounded { text: Vec::new(), limit_bytes };
        let result = serde_json::to_writer(&mut written, &request);
        result.map_err(|_| AskError::Bytes { limit_bytes }.to_string())?;
        String::from_utf8(written.text).map_err(|error| error.to_string())
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
