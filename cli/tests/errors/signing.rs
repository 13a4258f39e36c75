//! Mistakes in `sign` of a rule.

use crate::Story;
use crate::configuration::{self, PLUGIN};
use crate::story::Bench;

/// The keys of `sign` without mistakes.
const SIGN: [(&str, &str); 4] = [
    ("service", "\"s3\""),
    ("region", "\"eu-central-1\""),
    ("role", "\"arn:aws:iam::123456789012:role/reports\""),
    ("policy", "'{\"Version\": \"2012-10-17\", \"Statement\": [{\"Effect\": \"Allow\"}]}'"),
];

/// A rule for a host with these lines, and `sign` with one value changed; an empty value leaves the key out.
fn rule(host: &str, lines: &str, (key, value): (&str, &str)) -> String {
    let mut rule =
        format!("[[plugins.text.grants.http]]\nhost = \"{host}\"\n{lines}[plugins.text.grants.http.sign]\n");
    for (name, right) in SIGN {
        match (name == key, value) {
            (false, _) => rule.push_str(&format!("{name} = {right}\n")),
            (true, "") => {}
            (true, wrong) => rule.push_str(&format!("{name} = {wrong}\n")),
        }
    }
    rule
}

const HOST: &str = "reports.s3.eu-central-1.amazonaws.com";

fn config(bench: &Bench, rules: &str) {
    configuration::config(bench, &format!("{PLUGIN}{rules}"));
}

/// One rule, with one value of `sign` changed.
fn changed(bench: &Bench, key: &str, value: &str) {
    config(bench, &rule(HOST, "", (key, value)));
}

/// One rule without mistakes in `sign`, for this host and with these lines.
fn hosted(bench: &Bench, host: &str, lines: &str) {
    config(bench, &rule(host, lines, ("", "")));
}

pub(crate) const STORIES: &[Story] = &[
    ("a text in the place of `sign`", |b| {
        config(b, &format!("[[plugins.text.grants.http]]\nhost = \"{HOST}\"\nsign = \"sigv4\"\n"));
    }),
    ("no service", |b| changed(b, "service", "")),
    ("a service that is none", |b| changed(b, "service", "\"Amazon S3\"")),
    ("a region that is none", |b| changed(b, "region", "\"Frankfurt\"")),
    ("no role", |b| changed(b, "role", "")),
    ("a user in the place of the role", |b| changed(b, "role", "\"arn:aws:iam::123456789012:user/ann\"")),
    ("a role of another partition", |b| changed(b, "role", "\"arn:aws-cn:iam::123456789012:role/reports\"")),
    ("no policy", |b| changed(b, "policy", "")),
    ("a policy in a file that is missing", |b| changed(b, "policy", "\"reports.policy.json\"")),
    ("a policy that is not JSON", |b| changed(b, "policy", "'{\"Statement\": [}'")),
    ("a policy without statements", |b| changed(b, "policy", "'{\"Version\": \"2012-10-17\"}'")),
    ("a file with a policy that is too long", |b| {
        b.write("long.json", format!("{{\"Statement\": [{{\"Sid\": \"{}\"}}]}}", "x".repeat(2100)));
        changed(b, "policy", "\"long.json\"");
    }),
    ("an unknown key of `sign`", |b| {
        config(b, &format!("{}external-id = \"x\"\n", rule(HOST, "", ("", ""))));
    }),
    ("a host of another service", |b| hosted(b, "dynamodb.eu-central-1.amazonaws.com", "")),
    ("a host of another region", |b| hosted(b, "reports.s3.eu-west-1.amazonaws.com", "")),
    ("a host that is not AWS's", |b| hosted(b, "s3.eu-central-1.example.com", "")),
    ("several hosts that are signed for", |b| hosted(b, "*.s3.eu-central-1.amazonaws.com", "")),
    ("signing without TLS", |b| hosted(b, HOST, "scheme = \"http\"\n")),
    ("signing large bodies", |b| hosted(b, HOST, "request = \"9 MiB\"\n")),
    ("a signature and a secret", |b| {
        let secret = "secret = { header = \"x-api-key\", from = \"key\" }\n";
        config(b, &format!("{}[secrets.key]\nenvironment = \"KEY\"\n", rule(HOST, secret, ("", ""))));
    }),
    ("a grant of a header of the signature", |b| hosted(b, HOST, "headers = [\"x-amz-date\"]\n")),
    ("a grant of a header of AWS without `sign`", |b| {
        config(b, &format!("[[plugins.text.grants.http]]\nhost = \"{HOST}\"\nheaders = [\"x-amz-acl\"]\n"));
    }),
    ("two roles for one request", |b| {
        let other = rule(HOST, "paths = [\"/a/\"]\n", ("role", "\"arn:aws:iam::123456789012:role/other\""));
        config(b, &[rule(HOST, "", ("", "")), other].concat());
    }),
    ("a signature and none for one request", |b| {
        let other = format!("[[plugins.text.grants.http]]\nhost = \"{HOST}\"\npaths = [\"/a/\"]\n");
        config(b, &[other, rule(HOST, "", ("", ""))].concat());
    }),
];
