//! What S3 says other than yes, and what is not believed.

use std::time::UNIX_EPOCH;

use super::*;
use crate::net::NetError;

fn error(code: &str) -> String {
    format!("<?xml version=\"1.0\"?><Error><Code>{code}</Code><Message>canary</Message></Error>")
}

async fn get(answers: Vec<Answer>) -> (Result<Bytes, S3Error>, usize) {
    let server = Server::start(answers).await;
    let read = async { bucket(&server).get("a", GetCondition::Always, 10).await?.collect().await };
    (read.await, server.requests().len())
}

#[tokio::test]
async fn a_refusal_names_object_and_reason_and_is_not_asked_again() {
    for (status, code, expected) in [
        (404, "NoSuchKey", "does not exist"),
        (404, "NoSuchBucket", "does not exist"),
        (403, "AccessDenied", "AccessDenied): the role needs s3:GetObject"),
        (403, "SignatureDoesNotMatch", "SignatureDoesNotMatch"),
        (403, "RequestTimeTooSkewed", "RequestTimeTooSkewed"),
        (400, "ExpiredToken", "400 Bad Request ExpiredToken"),
        (302, "x", "302 Found x"),
    ] {
        let (read, asked) = get(vec![Answer::of(status, &error(code))]).await;
        let text = read.unwrap_err().to_string();
        assert!(text.contains(expected) && text.contains("s3://bucket/prefix/a"), "{text}");
        assert!(!text.contains("canary"), "{text}");
        assert_eq!(asked, 1, "{text}");
    }
}

#[tokio::test]
async fn a_bucket_elsewhere_is_said_to_be_there() {
    for status in [301, 307, 400] {
        let head = "x-amz-bucket-region: us-west-2\r\nlocation: http://127.0.0.1:1/\r\n".to_owned();
        let (read, asked) = get(vec![Answer { head, ..Answer::of(status, &error("x")) }]).await;
        let text = read.unwrap_err().to_string();
        assert!(text.contains("region us-west-2") && text.contains("AWS_REGION"), "{text}");
        assert_eq!(asked, 1);
    }
}

#[tokio::test]
async fn a_server_that_has_no_time_is_asked_three_times() {
    for (status, code) in [(503, "SlowDown"), (429, "x"), (500, "InternalError")] {
        let busy = Answer::of(status, &error(code));
        let (read, asked) = get(vec![busy.clone(), busy.clone(), Answer::ok("bytes")]).await;
        assert_eq!((read.unwrap(), asked), ("bytes".into(), 3));
        let (read, asked) = get(vec![busy]).await;
        assert!(read.unwrap_err().to_string().contains(code));
        assert_eq!(asked, 3);
    }
}

#[tokio::test]
async fn a_write_on_a_condition_that_may_have_happened_is_not_repeated() {
    for (status, expected) in [(500, 1), (503, 3)] {
        let server = Server::start(vec![Answer::of(status, &error("x"))]).await;
        let put = bucket(&server).put("a", Bytes::new(), PutCondition::IfAbsent).await;
        assert!(put.is_err());
        assert_eq!(server.requests().len(), expected, "{status}");
    }
    let server = Server::start(vec![Answer::of(500, &error("x")), Answer::ok("")]).await;
    bucket(&server).put("a", Bytes::new(), PutCondition::Always).await.unwrap();
    assert_eq!(server.requests().len(), 2);
}

#[tokio::test]
async fn no_more_than_the_bound_is_read() {
    let (read, _) = get(vec![Answer::ok("0123456789")]).await;
    assert_eq!(read.unwrap().len(), 10);
    let (read, _) = get(vec![Answer::ok("0123456789a")]).await;
    let error = read.unwrap_err();
    assert!(matches!(error, S3Error::Unreachable { source: NetError::TooLarge { .. }, .. }), "{error}");
}

#[tokio::test]
async fn a_list_that_is_none_is_refused() {
    let server = Server::start(vec![Answer::ok("<html>")]).await;
    let error = bucket(&server).list("").await.unwrap_err().to_string();
    assert!(error.contains("s3://bucket/prefix/"), "{error}");
}

#[tokio::test]
async fn nobody_learns_a_secret_from_what_is_shown() {
    let server = Server::start(vec![Answer::of(403, &error("AccessDenied"))]).await;
    let bucket = bucket(&server);
    let error = bucket.get("a", GetCondition::Always, 10).await.unwrap_err();
    let credentials = bucket.credentials.current(&bucket.client, UNIX_EPOCH).await.unwrap();
    let shown = format!("{error} {error:?} {bucket:?} {credentials:?}");
    assert!(!shown.contains(SECRET) && !shown.contains(TOKEN), "{shown}");
}
