//! A text opens for the request that it was sealed for.

use super::*;

/// The binding with one part changed, for every part.
fn others() -> Vec<Binding<'static>> {
    let other = Digest([3; 32]);
    vec![
        Binding { principal_kind: "iam", ..BINDING },
        Binding { principal_kind: "", ..BINDING },
        Binding { principal_name: "bob", ..BINDING },
        Binding { principal_name: "", ..BINDING },
        Binding { principal_name: "alic", ..BINDING },
        Binding { method: "prompts/get", ..BINDING },
        Binding { target: "delete_files", ..BINDING },
        Binding { target: "Delete_file", ..BINDING },
        Binding { arguments: other, ..BINDING },
        Binding { plugin: "files2", ..BINDING },
        Binding { component: other, ..BINDING },
        Binding { function: "acme:files/tools@0.1.0#keep-file", ..BINDING },
        Binding { grants: other, ..BINDING },
        Binding { config: other, ..BINDING },
        Binding { policy: other, ..BINDING },
        Binding { grants: CONFIG, config: GRANTS, ..BINDING },
        Binding { config: POLICY, policy: CONFIG, ..BINDING },
        Binding { arguments: COMPONENT, component: ARGUMENTS, ..BINDING },
        Binding { revision: "2025-11-25", ..BINDING },
        // The same letters, cut elsewhere.
        Binding { principal_kind: "bearera", principal_name: "lice", ..BINDING },
        Binding { principal_kind: "alice", principal_name: "bearer", ..BINDING },
        Binding { method: "delete_file", target: "tools/call", ..BINDING },
    ]
}

#[test]
fn a_text_opens_for_no_other_request() {
    let keys = keys(&[NEW]);
    let text = closed(&keys, b"yes");
    for other in others() {
        assert_eq!(keys.open(&text, &other), None, "{other:?}");
    }
    assert!(keys.open(&text, &BINDING).is_some());
}

#[test]
fn every_pair_of_requests_is_told_apart() {
    let mut all = others();
    all.push(BINDING);
    for (place, one) in all.iter().enumerate() {
        let text = keys(&[NEW]).seal(b"yes", one).unwrap();
        for (other_place, other) in all.iter().enumerate() {
            let opens = keys(&[NEW]).open(&text, other).is_some();
            assert_eq!(opens, place == other_place, "{one:?} {other:?}");
        }
    }
}
