//! Releases come, are looked at, go back, and go away.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::TcpListener;
use std::time::{Duration, SystemTime};

use serde_json::json;
use toolcell_host::catalog::{Http, Index};
use toolcell_host::digest::Digest;
use toolcell_tests::fixture;
use toolcell_tests::s3::{Target, Verb};

use crate::publisher::{PREFIX, Publisher};

#[test]
fn a_release_is_uploaded_whole_and_only_what_changes_is_uploaded_again() {
    let publisher = Publisher::new();
    publisher.configure("one");
    let first = publisher.publish("");
    assert_eq!(
        (&first["release"]["serial"], &first["uploaded"], &first["present"]),
        (&json!(1), &json!(3), &json!(0))
    );
    assert_eq!(publisher.findings(), Vec::<String>::new());

    // The package's configuration may be the same file; a release says nothing of what only the package decides.
    let index = publisher.index();
    let [entry] = &index.catalogs[..] else { panic!("one target: {index:?}") };
    let bytes = publisher.object(&format!("objects/{}", entry.digest)).unwrap();
    assert_eq!((bytes.len() as u64, Digest::of(&bytes)), (entry.bytes, entry.digest));
    let catalog = Index::read(bytes.into()).unwrap().contents().unwrap().catalog;
    let code = publisher.object(&format!("objects/{}", catalog.plugins[0].code)).unwrap();
    assert_eq!(
        (Digest::of(&code), code.len() as u64),
        (catalog.plugins[0].code, catalog.plugins[0].code_bytes)
    );
    assert!(publisher.object(&format!("objects/{}", catalog.plugins[0].component)).is_some());

    publisher.configure("two");
    let second = publisher.publish("");
    assert_eq!(
        (&second["release"]["serial"], &second["uploaded"], &second["present"]),
        (&json!(2), &json!(1), &json!(2))
    );
    let third = publisher.publish("");
    assert_eq!((&third["release"]["serial"], &third["uploaded"]), (&json!(3), &json!(0)));
    assert_eq!(third["release"]["contents"], second["release"]["contents"]);
    assert_ne!(second["release"]["contents"], first["release"]["contents"]);

    let listed = publisher.done(&format!("releases BUCKET --public {} --json", publisher.public()));
    let serials: Vec<_> =
        listed.as_array().unwrap().iter().map(|line| (&line["serial"], &line["seen"])).collect();
    let earlier = json!("earlier");
    assert_eq!(serials, [(&json!(3), &json!("current")), (&json!(2), &earlier), (&json!(1), &earlier)]);
}

#[test]
fn a_release_leaves_out_what_only_the_package_decides() {
    let publisher = Publisher::new();
    publisher.configure("one");
    let mut config = std::fs::read_to_string(publisher.path("toolcell.toml")).unwrap();
    config +=
        "[auth.bearer]\nenvironment = \"TOKENS\"\n[http]\nallowed-origins = [\"https://app.example\"]\n";
    config += &format!("[releases.keys.ci]\npublic = \"{}\"\n", publisher.public());
    publisher.write("toolcell.toml", config);
    publisher.publish("");
    let entry = publisher.index().catalogs[0].clone();
    let catalog = publisher.object(&format!("objects/{}", entry.digest)).unwrap();
    let catalog = Index::read(catalog.into()).unwrap().contents().unwrap().catalog;
    assert!(catalog.auth.is_empty() && catalog.http == Http::default() && catalog.releases.is_none());
    // With its keys in toolcell.toml, no option is needed to look at it.
    assert_eq!(publisher.run("verify BUCKET").code, 0);
}

#[test]
fn a_release_of_another_key_is_not_touched() {
    let publisher = Publisher::new();
    publisher.configure("one");
    publisher.publish("");
    let before = publisher.object("index.json");
    assert_eq!(publisher.run("keygen other --out other.key").code, 0);
    let refused = publisher.run("publish --to BUCKET --key other.key");
    assert!(refused.code == 3 && refused.stderr.contains("is not trusted"), "{}", refused.stderr);
    assert_eq!(publisher.object("index.json"), before);
    // Whoever replaces a key signs with the new one and trusts both.
    let rotated = format!("publish --to BUCKET --key other.key --json --public {}", publisher.public());
    assert_eq!(publisher.done(&rotated)["release"]["serial"], 2);
}

