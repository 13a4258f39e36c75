//! Clients that speak HTTP to each front end, and what reaches them.

use std::time::Duration;

use serde_json::{Value, json};
use toolcell_host::digest::Digest;
use toolcell_lambda_emulator::{Bodies, FrontEnd, Function, HeaderLists, Identity, InvokeMode, Lambda};
use toolcell_tests::http::{Request, Response};
use toolcell_tests::server::deployed;
use toolcell_tests::{Bundle, Called, Client, Revision, fixture};

const PATIENCE: Duration = Duration::from_secs(20);

/// The line of the log where progress is dropped.
const DROPPED: &str = "progress is dropped";

/// A front end of each kind, and the value of `TOOLCELL_EDGES` for it.
fn front_ends() -> Vec<(&'static str, FrontEnd, InvokeMode)> {
    let rest = || FrontEnd::RestApi { stage: "prod".to_owned() };
    let buffered = InvokeMode::Buffered;
    vec![
        ("http-api", FrontEnd::HttpApi { stage: None }, buffered),
        ("http-api", FrontEnd::HttpApi { stage: Some("prod".to_owned()) }, buffered),
        ("rest-api", rest(), buffered),
        ("rest-api-stream", rest(), InvokeMode::ResponseStream),
        ("alb", FrontEnd::LoadBalancer(HeaderLists::Off), buffered),
        ("alb", FrontEnd::LoadBalancer(HeaderLists::On), buffered),
    ]
}

fn start(function: Function, (edges, front_end, mode): (&str, FrontEnd, InvokeMode)) -> Lambda {
    let function = function.env("TOOLCELL_EDGES", edges).front_end(front_end).invoke_mode(mode);
    function.start().expect("the function can be deployed")
}

/// Sends a request below the stage of the front end.
fn send(lambda: &Lambda, request: Request) -> Response {
    let path = lambda.url().splitn(4, '/').nth(3).unwrap_or_default().to_owned();
    let start = request.start.replacen(" /", &format!(" /{path}"), 1);
    request.start(&start).send(lambda.address())
}

fn call(lambda: &Lambda, tool: &str, arguments: &Value) -> Request {
    Client::new(lambda.address(), Revision::Modern).call_request(tool, arguments)
}

fn text(auth: &str) -> Bundle {
    Bundle::build(&format!("{auth}{}", fixture::plugin("text", &fixture::sample("text"))))
}

#[test]
fn a_tool_is_called_through_every_front_end() {
    let bundle = text("");
    for front_end in front_ends() {
        for bodies in [Bodies::ByType, Bodies::Base64] {
            let lambda = start(deployed(&bundle).bodies(bodies), front_end.clone());
            let answer = send(&lambda, call(&lambda, "make_slug", &json!({"text": "Crème brûlée"})));
            assert_eq!(answer.status, 200, "{front_end:?}");
            assert_eq!(answer.headers["content-type"], "application/json", "{front_end:?}");
            let called = Called::read(&answer.json()["result"]);
            assert_eq!(called.text.as_deref(), Some("creme-brulee"), "{front_end:?}");
        }
    }
}

#[test]
fn progress_passes_a_stream_and_is_dropped_with_one_line_elsewhere() {
    let plugin = fixture::plugin("hostile", &fixture::component("hostile"));
    let bundle = Bundle::build(&format!("{plugin}[plugins.hostile.limits]\nnotifications = 1000\n"));
    for front_end in front_ends() {
        let lambda = start(deployed(&bundle), front_end.clone());
        let client = Client::new(lambda.address(), Revision::Modern);
        let meta = json!({"progressToken": 1});
        let answer =
            send(&lambda, client.call_request_with("flood_notifications", &json!({"times": 3}), meta));
        let body = String::from_utf8(answer.body).unwrap();
        let is_stream = front_end.0 == "rest-api-stream";
        assert_eq!(body.contains("notifications/progress"), is_stream, "{front_end:?}: {body}");
        assert!(body.contains("\"result\""), "{front_end:?}: {body}");
        let kind = if is_stream { "text/event-stream" } else { "application/json" };
        assert_eq!(answer.headers["content-type"], kind, "{front_end:?}");
        if !is_stream {
            lambda.logs().wait(PATIENCE, |line| line.text.contains(DROPPED)).expect("a line says so");
        }
        let lines = lambda.logs().lines().into_iter().filter(|line| line.text.contains(DROPPED)).count();
        assert_eq!(lines, usize::from(!is_stream), "{front_end:?}");
    }
}

