//! Requests and answers as S3's documentation has them, against a server of a few lines. `tests/tests/bucket.rs` repeats the
//! important ones against a server that verifies signatures.

mod refused;

use super::*;
use crate::digest::Digest;

use super::testing::bucket;
use crate::aws::testing::{Answer, SECRET, Server, TOKEN};

#[tokio::test]
async fn a_get_names_the_object_and_is_signed_with_the_session() {
    let server = Server::start(vec![Answer::ok("bytes")]).await;
    let object = bucket(&server).get("objects/x", GetCondition::Always, 5).await.unwrap();
    assert_eq!((object.length(), object.etag.is_some()), (Some(5), true));
    assert_eq!(object.collect().await.unwrap(), "bytes");
    let [request] = &server.requests()[..] else { panic!("{:?}", server.requests()) };
    assert!(request.starts_with("GET /bucket/prefix/objects/x HTTP/1.1\r\n"), "{request}");
    assert!(request.contains(&format!("\r\nx-amz-security-token: {TOKEN}\r\n")), "{request}");
    assert!(request.contains("\r\nx-amz-date: 20270115T080000Z\r\n"), "{request}");
    let scope = "Credential=AKIDEXAMPLE/20270115/eu-central-1/s3/aws4_request";
    assert!(request.contains(scope) && !request.contains(SECRET), "{request}");
    let signed = "SignedHeaders=host;x-amz-content-sha256;x-amz-date;x-amz-security-token";
    assert!(request.contains(signed), "{request}");
    let empty = Digest::of(b"");
    assert!(request.contains(&format!("\r\nx-amz-content-sha256: {empty}\r\n")), "{request}");
}

#[tokio::test]
async fn conditions_are_sent_and_what_does_not_hold_has_its_own_error() {
    let server = Server::start(vec![
        Answer::ok("bytes"),
        Answer::of(304, ""),
        Answer::ok(""),
        Answer::of(412, "<Error><Code>PreconditionFailed</Code></Error>"),
        Answer::of(409, "<Error><Code>ConditionalRequestConflict</Code></Error>"),
    ])
    .await;
    let bucket = bucket(&server);
    let tag = bucket.get("a", GetCondition::Always, 10).await.unwrap().etag.unwrap();
    let same = bucket.get("a", GetCondition::IfChanged(&tag), 10).await.unwrap_err();
    assert!(matches!(same, S3Error::NotModified { .. }), "{same}");
    bucket.put("a", Bytes::from_static(b"new"), PutCondition::IfMatch(&tag)).await.unwrap();
    for _ in 0..2 {
        let lost = bucket.put("a", Bytes::from_static(b"new"), PutCondition::IfAbsent).await.unwrap_err();
        assert!(matches!(lost, S3Error::PreconditionFailed { .. }), "{lost}");
        assert!(lost.to_string().contains("s3://bucket/prefix/a"), "{lost}");
    }
    let sent: Vec<_> = server.requests();
    for (request, condition) in [
        (1, "if-none-match: \"tag\""),
        (2, "if-match: \"tag\""),
        (3, "if-none-match: *"),
        (4, "if-none-match: *"),
    ] {
        assert!(sent[request].contains(&format!("\r\n{condition}\r\n")), "{}", sent[request]);
    }
    assert!(
        sent[3].ends_with("\r\n\r\nnew") && sent[3].contains(&Digest::of(b"new").to_string()),
        "{}",
        sent[3]
    );
}

#[tokio::test]
async fn a_list_is_read_page_by_page() {
    let page = |key: &str, tail: &str| {
        let object = format!("<Key>prefix/{key}</Key><Size>1</Size><LastModified>t</LastModified>");
        Answer::ok(&format!("<ListBucketResult><Contents>{object}</Contents>{tail}</ListBucketResult>"))
    };
    let first = "<IsTruncated>true</IsTruncated><NextContinuationToken>t=</NextContinuationToken>";
    let server = Server::start(vec![page("a", first), page("b", "<IsTruncated>false</IsTruncated>")]).await;
    let keys: Vec<_> =
        bucket(&server).list("x/").await.unwrap().into_iter().map(|object| object.key).collect();
    assert_eq!(keys, ["a", "b"]);
    let sent = server.requests();
    assert!(sent[0].starts_with("GET /bucket/?list-type=2&prefix=prefix%2Fx%2F HTTP/1.1\r\n"), "{}", sent[0]);
    assert!(sent[1].starts_with("GET /bucket/?continuation-token=t%3D&list-type=2&prefix="), "{}", sent[1]);
}

#[tokio::test]
async fn the_size_of_an_object_is_that_of_its_head() {
    let head = |status| Answer { length: Some(7), ..Answer::of(status, "") };
    let server = Server::start(vec![head(200), head(404)]).await;
    assert_eq!(bucket(&server).size("a").await.unwrap(), Some(7));
    assert_eq!(bucket(&server).size("a").await.unwrap(), None);
    assert!(server.requests()[0].starts_with("HEAD /bucket/prefix/a "));
}

#[tokio::test]
async fn deleting_succeeds_whether_there_is_something_or_not() {
    let server = Server::start(vec![Answer::of(204, "")]).await;
    bucket(&server).delete("a").await.unwrap();
    assert!(server.requests()[0].starts_with("DELETE /bucket/prefix/a "));
}
