//! Requests that the host signs for AWS: a server that verifies signatures and obeys session policies gets them, and the
//! plugin sees neither the credentials of its role nor uses those of the server.

use std::sync::Arc;

use serde_json::{Value, json};
use toolcell_host::aws::{Ambient, AwsAccess};
use toolcell_host::variables::Variables;
use toolcell_tests::authority::Version;
use toolcell_tests::aws::{FILES, ROLE, Seen};
use toolcell_tests::s3::{ACCESS_KEY, BUCKET, REGION, SECRET_KEY};
use toolcell_tests::{AwsServer, Bundle, Called, Revision, Server, fixture, log};

/// What the plugin may do: read and write the objects of its own bucket below `mine/`.
const POLICY: &str = "{\"Version\": \"2012-10-17\", \"Statement\": [{\"Effect\": \"Allow\", \
    \"Action\": [\"s3:GetObject\", \"s3:PutObject\"], \"Resource\": \"arn:aws:s3:::files/mine/*\"}]}";

struct Bench {
    aws: AwsServer,
    server: Server,
    /// Kept because the first call of the plugin reads its code.
    _bundle: Bundle,
}

impl Bench {
    /// Serves the plugin with one rule that signs, for this host and with these lines.
    fn of(aws: AwsServer, host: &str, lines: &str) -> Self {
        let rule = format!(
            "[[plugins.outbound.grants.http]]\nhost = \"{host}\"\nport = {}\nmethods = [\"GET\", \"PUT\", \"POST\"]\n{lines}\n\
             [plugins.outbound.grants.http.sign]\nservice = \"s3\"\nregion = \"{REGION}\"\nrole = \"{ROLE}\"\n\
             policy = '{POLICY}'\n",
            aws.port()
        );
        Self::with_rules(aws, &rule)
    }

    fn with_rules(aws: AwsServer, rules: &str) -> Self {
        log::capture();
        let plugin = fixture::plugin("outbound", &fixture::component("outbound"));
        let bundle = Bundle::build(&format!("{plugin}{rules}{}", aws.network()));
        let runner = bundle.open().unwrap().with_loopback(&[aws.port()]).with_aws(access(&aws));
        Self { server: Server::serving(runner), aws, _bundle: bundle }
    }

    /// The same, for the bucket of the plugin's own.
    fn new(lines: &str) -> Self {
        let aws = AwsServer::start(Version::Http1);
        let host = aws.host(FILES);
        Self::of(aws, &host, lines)
    }

    fn request(&self, host: &str, path: &str, more: &Value) -> Value {
        let mut request = json!({"authority": format!("{host}:{}", self.aws.port()), "path": path});
        for (key, value) in more.as_object().unwrap() {
            request[key] = value.clone();
        }
        request
    }

    fn call(&self, tool: &str, arguments: &Value) -> Called {
        self.server.client(Revision::Modern).call(tool, arguments)
    }

    fn send_to(&self, host: &str, path: &str, more: &Value) -> Called {
        self.call("send", &json!({"request": self.request(host, path, more)}))
    }

    /// Sends a request to the bucket of the plugin's own.
    fn send(&self, path: &str, more: &Value) -> Called {
        self.send_to(&self.aws.host(FILES), path, more)
    }
}

/// The access of a process that may assume the role.
fn access(aws: &AwsServer) -> AwsAccess {
    let pairs = aws.variables();
    let variables = Variables::new(move |name| {
        pairs.iter().find(|(other, _)| *other == name).map(|(_, value)| value.clone())
    });
    AwsAccess::new(Arc::new(Ambient::new(variables.clone())), variables)
}

fn status(called: &Called) -> u64 {
    let response = called.structured.clone();
    let response = response.or_else(|| serde_json::from_str(called.text.as_deref()?).ok());
    response.and_then(|response| response["status"].as_u64()).unwrap_or_else(|| panic!("{called:?}"))
}

fn header<'s>(seen: &'s Seen, name: &str) -> &'s str {
    seen.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
}

