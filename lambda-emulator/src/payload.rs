//! Reads a complete response in `BUFFERED` mode: payload format 2.0, or anything else that the URL makes a response of.
//!
//! <https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html#urls-response-payload>

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use serde::Deserialize;
use serde_json::Value;

use crate::front_end::HeaderLists;
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

/// Reads the response to a REST API: a status code is required, and lists of headers are merged with the others.
/// <https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html#api-gateway-simple-proxy-for-lambda-output-format>
pub(crate) fn read_strictly(payload: &[u8]) -> Result<(Head, Bytes), PayloadError> {
    let value: Value =
        serde_json::from_slice(payload).map_err(|error| PayloadError::NoJson(error.to_string()))?;
    if value.get("statusCode").is_none() {
        return Err(PayloadError::Misfit("it has no statusCode".to_owned()));
    }
    let lists = lists(&value)?;
    let (mut head, body) = proxied(value)?;
    head.headers.extend(lists);
    Ok((head, body))
}

/// Reads the response to a load balancer, which reads either lists of headers or single ones.
/// <https://docs.aws.amazon.com/elasticloadbalancing/latest/application/lambda-functions.html#multi-value-headers-response>
pub(crate) fn read_for_balancer(payload: &[u8], lists: HeaderLists) -> Result<(Head, Bytes), PayloadError> {
    let mut value: Value =
        serde_json::from_slice(payload).map_err(|error| PayloadError::NoJson(error.to_string()))?;
    let unread = if lists == HeaderLists::On { "headers" } else { "multiValueHeaders" };
    if let Some(value) = value.as_object_mut() {
        value.remove(unread);
    }
    read_strictly(value.to_string().as_bytes())
}

fn lists(value: &Value) -> Result<BTreeMap<String, Values>, PayloadError> {
    let Some(lists) = value.get("multiValueHeaders") else { return Ok(BTreeMap::new()) };
    let lists: BTreeMap<String, Vec<String>> =
        serde_json::from_value(lists.clone()).map_err(|error| PayloadError::Misfit(error.to_string()))?;
    Ok(lists.into_iter().map(|(name, values)| (name, Values::Many(values))).collect())
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
