//! Sealed states: what is sealed opens, and nothing else does.

use std::sync::OnceLock;

use toolcell_host::digest::Digest;
use toolcell_host::state_token::{Binding, MAX_PLAINTEXT_BYTES, MAX_TOKEN_BYTES, StateKeys};

use super::choices::Choices;

const BINDING: Binding<'_> = Binding {
    principal_kind: "bearer",
    principal_name: "me",
    method: "tools/call",
    target: "ask",
    arguments: Digest([1; 32]),
    plugin: "plugin",
    component: Digest([2; 32]),
    function: "a:b/c#ask",
    grants: Digest([3; 32]),
    config: Digest([4; 32]),
    policy: Digest([5; 32]),
    revision: "2026-07-28",
};

fn keys() -> &'static StateKeys {
    static KEYS: OnceLock<StateKeys> = OnceLock::new();
    KEYS.get_or_init(|| {
        let secrets = ["the newer secret of thirty-two letters", "the older secret of thirty-two letters"];
        StateKeys::new(secrets).expect("two long secrets")
    })
}

/// Reads a script of edits, then a state. The state opens as it was sealed; an edited token, the input itself as a
/// token, and a token in another request never open.
pub fn state(data: &[u8]) {
    let mut choices = Choices::new(data);
    let edits: Vec<[u8; 3]> =
        (0..choices.below(4)).map(|_| std::array::from_fn(|_| choices.byte())).collect();
    let field = choices.below(12);
    let plaintext = choices.rest();
    let plaintext = &plaintext[..plaintext.len().min(MAX_PLAINTEXT_BYTES)];
    let token = keys().seal(plaintext, &BINDING).expect("within the limit");
    assert!(token.len() <= MAX_TOKEN_BYTES && token.is_ascii(), "{token}");
    assert_eq!(keys().open(&token, &BINDING).as_deref(), Some(plaintext));
    assert_eq!(keys().open(&token, &other(field)), None, "opened in another request");
    assert_eq!(keys().open(&String::from_utf8_lossy(data), &BINDING), None, "a text that nobody sealed");
    let mut edited = token.clone().into_bytes();
    for edit in edits {
        apply(&mut edited, edit);
    }
    if edited != token.as_bytes() {
        assert_eq!(keys().open(&String::from_utf8_lossy(&edited), &BINDING), None, "an edited token opened");
    }
}

/// The binding of a request that differs in one field.
fn other(field: usize) -> Binding<'static> {
    let mut binding = BINDING;
    match field {
        0 => binding.principal_kind = "iam",
        1 => binding.principal_name = "you",
        2 => binding.method = "prompts/get",
        3 => binding.target = "askk",
        4 => binding.arguments.0[31] ^= 1,
        5 => binding.plugin = "plugin2",
        6 => binding.component.0[0] ^= 128,
        7 => binding.function = "a:b/c#as",
        8 => binding.grants.0[7] ^= 1,
        9 => binding.config.0[7] ^= 1,
        10 => binding.policy.0[7] ^= 1,
        _ => binding.revision = "2025-11-25",
    }
    binding
}

/// Changes, removes or adds a byte, or cuts the token off.
fn apply(token: &mut Vec<u8>, [kind, place, byte]: [u8; 3]) {
    let place = usize::from(place) % token.len().max(1);
    match kind % 5 {
        _ if token.is_empty() => token.push(byte),
        0 => token[place] = byte,
        1 => token[place] ^= 1 << (byte % 8),
        2 => drop(token.remove(place)),
        3 => token.insert(place, byte),
        _ => token.truncate(place),
    }
}
