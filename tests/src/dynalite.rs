//! Runs dynalite, a server that speaks the protocol of DynamoDB, with one empty table.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;

use toolcell_host::aws::Ambient;
use toolcell_host::clock::Clock;
use toolcell_host::state_store::{DynamoDb, TABLE_VARIABLE};
use toolcell_host::variables::Variables;

use crate::{HoldingProxy, fixture};

/// The name of the table.
pub const TABLE: &str = "toolcell-state";

/// Starts the server, makes the table, and prints the port.
const SCRIPT: &str = r#"
const server = require("dynalite")({ createTableMs: 0 });
server.listen(0, "127.0.0.1", async () => {
  const { port } = server.address();
  const answer = await fetch(`http://127.0.0.1:${port}/`, {
    method: "POST",
    headers: {
      "content-type": "application/x-amz-json-1.0",
      "x-amz-target": "DynamoDB_20120810.CreateTable",
      "x-amz-date": "20260101T000000Z",
      authorization: "AWS4-HMAC-SHA256 Credential=A/20260101/eu-central-1/dynamodb/aws4_request, SignedHeaders=host, Signature=0",
    },
    body: JSON.stringify({
      TableName: process.argv[1],
      AttributeDefinitions: [{ AttributeName: "pk", AttributeType: "S" }, { AttributeName: "sk", AttributeType: "S" }],
      KeySchema: [{ AttributeName: "pk", KeyType: "HASH" }, { AttributeName: "sk", KeyType: "RANGE" }],
      BillingMode: "PAY_PER_REQUEST",
    }),
  });
  console.log(answer.ok ? port : await answer.text());
});
"#;

/// A running server; dropping it stops it.
#[derive(Debug)]
pub struct Dynalite {
    child: Child,
    port: u16,
}

impl Dynalite {
    /// Starts a server.
    ///
    /// # Panics
    /// Panics if Node.js or dynalite is not installed.
    pub fn start() -> Self {
        let tests = fixture::root().join("tests");
        let node = Command::new(tests.join("node.sh")).output().expect("node.sh can be run");
        let node = String::from_utf8_lossy(&node.stdout).trim().to_owned();
        let mut child = Command::new(node)
            .args(["--input-type=commonjs", "-e", SCRIPT, TABLE])
            .current_dir(tests)
            .stdout(Stdio::piped())
            .spawn()
            .expect("Node.js is installed: run tests/setup.sh");
        let mut line = String::new();
        let output = child.stdout.take().expect("its output is a pipe");
        BufReader::new(output).read_line(&mut line).expect("it prints its port");
        let port = line
            .trim()
            .parse()
            .unwrap_or_else(|_| panic!("dynalite is missing (run tests/setup.sh): {line}"));
        Self { child, port }
    }

    /// Returns its port.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Returns the variables that lead `bootstrap` to the table.
    pub fn variables(&self) -> Vec<(&'static str, String)> {
        variables(self.port)
    }

    /// Makes a store of the table.
    ///
    /// # Panics
    /// Panics if the variables are malformed.
    pub fn store(&self, clock: Clock) -> Arc<DynamoDb> {
        store(self.port, clock)
    }

    /// Makes a store that reaches the table through a proxy.
    ///
    /// # Panics
    /// Panics if the variables are malformed.
    pub fn store_behind(&self, proxy: &HoldingProxy, clock: Clock) -> Arc<DynamoDb> {
        store(proxy.port(), clock)
    }
}

fn variables(port: u16) -> Vec<(&'static str, String)> {
    vec![
        (TABLE_VARIABLE, TABLE.to_owned()),
        ("AWS_REGION", "eu-central-1".to_owned()),
        ("AWS_ENDPOINT_URL_DYNAMODB", format!("http://127.0.0.1:{port}")),
        ("AWS_ACCESS_KEY_ID", "AKIDTESTTESTTESTTEST".to_owned()),
        ("AWS_SECRET_ACCESS_KEY", "a-secret-of-the-tests-that-is-no-secret".to_owned()),
    ]
}

fn store(port: u16, clock: Clock) -> Arc<DynamoDb> {
    let pairs = variables(port);
    let variables = Variables::new(move |name| {
        pairs.iter().find(|(other, _)| *other == name).map(|(_, value)| value.clone())
    });
    let credentials = Arc::new(Ambient::new(variables.clone()));
    let store = DynamoDb::open(None, credentials, &variables, clock).expect("variables of our own making");
    Arc::new(store.expect("a table"))
}

impl Drop for Dynalite {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
