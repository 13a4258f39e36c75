//! Reads a complete response in `BUFFERED` mode: payload format 2.0, or anything else that the URL makes a response of.
//!
//! <https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html#urls-response-payload>

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use serde::Deserialize;
use serde_json::Value;

use crate::prelude::{Head, Reader, Values};

/// The content type of a response that names none.
const DEFAULT_TYPE: &str = "application/json";

/// A response with a status code of its own.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Response {
    #[serde(flatten)]
    head: Head,
    #[serde(default)]
    body: Option<String>,
    #[serde(default)]
    is_base64_encoded: bool,
}

/// A reason for which a complete response cannot be passed on.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum PayloadError {
    #[error("the response is not JSON: {0}")]
    NoJson(String),
    #[error("the response does not fit payload format 2.0: {0}")]
    Misfit(String),
}

/// Reads a response that was posted as one JSON value.
pub(crate) fn read(payload: &[u8]) -> Result<(Head, Bytes), PayloadError> {
    let value: Value =
        serde_json::from_slice(payload).map_err(|error| PayloadError::NoJson(error.to_string()))?;
    if value.get("statusCode").is_some() {
        return proxied(value);
    }
    let body = match value {
        Value::String(text) => text.into(),
        _ => Bytes::copy_from_slice(payload),
    };
    Ok((Head::plain(DEFAULT_TYPE), body))
}

/// Reads a complete response that was streamed with a prelude.
pub(crate) fn read_streamed(payload: &[u8]) -> Result<(Head, Bytes), PayloadError> {
    match Reader::default().push(payload) {
        Ok(Some(read)) => Ok(read),
        Ok(None) => Err(PayloadError::Misfit("it has no prelude".to_owned())),
        Err(error) => Err(PayloadError::Misfit(error.to_string())),
    }
}

fn proxied(value: Value) -> Result<(Head, Bytes), PayloadError> {
    let misfit = |why: String| PayloadError::Misfit(why);
    let response: Response = serde_json::from_value(value).map_err(|error| misfit(error.to_string()))?;
    let Response { mut head, body, is_base64_encoded } = response;
    let body = body.unwrap_or_default();
    let body = match is_base64_encoded {
        true => {
            STANDARD.decode(body).map_err(|error| misfit(format!("its body is not base64: {error}")))?.into()
        }
        false => body.into(),
    };
    if !head.headers.keys().any(|name| name.eq_ignore_ascii_case("content-type")) {
        head.headers.insert("content-type".to_owned(), Values::One(DEFAULT_TYPE.to_owned()));
    }
    Ok((head, body))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ok(payload: &str) -> (u16, String, Vec<u8>) {
        let (head, body) = read(payload.as_bytes()).unwrap();
        (head.status_code, head.headers["content-type"].all().join(","), body.to_vec())
    }

    #[test]
    fn a_status_code_makes_a_response() {
        let json = "application/json".to_owned();
        assert_eq!(ok(r#"{"statusCode":202}"#), (202, json.clone(), b"".to_vec()));
        assert_eq!(ok(r#"{"statusCode":200,"body":"hi"}"#), (200, json.clone(), b"hi".to_vec()));
        let encoded =
            r#"{"statusCode":200,"headers":{"content-type":"a/b"},"body":"/w==","isBase64Encoded":true}"#;
        assert_eq!(ok(encoded), (200, "a/b".to_owned(), b"\xff".to_vec()));
        assert!(matches!(read(br#"{"statusCode":"ok"}"#), Err(PayloadError::Misfit(_))));
        assert!(matches!(
            read(br#"{"statusCode":200,"body":"?","isBase64Encoded":true}"#),
            Err(PayloadError::Misfit(_))
        ));
    }

    #[test]
    fn anything_else_is_the_body_of_a_success() {
        let json = "application/json".to_owned();
        assert_eq!(ok(r#"{"a": 1}"#), (200, json.clone(), br#"{"a": 1}"#.to_vec()));
        assert_eq!(ok(r#""hi\n""#), (200, json.clone(), b"hi\n".to_vec()));
        assert_eq!(ok("[1]"), (200, json, b"[1]".to_vec()));
        assert!(matches!(read(b"<html>"), Err(PayloadError::NoJson(_))));
    }
}