#[test]
fn a_request_is_signed_with_credentials_of_the_role_over_both_versions_of_http() {
    for version in [Version::Http1, Version::Http2] {
        let aws = AwsServer::start(version);
        aws.place(FILES, "mine/a (1)+b@c.txt", "content");
        let host = aws.host(FILES);
        let bench = Bench::of(aws, &host, "");
        let headers =
            json!({"headers": [{"name": "accept", "value": "*/*"}, {"name": "range", "value": "bytes=0-3"}]});
        let called = bench.send("/mine/a%20(1)+b@c.txt?response-content-type=text%2Fplain", &headers);
        assert_eq!(status(&called), 206, "{called:?}");
        assert!(format!("{called:?}").contains("cont"), "{called:?}");
        let (seen, given) = (bench.aws.seen_by_s3(), bench.aws.handed_out());
        let [given] = &given[..] else { panic!("{given:?}") };
        assert_eq!((seen.len(), header(&seen[0], "x-amz-security-token")), (1, given.token.as_str()));
        let authorization = header(&seen[0], "authorization");
        assert!(authorization.contains(&format!("Credential={}/", given.access_key)), "{authorization}");
        assert!(
            authorization.contains("SignedHeaders=accept;host;range;x-amz-content-sha256;"),
            "{authorization}"
        );
        assert_eq!(
            (given.session.as_str(), given.policy.contains("files/mine/*")),
            ("toolcell-outbound", true)
        );
    }
}

#[test]
fn a_body_is_hashed_and_one_that_is_too_large_or_has_trailers_is_not_sent() {
    let bench = Bench::new("request = \"100 KiB\"");
    let called = bench.send("/mine/new", &json!({"method": "PUT", "piece": 10_000, "pieces": 10}));
    assert_eq!(status(&called), 200, "{called:?}");
    assert_eq!(bench.aws.object(FILES, "mine/new").map(|bytes| bytes.len()), Some(100_000));
    let seen = bench.aws.seen_by_s3();
    assert_eq!(header(&seen[0], "x-amz-content-sha256").len(), 64);
    assert_eq!(header(&seen[0], "content-length"), "100000");
    let called = bench.send("/mine/large", &json!({"method": "PUT", "piece": 60_000, "pieces": 2}));
    assert!(called.text.as_deref().unwrap().contains("HttpRequestBodySize"), "{called:?}");
    let trailers = json!([{"name": "x-checksum", "value": "1"}]);
    let called = bench.send("/mine/trailers", &json!({"method": "PUT", "piece": 5, "trailers": trailers}));
    assert!(called.is_error, "{called:?}");
    assert_eq!(bench.aws.seen_by_s3().len(), 1, "only the first one was sent");
    assert!(bench.aws.object(FILES, "mine/large").is_none());
}

#[test]
fn a_plugin_reaches_no_other_bucket_table_or_function() {
    let bench = Bench::new("");
    bench.aws.place(BUCKET, "index.json", "of the server");
    for (host, path) in [
        (bench.aws.host(BUCKET), "/index.json"),
        (format!("s3.{REGION}.amazonaws.com"), "/releases/index.json"),
        (format!("dynamodb.{REGION}.amazonaws.com"), "/"),
        (format!("lambda.{REGION}.amazonaws.com"), "/2015-03-31/functions/toolcell/invocations"),
        (format!("sts.{REGION}.amazonaws.com"), "/?Action=GetCallerIdentity&Version=2011-06-15"),
        ("localhost".to_owned(), "/"),
    ] {
        let called = bench.send_to(&host, path, &json!({"method": "POST", "piece": 5}));
        assert!(called.is_error, "{host}{path}: {called:?}");
        assert!(called.text.as_deref().unwrap().contains("HttpRequestDenied"), "{host}{path}: {called:?}");
    }
    assert!(bench.aws.seen().is_empty(), "{:?}", bench.aws.seen());
    assert!(bench.aws.handed_out().is_empty(), "no role is assumed for a request that no rule allows");
}

