//! Keys in the bundle: `toolcell build` fetches them, and a function needs no network for its first request.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};
use tempfile::TempDir;
use toolcell_cli::bundle::build::{BuildRequest, Components};
use toolcell_cli::bundle::compile::Target;
use toolcell_cli::bundle::{Cache, LockMode};
use toolcell_cli::command::build::{self, IssuerKeys};
use toolcell_cli::ui::format::Format;
use toolcell_cli::ui::problem::Problem;
use toolcell_cli::ui::progress::Silent;
use toolcell_cli::ui::terminal::Terminal;
use toolcell_host::catalog::{Catalog, Index, KeySeed, KeySource};
use toolcell_tests::http::{Request, Response};
use toolcell_tests::issuer::{Behaviour, changed};
use toolcell_tests::server::{deployed_as, logged};
use toolcell_tests::{Client, Revision, TestIssuer, fixture};

const RESOURCE_METADATA: &str = "/.well-known/oauth-protected-resource";

fn built(directory: &Path, config: &str, keys: IssuerKeys<'_>) -> Result<Catalog, Problem> {
    let (file, out) = (directory.join("toolcell.toml"), directory.join("bundle"));
    fs::write(&file, config).unwrap();
    let request = BuildRequest {
        config: &file,
        target: Target::host().unwrap(),
        out: &out,
        components: Components::Prebuilt,
        cache: Cache::at(fixture::root().join("target/test-cache")),
        lock: LockMode::Ignore,
        progress: &Silent,
    };
    build::run(&request, keys, Format::Json, &Terminal::new())?;
    let bytes = fs::read(out.join(Catalog::FILE)).unwrap();
    Ok(Index::read(bytes.into()).unwrap().contents().unwrap().catalog)
}

fn config(issuer: &TestIssuer) -> String {
    let text = fixture::plugin("text", &fixture::sample("text"));
    format!(
        "{}{text}only = [\"count_text\", \"make_slug\"]\n\
         [plugins.text.tools]\nmake_slug.required-scopes = [\"text.read\"]\n",
        issuer.config("")
    )
}

