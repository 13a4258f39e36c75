//! The client of a bucket against an S3 server that verifies signatures and conditions.

use std::sync::Arc;

use bytes::Bytes;
use toolcell_host::aws::{Ambient, Endpoint};
use toolcell_host::clock::Clock;
use toolcell_host::net::{Client, Timeouts};
use toolcell_host::s3::{Bucket, GetCondition, PutCondition, S3Error};
use toolcell_host::variables::Variables;
use toolcell_tests::S3Server;

/// A bucket with the server's credentials, some of them replaced.
fn bucket(server: &S3Server, replaced: &[(&'static str, &'static str)]) -> Bucket {
    let mut variables = server.variables().to_vec();
    variables.extend(replaced.iter().map(|(name, value)| (*name, (*value).to_owned())));
    let get =
        move |name: &str| variables.iter().rfind(|(other, _)| *other == name).map(|(_, value)| value.clone());
    let variables = Variables::new(get);
    let client = Arc::new(Client::new(None, Timeouts::default(), Clock::system()));
    let endpoint = Endpoint::of(&variables).unwrap();
    let place = "s3://releases/a/b-c_d.e".parse().unwrap();
    Bucket::new(client, place, endpoint, Arc::new(Ambient::new(variables)), Clock::system())
}

async fn read(bucket: &Bucket, key: &str) -> Result<Bytes, S3Error> {
    bucket.get(key, GetCondition::Always, 100).await?.collect().await
}

#[tokio::test]
async fn an_object_is_written_read_listed_and_deleted() {
    let server = S3Server::start();
    let bucket = bucket(&server, &[]);
    let tag = bucket.put("objects/x", Bytes::from_static(b"one"), PutCondition::Always).await.unwrap();
    assert_eq!(read(&bucket, "objects/x").await.unwrap(), "one");
    assert_eq!(server.keys(), ["a/b-c_d.e/objects/x"]);
    let same = bucket.get("objects/x", GetCondition::IfChanged(&tag), 100).await.unwrap_err();
    assert!(matches!(same, S3Error::NotModified { .. }), "{same}");
    assert_eq!(bucket.size("objects/x").await.unwrap(), Some(3));
    server.place("elsewhere", "x");
    let listed = bucket.list("objects/").await.unwrap();
    let [object] = &listed[..] else { panic!("{listed:?}") };
    assert_eq!((object.key.as_str(), object.bytes), ("objects/x", 3));
    assert!(object.modified.ends_with('Z'), "{}", object.modified);
    bucket.delete("objects/x").await.unwrap();
    bucket.delete("objects/x").await.unwrap();
    assert_eq!(bucket.size("objects/x").await.unwrap(), None);
    assert!(matches!(read(&bucket, "objects/x").await, Err(S3Error::NotFound { .. })));
    assert_eq!(server.connections(), 1, "one connection for all requests");
}

#[tokio::test]
async fn of_two_who_write_on_a_condition_one_loses() {
    let server = S3Server::start();
    let bucket = bucket(&server, &[]);
    let write =
        |text: &'static str, condition| bucket.put("a", Bytes::from_static(text.as_bytes()), condition);
    let tag = write("one", PutCondition::IfAbsent).await.unwrap();
    let lost = write("two", PutCondition::IfAbsent).await.unwrap_err();
    assert!(matches!(lost, S3Error::PreconditionFailed { .. }), "{lost}");
    write("three", PutCondition::IfMatch(&tag)).await.unwrap();
    let lost = write("four", PutCondition::IfMatch(&tag)).await.unwrap_err();
    assert!(matches!(lost, S3Error::PreconditionFailed { .. }), "{lost}");
    assert_eq!(read(&bucket, "a").await.unwrap(), "three");
}

#[tokio::test]
async fn a_list_of_more_than_a_page_is_whole() {
    let server = S3Server::start();
    let bucket = bucket(&server, &[]);
    for number in 0..2_500 {
        server.place(&format!("a/b-c_d.e/n/{number:04}"), "x");
    }
    let keys: Vec<_> = bucket.list("n/").await.unwrap().into_iter().map(|object| object.key).collect();
    assert_eq!((keys.len(), keys[0].as_str(), keys[2_499].as_str()), (2_500, "n/0000", "n/2499"));
    assert!(keys.is_sorted());
}

#[tokio::test]
async fn a_wrong_secret_or_key_is_refused() {
    let server = S3Server::start();
    for replaced in [[("AWS_SECRET_ACCESS_KEY", "canary")], [("AWS_ACCESS_KEY_ID", "AKIDCANARY")]] {
        let error = read(&bucket(&server, &replaced), "a").await.unwrap_err();
        assert!(matches!(error, S3Error::Denied { .. }), "{error:?}");
        assert!(!format!("{error} {error:?}").to_lowercase().contains("canary"), "{error:?}");
    }
}