#[test]
fn the_session_policy_holds_where_the_rule_would_allow_more() {
    let aws = AwsServer::start(Version::Http1);
    aws.place(BUCKET, "index.json", "of the server");
    aws.place(FILES, "others/a", "of others");
    aws.place(FILES, "mine/a", "of the plugin");
    let host = format!("s3.{REGION}.amazonaws.com");
    let bench = Bench::of(aws, &host, "");
    for (path, expected) in [
        ("/files/mine/a", 200),
        ("/files/others/a", 403),
        ("/releases/index.json", 403),
        ("/files?list-type=2", 403),
    ] {
        assert_eq!(status(&bench.send_to(&host, path, &json!({}))), expected, "{path}");
    }
    let put = json!({"method": "PUT", "piece": 5});
    assert_eq!(status(&bench.send_to(&host, "/releases/index.json", &put)), 403);
    assert_eq!(bench.aws.object(BUCKET, "index.json").unwrap(), "of the server");
    let keys: Vec<_> =
        bench.aws.seen_by_s3().iter().map(|seen| header(seen, "authorization").to_owned()).collect();
    assert!(
        keys.iter().all(|key| !key.contains(ACCESS_KEY)),
        "the server's own role signs nothing: {keys:?}"
    );
    assert_eq!(bench.aws.handed_out().len(), 1, "credentials are kept");
}

#[test]
fn a_plugin_cannot_sign_or_change_what_is_signed() {
    let bench = Bench::new("headers = [\"x-amz-meta-kind\"]");
    for name in [
        "authorization",
        "x-amz-date",
        "x-amz-security-token",
        "X-Amz-Content-Sha256",
        "x_amz_security_token",
        "x-amz-copy-source",
        "x-amz-target",
    ] {
        let headers = json!({"headers": [{"name": name, "value": "/releases/index.json"}]});
        let called = bench.send("/mine/a", &headers);
        assert!(
            called.text.as_deref().unwrap_or_default().contains("HttpRequestDenied"),
            "{name}: {called:?}"
        );
    }
    for query in [
        "X-Amz-Signature=1",
        "a=b&x-amz-credential=AKID",
        "%58-Amz-Algorithm=1",
        "X-Amz-Expires",
        "prefix=%FF",
        "prefix=100%",
        "prefix=a+b",
    ] {
        let called = bench.send(&format!("/mine/a?{query}"), &json!({}));
        assert!(
            called.text.as_deref().unwrap_or_default().contains("HttpRequestDenied"),
            "{query}: {called:?}"
        );
    }
    assert!(bench.aws.seen().is_empty(), "{:?}", bench.aws.seen());
    assert!(bench.aws.handed_out().is_empty(), "no role is assumed");
    let denied = log::lines("access denied");
    for part in [
        "\"x-amz-copy-source\" in `headers` of the rule",
        "no parameter may begin with X-Amz-",
        "its query has to be UTF-8",
    ] {
        assert!(
            denied.iter().any(|line| line["missing_grant"].as_str().unwrap().contains(part)),
            "{denied:?}"
        );
    }
    let meta =
        json!({"method": "PUT", "piece": 1, "headers": [{"name": "x-amz-meta-kind", "value": "report"}]});
    assert_eq!(status(&bench.send("/mine/a", &meta)), 200, "a header that the rule names");
    let seen = bench.aws.seen_by_s3();
    assert!(header(&seen[0], "authorization").contains("x-amz-meta-kind"), "is signed");
}

