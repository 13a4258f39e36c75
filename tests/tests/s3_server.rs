//! The S3 server of the tests, asked with requests that are signed here: what other tests rely on.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::{Duration, SystemTime};

use aws_credential_types::Credentials;
use aws_sigv4::http_request::{
    PayloadChecksumKind, PercentEncodingMode, SignableBody, SignableRequest, SigningSettings,
    UriPathNormalizationMode, sign,
};
use aws_sigv4::sign::v4::SigningParams;
use toolcell_tests::s3::{ACCESS_KEY, BUCKET, Fault, REGION, Request, S3Server, SECRET_KEY, Target, Verb};

/// An answer; its text is empty if the connection was closed without one.
#[derive(Debug)]
struct Answer {
    status: u16,
    text: String,
}

impl Answer {
    fn header(&self, name: &str) -> &str {
        let line = self.text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "));
        line.unwrap_or_default()
    }

    fn body(&self) -> &str {
        self.text.split_once("\r\n\r\n").map_or("", |(_, body)| body)
    }
}

/// Signs and sends a request on a connection of its own.
fn ask(server: &S3Server, method: &str, target: &str, headers: &[(&str, &str)], body: &str) -> Answer {
    ask_with(server, SECRET_KEY, method, target, headers, body)
}

fn ask_with(
    server: &S3Server,
    secret: &str,
    method: &str,
    target: &str,
    headers: &[(&str, &str)],
    body: &str,
) -> Answer {
    let url = format!("{}/{BUCKET}/{target}", server.endpoint());
    let mut settings = SigningSettings::default();
    settings.percent_encoding_mode = PercentEncodingMode::Single;
    settings.uri_path_normalization_mode = UriPathNormalizationMode::Disabled;
    settings.payload_checksum_kind = PayloadChecksumKind::XAmzSha256;
    let identity = Credentials::new(ACCESS_KEY, secret, None, None, "test").into();
    let params = SigningParams::builder().identity(&identity).region(REGION).name("s3");
    let params = params.time(SystemTime::now()).settings(settings).build().unwrap();
    let signable = SignableBody::Bytes(body.as_bytes());
    let signable = SignableRequest::new(method, &url, headers.iter().copied(), signable).unwrap();
    let (instructions, _) = sign(signable, &params.into()).unwrap().into_parts();
    let (signed, _) = instructions.into_parts();
    let host = server.endpoint().replace("http://", "");
    let mut request = format!(
        "{method} /{BUCKET}/{target} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\ncontent-length: {}\r\n",
        body.len()
    );
    let signed = signed.iter().map(|header| (header.name(), header.value()));
    for (name, value) in headers.iter().copied().chain(signed) {
        request += &format!("{name}: {value}\r\n");
    }
    send(&host, &format!("{request}\r\n{body}"))
}

fn send(host: &str, request: &str) -> Answer {
    let mut stream = TcpStream::connect(host).unwrap();
    stream.write_all(request.as_bytes()).unwrap();
    let mut bytes = Vec::new();
    let _ = stream.read_to_end(&mut bytes); // it may be reset
    let text = String::from_utf8_lossy(&bytes).into_owned();
    Answer { status: text.get(9..12).and_then(|status| status.parse().ok()).unwrap_or_default(), text }
}

#[test]
fn objects_are_written_read_and_deleted() {
    let server = S3Server::start();
    assert_eq!(ask(&server, "GET", "a/b", &[], "").status, 404);
    let written = ask(&server, "PUT", "a/b", &[], "0123456789");
    assert_eq!(written.status, 200);
    let read = ask(&server, "GET", "a/b", &[], "");
    assert_eq!((read.status, read.body()), (200, "0123456789"));
    assert_eq!(read.header("etag"), written.header("etag"));
    let head = ask(&server, "HEAD", "a/b", &[], "");
    assert_eq!((head.status, head.header("content-length"), head.body()), (200, "10", ""));
    let part = ask(&server, "GET", "a/b", &[("range", "bytes=2-4")], "");
    assert_eq!((part.status, part.header("content-range"), part.body()), (206, "bytes 2-4/10", "234"));
    assert_eq!(ask(&server, "GET", "a/b", &[("range", "bytes=10-")], "").status, 416);
    assert_eq!(ask(&server, "DELETE", "a/b", &[], "").status, 204);
    assert_eq!(ask(&server, "GET", "a/b", &[], "").status, 404);
    assert_eq!(server.keys(), Vec::<String>::new());
    let verbs = [Verb::Get, Verb::Put, Verb::Head, Verb::Delete, Verb::List];
    assert_eq!(verbs.map(|verb| server.count(&Target::of(verb))), [5, 1, 1, 1, 0]);
    assert_eq!(server.requests()[1], Request { verb: Verb::Put, key: "a/b".to_owned() });
}

#[test]
fn only_the_user_gets_an_answer() {
    let server = S3Server::start();
    server.place("a", "secret");
    let refused = ask_with(&server, "another secret", "GET", "a", &[], "");
    assert_eq!(refused.status, 403);
    assert!(refused.body().contains("SignatureDoesNotMatch"), "{}", refused.text);
    let host = server.endpoint().replace("http://", "");
    let unsigned = format!("GET /{BUCKET}/a HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n\r\n");
    assert_eq!(send(&host, &unsigned).status, 403);
}