#[test]
fn a_client_that_takes_only_events_gets_the_result_as_one() {
    let bundle = text("");
    for front_end in front_ends() {
        let lambda = start(deployed(&bundle), front_end.clone());
        let request =
            call(&lambda, "make_slug", &json!({"text": "A b"})).header("accept", "text/event-stream");
        let answer = send(&lambda, request);
        assert_eq!(answer.headers["content-type"], "text/event-stream", "{front_end:?}");
        let events = String::from_utf8(answer.body.clone()).unwrap();
        assert_eq!(events.matches("data: ").count(), 1, "{front_end:?}: {events}");
        assert_eq!(Called::read(&answer.json()["result"]).text.as_deref(), Some("a-b"), "{front_end:?}");
    }
}

#[test]
fn a_caller_without_credentials_is_refused_and_one_with_a_token_is_admitted() {
    const TOKEN: &str = "tct_canary-edges-0123456789abcdefghijklmnopqrstu";
    let digest = Digest::of(TOKEN.as_bytes());
    let bundle = text(&format!("[auth.bearer.principals.alice]\ntokens = [\"sha256:{digest}\"]\n"));
    for front_end in front_ends() {
        // A signature that AWS has checked does not count where the deployer has not said that AWS checks any.
        let signer = Identity::of_arn("arn:aws:sts::123456789012:assumed-role/Agent/session");
        let lambda = start(deployed(&bundle).iam(Some(signer)), front_end.clone());
        let request = call(&lambda, "make_slug", &json!({"text": "A b"}));
        let refused = send(&lambda, request.clone());
        assert_eq!(refused.status, 401, "{front_end:?}");
        let is_remapped = front_end.0.starts_with("rest-api");
        let challenge = if is_remapped { "x-amzn-remapped-www-authenticate" } else { "www-authenticate" };
        assert!(refused.headers.contains_key(challenge), "{front_end:?}: {:?}", refused.headers);
        let admitted = send(&lambda, request.header("authorization", &format!("Bearer {TOKEN}")));
        assert_eq!(admitted.status, 200, "{front_end:?}");
        assert!(lambda.logs().lines().iter().all(|line| !line.text.contains(TOKEN)));
    }
}

#[test]
fn the_signer_that_an_api_has_checked_is_the_caller_and_no_header_is() {
    let bundle = Bundle::build(&format!(
        "[auth.iam.principals.agent]\narn = \"arn:aws:iam::123456789012:role/Agent\"\nscopes = [\"write\"]\n\
         {}[plugins.text.tools]\nmake_slug.required-scopes = [\"write\"]\n",
        fixture::plugin("text", &fixture::sample("text"))
    ));
    let role = "arn:aws:iam::123456789012:role/Agent";
    for front_end in front_ends() {
        for (arn, status) in [
            ("arn:aws:sts::123456789012:assumed-role/Agent/session", 200),
            ("arn:aws:sts::123456789012:assumed-role/Other/session", 403),
        ] {
            // A load balancer checks no signatures: whatever the request says, its sender is nobody.
            let status = if front_end.0 == "alb" { 401 } else { status };
            let function = deployed(&bundle).env("TOOLCELL_ALLOW_ANONYMOUS", "false");
            let function = function.env("TOOLCELL_AUTH_TYPE", "AWS_IAM").iam(Some(Identity::of_arn(arn)));
            let lambda = start(function, front_end.clone());
            let request = call(&lambda, "make_slug", &json!({"text": "a"}));
            let request = request.header("x-amzn-iam-user-arn", role).header("x-amzn-oidc-identity", role);
            assert_eq!(send(&lambda, request).status, status, "{front_end:?} {arn}");
        }
    }
}

#[test]
fn pages_of_other_sites_and_other_hosts_are_refused_at_every_front_end() {
    let plugin = fixture::plugin("text", &fixture::sample("text"));
    let bundle = Bundle::build(&format!("{plugin}[http]\nallowed-hosts = [\"mcp.example.com\"]\n"));
    for front_end in front_ends() {
        let lambda = start(deployed(&bundle), front_end.clone());
        let request = |host: &str| call(&lambda, "make_slug", &json!({"text": "a"})).header("host", host);
        assert_eq!(send(&lambda, request("mcp.example.com")).status, 200, "{front_end:?}");
        assert_eq!(send(&lambda, request("evil.example")).status, 403, "{front_end:?}");
        let page = request("mcp.example.com").header("origin", "https://evil.example");
        assert_eq!(send(&lambda, page).status, 403, "{front_end:?}");
    }
}

