//! Events of every form, through the Lambda edge.

use std::cell::RefCell;

use serde::de::IgnoredAny;
use serde_json::Value;

use super::lambda::Function;
use super::request::line;

thread_local! {
    static FUNCTION: RefCell<Function> = RefCell::new(Function::start());
}

/// Reads an event: the function answers every one, with a prelude and a body or with a document. Either has a status of
/// HTTP and, where it says so, one line of JSON. What is no JSON is refused.
pub fn event(data: &[u8]) {
    let answer = FUNCTION.with_borrow_mut(|function| function.invoke(data));
    let Some(end) = memchr::memmem::find(&answer, &[0; 8]) else { return document(data, &answer) };
    let prelude: Value = serde_json::from_slice(&answer[..end]).expect("a prelude is JSON");
    response(&prelude, &prelude["headers"]["content-type"], &answer[end + 8..]);
    assert!(serde_json::from_slice::<IgnoredAny>(data).is_ok(), "no Function URL sends this");
}

/// Checks an answer that is one document: of an API or a load balancer, a message, a result, or a refusal.
fn document(data: &[u8], answer: &[u8]) {
    let document: Value = serde_json::from_slice(answer).expect("a document is JSON");
    if serde_json::from_slice::<IgnoredAny>(data).is_err() {
        assert_eq!(document["errorType"], "Toolcell.EventRefused", "{document}");
    }
    if document.get("statusCode").is_none() {
        return;
    }
    let lists = &document["multiValueHeaders"]["content-type"][0];
    let kind = if lists.is_null() { &document["headers"]["content-type"] } else { lists };
    response(&document, kind, document["body"].as_str().unwrap_or_default().as_bytes());
}

fn response(head: &Value, kind: &Value, body: &[u8]) {
    let status = head["statusCode"].as_u64().expect("an answer has a status");
    assert!((200..600).contains(&status), "{head}");
    assert_ne!(status, 500, "the server's own code failed");
    if body.is_empty() {
        assert!([202, 204, 405].contains(&status), "nothing is said: {head}");
    } else if kind == "application/json" {
        line(body);
    }
}
