//! Credentials of a role, from a server that answers as STS does.

use std::sync::Arc;

use super::*;
use crate::clock::TestClock;
use crate::variables::Variables;

const ARN: &str = "arn:aws:iam::123456789012:role/reports";

/// The time of the first request, in seconds since 1970: 2027-01-15T08:00:00Z.
const START: u64 = 1_800_000_000;

fn granted(number: u8, end: &str) -> Answer {
    let credentials = format!(
        "<Credentials><AccessKeyId>ASIA{number}</AccessKeyId><SecretAccessKey>secretcanary{number}/+</SecretAccessKey>\
         <SessionToken>tokencanary{number}==</SessionToken><Expiration>{end}</Expiration></Credentials>"
    );
    Answer::of(
        200,
        &format!(
            "<AssumeRoleResponse><AssumeRoleResult>{credentials}</AssumeRoleResult></AssumeRoleResponse>"
        ),
    )
}

fn refused(status: u16, code: &str, words: &str) -> Answer {
    let error = format!("<Error><Type>Sender</Type><Code>{code}</Code><Message>{words}</Message></Error>");
    Answer::of(status, &format!("<ErrorResponse>{error}</ErrorResponse>"))
}

fn role() -> Role {
    Role {
        arn: ARN.to_owned(),
        policy: r#"{"Statement":[{"Effect":"Allow"}]}"#.to_owned(),
        region: "eu-west-3".to_owned(),
        session: "toolcell-reports".to_owned(),
    }
}

/// The variables of a process with credentials of its own, whose STS is at `url`.
fn own(url: &str) -> Variables {
    variables(&[
        ("AWS_ENDPOINT_URL_STS", url),
        ("AWS_ACCESS_KEY_ID", "AKIDOWN"),
        ("AWS_SECRET_ACCESS_KEY", SECRET),
        ("AWS_SESSION_TOKEN", TOKEN),
    ])
}

struct Bench {
    server: Server,
    sts: Sts,
    clock: TestClock,
    session: RoleSession,
}

impl Bench {
    async fn new(answers: Vec<Answer>) -> Self {
        let server = Server::start(answers).await;
        let clock = TestClock::at(UNIX_EPOCH + Duration::from_secs(START));
        let variables = own(&server.url(""));
        let access = AwsAccess::new(Arc::new(Ambient::new(variables.clone())), variables);
        let sts = Sts::new(None, access, clock.clock());
        Self { server, sts, clock, session: RoleSession::new(role()) }
    }

    async fn key(&self) -> Result<String, String> {
        let credentials = self.session.credentials(&self.sts).await;
        credentials.map(|one| one.access_key_id().to_owned()).map_err(|error| format!("{error} {error:?}"))
    }
}

#[tokio::test]
async fn a_role_is_assumed_with_its_policy_and_signed_by_the_process() {
    let bench = Bench::new(vec![granted(1, "2027-01-15T08:15:00Z")]).await;
    let credentials = bench.session.credentials(&bench.sts).await.unwrap();
    let parts = (credentials.access_key_id(), credentials.secret_access_key(), credentials.session_token());
    assert_eq!(parts, ("ASIA1", "secretcanary1/+", Some("tokencanary1==")));
    let [request] = &bench.server.requests()[..] else { panic!("{:?}", bench.server.requests()) };
    assert!(request.starts_with("POST / HTTP/1.1\r\n"), "{request}");
    let form = "Action=AssumeRole&Version=2011-06-15&DurationSeconds=900\
        &RoleArn=arn%3Aaws%3Aiam%3A%3A123456789012%3Arole%2Freports&RoleSessionName=toolcell-reports\
        &Policy=%7B%22Statement%22%3A%5B%7B%22Effect%22%3A%22Allow%22%7D%5D%7D";
    assert!(request.ends_with(form), "{request}");
    assert!(request.contains("Credential=AKIDOWN/20270115/eu-west-3/sts/aws4_request"), "{request}");
    assert!(request.contains(&format!("\r\nx-amz-security-token: {TOKEN}\r\n")), "{request}");
    assert!(!format!("{:?}{:?}", bench.session, bench.sts).contains("canary"));
}

#[tokio::test]
async fn credentials_are_kept_until_shortly_before_they_expire_by_the_wall_clock() {
    let answers = vec![granted(1, "2027-01-15T08:15:00Z"), granted(2, "2027-01-15T08:28:00Z")];
    let bench = Bench::new(answers).await;
    for (seconds, key, asked) in [(0, "ASIA1", 1), (779, "ASIA1", 1), (780, "ASIA2", 2), (1_000, "ASIA2", 2)]
    {
        bench.clock.set(UNIX_EPOCH + Duration::from_secs(START + seconds));
        assert_eq!(
            (bench.key().await.unwrap().as_str(), bench.server.requests().len()),
            (key, asked),
            "{seconds}"
        );
    }
    bench.clock.set(UNIX_EPOCH + Duration::from_secs(START));
    bench.key().await.unwrap();
    assert_eq!(bench.server.requests().len(), 3, "a clock that was set back makes credentials old");
}