#[test]
fn an_earlier_release_comes_back_under_a_new_serial() {
    let publisher = Publisher::new();
    publisher.configure("one");
    let first = publisher.publish("");
    publisher.configure("two");
    publisher.publish("");
    let back = publisher.done("rollback BUCKET --to-serial 1 --key ci.key --expires-in 2h --json");
    assert_eq!((&back["release"]["serial"], &back["uploaded"]), (&json!(3), &json!(0)));
    assert_eq!(back["release"]["catalogs"], first["release"]["catalogs"]);
    let index = publisher.index();
    assert_eq!(index.expires.seconds() - index.published.seconds(), 7_200);
    assert_eq!(publisher.findings(), Vec::<String>::new());
    let refused = publisher.run("rollback BUCKET --to-serial 9 --key ci.key");
    assert!(refused.code == 3 && refused.stderr.contains("has no release 9"), "{}", refused.stderr);
}

#[test]
fn what_no_kept_release_names_is_deleted() {
    let publisher = Publisher::new();
    for instructions in ["one", "two", "three"] {
        publisher.configure(instructions);
        publisher.publish("");
    }
    publisher.server.place(&format!("{PREFIX}/objects/{}", Digest::of(b"orphan")), "orphan");
    publisher.server.place("other/objects/not-ours", "not ours");
    let collected = publisher.done(&format!("gc BUCKET --keep 2 --public {} --json", publisher.public()));
    assert_eq!((&collected["kept"], &collected["releases"]), (&json!([3, 2]), &json!([1])));
    assert_eq!(
        collected["objects"].as_array().unwrap().len(),
        2,
        "the catalog of the first one, and the orphan"
    );
    assert_eq!(publisher.keys("releases/"), ["2.json", "3.json"]);
    assert_eq!(publisher.keys("objects/").len(), 4, "two catalogs, one code, one component");
    assert_eq!(publisher.keys("collecting"), Vec::<String>::new());
    assert!(publisher.server.object("other/objects/not-ours").is_some());
    assert_eq!(publisher.findings(), Vec::<String>::new());
    assert_eq!(publisher.done("rollback BUCKET --to-serial 2 --key ci.key --json")["uploaded"], 0);
    assert_eq!(publisher.findings(), Vec::<String>::new());
    // No record is left that names what is gone.
    assert_eq!(publisher.run("rollback BUCKET --to-serial 1 --key ci.key").code, 3);
}

#[test]
fn each_damaged_object_is_found() {
    let publisher = Publisher::new();
    publisher.configure("one");
    publisher.publish("");
    let objects = publisher.keys("objects/");
    assert_eq!(objects.len(), 3);
    let entry = &publisher.index().catalogs[0];
    let catalog = publisher.object(&format!("objects/{}", entry.digest)).unwrap();
    let catalog = Index::read(catalog.into()).unwrap().contents().unwrap().catalog;
    let component = catalog.plugins[0].component.to_string();
    for object in objects {
        let key = format!("{PREFIX}/objects/{object}");
        let whole = publisher.server.object(&key).unwrap();
        let mut damaged = whole.to_vec();
        damaged[whole.len() / 2] ^= 1;
        publisher.server.place(&key, damaged);
        let findings = publisher.findings();
        assert!(findings.len() == 1 && findings[0].contains(&object), "{findings:?}");
        publisher.server.remove(&key);
        let findings = publisher.findings();
        // No function reads components.
        let is_missed = findings.len() == 1 && findings[0].contains("found nothing");
        assert!(is_missed != (object == component), "{findings:?}");
        // Publishing again mends what is missing.
        assert_eq!(publisher.publish("")["uploaded"], 1);
        assert_eq!(publisher.findings(), Vec::<String>::new());
    }
}

