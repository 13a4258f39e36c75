//! What a table of DynamoDB is asked, and what its failures become. `tests/tests/state` tries a server that keeps things.

use serde_json::Value as Json;

use super::*;
use crate::aws::Ambient;
use crate::aws::testing::{Answer, SECRET, Server, TOKEN, variables};
use crate::state_store::{Quota, Usage};

const PLAIN: fn() -> Partition = || Partition { name: "kv/p".to_owned(), quota: None };

fn store(server: &Server) -> DynamoDb {
    let variables = variables(&[
        (TABLE_VARIABLE, "state"),
        ("AWS_REGION", "eu-central-1"),
        (ENDPOINT_VARIABLE, &server.url("")),
        ("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE"),
        ("AWS_SECRET_ACCESS_KEY", SECRET),
        ("AWS_SESSION_TOKEN", TOKEN),
    ]);
    let credentials = Arc::new(Ambient::new(variables.clone()));
    DynamoDb::open(None, credentials, &variables, Clock::system()).unwrap().unwrap()
}

const REGION: (&str, &str) = ("AWS_REGION", "eu-central-1");
const KEY_ID: (&str, &str) = ("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE");
const KEY: (&str, &str) = ("AWS_SECRET_ACCESS_KEY", SECRET);

fn open(configured: Option<&str>, pairs: &[(&str, &str)]) -> Result<Option<DynamoDb>, TableError> {
    let variables = variables(pairs);
    let credentials = Arc::new(Ambient::new(variables.clone()));
    DynamoDb::open(configured, credentials, &variables, Clock::system())
}

