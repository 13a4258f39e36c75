//! Attacks on an index, most of them by the names that TUF gives them.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::envelope::{Envelope, Signature, signed_bytes};
use super::*;
use crate::catalog::EngineInfo;
use crate::digest::Digest;

const DAY: Duration = Duration::from_secs(24 * 3600);

/// A change of a JSON document.
type Change = fn(&mut Value);

fn now() -> Timestamp {
    "2026-11-30T12:00:00Z".parse().unwrap()
}

fn signing_key(seed: u8) -> SigningKey {
    SigningKey::of_seed(&[seed; 32]).unwrap()
}

/// Trusts the keys of these seeds.
fn trusted(seeds: &[u8]) -> TrustedKeys {
    let key =
        |seed: &u8| TrustedKey { name: format!("k{seed}"), key: signing_key(*seed).public(), expires: None };
    TrustedKeys::new(seeds.iter().map(key).collect()).unwrap()
}

fn engine(target: &str) -> EngineInfo {
    let cpu = if target.starts_with("aarch64") { "lse+fp16+dotprod" } else { "x86-64-v3" };
    let [wasmtime, target, cpu] = ["48.0.8", target, cpu].map(str::to_owned);
    EngineInfo { wasmtime, configuration: 2, target, cpu }
}

fn release(serial: u64) -> ReleaseIndex {
    let entry = |target: &str| CatalogEntry {
        engine: engine(target),
        digest: Digest::of(format!("{serial} {target}").as_bytes()),
        bytes: 1000 + serial,
    };
    ReleaseIndex {
        format: ReleaseIndex::FORMAT,
        serial,
        replaces: serial - 1,
        published: now(),
        expires: now().after(30 * DAY),
        contents: Digest::of(&serial.to_le_bytes()),
        catalogs: ["x86_64-unknown-linux-gnu", "aarch64-unknown-linux-gnu"].map(entry).to_vec(),
    }
}

/// Signs a payload of any form, as somebody with a key can.
fn sign_bytes(payload: &[u8], seed: u8) -> Vec<u8> {
    let key = signing_key(seed);
    let (key_id, bytes) = (key.public().id(), key.sign_message(&signed_bytes(payload)));
    Envelope { payload: payload.to_vec(), signatures: vec![Signature { key_id, bytes }] }.to_bytes()
}

/// Signs a release after a change of its JSON.
fn signed_json(change: impl FnOnce(&mut Value)) -> Vec<u8> {
    let mut payload = serde_json::to_value(release(7)).unwrap();
    change(&mut payload);
    sign_bytes(payload.to_string().as_bytes(), 1)
}

/// Changes the envelope of a signed release.
fn changed(change: impl FnOnce(&mut Value)) -> Vec<u8> {
    let mut envelope = serde_json::from_slice(&sign(&release(7), &[&signing_key(1)])).unwrap();
    change(&mut envelope);
    envelope.to_string().into_bytes()
}

fn refusal(bytes: &[u8]) -> String {
    verify(bytes, &trusted(&[1]), now(), 1).expect_err("the index is refused").to_string()
}

#[test]
fn a_release_that_a_trusted_key_signed_is_accepted() {
    let signed = sign(&release(7), &[&signing_key(1)]);
    assert_eq!(verify(&signed, &trusted(&[2, 1]), now(), 7).unwrap(), release(7));
    let index = verify(&signed, &trusted(&[1]), now(), 1).unwrap();
    let found = index.catalog(|engine| engine.target.starts_with("aarch64")).unwrap();
    assert_eq!(found, &release(7).catalogs[1]);
    assert_eq!(index.catalog(|engine| engine.configuration > 2), None);
}

#[test]
fn the_form_of_an_index_stays_the_same() {
    let payload = serde_json::to_string_pretty(&release(7)).unwrap();
    crate::golden::compare("release/golden/payload.json", &payload);
    let envelope: Value = serde_json::from_slice(&sign(&release(7), &[&signing_key(1)])).unwrap();
    let envelope = serde_json::to_string_pretty(&envelope).unwrap();
    crate::golden::compare("release/golden/envelope.json", &envelope);
}