#[test]
fn credentials_are_kept_for_the_rule_fetched_once_and_renewed_before_they_expire() {
    let bench = Bench::new("at-once = 8");
    bench.aws.place(FILES, "mine/a", "content");
    let one = bench.request(&bench.aws.host(FILES), "/mine/a", &json!({}));
    let called = bench.call("send_all", &json!({"requests": vec![one; 6]}));
    assert!(!called.is_error, "{called:?}");
    assert_eq!((bench.aws.seen_by_s3().len(), bench.aws.handed_out().len()), (6, 1), "one fetch for all");
    assert_eq!(status(&bench.send("/mine/a", &json!({}))), 200);
    assert_eq!(bench.aws.handed_out().len(), 1, "kept from call to call");
    let bench = Bench::new("");
    bench.aws.place(FILES, "mine/a", "content");
    bench.aws.set_validity(60);
    for expected in [1, 2] {
        assert_eq!(status(&bench.send("/mine/a", &json!({}))), 200);
        assert_eq!(bench.aws.handed_out().len(), expected, "a minute is too short to keep");
    }
    bench.aws.refuse_roles(Some("AccessDenied"));
    assert_eq!(status(&bench.send("/mine/a", &json!({}))), 200, "the last ones still count");
    assert_eq!(log::lines("the credentials of a role cannot be renewed: the last ones still count").len(), 1);
}

#[test]
fn two_rules_do_not_share_credentials() {
    let aws = AwsServer::start(Version::Http1);
    let rule = |path: &str| {
        format!(
            "[[plugins.outbound.grants.http]]\nhost = \"{}\"\nport = {}\npaths = [\"/mine/{path}\"]\n\
             [plugins.outbound.grants.http.sign]\nservice = \"s3\"\nregion = \"{REGION}\"\nrole = \"{ROLE}\"\n\
             policy = '{}'\n",
            aws.host(FILES),
            aws.port(),
            POLICY.replace("mine/*", &format!("mine/{path}*"))
        )
    };
    let rules = [rule("a/"), rule("b/")].concat();
    let bench = Bench::with_rules(aws, &rules);
    for path in ["/mine/a/x", "/mine/b/x"] {
        bench.aws.place(FILES, &path[1..], "content");
        assert_eq!(status(&bench.send(path, &json!({}))), 200, "{path}");
    }
    let policies: Vec<_> = bench.aws.handed_out().into_iter().map(|one| one.policy).collect();
    assert!(policies.len() == 2 && policies[0] != policies[1], "{policies:?}");
}

#[test]
fn a_role_that_cannot_be_assumed_sends_nothing_and_is_told_to_the_operator_alone() {
    let bench = Bench::new("");
    for (code, advice) in
        [("AccessDenied", "SignRoleArns"), ("PackedPolicyTooLarge", "shorten"), ("Throttling", "STS")]
    {
        bench.aws.refuse_roles(Some(code));
        let called = bench.send("/mine/a", &json!({}));
        assert_eq!(called.text.as_deref(), Some("ErrorCode::ConfigurationError"), "{called:?}");
        let failed = log::lines("a request failed");
        let is_told = |line: &Value| {
            let error = line["error"].as_str().unwrap_or_default();
            error.contains(code) && error.contains(advice) && error.contains(ROLE)
        };
        assert!(failed.iter().any(is_told), "{code}: {failed:?}");
    }
    assert!(bench.aws.seen_by_s3().is_empty());
    bench.aws.refuse_roles(None);
    bench.aws.place(FILES, "mine/a", "content");
    assert_eq!(status(&bench.send("/mine/a", &json!({}))), 200, "and it heals");
}

#[test]
fn neither_log_nor_answer_nor_memory_shows_a_credential() {
    let bench = Bench::new("");
    bench.aws.place(FILES, "mine/a", "content");
    let request = bench.request(&bench.aws.host(FILES), "/mine/a", &json!({}));
    let called = bench.call("send", &json!({ "request": request.clone() }));
    assert_eq!(status(&called), 200);
    let given = bench.aws.handed_out().remove(0);
    let answer = format!("{called:?}");
    for secret in [given.token.as_str(), &given.secret_key, SECRET_KEY] {
        assert!(!answer.contains(secret), "{answer}");
        assert!(!log::text().contains(secret), "{secret}");
        let backwards: String = secret.chars().rev().collect();
        let called = bench.call("search", &json!({"request": request.clone(), "backwards": backwards}));
        assert_eq!(called.structured.as_ref().unwrap()["result"], 0, "{called:?}");
    }
}