fn seed(catalog: &Catalog) -> Option<KeySeed> {
    match &catalog.auth.oauth.as_ref().unwrap().issuers["test"].keys {
        KeySource::Discovered { seed } => seed.clone(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_build_fetches_the_public_keys_and_says_when() {
    let (issuer, directory) = (TestIssuer::start_at("/tenant"), TempDir::new().unwrap());
    let weak = json!({ "kty": "oct", "kid": "weak", "k": "canary" });
    let full = changed(issuer.key().jwk(), json!({ "x5c": ["canary"] }));
    issuer.set_keys(&json!({ "keys": [full, weak] }));
    let catalog = built(directory.path(), &config(&issuer), IssuerKeys::Fetched(&[issuer.port()])).unwrap();
    let fetched = seed(&catalog).unwrap();
    assert_eq!(fetched.keys, json!({ "keys": [issuer.key().jwk()] }));
    assert_eq!(fetched.url.as_str(), format!("https://localhost:{}/keys", issuer.port()));
    assert!(fetched.introspection_endpoint.is_some() && fetched.fetched.seconds() > 1_790_000_000);
    let before = issuer.asked().len();
    let offline = built(directory.path(), &config(&issuer), IssuerKeys::LeftOut).unwrap();
    assert_eq!((seed(&offline), issuer.asked().len()), (None, before));
}

#[test]
fn a_build_whose_issuer_is_not_there_or_another_one_is_refused_with_what_to_do() {
    let (issuer, directory) = (TestIssuer::start(), TempDir::new().unwrap());
    let problem = |ports: &[u16]| {
        let problem = built(directory.path(), &config(&issuer), IssuerKeys::Fetched(ports)).unwrap_err();
        assert!(problem.next.contains("--offline") && problem.at.contains("auth.oauth.issuers.test.issuer"));
        problem.found
    };
    assert!(problem(&[]).contains("no address of localhost may be connected to"));
    issuer.behave(Behaviour::Status(404));
    assert!(problem(&[issuer.port()]).contains("status 404"));
    issuer.behave(Behaviour::Serving);
    issuer.set_metadata(&changed(issuer.metadata(), json!({ "issuer": "https://other.example" })));
    assert!(problem(&[issuer.port()]).contains("\"https://other.example\""));
}

#[test]
fn entries_of_tools_tell_what_a_caller_needs_where_authorization_servers_issue_tokens() {
    let (issuer, directory) = (TestIssuer::start(), TempDir::new().unwrap());
    let signed_in = built(directory.path(), &config(&issuer), IssuerKeys::LeftOut).unwrap();
    let text = fixture::plugin("text", &fixture::sample("text"));
    let plain =
        built(directory.path(), &format!("{text}only = [\"make_slug\"]\n"), IssuerKeys::LeftOut).unwrap();
    let entry = |catalog: &Catalog, name: &str| {
        let tool = catalog.tools.iter().find(|tool| tool.name == name).unwrap();
        serde_json::from_str::<Value>(tool.entry.get()).unwrap()
    };
    for (name, scopes) in [("make_slug", json!(["text.read"])), ("count_text", json!([]))] {
        let entry = entry(&signed_in, name);
        let expected = json!([{ "type": "oauth2", "scopes": scopes }]);
        assert_eq!((&entry["securitySchemes"], &entry["_meta"]["securitySchemes"]), (&expected, &expected));
    }
    let (with, without) = (entry(&signed_in, "make_slug"), entry(&plain, "make_slug"));
    assert_eq!(without.get("securitySchemes"), None);
    assert_eq!(with["_meta"]["toolcell/definition"], without["_meta"]["toolcell/definition"]);
}

#[test]
fn the_first_request_of_a_function_needs_no_network_and_its_url_is_the_audience() {
    let (issuer, directory) = (TestIssuer::start(), TempDir::new().unwrap());
    built(directory.path(), &config(&issuer), IssuerKeys::Fetched(&[issuer.port()])).unwrap();
    let asked = issuer.asked().len();
    let lambda = deployed_as(fixture::bootstrap(), &directory.path().join("bundle")).start().unwrap();
    let client = Client::new(lambda.address(), Revision::Modern);
    let get = |path: &str| {
        let request =
            Request::post("").start(&format!("GET {path}")).header("x-forwarded-host", "attacker.example");
        request.send(lambda.address())
    };
    let metadata = get(RESOURCE_METADATA).json();
    let resource = metadata["resource"].as_str().unwrap();
    assert!(resource.starts_with("https://") && resource.ends_with(".on.aws/mcp"), "{resource}");
    assert_eq!(get(&format!("{RESOURCE_METADATA}/mcp")).json(), metadata);
    let call = |token: &str| -> Response {
        let request = client.call_request("make_slug", &json!({ "text": "A b", "max_length": 80 }));
        request.header("authorization", &format!("Bearer {token}")).send(lambda.address())
    };
    assert_eq!(call(&issuer.token(resource, "text.read")).status, 200);
    let lacking = call(&issuer.token(resource, ""));
    let origin = resource.strip_suffix("/mcp").unwrap();
    assert_eq!(lacking.status, 403);
    assert_eq!(
        lacking.headers["x-amzn-remapped-www-authenticate"],
        format!(
            "Bearer resource_metadata=\"{origin}{RESOURCE_METADATA}/mcp\", error=\"insufficient_scope\", \
             scope=\"text.read\", error_description=\"the caller needs the scopes `text.read`\""
        )
    );
    assert_eq!(call(&issuer.token("https://attacker.example/mcp", "text.read")).status, 401);
    assert_eq!(issuer.asked().len(), asked, "nothing was fetched");
    let principal = format!("{}#alice", issuer.url());
    logged(&lambda, |line| line.contains(&principal)); // the log names the caller
}
