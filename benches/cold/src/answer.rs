//! Extracts the body of the HTTP response from an answer to the Runtime API.

use anyhow::{Context, bail, ensure};
use serde_json::Value;

/// The bytes between the prelude of a streamed answer and its body.
/// https://docs.aws.amazon.com/lambda/latest/dg/runtimes-custom.html#runtimes-custom-response-streaming
const DELIMITER: &[u8] = &[0; 8];

/// Takes the body out of an answer, streamed or buffered.
///
/// # Errors
/// Fails on a status other than 200 and on an answer of neither form.
pub(crate) fn body(answer: &[u8]) -> anyhow::Result<Vec<u8>> {
    let at = answer.windows(DELIMITER.len()).position(|window| window == DELIMITER);
    let (head, streamed) = at.map_or((answer, None), |at| (&answer[..at], Some(&answer[at + 8..])));
    let text = String::from_utf8_lossy(head);
    let head: Value = serde_json::from_str(&text).with_context(|| format!("no response: {text}"))?;
    ensure!(head["statusCode"] == 200, "expected status 200, found {text}");
    match (streamed, head["body"].as_str(), head["isBase64Encoded"].as_bool()) {
        (Some(body), ..) => Ok(body.to_vec()),
        (None, Some(body), Some(false) | None) => Ok(body.as_bytes().to_vec()),
        _ => bail!("expected a body of plain text, found {text}"),
    }
}

#[cfg(test)]
mod tests {
    use super::body;

    #[test]
    fn a_buffered_body_is_a_member_and_a_streamed_one_follows_the_prelude() {
        assert_eq!(body(br#"{"statusCode":200,"body":"a","isBase64Encoded":false}"#).unwrap(), b"a");
        assert_eq!(body(b"{\"statusCode\":200}\0\0\0\0\0\0\0\0b").unwrap(), b"b");
    }

    #[test]
    fn any_other_status_and_an_encoded_body_are_errors() {
        assert!(body(b"{\"statusCode\":401}\0\0\0\0\0\0\0\0b").is_err());
        assert!(body(br#"{"statusCode":200,"body":"YQ==","isBase64Encoded":true}"#).is_err());
        assert!(body(b"").is_err());
    }
}
