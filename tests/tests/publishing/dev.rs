//! `toolcell dev` compares the contract with what was published.

use std::io::{BufRead as _, BufReader};

use crate::publisher::Publisher;

/// Starts `toolcell dev` with these arguments, and returns the lines up to the one that tells what it compares with.
fn says(publisher: &Publisher, arguments: &str) -> Vec<String> {
    let mut dev = publisher.start_with(&format!("dev --listen 127.0.0.1:0 {arguments}"), &[]);
    let lines = BufReader::new(dev.stderr.take().unwrap()).lines().map_while(Result::ok);
    let mut said = Vec::new();
    for line in lines {
        let is_last = line.starts_with("comparing") || line.starts_with("watching");
        said.push(line);
        if is_last {
            break;
        }
    }
    // Both fail only where the process has ended by itself.
    let _ = dev.kill();
    let _ = dev.wait();
    said
}

#[test]
fn the_current_release_is_named_if_a_key_of_the_developer_signed_it() {
    let publisher = Publisher::new();
    publisher.configure("one");
    let trusted = format!("--against BUCKET --public {}", publisher.public());
    let nothing = says(&publisher, &trusted).join("\n");
    assert!(nothing.contains("has no release") && !nothing.contains("workbench at"), "{nothing}");
    publisher.publish("");
    publisher.configure("two");
    publisher.publish("");
    let said = says(&publisher, &trusted);
    let compared = said.last().unwrap();
    assert!(compared.starts_with("comparing the contract with release 2 in s3://"), "{said:?}");
    assert!(compared.contains(", published 2"), "{said:?}");
    let other =
        says(&publisher, "--against BUCKET --public ed25519:11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=");
    assert!(other.join("\n").contains("is not trusted"), "{other:?}");
    let keyless = says(&publisher, "--against BUCKET").join("\n");
    assert!(keyless.contains("--public") && !keyless.contains("workbench at"), "{keyless}");
    let plain = says(&publisher, "").join("\n");
    assert!(plain.contains("watching") && !plain.contains("comparing"), "{plain}");
}
