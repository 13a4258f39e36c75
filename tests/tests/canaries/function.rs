//! `bootstrap` in the Lambda emulator, with the extension that hands out secrets.

use serde_json::json;
use toolcell_host::digest::Digest;
use toolcell_lambda_emulator::{Function, Lambda};
use toolcell_tests::extension::Extension;
use toolcell_tests::http::Request;
use toolcell_tests::multi_round::{ask, everything, form, scripted};
use toolcell_tests::server::deployed;
use toolcell_tests::{Bundle, Client, Revision, fixture};

use super::sweep::Sweep;

pub(crate) fn play(sweep: &mut Sweep) {
    granted(sweep);
    unusable(sweep);
    refused(sweep);
}

fn secrets_of(plugin: &str) -> String {
    format!(
        "[plugins.{plugin}.grants.secrets]\nvariable = \"variable\"\npart = \"part\"\nmanager = \"manager\"\nfield = \"field\"\n\
         parameter = \"parameter\"\nsection = \"section\"\n[secrets]\nvariable.environment = \"VARIABLE\"\n\
         part = {{ environment = \"DOCUMENT\", field = \"token\" }}\nmanager.secretsmanager = \"prod/key\"\n\
         field = {{ secretsmanager = \"prod/json\", field = \"password\" }}\nparameter.parameter = \"/prod/key\"\n\
         section = {{ parameter = \"/prod/json\", field = \"token\" }}\n"
    )
}

fn principal(name: &str, token: &str) -> String {
    let digest = Digest::of(token.as_bytes());
    format!("[auth.bearer.principals.{name}]\ntokens = [\"sha256:{digest}\"]\nscopes = []\n")
}

/// A function with the extension, and a log that holds everything.
fn function(bundle: &Bundle, extension: &Extension) -> Function {
    let port = extension.port().to_string();
    let function = deployed(bundle).env("AWS_LAMBDA_LOG_LEVEL", "TRACE").env("AWS_LAMBDA_LOG_FORMAT", "JSON");
    function.env("PARAMETERS_SECRETS_EXTENSION_HTTP_PORT", &port)
}

/// A call of a client that supports every kind of question, which asks one.
fn asking(client: &Client) -> Request {
    let arguments = json!({"steps": [ask("one", &form("One?"))]});
    let meta = json!({"io.modelcontextprotocol/clientCapabilities": everything()});
    client.call_request_with("run", &arguments, meta)
}

/// Keeps what the function has logged, and its bundle.
fn listen(sweep: &mut Sweep, who: &str, lambda: &Lambda, bundle: &Bundle) {
    for line in lambda.logs().lines() {
        sweep.heard(&format!("{who}: {:?}", line.source), line.text);
    }
    sweep.found_in(&bundle.path());
}

/// Everything works: the plugins have secrets, callers show tokens, calls ask.
fn granted(sweep: &mut Sweep) {
    let alice = sweep.plant("a token of toolcell.toml");
    let outbound = fixture::plugin("outbound", &fixture::component("outbound"));
    let bundle = Bundle::build(&format!(
        "{outbound}{}{}[auth.bearer]\nenvironment = \"PRINCIPALS\"\n{}",
        secrets_of("outbound"),
        scripted(),
        principal("alice", &alice)
    ));
    let extension = Extension::start();
    extension.secret("prod/key", &sweep.plant("a secret of Secrets Manager"));
    let fields = json!({"user": sweep.plant("a field that nobody asks for"), "password": sweep.plant("a field of Secrets Manager")});
    extension.secret("prod/json", &fields.to_string());
    extension.parameter("/prod/key", &sweep.plant("a parameter"));
    extension.parameter("/prod/json", &json!({"token": sweep.plant("a field of a parameter")}).to_string());
    let bob = sweep.plant("a token of a variable");
    let principals = json!({"principals": {"bob": {"tokens": [format!("sha256:{}", Digest::of(bob.as_bytes()))], "scopes": []}}});
    let keys = format!("{} {}", sweep.plant("a state key"), sweep.plant("an older state key"));
    sweep.add("the secret access key of a function", "example-secret-of-the-emulator");
    sweep.add("the session token of a function", "example-session-of-the-emulator");
    let document =
        json!({"token": sweep.plant("a field of a variable"), "rest": sweep.plant("the rest of a variable")});
    let lambda = function(&bundle, &extension)
        .env("VARIABLE", sweep.plant("a variable"))
        .env("DOCUMENT", document.to_string())
        .env("PRINCIPALS", principals.to_string())
        .env("TOOLCELL_STATE_KEYS", &keys)
        .start()
        .unwrap();
    let client = Client::new(lambda.address(), Revision::Modern);
    let argument = sweep.plant("an argument");
    let forget = json!({"request": {"authority": "nowhere.example", "path": format!("/{argument}?key={argument}"),
        "headers": [{"name": "authorization", "value": argument}]}});
    let send = |sweep: &mut Sweep, way: &str, request: Request, status: u16| {
        let answer = request.send(lambda.address());
        assert_eq!(answer.status, status, "{way}: {answer:?}");
        sweep.heard(
            &format!("the answer to {way}"),
            format!("{:?} {}", answer.headers, String::from_utf8_lossy(&answer.body)),
        );
    };
    for token in [&alice, &bob] {
        let bearer = format!("Bearer {token}");
        send(sweep, "a call", client.call_request("forget", &forget).header("authorization", &bearer), 200);
        send(sweep, "a question", asking(&client).header("authorization", &bearer), 200);
    }
    assert_eq!(extension.requests().len(), 4, "the call has read every secret: {:?}", extension.requests());
    let list = client.request("tools/list", json!({}));
    let wrong = sweep.plant("a token that is not valid");
    send(sweep, "a wrong token", list.clone().header("authorization", &format!("Bearer {wrong}")), 401);
    let basic = sweep.plant("a password of Basic");
    send(sweep, "a password", list.clone().header("authorization", &format!("Basic {basic}")), 401);
    let query = sweep.plant("a token in the query");
    send(sweep, "a token in the query", list.clone().start(&format!("POST /mcp?access_token={query}")), 400);
    let cookie = sweep.plant("a cookie");
    send(sweep, "a cookie", list.header("cookie", &format!("session={cookie}")), 401);
    listen(sweep, "a function", &lambda, &bundle);
}

