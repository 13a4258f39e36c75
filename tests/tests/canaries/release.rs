//! Releases: the private key that signs them, and the credentials of their bucket.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use toolcell_tests::program::toolcell;
use toolcell_tests::{S3Server, fixture};

use super::sweep::Sweep;

pub(crate) fn play(sweep: &mut Sweep) {
    let (folder, bucket) = (tempfile::tempdir().unwrap(), S3Server::start());
    let mut variables = bucket.variables().to_vec();
    variables.push(("AWS_SESSION_TOKEN", sweep.plant("the session token of a publisher")));
    fs::write(folder.path().join("toolcell.toml"), fixture::plugin("plain", &fixture::component("plain")))
        .unwrap();
    let run = |sweep: &mut Sweep, line: &str, succeeds: bool| {
        let arguments: Vec<_> = line.split(' ').collect();
        let output = toolcell(folder.path(), &arguments, &variables).output().unwrap();
        assert_eq!(output.status.success(), succeeds, "{line}: {}", String::from_utf8_lossy(&output.stderr));
        sweep.said(line, &output);
        String::from_utf8(output.stdout).unwrap()
    };
    let public = run(sweep, "keygen ci --out ci.key", true);
    let key = fs::read_to_string(folder.path().join("ci.key")).unwrap();
    let (_, secret) = key.trim().rsplit_once(':').expect("a key behind its scheme");
    sweep.add("a private key that signs", secret);
    let place = "s3://releases/team";
    run(sweep, &format!("publish --to {place} --key ci.key --json"), true);
    run(sweep, &format!("releases {place} --public {} --json", public.trim()), true);
    let broken = sweep.plant("a private key that is none");
    fs::write(folder.path().join("broken.key"), &broken).unwrap();
    fs::set_permissions(folder.path().join("broken.key"), fs::Permissions::from_mode(0o600)).unwrap();
    run(sweep, &format!("publish --to {place} --key broken.key"), false);
    for object in bucket.keys() {
        sweep.heard(&format!("the object {object}"), bucket.object(&object).unwrap().to_vec());
    }
}
