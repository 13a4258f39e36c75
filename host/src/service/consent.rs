//! Asks the user before a tool runs, where the deployer wants that (`confirm = "always"`).
//!
//! The question is one of the server's own: it shows the arguments as the client wrote them, and its token is sealed for
//! this caller, tool and arguments, as those of plugins' questions are. A client that relays an answer is no proof of a
//! person; docs/adr/0048-tool-policies.md says what the answer is worth.

use std::borrow::Cow;
use std::sync::Arc;

use serde::Deserialize;
use serde_json::json;
use serde_json::value::RawValue;

use super::Service;
use super::answer::Answer;
use super::invoke::responses;
use super::policy::spend;
use super::request::{PluginRequest, RequestBinding};
use super::request_state::{Purpose, StateSealer};
use crate::call::now_ms;
use crate::catalog::{Confirm, FunctionRef, Item, Tool};
use crate::protocol::{CallTool, Fault, Input, ParamsError};
use crate::rounds::{CallState, Rounds};
use crate::text;

/// The key of the question among a round's.
const KEY: &str = "toolcell-confirm";

/// The member of the form that the user sets.
const FIELD: &str = "confirm";

/// The most characters of arguments that the user is shown.
const MAX_SHOWN_CHARS: usize = 10_000;

/// The text for a caller whose user did not say yes.
const NOT_ALLOWED: &str = "the user did not allow this call";

/// The text for a caller whose answer was used before.
const USED: &str = "this answer of the user has been used: call the tool again";

/// A call that may run.
#[derive(Debug)]
pub(super) struct Consent {
    /// The input with which it goes on.
    pub(super) input: Input,
    /// The token that the user's answer came with, to be used up.
    pub(super) token: Option<String>,
}

/// MCP's `ElicitResult`.
#[derive(Deserialize)]
struct Elicited<'a> {
    action: Cow<'a, str>,
    #[serde(borrow, default)]
    content: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct Form {
    confirm: bool,
}

impl Consent {
    /// Goes on with a token that the plugin has sealed, if there is one.
    fn of_later_round(input: &Input) -> Self {
        Self { input: input.clone(), token: None }
    }
}

impl Service {
    /// Lets a call pass whose user has said yes, or need not be asked.
    ///
    /// # Errors
    /// The question, or the answer to a call that does not run.
    pub(super) async fn ask_consent(
        &self,
        request: &PluginRequest<'_>,
        tool: &Arc<Item<Tool>>,
        call: &CallTool,
    ) -> Result<Consent, Answer> {
        if tool.confirm == Confirm::Never {
            return Ok(Consent::of_later_round(&call.input));
        }
        // In a box: few tools ask, and its states would be part of every call.
        Box::pin(self.ask_user(request, tool, call)).await
    }

    async fn ask_user(
        &self,
        request: &PluginRequest<'_>,
        tool: &Arc<Item<Tool>>,
        call: &CallTool,
    ) -> Result<Consent, Answer> {
        let function = FunctionRef::Tool(Arc::clone(tool));
        let binding = RequestBinding { target: call.name.clone(), arguments: call.arguments.clone() };
        let sealer = StateSealer::new(&self.keyring, request, &function, &binding, Purpose::Consent);
        let Some(question) = question(&call.name, &call.arguments) else {
            return Err(self.refuse_call(request, &tool.name, "confirm", &too_long()));
        };
        let not_after = request.context().not_after;
        let Some(token) = &call.input.state else {
            return Err(self.question(request, &sealer, Rounds::new([0; 32], now_ms()), &question).await);
        };
        let state: CallState = match sealer.open(token, not_after, now_ms()).await {
            Ok(state) => state,
            // The token of a later round, which the plugin has sealed after the user had said yes.
            Err(Fault::Params(ParamsError::State)) if tool.plugin().asks => {
                return Ok(Consent::of_later_round(&call.input));
            }
            Err(fault) => return Err(request.refuse(fault)),
        };
        let given = responses(&call.input).map_err(|fault| request.refuse(fault))?;
        let mut rounds = Rounds::resumed(state, given, now_ms());
        let Some(answered) = rounds.answer(KEY, &question) else {
            return Err(self.question(request, &sealer, rounds, &question).await);
        };
        if !says_yes(&answered.response) {
            return Err(self.refuse_call(request, &tool.name, "confirm", NOT_ALLOWED));
        }
        Ok(Consent { input: Input::default(), token: Some(token.clone()) })
    }

    /// Uses up the token of a call whose user was asked: it brings one answer to one call.
    ///
    /// # Errors
    /// The answer to a call that does not run.
    pub(super) async fn use_answer(
        &self,
        request: &PluginRequest<'_>,
        tool: &str,
        confirm: Confirm,
        token: &str,
    ) -> Result<(), Answer> {
        if confirm == Confirm::Never {
            return Ok(());
        }
        match spend(self.runner.state_store(), token).await {
            Ok(true) => Ok(()),
            Ok(false) => Err(self.refuse_call(request, tool, "confirm", USED)),
            // Without a table the token is good for its hour; a tool that destroys is not served without one.
            Err(None) if confirm == Confirm::Always => Ok(()),
            Err(error) => {
                tracing::error!(tool, ?error, "an answer of a user cannot be kept");
                Err(request.refuse(error.map_or(Fault::Internal, |_| Fault::Unavailable)))
            }
        }
    }

