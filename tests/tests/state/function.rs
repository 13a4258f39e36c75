//! `bootstrap` in the Lambda emulator, whose plugins keep state in a table of DynamoDB (dynalite).

use serde_json::{Value, json};
use toolcell_lambda_emulator::{Lambda, Phase};
use toolcell_tests::copies::wait_for;
use toolcell_tests::dynalite::TABLE;
use toolcell_tests::server::{deployed, logged};
use toolcell_tests::{Bundle, Client, Dynalite, Revision};

use super::keeper::plugin;

/// A bundle of a plugin with one bucket, and more lines.
fn bundle(lines: &str) -> Bundle {
    Bundle::build(&format!("{}\n{lines}", plugin("a", "", "shared = { scope = \"plugin\" }")))
}

/// Deploys a bundle where the server is, with this variable for the table; an empty one is not set.
fn deploy(bundle: &Bundle, server: &Dynalite, table: &str) -> Lambda {
    let variables = server.variables().into_iter().filter(|(name, _)| *name != "TOOLCELL_STATE_TABLE");
    let function = variables.fold(deployed(bundle), |function, (name, value)| function.env(name, value));
    function.env("TOOLCELL_STATE_TABLE", table).start().unwrap()
}

fn run(lambda: &Lambda, steps: &Value) -> Value {
    let client = Client::new(lambda.address(), Revision::Modern);
    let called = client.call("a-run", &json!({"bucket": "shared", "steps": steps}));
    called.structured.map_or_else(|| json!(called.text), |structured| structured["result"].clone())
}

#[test]
fn state_outlives_an_environment_and_counts_across_environments() {
    let (server, bundle) = (Dynalite::start(), bundle(""));
    let lambda = deploy(&bundle, &server, TABLE);
    assert_eq!(run(&lambda, &json!([{"set": ["a", "kept"]}, {"increment": ["n", 2]}])), json!(["done", "2"]));
    wait_for(&lambda, &[Phase::Frozen]);
    assert_eq!(lambda.reclaim(), 1, "the environment is gone");
    assert_eq!(run(&lambda, &json!([{"get": "a"}, {"increment": ["n", 3]}])), json!(["\"kept\"", "5"]));
    let other = deploy(&bundle, &server, TABLE);
    assert_eq!(run(&other, &json!([{"get": "a"}, {"increment": ["n", 1]}])), json!(["\"kept\"", "6"]));
    assert_eq!(run(&lambda, &json!([{"get": "n"}])), json!(["\"6\""]));
}

#[test]
fn the_configuration_names_the_table_unless_a_variable_does() {
    let server = Dynalite::start();
    let bundle = bundle(&format!("[state]\ntable = \"{TABLE}\""));
    let lambda = deploy(&bundle, &server, "");
    assert_eq!(run(&lambda, &json!([{"set": ["a", "kept"]}])), json!(["done"]));
    let lambda = deploy(&bundle, &server, "no-such-table");
    assert_ne!(run(&lambda, &json!([{"get": "a"}])), json!(["\"kept\""]));
    logged(&lambda, |line| line.contains("table no-such-table with 400"));
}

#[test]
fn a_function_without_a_table_does_not_start_if_a_plugin_keeps_state() {
    let (server, bundle) = (Dynalite::start(), bundle(""));
    let lambda = deploy(&bundle, &server, "");
    let client = Client::new(lambda.address(), Revision::Modern);
    assert_eq!(client.request("tools/list", json!({})).send(lambda.address()).status, 502);
    logged(&lambda, |line| line.contains("the plugin a keeps state") && line.contains("[state] table"));
}