#[test]
fn credentials_come_from_the_profile_or_the_program_that_it_names() {
    let publisher = Publisher::new();
    publisher.configure("one");
    publisher.publish("");
    let verify = format!("verify BUCKET --public {}", publisher.public());
    let [_, _, (_, key), (_, secret)] = publisher.server.variables();
    let none = [("AWS_ACCESS_KEY_ID", ""), ("AWS_SECRET_ACCESS_KEY", "")];
    let refused = publisher.run_with(&verify, &none);
    assert!(
        refused.code == 4 && refused.stderr.contains("there are no AWS credentials"),
        "{}",
        refused.stderr
    );
    std::fs::create_dir(publisher.path(".aws")).unwrap();
    publisher.write(
        ".aws/credentials",
        format!("[default]\naws_access_key_id = {key}\naws_secret_access_key = {secret}\n"),
    );
    let json = json!({"Version": 1, "AccessKeyId": key, "SecretAccessKey": secret});
    publisher.write("print.sh", format!("echo '{json}'\n"));
    publisher.write(".aws/config", "[profile ci]\ncredential_process = /bin/sh print.sh\n");
    assert_eq!(publisher.run_with(&verify, &none).code, 0);
    let profile = [none[0], none[1], ("AWS_PROFILE", "ci")];
    assert_eq!(publisher.run_with(&verify, &profile).code, 0);
    let wrong = publisher.run_with(&verify, &[("AWS_SECRET_ACCESS_KEY", "another secret")]);
    assert!(wrong.code == 4 && wrong.stderr.contains("refuses access"), "{}", wrong.stderr);
    assert!(!wrong.stderr.contains("another secret"));
}

/// Answers as the metadata service of an instance does, whose role has these credentials; returns its address.
fn metadata_service(key: &str, secret: &str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let credentials =
        json!({"AccessKeyId": key, "SecretAccessKey": secret, "Expiration": "2099-01-01T00:00:00Z"});
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = BufReader::new(stream.unwrap());
            loop {
                let head: Vec<_> =
                    (&mut stream).lines().map_while(Result::ok).take_while(|line| !line.is_empty()).collect();
                let Some(start) = head.first() else { break };
                let has_token =
                    head.iter().any(|line| line.to_lowercase() == "x-aws-ec2-metadata-token: secret-token");
                let answer = match start.as_str() {
                    "PUT /latest/api/token HTTP/1.1" => "secret-token".to_owned(),
                    _ if !has_token => String::new(),
                    "GET /latest/meta-data/iam/security-credentials/ HTTP/1.1" => "publisher".to_owned(),
                    _ => credentials.to_string(),
                };
                let answer = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{answer}", answer.len());
                stream.get_mut().write_all(answer.as_bytes()).unwrap();
            }
        }
    });
    address
}

#[test]
fn credentials_come_from_the_role_of_an_instance() {
    let publisher = Publisher::new();
    publisher.configure("one");
    publisher.publish("");
    let [_, _, (_, key), (_, secret)] = publisher.server.variables();
    let address = metadata_service(&key, &secret);
    let none = [("AWS_ACCESS_KEY_ID", ""), ("AWS_SECRET_ACCESS_KEY", ""), ("AWS_EC2_METADATA_DISABLED", "")];
    let service = ("AWS_EC2_METADATA_SERVICE_ENDPOINT", address.as_str());
    let verify = format!("verify BUCKET --public {}", publisher.public());
    let ran = publisher.run_with(&verify, &[none[0], none[1], none[2], service]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
}

#[test]
fn what_differs_from_the_lock_file_is_not_published() {
    let publisher = Publisher::new();
    publisher.configure("one");
    assert_eq!(publisher.run("build").code, 0);
    publisher.publish("");
    let lock = std::fs::read_to_string(publisher.path("toolcell.lock")).unwrap();
    publisher.write("toolcell.toml", fixture::plugin("plain", &fixture::component("large_bytes")));
    let refused = publisher.run("publish --to BUCKET --key ci.key");
    assert!(refused.code == 3 && refused.stderr.contains("toolcell.lock"), "{}", refused.stderr);
    assert_eq!(std::fs::read_to_string(publisher.path("toolcell.lock")).unwrap(), lock);
    assert_eq!(publisher.index().serial, 1);
}

#[test]
fn a_release_that_was_never_finished_goes_away_after_a_day() {
    let publisher = Publisher::new();
    publisher.configure("one");
    publisher.publish("");
    let record = format!("{PREFIX}/releases/2.json");
    publisher.server.place(&record, "begun");
    let gc = format!("gc BUCKET --keep 1 --public {} --json", publisher.public());
    let refused = publisher.run(&gc);
    assert!(refused.code == 3 && refused.stderr.contains("is being published to"), "{}", refused.stderr);
    assert_eq!(publisher.server.count(&Target::of(Verb::Delete).with_key("objects")), 0);
    publisher.server.set_modified(&record, SystemTime::now() - Duration::from_secs(25 * 3600));
    assert_eq!(publisher.done(&gc)["releases"], json!([2]));
    // Its serial is never used again while it is there, and free afterwards.
    assert_eq!(publisher.publish("")["release"]["serial"], 2);
}