    /// Asks the user.
    async fn question(
        &self,
        request: &PluginRequest<'_>,
        sealer: &StateSealer,
        mut rounds: Rounds,
        question: &str,
    ) -> Answer {
        let asked = rounds.ask(KEY, question.to_owned(), usize::MAX).and_then(|()| rounds.end());
        let pending = match asked {
            Ok(pending) => pending,
            Err(error) => return request.refuse(Fault::Failed { reason: error.to_string() }),
        };
        match sealer.seal(&pending.state, request.context().not_after).await {
            Ok(state) => {
                let requests = pending.requests.as_bytes();
                Answer::Json(self.renderer.input_required(&request.head, requests, &state))
            }
            Err(fault) => request.refuse(fault),
        }
    }
}

/// The text for a caller whose arguments the user cannot see whole.
fn too_long() -> String {
    format!("the user has to see all arguments: they must not be longer than {MAX_SHOWN_CHARS} characters")
}

/// Writes the question (MCP `InputRequest`); `None` if the arguments are too long to be shown.
fn question(tool: &str, arguments: &[u8]) -> Option<String> {
    let message = format!("Run the tool `{tool}` with these arguments?\n{}", shown(arguments)?);
    let question = json!({
        "method": "elicitation/create",
        "params": {
            "mode": "form",
            "message": message,
            "requestedSchema": {
                "type": "object",
                "properties": { FIELD: { "type": "boolean", "title": "Run it" } },
                "required": [FIELD],
            },
        },
    });
    Some(question.to_string())
}

/// Shows arguments as the client wrote them: without whitespace that could push them out of sight, and with a mark in
/// place of each character that hides something. Returns `None` where they are too long to be shown whole: the client
/// chooses their order, and so what would be left out.
fn shown(arguments: &[u8]) -> Option<String> {
    let text = String::from_utf8_lossy(arguments);
    let (mut compact, mut is_text, mut is_escaped) = (String::with_capacity(text.len()), false, false);
    for letter in text.chars() {
        if is_text || !letter.is_ascii_whitespace() {
            compact.push(letter);
        }
        is_text ^= letter == '"' && !is_escaped;
        is_escaped = is_text && letter == '\\' && !is_escaped;
    }
    let seen = text::seen(&compact);
    (seen.chars().count() <= MAX_SHOWN_CHARS).then(|| seen.into_owned())
}

fn says_yes(response: &RawValue) -> bool {
    let Ok(Elicited { action, content: Some(content) }) = serde_json::from_str(response.get()) else {
        return false;
    };
    action == "accept" && serde_json::from_str(content.get()).is_ok_and(|Form { confirm }| confirm)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arguments_are_shown_whole_and_nothing_in_them_hides() {
        let padded = format!("{{ \"a\" :{}\n [1 , \" two  words \"] }}", " ".repeat(10_000));
        let shown = |arguments: &str| shown(arguments.as_bytes());
        assert_eq!(shown(&padded).as_deref(), Some(r#"{"a":[1," two  words "]}"#));
        assert_eq!(
            shown(r#"{"a":"\" x","b": "\\" , "c":1}"#).as_deref(),
            Some(r#"{"a":"\" x","b":"\\","c":1}"#)
        );
        assert_eq!(shown("{\"a\":\"x\u{202e}y\"}").as_deref(), Some("{\"a\":\"x\u{fffd}y\"}"));
        let long = |letters: usize| shown(&format!("{{\"a\":\"{}\"}}", "é".repeat(letters)));
        assert!(
            long(9_992).is_some() && long(9_993).is_none(),
            "10,000 characters are shown, and never a part"
        );
    }

    #[test]
    fn only_a_yes_is_a_yes() {
        let yes = |json: &str| says_yes(&RawValue::from_string(json.to_owned()).unwrap());
        assert!(yes(r#"{"action":"accept","content":{"confirm":true}}"#));
        for json in [
            r#"{"action":"accept","content":{"confirm":false}}"#,
            r#"{"action":"accept","content":{"confirm":"true"}}"#,
            r#"{"action":"accept","content":{"confirm":1}}"#,
            r#"{"action":"accept","content":{}}"#,
            r#"{"action":"accept","content":{"confirm":false,"confirm":true}}"#,
            r#"{"action":"accept"}"#,
            r#"{"action":"decline","content":{"confirm":true}}"#,
            r#"{"action":"cancel","content":{"confirm":true}}"#,
            r#"{"content":{"confirm":true}}"#,
            "{}",
        ] {
            assert!(!yes(json), "{json}");
        }
    }
}
