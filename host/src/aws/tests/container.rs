//! Credentials from the endpoint for containers.

use super::*;

const FULL_URI: &str = "AWS_CONTAINER_CREDENTIALS_FULL_URI";
const CREDENTIALS: &str = r#"{"AccessKeyId":"AKIDCONTAINER","SecretAccessKey":"secret-canary","Token":"token-canary",
    "Expiration":"2027-01-15T12:00:00Z","RoleArn":"arn"}"#;

fn client() -> Client {
    Client::new(None, Timeouts::default(), Clock::system())
}

async fn current(pairs: &[(&str, &str)]) -> Result<AwsCredentials, NoCredentials> {
    Ambient::new(variables(pairs)).current(&client(), UNIX_EPOCH).await
}

#[tokio::test]
async fn the_endpoint_is_asked_with_its_token_and_again_after_five_minutes() {
    let server = Server::start(vec![Answer::ok(CREDENTIALS)]).await;
    let url = server.url("/v2?role=a");
    let ambient =
        Ambient::new(variables(&[(FULL_URI, &url), ("AWS_CONTAINER_AUTHORIZATION_TOKEN", "Basic abc")]));
    let client = client();
    for (seconds, asked) in [(0, 1), (299, 1), (300, 2), (301, 2), (10, 3)] {
        let now = UNIX_EPOCH + Duration::from_secs(seconds);
        let credentials = ambient.current(&client, now).await.unwrap();
        let parts =
            (credentials.access_key_id(), credentials.secret_access_key(), credentials.session_token());
        assert_eq!(parts, ("AKIDCONTAINER", SECRET, Some(TOKEN)));
        assert_eq!(server.requests().len(), asked, "after {seconds} s");
    }
    let request = &server.requests()[0];
    assert!(request.starts_with("GET /v2?role=a HTTP/1.1\r\n"), "{request}");
    assert!(request.contains("\r\nauthorization: Basic abc\r\n"), "{request}");
}

#[tokio::test]
async fn a_token_in_a_file_is_read_for_each_request() {
    let server = Server::start(vec![Answer::of(403, ""), Answer::ok(CREDENTIALS)]).await;
    let file = tempfile::NamedTempFile::new().unwrap();
    let (url, path) = (server.url("/"), file.path().to_str().unwrap());
    let ambient =
        Ambient::new(variables(&[(FULL_URI, &url), ("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", path)]));
    for token in ["one\n", "two\n"] {
        std::fs::write(path, token).unwrap();
        let _ = ambient.current(&client(), UNIX_EPOCH).await;
        let request = server.requests().pop().unwrap();
        assert!(request.contains(&format!("\r\nauthorization: {}\r\n", token.trim())), "{request}");
    }
}

#[tokio::test]
async fn variables_come_first_and_must_be_whole() {
    let whole =
        [("AWS_ACCESS_KEY_ID", "id"), ("AWS_SECRET_ACCESS_KEY", "secret"), (FULL_URI, "http://127.0.0.1:1/")];
    assert_eq!(current(&whole).await.unwrap().access_key_id(), "id");
    let error = current(&[("AWS_ACCESS_KEY_ID", "id")]).await.unwrap_err().to_string();
    assert!(error.contains("AWS_SECRET_ACCESS_KEY"), "{error}");
    let error = current(&[]).await.unwrap_err().to_string();
    assert!(error.contains("AWS_ACCESS_KEY_ID") && error.contains("role"), "{error}");
}

#[tokio::test]
async fn nobody_but_an_agent_is_asked_for_credentials() {
    for url in [
        "http://example.com/",
        "http://10.0.0.1/",
        "http://localhost.example.com/",
        "ftp://127.0.0.1/",
        "x",
        "https:///",
    ] {
        let error = current(&[(FULL_URI, url)]).await.unwrap_err();
        assert!(matches!(error, NoCredentials::Address { name: FULL_URI }), "{url}: {error}");
    }
    // Would be another host than that of ECS if it were only put behind it.
    for path in [".example.com/", "@example.com/", ":1@example.com/"] {
        let error = current(&[("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", path)]).await.unwrap_err();
        assert!(matches!(error, NoCredentials::Address { .. }), "{path}: {error}");
    }
}

#[tokio::test]
async fn an_answer_that_holds_no_credentials_is_not_repeated() {
    for body in ["", "secret-canary", r#"{"AccessKeyId":"a","SecretAccessKey":["secret-canary"]}"#] {
        let server = Server::start(vec![Answer::ok(body)]).await;
        let error = current(&[(FULL_URI, &server.url("/"))]).await.unwrap_err();
        assert!(matches!(error, NoCredentials::Answer), "{error}");
        assert!(!format!("{error} {error:?}").contains(SECRET));
    }
    let server = Server::start(vec![Answer::of(500, "secret-canary")]).await;
    let error = current(&[(FULL_URI, &server.url("/"))]).await.unwrap_err();
    assert!(matches!(error, NoCredentials::Status(_)) && !error.to_string().contains(SECRET), "{error}");
}