#[test]
fn wrong_key_attack_another_key_signs() {
    let signed = sign(&release(7), &[&signing_key(9)]);
    let refused = refusal(&signed);
    let [known, other] = [1, 9].map(|seed| signing_key(seed).public().id().to_string());
    assert!(refused.contains(&known) && refused.contains(&other), "{refused}");
}

#[test]
fn wrong_key_attack_another_key_signs_in_the_name_of_a_trusted_one() {
    let other = sign(&release(7), &[&signing_key(9)]);
    let name = signing_key(1).public().id().to_string();
    let mut envelope: Value = serde_json::from_slice(&other).unwrap();
    envelope["signatures"][0]["keyid"] = json!(name);
    let refused = verify(envelope.to_string().as_bytes(), &trusted(&[1]), now(), 1).unwrap_err();
    assert!(matches!(refused, ReleaseError::BadSignature { ref name } if name == "k1"), "{refused}");
}

#[test]
fn wrong_key_attack_nobody_signs() {
    for signatures in [json!([]), json!([{ "keyid": "", "sig": "" }]), json!(null)] {
        let signed = changed(|envelope| envelope["signatures"] = signatures);
        assert!(verify(&signed, &trusted(&[1]), now(), 1).is_err());
    }
    let unsigned = serde_json::to_vec(&release(7)).unwrap();
    assert!(refusal(&unsigned).contains("not a signed envelope"));
}

#[test]
fn key_compromise_attack_ends_with_the_key() {
    let signed = sign(&release(7), &[&signing_key(1)]);
    let expires = Some(now());
    let expired = TrustedKey { name: "old".into(), key: signing_key(1).public(), expires };
    let keys = TrustedKeys::new(vec![expired]).unwrap();
    let before = Timestamp::of_seconds(now().seconds() - 1);
    assert!(verify(&signed, &keys, before, 1).is_ok());
    let refused = verify(&signed, &keys, now(), 1).unwrap_err();
    assert!(matches!(refused, ReleaseError::ExpiredKey { ref name, .. } if name == "old"), "{refused}");
    // A key is revoked by no longer being listed.
    assert!(matches!(verify(&signed, &trusted(&[2]), now(), 1), Err(ReleaseError::UnknownKey { .. })));
}

#[test]
fn rotation_works_while_both_keys_sign() {
    let signed = sign(&release(7), &[&signing_key(1), &signing_key(2)]);
    for keys in [&[1][..], &[2], &[1, 2], &[3, 2]] {
        assert!(verify(&signed, &trusted(keys), now(), 1).is_ok(), "{keys:?}");
    }
    // One signature that does not fit spoils the index for those who know its key, and for nobody else.
    let mut envelope: Value = serde_json::from_slice(&signed).unwrap();
    envelope["signatures"][1]["sig"] = json!(STANDARD.encode([0; 64]));
    let spoiled = envelope.to_string().into_bytes();
    assert!(verify(&spoiled, &trusted(&[1]), now(), 1).is_ok());
    assert!(verify(&spoiled, &trusted(&[1, 2]), now(), 1).is_err());
}

#[test]
fn rollback_attack_an_older_index_is_replayed() {
    let old = sign(&release(6), &[&signing_key(1)]);
    assert!(verify(&old, &trusted(&[1]), now(), 6).is_ok());
    let refused = verify(&old, &trusted(&[1]), now(), 7).unwrap_err();
    assert!(matches!(refused, ReleaseError::Rollback { serial: 6, lowest: 7 }), "{refused}");
}

#[test]
fn freeze_attack_an_index_is_replayed_after_its_end() {
    let signed = sign(&release(7), &[&signing_key(1)]);
    let end = release(7).expires;
    let last = Timestamp::of_seconds(end.seconds() - 1);
    assert!(verify(&signed, &trusted(&[1]), last, 7).is_ok());
    for late in [end, end.after(DAY), Timestamp::LAST] {
        let refused = verify(&signed, &trusted(&[1]), late, 7).unwrap_err();
        assert!(matches!(refused, ReleaseError::Expired { serial: 7, .. }), "{refused}");
        assert!(authenticate(&signed, &trusted(&[1]), late).is_ok(), "it is still the work of the key");
    }
}

