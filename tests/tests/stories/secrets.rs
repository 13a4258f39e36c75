//! Secrets that a plugin was granted: they arrive, change without a deployment, and are nowhere else.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};
use toolcell_host::clock::Clock;
use toolcell_host::secrets::Secrets;
use toolcell_host::variables::Variables;
use toolcell_lambda_emulator::Lambda;
use toolcell_tests::extension::Extension;
use toolcell_tests::multi_round::{ask, form, named, scripted};
use toolcell_tests::server::{deployed, logged};
use toolcell_tests::{Bundle, Called, Client, MultiRoundRequest, Revision, Server, fixture};

/// Grants one secret of each kind, and a value that is none.
const GRANTS: &str = "[plugins.scripted.grants.config]\nregion = \"eu\"\n\
    [plugins.scripted.grants.secrets]\nvariable = \"variable\"\nmanager = \"manager\"\nfield = \"field\"\n\
    parameter = \"parameter\"\n\
    [secrets]\nvariable.environment = \"CANARY\"\nmanager.secretsmanager = \"prod/key\"\n\
    field = { secretsmanager = \"prod/json\", field = \"password\" }\nparameter.parameter = \"/prod/key\"\n";

/// The values of these secrets.
const CANARIES: [&str; 4] =
    ["canary-variable-1", "canary-manager-\"2\"", "canary-field-3", "canary-parameter-4"];

fn extension() -> Extension {
    let extension = Extension::start();
    extension.secret("prod/key", CANARIES[1]);
    extension.secret("prod/json", &json!({"user": "u", "password": CANARIES[2]}).to_string());
    extension.parameter("/prod/key", CANARIES[3]);
    extension
}

fn start(bundle: &Bundle, extension: &Extension, variable: &str) -> Lambda {
    let function = deployed(bundle).env("CANARY", variable).env("AWS_LAMBDA_LOG_LEVEL", "DEBUG");
    let port = extension.port().to_string();
    function.env("PARAMETERS_SECRETS_EXTENSION_HTTP_PORT", &port).start().expect("it can be deployed")
}

fn run(lambda: &Lambda, steps: &Value) -> Called {
    Client::new(lambda.address(), Revision::Modern).call("run", &json!({"steps": steps}))
}

fn told(called: &Called) -> Vec<String> {
    let lines = called.structured.as_ref().and_then(|value| value["result"].as_array());
    lines.expect("lines").iter().filter_map(Value::as_str).map(str::to_owned).collect()
}

#[test]
fn a_secret_of_each_kind_reaches_the_plugin_and_no_log() {
    let bundle = Bundle::build(&format!("{}{GRANTS}", scripted()));
    let extension = extension();
    let lambda = start(&bundle, &extension, CANARIES[0]);
    let keys = ["variable", "manager", "field", "parameter", "region", "other"];
    let steps: Vec<_> = keys.iter().map(|key| json!({"config": key})).collect();
    let lines = told(&run(&lambda, &json!(steps)));
    let values = CANARIES.iter().chain(&["eu"]).map(|value| format!("Ok(Some({value:?}))"));
    assert_eq!(lines, values.chain(["Ok(None)".to_owned()]).collect::<Vec<_>>());
    let all = &told(&run(&lambda, &json!(["config_all"])))[0];
    let order: Vec<_> = ["field", "manager", "parameter", "region", "variable"]
        .iter()
        .map(|key| all.find(&format!("({key:?}, ")).expect("each key"))
        .collect();
    assert!(order.is_sorted(), "{all}");
    assert_eq!(extension.requests().len(), 3, "each once: {:?}", extension.requests());
    assert_absent(&lambda, &bundle);
}

#[test]
fn a_call_without_its_secret_fails_plainly_and_the_log_says_why() {
    let bundle = Bundle::build(&format!("{}{GRANTS}", scripted()));
    let (empty, extension) = (Extension::start(), extension());
    for (extension, variable, words) in [
        (&extension, "", "secret `variable`: the environment variable CANARY is not set or empty"),
        (
            &empty,
            CANARIES[0],
            "`field`: secret prod/json: the AWS Parameters and Secrets Lambda Extension answers with status 400",
        ),
    ] {
        let lambda = start(&bundle, extension, variable);
        let called = run(&lambda, &json!(["config_all"]));
        assert_eq!(called.failure(), "the tool is not available now: ask the operator of the server");
        let told = logged(&lambda, |line| line.contains(words));
        assert!(told.text.contains("scripted") && told.text.contains("ERROR"), "{}", told.text);
        assert_absent(&lambda, &bundle);
    }
}

#[test]
fn a_plugin_without_a_grant_has_nothing_fetched() {
    let other = fixture::plugin("other", &fixture::sample("text"));
    let grants = GRANTS.replace("plugins.scripted.", "plugins.other.");
    let bundle = Bundle::build(&format!("{}{other}{grants}", scripted()));
    let extension = extension();
    let lambda = start(&bundle, &extension, CANARIES[0]);
    assert_eq!(told(&run(&lambda, &json!([{"config": "variable"}])))[0], "Ok(None)");
    assert_eq!(extension.requests(), Vec::<String>::new());
}

#[test]
fn a_secret_changes_between_two_rounds_of_a_call() {
    let grants =
        "[plugins.scripted.grants.secrets]\nkey = \"key\"\n[secrets]\nkey.environment = \"CANARY\"\n";
    let bundle = Bundle::build(&format!("{}{grants}", scripted()));
    let value = Arc::new(Mutex::new("old".to_owned()));
    let own = Arc::clone(&value);
    let variables = Variables::new(move |_| Some(own.lock().unwrap().clone()));
    let runner = bundle.open().unwrap();
    let secrets = Secrets::new(&runner.index().root().secrets, BTreeMap::new(), &variables, Clock::system());
    let server = Server::with_secrets(runner, secrets);
    let rounds = MultiRoundRequest::run(&server, json!([ask("one", &form("One?")), {"config": "key"}]));
    let asked = rounds.asked();
    *value.lock().unwrap() = "new".to_owned();
    let lines = rounds.told(&asked.state, &json!({"one": named("Ann")}));
    assert_eq!(lines[1], "Ok(Some(\"new\"))");
}

/// Asserts that no log line, no metric and no file of the bundle holds a secret.
fn assert_absent(lambda: &Lambda, bundle: &Bundle) {
    let files =
        std::fs::read_dir(bundle.path()).unwrap().map(|file| std::fs::read(file.unwrap().path()).unwrap());
    let lines = lambda.logs().lines().into_iter().map(|line| line.text.into_bytes());
    for text in files.chain(lines) {
        let found = text.windows(7).position(|window| window == b"canary-");
        let around = found.map(|at| String::from_utf8_lossy(&text[at..text.len().min(at + 80)]).into_owned());
        assert_eq!(around, None);
    }
}
