//! Events of a Function URL, through the Lambda edge.

use std::cell::RefCell;

use serde::de::IgnoredAny;
use serde_json::Value;

use super::lambda::Function;
use super::request::line;

thread_local! {
    static FUNCTION: RefCell<Function> = RefCell::new(Function::start());
}

/// Reads an event: the function answers every one with a prelude, a status of HTTP and, where it says so, one line of
/// JSON; what is no JSON is refused.
pub fn event(data: &[u8]) {
    let answer = FUNCTION.with_borrow_mut(|function| function.invoke(data));
    let end = memchr::memmem::find(&answer, &[0; 8]).expect("a prelude comes first");
    let prelude: Value = serde_json::from_slice(&answer[..end]).expect("a prelude is JSON");
    let status = prelude["statusCode"].as_u64().expect("a prelude has a status");
    assert!((200..600).contains(&status), "{prelude}");
    assert_ne!(status, 500, "the server's own code failed");
    let body = &answer[end + 8..];
    if body.is_empty() {
        assert!([202, 204, 405].contains(&status), "nothing is said: {prelude}");
    } else if prelude["headers"]["content-type"] == "application/json" {
        line(body);
    }
    if serde_json::from_slice::<IgnoredAny>(data).is_err() {
        assert_eq!(status, 400, "{prelude}");
    }
}