#[test]
fn mix_and_match_attack_parts_of_two_releases_are_combined() {
    let signed =
        |serial| -> Value { serde_json::from_slice(&sign(&release(serial), &[&signing_key(1)])).unwrap() };
    let (old, new) = (signed(6), signed(7));
    for (payload, signatures) in [(&old, &new), (&new, &old)] {
        let mixed = json!({
            "payload": payload["payload"], "payloadType": new["payloadType"], "signatures": signatures["signatures"],
        });
        assert!(refusal(mixed.to_string().as_bytes()).contains("does not fit"));
    }
    // One catalog of an older release, under the serial of the newer one.
    let mut mixed = release(7);
    mixed.catalogs[0] = release(6).catalogs[0].clone();
    let payload = STANDARD.encode(serde_json::to_vec(&mixed).unwrap());
    assert!(refusal(&changed(|envelope| envelope["payload"] = json!(payload))).contains("does not fit"));
}

#[test]
fn endless_data_attack_an_index_never_ends() {
    let endless = vec![b' '; ReleaseIndex::MAX_BYTES + 1];
    assert!(matches!(verify(&endless, &trusted(&[1]), now(), 1), Err(ReleaseError::TooLarge)));
    // What a signed index lets a reader fetch has a bound, too.
    let catalog = |bytes: u64| signed_json(|payload| payload["catalogs"][0]["bytes"] = json!(bytes));
    for bytes in [0, (64 << 20) + 1, u64::MAX] {
        assert!(refusal(&catalog(bytes)).contains("`bytes` of a catalog"), "{bytes}");
    }
    assert!(verify(&catalog(64 << 20), &trusted(&[1]), now(), 1).is_ok());
    let mut longest = release(7);
    longest.catalogs = (0..ReleaseIndex::MAX_CATALOGS)
        .map(|at| CatalogEntry { engine: engine(&format!("{at:0200}")), ..longest.catalogs[0].clone() })
        .collect();
    let keys: Vec<_> = (1..=16).map(signing_key).collect();
    let signed = sign(&longest, &keys.iter().collect::<Vec<_>>());
    assert!(signed.len() < ReleaseIndex::MAX_BYTES, "{} bytes", signed.len());
    assert!(verify(&signed, &trusted(&[16]), now(), 1).is_ok());
}

#[test]
fn wrong_software_attack_something_else_that_the_key_signed_is_passed_off() {
    let other = changed(|envelope| envelope["payloadType"] = json!("application/vnd.in-toto+json"));
    assert!(refusal(&other).contains("in-toto"));
    // The type is signed, so a signature of the same bytes under another type, or of the bare bytes, does not fit.
    let payload = serde_json::to_vec(&release(7)).unwrap();
    let sign_as = |message: &[u8]| {
        let sig = STANDARD.encode(signing_key(1).sign_message(message));
        changed(|envelope| envelope["signatures"][0]["sig"] = json!(sig))
    };
    let other = String::from_utf8(signed_bytes(&payload))
        .unwrap()
        .replace("vnd.toolcell.release", "vnd.toolcell.relaese");
    assert!(refusal(&sign_as(other.as_bytes())).contains("does not fit"));
    assert!(refusal(&sign_as(&payload)).contains("does not fit"));
    assert!(verify(&sign_as(&signed_bytes(&payload)), &trusted(&[1]), now(), 1).is_ok());
}