fn error(status: u16, code: &str) -> Answer {
    Answer::of(status, &format!(r#"{{"__type":"com.amazonaws.dynamodb.v20120810#{code}","message":"m"}}"#))
}

fn throttled() -> Answer {
    error(400, "ProvisionedThroughputExceededException")
}

fn put(text: &str) -> Put {
    Put { value: Value::of(text.as_bytes().to_vec()), condition: Condition::Always, ttl_ms: None }
}

const ONE: Increment = Increment { delta: 1, ttl_ms: None };

#[tokio::test]
async fn a_request_names_its_operation_is_signed_and_reads_consistently() {
    let server = Server::start(vec![Answer::of(200, "{}")]).await;
    assert_eq!(store(&server).get(&PLAIN(), "a").await.unwrap(), None);
    let request = server.requests().remove(0).to_ascii_lowercase();
    for part in [
        "post / http/1.1",
        "x-amz-target: dynamodb_20120810.getitem",
        "content-type: application/x-amz-json-1.0",
        "/eu-central-1/dynamodb/aws4_request",
        "x-amz-security-token: token-canary",
        r#""consistentread":true"#,
        r#""tablename":"state""#,
    ] {
        assert!(request.contains(part), "{part}: {request}");
    }
    assert!(!request.contains(SECRET), "{request}");
}

#[tokio::test]
async fn what_is_refused_for_its_rate_is_sent_again() {
    let added = Answer::of(200, r#"{"Attributes":{"n":{"N":"7"}}}"#);
    let server = Server::start(vec![throttled(), throttled(), added]).await;
    assert_eq!(store(&server).increment(&PLAIN(), "n", ONE).await.unwrap(), 7);
    assert_eq!(server.requests().len(), 3);
}

#[tokio::test]
async fn a_write_that_may_have_happened_is_not_sent_again_and_a_read_is() {
    let failed = || error(500, "InternalServerError");
    let server = Server::start(vec![failed()]).await;
    let result = store(&server).increment(&PLAIN(), "n", ONE).await;
    assert!(matches!(result, Err(StateError::Unknown(_))), "{result:?}");
    let result = store(&server).put(&PLAIN(), "a", put("x")).await;
    assert!(matches!(result, Err(StateError::Unknown(_))), "{result:?}");
    assert_eq!(server.requests().len(), 2);
    let server = Server::start(vec![failed(), Answer::of(200, "{}")]).await;
    assert_eq!(store(&server).get(&PLAIN(), "a").await.unwrap(), None);
    // An answer that breaks off: the write has probably happened.
    let cut = Answer { length: Some(1000), ..Answer::of(200, r#"{"Attributes"#) };
    let server = Server::start(vec![cut]).await;
    let result = tokio::time::timeout(std::time::Duration::from_secs(20), async {
        store(&server).increment(&PLAIN(), "n", ONE).await
    });
    assert!(matches!(result.await, Ok(Err(StateError::Unknown(_)))));
    assert_eq!(server.requests().len(), 1);
}

#[tokio::test]
async fn what_cannot_have_been_written_is_told_as_such() {
    let counted = Partition { quota: Some(Quota { bytes: 100, keys: 10 }), ..PLAIN() };
    let server = Server::start(vec![Answer::of(200, "{}"), error(500, "InternalServerError")]).await;
    let result = store(&server).put(&counted, "a", put("x")).await;
    assert!(matches!(result, Err(StateError::Unavailable(_))), "{result:?}");
    assert_eq!(server.requests().len(), 2, "the count failed, and the entry was not sent");
    let closed = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let closed = format!("http://{closed}");
    let pairs = [(TABLE_VARIABLE, "state"), REGION, (ENDPOINT_VARIABLE, &*closed), KEY_ID, KEY];
    let result = open(None, &pairs).unwrap().unwrap().increment(&PLAIN(), "n", ONE).await;
    assert!(matches!(result, Err(StateError::Unavailable(_))), "{result:?}");
}

#[tokio::test]
async fn a_read_that_is_refused_for_good_is_not_sent_again() {
    for code in ["AccessDeniedException", "ResourceNotFoundException", "ValidationException"] {
        let server = Server::start(vec![error(400, code)]).await;
        let result = store(&server).get(&PLAIN(), "a").await;
        assert!(matches!(result, Err(StateError::Unavailable(_))), "{result:?}");
        assert_eq!(server.requests().len(), 1, "{code}");
    }
}

#[tokio::test]
async fn an_error_names_what_to_do_and_shows_no_secret() {
    for (code, part) in [
        ("AccessDeniedException", "dynamodb:GetItem"),
        ("ResourceNotFoundException", "no such table"),
        ("ValidationException", "ValidationException"),
    ] {
        let server = Server::start(vec![error(400, code)]).await;
        let text = store(&server).put(&PLAIN(), "a", put("x")).await.unwrap_err().to_string();
        assert!(text.contains(part) && !text.contains("canary"), "{text}");
    }
}

#[tokio::test]
async fn a_write_into_a_partition_with_a_quota_is_counted_before_it_happens() {
    let ok = || Answer::of(200, "{}");
    let server = Server::start(vec![ok(), ok(), ok(), ok()]).await;
    let counted = Partition { quota: Some(Quota { bytes: 100, keys: 10 }), ..PLAIN() };
    store(&server).put(&counted, "a", put("x")).await.unwrap();
    let requests = server.requests();
    // The last one looks whether somebody has counted again meanwhile.
    let targets: Vec<_> =
        ["GetItem", "UpdateItem", "PutItem", "GetItem"].into_iter().zip(&requests).collect();
    assert_eq!(requests.len(), 4);
    for (target, request) in targets {
        assert!(request.contains(&format!("DynamoDB_20120810.{target}")), "{request}");
    }
    let body: Json = serde_json::from_str(requests[1].split("\r\n\r\n").nth(1).unwrap()).unwrap();
    assert_eq!(body["Key"]["pk"]["S"], "size/kv/p");
    assert_eq!(body["ExpressionAttributeValues"][":b"]["N"], "98");
    // More than the quota is refused without a request that writes.
    let server = Server::start(vec![ok()]).await;
    let result = store(&server).put(&counted, "a", put(&"x".repeat(100))).await;
    assert!(matches!(result, Err(StateError::Full)), "{result:?}");
    assert_eq!(server.requests().len(), 1);
}

#[tokio::test]
async fn a_whole_table_is_read_page_by_page() {
    let first = r#"{"Items":[{"pk":{"S":"kv/p"},"w":{"N":"3"}},{"pk":{"S":"kv/q"},"w":{"N":"9"},"e":{"N":"1"}}],
        "LastEvaluatedKey":{"pk":{"S":"kv/q"},"sk":{"S":"z"}}}"#;
    let last = r#"{"Items":[{"pk":{"S":"kv/p"},"w":{"N":"4"},"e":{"N":"9999999999"}}]}"#;
    let server = Server::start(vec![Answer::of(200, first), Answer::of(200, last)]).await;
    let partitions = store(&server).partitions("kv/").await.unwrap();
    let expected = [("kv/p", Usage { bytes: 7, keys: 2 }), ("kv/q", Usage::default())];
    assert_eq!(partitions, expected.map(|(name, usage)| (name.to_owned(), usage)), "kv/q has ended");
    let requests = server.requests();
    assert_eq!(requests.len(), 2);
    assert!(requests.iter().all(|request| request.contains("DynamoDB_20120810.Scan")), "{requests:?}");
    assert!(
        requests[1].contains(r#""ExclusiveStartKey":{"pk":{"S":"kv/q"},"sk":{"S":"z"}}"#),
        "{requests:?}"
    );
}

#[test]
fn names_that_no_table_has_are_refused() {
    for name in ["ab", "a b c", "a/b", &"x".repeat(256)] {
        let error = open(None, &[(TABLE_VARIABLE, name), REGION]).unwrap_err().to_string();
        assert!(error.contains(TABLE_VARIABLE) && error.contains("3 to 255"), "{error}");
        let error = open(Some(name), &[REGION]).unwrap_err().to_string();
        assert!(error.contains("[state] table") && error.contains("3 to 255"), "{error}");
    }
    assert!(open(None, &[]).unwrap().is_none());
    let error = open(None, &[(TABLE_VARIABLE, "state")]);
    assert!(error.unwrap_err().to_string().contains("AWS_REGION"));
}

#[test]
fn a_variable_comes_before_what_is_configured() {
    let name =
        |configured, pairs: &[(&str, &str)]| open(configured, pairs).unwrap().unwrap().table().to_owned();
    assert_eq!(name(Some("configured"), &[REGION]), "configured");
    assert_eq!(name(Some("configured"), &[(TABLE_VARIABLE, "variable"), REGION]), "variable");
    assert_eq!(name(None, &[(TABLE_VARIABLE, "variable"), REGION]), "variable");
}