#[test]
fn a_result_that_a_front_end_does_not_take_is_an_error_under_its_own_id() {
    let plugin = fixture::plugin("hostile", &fixture::component("hostile"));
    let bundle = Bundle::build(&format!("{plugin}[plugins.hostile.limits]\noutput = \"16 MiB\"\n"));
    for front_end in front_ends() {
        let most = match front_end.0 {
            "alb" => 1_000_000,
            "rest-api-stream" => continue,
            _ => 6 << 20,
        };
        let lambda = start(deployed(&bundle), front_end.clone());
        let answer = send(&lambda, call(&lambda, "huge_text", &json!({"bytes": most})));
        let (status, code, message) = answer.refusal();
        assert_eq!((status, code), (200, -32603), "{front_end:?}");
        assert!(message.contains(&format!("{most} bytes")), "{front_end:?}: {message}");
        assert!(answer.json()["id"] != Value::Null, "{front_end:?}");
        let fits = send(&lambda, call(&lambda, "huge_text", &json!({"bytes": most / 4})));
        assert!(fits.json()["error"].is_null(), "{front_end:?}");
    }
}

#[test]
fn a_path_outside_of_the_stage_is_not_the_functions() {
    let bundle = text("");
    let lambda = start(
        deployed(&bundle),
        ("rest-api", FrontEnd::RestApi { stage: "prod".to_owned() }, InvokeMode::Buffered),
    );
    assert_eq!(call(&lambda, "make_slug", &json!({"text": "a"})).begin(lambda.address()).status, 404);
    assert!(lambda.environments().is_empty(), "no event was made of it");
}

/// Sends a request below the path of the configuration, as this front end passes it on.
fn send_below(lambda: &Lambda, front_end: &FrontEnd, start: &str) -> Response {
    // An HTTP API takes the path of a mapping off; the others pass it on.
    let start = match front_end {
        FrontEnd::HttpApi { .. } => start.replacen("/tools", "", 1),
        _ => start.to_owned(),
    };
    let request = Request::post(r#"{"jsonrpc":"2.0","id":1,"method":"ping"}"#).start(&start);
    send(
        lambda,
        request
            .header("host", "api.example.com")
            .header("accept", "application/json, text/event-stream, text/html"),
    )
}

#[test]
fn a_server_below_a_path_is_served_at_every_front_end_with_its_page_and_metadata() {
    let oauth = "[auth.oauth]\npublic-url = \"https://api.example.com\"\n[auth.oauth.issuers.one]\n\
                 issuer = \"https://login.example.com\"\n";
    let path = "[http]\npath = \"/tools\"\n";
    let open = text(path);
    let guarded = text(&format!("{path}{oauth}"));
    let url = ("function-url", FrontEnd::FunctionUrl, InvokeMode::ResponseStream);
    for front_end in front_ends().into_iter().chain([url]) {
        let lambda = start(deployed(&open), front_end.clone());
        let ask = |start: &str| send_below(&lambda, &front_end.1, start);
        assert_eq!(ask("POST /tools/mcp").json()["result"], json!({}), "{front_end:?}");
        assert_eq!(ask("GET /tools/healthz").status, 200, "{front_end:?}");
        let page = String::from_utf8(ask("GET /tools/").body).unwrap();
        assert!(page.contains("/mcp</code>"), "{front_end:?}: {page}");

        let lambda = start(deployed(&guarded), front_end.clone());
        let ask = |start: &str| send_below(&lambda, &front_end.1, start);
        let resource = "https://api.example.com/tools/mcp";
        let metadata = "https://api.example.com/tools/.well-known/oauth-protected-resource/mcp";
        let refused = ask("POST /tools/mcp");
        let challenge = refused
            .headers
            .get("www-authenticate")
            .or_else(|| refused.headers.get("x-amzn-remapped-www-authenticate"));
        assert!(
            challenge.is_some_and(|challenge| challenge.contains(metadata)),
            "{front_end:?}: {:?}",
            refused.headers
        );
        let places = [
            "/tools/.well-known/oauth-protected-resource/mcp",
            "/.well-known/oauth-protected-resource/tools/mcp",
        ];
        let passes_on = !matches!(front_end.1, FrontEnd::HttpApi { .. });
        for place in places.iter().take(1 + usize::from(passes_on)) {
            let document = ask(&format!("GET {place}"));
            assert_eq!(document.json()["resource"], resource, "{front_end:?} {place}");
        }
        let page = String::from_utf8(ask("GET /tools/").body).unwrap();
        assert!(page.contains(&format!("{resource}</code>")), "{front_end:?}: {page}");
    }
}