#[test]
fn an_index_is_read_strictly_even_if_it_is_signed() {
    let table: [(&str, Change); 10] = [
        ("`replaces` is not", |payload| payload["replaces"] = json!(7)),
        ("format 2", |payload| payload["format"] = json!(2)),
        ("missing field `format`", |payload| drop(payload.as_object_mut().unwrap().remove("format"))),
        ("unknown field `auth`", |payload| payload["auth"] = json!({})),
        ("unknown field `cpus`", |payload| payload["catalogs"][0]["engine"]["cpus"] = json!(1)),
        ("`serial` is 0", |payload| payload["serial"] = json!(0)),
        ("expected u64", |payload| payload["serial"] = json!(-1)),
        ("not later than", |payload| payload["expires"] = payload["published"].clone()),
        ("1 to 32 catalogs", |payload| payload["catalogs"] = json!([])),
        ("the same engine", |payload| {
            payload["catalogs"][1]["engine"] = payload["catalogs"][0]["engine"].clone()
        }),
    ];
    for (expected, change) in table {
        let refused = refusal(&signed_json(change));
        assert!(refused.contains(expected), "{expected}: {refused}");
    }
    let twice = String::from_utf8(serde_json::to_vec(&release(7)).unwrap()).unwrap();
    let twice = twice.replace("\"serial\":7", "\"serial\":7,\"serial\":8");
    assert!(refusal(&sign_bytes(twice.as_bytes(), 1)).contains("duplicate field `serial`"));
}

#[test]
fn an_envelope_is_read_strictly() {
    let table: [(&str, Change); 5] = [
        ("unknown field `extra`", |envelope| envelope["extra"] = json!(1)),
        ("unknown field `cert`", |envelope| envelope["signatures"][0]["cert"] = json!("")),
        ("`payload`", |envelope| envelope["payload"] = json!("e30")),
        ("`keyid`", |envelope| envelope["signatures"][0]["keyid"] = json!("A".repeat(9000))),
        ("more than 16 signatures", |envelope| {
            let one = envelope["signatures"][0].clone();
            envelope["signatures"] = json!(vec![one; 17]);
        }),
    ];
    for (expected, change) in table {
        let refused = refusal(&changed(change));
        assert!(refused.contains(expected) && refused.len() < 300, "{expected}: {refused}");
    }
    let long = changed(|envelope| envelope[&"x".repeat(9000)] = json!(1));
    assert!(refusal(&long).len() < 300, "an error does not repeat what it was sent");
}

/// A small generator (SplitMix64), the same in every run.
fn random(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mut mixed = *state;
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

#[test]
fn no_bit_of_an_index_can_be_flipped() {
    let (keys, mut state) = (trusted(&[1]), 0);
    let mut flips = 0;
    for serial in 1.. {
        let signed = sign(&release(serial), &[&signing_key(1)]);
        // Every bit of the first, then some of many others.
        let bits: Vec<_> = match serial {
            1 => (0..signed.len() * 8).collect(),
            _ => (0..1000).map(|_| random(&mut state) as usize % (signed.len() * 8)).collect(),
        };
        for bit in bits {
            let mut flipped = signed.clone();
            flipped[bit / 8] ^= 1 << (bit % 8);
            assert!(verify(&flipped, &keys, now(), 1).is_err(), "serial {serial}, bit {bit}");
            flips += 1;
        }
        if flips >= FLIPS {
            break;
        }
    }
}

/// The number of single bits that are flipped.
const FLIPS: usize = 100_000;

#[test]
fn keys_are_read_from_a_text() {
    let [one, two] = [1, 2].map(|seed| signing_key(seed).public().to_string());
    let keys = TrustedKeys::parse("KEYS", &format!("  {one}\n{two} ")).unwrap();
    let signed = sign(&release(7), &[&signing_key(2)]);
    assert!(verify(&signed, &keys, now(), 1).is_ok());
    let table = [
        (" ".to_owned(), "there is no key"),
        (format!("{one} {one}"), "`KEYS, key 1` and `KEYS, key 2` are the same key"),
        (format!("{one},{two}"), "`KEYS, key 1` is not a public key"),
        (format!("{one} ed25519:AAAA"), "`KEYS, key 2` is not a public key"),
        ((1..=17).map(|seed| format!("{} ", signing_key(seed).public())).collect(), "more than 16 keys"),
    ];
    for (text, expected) in table {
        let refused = TrustedKeys::parse("KEYS", &text).unwrap_err().to_string();
        assert!(refused.contains(expected), "{refused}");
    }
}