/// Secrets that are there and have no value that can be used: the log says why, and not with which text.
fn unusable(sweep: &mut Sweep) {
    let outbound = fixture::plugin("outbound", &fixture::component("outbound"));
    for (way, field, text) in [
        ("a secret that is too long", "", "LONG"),
        ("a secret that is no object", ", field = \"token\"", "CANARY"),
        ("a secret that breaks off", ", field = \"token\"", "{\"token\": \"CANARY"),
        ("a secret without the field", ", field = \"token\"", "{\"other\": \"CANARY\"}"),
        ("a secret whose field is a list", ", field = \"token\"", "{\"token\": [\"CANARY\"]}"),
    ] {
        let canary = sweep.plant(way);
        let extension = Extension::start();
        extension.secret("prod/key", &text.replace("LONG", &canary.repeat(2_000)).replace("CANARY", &canary));
        let grants = format!(
            "[plugins.outbound.grants.secrets]\nkey = \"key\"\n[secrets]\nkey = {{ secretsmanager = \"prod/key\"{field} }}\n"
        );
        let bundle = Bundle::build(&format!("{outbound}{grants}"));
        let lambda = function(&bundle, &extension).start().unwrap();
        let called = Client::new(lambda.address(), Revision::Modern)
            .call("forget", &json!({"request": {"authority": "nowhere.example"}}));
        assert!(called.is_error, "{way}: {called:?}");
        assert_eq!(extension.requests().len(), 1, "{way}");
        sweep.shown(&format!("the answer with {way}"), &called);
        listen(sweep, way, &lambda, &bundle);
    }
}

/// Credentials that are malformed, so that the function does not start, or admits nobody.
fn refused(sweep: &mut Sweep) {
    let plain = fixture::plugin("plain", &fixture::component("plain"));
    let bearer = format!("{plain}[auth.bearer]\n{}", principal("alice", "a token that nobody shows"));
    let tokens = |token: &str| json!({"principals": {"bob": {"tokens": [token], "scopes": []}}}).to_string();
    let canary = sweep.plant("a token in the place of its digest, in a variable");
    let in_variable = (
        bearer.replace("[auth.bearer]\n", "[auth.bearer]\nenvironment = \"PRINCIPALS\"\n"),
        vec![("PRINCIPALS", tokens(&canary))],
        None,
    );
    let canary = sweep.plant("a token in the place of its digest, in a secret");
    let in_secret = (
        bearer.replace("[auth.bearer]\n", "[auth.bearer]\nsecret = \"prod/principals\"\n"),
        vec![],
        Some(("prod/principals", tokens(&canary))),
    );
    let short = sweep.plant_short("a state key that is too short");
    let key = (scripted(), vec![("TOOLCELL_STATE_KEYS", short)], None);
    let short = sweep.plant_short("a state key of a secret that is too short");
    let stored = (
        scripted(),
        vec![("TOOLCELL_STATE_KEYS", String::new()), ("TOOLCELL_STATE_KEYS_SECRET", "prod/state".to_owned())],
        Some(("prod/state", short)),
    );
    let canary = sweep.plant("a password in the address of a server");
    let url = format!("http://user:{canary}@127.0.0.1:9/");
    let place = (
        plain.clone(),
        vec![("TOOLCELL_BUNDLE", "s3://bucket/prefix".to_owned()), ("AWS_ENDPOINT_URL_S3", url)],
        None,
    );
    for (config, variables, secret) in [in_variable, in_secret, key, stored, place] {
        let bundle = Bundle::build(&config);
        let extension = Extension::start();
        if let Some((name, text)) = &secret {
            extension.secret(name, text);
        }
        let function = function(&bundle, &extension);
        let function = variables.iter().fold(function, |function, (name, value)| function.env(name, value));
        let lambda = function.start().unwrap();
        let client = Client::new(lambda.address(), Revision::Modern);
        let request = asking(&client);
        let answer = request.header("authorization", "Bearer wrong").send(lambda.address());
        assert!(!answer.body.is_empty() && answer.status != 200 || secret.is_some(), "{answer:?}");
        sweep.heard("an answer without credentials", String::from_utf8_lossy(&answer.body).into_owned());
        listen(sweep, "a function with wrong credentials", &lambda, &bundle);
    }
}
