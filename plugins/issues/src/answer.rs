//! What the statuses of responses mean, among them the limits of GitHub on the rate of requests.

use http_client::Response;
use serde::Deserialize;

use crate::error::IssueError;
use crate::wording;

/// The time to wait if a limit does not say how long: the shortest window of GitHub's limits.
const WAIT_SECONDS: u64 = 60;

/// The longest reason of the tracker that is passed on.
const REASON_CHARS: usize = 300;

/// Reads the body of a response with a good status, or says what another status means.
///
/// # Errors
/// The meaning of the status, at `now` in seconds since 1970; `what` was asked for.
pub(crate) fn read<'r, T: Deserialize<'r>>(
    response: &'r Response,
    what: &str,
    now: u64,
) -> Result<T, IssueError> {
    if let Some(seconds) = limit(response, now) {
        return Err(IssueError::Limited { seconds });
    }
    match response.status {
        200..=299 if response.is_cut => Err(IssueError::Failed(http_client::Failure::TooLarge)),
        200..=299 => serde_json::from_slice(&response.body).map_err(|_| IssueError::Garbled),
        301 | 302 | 307 | 308 => Err(IssueError::Moved),
        401 => Err(IssueError::Unauthorized),
        403 => Err(IssueError::Forbidden(reason(response))),
        404 | 410 => Err(IssueError::Missing(what.to_owned())),
        400 | 409 | 422 => Err(IssueError::Invalid(reason(response))),
        500..=599 => Err(IssueError::Down { status: response.status }),
        _ => Err(IssueError::Garbled),
    }
}

/// Returns the seconds after which the tracker takes requests again, if it has refused one for their number.
fn limit(response: &Response, now: u64) -> Option<u64> {
    let number = |name| response.header(name).and_then(|value| value.trim().parse::<u64>().ok());
    let is_used_up = number("x-ratelimit-remaining") == Some(0);
    let retry_after = number("retry-after");
    let is_limit = response.status == 429 || response.status == 403 && (is_used_up || retry_after.is_some());
    if !is_limit {
        return None;
    }
    let until_reset =
        || number("x-ratelimit-reset").filter(|_| is_used_up).map(|reset| reset.saturating_sub(now));
    Some(retry_after.or_else(until_reset).unwrap_or(WAIT_SECONDS).max(1))
}

/// Returns the reason that the tracker gives, with the fields that it refuses.
fn reason(response: &Response) -> String {
    #[derive(Deserialize)]
    struct Body {
        #[serde(default)]
        message: String,
        #[serde(default)]
        errors: Vec<Detail>,
    }
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Detail {
        Text(String),
        Field { field: Option<String>, code: Option<String>, message: Option<String> },
    }
    let Ok(body) = serde_json::from_slice::<Body>(&response.body) else { return String::new() };
    let details = body.errors.into_iter().map(|detail| match detail {
        Detail::Text(text) => text,
        Detail::Field { field, code, message } => {
            let parts = [field, message.or(code)].into_iter().flatten();
            parts.collect::<Vec<_>>().join(" ")
        }
    });
    let all: Vec<_> = [body.message].into_iter().chain(details).filter(|text| !text.is_empty()).collect();
    wording::line(&all.join("; "), REASON_CHARS)
}

#[cfg(test)]
mod tests {
    use http_client::{Failure, Response};

    use super::{IssueError, read};

    const NOW: u64 = 1_768_230_058;

    fn answer(status: u16, headers: &[(&str, &str)], body: &str) -> IssueError {
        let headers = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let response = Response { status, headers, body: body.as_bytes().to_vec(), is_cut: false };
        read::<Vec<u8>>(&response, "issue 7", NOW).expect_err("no good status")
    }

    #[test]
    fn limits_say_when_to_try_again() {
        let used_up = [("x-ratelimit-remaining", "0"), ("x-ratelimit-reset", "1768230308")];
        for (status, headers, seconds) in [
            (429, &[("retry-after", "17")][..], 17),
            (403, &[("retry-after", "17"), ("x-ratelimit-remaining", "4000")], 17),
            (403, &used_up, 250),
            (403, &[("retry-after", "17"), used_up[0], used_up[1]], 17),
            (429, &used_up, 250),
            (429, &[], 60),
            (429, &[("retry-after", "soon")], 60),
            (403, &[("x-ratelimit-remaining", "0"), ("x-ratelimit-reset", "5")], 1),
        ] {
            assert_eq!(answer(status, headers, ""), IssueError::Limited { seconds }, "{status} {headers:?}");
        }
        let text = answer(429, &[("retry-after", "17")], "").to_string();
        assert_eq!(text, "the tracker takes no more requests for now: try again in 17 s");
    }

    #[test]
    fn a_refusal_is_not_a_limit() {
        let remaining = [("x-ratelimit-remaining", "12"), ("x-ratelimit-reset", "1768230308")];
        let forbidden = IssueError::Forbidden("Resource not accessible".to_owned());
        assert_eq!(answer(403, &remaining, r#"{"message": "Resource not accessible"}"#), forbidden);
        assert_eq!(answer(500, &[("retry-after", "9")], ""), IssueError::Down { status: 500 });
    }

    #[test]
    fn reasons_are_passed_on_as_one_line() {
        let body = r#"{"message": "Validation\nFailed", "errors": [
            {"resource": "Issue", "field": "title", "code": "missing_field"},
            {"field": "labels", "code": "custom", "message": "too many\u202e"}, "whatever", {}]}"#;
        let expected = "Validation Failed; title missing_field; labels too many; whatever";
        assert_eq!(answer(422, &[], body), IssueError::Invalid(expected.to_owned()));
        assert_eq!(answer(422, &[], "<html>"), IssueError::Invalid(String::new()));
        let IssueError::Forbidden(long) =
            answer(403, &[], &format!("{{\"message\": \"{}\"}}", "x".repeat(1000)))
        else {
            panic!()
        };
        assert_eq!(long.chars().count(), 301);
    }

    #[test]
    fn every_status_has_a_meaning() {
        assert_eq!(answer(401, &[], ""), IssueError::Unauthorized);
        assert_eq!(answer(404, &[], ""), IssueError::Missing("issue 7".to_owned()));
        assert_eq!(answer(410, &[], ""), IssueError::Missing("issue 7".to_owned()));
        assert_eq!(answer(301, &[], ""), IssueError::Moved);
        assert_eq!(answer(502, &[], ""), IssueError::Down { status: 502 });
        assert_eq!(answer(200, &[], "{"), IssueError::Garbled);
        assert_eq!(answer(304, &[], ""), IssueError::Garbled);
        let cut = Response { status: 200, is_cut: true, ..Response::default() };
        assert_eq!(read::<u8>(&cut, "", NOW), Err(IssueError::Failed(Failure::TooLarge)));
    }
}