#[test]
fn readers_and_writers_can_ask_for_a_condition() {
    let server = S3Server::start();
    let put = |headers: &[_], body| ask(&server, "PUT", "a", headers, body).status;
    let get = |headers: &[_]| ask(&server, "GET", "a", headers, "").status;
    assert_eq!(put(&[("if-match", "\"none\"")], "1"), 404);
    assert_eq!(put(&[("if-none-match", "*")], "1"), 200);
    assert_eq!(put(&[("if-none-match", "*")], "2"), 412);
    let tag = ask(&server, "HEAD", "a", &[], "").header("etag").to_owned();
    assert_eq!((get(&[("if-none-match", &tag)]), get(&[("if-match", &tag)])), (304, 200));
    assert_eq!(put(&[("if-match", &tag)], "3"), 200);
    assert_eq!(put(&[("if-match", &tag)], "4"), 412);
    assert_eq!((get(&[("if-none-match", &tag)]), get(&[("if-match", &tag)])), (200, 412));
    assert_eq!(server.object("a").unwrap(), "3");
}

#[test]
fn earlier_versions_can_be_read() {
    let server = S3Server::start();
    let first = ask(&server, "PUT", "a", &[], "1").header("x-amz-version-id").to_owned();
    ask(&server, "PUT", "a", &[], "2");
    ask(&server, "DELETE", "a", &[], "");
    let get = |version: &str| ask(&server, "GET", &format!("a?versionId={version}"), &[], "");
    assert_eq!((get(&first).status, get(&first).body()), (200, "1"));
    assert_eq!(get("other").status, 404);
}

#[test]
fn lists_come_in_pages() {
    let server = S3Server::start();
    for key in ["a", "b/1", "b/2", "b/3", "c"] {
        server.place(key, key);
    }
    let first = ask(&server, "GET", "?list-type=2&max-keys=2&prefix=b%2F", &[], "");
    assert!(first.body().contains("<IsTruncated>true</IsTruncated>"), "{}", first.text);
    assert!(first.body().contains("<Key>b/2</Key>") && !first.body().contains("<Key>b/3</Key>"));
    let token = first.body().split_once("<NextContinuationToken>").unwrap().1.split_once('<').unwrap().0;
    let token = token.replace('/', "%2F");
    let last = ask(&server, "GET", &format!("?continuation-token={token}&list-type=2&prefix=b%2F"), &[], "");
    assert!(last.body().contains("<IsTruncated>false</IsTruncated>"), "{}", last.text);
    assert!(last.body().contains("<Key>b/3</Key>") && !last.body().contains("<Key>c</Key>"), "{}", last.text);
    assert_eq!(server.count(&Target::of(Verb::List).with_key("prefix=b")), 2);
}

#[test]
fn requests_fail_as_a_test_asks() {
    let server = S3Server::start();
    server.place("a", "0123456789");
    let get = || ask(&server, "GET", "a", &[], "");
    server.fail(Target::of(Verb::Get), Fault::Down);
    assert_eq!(get().text, "");
    server.heal();
    server.fail(Target::all().with_key("a"), Fault::Throttled);
    assert!(get().status == 503 && get().body().contains("<Code>SlowDown</Code>"));
    server.heal();
    server.fail(Target::of(Verb::Get), Fault::Truncated(4));
    let cut = get();
    assert_eq!((cut.status, cut.header("content-length"), cut.body()), (200, "10", "0123"));
    server.heal();
    server.fail(Target::of(Verb::Put), Fault::Lost);
    assert_eq!(ask(&server, "PUT", "lost", &[], "1").text, "");
    assert_eq!(server.object("lost").unwrap(), "1");
    server.heal();
    server.fail(Target::of(Verb::Get), Fault::Slow(Duration::from_millis(1)));
    assert_eq!(get().body(), "0123456789");
    server.place("a", "another object");
    assert_eq!(get().body(), "another object");
}

#[test]
fn requests_after_a_number_have_no_effect() {
    let server = S3Server::start();
    server.fail_after(1);
    assert_eq!(ask(&server, "PUT", "a", &[], "1").status, 200);
    assert_eq!(ask(&server, "PUT", "b", &[], "2").text, "");
    server.heal();
    assert_eq!(server.keys(), ["a"]);
    assert_eq!(ask(&server, "PUT", "b", &[], "2").status, 200);
}

#[test]
fn a_request_is_held_until_the_test_lets_it_go() {
    let server = S3Server::start();
    server.place("a", "1");
    server.fail(Target::of(Verb::Get), Fault::Held);
    std::thread::scope(|scope| {
        let held = scope.spawn(|| ask(&server, "GET", "a", &[], ""));
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(server.held(1));
        assert_eq!(ask(&server, "PUT", "b", &[], "2").status, 200, "others pass");
        assert!(!held.is_finished());
        server.heal();
        assert_eq!(held.join().unwrap().body(), "1");
    });
}
