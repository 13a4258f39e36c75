//! Credentials of AWS: those of the process, wherever a command finds them, and those of a role that it assumes. The host
//! is one that repeats every header, as a function behind a Function URL can.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};
use toolcell_tests::authority::Version;
use toolcell_tests::aws::ROLE;
use toolcell_tests::program::Serving;
use toolcell_tests::s3::{ACCESS_KEY, REGION, SECRET_KEY};
use toolcell_tests::{AwsServer, Called, Upstream, fixture};

use super::sweep::Sweep;

/// A name of Function URLs.
const HOST: &str = "abc123.lambda-url.eu-central-1.on.aws";

const POLICY: &str = "{\"Statement\": [{\"Effect\": \"Allow\", \"Action\": \"lambda:InvokeFunctionUrl\", \"Resource\": \"*\"}]}";

pub(crate) fn play(sweep: &mut Sweep) {
    sweep.add("the secret access key of a process", SECRET_KEY);
    let token = sweep.plant("the session token of a process");
    let own = vec![
        ("AWS_ACCESS_KEY_ID", ACCESS_KEY.to_owned()),
        ("AWS_SECRET_ACCESS_KEY", SECRET_KEY.to_owned()),
        ("AWS_SESSION_TOKEN", token),
    ];
    let keys = |token: &str| {
        format!(
            "aws_access_key_id = {ACCESS_KEY}\naws_secret_access_key = {SECRET_KEY}\naws_session_token = {token}\n"
        )
    };
    let profile = format!("[one]\n{}", keys(&sweep.plant("the session token of a profile")));
    let token = sweep.plant("the session token that a program prints");
    let printed = json!({"Version": 1, "AccessKeyId": ACCESS_KEY, "SecretAccessKey": SECRET_KEY, "SessionToken": token});
    let program = "[profile two]\ncredential_process = /bin/sh print.sh\n";
    let folder = |path: &Path| {
        fs::create_dir(path.join(".aws")).unwrap();
        fs::write(path.join(".aws/credentials"), &profile).unwrap();
        fs::write(path.join(".aws/config"), program).unwrap();
        fs::write(path.join("print.sh"), format!("echo '{printed}'\n")).unwrap();
    };
    for (who, variables) in [
        ("variables", own),
        ("a profile", vec![("AWS_PROFILE", "one".to_owned())]),
        ("a program", vec![("AWS_PROFILE", "two".to_owned())]),
    ] {
        signed(sweep, who, &variables, &folder);
    }
}

/// Serves a plugin whose requests are signed, calls it, and keeps what was said.
fn signed(sweep: &mut Sweep, who: &str, variables: &[(&'static str, String)], prepare: &dyn Fn(&Path)) {
    let (aws, upstream, folder) =
        (AwsServer::start(Version::Http1), Upstream::of(HOST, Version::Http1), tempfile::tempdir().unwrap());
    prepare(folder.path());
    fs::write(folder.path().join("ca.pem"), [aws.authority_pem(), upstream.authority_pem()].concat())
        .unwrap();
    fs::write(folder.path().join("toolcell.toml"), config(&aws, &upstream)).unwrap();
    let [sts, region, ..] = aws.variables();
    let variables = [variables, &[sts, region]].concat();
    let port = upstream.port().to_string();
    let serving =
        Serving::start(folder.path(), &["--allow-loopback", &port, "--log-level", "trace"], &variables);
    let call = |tool: &str, path: &str, more: Value| {
        let mut arguments = json!({"request": {"authority": format!("{HOST}:{port}"), "path": path}});
        more.as_object().unwrap().iter().for_each(|(key, value)| arguments[key] = value.clone());
        serving.client().call(tool, &arguments)
    };
    let called: Called = call("send", "/echo", json!({}));
    assert!(!called.is_error, "{who}: {called:?}");
    assert!(format!("{called:?}").contains("x-x-amz-date"), "the server repeats headers: {called:?}");
    sweep.shown(&format!("the answer to a request that is signed for {who}"), &called);
    let given = aws.handed_out().remove(0);
    sweep.add(&format!("the secret access key of a role, with {who}"), &given.secret_key);
    sweep.add(&format!("the session token of a role, with {who}"), &given.token);
    let seen = upstream.seen().pop().unwrap();
    assert!(seen.headers.iter().any(|(_, value)| *value == given.token), "{who}: {seen:?}");
    let backwards: String = given.token.chars().rev().collect();
    let found = |path: &str| {
        call("search", path, json!({"backwards": backwards})).structured.unwrap()["result"].clone()
    };
    assert_eq!(found("/echo"), 0, "{who}: the token is in the memory of the plugin");
    assert_ne!(found("/echo?body"), 0, "{who}: a body that repeats it goes to the plugin");
    let log = serving.end();
    assert!(log.contains("a response repeats the secret of its request"), "{who}: {log}");
    sweep.heard(&format!("toolcell serve with {who}"), log);
}

fn config(aws: &AwsServer, upstream: &Upstream) -> String {
    format!(
        "{}[[plugins.outbound.grants.http]]\nhost = \"{HOST}\"\nport = {}\n[plugins.outbound.grants.http.sign]\n\
         service = \"lambda\"\nregion = \"{REGION}\"\nrole = \"{ROLE}\"\npolicy = '{POLICY}'\n\
         [network]\nresolver = \"{}\"\nca-bundle = \"ca.pem\"\n",
        fixture::plugin("outbound", &fixture::component("outbound")),
        upstream.port(),
        aws.resolver()
    )
}