#[tokio::test]
async fn requests_at_the_same_time_ask_once() {
    let bench = Bench::new(vec![granted(1, "2027-01-15T08:15:00Z")]).await;
    let (one, two, three) = tokio::join!(bench.key(), bench.key(), bench.key());
    assert_eq!([one, two, three].map(Result::unwrap), ["ASIA1", "ASIA1", "ASIA1"]);
    assert_eq!(bench.server.requests().len(), 1);
}

#[tokio::test]
async fn credentials_count_through_an_outage_until_they_expire() {
    let bench =
        Bench::new(vec![granted(1, "2027-01-15T08:15:00Z"), refused(403, "AccessDenied", "no")]).await;
    for (seconds, is_valid) in [(0, true), (800, true), (889, true), (890, false), (0, false)] {
        bench.clock.set(UNIX_EPOCH + Duration::from_secs(START + seconds));
        assert_eq!(bench.key().await.is_ok(), is_valid, "{seconds}");
    }
}

#[tokio::test]
async fn what_passes_is_asked_again_and_a_refusal_is_not() {
    let end = "2027-01-15T08:15:00Z";
    let answers =
        vec![refused(503, "ServiceUnavailable", ""), refused(400, "Throttling", ""), granted(1, end)];
    let bench = Bench::new(answers).await;
    assert_eq!((bench.key().await.unwrap().as_str(), bench.server.requests().len()), ("ASIA1", 3));
    for (status, code, advice) in [
        (403, "AccessDenied", "SignRoleArns"),
        (400, "MalformedPolicyDocument", "correct `policy`"),
        (400, "PackedPolicyTooLarge", "shorten `policy`"),
        (403, "ExpiredToken", "credentials of this process"),
        (403, "RegionDisabledException", "activate STS"),
    ] {
        let bench = Bench::new(vec![refused(status, code, "canary")]).await;
        let error = bench.key().await.unwrap_err();
        assert!(error.contains(ARN) && error.contains(code) && error.contains(advice), "{error}");
        assert_eq!(bench.server.requests().len(), 1, "{code}");
    }
}

#[tokio::test]
async fn no_error_repeats_a_credential() {
    let words = format!("The Canonical String should have been x-amz-security-token:{TOKEN} {SECRET}");
    let cut = "<SessionToken>tokencanary</SessionToken>";
    for answer in [
        refused(403, "SignatureDoesNotMatch", &words),
        refused(403, "InvalidClientTokenId", &words),
        refused(418, "Else", &words),
        Answer::of(200, cut),
        Answer::of(200, "tokencanary"),
        granted(1, "2027-01-15T07:59:59Z"),
        granted(1, "canary"),
        Answer { head: "location: https://canary.example/\r\n".to_owned(), ..Answer::of(302, cut) },
    ] {
        let shown = format!("{answer:?}");
        let error = Bench::new(vec![answer]).await.key().await.unwrap_err();
        assert!(!error.contains("canary"), "{error} for {shown}");
        assert!(error.contains("STS"), "{error}");
    }
}

#[tokio::test]
async fn sts_is_regional_and_never_asked_without_tls_elsewhere() {
    let access = |url| {
        let variables = own(url);
        AwsAccess::new(Arc::new(Ambient::new(variables.clone())), variables)
    };
    let none = variables(&[]);
    let endpoint = Endpoint::in_region("eu-west-3", &none, "AWS_ENDPOINT_URL_STS").unwrap();
    assert_eq!(endpoint.service_url("sts"), "https://sts.eu-west-3.amazonaws.com/");
    for (url, part) in [("http://sts.example", "https"), ("ftp://sts", "AWS_ENDPOINT_URL_STS")] {
        let sts = Sts::new(None, access(url), Clock::system());
        let error = RoleSession::new(role()).credentials(&sts).await.unwrap_err().to_string();
        assert!(error.contains(part) && error.contains(ARN), "{error}");
    }
    let nobody = AwsAccess::new(Arc::new(Ambient::new(none.clone())), none);
    let error =
        RoleSession::new(role()).credentials(&Sts::new(None, nobody, Clock::system())).await.unwrap_err();
    assert!(error.to_string().contains("AWS_ACCESS_KEY_ID"), "{error}");
}
